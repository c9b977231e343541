"""Portfolio: which handful of interventions, in which order, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from model.workflows.analysis_task import processes_for, refuse_future, write_results
from model.workflows.progress import SILENT, Progress
from model.workflows.run_options import AnalysisKeywords, RunOptions
from model.workflows.task_result import TaskResult

if TYPE_CHECKING:
    from model.analysis.portfolio.candidates import Candidates
    from model.analysis.portfolio.portfolio_search import Portfolio

ALL = "all"
OBJECTIVE = "net_benefit"
"""Objective where none is named."""
CRITERIA = ("expected", "cvar", "regret")
MEMBERS, AT_MOST, MOST_RUNS, PROBABILITY = 10, 5, 20_000, 0.8


def portfolio(
    *interventions: str,
    budget: str,
    packages: Sequence[str] = (),
    at_most: int = AT_MOST,
    stops: Sequence[str] = (),
    starts: Sequence[float] = (),
    scales: Sequence[float] = (),
    posts: Sequence[str] = (),
    objectives: Sequence[str] = (),
    limits: Sequence[str] = (),
    probability: float = PROBABILITY,
    choose_by: str = CRITERIA[0],
    futures: Sequence[str] = (),
    baseline: str = "baseline",
    most_runs: int = MOST_RUNS,
    members: int = MEMBERS,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[AnalysisKeywords],
) -> TaskResult[Portfolio]:
    """Choose among interventions: which to start, when, how large, and what to stop.

    Every choice within the limits is run where that is possible. Otherwise integer programming on the effects of
    interventions and their pairs finds the choices to run.

    Args:
        interventions: names to choose from; the whole library where neither these nor packages are named.
        budget: most that may be spent in any year, such as ``£20m/year``.
        packages: packages whose interventions may be chosen.
        at_most: most interventions.
        stops: interventions that stop something, or ``all`` disinvestments.
        starts: years after the decision at which interventions may start; as their files have it where left out.
        scales: scales that may be chosen; 1 where left out.
        posts: most new posts in any year: ``200``, ``acute=80`` or ``acute.nursing=40``.
        objectives: what is to be as large as possible; the first decides, more make a frontier. Net benefit where left
            out.
        limits: what results must meet, such as ``occupancy <= 95 by 2030-03``.
        probability: share of members and futures in which limits must be met.
        choose_by: ``expected`` gain, ``cvar`` (mean of the worst fifth) or ``regret`` (smallest worst regret).
        futures: futures by name, or ``all``; as projected where left out.
        baseline: what interventions are added to.
        most_runs: most runs of the model.
        members: ensemble size of each choice in each future.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: seed, end, years, settings, output, processes, scheduler and figures; see ``RunOptions``.

    Raises:
        UserError: too many candidates for the runs allowed, or an error in a name or an option.

    Example:
        >>> choice = portfolio("home_first", "retention_programme", budget="£6m/year", at_most=2, members=4, years=2)
        >>> choice.tables()["choices"]
    """
    from model.analysis.portfolio.portfolio_search import find_portfolio, plan_portfolio
    from model.analysis.portfolio.selection import SelectionCriterion
    from model.analysis.robustness.stated_targets import read_targets
    from model.analysis.sensitivity.evaluation import run_calendar
    from model.analysis.sensitivity.objectives import find_objective
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.reporting.tables.portfolio import draw_figures, remark, write_tables
    from model.sectors.model_registry import registry
    from model.workflows.plan import result_folder

    run = RunOptions(members=members, baseline=baseline, **options)
    wanted = [find_objective(text, registry()) for text in dict.fromkeys(objectives or (OBJECTIVE,))]
    conditions = read_targets(limits, registry())
    target = result_folder(run, name or "portfolio")
    candidates = read_candidates(
        interventions,
        run,
        packages=packages,
        stops=stops,
        budget=budget,
        at_most=at_most,
        starts=starts,
        scales=scales,
        posts=posts,
        futures=futures,
    )
    scenario = candidates.option_sets[0].scenario
    for condition in conditions:
        condition.check(run_calendar(scenario))
    plan = plan_portfolio(candidates, members, most_runs, len(wanted))
    method = "every choice within the limits" if plan.exact else "effects of options and pairs, then the best choices"
    progress.note(f"At most {plan.runs:,} runs of the model: {method}.")
    progress.expect(1)
    progress.begin("choices")
    pool = WorkerPool(progress.advance)
    with pool.open(processes_for(run.processes, plan.runs), run.scheduler):
        chosen = find_portfolio(
            candidates,
            wanted,
            conditions,
            plan,
            registry(),
            criterion=SelectionCriterion(choose_by),
            probability=probability,
            pool=pool,
        )
    progress.finish()
    remarks = f"{chosen.message()} {remark(chosen)} See docs/portfolio.md for the method.".strip()
    meaning = "Every setting and value, with all candidates at all their starts side by side."
    return write_results(
        chosen,
        target,
        title="a choice of interventions",
        remarks=remarks,
        scenarios={"candidates.resolved.yaml": (scenario, meaning)},
        write_tables=lambda folder: write_tables(chosen, folder),
        draw_figures=(lambda folder: draw_figures(chosen, folder)) if run.figures else None,
    )


def read_candidates(
    interventions: Sequence[str],
    run: RunOptions,
    *,
    budget: str,
    packages: Sequence[str] = (),
    stops: Sequence[str] = (),
    at_most: int = AT_MOST,
    starts: Sequence[float] = (),
    scales: Sequence[float] = (),
    posts: Sequence[str] = (),
    futures: Sequence[str] = (),
) -> Candidates:
    """Read what may be chosen, within which limits; see ``portfolio`` for the arguments.

    Raises:
        UserError: an error in a name, a limit or a scenario.
    """
    from model.analysis.portfolio.candidates import (
        PortfolioLimits,
        read_budget,
        read_names,
        read_posts,
        resolve_candidates,
    )
    from model.analysis.robustness.experiment import NO_FUTURE
    from model.scenarios.library import Library
    from model.sectors.model_registry import registry

    refuse_future(run.settings)
    library = Library()
    return resolve_candidates(
        run.baseline,
        read_names(interventions, packages, stops, library),
        starts=starts,
        scales=scales or (1.0,),
        limits=PortfolioLimits(budget=read_budget(budget), at_most=at_most, posts=read_posts(posts)),
        futures=[NO_FUTURE, *library.names("future")]
        if ALL in futures
        else list(dict.fromkeys(futures)) or [NO_FUTURE],
        registry=registry(),
        changes=run.changes(),
    )
