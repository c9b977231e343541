"""Urgent care and acute beds by site."""
