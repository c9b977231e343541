"""Uncertain inputs of an ensemble: fitted numbers, parameters drawn from ranges, sizes of dated changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Kind, Parameter
from model.scenarios.engine_inputs import fitted_values, quantiles_of
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.uncertainty.draws import is_uncertain, quantile, triangular
from model.scenarios.uncertainty.posterior import fitted_cells

FACTOR_UNIT = "x"


@dataclass(frozen=True, eq=False)
class UncertainInput:
    """One uncertain number and its values in the members.

    Attributes:
        name: registered name, name of the fitted number, or ``intervention|effect``.
        meaning: what it is.
        unit: unit of its values; ``x`` for a factor on registered values or on a size.
        values: shape ``(members,)``.
        fitted: whether it comes from the fit.
        duration: whether more of it is longer.
    """

    name: str
    meaning: str
    unit: str
    values: np.ndarray
    fitted: bool = False
    duration: bool = False

    @property
    def mean(self) -> float:
        """Mean over the members."""
        return float(self.values.mean())

    @property
    def deviation(self) -> float:
        """Standard deviation over the members: how uncertain the projection takes it to be."""
        return float(self.values.std(ddof=1))


def uncertain_inputs(resolved: ResolvedScenario, registry: Registry) -> list[UncertainInput]:
    """Return every number in which the members of an ensemble differ."""
    inputs = [*_fitted(resolved, registry), *_parameters(resolved, registry), *_sizes(resolved)]
    return [
        uncertain_input
        for uncertain_input in inputs
        if uncertain_input.deviation > 1e-12 * max(1.0, abs(uncertain_input.mean))
    ]


def _fitted(resolved: ResolvedScenario, registry: Registry) -> list[UncertainInput]:
    if resolved.posterior is None:
        return []
    values = fitted_values(resolved)
    return [
        UncertainInput(
            fitted_number.name,
            registry.parameters[fitted_number.target].title,
            fitted_number.unit,
            row,
            True,
            _is_duration(registry.parameters[fitted_number.target]) and fitted_number.kind in ("value", "factor"),
        )
        for fitted_number, row in zip(resolved.posterior.fitted, values, strict=True)
    ]


def _is_duration(parameter: Parameter) -> bool:
    return parameter.kind is Kind.DURATION


def _parameters(resolved: ResolvedScenario, registry: Registry) -> list[UncertainInput]:
    """Return parameters drawn from their ranges; of a table, the mean factor on what is drawn."""
    sampled = quantiles_of(resolved)
    fitted = {} if resolved.posterior is None else fitted_cells(resolved.posterior.fitted, registry)
    inputs: list[UncertainInput] = []
    for name, parameter in registry.parameters.items():
        if not is_uncertain(parameter):
            continue
        free = parameter.low != parameter.high
        free = free & ~fitted.get(name, np.zeros(free.shape, dtype=bool))
        if name in resolved.parameters:
            free = free & ~resolved.parameters[name].changed
        share = sampled(name) if np.any(free) else None
        if share is None:
            continue
        low, value, high = (end[free][:, None] for end in (parameter.low, parameter.value, parameter.high))
        drawn = quantile(parameter.distribution, share, low, value, high)
        if parameter.value.ndim and np.all(value > 0.0):
            inputs.append(
                UncertainInput(
                    name, parameter.title, FACTOR_UNIT, (drawn / value).mean(axis=0), duration=_is_duration(parameter)
                )
            )
        else:
            inputs.append(
                UncertainInput(
                    name, parameter.title, parameter.unit, drawn.mean(axis=0), duration=_is_duration(parameter)
                )
            )
    return inputs


def _sizes(resolved: ResolvedScenario) -> list[UncertainInput]:
    """Return sizes and reaches of dated changes; those of one stream move together and count once."""
    sampled = quantiles_of(resolved)
    fitted = () if resolved.posterior is None else resolved.posterior.fitted
    fitted_changes = {index for fitted_number in fitted for index in fitted_number.positions(resolved.modifiers)}
    inputs: dict[str, UncertainInput] = {}
    for index, spec in enumerate(resolved.modifiers):
        for stream, limits in ((spec.stream, spec.size), ("reach", spec.reach)):
            name = f"{spec.label}|{stream}"
            if index in fitted_changes or name in inputs or limits[0] == limits[2]:
                continue
            share = sampled(name)
            if share is None:
                continue
            drawn = triangular(share, *(np.asarray(limit) for limit in limits))
            unit, values = (FACTOR_UNIT, drawn / limits[1]) if limits[1] else ("size", drawn)
            meaning = f"{spec.label.replace('_', ' ')}: {'reach' if stream == 'reach' else f'size of its {spec.role}'}"
            inputs[name] = UncertainInput(name, meaning, unit, values)
    return list(inputs.values())
