"""What the command line and notebooks both call: plan, run, assess and write, for each task; no terminal needed."""
