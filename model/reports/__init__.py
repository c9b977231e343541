"""Reports: one HTML page that needs nothing beside itself, of text, tables and figures; it knows no run and no fit."""
