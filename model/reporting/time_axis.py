"""Time as charts and figures have it: middles of periods, places of financial years, history as points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from model.registry.calendar import DAYS_PER_MONTH, MONTHS_PER_YEAR, decimal_year, financial_year_of, period_dates
from model.results.expressions import Statistic
from model.results.headlines import Measure
from model.results.observations import Observation

MONTH = 1 / MONTHS_PER_YEAR
"""Years of a month."""


def middle_of(first: date, last: date) -> float:
    """Return the middle of a period as a decimal year."""
    return (decimal_year(first) + decimal_year(last)) / 2


def year_position(year: str, statistic: Statistic) -> float:
    """Return where a financial year stands on the axis: its end for a value at its end, otherwise its middle."""
    first, last = period_dates(year)
    return decimal_year(last) if statistic is Statistic.AT_END else middle_of(first, last)


def observed_points(
    measure: Measure, observations: Sequence[Observation], *, yearly: bool
) -> list[tuple[float, float]]:
    """Return published figures of a result as pairs of decimal year and value in its unit.

    By year, months become their year's total, mean or last value where all twelve (for a last value, March) are known;
    means of single months and quarters stay points of their own where the year is not complete.

    Args:
        measure: the result.
        observations: published figures, of other results too.
        yearly: whether results are shown by financial year; by month otherwise.
    """
    points: list[tuple[float, float]] = []
    months: dict[str, dict[date, float]] = {}
    adds_up, at_end = measure.statistic is Statistic.SUM, measure.statistic is Statistic.AT_END
    for row in observations:
        if row.output is None or row.output.text != measure.expression:
            continue
        first, last = row.dates
        if "-" in row.period and yearly:
            months.setdefault(financial_year_of(first), {})[first] = row.value
            continue
        of_a_year = "/" in row.period and " " not in row.period
        if not adds_up or of_a_year == yearly:
            # Months of unequal length would make a saw of an even flow.
            evened = 1.0 if yearly or not adds_up else DAYS_PER_MONTH / ((last - first).days + 1)
            points.append((decimal_year(last) if at_end else middle_of(first, last), row.value * evened))
    for year, values in months.items():
        points += _points_of_months(year, values, measure.statistic)
    return sorted((position, value * measure.scale) for position, value in points)


def _points_of_months(year: str, values: dict[date, float], statistic: Statistic) -> list[tuple[float, float]]:
    """Points of the months of one financial year: one where all twelve are known."""
    if statistic is Statistic.AT_END:
        return [
            (decimal_year(day) + MONTH, value)
            for day, value in values.items()
            if day.month == 3 or len(values) < MONTHS_PER_YEAR
        ]
    if len(values) == MONTHS_PER_YEAR:
        total = sum(values.values())
        return [(year_position(year, statistic), total if statistic is Statistic.SUM else total / MONTHS_PER_YEAR)]
    if statistic is Statistic.MEAN:
        return [(decimal_year(day) + MONTH / 2, value) for day, value in values.items()]
    return []
