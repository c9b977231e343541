"""What results mean: sensitivity, robustness, attribution and portfolio."""
