"""Run scenarios and compare them with the baseline: plan, run in chunks that can be resumed, write the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from model.workflows.analysis_task import note_compiling
from model.workflows.plan import (
    RunPlan,
    ScenarioSource,
    notes_on,
    plan_comparison,
    plan_runs,
    resolve_all,
    sources_and_options,
)
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import whole_folder, working_folder
from model.workflows.run_options import RunKeywords, RunOptions

if TYPE_CHECKING:
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.simulation.store import ChunkStore, FolderStore
    from model.workflows.comparison import Comparison


def run(*scenarios: ScenarioSource, progress: Progress = SILENT, **options: Unpack[RunKeywords]) -> list[Comparison]:
    """Run scenarios, each against the baseline and each into a folder of its own.

    Args:
        scenarios: names, files, contents of files, or loaded scenarios.
        progress: receives stages and remarks.
        options: options of all scenarios and of the baseline; see ``RunOptions``.

    Returns:
        A comparison with the baseline for each scenario, in order.

    Raises:
        UserError: whatever is wrong in any of them, before anything runs.

    Example:
        >>> home_first, vcse = run("home_first", "vcse_capacity", years=5, output=Path("outputs"))
        >>> home_first.headlines()
    """
    sources, chosen = sources_and_options(scenarios, RunOptions(**options))
    return _carry_out(plan_runs(sources, chosen), chosen, progress)


def compare(
    *scenarios: ScenarioSource, name: str | None = None, progress: Progress = SILENT, **options: Unpack[RunKeywords]
) -> Comparison:
    """Run scenarios and set them beside each other and the baseline, in one folder.

    Args:
        scenarios: names, files, contents of files, or loaded scenarios.
        name: name of the folder of results; the names of the scenarios where left out.
        progress: receives stages and remarks.
        options: options of all scenarios and of the baseline; see ``RunOptions``.

    Raises:
        UserError: whatever is wrong, or scenarios that cannot be paired, before anything runs.

    Example:
        >>> comparison = compare("home_first", "vcse_capacity", years=5)
        >>> comparison.plot("effects")
    """
    sources, chosen = sources_and_options(scenarios, RunOptions(**options))
    (comparison,) = _carry_out([plan_comparison(sources, name, chosen)], chosen, progress)
    return comparison


def simulate(
    scenario: ScenarioSource, *, processes: int | None = None, checked: bool = False, progress: Progress = SILENT
) -> Run:
    """Run one scenario with all its members, in memory and without a baseline.

    Args:
        scenario: name, file, content of a file, or loaded scenario.
        processes: most processes to use.
        checked: whether conservation is audited at every step.
        progress: receives stages and remarks.

    Raises:
        UserError: whatever is wrong in it, before it runs.

    Example:
        >>> run = simulate(load("home_first", years=5))
        >>> run.values("discharge.nctr_remaining")
    """
    from model.simulation.simulate import simulate as run_members

    (source,), options = sources_and_options([scenario], RunOptions())
    (resolved,) = resolve_all([source], options.changes())
    for note in notes_on([resolved]):
        progress.note(note)
    progress.expect(1)
    progress.begin(f"running {resolved.name}")
    run = run_members(resolved, checked=checked, processes=processes, progress=progress.advance)
    progress.finish()
    return run


def _carry_out(plans: Sequence[RunPlan], options: RunOptions, progress: Progress) -> list[Comparison]:
    """Run what is planned; each folder is written as soon as its runs are done, so that a later error loses none."""
    from model.workflows.comparison import Comparison

    # Each scenario once, though it may be in several folders as the baseline is.
    scenarios = list(dict.fromkeys(scenario for plan in plans for scenario in plan.resolved))
    for note in notes_on(scenarios):
        progress.note(note)
    progress.expect(len(scenarios) + len(plans) * (2 if options.figures else 1))
    runs: dict[ResolvedScenario, Run] = {}
    comparisons: dict[int, Comparison] = {}
    with (
        chunk_store(scenarios, plans, options, progress) as store,
        closing(computed_runs(scenarios, store, options, progress)) as completed,
    ):
        for index, run in completed:
            runs[scenarios[index]] = run
            for number, plan in enumerate(plans):
                if number not in comparisons and all(scenario in runs for scenario in plan.resolved):
                    compared = tuple(runs[scenario] for scenario in plan.resolved)
                    comparison = Comparison(plan.resolved, plan.folder, compared)
                    _write(comparison, store, options, progress)
                    comparison.release()
                    comparisons[number] = comparison
    return [comparisons[number] for number in range(len(plans))]


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
    jobs = scenario_jobs(scenarios, checked=options.checked, processes=options.processes)
    folders = [plan.folder for plan in plans if plan.folder is not None]
    if not folders or options.output is None:
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
) -> Iterator[tuple[int, Run]]:
    """Compute what the store lacks. To be closed where it is left before its end.

    Yields:
        The index of each scenario with its run, as soon as it is complete.
    """
    from model.simulation.simulate import simulate_all

    title = f"{len(scenarios)} scenarios" if len(scenarios) > 1 else scenarios[0].name
    progress.begin(f"running {title}", len(scenarios))
    completed = simulate_all(
        scenarios, store, processes=options.processes, scheduler=options.scheduler, progress=progress.advance
    )
    with closing(completed):
        yield from completed
    progress.finish()


def working_place(store: ChunkStore) -> Path | None:
    """Return the folder of a store that has one: on the same disk as the results, which are prepared in it."""
    from model.simulation.store import FolderStore

    return store.folder if isinstance(store, FolderStore) else None


def _write(comparison: Comparison, store: ChunkStore, options: RunOptions, progress: Progress) -> None:
    """Write the folder of a comparison, prepared in the folder of its chunks, if it has one."""
    from model.workflows.run_outputs import write_comparison

    if comparison.folder is None:
        return
    with whole_folder(comparison.folder, working_place(store)) as folder:
        write_comparison(folder, comparison, figures=options.figures, progress=progress)
