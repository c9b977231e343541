"""Outcomes and equity."""
