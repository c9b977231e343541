"""From the arrays of a run to labelled data, headline tables, statements and the case for change."""
