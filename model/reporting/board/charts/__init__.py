"""Charts of the report to a board, each with its numbers as a table and a statement of what they are."""
