"""Goal seeking: what it would take to meet a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from model.registry.errors import Exit, UserError
from model.workflows.analysis_task import processes_for, write_results
from model.workflows.progress import SILENT, Progress
from model.workflows.run_options import AnalysisKeywords, RunOptions
from model.workflows.task_result import Files, TaskResult

if TYPE_CHECKING:
    from model.analysis.portfolio.candidates import Candidates
    from model.analysis.portfolio.goal_seek import GoalSeekResult
    from model.analysis.portfolio.lever_mix import LeverMix

MEMBERS, MOST_SCALE, PROBABILITY = 20, 2.0, 0.8


@dataclass(frozen=True, eq=False)
class GoalSeekAnswer:
    """What it would take to meet a target.

    Attributes:
        search: the smallest scale of each lever alone, and of all together.
        mixes: the cheapest mix of levers for each start; none where not asked for.
    """

    search: GoalSeekResult
    mixes: Sequence[LeverMix]

    def sentences(self) -> list[str]:
        """Return the mixes in words."""
        from model.analysis.portfolio.lever_mix import mix_sentence

        units = [resource.unit for resource in self.search.candidates.problem.resources]
        return [mix_sentence(mix, units) for mix in self.mixes]


def target(
    text: str,
    *levers: str,
    probability: float = PROBABILITY,
    starts: Sequence[float] = (),
    most_scale: float = MOST_SCALE,
    budget: str | None = None,
    posts: Sequence[str] = (),
    mix: bool = False,
    baseline: str = "baseline",
    members: int = MEMBERS,
    name: str | None = None,
    progress: Progress = SILENT,
    **options: Unpack[AnalysisKeywords],
) -> TaskResult[GoalSeekAnswer]:
    """Find the smallest scale of levers that meets a target, by each lever alone and by all of them together.

    Where the target cannot be met, the answer names the limits that bind.

    Args:
        text: the target, ``RESULT <= NUMBER by YYYY-MM``.
        levers: interventions, and parameters with the relative change that scale 1 stands for, such as
            ``discharge.process_days=-50%``.
        probability: share of members in which the target must be met.
        starts: years after the decision at which levers may start; as their files have it where left out.
        most_scale: largest scale of a lever.
        budget: most that levers may cost in any year, such as ``£20m/year``; no limit where left out.
        posts: most new posts in any year: ``200``, ``acute=80`` or ``acute.nursing=40``.
        mix: also seek the cheapest mix of two to four levers, each at a scale of its own.
        baseline: what levers are added to.
        members: ensemble size.
        name: name of the folder of results.
        progress: receives stages and remarks.
        options: seed, end, years, settings, output, processes, scheduler and figures; see ``RunOptions``.

    Raises:
        UserError: a target outside the run, or an error in a lever or an option.

    Example:
        >>> answer = target("nctr_before <= 200 by 2026-03", "home_first", members=4)
        >>> answer.tables()["needs"]
    """
    from model.analysis.portfolio.goal_seek import lever_cases, seek_goal
    from model.analysis.portfolio.lever_mix import LEVELS, cheapest_mix, most_runs_of_mix
    from model.analysis.portfolio.scale_search import POINTS, ROUNDS
    from model.analysis.robustness.stated_targets import read_target
    from model.analysis.sensitivity.evaluation import run_calendar
    from model.analysis.sensitivity.worker_pool import WorkerPool
    from model.reporting.tables.goal_seek import draw_figure, write_mixes, write_tables
    from model.sectors.model_registry import registry
    from model.workflows.plan import result_folder

    run = RunOptions(members=members, baseline=baseline, **options)
    goal = read_target(text, registry())
    folder = result_folder(run, name or f"target_{goal.measure.name}")
    candidates = _candidates(levers, run, starts=starts, most_scale=most_scale, budget=budget, posts=posts)
    scenario = candidates.option_sets[0].scenario
    goal.check(run_calendar(scenario))
    cases = lever_cases(candidates.problem, max(len(set(starts)), 1), most_scale)
    count = len(set(levers))
    if mix and not 1 < count <= max(LEVELS):
        raise UserError(f"a mix is sought of two to {max(LEVELS)} levers.", key="--mix", code=Exit.USAGE)
    together = [case for case in cases if len(case.levers) == count] if mix else []
    runs = len(cases) * members * (POINTS + (ROUNDS - 1) * (POINTS - 2) + 1)
    runs += len(together) * most_runs_of_mix(count, members)
    progress.note(f"At most {runs:,} runs of the model.")
    progress.expect(1 + len(together))
    pool = WorkerPool(progress.advance)
    with pool.open(processes_for(run.processes, runs), run.scheduler):
        progress.begin("scales of the levers")
        search = seek_goal(candidates, goal, cases, probability, members, pool)
        progress.finish()
        mixes = []
        for case in together:
            progress.begin("mixes of the levers")
            mixes.append(cheapest_mix(candidates, goal, case, probability, members, pool))
            progress.finish()

    def tables(path: Path) -> Files:
        return [*write_tables(search, path), *write_mixes(search, mixes, path)]

    meaning = "Every setting and value, with all levers at all their starts."
    return write_results(
        GoalSeekAnswer(search, mixes),
        folder,
        title="what it would take to meet a target",
        remarks=(
            f"Target: {goal.text}, with a probability of {probability:.0%}; {search.members} members. See "
            "docs/portfolio.md for the method."
        ),
        scenarios={"levers.resolved.yaml": (scenario, meaning)},
        write_tables=tables,
        draw_figures=(lambda path: draw_figure(search, path)) if run.figures else None,
    )


def _candidates(
    levers: Sequence[str],
    run: RunOptions,
    *,
    starts: Sequence[float],
    most_scale: float,
    budget: str | None,
    posts: Sequence[str],
) -> Candidates:
    """Read interventions and parameters as candidates.

    Raises:
        UserError: all errors of all levers.
    """
    from math import inf

    from model.analysis.portfolio.candidates import (
        PortfolioLimits,
        read_budget,
        read_names,
        read_posts,
        resolve_candidates,
    )
    from model.analysis.portfolio.goal_seek import ParameterLever, read_lever, with_parameters
    from model.analysis.robustness.experiment import NO_FUTURE
    from model.registry.error_collector import ErrorCollector
    from model.scenarios.library import Library
    from model.sectors.model_registry import registry

    errors, names, parameters = ErrorCollector(), list[str](), list[ParameterLever]()
    for text in dict.fromkeys(levers):
        with errors.caught():
            lever = read_lever(text, registry())
            if lever is None:
                names.append(text)
            else:
                parameters.append(lever)
    if names:
        with errors.caught():
            read_names(names, (), (), Library())
    errors.raise_all()
    limits = PortfolioLimits(
        budget=read_budget(budget) if budget else inf, at_most=len(levers), posts=read_posts(posts)
    )
    changes = run.changes()
    dates = tuple(dict.fromkeys(starts))
    candidates = resolve_candidates(
        run.baseline,
        (tuple(names), ()),
        starts=dates,
        scales=(1.0,),
        limits=limits,
        futures=(changes.pop("future", NO_FUTURE),),
        registry=registry(),
        changes=changes,
    )
    return with_parameters(candidates, parameters, dates, most_scale, registry())
