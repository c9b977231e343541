"""From a scenario and new figures to what they say: a run, bands, verdicts by series, and what is implicated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from model.calibration.tracking.bands import (
    INTERVAL,
    Alarm,
    FigureRow,
    SeriesVerdict,
    false_alarms,
    quantiles,
    scores,
    series_verdict,
)
from model.calibration.tracking.implicated_assumptions import Implication, implicated
from model.calibration.tracking.new_observations import NewFigures, at_the_level_of
from model.calibration.tracking.uncertain_inputs import uncertain_numbers
from model.registry.catalogue import Registry
from model.results.observations import Observation, modelled
from model.results.run import MONTHS_PER_YEAR, Run, financial_year_of, month_after, period_dates
from model.scenarios.resolved import ResolvedScenario
from model.simulation.simulate import simulate

MONTHS_SHOWN_BEFORE, MONTHS_SHOWN_AFTER = 24, 12
"""Months of the projection that are drawn before the first new figure and after the last."""

FAN = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the fan."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Fan:
    """What a scenario projects for a series, all errors included.

    Attributes:
        periods: written as those of the figures.
        bands: quantiles ``FAN`` by period, shape ``(5, periods)``.
    """

    periods: tuple[str, ...]
    bands: np.ndarray


@dataclass(frozen=True, eq=False)
class Tracking:
    """What new figures say.

    Attributes:
        scenario: what was run.
        figures: the new figures.
        rows: each figure beside the projection, those of a series together, in the order of their dates.
        verdicts: by series, those outside first, by the length of their run and their distance.
        alarm: what chance alone would do.
        implication: which assumptions the figures implicate.
        fans: by series.
    """

    scenario: ResolvedScenario
    figures: NewFigures
    rows: tuple[FigureRow, ...]
    verdicts: tuple[SeriesVerdict, ...]
    alarm: Alarm
    implication: Implication
    fans: dict[str, Fan]


def to_run(scenario: ResolvedScenario, figures: NewFigures, members: int) -> ResolvedScenario:
    """The scenario as it is run for tracking: as long as the figures and a year more, with the results they need."""
    last = month_after(figures.last, MONTHS_SHOWN_AFTER + 1)
    end = max(last, month_after(scenario.decision, 1))
    return replace(scenario, end=end, members=members, horizons=(), outputs=tuple(sorted(figures.targets.results)))


def track(
    scenario: ResolvedScenario,
    figures: NewFigures,
    registry: Registry,
    *,
    members: int,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Tracking:
    """Lay new figures over what a scenario projects.

    Args:
        scenario: what is projected.
        figures: the new figures.
        registry: all declarations.
        members: ensemble size.
        processes: most processes to use.
        progress: told of steps done.
    """
    resolved = to_run(scenario, figures, members)
    run = simulate(resolved, processes=processes, progress=progress)
    predictions = figures.targets.predict(run).astype(float)
    targets = at_the_level_of(figures.targets, predictions)
    figures = replace(figures, targets=targets)
    low, median, high = quantiles(predictions, targets.deviation, (INTERVAL[0], 0.5, INTERVAL[1]))
    found = scores(predictions, targets.deviation, targets.observed)
    rows = tuple(
        FigureRow(
            row.id,
            row.series,
            figures.observed[row.id].period,
            row.unit,
            row.value,
            float(low[place]),
            float(median[place]),
            float(high[place]),
            float(found[place]),
            row.id in figures.known,
        )
        for place, row in enumerate(targets.rows)
    )
    alarm, chances = false_alarms(targets, predictions, np.stack([low, high]), resolved.seed)
    verdicts = [
        series_verdict([rows[place] for place in places], chances[name]) for name, places in targets.series.items()
    ]
    verdicts.sort(key=lambda each: (-each.in_a_row, -abs(each.newest)))
    errors = np.zeros((len(targets), len(targets)))
    for places in targets.series.values():
        errors[np.ix_(places, places)] = targets.covariance(places)
    numbers = uncertain_numbers(resolved, registry)
    implication = implicated(numbers, predictions, targets.observed, errors, len(targets.series))
    fans = {name: fan(run, figures, name) for name in targets.series}
    return Tracking(resolved, figures, rows, tuple(verdicts), alarm, implication, fans)


def fan(run: Run, figures: NewFigures, series: str) -> Fan:
    """The fan of a series over periods of the kind of its figures, from two years before them to a year after."""
    rows = [row for row in figures.targets.rows if row.series == series]
    like = figures.observed[rows[-1].id]
    first = max(run.start, month_after(rows[0].first, -MONTHS_SHOWN_BEFORE))
    last = min(run.month_ends[-1], month_after(rows[-1].last, MONTHS_SHOWN_AFTER + 1) - timedelta(days=1))
    periods = periods_like(like.period, first, last)
    drawn = np.stack([modelled(run, _over(like, period)) for period in periods]).astype(float)
    # Errors of the months without a figure are taken to be those of the newest.
    deviation = np.full(len(periods), rows[-1].deviation)
    return Fan(periods, quantiles(drawn, deviation, FAN))


def _over(like: Observation, period: str) -> Observation:
    """The same figure of another period."""
    return replace(like, period=period)


def periods_like(period: str, first: date, last: date) -> tuple[str, ...]:
    """Periods of the same kind (months, quarters or financial years) that lie wholly between two days, in order."""
    start, end = period_dates(period)
    length = (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month + 1
    day = start
    while day > first:
        day = month_after(day, -length)
    found: list[str] = []
    while (end_of := month_after(day, length) - timedelta(days=1)) <= last:
        if day >= first:
            found.append(_written(day, length))
        day = end_of + timedelta(days=1)
    return tuple(found)


def _written(day: date, length: int) -> str:
    if length == 1:
        return f"{day:%Y-%m}"
    year = financial_year_of(day)
    return year if length == MONTHS_PER_YEAR else f"{year} Q{(day.month - 4) % MONTHS_PER_YEAR // 3 + 1}"
