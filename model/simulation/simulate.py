"""From a resolved scenario to a finished run: the one place where sectors, scenarios, engine and results meet."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from math import prod
from os import cpu_count

import numpy as np

from model import __version__
from model.engine.clock import Clock
from model.engine.stepper import Inputs, run
from model.registry.catalogue import Registry
from model.registry.data_folders import PACKAGE, parameter_files
from model.registry.dimensions import DIMENSIONS
from model.registry.parameter_files import read_parameter_file
from model.results.headlines import names_of_headlines
from model.results.run import Run
from model.scenarios.engine_inputs import base_parameters, effect_sizes, to_modifiers
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.resolved import ResolvedScenario
from model.sectors import all_sectors, equation_modules, sectors_with_patients
from model.simulation.backends import crew
from model.simulation.chunks import Job
from model.simulation.run_chunks import Tally, carry_out
from model.simulation.store import InMemory, Store

CHUNK = 250
"""Members that run together: large enough that the loop over equations costs little, small enough for the cache."""

SMALLEST_CHUNK = 50
"""Members below which a part is not cut for the sake of one more process: equations cost by the step, too."""

CHUNK_OF_PATIENTS = 8
"""Members of a part with patients one by one: time goes by member, and what is lost with a part is small."""

LARGEST_CHUNK = 512e6
"""Bytes of monthly results that a part may hold, whatever is kept of each member."""

STEP_EFFORT, PATIENT_EFFORT = 25, 150
"""Time of a step of the equations, and of a member with patients one by one, in steps of one member of a large part."""

WORTH_PROCESSES = 500_000
"""Effort, in steps of one member of a large part, from which more processes are worth starting: about 20 seconds."""

COMPUTING = ("engine", "hospital", "registry", "scenarios", "sectors", "simulation")
"""Rooms that decide results."""

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The registry of the model, read once."""
    sectors = all_sectors()
    parameters = [parameter for path in parameter_files() for parameter in read_parameter_file(path)]
    return Registry(
        parameters,
        [stock for sector in sectors for stock in sector.stocks],
        [flow for sector in sectors for flow in sector.flows],
        [output for sector in sectors for output in sector.outputs],
        [loop for sector in sectors for loop in sector.loops],
        {sector.name: sector.title for sector in sectors},
        equation_modules(),
    )


