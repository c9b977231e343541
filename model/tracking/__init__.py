"""Tracking: new figures laid over the projected fan, which have left it, and which assumptions they implicate."""
