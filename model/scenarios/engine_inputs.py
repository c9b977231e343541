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
from model.scenarios.uncertainty.draws import Quantiles, draw_effects, draw_parameters, with_overrides
from model.scenarios.uncertainty.fitted import fitted_cells, into_parameters, into_sizes
from model.scenarios.uncertainty.sampling import Sampling


def quantiles_of(resolved: ResolvedScenario, first_member: int = 0, members: int | None = None) -> Sampling:
    """Where a chunk of members lies in the ranges of all that is uncertain and not fitted."""
    count = resolved.members if members is None else members
    return Sampling(resolved.seed, resolved.members, first_member, count, resolved.sampling, resolved.correlations)


def fitted_values(resolved: ResolvedScenario, first_member: int = 0, members: int | None = None) -> np.ndarray:
    """Fitted numbers of a chunk of members, shape ``(fitted, members)``; without rows where nothing is fitted."""
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
    """Parameter arrays of a chunk of members, before any dated change, shape ``dims + (members or 1,)``.

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
    """Sizes of all dated changes for a chunk of members, in the order of ``resolved.modifiers``.

    Args:
        resolved: the scenario.
        first_member: number of the first member.
        members: how many; all where left out.
        quantiles: where the members lie in the ranges, in the place of the scenario's own sampling.
        fitted: values of the fitted numbers, shape ``(fitted, members)``, in the place of draws.
    """
    ranges = quantiles or quantiles_of(resolved, first_member, members)
    if resolved.posterior is None:
        return draw_effects(resolved.modifiers, ranges)
    numbers = resolved.posterior.fitted
    values = fitted_values(resolved, first_member, members) if fitted is None else fitted
    kept = {place for each in numbers for place in each.positions(resolved.modifiers)}
    return into_sizes(numbers, values, draw_effects(resolved.modifiers, ranges, kept), resolved.modifiers)


def to_modifiers(
    resolved: ResolvedScenario,
    clock: Clock,
    registry: Registry,
    draws: Sequence[np.ndarray] | None = None,
    shares: Sequence[np.ndarray | None] | None = None,
) -> tuple[Modifier, ...]:
    """The engine's modifiers of a scenario.

    Args:
        resolved: the scenario.
        clock: clock of the run, for days since the start.
        registry: all parameters and flows, for their dimensions.
        draws: sizes from ``effect_sizes``; the central ones where left out.
        shares: how far each is in force, by member, in the order of ``resolved.modifiers``; wholly where left out.
    """
    sizes = effect_sizes(resolved, 0, 1) if draws is None else draws
    parts = [None] * len(sizes) if shares is None else shares
    return tuple(
        _modifier(spec, size, share, clock, registry)
        for spec, size, share in zip(resolved.modifiers, sizes, parts, strict=True)
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
