"""From a scenario and new figures to what they say: a run, bands, verdicts by series, and what is implicated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from model.calibration.tracking.bands import (
    INTERVAL,
    FalseAlarmCheck,
    ObservationRow,
    SeriesFinding,
    false_alarms,
    published_quantiles,
    series_finding,
    standardised_distances,
)
from model.calibration.tracking.implicated_assumptions import Implications, implicate_assumptions
from model.calibration.tracking.new_observations import NewObservations, with_projected_errors
from model.calibration.tracking.uncertain_inputs import uncertain_inputs
from model.registry.calendar import add_months, months_between, period_dates, period_label
from model.registry.catalogue import Registry
from model.results.observations import Observation, modelled
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario
from model.simulation.simulate import simulate

MONTHS_SHOWN_BEFORE, MONTHS_SHOWN_AFTER = 24, 12
"""Months of the projection that are drawn before the first new figure and after the last."""

FAN = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the fan."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class ProjectionFan:
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
        observations: the new figures.
        rows: each figure beside the projection, those of a series together, in the order of their dates.
        findings: by series, those outside first, by the length of their run and their distance.
        alarm: what chance alone would do.
        implication: which assumptions the figures implicate.
        fans: by series.
    """

    scenario: ResolvedScenario
    observations: NewObservations
    rows: tuple[ObservationRow, ...]
    findings: tuple[SeriesFinding, ...]
    alarm: FalseAlarmCheck
    implication: Implications
    fans: dict[str, ProjectionFan]


def scenario_to_run(scenario: ResolvedScenario, figures: NewObservations, members: int) -> ResolvedScenario:
    """The scenario as it is run for tracking: as long as the figures and a year more, with the results they need."""
    last = add_months(figures.last, MONTHS_SHOWN_AFTER + 1)
    end = max(last, add_months(scenario.decision, 1))
    return replace(scenario, end=end, members=members, horizons=(), outputs=tuple(sorted(figures.targets.results)))


def track(
    scenario: ResolvedScenario,
    figures: NewObservations,
    registry: Registry,
    *,
    members: int,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Tracking:
    """Lay new figures over what a scenario projects.

    Args:
        scenario: what is projected.
        observations: the new figures.
        registry: all declarations.
        members: ensemble size.
        processes: most processes to use.
        progress: told of steps done.
    """
    resolved = scenario_to_run(scenario, figures, members)
    run = simulate(resolved, processes=processes, progress=progress)
    predictions = figures.targets.predict(run).astype(float)
    targets = with_projected_errors(figures.targets, predictions)
    figures = replace(figures, targets=targets)
    low, median, high = published_quantiles(predictions, targets.deviation, (INTERVAL[0], 0.5, INTERVAL[1]))
    found = standardised_distances(predictions, targets.deviation, targets.observed)
    rows = tuple(
        ObservationRow(
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
        series_finding([rows[place] for place in places], chances[name]) for name, places in targets.series.items()
    ]
    verdicts.sort(key=lambda each: (-each.in_a_row, -abs(each.newest)))
    errors = np.zeros((len(targets), len(targets)))
    for places in targets.series.values():
        errors[np.ix_(places, places)] = targets.covariance(places)
    numbers = uncertain_inputs(resolved, registry)
    implication = implicate_assumptions(numbers, predictions, targets.observed, errors, len(targets.series))
    fans = {name: projection_fan(run, figures, name) for name in targets.series}
    return Tracking(resolved, figures, rows, tuple(verdicts), alarm, implication, fans)


def projection_fan(run: Run, figures: NewObservations, series: str) -> ProjectionFan:
    """The fan of a series over periods of the kind of its figures, from two years before them to a year after."""
    rows = [row for row in figures.targets.rows if row.series == series]
    like = figures.observed[rows[-1].id]
    first = max(run.start, add_months(rows[0].first, -MONTHS_SHOWN_BEFORE))
    last = min(run.month_ends[-1], add_months(rows[-1].last, MONTHS_SHOWN_AFTER + 1) - timedelta(days=1))
    periods = periods_like(like.period, first, last)
    drawn = np.stack([modelled(run, _over(like, period)) for period in periods]).astype(float)
    # Errors of the months without a figure are taken to be those of the newest.
    deviation = np.full(len(periods), rows[-1].deviation)
    return ProjectionFan(periods, published_quantiles(drawn, deviation, FAN))


def _over(like: Observation, period: str) -> Observation:
    """The same figure of another period."""
    return replace(like, period=period)


def periods_like(period: str, first: date, last: date) -> tuple[str, ...]:
    """Periods of the same kind (months, quarters or financial years) that lie wholly between two days, in order."""
    start, end = period_dates(period)
    length = months_between(start, end) + 1
    day = start
    while day > first:
        day = add_months(day, -length)
    found: list[str] = []
    while (end_of := add_months(day, length) - timedelta(days=1)) <= last:
        if day >= first:
            found.append(period_label(day, length))
        day = end_of + timedelta(days=1)
    return tuple(found)
