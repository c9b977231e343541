"""Urgent care and discharge with every patient one by one."""
