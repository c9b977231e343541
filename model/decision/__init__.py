"""From many findings to one answer: a decision as data, what was found for it, and the report to a board."""
