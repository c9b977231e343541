"""A small backtest: three series over 2020, of which August is the last month known."""

from __future__ import annotations

from pathlib import Path

from calibration_cases import RESULTS, observed_row, write_rows

from model.calibration.backtest.rolling_origin import BacktestFiles
from model.calibration.backtest.settings import SETTINGS

MONTHS = [f"2020-{month:02d}" for month in range(1, 13)]
CUT_OFF = "2020-08"

PRIORS = """\
parameters:
  - parameter: waiting_lists.clock_starts_at_start
    factor: {low: 0.8, high: 1.2}
    source: assumption
history:
  - parameter: waiting_lists.capacity_multiplier
    factor: {low: 0.8, high: 1.2}
    source: assumption
changes:
  - parameter: waiting_lists.referral_multiplier
    points: {2020-10: 0, 2020-11: 1}
    size: {low: -0.3, central: 0, high: 0.3}
    source: assumption
"""

SERIES = """\
series:
  rtt_list: {use: fit, discrepancy: 3%}
  clock_starts: {use: fit, discrepancy: 8%, correlation_months: 2}
  emergency_admissions: {use: judge, discrepancy: 5%, correlation_months: 3}
"""

VALUES = {"rtt_list": 75000.0, "clock_starts": 18000.0, "emergency_admissions": 9000.0}


def backtest_files(folder: Path, after: float = 1.0) -> BacktestFiles:
    """Three series over 2020; figures after the cut-off times a factor."""
    folder.mkdir(exist_ok=True)
    for name, text in (("priors", PRIORS), ("series", SERIES)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    rows = [
        observed_row(
            id=f"{series}.{month}",
            period=month,
            error="2%",
            **RESULTS[series],
            value=f"{value * (1.0 + 0.01 * number) * (after if month > CUT_OFF else 1.0):.6g}",
        )
        for series, value in VALUES.items()
        for number, month in enumerate(MONTHS)
    ]
    observations = write_rows(folder / "observations.csv", rows)
    return BacktestFiles(folder / "priors.yaml", observations, folder / "series.yaml", SETTINGS)
