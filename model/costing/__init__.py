"""Prioritisation costing: what programmes cost, what they gain, for whom, and the workbook that shows it."""
