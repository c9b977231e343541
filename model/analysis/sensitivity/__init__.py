"""What results depend on: leverage, tornado, screening, Sobol indices and the value of information."""
