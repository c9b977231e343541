"""The tables of a fit as CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from model.calibration.fit import Fit
from model.calibration.fit_summary import USES, correlation_table, key_table, prior_table, series_table
from model.calibration.screening import ScreeningRow
from model.results.atomic_files import write_csv


def write_tables(fit: Fit, folder: Path) -> list[Path]:
    """Write ``case_for_change.csv``, ``series.csv``, ``posterior.csv`` and ``correlations.csv``.

    Raises:
        UserError: a file cannot be written.
    """
    keys = [
        (
            row.title,
            USES[row.use],
            row.unit,
            row.observed,
            row.before,
            row.low,
            row.median,
            row.high,
            row.within,
            "yes" if row.holds else "no",
        )
        for row in key_table(fit)
    ]
    series = [(row.series, USES[row.use], *list(asdict(row).values())[2:]) for row in series_table(fit)]
    priors = [
        (row.name, row.unit, *row.prior, row.central, *row.posterior, row.informed, row.shift, row.source)
        for row in prior_table(fit)
    ]
    pairs = [(row.first, row.second, row.correlation) for row in correlation_table(fit)]
    return [
        write_csv(
            folder / "case_for_change.csv",
            ("figure", "use", "unit", "published", "before", "low", "median", "high", "within", "holds"),
            keys,
        ),
        write_csv(
            folder / "series.csv",
            ("series", "use", "figures", "unit", "rmse_before", "rmse_after", "bias_before", "bias_after", "inside_80"),
            series,
        ),
        write_csv(
            folder / "posterior.csv",
            (
                "fitted",
                "unit",
                "prior_10",
                "prior_50",
                "prior_90",
                "before",
                "posterior_10",
                "posterior_50",
                "posterior_90",
                "informed",
                "shift",
                "source",
            ),
            priors,
        ),
        write_csv(folder / "correlations.csv", ("first", "second", "correlation"), pairs),
    ]


def write_screen(rows: Sequence[ScreeningRow], path: Path) -> Path:
    """Write how far every number moves every series, in units of error.

    Raises:
        UserError: the file cannot be written.
    """
    names = [name for name, _ in rows[0].by_series]
    lines = [(row.name, "yes" if row.fitted else "no", row.size, *(size for _, size in row.by_series)) for row in rows]
    return write_csv(path, ("number", "fitted", "size", *names), lines)
