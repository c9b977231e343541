"""Reports: a page that needs nothing beside itself, of text, tables and charts; pictures, slides; it knows no run."""
