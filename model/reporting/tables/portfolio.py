"""Tables and figures of a portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.analysis.portfolio.portfolio_search import Portfolio
from model.analysis.portfolio.problem import choice_text
from model.analysis.portfolio.selection import SelectionCriterion
from model.reporting.figures.portfolio import Alternative, ObjectiveAxis, plot_alternatives, plot_budget, plot_frontier
from model.reporting.tables.table import Row, file_table, write_files
from model.results.comparison import INTERVAL, stated_of
from model.results.number_format import format_number

DRAWN = 12
"""Choices in the figure of the best."""


def write_tables(portfolio: Portfolio, folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    first = portfolio.objectives[0]
    common = {
        "prices": f"costs: 2022/23; gains: {first.prices or 'as their units say'}",
        **stated_of(portfolio.plan.members, len(portfolio.candidates.futures)),
    }
    tables = {
        "choices.csv": file_table(
            "Every choice that was run, the best first: score, gains over doing nothing by each objective (mean and "
            "80% interval over members and futures; larger is better), largest yearly use of budget and posts.",
            _choice_keys(portfolio),
            _choices(portfolio),
            common,
        )
    }
    if portfolio.selection.allowed.any():
        tables |= {
            "schedule.csv": file_table(
                "The best choice year by year: what each intervention uses, the sum, and the limit.",
                ("resource", "unit", "intervention", "start", "scale", *portfolio.candidates.problem.years),
                _schedule(portfolio),
                common,
            ),
            "budget.csv": file_table(
                "The best choice for every smaller budget, and what a pound a year more buys at each step.",
                ("budget_from", "unit", "interventions", "score", "score_per_pound_a_year"),
                _budget_steps(portfolio),
                common,
            ),
            "worth.csv": file_table(
                "What each intervention is worth: if chosen, what the best choice gains over the best without it; if "
                "not, what insisting on it would give up; and the choice that would take the place of the best.",
                ("intervention", "chosen", "difference_in_score", "unit", "instead"),
                _worth(portfolio),
                common,
            ),
        }
    return write_files(tables, folder)


def _choice_keys(portfolio: Portfolio) -> list[str]:
    gains = [
        f"{objective.name}_{statistic}"
        for objective in portfolio.objectives
        for statistic in ("mean", "low_80", "high_80")
    ]
    resources = [f"peak_{resource.name} ({resource.unit})" for resource in portfolio.candidates.problem.resources]
    limits = [f"share_meeting {limit.text}" for limit in portfolio.limits]
    ranks = ["choice", "interventions", "score", "best_by", "within_5_percent", "share_better_than_best", "on_frontier"]
    return [*ranks, *gains, *resources, *limits, "mean_by_sum_of_effects"]


def _text(portfolio: Portfolio, choice: int) -> str:
    """The interventions of a choice in words."""
    return choice_text(portfolio.selection.chosen[choice], portfolio.candidates.problem.options)


def _budget_steps(portfolio: Portfolio) -> Iterator[Row]:
    for step in portfolio.selection.steps():
        per_pound = "" if np.isnan(step.per_pound) else step.per_pound
        yield step.budget, "£/year", _text(portfolio, step.choice), step.score, per_pound


def _worth(portfolio: Portfolio) -> Iterator[Row]:
    for worth in portfolio.selection.worth():
        difference, instead = ("", "") if worth.instead < 0 else (worth.difference, _text(portfolio, worth.instead))
        yield worth.intervention, "yes" if worth.chosen else "", difference, portfolio.objectives[0].unit, instead


def _choices(portfolio: Portfolio) -> Iterator[Row]:
    selection = portfolio.selection
    scores, peaks = selection.scores(), selection.problem.peaks(selection.chosen)
    frontier = set(selection.frontier())
    best_by = {criterion: selection.best(criterion) for criterion in SelectionCriterion}
    means = selection.gains.mean(axis=(2, 3))
    low, high = np.quantile(selection.gains, INTERVAL, axis=(2, 3))
    nearness = portfolio.met.min(axis=0, initial=1.0)
    for rank, choice in enumerate(np.lexsort((-nearness, -scores)).tolist(), start=1):
        by = "; ".join(criterion.value for criterion, best in best_by.items() if best == choice)
        gains = np.stack([means[:, choice], low[:, choice], high[:, choice]], axis=1).ravel().tolist()
        yield (
            rank,
            _text(portfolio, choice),
            float(scores[choice]),
            by,
            "yes" if selection.is_near(choice) else "",
            selection.beats_best(choice),
            "yes" if choice in frontier else "",
            *gains,
            *map(float, peaks[choice]),
            *map(float, portfolio.met[:, choice]),
            "" if portfolio.predicted is None else float(portfolio.predicted[choice]),
        )


def _schedule(portfolio: Portfolio) -> Iterator[Row]:
    selection, problem = portfolio.selection, portfolio.candidates.problem
    chosen = np.flatnonzero(selection.chosen[selection.best()]).tolist()
    for resource in problem.resources:
        for index in chosen:
            option = problem.options[index]
            use = map(float, resource.use[index])
            yield resource.name, resource.unit, option.intervention, option.start, option.scale, *use
        yield resource.name, resource.unit, "all together", "", "", *map(float, resource.use[chosen].sum(axis=0))
        yield resource.name, resource.unit, "limit", "", "", *(resource.limit for _ in problem.years)


def remark(portfolio: Portfolio) -> str:
    """Say how choices were sought and scored."""
    way = {
        SelectionCriterion.EXPECTED: "mean over members and futures",
        SelectionCriterion.CVAR: "mean of the worst fifth of cases",
        SelectionCriterion.REGRET: "smallest worst regret over futures",
    }[portfolio.selection.criterion]
    count = format_number(len(portfolio.selection.chosen), 0)
    how = (
        f"all {count} choices within the limits were run"
        if portfolio.plan.exact
        else f"{count} choices were run, put first by integer programming on effects of pairs"
    )
    futures = ", ".join(portfolio.candidates.futures)
    return f"Score: {way}; {how}; {portfolio.plan.members} members; futures: {futures}."


def draw_figures(portfolio: Portfolio, folder: Path) -> list[tuple[str, str]]:
    """Draw the budget, the best choices and the frontier; file names and what they show."""
    selection = portfolio.selection
    objectives = [ObjectiveAxis(objective.title, objective.unit) for objective in portfolio.objectives]
    scores, text = selection.scores(), remark(portfolio)
    files: list[tuple[str, str]] = []
    if not selection.allowed.any():
        return files
    finite = np.isfinite(scores)
    plot_budget(
        selection.costs[finite],
        scores[finite],
        [(step.budget, step.score) for step in selection.steps()],
        selection.problem.resources[0].limit,
        folder / "budget.png",
        objective=objectives[0],
        remark=text,
    )
    files.append(("budget.png", "What each budget buys: all choices, and the best."))
    alternatives = []
    for choice in selection.nearly_best(DRAWN):
        gains = selection.gains[0, choice]
        low, high = np.quantile(gains, INTERVAL)
        alternatives.append(Alternative(_text(portfolio, choice), float(gains.mean()), float(low), float(high)))
    plot_alternatives(alternatives, folder / "choices.png", objective=objectives[0], remark=text)
    files.append(("choices.png", "The best choices with their intervals."))
    if len(objectives) > 1:
        means = selection.gains.mean(axis=(2, 3))
        plot_frontier(means, selection.frontier(), selection.best(), objectives, folder / "frontier.png")
        files.append(("frontier.png", "Choices by two objectives at a time."))
    return files
