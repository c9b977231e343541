"""Effects of the scenarios at the horizons, and which of them does most for a result, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.results.comparison import HeadlineRow, headline_table
from model.results.run import Run

LIKELY = 0.8
"""Share of members from which a direction is called likely."""


@dataclass(frozen=True, eq=False)
class Effects:
    """Differences of the scenarios from the baseline.

    Attributes:
        rows: by result, horizon and scenario.
        horizons: financial year of each horizon.
        scenarios: their names, in order.
        baseline: the baseline's own values, by result and horizon.
    """

    rows: dict[tuple[str, str, str], HeadlineRow]
    horizons: dict[str, str]
    scenarios: tuple[str, ...]
    baseline: dict[tuple[str, str], HeadlineRow]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Effects:
        """Return the effects of runs; the first is the baseline."""
        table = headline_table(runs, runs[0])
        return cls(
            {(row.headline.name, row.horizon, row.scenario): row for row in table if row.difference is not None},
            runs[0].horizon_years,
            tuple(run.scenario for run in runs[1:]),
            {(row.headline.name, row.horizon): row for row in table if row.difference is None},
        )

    @property
    def middle(self) -> str:
        """The horizon by which packages are judged at a glance: the second, or the last before it."""
        return list(self.horizons)[:2][-1]

    def row(self, headline: str, horizon: str, scenario: str) -> HeadlineRow:
        """Return the effect of one scenario on one result."""
        return self.rows[headline, horizon, scenario]

    def better(self, headline: str, horizon: str) -> list[HeadlineRow]:
        """Return scenarios that are likely to improve a result; the one that does most by its median first."""
        rows = [self.rows[headline, horizon, scenario] for scenario in self.scenarios]
        return sorted((row for row in rows if verdict(row) == "better"), key=gain, reverse=True)

    def best(self, headline: str, horizon: str) -> HeadlineRow | None:
        """Return the scenario that improves a result most, if that is likely; None where none does."""
        return next(iter(self.better(headline, horizon)), None)

    def worse(self, headline: str, horizon: str) -> list[HeadlineRow]:
        """Return scenarios that are likely to make a result worse; the worst first."""
        rows = [self.rows[headline, horizon, scenario] for scenario in self.scenarios]
        return sorted((row for row in rows if verdict(row) == "worse"), key=gain)


def gain(row: HeadlineRow) -> float:
    """Return the median difference, turned so that more is better."""
    return 0.0 if row.difference is None else row.headline.improves * row.difference.median


def verdict(row: HeadlineRow) -> str:
    """Return whether a scenario makes a result better or worse, if that is likely and seen; else an empty text."""
    text_of = row.headline.format
    if row.difference is None or text_of(row.difference.median, signed=True) == text_of(0.0, signed=True):
        return ""
    share = row.improvement if row.improvement is not None else float(gain(row) > 0)
    return "better" if share >= LIKELY else "worse" if share <= 1.0 - LIKELY else ""


def interval(row: HeadlineRow) -> str:
    """Return the 80 % interval of a difference in brackets; an empty text with one member."""
    if row.difference is None or row.members == 1:
        return ""
    low, high = (row.headline.format(value, signed=True) for value in (row.difference.low, row.difference.high))
    return f" ({low} to {high})"
