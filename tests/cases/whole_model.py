"""The whole model for tests: the baseline with parameters scaled or set, in as few runs as possible."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from model.engine.clock import Clock
from model.engine.stepper import Inputs, run
from model.registry.dimensions import DIMENSIONS
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.resolver import resolve
from model.sectors import all_sectors
from model.sectors.model_registry import registry


@lru_cache(maxsize=32)
def resolved(
    scenario: str = "baseline", end: str = "2028-04-01", future: str = "", step: float = 3.5
) -> ResolvedScenario:
    changes: dict[str, object] = {"end": end, "step_days": step}
    if future:
        changes["future"] = future
    return resolve(scenario, registry(), changes=changes)


def run_batch(
    members: list[Mapping[str, object]],
    *,
    scenario: str = "baseline",
    end: str = "2028-04-01",
    step: float = 3.5,
    checked: bool = False,
) -> dict[str, np.ndarray]:
    """Run one member for each mapping of parameter name to a value, or to a function of the central value."""
    known, plan = registry(), resolved(scenario, end, step=step)
    base = base_parameters(plan, known, 0, 1)
    for name in {name for member in members for name in member}:
        central = base[name][..., :1]
        columns = []
        for member in members:
            change = member.get(name, central)
            value = change(central) if callable(change) else change
            columns.append(np.broadcast_to(np.asarray(value, dtype=float), central.shape))
        base[name] = np.concatenate(columns, axis=-1)
    clock = Clock(plan.start, plan.end, plan.step_days)
    inputs = Inputs(
        base,
        {name: entry.bounds for name, entry in known.parameters.items()},
        to_modifiers(plan, clock, known, effect_sizes(plan, 0, 1)),
        {dim: len(labels) for dim, labels in DIMENSIONS.items()},
        len(members),
    )
    return run(all_sectors(), clock, inputs, checked=checked)
