"""Run scenarios and compare them with the baseline: plan, run in chunks that can be resumed, write the results."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Unpack

from model.workflows.assess import read_rules
from model.workflows.comparison import Comparison
from model.workflows.execution import chunk_store, computed_runs, folder_of_store
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
from model.workflows.results_folder import whole_folder
from model.workflows.run_options import RunKeywords, RunOptions

if TYPE_CHECKING:
    from model.engine.stepper import Engine
    from model.results.run import Run
    from model.scenarios.resolved import ResolvedScenario
    from model.simulation.store import ChunkStore


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
    return _carry_out(plan_runs(sources, chosen, _results_for_costing(chosen)), chosen, progress)


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
    plan = plan_comparison(sources, name, chosen, _results_for_costing(chosen))
    return _carry_out([plan], chosen, progress)[0]


def _results_for_costing(options: RunOptions) -> tuple[str, ...]:
    """Results that costing reads, which runs in memory keep so that they can be costed."""
    return read_rules().names_to_keep if options.output is None else ()


def simulate(
    scenario: ScenarioSource,
    *,
    processes: int | None = None,
    checked: bool = False,
    engine: Engine = "compiled",
    progress: Progress = SILENT,
) -> Run:
    """Run one scenario with all its members, in memory and without a baseline.

    Args:
        scenario: name, file, content of a file, or loaded scenario.
        processes: most processes to use.
        checked: whether conservation is audited at every step.
        engine: whether equations are compiled or run as they stand, in numpy.
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
    run = run_members(resolved, checked=checked, engine=engine, processes=processes, progress=progress.advance)
    progress.finish()
    return run


def _carry_out(plans: Sequence[RunPlan], options: RunOptions, progress: Progress) -> list[Comparison]:
    """Run what is planned; each folder is written as soon as its runs are done, so that a later error loses none."""
    # Each scenario once, though it may be in several folders as the baseline is.
    scenarios = list(dict.fromkeys(scenario for plan in plans for scenario in plan.resolved))
    for note in notes_on(scenarios):
        progress.note(note)
    progress.expect(len(scenarios) + len(plans) * (2 if options.figures else 1))
    runs: dict[ResolvedScenario, Run] = {}
    comparisons: dict[RunPlan, Comparison] = {}
    with (
        chunk_store(scenarios, plans, options, progress) as store,
        closing(computed_runs(scenarios, store, options, progress)) as completed,
    ):
        for index, run in completed:
            runs[scenarios[index]] = run
            for plan in plans:
                if plan not in comparisons and all(scenario in runs for scenario in plan.resolved):
                    compared = tuple(runs[scenario] for scenario in plan.resolved)
                    comparison = Comparison(plan.resolved, plan.folder, compared)
                    _write(comparison, store, options, progress)
                    comparison.release()
                    comparisons[plan] = comparison
    return [comparisons[plan] for plan in plans]


def _write(comparison: Comparison, store: ChunkStore, options: RunOptions, progress: Progress) -> None:
    """Write the folder of a comparison, prepared in the folder of its chunks, if it has one."""
    from model.workflows.run_outputs import write_comparison

    if comparison.folder is None:
        return
    with whole_folder(comparison.folder, folder_of_store(store)) as folder:
        write_comparison(folder, comparison, figures=options.figures, progress=progress)
