"""The tables of a fit, for its report and as CSV files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from model.calibration.fit import Fit
from model.calibration.fit_summary import (
    USES,
    CorrelationRow,
    KeyRow,
    PriorRow,
    SeriesRow,
    correlation_table,
    key_table,
    prior_table,
    series_table,
)
from model.calibration.screening import ScreeningRow
from model.reporting.numbers import between, correlation, deviations, number, share
from model.reporting.tables.table import Cell, Column, Table, file_table

INFORMED = 0.1
"""Share of the prior variance below which the record is said to have told nothing."""


def write_tables(fit: Fit, folder: Path) -> list[Path]:
    """Write ``case_for_change.csv``, ``series.csv``, ``posterior.csv`` and ``correlations.csv``.

    Raises:
        UserError: a file cannot be written.
    """
    tables = {
        "case_for_change.csv": key_figures_table(key_table(fit)),
        "series.csv": series_fit_table(series_table(fit)),
        "posterior.csv": fitted_numbers_table(prior_table(fit)),
        "correlations.csv": correlations_table(correlation_table(fit)),
    }
    return [table.write(folder / name) for name, table in tables.items()]


def write_screen(rows: Sequence[ScreeningRow], path: Path) -> Path:
    """Write how far every number moves every series, in units of error.

    Raises:
        UserError: the file cannot be written.
    """
    names = [name for name, _ in rows[0].by_series]
    lines = [(row.name, "yes" if row.fitted else "no", row.size, *(size for _, size in row.by_series)) for row in rows]
    meaning = "How far every number moves every series, in units of error."
    return file_table(meaning, ("number", "fitted", "size", *names), lines).write(path)


def key_figures_table(rows: Sequence[KeyRow], sources: Sequence[str] = ()) -> Table:
    """Return figures of the case for change beside the fit."""
    columns = (
        Column("Figure", key="figure"),
        Column("Use", key="use"),
        Column("Published", True, "published", format=number),
        Column("Before", True, "before", format=number),
        Column("", key="low"),
        Column("After", True, "median", format=number),
        Column("", key="high"),
        Column("80% interval", True),
        Column("Passes if within", True, "within", format=lambda value: f"± {number(value)}"),
        Column("Unit", key="unit"),
        Column("Verdict", key="holds"),
    )
    cells = [
        (
            row.title,
            USES[row.use],
            row.observed,
            row.before,
            row.low,
            row.median,
            row.high,
            between(row.low, row.high),
            row.within,
            row.unit,
            Cell("yes", "good", "holds") if row.holds else Cell("no", "bad", "fails"),
        )
        for row in rows
    ]
    note = (
        "After: median of the draws. Interval: what would be published, with the spread of the draws, the model's own "
        "error and measurement error. A figure holds if the median is near enough and the interval contains it. "
        f"Sources: {'; '.join(dict.fromkeys(sources))}."
    )
    return Table(
        "Figures of the case for change that must hold; most are fitted too, as their use says", columns, cells, note
    )


def series_fit_table(rows: Sequence[SeriesRow], titles: Mapping[str, str] | None = None) -> Table:
    """Return the fit of every series before and after.

    Args:
        rows: one for each series.
        titles: what each series is, in words.
    """
    columns = (
        Column("Series", key="series"),
        Column("Use", key="use"),
        Column("Figures", True, "figures"),
        Column("RMSE before", True, "rmse_before", format=number),
        Column("after", True, "rmse_after", format=number),
        Column("Unit", key="unit"),
        Column("Bias before", True, "bias_before", format=deviations),
        Column("after", True, "bias_after", format=deviations),
        Column("In 80% of draws", True, "inside_80", format=share),
    )
    cells = [
        (
            Cell(row.series, text=(titles or {}).get(row.series, row.series)),
            USES[row.use],
            row.figures,
            row.rmse_before,
            row.rmse_after,
            row.unit,
            row.bias_before,
            row.bias_after,
            row.inside,
        )
        for row in rows
    ]
    note = (
        "RMSE: root mean square error. Bias in units of error, model and measurement together; above zero the model is "
        "high. The last column leaves both errors out, so it may well say less than 80%."
    )
    return Table("Fit of every series, before and after (median of the draws)", columns, cells, note)


def fitted_numbers_table(rows: Sequence[PriorRow]) -> Table:
    """Return prior and posterior of every fitted number."""
    columns = (
        Column("Fitted number", key="fitted"),
        Column("Unit", key="unit"),
        Column("Before", True, "before", format=number),
        *(Column("", key=f"prior_{percentile}") for percentile in (10, 50, 90)),
        Column("Prior 80%", True),
        Column("", key="posterior_10"),
        Column("Median", True, "posterior_50", format=number),
        Column("", key="posterior_90"),
        Column("Posterior 80%", True),
        Column("Informed", True, "informed", format=share),
        Column("Shift", True, "shift", format=deviations),
        Column("Source of the range", key="source"),
    )
    cells = [
        (
            row.name,
            row.unit,
            row.central,
            *row.prior,
            between(row.prior[0], row.prior[2]),
            *row.posterior,
            between(row.posterior[0], row.posterior[2]),
            Cell(row.informed, "aside" if row.informed < INFORMED else ""),
            Cell(row.shift, "bad", f"{deviations(row.shift)} end") if row.at_an_end else row.shift,
            row.source,
        )
        for row in rows
    ]
    note = (
        "x: a factor on the registered values or on the size of dated changes. Informed: share of the prior variance "
        "that the record took away. Shift: posterior mean in prior standard deviations."
    )
    return Table("Prior against posterior, best informed first", columns, cells, note)


def correlations_table(rows: Sequence[CorrelationRow]) -> Table:
    """Return pairs of fitted numbers that the record tied together, the strongest first."""
    columns = (
        Column("Fitted number", key="first"),
        Column("and", key="second"),
        Column("Correlation", True, "correlation", format=correlation),
    )
    cells = [(row.first, row.second, row.correlation) for row in rows]
    return Table("Strongest correlations of the draws", columns, cells)