def run_chunk(
    resolved: ResolvedScenario,
    first_member: int,
    members: int,
    *,
    names: Iterable[str] | None = None,
    checked: bool = False,
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """Run some members of a scenario.

    Args:
        resolved: the scenario.
        first_member: number of the first.
        members: how many.
        names: results to keep; all that are recorded where left out.
        checked: whether conservation is audited at every step.
        progress: told of steps done.

    Returns:
        Results by name, shape ``(months,) + dims + (members,)``.
    """
    parameters = base_parameters(resolved, registry(), first_member, members)
    sizes = effect_sizes(resolved, first_member, members)
    return run_members(
        resolved, parameters, sizes, first_member, members, names=names, checked=checked, progress=progress
    )


def run_members(
    resolved: ResolvedScenario,
    parameters: dict[str, np.ndarray],
    sizes: Sequence[np.ndarray],
    first_member: int,
    members: int,
    *,
    shares: Sequence[np.ndarray | None] | None = None,
    names: Iterable[str] | None = None,
    checked: bool = False,
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """Run members of a scenario whose uncertain numbers are given.

    Args:
        resolved: the scenario.
        parameters: base arrays by name, shape ``dims + (members or 1,)``.
        sizes: sizes of the dated changes, in the order of ``resolved.modifiers``.
        first_member: number of the first, for the streams of patients.
        members: how many.
        shares: how far each dated change is in force, by member, in the same order; wholly where left out.
        names: results to keep; all that are recorded where left out.
        checked: whether conservation is audited at every step.
        progress: told of steps done.

    Returns:
        Results by name, shape ``(months,) + dims + (members,)``.
    """
    known = registry()
    clock = Clock(resolved.start, resolved.end, resolved.step_days)
    inputs = Inputs(
        parameters=parameters,
        bounds={name: parameter.bounds for name, parameter in known.parameters.items()},
        modifiers=to_modifiers(resolved, clock, known, sizes, shares),
        sizes={name: len(labels) for name, labels in DIMENSIONS.items()},
        members=members,
    )
    keep = None if names is None else frozenset(names)
    if resolved.hospital == PATIENT_LEVEL:
        sectors = sectors_with_patients(
            seed=resolved.seed, first_member=first_member, members=members, exchange_days=resolved.exchange_days
        )
    else:
        sectors = all_sectors()
    return run(sectors, clock, inputs, keep=keep, checked=checked, progress=progress)


def kept_names(resolved: ResolvedScenario) -> list[str] | None:
    """Results that a run keeps: everything for one member or on request, else the headlines and what is named."""
    if resolved.members == 1 or "all" in resolved.outputs:
        return None
    asked = {name for name in resolved.outputs if name != "headline"}
    return sorted(asked | set(names_of_headlines(registry())))


def chunk_size(resolved: ResolvedScenario, processes: int) -> int:
    """Most members of a part: by time with patients one by one, else by memory; every process gets something to do."""
    share = -(-resolved.members // processes)
    if resolved.hospital == PATIENT_LEVEL:
        return min(CHUNK_OF_PATIENTS, share)
    names = kept_names(resolved) or registry().recorded
    months = Clock(resolved.start, resolved.end, resolved.step_days).months
    cells = sum(prod(len(DIMENSIONS[dim]) for dim in registry().find(name).dims) for name in names)
    by_memory = int(LARGEST_CHUNK // (cells * months * np.dtype(float).itemsize))
    return max(1, min(CHUNK, by_memory, max(SMALLEST_CHUNK, share)))


def simulate(
    resolved: ResolvedScenario, *, checked: bool = False, processes: int | None = None, progress: Progress | None = None
) -> Run:
    """Run a scenario with all its members, in memory.

    Members run in parts, on several processes where that is worth it; neither changes a result. One member keeps
    double precision, an ensemble single.

    Args:
        resolved: the scenario.
        checked: whether conservation is audited at every step.
        processes: most processes to use; as many as processors where left out.
        progress: told of steps done, over all parts.
    """
    store = InMemory(jobs_of([resolved], checked=checked, processes=processes))
    ((_, run),) = runs_of([resolved], store, processes=processes, progress=progress)
    return run


def jobs_of(scenarios: Sequence[ResolvedScenario], *, checked: bool = False, processes: int | None = None) -> list[Job]:
    """What there is to compute for scenarios, to be kept in a ``Store``.

    Args:
        scenarios: what is run, each once.
        checked: whether conservation is audited at every step.
        processes: processes that will compute; as many as processors where left out.
    """
    # With many scenarios every process has something to do without cutting their members small.
    shares = max(1, (processes or cpu_count() or 1) // len(scenarios))
    found: list[Job] = []
    for each in scenarios:
        names = kept_names(each)
        decisive = "\n".join([code_fingerprint(), each.to_yaml(), *(names or ["all"])])
        found.append(
            Job(
                name=each.name,
                members=each.members,
                steps=Clock(each.start, each.end, each.step_days).steps,
                size=chunk_size(each, shares if each.hospital != PATIENT_LEVEL else processes or cpu_count() or 1),
                fingerprint=hashlib.sha256(decisive.encode()).hexdigest(),
                compute=partial(_chunk_to_keep, each, names, checked),
            )
        )
    return found


def runs_of(
    scenarios: Sequence[ResolvedScenario],
    store: Store,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Run]]:
    """Compute what the store lacks, and give each scenario's run as soon as it is complete.

    To be closed if it is left before its end, so that those who compute stop.

    Args:
        scenarios: what is run.
        store: keeps the results of their jobs (``jobs_of``).
        processes: most processes to use; as many as are worth it where left out.
        scheduler: address of a Dask scheduler, or ``local``, in place of processes.
        progress: told of what is done, over all scenarios.

    Yields:
        The place of a scenario, and its run.
    """
    told = Tally(store, progress)
    workers = _workers(scenarios, store, processes, cluster=scheduler is not None)
    with crew(processes=workers, scheduler=scheduler, identity=code_fingerprint, changed=told.counted) as hands:
        for place in carry_out(store, hands, told):
            yield place, _run(scenarios[place], store.results(place))


def _workers(scenarios: Sequence[ResolvedScenario], store: Store, processes: int | None, *, cluster: bool) -> int:
    """Processes to use: those asked for; else one where others would hardly have begun when it is done."""
    most = processes or cpu_count() or 1
    if cluster:
        return most
    parts = [part for part in store.parts if not store.has(part)]
    if processes is None:
        effort = sum(
            store.jobs[part.job].steps
            * (
                PATIENT_EFFORT * part.members
                if scenarios[part.job].hospital == PATIENT_LEVEL
                else STEP_EFFORT + part.members
            )
            for part in parts
        )
        if effort < WORTH_PROCESSES:
            return 1
    return max(1, min(most, len(parts)))


def lasting(scenarios: Sequence[ResolvedScenario]) -> bool:
    """Whether runs take so long that parts of them are worth keeping when they are stopped."""
    return any(each.members > 1 or each.hospital == PATIENT_LEVEL for each in scenarios)


def _run(resolved: ResolvedScenario, results: Mapping[str, np.ndarray]) -> Run:
    clock = Clock(resolved.start, resolved.end, resolved.step_days)
    return Run(
        scenario=resolved.name,
        start=resolved.start,
        months=clock.months,
        decision=resolved.decision,
        horizons={name: int(years) for name, years in resolved.horizons},
        members=resolved.members,
        results=results,
        registry=registry(),
        provenance=provenance(resolved),
    )


def _chunk_to_keep(
    resolved: ResolvedScenario,
    names: list[str] | None,
    checked: bool,
    first: int,
    members: int,
    progress: Progress | None,
) -> dict[str, np.ndarray]:
    """Some members in the precision in which they are kept."""
    results = run_chunk(resolved, first, members, names=names, checked=checked, progress=progress)
    if resolved.members == 1:
        return results
    return {name: values.astype(np.float32) for name, values in results.items()}


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Stands for the version of all that computes: equations, registered values, libraries of numbers."""
    import scipy

    digest = hashlib.sha256(f"{__version__} numpy {np.__version__} scipy {scipy.__version__}".encode())
    room = PACKAGE
    files = {path for name in COMPUTING for path in (room / name).rglob("*") if path.is_file()}
    for path in sorted(files | set(room.glob("*.py"))):
        if path.suffix in (".py", ".yaml", ".csv"):
            digest.update(path.relative_to(room).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def provenance(resolved: ResolvedScenario) -> dict[str, str]:
    """How a run came about: the resolved scenario, its seed and the versions of what computed it."""
    import scipy
    import xarray

    versions = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__}
    versions["xarray"] = xarray.__version__
    return {
        "model_version": __version__,
        "seed": str(resolved.seed),
        "members": str(resolved.members),
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "resolved_scenario": resolved.to_yaml(),
    }
