"""Charts of the report to a board, each with its numbers as a table and what it states of them."""
