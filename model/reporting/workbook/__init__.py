"""The costing workbook: sheets with live formulas, each with the program's own value beside it."""
