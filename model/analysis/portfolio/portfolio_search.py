"""A portfolio: the best choice within the limits, from all choices or from those of integer programming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.analysis.attribution.variants import evaluate_variants
from model.analysis.portfolio.candidates import Candidates
from model.analysis.portfolio.problem import PortfolioProblem
from model.analysis.portfolio.selection import BUDGET_CUT, Selection, SelectionCriterion
from model.analysis.portfolio.surrogate import IntegerProgramme, Surrogate, surrogate_choices
from model.analysis.robustness.experiment import ExperimentReader, payoffs_and_targets
from model.analysis.robustness.stated_targets import StatedTarget
from model.analysis.sensitivity.evaluation import run_calendar, years_of
from model.analysis.sensitivity.objectives import Objective
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.registry.catalogue import Registry
from model.registry.errors import Exit, UserError
from model.results.number_format import format_millions

MOST_CHOICES = 300_000
"""Choices up to which all are checked against the limits."""
SHORTLIST = 16
"""Best choices by the sum of effects that are run."""
WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8)
"""Weights of the first objective in mixtures with each other one, whose best choices are run for the frontier."""
BUDGETS = (0.25, 0.5, 0.75, 0.9)
"""Shares of the budget for each of which the best choice by the sum is run."""


@dataclass(frozen=True)
class PortfolioPlan:
    """Which choices are run.

    Attributes:
        exact: whether every choice within the limits is run.
        chosen: choices that are run first: all, or those of the sum of effects; shape ``(choices, options)``.
        members: members of each.
        runs: runs of the model that it takes, at most.
    """

    exact: bool
    chosen: np.ndarray
    members: int
    runs: int


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Choices that were run, and the best of them.

    Attributes:
        candidates: what could be chosen.
        objectives: what is to be as large as possible, the first decides.
        limits: what results have to meet.
        plan: how it was found.
        selection: choices that were run and what they gain.
        met: share of members and futures in which each choice meets each limit, shape ``(limits, choices)``.
        probability: share asked for.
        predicted: gains of the choices by the sum of effects, shape ``(choices,)``; None where all were run.
    """

    candidates: Candidates
    objectives: tuple[Objective, ...]
    limits: tuple[StatedTarget, ...]
    plan: PortfolioPlan
    selection: Selection
    met: np.ndarray
    probability: float
    predicted: np.ndarray | None = None

    def message(self) -> str:
        """Return what to say first: no choice is possible, none meets the limits, or nothing (empty)."""
        selection, problem = self.selection, self.candidates.problem
        if not selection.allowed.any():
            nearest = int(np.argmax(self.met.min(axis=0)))
            none = "No choice" if self.plan.exact else "None of the choices that were run"
            return (
                f"{none} meets the limits on results with a probability of {self.probability:.0%}; the nearest "
                f"meets them with {self.met[:, nearest].min():.0%}."
            )
        if len(selection.chosen) == 1:
            alone = np.eye(len(problem.options), dtype=bool)
            cheapest = int(np.argmin(problem.peaks(alone)[:, 0]))
            cost = problem.peaks(alone)[cheapest, 0]
            return (
                "Nothing can be chosen within the limits: do nothing. The cheapest option is "
                f"{problem.options[cheapest].label}, £{format_millions(cost, 2)}m in its dearest year."
            )
        if not selection.chosen[selection.best()].any():
            return "No choice within the limits gains anything by this objective: do nothing."
        return ""


def plan_portfolio(candidates: Candidates, members: int, most_runs: int, objectives: int = 1) -> PortfolioPlan:
    """Decide whether all choices within the limits can be run, or which are run instead.

    Args:
        candidates: candidates.
        members: members of each choice in each future.
        most_runs: runs of the model that may be spent.
        objectives: how many there are.

    Raises:
        UserError: too many candidates for either.
    """
    problem, futures = candidates.problem, len(candidates.futures)
    if problem.choices <= MOST_CHOICES:
        chosen = problem.enumerate_feasible()
        if len(chosen) * futures * members <= most_runs:
            return PortfolioPlan(True, chosen, members, len(chosen) * futures * members)
    chosen = surrogate_choices(problem)
    further = SHORTLIST + len(BUDGETS) + 1 + len(WEIGHTS) * (objectives - 1) + len(problem.groups)
    runs = (len(chosen) + further) * futures * members
    if runs > most_runs:
        fit = most_runs // ((len(chosen) + further) * futures)
        advice = f"{fit} members would fit" if fit >= 2 else "name fewer candidates, starts, scales or futures"
        raise UserError(
            f"{len(chosen):,} choices with {members} members in {futures} futures take {runs:,} runs, more than "
            f"--most-runs {most_runs:,}; {advice}, or allow more runs.",
            key="--most-runs",
            code=Exit.USAGE,
        )
    return PortfolioPlan(False, chosen, members, runs)


