"""From a resolved scenario to a finished run: the one place where sectors, scenarios, engine and results meet."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import lru_cache, partial
from multiprocessing import get_context
from os import cpu_count

import numpy as np

from model import __version__
from model.dimensions import DIMENSIONS
from model.engine.clock import Clock
from model.engine.stepper import Inputs, run
from model.registry.catalogue import Registry
from model.registry.parameter_files import FOLDER, read_parameter_file
from model.results.headlines import names_of_headlines
from model.results.run import Run
from model.scenarios.hospitals import PATIENT_LEVEL
from model.scenarios.modifiers import base_parameters, effect_sizes, to_modifiers
from model.scenarios.resolved import ResolvedScenario
from model.sectors import all_sectors, equation_modules, sectors_with_patients

CHUNK = 250
"""Members that run together: large enough that the loop over equations costs little, small enough for the cache."""

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The registry of the model, read once."""
    sectors = all_sectors()
    parameters = [parameter for path in sorted(FOLDER.glob("*.yaml")) for parameter in read_parameter_file(path)]
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
    known = registry()
    clock = Clock(resolved.start, resolved.end, resolved.step_days)
    draws = effect_sizes(resolved, first_member, members)
    inputs = Inputs(
        parameters=base_parameters(resolved, known, first_member, members),
        bounds={name: parameter.bounds for name, parameter in known.parameters.items()},
        modifiers=to_modifiers(resolved, clock, known, draws),
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
    """Members of a chunk: with patients one by one the time goes by member, so that every process gets a part."""
    if resolved.hospital == PATIENT_LEVEL:
        return min(CHUNK, -(-resolved.members // processes))
    return CHUNK


def simulate(
    resolved: ResolvedScenario, *, checked: bool = False, processes: int | None = None, progress: Progress | None = None
) -> Run:
    """Run a scenario with all its members.

    Members run in chunks, on several processes where there are several chunks; neither changes a result. One member
    keeps double precision, an ensemble single.

    Args:
        resolved: the scenario.
        checked: whether conservation is audited at every step.
        processes: most processes to use; as many as processors where left out.
        progress: told of steps done, over all chunks.
    """
    names = kept_names(resolved)
    clock = Clock(resolved.start, resolved.end, resolved.step_days)
    if resolved.members == 1:
        results = run_chunk(resolved, 0, 1, names=names, checked=checked, progress=progress)
    else:
        results = _ensemble(resolved, names, clock.steps, processes or cpu_count() or 1, checked, progress)
    return Run(
        scenario=resolved.name, start=resolved.start, months=clock.months, decision=resolved.decision,
        horizons={name: int(years) for name, years in resolved.horizons}, members=resolved.members,
        results=results, registry=registry(), provenance=provenance(resolved),
    )  # fmt: skip


def _ensemble(
    resolved: ResolvedScenario,
    names: list[str] | None,
    steps: int,
    processes: int,
    checked: bool,
    progress: Progress | None,
) -> dict[str, np.ndarray]:
    """Run all chunks, here or on several processes, and lay their members side by side, in order."""
    size = chunk_size(resolved, processes)
    chunks = [(first, min(size, resolved.members - first)) for first in range(0, resolved.members, size)]
    total = len(chunks) * steps
    results: dict[str, np.ndarray] = {}

    def take(first: int, chunk: dict[str, np.ndarray]) -> None:
        for name, values in chunk.items():
            if name not in results:
                results[name] = np.empty((*values.shape[:-1], resolved.members), dtype=values.dtype)
            results[name][..., first : first + values.shape[-1]] = values

    workers = min(processes, len(chunks))
    if workers == 1:
        for done, (first, members) in enumerate(chunks):
            within = None if progress is None else partial(_tell, progress, done * steps, total)
            take(first, _chunk_to_keep(resolved, first, members, names, checked, within))
        return results
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[dict[str, np.ndarray]], int] = {
            pool.submit(_chunk_to_keep, resolved, first, members, names, checked): first for first, members in chunks
        }
        for done, finished in enumerate(as_completed(list(waiting)), start=1):
            take(waiting.pop(finished), finished.result())
            if progress is not None:
                progress(done * steps, total)
    return results


def _chunk_to_keep(
    resolved: ResolvedScenario,
    first: int,
    members: int,
    names: list[str] | None,
    checked: bool,
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """One chunk of an ensemble in the precision in which it is kept."""
    results = run_chunk(resolved, first, members, names=names, checked=checked, progress=progress)
    return {name: values.astype(np.float32) for name, values in results.items()}


def _tell(progress: Progress, before: int, total: int, done: int, _: int) -> None:
    """Pass the steps of one chunk on as part of all."""
    progress(before + done, total)


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
