"""What each intervention of a package contributes, and where interventions overlap or reinforce one another."""
