"""Figures of runs, of studies and of the declared structure."""
