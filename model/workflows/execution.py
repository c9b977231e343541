"""Computing scenarios: their chunks in memory or in a folder from which a stopped run is resumed."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import Exit, UserError
from model.workflows.analysis_task import note_compiling
from model.workflows.progress import Progress
from model.workflows.results_folder import working_folder
from model.workflows.run_options import RunOptions

if TYPE_CHECKING:
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.simulation.store import ChunkStore, FolderStore
    from model.workflows.plan import RunPlan


@contextmanager
def chunk_store(
    scenarios: Sequence[ResolvedScenario], plans: Sequence[RunPlan], options: RunOptions, progress: Progress
) -> Iterator[ChunkStore]:
    """Keep finished chunks while scenarios run: in memory, or beside the results so that a run can be resumed.

    Args:
        scenarios: what is run.
        plans: folders of results for which it is run.
        options: options of the run.
        progress: told of what is resumed, replaced or kept.

    Raises:
        UserError: no unfinished run to resume, or a folder in use.
    """
    from model.scenarios.hospitals import PATIENT_LEVEL
    from model.simulation.simulate import scenario_jobs, worth_resuming
    from model.simulation.store import FolderStore, MemoryStore

    if any(scenario.hospital == PATIENT_LEVEL for scenario in scenarios):
        note_compiling(progress)
    jobs = scenario_jobs(scenarios, checked=options.checked, engine=options.engine, processes=options.processes)
    folders = [plan.folder for plan in plans if plan.folder is not None]
    if not folders or options.output is None:
        if options.resume:
            raise UserError("needs the folder of results of the stopped run, as output.", key="resume", code=Exit.USAGE)
        yield MemoryStore(jobs)
        return
    store = FolderStore(
        working_folder(options.output, [folder.name for folder in folders]),
        jobs,
        resume=options.resume,
        lasting=worth_resuming(scenarios),
    )
    try:
        with store:
            _note_unfinished(store, progress)
            yield store
    finally:
        if store.kept:
            progress.note("Finished chunks are kept: the same command with --resume goes on with them.")


def _note_unfinished(store: FolderStore, progress: Progress) -> None:
    """Say what is taken over from an unfinished run, or thrown away with it."""
    if store.replaced is not None:
        done, chunks = store.replaced
        progress.note(
            f"Note: an unfinished run of this name is replaced ({done} of {chunks} chunks); --resume completes one."
        )
    elif there := sum(store.has(chunk) for chunk in store.chunks):
        progress.note(f"Resuming: {there} of {len(store.chunks)} chunks are there.")


def computed_runs(
    scenarios: Sequence[ResolvedScenario], store: ChunkStore, options: RunOptions, progress: Progress
) -> Generator[tuple[int, Run], None, None]:
    """Compute what the store lacks. To be closed where it is left before its end.

    Yields:
        The index of each scenario with its run, as soon as it is complete.
    """
    from model.simulation.simulate import compile_equations, simulate_all

    if options.engine == "compiled" and not options.checked:
        compiling = _Compiling(progress)
        compile_equations(scenarios, compiling.advance)
    title = f"{len(scenarios)} scenarios" if len(scenarios) > 1 else scenarios[0].name
    progress.begin(f"running {title}", len(scenarios))
    yield from simulate_all(
        scenarios, store, processes=options.processes, scheduler=options.scheduler, progress=progress.advance
    )
    progress.finish()


class _Compiling:
    """The stage in which equations are compiled, which comes once: later runs find them.

    Args:
        progress: told where there is anything to compile.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def advance(self, done: int, sectors: int) -> None:
        """Begin the stage with the first sector, and end it with the last."""
        if done == 0:
            self._progress.note("The equations are compiled once, for about half a minute; later runs find them.")
            self._progress.begin("compiling the equations", stages=0)
        self._progress.advance(done, sectors)
        if done == sectors:
            self._progress.finish()


def folder_of_store(store: ChunkStore) -> Path | None:
    """Return the folder of a store that has one: on the same disk as the results, which are prepared in it."""
    from model.simulation.store import FolderStore

    return store.folder if isinstance(store, FolderStore) else None
