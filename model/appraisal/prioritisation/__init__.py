"""The agreed principles: criteria, weights, scores and ranks."""
