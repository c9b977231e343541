"""A whole-system model of population need, workforce, hospital flow, discharge, waiting lists and money."""

__version__ = "0.1.0"
