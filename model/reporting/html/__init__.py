"""A page that needs nothing beside itself, of text, tables and charts."""