def find_portfolio(
    candidates: Candidates,
    objectives: Sequence[Objective],
    limits: Sequence[StatedTarget],
    plan: PortfolioPlan,
    registry: Registry,
    *,
    criterion: SelectionCriterion = SelectionCriterion.EXPECTED,
    probability: float = 0.8,
    pool: WorkerPool | None = None,
) -> Portfolio:
    """Run choices and select the best.

    Args:
        candidates: candidates.
        objectives: what is to be as large as possible; the first decides.
        limits: what results have to meet.
        plan: which choices are run.
        registry: all declarations.
        criterion: what the best choice is chosen by.
        probability: share of members and futures in which limits have to be met.
        pool: worker processes; this process alone where None.

    Raises:
        UserError: a limit outside the run.
    """
    scenario = candidates.option_sets[0].scenario
    for limit in limits:
        limit.check(run_calendar(scenario))
    years = years_of(scenario)
    reader = ExperimentReader(tuple(objectives), tuple(limits), years)
    weights = [objective.weights(years, registry) for objective in objectives]

    def run(chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return payoffs and limited results, ``(objectives or limits, choices, futures, members)``."""
        scales = candidates.scales(chosen)
        values = np.stack(
            [
                evaluate_variants(option_set, scales, reader, plan.members, pool)
                for option_set in candidates.option_sets
            ],
            axis=1,
        )
        return payoffs_and_targets(values, weights)

    if plan.exact:
        chosen, predicted = plan.chosen, None
        payoffs, values = run(chosen)
    else:
        chosen, payoffs, values, predicted = _run_shortlisted(candidates.problem, plan.chosen, criterion, run)
    met = np.array(
        [limit.met(limit_values).mean(axis=(1, 2)) for limit, limit_values in zip(limits, values, strict=True)]
    )
    met = met.reshape(len(limits), len(chosen))
    selection = Selection(
        candidates.problem, chosen, payoffs - payoffs[:, :1], np.all(met >= probability, axis=0), criterion
    )
    return Portfolio(candidates, tuple(objectives), tuple(limits), plan, selection, met, probability, predicted)


def _run_shortlisted(
    problem: PortfolioProblem,
    first: np.ndarray,
    criterion: SelectionCriterion,
    run: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Run single options and pairs, then the choices that their sums put first.

    Args:
        problem: options and limits.
        first: the choices of ``surrogate_choices``.
        criterion: what the best choice is chosen by.
        run: gives payoffs and limited results of choices.

    Returns:
        Choices that keep within the limits, their payoffs and limited results, and their gains by the sum.
    """
    payoffs, values = run(first)
    surrogate, *others = [Surrogate.of(problem, values_of) for values_of in payoffs]
    further = shortlist(surrogate, others, criterion)
    run_already = {row.tobytes() for row in first}
    new = list({row.tobytes(): row for row in further if row.tobytes() not in run_already}.values())
    chosen = first
    if new:
        more_payoffs, more_values = run(np.array(new))
        chosen = np.concatenate([first, new])
        payoffs = np.concatenate([payoffs, more_payoffs], axis=1)
        values = np.concatenate([values, more_values], axis=1)
    started = chosen[:, [not option.stops for option in problem.options]].sum(axis=1)
    feasible = problem.feasible(chosen) & (started <= problem.at_most)
    chosen = chosen[feasible]
    return chosen, payoffs[:, feasible], values[:, feasible], surrogate.gains(chosen).mean(axis=(1, 2))


def shortlist(surrogate: Surrogate, others: Sequence[Surrogate], criterion: SelectionCriterion) -> list[np.ndarray]:
    """Return choices to run: best by the sum, for smaller budgets, for other objectives, with and without each option.

    Args:
        surrogate: the objective that decides.
        others: further objectives, for the frontier.
        criterion: what the best choice is chosen by.
    """
    problem: PortfolioProblem = surrogate.problem
    choices = list(IntegerProgramme(surrogate, criterion).solutions(SHORTLIST))
    for other in others:
        for weight in WEIGHTS:
            choices += IntegerProgramme(surrogate.mixed(other, weight), SelectionCriterion.EXPECTED).solutions(1)
    limit = problem.resources[0].limit
    for share in (*BUDGETS, *((1.0 - BUDGET_CUT / limit,) if limit > BUDGET_CUT else ())):
        choices += IntegerProgramme(surrogate, criterion, budget=share).solutions(1)
    best = choices[0]
    for group in problem.groups:
        if best[list(group)].any():
            choices += IntegerProgramme(surrogate, criterion, without=group).solutions(1)
        else:
            choices += IntegerProgramme(surrogate, criterion, one_of=(group,)).solutions(1)
    return choices
