"""Variants of a scenario: the same members with interventions out, in, or at another scale, many in one batch.

A variant gives every option a scale: 0 leaves it out exactly as if the scenario did not use it, 1 has it as written.
Options are told apart by the dated changes that they own, so one run steps many variants at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from model.analysis.sensitivity.designs import DrawnMembers
from model.analysis.sensitivity.evaluation import RunReader, run_calendar
from model.analysis.sensitivity.worker_pool import Call, WorkerPool
from model.engine.clock import Clock
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.specs import ModifierSpec
from model.simulation.progress import StepCounter
from model.simulation.simulate import CHUNK, registry, run_members

INTERVENTION_ROLES = ("effect", "cost", "staff", "vcse_capacity")
"""Roles of the dated changes that an intervention makes."""

NO_OWNER = -1
"""Owner of a dated change that is in force in every variant."""


@dataclass(frozen=True, eq=False)
class OptionSet:
    """A scenario with all options in it, and whose each dated change is.

    Attributes:
        scenario: scenario in which all options stand side by side.
        options: their names.
        owners: position of the option that owns each dated change, ``NOBODY`` where none does, shape ``(changes,)``.
    """

    scenario: ResolvedScenario
    options: tuple[str, ...]
    owners: np.ndarray


def option_set_of(scenario: ResolvedScenario) -> OptionSet:
    """The interventions in use in a scenario as options."""
    names = tuple(programme.name for programme in scenario.programmes)
    owners = [names.index(spec.label) if spec.role in INTERVENTION_ROLES else NO_OWNER for spec in scenario.modifiers]
    return OptionSet(scenario, names, np.array(owners, dtype=int))


def evaluate_cells(
    menu: OptionSet,
    scales: np.ndarray,
    places: np.ndarray,
    figures: RunReader,
    ensemble: int,
    pool: WorkerPool | None = None,
) -> np.ndarray:
    """Run variants, each with one member of an ensemble.

    Args:
        menu: scenario and options.
        scales: scale of each option in each cell, shape ``(cells, options)``.
        places: number of the member of each cell, shape ``(cells,)``.
        figures: what is kept.
        ensemble: members of the ensemble from which they are; one is the central case.
        pool: who computes, this process where left out; the figures do not depend on it.

    Returns:
        Shape ``(figures, cells)``.
    """
    # Cells of one member side by side: a batch then draws few members.
    order = np.argsort(places, kind="stable")
    size = 1 if menu.scenario.hospital == PATIENT_LEVEL else CHUNK
    parts = [order[first : first + size] for first in range(0, len(order), size)]
    steps = Clock(menu.scenario.start, menu.scenario.end, menu.scenario.step_days).steps
    calls = [Call(_batch, (menu, scales[part], places[part], figures, ensemble), steps * len(part)) for part in parts]
    found: np.ndarray | None = None
    for number, values in (pool or WorkerPool()).gather(calls):
        if found is None:
            found = np.empty((values.shape[0], len(places)))
        found[:, parts[number]] = values
    if found is None:
        raise ValueError("nothing to run")
    return found


def evaluate_variants(
    menu: OptionSet, scales: np.ndarray, figures: RunReader, ensemble: int, pool: WorkerPool | None = None
) -> np.ndarray:
    """Run variants with all members of an ensemble.

    Args:
        menu: scenario and options.
        scales: scale of each option in each variant, shape ``(variants, options)``.
        figures: what is kept.
        ensemble: members; one is the central case.
        pool: who computes.

    Returns:
        Shape ``(variants, figures, members)``.
    """
    variants = len(scales)
    places = np.tile(np.arange(ensemble), variants)
    found = evaluate_cells(menu, np.repeat(scales, ensemble, axis=0), places, figures, ensemble, pool)
    return np.moveaxis(found.reshape(-1, variants, ensemble), 0, 1)


def _batch(
    menu: OptionSet, scales: np.ndarray, places: np.ndarray, figures: RunReader, ensemble: int, *, count: StepCounter
) -> np.ndarray:
    """Figures of one batch of cells."""
    known, scenario, cells = registry(), menu.scenario, len(places)
    first, drawn = int(places.min()), int(np.ptp(places)) + 1
    parameters, sizes = DrawnMembers(ensemble).values(scenario, known, first, drawn)
    index = places - first
    results = run_members(
        scenario,
        first,
        cells,
        parameters={name: _of_cells(values, index) for name, values in parameters.items()},
        sizes=[_of_cells(size, index) for size in sizes],
        shares=shares_in_force(menu, scales),
        names=figures.names,
        progress=lambda _, __: count(cells),
    )
    return figures(replace(run_calendar(scenario), members=cells, results=results))


def _of_cells(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Values of members put into the order of cells; what is one number for all stays one."""
    return values[..., index] if values.ndim and values.shape[-1] > 1 else values


def shares_in_force(menu: OptionSet, scales: np.ndarray) -> list[np.ndarray | None]:
    """How far each dated change is in force in each cell, in the order of the changes; None where wholly in all.

    Args:
        menu: scenario and options.
        scales: shape ``(cells, options)``.
    """
    found: list[np.ndarray | None] = []
    for spec, owner in zip(menu.scenario.modifiers, menu.owners, strict=True):
        share = None if owner == NO_OWNER else np.minimum(scales[:, owner], _furthest(spec))
        found.append(None if share is None or np.all(share == 1.0) else share)
    return found


def _furthest(spec: ModifierSpec) -> float:
    """Largest share of a change: one that goes towards a value cannot go beyond it."""
    highest = max(level for _, level in spec.points)
    return 1.0 / highest if spec.operation == "set" and highest > 0 else np.inf
