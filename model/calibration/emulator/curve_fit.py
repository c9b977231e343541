"""From points of simulated patients to the curves of the stock-flow hospital: shapes of its equations, least squares.

Settings are means over replications; a site counts by its admissions. The scatter expected of a point is its standard
error and a share of its size, since one curve serves three sites. Curves rise with occupancy or are level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.optimize import least_squares, lsq_linear

from model.calibration.emulator.curves import (
    LEARNT_NAMES,
    SHAPE_NAMES,
    FittedCurves,
    FixedParameters,
    share_over_hours,
    tabulated,
)
from model.calibration.emulator.patient_experiment import LEVELS, ExperimentPoints
from model.sectors.urgent_care.equations import OCCUPANCY_POINTS

SCATTER = 0.1
"""Scatter of points about a curve that holds for all sites, as a share of the value."""
STEADY_WAIT_HOURS = 12.0
"""Mean wait for a bed above which the line grows as long as one looks: no steady state, and left out."""
LEAST_WAIT = 0.3
"""Scatter of mean waits in hours, where these are short."""
SMOOTHING = 0.03
"""Weight of changes of slope, which carries curves on where there are no points."""
HELD = 1e-4
"""How far a shape may move where it is held."""
SIX, TWELVE = 6.0, 12.0
STEEPEST_OUTLYING = 5.0
"""Ceiling of the share of patients outlying per unit of occupancy."""


@dataclass(frozen=True)
class _SteadyPoints:
    """Means of the points over replications, one for each setting and site that is steady, flat."""

    values: Mapping[str, np.ndarray]
    errors: Mapping[str, np.ndarray]
    level: np.ndarray
    site: np.ndarray
    setting: np.ndarray
    pressures: int

    def weight(self, name: str, floor: float) -> np.ndarray:
        """Return the square root of each point's weight for a measure whose scatter is at least ``floor``."""
        scatter = np.sqrt(self.errors[name] ** 2 + (SCATTER * self.values[name]) ** 2 + floor**2)
        share = self.values["admissions"] / self.values["admissions"].mean()
        return np.sqrt(share) / scatter


def steady_points(points: ExperimentPoints, sites: tuple[int, ...] | None = None) -> _SteadyPoints:
    """Return steady points for a fit, of some sites or all."""
    chosen = list(range(points.wait.shape[2]) if sites is None else sites)
    names = [name for name in (field.name for field in fields(ExperimentPoints)) if name not in ("level", "steps")]
    means = {name: getattr(points, name)[:, :, chosen].mean(axis=1) for name in names}
    count = points.wait.shape[1]
    errors = {
        name: getattr(points, name)[:, :, chosen].std(axis=1, ddof=1) / np.sqrt(count)
        if count > 1
        else np.zeros_like(means[name])
        for name in names
    }
    steady = means["wait"] < STEADY_WAIT_HOURS
    shape = steady.shape
    return _SteadyPoints(
        {name: values[steady] for name, values in means.items()},
        {name: values[steady] for name, values in errors.items()},
        np.broadcast_to(points.level[:, None], shape)[steady],
        np.broadcast_to(np.array(chosen)[None], shape)[steady],
        np.broadcast_to(np.arange(shape[0])[:, None], shape)[steady],
        shape[0] // len(np.unique(points.level)),
    )


def _hat_functions(occupancy: np.ndarray) -> np.ndarray:
    """Return the share of each tabulated point in the response at each occupancy, [occupancy, point]."""
    return np.stack([tabulated(row, occupancy) for row in np.eye(len(OCCUPANCY_POINTS))], axis=1)


def rising_table(occupancy: np.ndarray, value: np.ndarray, weight: np.ndarray, first: float) -> np.ndarray:
    """Fit a table that never falls, by weighted least squares.

    Args:
        occupancy: of the points.
        value: of the points.
        weight: square roots of weights.
        first: value at the first tabulated point.
    """
    gaps = np.diff(OCCUPANCY_POINTS)
    # Unknowns are the rises from point to point; the table is their running sum.
    running = np.tril(np.ones((len(OCCUPANCY_POINTS), len(OCCUPANCY_POINTS))))[:, 1:]
    slopes = np.diff(np.eye(len(gaps)) / gaps[:, None], axis=0)
    bend = slopes * (SMOOTHING * gaps.mean() * np.sqrt((weight**2).sum()))
    design = np.concatenate([(_hat_functions(occupancy) @ running) * weight[:, None], bend])
    target = np.concatenate([(value - first) * weight, np.zeros(len(bend))])
    rises = lsq_linear(design, target, bounds=(0.0, np.inf), tol=1e-12).x
    return first + np.concatenate([[0.0], np.cumsum(rises)])


