"""Discharge, intermediate care and long-term care."""
