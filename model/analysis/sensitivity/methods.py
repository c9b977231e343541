"""The methods on the model: leverage, tornado, screening and Sobol indices of the measures of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.analysis.sensitivity.designs import DesignedMembers
from model.analysis.sensitivity.evaluation import Question
from model.analysis.sensitivity.indices import Indices, Screening, morris_screening, sobol_indices
from model.analysis.sensitivity.inputs import Input
from model.registry.catalogue import Registry
from model.registry.declarations import Kind, Parameter
from model.scenarios.resolved import ResolvedScenario

STEP = 0.01
"""Relative step of the central differences."""
ENDS = (0.1, 0.9)
"""Quantiles between which one input is moved: the 80% interval, as everywhere in the model."""
OTHER_INPUTS = "all other inputs"
"""Group of the inputs that are not named, which vary together."""
DATES = ("calendar year", "year", "day of year")
"""Units of dates, of which one per cent more has no meaning."""


@dataclass(frozen=True)
class Leverage:
    """Effect of each parameter on each measure, by central differences.

    Attributes:
        names: parameters, and streams of dated changes.
        central: central values, shape ``(measures, years)``.
        per_cent: change of the measure, in its unit, for one per cent more of the parameter, shape
            ``(names, measures, years)``.
        elasticity: relative change of the measure over that of the parameter, same shape; not a number where the
            measure is zero.
    """

    names: tuple[str, ...]
    central: np.ndarray
    per_cent: np.ndarray
    elasticity: np.ndarray


@dataclass(frozen=True)
class Tornado:
    """Measures with one input at either end of its 80% interval and all others central.

    Attributes:
        central: shape ``(measures, years)``.
        low: with the input at the low end, shape ``(inputs, measures, years)``.
        high: with the input at the high end, same shape.
    """

    central: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def swing(self) -> np.ndarray:
        """Distance between the ends, shape ``(inputs, measures, years)``."""
        return np.abs(self.high - self.low)


def leverage_inputs(scenarios: Sequence[ResolvedScenario], registry: Registry) -> tuple[str, ...]:
    """Return inputs with leverage: parameters that are neither zero nor dates, and dated changes that act here."""
    names = [name for name, parameter in registry.parameters.items() if _scalable(parameter)]
    streams = [f"{spec.label}|{spec.stream}" for scenario in scenarios for spec in scenario.modifiers]
    return tuple(dict.fromkeys([*names, *streams]))


def _scalable(parameter: Parameter) -> bool:
    date = parameter.unit in DATES and parameter.kind is not Kind.DURATION
    return bool(np.any(parameter.value != 0)) and not date


def compute_leverage(question: Question, names: Sequence[str], registry: Registry) -> Leverage:
    """Compute the elasticity of every measure to every parameter, from two members for each in one batch.

    Where a bound stops a parameter on one side, the difference is taken on the other side only.

    Args:
        question: the question.
        names: see ``levers``.
        registry: all declarations, for bounds.
    """
    count = 1 + 2 * len(names)
    factors = {name: np.ones(count) for name in names}
    widths = np.full(len(names), np.nan)
    for index, name in enumerate(names):
        down, up = _steps(registry.parameters[name]) if name in registry.parameters else (STEP, STEP)
        factors[name][1 + 2 * index] = 1 - down
        factors[name][2 + 2 * index] = 1 + up
        widths[index] = down + up if down + up > 0 else np.nan
    values = question.answer(DesignedMembers(count, factors=factors))
    central, below, above = values[..., 0], values[..., 1::2], values[..., 2::2]
    slope = np.moveaxis((above - below) / widths, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        elasticity = np.where(central != 0, slope / central, np.nan)
    return Leverage(tuple(names), central, slope * 0.01, elasticity)


def _steps(parameter: Parameter) -> tuple[float, float]:
    """Return relative steps down and up that keep every cell within its bounds."""
    low, high = parameter.bounds

    def fits(factor: float) -> bool:
        moved = parameter.value * factor
        return bool(np.all(moved >= low) and np.all(moved <= high))

    return (STEP if fits(1 - STEP) else 0.0, STEP if fits(1 + STEP) else 0.0)


def run_tornado(question: Question, inputs: Sequence[Input]) -> Tornado:
    """Run each input at either end of its 80% interval, all others central: two members for each in one batch."""
    count = 1 + 2 * len(inputs)
    quantiles = {uncertain_input.name: np.full(count, np.nan) for uncertain_input in inputs}
    for index, uncertain_input in enumerate(inputs):
        quantiles[uncertain_input.name][1 + 2 * index : 3 + 2 * index] = ENDS
    values = question.answer(DesignedMembers(count, quantiles))
    low, high = (np.moveaxis(values[..., first::2], -1, 0) for first in (1, 2))
    return Tornado(values[..., 0], low, high)


def _answers(question: Question, inputs: Sequence[Input], design: np.ndarray, years: Sequence[int]) -> np.ndarray:
    """Return measures of some years for a design between 0 and 1, shape ``(measures x years, members)``."""
    quantiles = {uncertain_input.name: row for uncertain_input, row in zip(inputs, design, strict=True)}
    values = question.answer(DesignedMembers(design.shape[1], quantiles))
    return values[:, list(years)].reshape(-1, design.shape[1])


def run_screening(question: Question, inputs: Sequence[Input], trajectories: int, seed: int) -> Screening:
    """Run Morris' screening between the ends of the 80% intervals, at the years of the horizons.

    Returns:
        Measures of shape ``(measures x horizons, inputs)``, the horizons running faster.
    """
    low, high = ENDS

    def function(design: np.ndarray) -> np.ndarray:
        return _answers(question, inputs, low + (high - low) * design, tuple(question.horizons.values()))

    return morris_screening([uncertain_input.name for uncertain_input in inputs], function, trajectories, seed)


def run_sobol(question: Question, inputs: Sequence[Input], named: Sequence[Input], samples: int, seed: int) -> Indices:
    """Compute Sobol indices of some inputs over time, all others varying together as one more.

    Args:
        question: the question.
        inputs: all uncertain inputs.
        named: those with indices of their own.
        samples: base samples, a power of two.
        seed: seed of the design.

    Returns:
        Indices of shape ``(measures x years, groups)``, the years running faster.
    """
    names = {uncertain_input.name for uncertain_input in named}
    order = [*named, *(uncertain_input for uncertain_input in inputs if uncertain_input.name not in names)]
    groups = [uncertain_input.name if uncertain_input.name in names else OTHER_INPUTS for uncertain_input in order]

    def function(design: np.ndarray) -> np.ndarray:
        return _answers(question, order, design, range(len(question.years)))

    return sobol_indices([uncertain_input.name for uncertain_input in order], function, samples, seed, groups)
