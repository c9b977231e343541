"""Uncertain numbers of a scenario: priors, posterior, correlations and draws of members."""
