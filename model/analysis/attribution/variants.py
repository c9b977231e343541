"""Variants of a scenario: the same members with interventions out, in, or at another scale, many in one batch.

A variant gives every option a scale: 0 leaves it out exactly as if the scenario did not use it, 1 has it as written.
Options differ by the dated changes that they own, so one run steps many variants at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from model.analysis.sensitivity.designs import DrawnMembers
from model.analysis.sensitivity.evaluation import RunReader, even_spans, run_calendar
from model.analysis.sensitivity.worker_pool import Call, WorkerPool
from model.engine.clock import Clock
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.resolved import ResolvedScenario
from model.scenarios.specs import ModifierSpec
from model.sectors.model_registry import registry
from model.simulation.progress import StepCounter
from model.simulation.simulate import CHUNK, run_members

INTERVENTION_ROLES = ("effect", "cost", "staff", "vcse_capacity")
"""Roles of the dated changes that an intervention makes."""

NO_OWNER = -1
"""Owner of a dated change that is in force in every variant."""


@dataclass(frozen=True, eq=False)
class OptionSet:
    """A scenario that holds all options side by side, and the option that owns each dated change.

    Attributes:
        scenario: scenario in which all options stand side by side.
        options: their names.
        owners: position of the option that owns each dated change, ``NOBODY`` where none does, shape ``(changes,)``.
    """

    scenario: ResolvedScenario
    options: tuple[str, ...]
    owners: np.ndarray


def option_set_of(scenario: ResolvedScenario) -> OptionSet:
    """Return the interventions in use in a scenario as options."""
    names = tuple(programme.name for programme in scenario.programmes)
    owners = [names.index(spec.label) if spec.role in INTERVENTION_ROLES else NO_OWNER for spec in scenario.modifiers]
    return OptionSet(scenario, names, np.array(owners, dtype=int))


def evaluate_cells(
    option_set: OptionSet,
    scales: np.ndarray,
    cell_members: np.ndarray,
    reader: RunReader,
    ensemble: int,
    pool: WorkerPool | None = None,
) -> np.ndarray:
    """Run variants, each with one member of an ensemble.

    Args:
        option_set: scenario and options.
        scales: scale of each option in each cell, shape ``(cells, options)``.
        cell_members: number of the member of each cell, shape ``(cells,)``.
        reader: reads the results that are kept.
        ensemble: members of the ensemble from which they are; one is the central case.
        pool: worker processes, this process alone where None; the results do not depend on it.

    Returns:
        Shape ``(results, cells)``.
    """
    # Cells of one member side by side: a batch then draws few members.
    order = np.argsort(cell_members, kind="stable")
    size = 1 if option_set.scenario.hospital == PATIENT_LEVEL else CHUNK
    batches = [order[first : first + count] for first, count in even_spans(len(order), size)]
    steps = Clock(option_set.scenario.start, option_set.scenario.end, option_set.scenario.step_days).steps
    calls = [
        Call(_batch, (option_set, scales[batch], cell_members[batch], reader, ensemble), steps * len(batch))
        for batch in batches
    ]
    cell_values: np.ndarray | None = None
    for index, values in (pool or WorkerPool()).gather(calls):
        if cell_values is None:
            cell_values = np.empty((values.shape[0], len(cell_members)))
        cell_values[:, batches[index]] = values
    if cell_values is None:
        raise ValueError("nothing to run")
    return cell_values


def evaluate_variants(
    option_set: OptionSet, scales: np.ndarray, reader: RunReader, ensemble: int, pool: WorkerPool | None = None
) -> np.ndarray:
    """Run variants with all members of an ensemble.

    Args:
        option_set: scenario and options.
        scales: scale of each option in each variant, shape ``(variants, options)``.
        reader: reads the results that are kept.
        ensemble: members; one is the central case.
        pool: worker processes; this process alone where None.

    Returns:
        Shape ``(variants, results, members)``.
    """
    variants = len(scales)
    cell_members = np.tile(np.arange(ensemble), variants)
    cell_values = evaluate_cells(option_set, np.repeat(scales, ensemble, axis=0), cell_members, reader, ensemble, pool)
    return np.moveaxis(cell_values.reshape(-1, variants, ensemble), 0, 1)


def _batch(
    option_set: OptionSet,
    scales: np.ndarray,
    cell_members: np.ndarray,
    reader: RunReader,
    ensemble: int,
    *,
    count: StepCounter,
) -> np.ndarray:
    """Return the results of one batch of cells."""
    declarations, scenario, cells = registry(), option_set.scenario, len(cell_members)
    first, drawn = int(cell_members.min()), int(np.ptp(cell_members)) + 1
    parameters, sizes = DrawnMembers(ensemble).values(scenario, declarations, first, drawn)
    index = cell_members - first
    results = run_members(
        scenario,
        first,
        cells,
        parameters={name: _of_cells(values, index) for name, values in parameters.items()},
        sizes=[_of_cells(size, index) for size in sizes],
        shares=shares_in_force(option_set, scales),
        names=reader.names,
        progress=lambda _, __: count(cells),
    )
    return reader(replace(run_calendar(scenario), members=cells, results=results))


def _of_cells(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Put values of members into the order of cells; one number for all members stays one."""
    return values[..., index] if values.ndim and values.shape[-1] > 1 else values


def shares_in_force(option_set: OptionSet, scales: np.ndarray) -> list[np.ndarray | None]:
    """Return how far each dated change is in force in each cell; None where it is wholly in force in all.

    Args:
        option_set: scenario and options.
        scales: shape ``(cells, options)``.
    """
    shares: list[np.ndarray | None] = []
    for spec, owner in zip(option_set.scenario.modifiers, option_set.owners, strict=True):
        share = None if owner == NO_OWNER else np.minimum(scales[:, owner], _furthest(spec))
        shares.append(None if share is None or np.all(share == 1.0) else share)
    return shares


def _furthest(spec: ModifierSpec) -> float:
    """Return the largest share of a change: a change that sets a value cannot go beyond that value."""
    highest = max(level for _, level in spec.points)
    return 1.0 / highest if spec.operation == "set" and highest > 0 else np.inf
