"""Figures of runs and of the declared structure, each saved as PNG and SVG."""
