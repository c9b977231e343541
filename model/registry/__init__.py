"""One registry: every parameter, stock, flow, output and loop, declared once with its meaning, unit and source."""
