"""Run the model from a fresh clone: ``python run.py --help``."""

from model.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
