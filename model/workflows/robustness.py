"""Robustness: packages in many futures, their regret, the targets they meet, and when they fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from model.registry.errors import Exit, UserError
from model.workflows.analysis_task import note_runs, processes_for, refuse_future, sources_with, write_results
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import folder_name
from model.workflows.run_options import AnalysisKeywords, RunOptions
from model.workflows.task_result import TaskResult

if TYPE_CHECKING:
    from model.analysis.robustness.experiment import Experiment, ExperimentGrid, Failure
    from model.workflows.plan import ScenarioContent, ScenarioSource

ALL = "all"
OBJECTIVE = "net_benefit"
"""Objective where none is named, besides the headlines that tests of robustness show."""
MEMBERS = 200


@dataclass(frozen=True, eq=False)
class RobustnessTest:
    """Packages in many futures, and the conditions under which they fail.

    Attributes:
        experiment: payoffs and values of targets of every package in every future.
        failures: conditions of failure.
    """

    experiment: Experiment
    failures: Sequence[Failure]


def robustness(
    *packages: ScenarioSource,
    futures: Sequence[str] = (),
    targets: Sequence[str] = (),
    objectives: Sequence[str] = (),
    baseline: str = "baseline",
    members: int | None = None,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[AnalysisKeywords],
) -> TaskResult[RobustnessTest]:
    """Run packages and the baseline in every future, with the same members.

    Gives the regret of each package, the best package of each future, the probability of meeting each target, and the
    conditions under which packages fail. The future ``none`` is the one without a file: as projected.

    Args:
        packages: names or files of packages, or loaded ones.
        futures: futures by name; all where left out, or with ``all``.
        targets: targets, each written ``RESULT <= NUMBER by YYYY-MM``.
        objectives: what packages are judged by; where left out, net benefit and the headlines that tests of robustness
            show.
        baseline: what packages are compared with.
        members: ensemble size in every future; 200 where left out.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: seed, end, years, settings, output, processes, scheduler and figures; see ``RunOptions``.

    Raises:
        UserError: an error in a name, a scenario or an option.

    Example:
        >>> test = robustness("home_first", "vcse_capacity", futures=["high_inflation"], members=20, years=3)
        >>> test.tables()["regret"]
    """
    from model.analysis.robustness.experiment import find_failures, run_experiment
    from model.analysis.robustness.stated_targets import read_targets
    from model.analysis.sensitivity.evaluation import run_calendar
    from model.analysis.sensitivity.objectives import find_objective
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.reporting.tables.robustness import draw_figures, write_tables
    from model.results.headlines import Place, headlines_shown
    from model.sectors.model_registry import registry
    from model.workflows.plan import result_folder

    sources, run = sources_with(packages, RunOptions(members=members, baseline=baseline, **options), MEMBERS)
    wanted = read_targets(targets, registry())
    names = objectives or (OBJECTIVE, *(headline.name for headline in headlines_shown(Place.ROBUSTNESS)))
    judged_by = [find_objective(text, registry()) for text in dict.fromkeys(names)]
    grid = _grid(sources, futures, run)
    for target in wanted:
        target.check(run_calendar(grid.flat[0]))
    folder = result_folder(run, name or "_".join(["robustness", *grid.packages[1:]]))
    runs = sum(scenario.members for scenario in grid.flat)
    note_runs(progress, grid.flat, f"About {runs:,} runs of the model.")
    progress.expect(2)
    progress.begin("packages in futures")
    pool = WorkerPool(progress.advance)
    with pool.open(processes_for(run.processes, runs), run.scheduler):
        tested = run_experiment(grid, judged_by, wanted, registry(), pool)
    progress.finish()
    progress.begin("conditions of failure")
    failed = find_failures(tested, registry(), grid.packages[0])
    progress.finish()
    return write_results(
        RobustnessTest(tested, failed),
        folder,
        title="packages in many futures",
        remarks=(
            f"Futures: {', '.join(grid.futures)}. {tested.members} members, the same in every package and future. "
            "See docs/sensitivity.md for the methods and how to read them."
        ),
        scenarios={
            f"scenario_{folder_name(scenario.name)}_{folder_name(future)}.resolved.yaml": (
                scenario,
                f"Every setting, value and dated change of '{scenario.name}' in the future '{future}'.",
            )
            for row in grid.scenarios
            for scenario, future in zip(row, grid.futures, strict=True)
        },
        write_tables=lambda folder: write_tables(tested, failed, folder),
        draw_figures=(lambda folder: draw_figures(tested, folder)) if run.figures else None,
    )


def _grid(packages: Sequence[ScenarioContent], futures: Sequence[str], run: RunOptions) -> ExperimentGrid:
    """Resolve every package in every future; the baseline is the first.

    Raises:
        UserError: an unknown package or future, two of one name, or a future that is set otherwise.
    """
    from model.analysis.robustness.experiment import NO_FUTURE, ExperimentGrid
    from model.scenarios.library import Library
    from model.workflows.plan import resolve_all

    refuse_future(run.settings)
    asked = list(dict.fromkeys(futures or (ALL,)))
    names_of_futures = [NO_FUTURE, *Library().names("future")] if ALL in asked else asked
    sources = [run.baseline, *(package for package in packages if package != run.baseline)]
    columns = [resolve_all(sources, run.changes() | {"future": future}) for future in names_of_futures]
    rows = tuple(zip(*columns, strict=True))
    names = [row[0].name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise UserError("two of the packages have this name; rename one.", key=name)
    if len(names) == 1:
        raise UserError("is the baseline itself; name a package.", key=run.baseline, code=Exit.USAGE)
    return ExperimentGrid(tuple(names), tuple(Path(future).stem for future in names_of_futures), rows)
