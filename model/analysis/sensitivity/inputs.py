"""Uncertain inputs of scenarios: parameters with a range, fitted numbers, and sizes and reaches of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Parameter
from model.registry.errors import Exit, UserError, nearest_names
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.specs import ModifierSpec, Range
from model.scenarios.uncertainty.draws import is_uncertain, quantile
from model.scenarios.uncertainty.posterior import FITTED, FittedNumber, fitted_cells

TITLES = {"effect": "size of its effects", "cost": "size of its costs", "reach": "its reach"}
"""What the streams of an intervention are."""

POSTERIOR = "fitted numbers"
"""Input that takes one draw of the posterior for all fitted numbers, as they were fitted together."""


@dataclass(frozen=True)
class Input:
    """One uncertain input: all numbers that one stream of draws moves together.

    Attributes:
        name: name of its stream: that of a parameter, or ``intervention|effect`` and the like.
        title: what it is.
        unit: unit of its values; empty for a table and for effects of several sizes, which are quantiles of a range.
        limits: low, central and high of a single number; 0, not a number and 1 (quantiles) of several.
        shape: distribution between the limits.
        source: where its range comes from.
        draws: draws of the posterior where it is fitted; they replace limits and shape.
    """

    name: str
    title: str
    unit: str = ""
    limits: tuple[float, float, float] = (0.0, np.nan, 1.0)
    shape: str = "uniform"
    source: str = ""
    draws: np.ndarray | None = field(default=None, repr=False, compare=False)

    @property
    def is_number(self) -> bool:
        """Whether it is a single number, whose values mean something."""
        return not np.isnan(self.limits[1])

    def value(self, share: float) -> float:
        """Return the value at a quantile; the quantile itself where the input moves several numbers."""
        if not self.is_number:
            return share
        if self.draws is not None:
            return float(np.quantile(self.draws, share))
        low, mode, high = (np.asarray(limit) for limit in self.limits)
        return float(quantile(self.shape, np.asarray(share), low, mode, high))

    @property
    def unit_shown(self) -> str:
        """Its unit after a number: a space and the unit, or empty for a pure number."""
        return "" if self.unit in ("", "1") else f" {self.unit}"

    def write(self, share: float) -> str:
        """Write its value at a quantile, with its unit."""
        if not self.is_number:
            return f"{share:.0%} of its range"
        return f"{self.value(share):.4g}{self.unit_shown}"


def uncertain_inputs(
    scenarios: Sequence[ResolvedScenario], registry: Registry, *, together: bool = False
) -> tuple[Input, ...]:
    """Return inputs that are uncertain in at least one scenario: parameters, fitted numbers, dated changes.

    Args:
        scenarios: the scenarios.
        registry: all declarations.
        together: whether fitted numbers are one input, a draw of the posterior, or one each, taken by itself.
    """
    inputs = {
        parameter.name: _parameter(parameter)
        for parameter in registry.parameters.values()
        if is_uncertain(parameter) and not all(_nothing_left(scenario, parameter, registry) for scenario in scenarios)
    }
    for scenario in scenarios:
        posterior = scenario.posterior
        if posterior is None or not posterior.fitted:
            continue
        if together:
            title = f"one of {posterior.draws} draws of the posterior for {len(posterior.fitted)} numbers"
            inputs[POSTERIOR] = Input(POSTERIOR, title, source=posterior.file.name)
            continue
        for fitted_number, draws, point in zip(posterior.fitted, posterior.values, posterior.point, strict=True):
            inputs[fitted_number.name] = _fitted(fitted_number, draws, float(point), registry)
    for scenario in scenarios:
        ranges: dict[str, Range] = {}
        for spec in scenario.modifiers:
            for stream, limits in ((spec.stream, spec.size), ("reach", spec.reach)):
                if limits[0] == limits[2] or (scenario.posterior is not None and spec.role == FITTED):
                    continue
                name = f"{spec.label}|{stream}"
                several = name in ranges and ranges[name] != limits
                ranges[name] = limits
                if several or name not in inputs:
                    inputs[name] = _change(spec, name, stream, limits, several=several)
    return tuple(inputs.values())


def select_inputs(names: Sequence[str], inputs: Sequence[Input]) -> tuple[Input, ...]:
    """Return the inputs of some names.

    Raises:
        UserError: a name that is no uncertain input here, with the nearest.
    """
    by_name = {uncertain_input.name: uncertain_input for uncertain_input in inputs}
    for name in names:
        if name not in by_name:
            raise UserError(
                "not an uncertain input here; inputs.csv of a sensitivity folder lists them.",
                key=name,
                nearest=nearest_names(name, by_name),
                code=Exit.USAGE,
            )
    return tuple(by_name[name] for name in dict.fromkeys(names))


def _nothing_left(scenario: ResolvedScenario, parameter: Parameter, registry: Registry) -> bool:
    """Return whether every cell with a range is set by a scenario or fitted, so that none is left to draw."""
    certain = parameter.low == parameter.high
    override = scenario.parameters.get(parameter.name)
    if override is not None:
        certain = certain | override.changed
    if scenario.posterior is not None:
        certain = certain | fitted_cells(scenario.posterior.fitted, registry).get(parameter.name, False)
    return bool(np.all(certain))


def _fitted(fitted_number: FittedNumber, draws: np.ndarray, point: float, registry: Registry) -> Input:
    title = f"{registry.parameters[fitted_number.target].title} (fitted: {fitted_number.kind})"
    limits = (float(draws.min()), point, float(draws.max()))
    return Input(fitted_number.name, title, fitted_number.unit, limits, "posterior", fitted_number.source, draws)


def _parameter(parameter: Parameter) -> Input:
    if parameter.value.ndim:
        return Input(parameter.name, parameter.title, source=parameter.source)
    limits = (float(parameter.low), float(parameter.value), float(parameter.high))
    return Input(parameter.name, parameter.title, parameter.unit, limits, parameter.distribution, parameter.source)


def _change(spec: ModifierSpec, name: str, stream: str, limits: Range, *, several: bool) -> Input:
    kind = TITLES.get(stream, f"size of its change of {spec.target}")
    title = f"{spec.label.replace('_', ' ')}: {kind}"
    if several:
        return Input(name, title, source=spec.origin)
    return Input(name, title, "x" if spec.operation == "multiply" else "", limits, "triangular", spec.origin)
