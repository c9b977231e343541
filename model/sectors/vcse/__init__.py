"""The voluntary sector: capacity, volunteers, people supported."""
