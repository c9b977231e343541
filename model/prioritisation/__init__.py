"""The agreed principles of prioritisation, scored from results, weighted, and ranked."""
