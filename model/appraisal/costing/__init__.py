"""Prioritisation costing: what programmes cost, what they gain, and for whom."""
