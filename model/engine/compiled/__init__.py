"""Steps of the equations recorded once and compiled for many members side by side."""
