"""Headline results by year and by horizon, with paired differences from a baseline and their uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.registry.errors import UserError
from model.results.atomic_files import write_csv
from model.results.headlines import HEADLINES, Measure
from model.results.run import Run

INTERVAL = (0.1, 0.9)
"""Quantiles of the 80 % interval that every result reports."""


def interval_of(members: int) -> str:
    """Return what the interval of a result is, or why there is none."""
    if members == 1:
        return "none: one run, every number at its most probable or central value"
    return f"80% of {members:,} paired members"


def stated_of(members: int, futures: int = 1) -> dict[str, str]:
    """Return what tables of results state of all their rows: column and text."""
    where = f" in each of {futures} futures" if futures > 1 else ""
    return {"interval": interval_of(members) + where, "source": "this run of the model"}


@dataclass(frozen=True)
class Spread:
    """Median over members and the limits of the 80 % interval; with one member all three are its value."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> Spread:
        """Return the spread of the members' values, shape ``(members,)``."""
        return cls.several(values[None])[0]

    @classmethod
    def several(cls, values: np.ndarray) -> list[Spread]:
        """Return the spread of each row of members' values, shape ``(rows, members)``."""
        if values.shape[-1] == 1:
            return [cls(*(float(value),) * 3) for value in values[:, 0]]
        low, high = np.quantile(values, INTERVAL, axis=-1)
        medians = np.median(values, axis=-1)
        return [cls(*map(float, limits)) for limits in zip(medians, low, high, strict=True)]


@dataclass(frozen=True)
class HeadlineRow:
    """One headline of one scenario in one year.

    Attributes:
        scenario: name of the scenario.
        headline: which result.
        horizon: name of the horizon; empty in a table by year.
        financial_year: the year, or the month of a table by month.
        value: the scenario's own value.
        difference: member by member, scenario less baseline; None for the baseline itself.
        improvement: share of members in which the difference is an improvement; None with one member.
        members: members behind it.
    """

    scenario: str
    headline: Measure
    horizon: str
    financial_year: str
    value: Spread
    difference: Spread | None
    improvement: float | None
    members: int

    def tidy(self) -> list[tuple[str, float]]:
        """Return pairs of a statistic's name and value."""
        statistics = [("median" if self.members > 1 else "value", self.value.median)]
        if self.members > 1:
            statistics += [("low_80", self.value.low), ("high_80", self.value.high)]
        if self.difference is not None:
            statistics.append(("difference_from_baseline", self.difference.median))
            if self.members > 1:
                statistics += [("difference_low_80", self.difference.low), ("difference_high_80", self.difference.high)]
        if self.improvement is not None:
            statistics.append(("probability_of_improvement", self.improvement))
        return statistics


def _check_pairs(runs: Sequence[Run], baseline: Run) -> None:
    for run in runs:
        if run.members != baseline.members:
            raise UserError(
                f"'{run.scenario}' has {run.members} members and '{baseline.scenario}' {baseline.members}; "
                "a paired difference needs the same."
            )


def _rows(
    run: Run,
    measure: Measure,
    periods: Sequence[tuple[str, str]],
    members_values: np.ndarray,
    baseline_values: np.ndarray | None,
) -> list[HeadlineRow]:
    """Rows of one headline of one run; values and the baseline's are of shape ``(periods, members)``."""
    values = Spread.several(members_values)
    differences: list[Spread | None] = [None] * len(values)
    improvements: list[float | None] = [None] * len(values)
    if baseline_values is not None:
        difference = members_values - baseline_values
        differences = [*Spread.several(difference)]
        if run.members > 1:
            improvements = [float(share) for share in np.mean(measure.improves * difference > 0, axis=-1)]
    return [
        HeadlineRow(run.scenario, measure, horizon, period, value, difference, improvement, run.members)
        for (horizon, period), value, difference, improvement in zip(
            periods, values, differences, improvements, strict=True
        )
    ]