def _bounded_least_squares(
    residual: Callable[[np.ndarray], np.ndarray], start: tuple[float, ...], bounds: list[tuple[float, float]]
) -> np.ndarray:
    low, high = np.array(bounds, dtype=float).T
    inside = np.clip(start, low + 1e-6, high - 1e-6)
    return least_squares(residual, inside, bounds=(low, high), xtol=1e-12, ftol=1e-12).x


def fit_curves(points: ExperimentPoints, given: FixedParameters, sites: tuple[int, ...] | None = None) -> FittedCurves:
    """Fit the curves to the points.

    Args:
        points: what was measured.
        given: what is not learnt.
        sites: sites that count; all where left out.
    """
    steady = steady_points(points, sites)
    v, bounds = steady.values, given.bounds
    nctr = _delay_per_nctr_share(steady, given)
    weight = steady.weight("wait", LEAST_WAIT)
    wait = rising_table(v["occupancy"], v["wait"] - nctr * v["held"], weight, given.uncrowded_wait)
    scale, long_onset = _long_waits(steady, given)
    queue, handover, power = _handover(steady, given)
    base, crowding = _breach(steady, given)
    cancelled = rising_table(v["occupancy"], v["cancelled"], steady.weight("cancelled", 0.03), 0.0)
    outlier_onset, rate = _outlying(steady, bounds)
    return FittedCurves(
        wait_for_bed_response=wait,
        delay_per_nctr_share=nctr,
        long_wait_scale=scale,
        long_wait_onset=long_onset,
        handover_queue_hours=queue,
        handover_per_boarding_hour=handover,
        handover_power=power,
        breach_base=base,
        breach_per_crowding=crowding,
        cancellation_response=cancelled,
        outlier_onset=outlier_onset,
        outlier_share_at_full=rate * (1.0 - outlier_onset),
    )


def _delay_per_nctr_share(steady: _SteadyPoints, given: FixedParameters) -> float:
    """Fit what the NCTR share adds to the wait within a site, beside its table."""
    v = steady.values
    above, below = 0.0, 0.0
    for site in np.unique(steady.site):
        of_site = steady.site == site
        weight = steady.weight("wait", LEAST_WAIT)[of_site]
        table = rising_table(v["occupancy"][of_site], v["wait"][of_site], weight, given.uncrowded_wait)
        rest = v["wait"][of_site] - tabulated(table, v["occupancy"][of_site])
        # Levels that differ in NCTR alone are compared at one pressure.
        pressure = steady.setting[of_site] % steady.pressures
        electives = np.array([of_electives for _, of_electives in LEVELS])[steady.level[of_site]]
        group = np.unique(np.stack([pressure, electives]), axis=1, return_inverse=True)[1].ravel()
        for label in np.unique(group):
            same = group == label
            held = v["held"][of_site][same] - v["held"][of_site][same].mean()
            above += float((weight[same] ** 2 * held * (rest[same] - rest[same].mean())).sum())
            below += float((weight[same] ** 2 * held**2).sum())
    return float(np.clip(above / max(below, 1e-12), *given.bounds["delay_per_nctr_share"]))


def _long_waits(steady: _SteadyPoints, given: FixedParameters) -> tuple[float, float]:
    wait, six, twelve = (steady.values[name] for name in ("wait", "over_six", "over_twelve"))
    weights = steady.weight("over_six", 0.01), steady.weight("over_twelve", 0.01)

    def residual(x: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [
                weight * (share_over_hours(x[0], x[1], given, wait, hours) - share)
                for hours, share, weight in zip((SIX, TWELVE), (six, twelve), weights, strict=True)
            ]
        )

    scale, onset = _bounded_least_squares(
        residual, (1.2, 1.0), [given.bounds["long_wait_scale"], given.bounds["long_wait_onset"]]
    )
    return float(scale), float(onset)


