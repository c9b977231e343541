"""The clock: steps of equal length on the real calendar, and how a span of days falls into months."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from model.registry.calendar import (
    DAYS_PER_YEAR,
    FIRST_MONTH_OF_FINANCIAL_YEAR,
    add_months,
    decimal_year,
    financial_year_start,
    months_between,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass
class Clock:
    """Time from ``start`` (first day of a month) to ``end`` (first day of a later month, not included) in equal steps.

    Attributes:
        start: first day of the run.
        end: first day after the run.
        step_days: length of the base step in days.
        step: index of the current base step.
        day: days from ``start`` to the beginning of the current step.
        span: days covered by the current sector step.
    """

    start: date
    end: date
    step_days: float
    step: int = 0
    day: float = 0.0
    span: float = 0.0
    month_edges: np.ndarray = field(init=False, repr=False)
    steps: int = field(init=False)

    def __post_init__(self) -> None:
        months = months_between(self.start, self.end)
        edges = [(add_months(self.start, month) - self.start).days for month in range(months + 1)]
        self.month_edges = np.array(edges, dtype=float)
        self.steps = int(np.ceil(edges[-1] / self.step_days - 1e-9))

    @property
    def months(self) -> int:
        """Number of calendar months in the run."""
        return len(self.month_edges) - 1

    @property
    def years_spanned(self) -> float:
        """Length of the current sector step, in years."""
        return self.span / DAYS_PER_YEAR

    @property
    def middle(self) -> float:
        """Days from the start to the middle of the current sector step."""
        return self.day + 0.5 * self.span

    @property
    def today(self) -> date:
        """Calendar date at the middle of the current sector step."""
        return self.start + timedelta(days=int(self.middle))

    @property
    def year(self) -> float:
        """Calendar year at the middle of the sector step, as a decimal number (2019.25 is 1 April 2019)."""
        return decimal_year(self.today)

    def financial_years(self) -> list[tuple[int, float]]:
        """Financial years (April to March, counted from that of the start) that the step touches, each with its share.

        Steps are shorter than a year: there are at most two.
        """
        end = self.day + self.span
        last = self.start + timedelta(days=int(end))
        opened = financial_year_start(last)
        year = opened - financial_year_start(self.start)
        first_day = date(opened, FIRST_MONTH_OF_FINANCIAL_YEAR, 1)
        share = min((end - self.days_since_start(first_day)) / self.span, 1.0)
        shares = ((year - 1, 1.0 - share), (year, share))
        return [(touched, of_year) for touched, of_year in shares if of_year > 0.0]

    @property
    def end_of_step(self) -> float:
        """Days from the start to the end of the current sector step."""
        return self.day + self.span

    @property
    def day_of_year(self) -> int:
        """Day of the year in the middle of the current sector step."""
        return self.today.timetuple().tm_yday

    @property
    def financial_year(self) -> int:
        """Financial year in which the sector step ends, counted from that of the start."""
        return self.financial_years()[-1][0]

    @property
    def financial_share(self) -> float:
        """Share of the sector step that lies in the financial year in which it ends."""
        return self.financial_years()[-1][1]

    def season(self, peak_day_of_year: ArrayLike) -> np.ndarray:
        """A yearly cosine, +1 on the given day of the year and -1 half a year later."""
        return np.cos(2 * np.pi * (self.day_of_year - np.asarray(peak_day_of_year)) / DAYS_PER_YEAR)

    def days_since_start(self, day: date) -> float:
        """Return the days from the start of the run to ``day`` (negative before it)."""
        return float((day - self.start).days)

    def overlaps(self, begin: float, end: float) -> list[tuple[int, float]]:
        """Return the months that ``[begin, end)`` touches, each with the number of its days that fall there."""
        edges = self.month_edges
        first = int(np.searchsorted(edges, begin, side="right")) - 1
        days_by_month: list[tuple[int, float]] = []
        for month in range(first, self.months):
            if edges[month] >= end:
                break
            days = min(end, edges[month + 1]) - max(begin, edges[month])
            if days > 0:
                days_by_month.append((month, float(days)))
        return days_by_month
