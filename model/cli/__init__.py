"""The command line. Importing it loads nothing heavy: numpy, xarray and matplotlib come in with the commands."""
