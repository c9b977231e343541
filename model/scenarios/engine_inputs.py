"""Resolved dated changes turned into the engine's modifiers, and parameters into base arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.engine.clock import Clock
from model.engine.parameters import Modifier, Profile
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.scenarios.overrides import index_of
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.specs import ModifierSpec
from model.scenarios.uncertainty.draws import Quantiles, Sampling, draw_parameters, draw_sizes, with_overrides
from model.scenarios.uncertainty.posterior import fitted_cells, into_parameters, into_sizes


def quantiles_of(resolved: ResolvedScenario, first_member: int = 0, members: int | None = None) -> Sampling:
    """Return where a chunk of members lies in the ranges of all that is uncertain and not fitted."""
    count = resolved.members if members is None else members
    return Sampling(resolved.seed, resolved.members, first_member, count, resolved.sampling, resolved.correlations)


def fitted_values(resolved: ResolvedScenario, first_member: int = 0, members: int | None = None) -> np.ndarray:
    """Return fitted numbers of a chunk of members, shape ``(fitted, members)``; no rows where none is fitted."""
    count = resolved.members if members is None else members
    if resolved.posterior is None:
        return np.empty((0, count))
    return resolved.posterior.of_members(resolved.seed, first_member, count, resolved.members)


def base_parameters(
    resolved: ResolvedScenario,
    registry: Registry,
    first_member: int = 0,
    members: int | None = None,
    *,
    quantiles: Quantiles | None = None,
    fitted: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return parameters of a chunk of members, before any dated change, shape ``dims + (members or 1,)``.

    What is not fitted is drawn from its range, what is fitted comes from the posterior, and what the scenario sets
    wins over both.

    Args:
        resolved: the scenario.
        registry: all parameters.
        first_member: number of the first member.
        members: how many; all where left out.
        quantiles: where the members lie in the ranges, in the place of the scenario's own sampling.
        fitted: values of the fitted numbers, shape ``(fitted, members)``, in the place of draws.
    """
    ranges = quantiles or quantiles_of(resolved, first_member, members)
    if resolved.posterior is None:
        return with_overrides(draw_parameters(registry, ranges), resolved.parameters)
    numbers = resolved.posterior.fitted
    values = fitted_values(resolved, first_member, members) if fitted is None else fitted
    drawn = draw_parameters(registry, ranges, fitted_cells(numbers, registry))
    return with_overrides(into_parameters(numbers, values, drawn, registry), resolved.parameters)


def effect_sizes(
    resolved: ResolvedScenario,
    first_member: int = 0,
    members: int | None = None,
    *,
    quantiles: Quantiles | None = None,
    fitted: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Return sizes of all dated changes for a chunk of members, in the order of ``resolved.modifiers``.

    Args:
        resolved: the scenario.
        first_member: number of the first member.
        members: how many; all where left out.
        quantiles: where the members lie in the ranges, in the place of the scenario's own sampling.
        fitted: values of the fitted numbers, shape ``(fitted, members)``, in the place of draws.
    """
    ranges = quantiles or quantiles_of(resolved, first_member, members)
    if resolved.posterior is None:
        return draw_sizes(resolved.modifiers, ranges)
    numbers = resolved.posterior.fitted
    values = fitted_values(resolved, first_member, members) if fitted is None else fitted
    fitted_changes = {index for number in numbers for index in number.positions(resolved.modifiers)}
    drawn = draw_sizes(resolved.modifiers, ranges, fitted_changes)
    return into_sizes(numbers, values, drawn, resolved.modifiers)


def to_modifiers(
    resolved: ResolvedScenario,
    clock: Clock,
    registry: Registry,
    draws: Sequence[np.ndarray] | None = None,
    shares: Sequence[np.ndarray | None] | None = None,
) -> tuple[Modifier, ...]:
    """Return the engine's modifiers of a scenario.

    Args:
        resolved: the scenario.
        clock: clock of the run, for days since the start.
        registry: all parameters and flows, for their dimensions.
        draws: sizes from ``effect_sizes``; the central ones where left out.
        shares: how far each is in force, by member, in the order of ``resolved.modifiers``; wholly where left out.
    """
    sizes = effect_sizes(resolved, 0, 1) if draws is None else draws
    in_force = [None] * len(sizes) if shares is None else shares
    return tuple(
        _modifier(spec, size, share, clock, registry)
        for spec, size, share in zip(resolved.modifiers, sizes, in_force, strict=True)
    )


def _modifier(
    spec: ModifierSpec, size: np.ndarray, share: np.ndarray | None, clock: Clock, registry: Registry
) -> Modifier:
    days = tuple(clock.days_since_start(day) for day, _ in spec.points)
    gate = None
    if spec.gate is not None:
        signal, cell = spec.gate
        gate = (signal, tuple(DIMENSIONS[dim].index(label) for dim, label in cell))
    return Modifier(
        target=spec.target,
        where=index_of(registry.entries[spec.target].dims, dict(spec.where)),
        operation=spec.operation,
        size=np.asarray(size, dtype=float),
        profile=Profile(days, tuple(level for _, level in spec.points)),
        label=spec.label,
        gate=gate,
        share=share,
    )
