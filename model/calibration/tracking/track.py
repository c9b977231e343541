"""Tracking: a run of a scenario, bands, findings by series, and the assumptions that new figures implicate."""

from __future__ import annotations

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
from model.simulation.progress import ProgressCallback
from model.simulation.simulate import simulate

MONTHS_SHOWN_BEFORE, MONTHS_SHOWN_AFTER = 24, 12
"""Months of the projection that are drawn before the first new figure and after the last."""

FAN = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the fan."""


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
    """New figures compared with a projection.

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


def scenario_to_run(scenario: ResolvedScenario, observations: NewObservations, members: int) -> ResolvedScenario:
    """Return the scenario as it is run for tracking: to a year after the figures, with the results they need."""
    last = add_months(observations.last, MONTHS_SHOWN_AFTER + 1)
    end = max(last, add_months(scenario.decision, 1))
    return replace(scenario, end=end, members=members, horizons=(), outputs=tuple(sorted(observations.targets.results)))


def track(
    scenario: ResolvedScenario,
    observations: NewObservations,
    registry: Registry,
    *,
    members: int,
    processes: int | None = None,
    progress: ProgressCallback | None = None,
) -> Tracking:
    """Compare new figures with what a scenario projects.

    Args:
        scenario: what is projected.
        observations: the new figures.
        registry: all declarations.
        members: ensemble size.
        processes: most processes to use.
        progress: receives the steps done, and the steps in all.
    """
    resolved = scenario_to_run(scenario, observations, members)
    run = simulate(resolved, processes=processes, progress=progress)
    predictions = observations.targets.predict(run).astype(float)
    targets = with_projected_errors(observations.targets, predictions)
    observations = replace(observations, targets=targets)
    low, median, high = published_quantiles(predictions, targets.deviation, (INTERVAL[0], 0.5, INTERVAL[1]))
    distances = standardised_distances(predictions, targets.deviation, targets.observed)
    rows = tuple(
        ObservationRow(
            row.id,
            row.series,
            observations.observed[row.id].period,
            row.unit,
            row.value,
            float(low[index]),
            float(median[index]),
            float(high[index]),
            float(distances[index]),
            row.id in observations.known,
        )
        for index, row in enumerate(targets.rows)
    )
    alarm, chances = false_alarms(targets, predictions, np.stack([low, high]), resolved.seed)
    findings = [
        series_finding([rows[index] for index in indices], chances[name]) for name, indices in targets.series.items()
    ]
    findings.sort(key=lambda finding: (-finding.in_a_row, -abs(finding.newest)))
    errors = np.zeros((len(targets), len(targets)))
    for indices in targets.series.values():
        errors[np.ix_(indices, indices)] = targets.covariance(indices)
    inputs = uncertain_inputs(resolved, registry)
    implication = implicate_assumptions(inputs, predictions, targets.observed, errors, len(targets.series))
    fans = {name: projection_fan(run, observations, name) for name in targets.series}
    return Tracking(resolved, observations, rows, tuple(findings), alarm, implication, fans)


def projection_fan(run: Run, observations: NewObservations, series: str) -> ProjectionFan:
    """Return the fan of a series, from two years before its new figures to a year after."""
    rows = [row for row in observations.targets.rows if row.series == series]
    like = observations.observed[rows[-1].id]
    first = max(run.start, add_months(rows[0].first, -MONTHS_SHOWN_BEFORE))
    last = min(run.month_ends[-1], add_months(rows[-1].last, MONTHS_SHOWN_AFTER + 1) - timedelta(days=1))
    periods = periods_like(like.period, first, last)
    drawn = np.stack([modelled(run, _over(like, period)) for period in periods]).astype(float)
    # Errors of the months without a figure are taken to be those of the newest.
    deviation = np.full(len(periods), rows[-1].deviation)
    return ProjectionFan(periods, published_quantiles(drawn, deviation, FAN))


def _over(like: Observation, period: str) -> Observation:
    """Return the same figure of another period."""
    return replace(like, period=period)


def periods_like(period: str, first: date, last: date) -> tuple[str, ...]:
    """Return periods of the same kind (months, quarters or financial years) wholly between two days, in order."""
    start, end = period_dates(period)
    length = months_between(start, end) + 1
    day = start
    while day > first:
        day = add_months(day, -length)
    periods: list[str] = []
    while (end_of := add_months(day, length) - timedelta(days=1)) <= last:
        if day >= first:
            periods.append(period_label(day, length))
        day = end_of + timedelta(days=1)
    return tuple(periods)
