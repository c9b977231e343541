"""From a resolved scenario to a finished run: the one place where sectors, scenarios, engine and results meet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import prod
from os import cpu_count

import numpy as np

from model.engine.clock import Clock
from model.engine.stepper import Engine, Inputs, Sector, run
from model.registry.dimensions import DIMENSIONS
from model.results.headlines import names_of_headlines
from model.results.run import Run
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.resolved import ResolvedScenario
from model.sectors import all_sectors, sectors_with_patients
from model.sectors.model_registry import registry
from model.simulation.backends import open_backend
from model.simulation.chunks import ScenarioJob
from model.simulation.progress import ProgressCallback
from model.simulation.provenance import code_fingerprint, provenance
from model.simulation.run_chunks import run_chunks
from model.simulation.store import ChunkStore, MemoryStore

CHUNK = 256
"""Members that run together, a multiple of those side by side: progress is kept by the chunk."""

SMALLEST_CHUNK = 48
"""Members below which a chunk is not cut for the sake of one more process."""

CHUNK_OF_PATIENTS = 8
"""Members of a chunk with patients one by one: time goes by member, and little is lost with a chunk."""

LARGEST_CHUNK = 512e6
"""Bytes of monthly results that a chunk may hold, whatever is kept of each member."""

STEP_EFFORT, PATIENT_EFFORT = 10, 900
"""Time of a step of equations, and of a member with patients one by one, in steps of a member of a large chunk."""

WORTH_PROCESSES = 1_500_000
"""Effort, in steps of one member of a large chunk, from which more processes are worth starting: about 10 seconds."""


def run_members(
    resolved: ResolvedScenario,
    first_member: int,
    members: int,
    *,
    parameters: dict[str, np.ndarray] | None = None,
    sizes: Sequence[np.ndarray] | None = None,
    shares: Sequence[np.ndarray | None] | None = None,
    names: Iterable[str] | None = None,
    checked: bool = False,
    engine: Engine = "compiled",
    progress: ProgressCallback | None = None,
) -> dict[str, np.ndarray]:
    """Run some members of a scenario, with their own draws of what is uncertain or with numbers that are given.

    Args:
        resolved: the scenario.
        first_member: number of the first.
        members: how many.
        parameters: base arrays by name, shape ``dims + (members or 1,)``; drawn where left out.
        sizes: sizes of the dated changes, in the order of ``resolved.modifiers``; drawn where left out.
        shares: how far each dated change is in force, by member, in the same order; wholly where left out.
        names: results to keep; all that are recorded where left out.
        checked: whether conservation is audited at every step, which takes plain equations.
        engine: whether equations are compiled, or run as they stand.
        progress: called with steps done and in all.

    Returns:
        Results by name, shape ``(months,) + dims + (members,)``.
    """
    sectors, clock, inputs = _run_parts(resolved, first_member, members, parameters, sizes, shares)
    keep = None if names is None else frozenset(names)
    return run(sectors, clock, inputs, keep=keep, checked=checked, progress=progress, engine=engine)


def _run_parts(
    resolved: ResolvedScenario,
    first_member: int,
    members: int,
    parameters: dict[str, np.ndarray] | None = None,
    sizes: Sequence[np.ndarray] | None = None,
    shares: Sequence[np.ndarray | None] | None = None,
) -> tuple[list[Sector], Clock, Inputs]:
    """Return the sectors, the clock and the inputs of some members of a scenario."""
    known = registry()
    clock = Clock(resolved.start, resolved.end, resolved.step_days)
    if parameters is None:
        parameters = base_parameters(resolved, known, first_member, members)
    if sizes is None:
        sizes = effect_sizes(resolved, first_member, members)
    inputs = Inputs(
        parameters=parameters,
        bounds={name: parameter.bounds for name, parameter in known.parameters.items()},
        modifiers=to_modifiers(resolved, clock, known, sizes, shares),
        sizes={name: len(labels) for name, labels in DIMENSIONS.items()},
        members=members,
    )
    if resolved.hospital == PATIENT_LEVEL:
        sectors = sectors_with_patients(
            seed=resolved.seed, first_member=first_member, members=members, exchange_days=resolved.exchange_days
        )
    else:
        sectors = all_sectors()
    return sectors, clock, inputs


def compile_equations(scenarios: Iterable[ResolvedScenario], progress: ProgressCallback | None = None) -> None:
    """Compile the equations of scenarios, unless they are kept from an earlier run, before processes look for them.

    Args:
        scenarios: what will be run.
        progress: called with sectors compiled and in all, where any has to be.
    """
    from model.engine.compiled.run import prepare

    one_of_each_kind = {
        (scenario.hospital, scenario.step_days, scenario.members > 1, scenario.end): scenario for scenario in scenarios
    }
    for scenario in one_of_each_kind.values():
        sectors, clock, inputs = _run_parts(scenario, 0, min(scenario.members, 2))
        if all(sector.compiled_at(scenario.step_days) for sector in sectors):
            prepare(sectors, clock, inputs, progress)


def kept_names(resolved: ResolvedScenario) -> list[str] | None:
    """Return the results that a run keeps; None for all.

    One member, or ``outputs: all``, keeps everything; an ensemble keeps what headlines read and what is named.
    """
    if resolved.members == 1 or "all" in resolved.outputs:
        return None
    named = {name for name in resolved.outputs if name != "headline"}
    return sorted(named | set(names_of_headlines(registry())))


def chunk_size(resolved: ResolvedScenario, processes: int) -> int:
    """Return the most members of a chunk, so that every process has work and a chunk fits into memory."""
    share = -(-resolved.members // processes)
    if resolved.hospital == PATIENT_LEVEL:
        return min(CHUNK_OF_PATIENTS, share)
    names = kept_names(resolved) or registry().recorded
    months = Clock(resolved.start, resolved.end, resolved.step_days).months
    cells = sum(prod(len(DIMENSIONS[dim]) for dim in registry().find(name).dims) for name in names)
    by_memory = int(LARGEST_CHUNK // (cells * months * np.dtype(float).itemsize))
    return max(1, min(CHUNK, by_memory, max(SMALLEST_CHUNK, share)))


def scenario_jobs(
    scenarios: Sequence[ResolvedScenario],
    *,
    checked: bool = False,
    engine: Engine = "compiled",
    processes: int | None = None,
) -> list[ScenarioJob]:
    """Return what there is to compute for scenarios, to be kept in a ``ChunkStore``.

    Args:
        scenarios: what is run, each once.
        checked: whether conservation is audited at every step.
        engine: how equations are run.
        processes: processes that will compute; as many as processors where left out.
    """
    processes = processes or cpu_count() or 1
    # With many scenarios every process has something to do without cutting their members small.
    shares = max(1, processes // len(scenarios))
    jobs: list[ScenarioJob] = []
    for scenario in scenarios:
        names = kept_names(scenario)
        decisive = "\n".join([code_fingerprint(), scenario.fingerprint, engine, *(names or ["all"])])
        jobs.append(
            ScenarioJob(
                name=scenario.name,
                members=scenario.members,
                steps=Clock(scenario.start, scenario.end, scenario.step_days).steps,
                chunk_size=chunk_size(scenario, processes if scenario.hospital == PATIENT_LEVEL else shares),
                fingerprint=hashlib.sha256(decisive.encode()).hexdigest(),
                compute=partial(run_members, scenario, names=names, checked=checked, engine=engine),
                precision=None if scenario.members == 1 else np.float32,
            )
        )
    return jobs


def simulate(
    resolved: ResolvedScenario,
    *,
    checked: bool = False,
    engine: Engine = "compiled",
    processes: int | None = None,
    progress: ProgressCallback | None = None,
) -> Run:
    """Run a scenario with all its members, in memory.

    Members run in chunks, on several processes where that is worth it; neither changes a result. One member keeps
    double precision, an ensemble single.

    Args:
        resolved: the scenario.
        checked: whether conservation is audited at every step.
        engine: how equations are run.
        processes: most processes to use; as many as processors where left out.
        progress: called with member-steps done and in all.
    """
    store = MemoryStore(scenario_jobs([resolved], checked=checked, engine=engine, processes=processes))
    ((_, finished),) = simulate_all([resolved], store, processes=processes, progress=progress)
    return finished


def simulate_all(
    scenarios: Sequence[ResolvedScenario],
    store: ChunkStore,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    progress: ProgressCallback | None = None,
) -> Iterator[tuple[int, Run]]:
    """Compute what the store lacks, and give each scenario's run as soon as it is complete.

    Close the iterator if it is left before its end, so that worker processes stop.

    Args:
        scenarios: what is run.
        store: keeps the results of their jobs (``scenario_jobs``).
        processes: most processes to use; as many as are worth it where left out.
        scheduler: address of a Dask scheduler, or ``local``, in place of processes.
        progress: called with member-steps done and in all, over all scenarios.

    Yields:
        The index of a scenario, and its run.
    """
    workers = _workers(scenarios, store, processes, cluster=scheduler is not None)
    with open_backend(processes=workers, scheduler=scheduler, code_version=code_fingerprint) as backend:
        for index in run_chunks(store, backend, progress):
            yield index, _finished_run(scenarios[index], store.results(index))


def _workers(scenarios: Sequence[ResolvedScenario], store: ChunkStore, processes: int | None, *, cluster: bool) -> int:
    """Return the processes to use: those asked for, or one where others would hardly have begun when it is done."""
    most = processes or cpu_count() or 1
    if cluster:
        return most
    missing = [chunk for chunk in store.chunks if not store.has(chunk)]
    if processes is None:
        effort = sum(
            store.jobs[chunk.job].steps
            * (
                PATIENT_EFFORT * chunk.members
                if scenarios[chunk.job].hospital == PATIENT_LEVEL
                else STEP_EFFORT + chunk.members
            )
            for chunk in missing
        )
        if effort < WORTH_PROCESSES:
            return 1
    return max(1, min(most, len(missing)))


def worth_resuming(scenarios: Sequence[ResolvedScenario]) -> bool:
    """Return whether runs take so long that their finished chunks are worth keeping when they are stopped."""
    return any(scenario.members > 1 or scenario.hospital == PATIENT_LEVEL for scenario in scenarios)


def _finished_run(resolved: ResolvedScenario, results: Mapping[str, np.ndarray]) -> Run:
    return Run(
        scenario=resolved.name,
        start=resolved.start,
        months=Clock(resolved.start, resolved.end, resolved.step_days).months,
        decision=resolved.decision,
        horizons={name: int(years) for name, years in resolved.horizons},
        members=resolved.members,
        results=results,
        registry=registry(),
        provenance=provenance(resolved),
    )