def _others(runs: Sequence[Run], baseline: Run) -> list[Run]:
    _check_pairs(runs, baseline)
    return [run for run in runs if run is not baseline and run.scenario != baseline.scenario]


def _table(
    runs: Sequence[Run], baseline: Run, headlines: Sequence[Measure] | None, *, horizons: bool
) -> list[HeadlineRow]:
    others = _others(runs, baseline)
    rows: list[HeadlineRow] = []
    for measure in HEADLINES if headlines is None else headlines:
        of_baseline = measure.by_year(baseline)
        for run in (baseline, *others):
            of_run = of_baseline if run is baseline else measure.by_year(run)
            periods = list(run.horizon_years.items()) if horizons else [("", year) for year in of_run]
            periods = [(horizon, year) for horizon, year in periods if year in of_baseline]
            if periods:
                values, beside = (np.array([by_year[year] for _, year in periods]) for by_year in (of_run, of_baseline))
                rows += _rows(run, measure, periods, values, None if run is baseline else beside)
    return rows


def headline_table(runs: Sequence[Run], baseline: Run, headlines: Sequence[Measure] | None = None) -> list[HeadlineRow]:
    """Return headlines of the baseline and every other run by horizon, with paired differences.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: what they are compared with, member by member.
        headlines: results in the table; all headlines where it is None.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    return _table(runs, baseline, headlines, horizons=True)


def headline_years(runs: Sequence[Run], baseline: Run, headlines: Sequence[Measure] | None = None) -> list[HeadlineRow]:
    """Return headlines of the baseline and every other run for each complete financial year, with paired differences.

    Args:
        runs: scenarios; the baseline may be among them.
        baseline: what they are compared with, member by member.
        headlines: results in the table; all headlines where it is None.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    return _table(runs, baseline, headlines, horizons=False)


def write_headlines(rows: Sequence[HeadlineRow], path: Path) -> Path:
    """Write a tidy CSV, one value a line: scenario, horizon, year, headline, statistic, value, unit."""
    header = (
        "scenario", "horizon", "financial_year", "aim", "headline", "title", "statistic", "value", "unit", "better",
    )  # fmt: skip
    lines = (
        (
            row.scenario,
            row.horizon,
            row.financial_year,
            row.headline.aim or "",
            row.headline.name,
            row.headline.title,
            statistic,
            value,
            _unit(statistic, row.headline.unit),
            row.headline.better,
        )
        for row in rows
        for statistic, value in row.tidy()
    )
    return write_csv(path, header, lines, stated_of(rows[0].members) if rows else None)


def write_monthly(runs: Sequence[Run], path: Path, headlines: Sequence[Measure] | None = None) -> Path:
    """Write the headlines of every month, with paired differences from the first run, as a tidy CSV: one value a line.

    A yearly total is the month's total here, and a value at the end of March that of each month's end.

    Args:
        runs: the baseline first.
        path: file.
        headlines: results in the file; all headlines where it is None.

    Raises:
        UserError: runs whose members do not pair with the baseline's, or the file cannot be written.
    """
    baseline, others = runs[0], _others(runs, runs[0])
    months = [("", f"{day:%Y-%m}") for day in baseline.month_starts]

    def lines() -> Iterator[tuple[object, ...]]:
        for measure in HEADLINES if headlines is None else headlines:
            unit = measure.unit.replace("a year", "a month") if measure.adds_up else measure.unit
            of_baseline = measure.monthly(baseline)
            for run in (baseline, *others):
                values = of_baseline if run is baseline else measure.monthly(run)
                for row in _rows(run, measure, months, values, None if run is baseline else of_baseline):
                    for statistic, value in row.tidy():
                        cells = (row.scenario, row.financial_year, measure.name, statistic, value)
                        yield (*cells, _unit(statistic, unit), measure.better)

    header = ("scenario", "month", "headline", "statistic", "value", "unit", "better")
    return write_csv(path, header, lines(), stated_of(baseline.members))


def _unit(statistic: str, unit: str) -> str:
    return "share of members" if statistic.startswith("probability") else unit
