"""How far each uncertain number, fitted or not, moves the fitted figures: each by itself, up and down.

What moves them noticeably and is not fitted would widen the projections again when scenarios draw it from its range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from model.calibration.fit import CalibrationProblem
from model.calibration.forward_model import CHUNK
from model.calibration.priors import Priors
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.uncertainty.posterior import HISTORY, FittedNumber, with_fitted_changes
from model.scenarios.uncertainty.prior import Prior, Shape
from model.simulation.progress import ProgressCallback

HALF_WIDTH = 0.5
"""Half the width of the factor on a change of the history: a standard deviation of a fifth of its size."""

WORTH_FITTING = 0.5
"""Size, in units of error, from which a number that is not fitted is worth fitting."""


@dataclass(frozen=True)
class ScreeningRow:
    """How far one number moves the fitted figures.

    Attributes:
        name: what it moves; a part of a table is named with its labels.
        fitted: whether it is fitted.
        size: root sum of squares, over the fitted figures, of how far one prior standard deviation moves each, in
            units of error, whitened within its series.
        by_series: the same of each series.
    """

    name: str
    fitted: bool
    size: float
    by_series: tuple[tuple[str, float], ...]

    def most(self, count: int = 3) -> list[tuple[str, float]]:
        """Return the series that it moves most."""
        return sorted(self.by_series, key=lambda pair: -pair[1])[:count]


def screen_inputs(
    problem: CalibrationProblem, progress: ProgressCallback = lambda done, total: None
) -> list[ScreeningRow]:
    """Move every uncertain number by one prior standard deviation up and down, the others central.

    Args:
        problem: what is fitted to what; what is fitted is moved as the fit has it.
        progress: receives the number of vectors run, and the number of all.

    Returns:
        The numbers that move the figures most first.
    """
    fitted = problem.priors.fitted
    others = (*_registered(problem.registry, fitted), *_of_history(problem.scenario, fitted))
    numbers = (*others, *fitted)
    priors = Priors(numbers, with_fitted_changes(problem.scenario.modifiers, numbers), "")
    forward = replace(problem, priors=priors).forward()
    steps = np.eye(len(numbers))
    vectors = priors.central[:, None] + np.concatenate([steps, -steps], axis=1)
    predictions = []
    for first in range(0, vectors.shape[1], CHUNK):
        predictions.append(forward(vectors[:, first : first + CHUNK]))
        progress(min(first + CHUNK, vectors.shape[1]), vectors.shape[1])
    residuals = problem.targets.whitened(np.concatenate(predictions, axis=1))
    above, below = np.split(residuals, 2, axis=1)
    squares = ((above - below) / 2.0) ** 2
    rows = []
    for index, fitted_number in enumerate(numbers):
        by_series = tuple((name, float(np.sqrt(squares[block, index].sum()))) for name, block in _blocks(problem))
        size = float(np.sqrt(squares[:, index].sum()))
        rows.append(ScreeningRow(fitted_number.name, index >= len(others), size, by_series))
    return sorted(rows, key=lambda row: -row.size)


def _blocks(problem: CalibrationProblem) -> Iterator[tuple[str, slice]]:
    """Yield the rows of the whitened residuals that belong to each fitted series."""
    begin = 0
    for name, indices in problem.targets.series.items():
        count = int(problem.targets.fitted[indices].sum())
        if count:
            yield name, slice(begin, begin + count)
            begin += count


def _registered(registry: Registry, fitted: tuple[FittedNumber, ...]) -> Iterator[FittedNumber]:
    """Yield registered parameters with a range, without the cells that are fitted."""
    wheres: dict[str, list[dict[str, tuple[str, ...]]]] = {}
    for fitted_number in fitted:
        if not fitted_number.needs_history:
            wheres.setdefault(fitted_number.target, []).append(dict(fitted_number.where))
    for name, parameter in registry.parameters.items():
        if parameter.distribution == "fixed" or not np.any(parameter.low != parameter.high):
            continue
        where = _rest(wheres.get(name, []))
        if where is None:
            continue
        if parameter.value.ndim:
            labels = ", ".join("|".join(names) for _, names in where)
            full = f"{name}[{labels}]" if where else name
            yield FittedNumber(full, "of range", Prior(-1.0, 0.0, 1.0), "place", name, where, parameter.source)
            continue
        shape = cast("Shape", parameter.distribution)
        ends = Prior(float(parameter.low), float(parameter.value), float(parameter.high), shape)
        yield FittedNumber(name, parameter.unit, ends, "value", name, (), parameter.source)


def _rest(wheres: list[dict[str, tuple[str, ...]]]) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Return labels of the cells that are not fitted; None where the whole is fitted.

    Parts along several dimensions leave no block of cells, so the whole table is taken instead of what they leave.
    """
    if not wheres:
        return ()
    if not all(wheres):
        return None
    along = {dim for cells in wheres for dim in cells}
    if len(along) > 1:
        return ()
    (dim,) = along
    taken = {label for cells in wheres for label in cells[dim]}
    left = tuple(label for label in DIMENSIONS[dim] if label not in taken)
    return ((dim, left),) if left else None


def _of_history(scenario: ResolvedScenario, fitted: tuple[FittedNumber, ...]) -> Iterator[FittedNumber]:
    """Yield changes of the history that are not fitted, those of one parameter and place together."""
    modifiers = scenario.modifiers
    scaled = {
        index
        for fitted_number in fitted
        if fitted_number.kind == "history"
        for index in fitted_number.positions(modifiers)
    }
    seen: set[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]] = set()
    for index, spec in enumerate(modifiers):
        key = (spec.target, tuple(spec.where))
        if spec.role != HISTORY or spec.operation == "set" or index in scaled or key in seen:
            continue
        seen.add(key)
        labels = ", ".join("|".join(names) for _, names in spec.where)
        name = f"history of {spec.target}" + (f"[{labels}]" if labels else "")
        ends = Prior(1.0 - HALF_WIDTH, 1.0, 1.0 + HALF_WIDTH)
        yield FittedNumber(name, "x", ends, "history", spec.target, spec.where, "a factor on its size")
