"""Results as tidy CSV tables, one value a line, with unit, prices, interval and source."""
