"""Which handful of interventions to choose within a budget, and what would meet a target."""
