"""Which handful of interventions, in which order, within a budget; and what it would take to meet a target."""
