"""Scenarios, packages, futures, history and interventions: data files resolved to values and dated changes."""
