"""What programmes cost and gain, for whom, and how they rank."""
