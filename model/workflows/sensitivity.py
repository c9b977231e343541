"""Sensitivity: what results depend on, and which uncertainty could change a choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from model.registry.errors import Exit, UserError
from model.workflows.analysis_task import note_runs, processes_for, resolved_files, sources_with, write_results
from model.workflows.progress import SILENT, Progress
from model.workflows.run_options import AnalysisKeywords, RunOptions
from model.workflows.task_result import TaskResult

if TYPE_CHECKING:
    from model.analysis.sensitivity.objectives import Objective
    from model.analysis.sensitivity.sensitivity_study import SensitivityPlan, SensitivityResults
    from model.scenarios.resolved import ResolvedScenario
    from model.workflows.plan import ScenarioContent, ScenarioSource

OBJECTIVE = "net_benefit"
"""Objective of a decision where none is named."""
MEMBERS, TOP, TRAJECTORIES, SAMPLES = 500, 8, 8, 64


def sensitivity(
    scenario: ScenarioSource,
    *,
    of: Sequence[str] = (),
    against: ScenarioSource | None = None,
    leverage: bool = False,
    tornado: bool = False,
    screen: bool = False,
    sobol: Sequence[str] = (),
    decision: Sequence[ScenarioSource] = (),
    objective: Sequence[str] = (),
    top: int = TOP,
    trajectories: int = TRAJECTORIES,
    samples: int = SAMPLES,
    members: int | None = None,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[AnalysisKeywords],
) -> TaskResult[SensitivityResults]:
    """Find what results of a scenario depend on: which inputs matter, how, and when.

    Without a method, all are used: leverage, tornado, screening, and Sobol indices of the inputs that matter most.

    Args:
        scenario: name or file of a scenario, or a loaded one.
        of: results in question; where left out, the headlines that sensitivity studies show.
        against: scenario to compare with; the results are then differences from it.
        leverage: compute the elasticity of every headline to every parameter.
        tornado: set each input to the ends of its 80% interval, one at a time.
        screen: screen all uncertain inputs (Morris).
        sobol: inputs to give Sobol indices, or ``top`` for those that matter most.
        decision: packages to choose from, beside the scenario; gives the worth of information to the choice.
        objective: what the choice is made by; net benefit where left out.
        top: inputs that ``top`` stands for.
        trajectories: trajectories of the screening.
        samples: base samples of the Sobol design.
        members: ensemble size of the decision; 500 where left out.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: seed, end, years, settings, output, processes, scheduler and figures; see ``RunOptions``.

    Returns:
        The study, with tables of every method used.

    Raises:
        UserError: an error in a name, a scenario or an option.

    Example:
        >>> study = sensitivity("home_first", of=["nctr_before"], tornado=True, years=2)
        >>> study.tables()["tornado"]
    """
    from model.analysis.sensitivity.evaluation import Question
    from model.analysis.sensitivity.inputs import uncertain_inputs
    from model.analysis.sensitivity.sensitivity_study import TOP as STRONGEST
    from model.analysis.sensitivity.sensitivity_study import SensitivityPlan, check_sensitivity, run_sensitivity
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.reporting.figures.sensitivity_plot_data import figures_of
    from model.reporting.tables.sensitivity import write_tables
    from model.results.headlines import Place, headlines_shown, measures
    from model.sectors.model_registry import registry
    from model.workflows.plan import resolve_all, result_folder

    compared = [scenario] if against is None else [scenario, against]
    sources, run = sources_with([*compared, *decision], RunOptions(members=members, **options), MEMBERS)
    results = measures(of, registry()) or headlines_shown(Place.SENSITIVITY)
    resolved = resolve_all(sources[: len(compared)], run.changes() | {"members": 1})
    if not (leverage or tornado or screen or sobol or decision):
        leverage = tornado = screen = True
        sobol = (STRONGEST,)
    choice, objectives = _decision(sources[0], sources[len(compared) :], objective, run)
    wanted = SensitivityPlan(
        leverage=leverage,
        tornado=tornado,
        screen=screen,
        sobol=tuple(sobol),
        top=top,
        trajectories=trajectories,
        samples=samples,
        options=choice,
        objectives=objectives,
    )
    target = result_folder(run, name or "_".join(["sensitivity", *(known.name for known in resolved)]))
    pool = WorkerPool(progress.advance)
    question = Question(resolved[0], None if against is None else resolved[1], results, pool)
    inputs = uncertain_inputs(question.scenarios, registry())
    check_sensitivity(question, wanted, inputs)
    runs = expected_runs(question.scenarios, wanted, len(inputs))
    note_runs(progress, [*resolved, *choice], f"About {runs:,} runs of the model.")
    progress.expect(max(wanted.stages, 1))
    with pool.open(processes_for(run.processes, runs), run.scheduler):
        findings = run_sensitivity(question, wanted, registry(), progress.begin, progress.finish)
    return write_results(
        findings,
        target,
        title="what results depend on",
        remarks=f"{findings.runs:,} runs of the model. See docs/sensitivity.md for the methods and how to read them.",
        scenarios=resolved_files([*resolved, *choice]),
        write_tables=lambda folder: write_tables(findings, folder),
        draw_figures=(lambda folder: list(figures_of(findings, folder))) if run.figures else None,
    )


def _decision(
    scenario: ScenarioContent, packages: Sequence[ScenarioContent], objectives: Sequence[str], run: RunOptions
) -> tuple[tuple[ResolvedScenario, ...], tuple[Objective, ...]]:
    """Resolve the options of a decision and read its objectives; both are empty where there is none.

    Raises:
        UserError: objectives without a decision, or an error in any of them.
    """
    from model.analysis.sensitivity.objectives import find_objective
    from model.sectors.model_registry import registry
    from model.workflows.plan import resolve_all

    if not packages:
        if objectives:
            raise UserError("an objective belongs to a --decision.", key="--objective", code=Exit.USAGE)
        return (), ()
    choice = resolve_all([scenario, *(package for package in packages if package != scenario)], run.changes())
    names = dict.fromkeys(objectives or (OBJECTIVE,))
    return tuple(choice), tuple(find_objective(text, registry()) for text in names)


def expected_runs(scenarios: tuple[ResolvedScenario, ...], wanted: SensitivityPlan, inputs: int) -> int:
    """Return the runs of the model that a study takes.

    Args:
        scenarios: the scenario, and what it is compared with.
        wanted: methods of the study.
        inputs: number of uncertain inputs.
    """
    from model.analysis.sensitivity.methods import leverage_inputs
    from model.analysis.sensitivity.sensitivity_study import TOP as STRONGEST
    from model.sectors.model_registry import registry

    runs = 0
    if wanted.leverage:
        runs += 1 + 2 * len(leverage_inputs(scenarios, registry()))
    if wanted.tornado or wanted.ranks:
        runs += 1 + 2 * inputs
    if wanted.screen:
        runs += wanted.trajectories * (inputs + 1)
    if wanted.sobol:
        # The named inputs, the rest as one, and two base matrices.
        named = sum(name != STRONGEST for name in wanted.sobol) + (wanted.top if STRONGEST in wanted.sobol else 0)
        runs += wanted.samples * (named + 3)
    return runs * len(scenarios) + sum(option.members for option in wanted.options)
