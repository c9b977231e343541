"""Need for each service."""