def _handover(steady: _SteadyPoints, given: FixedParameters) -> tuple[float, float, float]:
    beyond = np.maximum(steady.values["wait"] - given.uncrowded_wait, 0.0)
    handover, weight = steady.values["handover"], steady.weight("handover", 0.3)

    def residual(x: np.ndarray) -> np.ndarray:
        return weight * (given.handover + x[0] + x[1] * beyond ** x[2] - handover)

    names = ("handover_queue_hours", "handover_per_boarding_hour", "handover_power")
    queue, per_hour, power = _bounded_least_squares(residual, (0.2, 0.1, 1.5), [given.bounds[name] for name in names])
    return float(queue), float(per_hour), float(power)


def _breach(steady: _SteadyPoints, given: FixedParameters) -> tuple[float, float]:
    """Fit the base and the factor of crowding, beside the published effect of occupancy; bases differ by site."""
    v, weight = steady.values, steady.weight("over_four", 0.005)
    names = np.unique(steady.site)
    sites = (steady.site[:, None] == names[None]).astype(float)
    rest = v["over_four"] - tabulated(given.breach_response, v["occupancy"])
    design = np.concatenate([v["crowding"][:, None], sites], axis=1)
    crowding, *bases = lsq_linear(design * weight[:, None], rest * weight, bounds=(0.0, np.inf)).x
    seen = [v["attendances"][steady.site == site].mean() for site in names]
    return float(np.average(bases, weights=seen)) - given.breach_of_staffing, float(crowding)


def _outlying(steady: _SteadyPoints, bounds: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Fit the onset, and the share per unit of occupancy beyond it."""
    occupancy, value = steady.values["occupancy"], steady.values["outlying"]
    weight = steady.weight("outlying", 0.005)

    def residual(x: np.ndarray) -> np.ndarray:
        return weight * (x[1] * np.maximum(occupancy - x[0], 0.0) - value)

    onset, rate = _bounded_least_squares(residual, (0.9, 0.7), [bounds["outlier_onset"], (0.0, STEEPEST_OUTLYING)])
    return float(onset), float(rate)


STEP_COLUMNS = ("wait_mean_of_steps", "wait_at_mean_step")
"""What ``mean_over_steps`` gives, as columns."""


def mean_over_steps(points: ExperimentPoints, given: FixedParameters) -> tuple[np.ndarray, np.ndarray]:
    """Compare the mean of the curve over single base steps with the curve at their mean occupancy (Jensen's gap).

    Returns:
        Hours, both [setting, site].
    """
    settings, _, _, sites, _ = points.steps.shape
    averaged, at_mean = np.empty((settings, sites)), np.empty((settings, sites))
    for site in range(sites):
        occupancy, wait = points.steps[:, :, :, site, 0], points.steps[:, :, :, site, 1]
        steady = points.wait[:, :, site].mean(axis=1) < STEADY_WAIT_HOURS
        some = occupancy[steady].ravel()
        curve = rising_table(some, wait[steady].ravel(), np.ones(some.size), given.uncrowded_wait)
        averaged[:, site] = tabulated(curve, occupancy).mean(axis=(1, 2))
        at_mean[:, site] = tabulated(curve, occupancy.mean(axis=(1, 2)))
    return averaged, at_mean


def standard_errors(points: ExperimentPoints, given: FixedParameters, curves: FittedCurves) -> dict[str, np.ndarray]:
    """Return the standard error of each learnt number: chance and differences between sites, variances added.

    Both by the jackknife: the fit is repeated without each replication, and without each site. Shapes are held, so that
    the errors of sizes are those of the curves.
    """
    held = {name: (getattr(curves, name) - HELD, getattr(curves, name) + HELD) for name in SHAPE_NAMES}
    given = replace(given, bounds={**given.bounds, **held})
    replications, sites = points.wait.shape[1:]
    groups: list[list[FittedCurves]] = []
    if replications > 1:
        subsets = (
            [replication for replication in range(replications) if replication != left] for left in range(replications)
        )
        groups.append([fit_curves(points.of(chosen), given) for chosen in subsets])
    groups.append(
        [fit_curves(points, given, tuple(site for site in range(sites) if site != left)) for left in range(sites)]
    )
    errors: dict[str, np.ndarray] = {}
    for name in LEARNT_NAMES:
        variance = 0.0
        for group in groups:
            values = np.array([getattr(refit, name) for refit in group])
            variance = variance + (len(group) - 1) * values.var(axis=0)
        errors[name] = np.sqrt(np.asarray(variance, dtype=float))
    return errors
