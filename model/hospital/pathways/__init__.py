"""A network run by itself, with replications."""
