"""New figures compared with the projection: which have left it, and which assumptions they implicate."""
