"""Reports for analysts: calibration, backtest, tracking."""
