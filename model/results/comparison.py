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
    """What the interval of a result is, or why there is none."""
    if members == 1:
        return "none: one run, every number at its most probable or central value"
    return f"80% of {members:,} paired members"


def stated_of(members: int, futures: int = 1) -> dict[str, str]:
    """What tables of results state of all their rows."""
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
        """Spread of the members' values, shape ``(members,)``."""
        return cls.several(values[None])[0]

    @classmethod
    def several(cls, values: np.ndarray) -> list[Spread]:
        """Spread of each row of members' values, shape ``(rows, members)``."""
        if values.shape[-1] == 1:
            return [cls(*(float(value),) * 3) for value in values[:, 0]]
        low, high = np.quantile(values, INTERVAL, axis=-1)
        medians = np.median(values, axis=-1)
        return [cls(*(float(part) for part in parts)) for parts in zip(medians, low, high, strict=True)]


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
        """Pairs of a statistic's name and value."""
        found = [("median" if self.members > 1 else "value", self.value.median)]
        if self.members > 1:
            found += [("low_80", self.value.low), ("high_80", self.value.high)]
        if self.difference is not None:
            found.append(("difference_from_baseline", self.difference.median))
            if self.members > 1:
                found += [("difference_low_80", self.difference.low), ("difference_high_80", self.difference.high)]
        if self.improvement is not None:
            found.append(("probability_of_improvement", self.improvement))
        return found


def _check_pairs(runs: Sequence[Run], baseline: Run) -> None:
    for run in runs:
        if run.members != baseline.members:
            raise UserError(
                f"'{run.scenario}' has {run.members} members and '{baseline.scenario}' {baseline.members}; "
                "a paired difference needs the same."
            )


def _rows(
    run: Run, each: Measure, periods: Sequence[tuple[str, str]], own: np.ndarray, base: np.ndarray | None
) -> list[HeadlineRow]:
    """Rows of one headline of one run; values and the baseline's are of shape ``(periods, members)``."""
    values = Spread.several(own)
    differences: list[Spread | None] = [None] * len(values)
    improvements: list[float | None] = [None] * len(values)
    if base is not None:
        difference = own - base
        differences = [*Spread.several(difference)]
        if run.members > 1:
            improvements = [float(share) for share in np.mean(each.improves * difference > 0, axis=-1)]
    return [
        HeadlineRow(run.scenario, each, horizon, period, value, difference, improvement, run.members)
        for (horizon, period), value, difference, improvement in zip(
            periods, values, differences, improvements, strict=True
        )
    ]


def _others(runs: Sequence[Run], baseline: Run) -> list[Run]:
    _check_pairs(runs, baseline)
    return [run for run in runs if run is not baseline and run.scenario != baseline.scenario]


def _table(runs: Sequence[Run], baseline: Run, *, horizons: bool, headlines: Sequence[Measure]) -> list[HeadlineRow]:
    others = _others(runs, baseline)
    found: list[HeadlineRow] = []
    for each in headlines:
        base = each.by_year(baseline)
        for run in (baseline, *others):
            own = base if run is baseline else each.by_year(run)
            years = list(run.horizon_years.items()) if horizons else [("", year) for year in own]
            years = [(horizon, year) for horizon, year in years if year in base]
            if years:
                kept, beside = (np.array([values[year] for _, year in years]) for values in (own, base))
                found += _rows(run, each, years, kept, None if run is baseline else beside)
    return found


def headline_table(runs: Sequence[Run], baseline: Run, headlines: Sequence[Measure] = HEADLINES) -> list[HeadlineRow]:
    """Headlines of the baseline and every other run by horizon, with paired differences.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    return _table(runs, baseline, horizons=True, headlines=headlines)


def headline_years(runs: Sequence[Run], baseline: Run, headlines: Sequence[Measure] = HEADLINES) -> list[HeadlineRow]:
    """Headlines of the baseline and every other run for each complete financial year, with paired differences.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    return _table(runs, baseline, horizons=False, headlines=headlines)


def write_headlines(rows: Sequence[HeadlineRow], path: Path) -> Path:
    """Write a tidy CSV, one figure a line: scenario, horizon, year, headline, statistic, value, unit."""
    header = (
        "scenario",
        "horizon",
        "financial_year",
        "aim",
        "headline",
        "title",
        "statistic",
        "value",
        "unit",
        "better",
    )
    lines = (
        (
            row.scenario,
            row.horizon,
            row.financial_year,
            row.headline.aim,
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


def write_monthly(runs: Sequence[Run], path: Path, headlines: Sequence[Measure] = HEADLINES) -> Path:
    """Write the headlines of every month, with paired differences from the first run, as a tidy CSV: one figure a line.

    A yearly total is the month's total here, and a value at the end of March that of each month's end.

    Raises:
        UserError: runs whose members do not pair with the baseline's, or the file cannot be written.
    """
    baseline, others = runs[0], _others(runs, runs[0])
    months = [("", f"{day:%Y-%m}") for day in baseline.month_starts]

    def lines() -> Iterator[tuple[object, ...]]:
        for each in headlines:
            own_unit = each.unit.replace("a year", "a month") if each.statistic == "sum" else each.unit
            base = each.monthly(baseline)
            for run in (baseline, *others):
                own = base if run is baseline else each.monthly(run)
                for row in _rows(run, each, months, own, None if run is baseline else base):
                    for statistic, value in row.tidy():
                        unit = _unit(statistic, own_unit)
                        yield row.scenario, row.financial_year, each.name, statistic, value, unit, each.better

    header = ("scenario", "month", "headline", "statistic", "value", "unit", "better")
    return write_csv(path, header, lines(), stated_of(baseline.members))


def _unit(statistic: str, unit: str) -> str:
    return "share of members" if statistic.startswith("probability") else unit
