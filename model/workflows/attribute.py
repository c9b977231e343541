"""Attribution: what each intervention of a package contributes to its effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from model.registry.errors import UserError
from model.workflows.analysis_task import processes_for, resolved_files, sources_with, write_results
from model.workflows.progress import SILENT, Progress
from model.workflows.run_options import AnalysisKeywords, RunOptions
from model.workflows.task_result import TaskResult

if TYPE_CHECKING:
    from model.analysis.attribution.contributions import Attribution
    from model.results.headlines import Measure
    from model.workflows.plan import ScenarioSource

MEMBERS = 8
"""Members where none are asked for: all subsets of ten interventions then fit into the runs allowed."""
MOST_RUNS = 10_000


def attribute(
    package: ScenarioSource,
    *,
    of: Sequence[str] = (),
    central: bool = False,
    orders: int | None = None,
    most_runs: int = MOST_RUNS,
    members: int | None = None,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[AnalysisKeywords],
) -> TaskResult[Attribution]:
    """Attribute the effect of a package (or scenario) to its interventions.

    Gives Shapley values of every headline at every horizon, which add up to the effect of the package; interactions of
    pairs; and where interventions save the same bed days or need the same staff. The package is compared with the same
    scenario without any of its interventions.

    Args:
        package: name or file of a package or scenario, or a loaded one.
        of: results to draw and print, beside the headlines; where left out, those shown in attributions.
        central: run central values only: no intervals, and far fewer runs.
        orders: pairs of opposite orders to sample for each member; where left out, all subsets are run if they are not
            too many.
        most_runs: runs up to which all subsets of 12 interventions or fewer are run; otherwise orders are sampled.
        members: ensemble size; 8 where left out.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: seed, end, years, settings, output, processes, scheduler and figures; see ``RunOptions``.

    Raises:
        UserError: no intervention, no horizon within the run, or an error in a name, a scenario or an option.

    Example:
        >>> shares = attribute("home_first", members=4, years=2)
        >>> shares.tables()["attribution"]
    """
    from model.analysis.attribution.contributions import attribute as find_contributions
    from model.analysis.attribution.contributions import plan_attribution
    from model.analysis.sensitivity.evaluation import run_calendar
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.reporting.tables.attribution import draw_figures, write_tables
    from model.results.headlines import HEADLINES
    from model.workflows.plan import resolve_all, result_folder

    sources, run = sources_with([package], RunOptions(members=members, **options), MEMBERS)
    drawn = results_drawn(of)
    results = {measure.name: measure for measure in (*HEADLINES, *drawn)}
    (scenario,) = resolve_all(sources, run.changes() | ({"members": 1} if central else {}))
    try:
        plan = plan_attribution(len(scenario.programmes), scenario.members, most_runs, orders)
    except UserError as error:
        raise UserError(error.message, key=scenario.name) from error
    if not run_calendar(scenario).horizon_years:
        raise UserError("no horizon lies within the run; give a later --end or more --years.", key=scenario.name)
    target = result_folder(run, name or f"attribution_{scenario.name}")
    method = "all subsets" if plan.exact else f"{2 * plan.pairs} sampled orders for each member"
    progress.note(f"At most {plan.runs:,} runs of the model: {method}.")
    progress.expect(1)
    progress.begin("variants of the package")
    pool = WorkerPool(progress.advance)
    with pool.open(processes_for(run.processes, plan.runs), run.scheduler):
        attribution = find_contributions(scenario, tuple(results.values()), plan, pool)
    progress.finish()
    names = [measure.name for measure in drawn]
    return write_results(
        attribution,
        target,
        title="what each intervention contributes",
        remarks=f"{attribution.members} members. See docs/attribution.md for the method and how to read it.",
        scenarios=resolved_files([scenario]),
        write_tables=lambda folder: write_tables(attribution, folder),
        draw_figures=(lambda folder: draw_figures(attribution, names, folder)) if run.figures else None,
    )


def results_drawn(of: Sequence[str]) -> tuple[Measure, ...]:
    """Return the results to draw and print: those named, or the headlines that attributions show.

    Raises:
        UserError: a name that is no result.
    """
    from model.results.headlines import Place, headlines_shown, measures
    from model.sectors.model_registry import registry

    return measures(of, registry()) or headlines_shown(Place.ATTRIBUTION)
