"""The predictive distribution at a cut-off: draws of the fit carried forward, with everything that is uncertain.

What makes the spread: draws of the posterior at the cut-off; parameters that are not fitted, from their ranges; how
fast disturbances go back to normal, and further changes (``truncated_history.py``); the model's own error; and
measurement error. The model's own error is a Gaussian process for each series with the size stated in ``series.yaml``.
It is conditioned on the residuals that each draw leaves up to the cut-off, so that a series that runs high today is
forecast high; this fades from there, but for a lasting part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from scipy.special import ndtri

from model.calibration.backtest.naive_forecasts import middle_month
from model.calibration.backtest.settings import BacktestFile, CutOff
from model.calibration.backtest.truncated_history import future_courses
from model.calibration.fit import CalibrationProblem
from model.calibration.forward_model import CHUNK
from model.calibration.targets import CalibrationTarget
from model.results.run import Run
from model.scenarios.engine_inputs import quantiles_of
from model.scenarios.uncertainty.draws import draw_parameters, draw_sizes, uniforms, with_overrides
from model.scenarios.uncertainty.posterior import fitted_cells
from model.simulation.simulate import run_members

DRAWS = 2000
"""Least number of draws of a forecast: each member gets as many draws of both errors as that takes."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """Forecasts of published figures.

    Attributes:
        rows: figures forecast, blind.
        draws: equally likely values of each, shape ``(figures, draws)``.
        modelled: what the model itself gives, without its error and measurement error, shape ``(figures, members)``.
    """

    rows: tuple[CalibrationTarget, ...]
    draws: np.ndarray
    modelled: np.ndarray


def hide_value(row: CalibrationTarget) -> CalibrationTarget:
    """Return a figure as it is asked for: period, result and stated errors, without its value."""
    return replace(
        row,
        value=np.nan,
        error=row.error if row.error_share is None else np.nan,
        discrepancy=row.discrepancy if row.discrepancy_share is None else np.nan,
    )


def forecast(
    problem: CalibrationProblem,
    rows: Sequence[CalibrationTarget],
    values: np.ndarray,
    settings: BacktestFile,
    cut_off: CutOff,
    seed: int,
) -> Forecast:
    """Forecast figures.

    Args:
        problem: the problem as known at the cut-off: history, priors and figures.
        rows: figures to forecast, blind.
        values: draws of the fit in their units, shape ``(fitted, members)``.
        settings: assumptions.
        cut_off: the last month known.
        seed: seed of everything that is drawn here.
    """
    known = problem.targets.rows
    modelled = project(problem, (*known, *rows), values, settings, cut_off, seed)
    past, future = modelled[: len(known)], modelled[len(known) :]
    return Forecast(tuple(rows), _with_errors(problem, rows, past, future, settings, cut_off, seed), future)


def project(
    problem: CalibrationProblem,
    rows: Sequence[CalibrationTarget],
    values: np.ndarray,
    settings: BacktestFile,
    cut_off: CutOff,
    seed: int,
) -> np.ndarray:
    """Return what the model gives for figures before and after the cut-off, shape ``(figures, members)``."""
    members = values.shape[1]
    scenario = replace(
        problem.scenario,
        modifiers=problem.priors.modifiers,
        members=members,
        seed=seed,
        end=max(row.last for row in rows) + timedelta(days=1),
    )
    ranges, fitted = quantiles_of(scenario), problem.priors.fitted
    base = with_overrides(
        draw_parameters(problem.registry, ranges, fitted_cells(fitted, problem.registry)), scenario.parameters
    )
    fitted_changes = {index for fitted_number in fitted for index in fitted_number.positions(scenario.modifiers)}
    parameters, sizes = problem.priors.apply(
        values, base, draw_sizes(scenario.modifiers, ranges, fitted_changes), problem.registry
    )
    specs, sizes = future_courses(scenario.modifiers, sizes, cut_off.origin, settings, seed, members)
    scenario = replace(scenario, modifiers=specs)
    names = {name for row in rows for name in row.results}
    pieces: list[np.ndarray] = []
    for first in range(0, members, CHUNK):
        chunk = slice(first, min(first + CHUNK, members))
        size = chunk.stop - first
        of_chunk = {name: _members_of(array, chunk, members) for name, array in parameters.items()}
        sizes_of_chunk = [_members_of(size_of_change, chunk, members) for size_of_change in sizes]
        results = run_members(scenario, first, size, parameters=of_chunk, sizes=sizes_of_chunk, names=names)
        months = next(iter(results.values())).shape[0]
        run = Run(scenario.name, scenario.start, months, scenario.decision, {}, size, results, problem.registry)
        pieces.append(np.stack([row.model(run) for row in rows]))
    return np.concatenate(pieces, axis=1)


def _members_of(array: np.ndarray, chunk: slice, members: int) -> np.ndarray:
    """Return the part of an array that belongs to some members, where it has a member axis."""
    whole = np.asarray(array)
    return whole[..., chunk] if whole.ndim and whole.shape[-1] == members else whole


def _with_errors(
    problem: CalibrationProblem,
    rows: Sequence[CalibrationTarget],
    past: np.ndarray,
    future: np.ndarray,
    settings: BacktestFile,
    cut_off: CutOff,
    seed: int,
) -> np.ndarray:
    """Draw what would be published: the model, its own error given the residuals so far, measurement error."""
    targets = problem.targets
    members = future.shape[1]
    repeats = -(-DRAWS // members)
    draws = np.tile(future, repeats)
    residuals = targets.observed[:, None] - past
    for series in dict.fromkeys(row.series for row in rows):
        indices = [index for index, row in enumerate(rows) if row.series == series]
        before = targets.series.get(series, np.empty(0, dtype=int))
        carried, factor = carried_over(
            [targets.rows[index] for index in before],
            residuals[before],
            [rows[index] for index in indices],
            future[indices],
            settings.lasting_share,
        )
        streams = [f"backtest|{cut_off.name}|{rows[index].id}" for index in indices]
        model_errors, measured = (
            np.stack([ndtri(uniforms(seed, f"{stream}|{error}", 0, members * repeats)) for stream in streams])
            for error in ("model", "measurement")
        )
        errors = np.array([_measurement(rows[index], future[index]) for index in indices])
        draws[indices] += np.tile(carried, repeats) + factor @ model_errors + errors[:, None] * measured
    low, high = np.array([_bounds(problem, row) for row in rows]).T
    return np.clip(draws, low[:, None], high[:, None])


def carried_over(
    known: Sequence[CalibrationTarget],
    residuals: np.ndarray,
    later: Sequence[CalibrationTarget],
    modelled: np.ndarray,
    lasting: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the model's own error in figures of one series to come, given its residuals so far.

    Args:
        known: figures of the series before the cut-off; may be none.
        residuals: figure less model for them, shape ``(known, members)``.
        later: figures to come.
        modelled: what the model gives for these, shape ``(later, members)``.
        lasting: share of the variance that does not fade.

    Returns:
        Expected error, shape ``(later, members)``, and a factor of its covariance, shape ``(later, later)``.
    """
    first = later[0]
    if known:
        size = known[0].discrepancy
    elif first.discrepancy_share is None:
        size = first.discrepancy
    else:
        size = first.discrepancy_share * abs(float(np.mean(modelled)))
    memory = max(first.correlation_months, 1e-9)
    months = np.array([middle_month(row.first, row.last) for row in (*known, *later)])
    alike = lasting + (1.0 - lasting) * np.exp(-np.abs(months[:, None] - months) / memory)
    covariance = size**2 * alike
    count = len(known)
    # What is left of rounding must not make the matrix indefinite.
    slack = np.eye(len(later)) * 1e-9 * max(size**2, np.finfo(float).tiny)
    ahead, across = covariance[count:, count:], covariance[count:, :count]
    if not count:
        return np.zeros(modelled.shape), np.linalg.cholesky(ahead + slack)
    behind = covariance[:count, :count] + np.diag([row.error**2 for row in known])
    weights = np.linalg.solve(behind, across.T).T
    return weights @ residuals, np.linalg.cholesky(ahead - weights @ across.T + slack)


def _measurement(row: CalibrationTarget, modelled: np.ndarray) -> float:
    """Return the measurement error of a figure to come, as an amount."""
    return row.error if row.error_share is None else row.error_share * abs(float(np.median(modelled)))


def _bounds(problem: CalibrationProblem, row: CalibrationTarget) -> tuple[float, float]:
    """Return the smallest and largest value that a figure can have."""
    lowest = min(problem.registry.find(name).bounds[0] for name in row.results)
    return (0.0 if lowest >= 0.0 else -np.inf), (1.0 if row.unit == "share" else np.inf)
