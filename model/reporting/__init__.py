"""How results are shown: figures, pages, reports, workbook, tables and slides. Only this room draws."""
