"""One module for each command or family of commands: options, then a call of a workflow."""
