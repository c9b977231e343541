"""Headline results by year and by horizon, with paired differences from a baseline and their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.registry.errors import UserError
from model.results.files import write_csv
from model.results.headlines import HEADLINES, Headline
from model.results.run import Run

INTERVAL = (0.1, 0.9)
"""Quantiles of the 80 % interval that every result reports."""


@dataclass(frozen=True)
class Spread:
    """Median over members and the limits of the 80 % interval; with one member all three are its value."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> Spread:
        """Spread of the members' values, shape ``(members,)``."""
        if len(values) == 1:
            return cls(*(float(values[0]),) * 3)
        low, high = np.quantile(values, INTERVAL)
        return cls(float(np.median(values)), float(low), float(high))


@dataclass(frozen=True)
class HeadlineRow:
    """One headline of one scenario in one year.

    Attributes:
        scenario: name of the scenario.
        headline: which result.
        horizon: name of the horizon; empty in a table by year.
        financial_year: the year.
        value: the scenario's own value.
        difference: member by member, scenario less baseline; None for the baseline itself.
        improvement: share of members in which the difference is an improvement; None with one member.
        members: members behind it.
    """

    scenario: str
    headline: Headline
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


def _row(run: Run, each: Headline, horizon: str, year: str, own: np.ndarray, base: np.ndarray | None) -> HeadlineRow:
    difference = own - base if base is not None else None
    improvement = None
    if difference is not None and run.members > 1:
        improvement = float(np.mean(each.improves * difference > 0))
    return HeadlineRow(
        run.scenario, each, horizon, year, Spread.of(own),
        Spread.of(difference) if difference is not None else None, improvement, run.members,
    )  # fmt: skip


def _rows(runs: Sequence[Run], baseline: Run, *, horizons: bool, headlines: Sequence[Headline]) -> list[HeadlineRow]:
    _check_pairs(runs, baseline)
    others = [run for run in runs if run is not baseline and run.scenario != baseline.scenario]
    found: list[HeadlineRow] = []
    for each in headlines:
        base = each.by_year(baseline)
        for run in (baseline, *others):
            own = base if run is baseline else each.by_year(run)
            years = list(run.horizon_years.items()) if horizons else [("", year) for year in own]
            found += [
                _row(run, each, horizon, year, own[year], None if run is baseline else base[year])
                for horizon, year in years
                if year in base
            ]
    return found


def headline_table(runs: Sequence[Run], baseline: Run, headlines: Sequence[Headline] = HEADLINES) -> list[HeadlineRow]:
    """Headlines of the baseline and every other run by horizon, with paired differences.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    return _rows(runs, baseline, horizons=True, headlines=headlines)


def headline_years(runs: Sequence[Run], baseline: Run, headlines: Sequence[Headline] = HEADLINES) -> list[HeadlineRow]:
    """Headlines of the baseline and every other run for each complete financial year, with paired differences.

    Raises:
        UserError: runs whose members do not pair with the baseline's.
    """
    return _rows(runs, baseline, horizons=False, headlines=headlines)


def write_headlines(rows: Sequence[HeadlineRow], path: Path) -> Path:
    """Write a tidy CSV, one figure a line: scenario, horizon, year, headline, statistic, value, unit."""
    header = (
        "scenario", "horizon", "financial_year", "aim", "headline", "title", "statistic", "value", "unit", "better",
    )  # fmt: skip
    lines = (
        (
            row.scenario, row.horizon, row.financial_year,
            row.headline.aim.value, row.headline.name, row.headline.title, statistic, value,
            "share of members" if statistic.startswith("probability") else row.headline.unit,
            row.headline.better,
        )
        for row in rows
        for statistic, value in row.tidy()
    )  # fmt: skip
    return write_csv(path, header, lines)


def write_monthly(runs: Sequence[Run], path: Path, headlines: Sequence[Headline] = HEADLINES) -> Path:
    """Write the headlines of every month as a tidy CSV: scenario, month, headline, statistic, value, unit.

    A yearly total is the month's total here, and a value at the end of March that of each month's end.
    """

    def lines() -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for run in runs:
            for each in headlines:
                unit = each.unit.replace("a year", "a month") if each.statistic == "sum" else each.unit
                for day, values in zip(run.month_starts, each.monthly(run), strict=True):
                    spread = Spread.of(values)
                    month = f"{day:%Y-%m}"
                    if run.members == 1:
                        found.append((run.scenario, month, each.name, "value", spread.median, unit))
                        continue
                    figures = {"median": spread.median, "low_80": spread.low, "high_80": spread.high}
                    found += [(run.scenario, month, each.name, name, value, unit) for name, value in figures.items()]
        return found

    return write_csv(path, ("scenario", "month", "headline", "statistic", "value", "unit"), lines())
