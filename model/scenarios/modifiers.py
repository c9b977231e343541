"""Resolved dated changes turned into the engine's modifiers, and parameters into base arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.dimensions import DIMENSIONS
from model.engine.clock import Clock
from model.engine.parameters import Modifier, Profile
from model.registry.catalogue import Registry
from model.scenarios.draws import draw_effects, draw_parameters
from model.scenarios.overrides import index_of
from model.scenarios.resolved import ModifierSpec, ResolvedScenario


def base_parameters(
    resolved: ResolvedScenario, registry: Registry, first_member: int = 0, members: int | None = None
) -> dict[str, np.ndarray]:
    """Parameter arrays of a chunk of members, before any dated change, shape ``dims + (members or 1,)``."""
    count = resolved.members if members is None else members
    return draw_parameters(registry, resolved.parameters, resolved.seed, first_member, count, resolved.members)


def effect_sizes(resolved: ResolvedScenario, first_member: int = 0, members: int | None = None) -> list[np.ndarray]:
    """Sizes of all dated changes for a chunk of members, in the order of ``resolved.modifiers``."""
    count = resolved.members if members is None else members
    return draw_effects(resolved.modifiers, resolved.seed, first_member, count, resolved.members)


def to_modifiers(
    resolved: ResolvedScenario, clock: Clock, registry: Registry, draws: Sequence[np.ndarray] | None = None
) -> tuple[Modifier, ...]:
    """The engine's modifiers of a scenario.

    Args:
        resolved: the scenario.
        clock: clock of the run, for days since the start.
        registry: all parameters and flows, for their dimensions.
        draws: sizes from ``effect_sizes``; the central ones where left out.
    """
    sizes = effect_sizes(resolved, 0, 1) if draws is None else draws
    return tuple(
        _modifier(spec, size, clock, registry) for spec, size in zip(resolved.modifiers, sizes, strict=True)
    )


def _modifier(spec: ModifierSpec, size: np.ndarray, clock: Clock, registry: Registry) -> Modifier:
    days = tuple(clock.days_since_start(day) for day, _ in spec.points)
    gate = None
    if spec.gate is not None:
        signal, cell = spec.gate
        gate = (signal, tuple(DIMENSIONS[dim].index(label) for dim, label in cell))
    return Modifier(
        target=spec.target, where=index_of(registry.entries[spec.target].dims, dict(spec.where)),
        operation=spec.operation, size=np.asarray(size, dtype=float),
        profile=Profile(days, tuple(level for _, level in spec.points)), label=spec.label, gate=gate,
    )  # fmt: skip
