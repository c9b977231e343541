"""Which interventions to choose within a budget, and what it takes to meet a target."""
