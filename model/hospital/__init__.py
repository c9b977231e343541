"""Patients one by one: pathway networks, two engines that give the same history, and the exchange with the system."""
