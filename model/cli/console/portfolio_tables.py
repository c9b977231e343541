"""Tables for the terminal of a choice of interventions within a budget."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.analysis.portfolio.portfolio_search import Portfolio
from model.analysis.portfolio.problem import choice_text
from model.analysis.portfolio.selection import BUDGET_CUT, SelectionCriterion
from model.cli.console.model_tables import plain_table
from model.reporting.tables.portfolio import remark
from model.results.number_format import MILLION, format_millions, format_number

MOST_ROWS = 8
"""Choices and steps of the budget on the terminal."""
MOST_OF_FRONTIER = 16
"""Choices of the frontier on the terminal."""


def render_portfolio(portfolio: Portfolio) -> Group:
    """The best choice, what each intervention is worth, alternatives, what more money buys, and the frontier."""
    parts: list[RenderableType] = []
    if portfolio.message():
        parts.append(Text(portfolio.message(), style="bold"))
    if portfolio.selection.allowed.any():
        parts += [_best(portfolio), _alternatives(portfolio), _budget(portfolio)]
        if len(portfolio.objectives) > 1:
            parts.append(_frontier(portfolio))
    parts.append(Text(remark(portfolio), style="dim"))
    return Group(*parts)


def _best(portfolio: Portfolio) -> Table:
    """The best choice: start, scale, cost, posts and worth of each of its interventions."""
    judgement, problem = portfolio.selection, portfolio.candidates.problem
    worth = {gain.intervention: gain for gain in judgement.worth()}
    rows = []
    for index in sorted(range(len(problem.options)), key=lambda index: problem.options[index].start):
        if not judgement.chosen[judgement.best(), index]:
            continue
        option = problem.options[index]
        peaks = [resource.use[index].max() for resource in problem.resources]
        rows.append(
            (
                option.intervention + (" (stopped)" if option.stops else ""),
                option.start,
                f"{option.scale:g}",
                format_millions(peaks[0]),
                *(format_number(peak) for peak in peaks[1:]),
                format_number(worth[option.intervention].difference, signed=True),
            )
        )
    peaks = problem.peaks(judgement.chosen[judgement.best()][None])[0]
    score = format_number(float(judgement.scores()[judgement.best()]), signed=True)
    rows.append(("[bold]all together[/bold]", "", "", format_millions(peaks[0]), *map(format_number, peaks[1:]), score))
    limits = [format_number(resource.limit) for resource in problem.resources[1:]]
    rows.append(("[dim]limit[/dim]", "", "", format_millions(problem.resources[0].limit), *limits, ""))
    posts = [f"{resource.name} ({resource.unit})" for resource in problem.resources[1:]]
    first = portfolio.objectives[0]
    columns = ("intervention", "start", "scale", "£m, dearest year", *posts, "worth")
    title = f"The best choice by {first.name} ({first.unit}): {first.title}"
    return plain_table(escape(title), columns, rows, widest=0)


def _alternatives(portfolio: Portfolio) -> Table:
    judgement = portfolio.selection
    best_by = {criterion.value: judgement.best(criterion) for criterion in SelectionCriterion}
    rows = []
    for choice in dict.fromkeys([*judgement.nearly_best(MOST_ROWS), *best_by.values()]):
        criteria = ", ".join(name for name, best in best_by.items() if best == choice)
        rows.append(
            (
                choice_text(judgement.chosen[choice], judgement.problem.options),
                format_number(float(judgement.scores()[choice]), signed=True),
                f"{judgement.beats_best(choice):.0%}",
                "yes" if judgement.is_near(choice) else "",
                format_millions(judgement.costs[choice]),
                criteria,
            )
        )
    columns = ("choice", "score", "better in", "within 5%", "£m", "best by")
    return plain_table("Alternatives, and the best by other criteria", columns, rows, widest=0)


def _budget(portfolio: Portfolio) -> Group:
    judgement, unit = portfolio.selection, portfolio.objectives[0].unit
    rows = [
        (
            format_millions(step.budget),
            format_number(step.score, signed=True),
            format_number(step.per_pound * MILLION, signed=True),
            choice_text(judgement.chosen[step.choice], judgement.problem.options),
        )
        for step in judgement.steps()[-MOST_ROWS:]
    ]
    columns = ("£m a year from", "score", "per £1m more", "choice")
    table = plain_table("What a larger budget buys", columns, rows, widest=-1)
    less = min(BUDGET_CUT, judgement.problem.resources[0].limit)
    lost = judgement.last_pound(less) * less if less else 0.0
    text = (
        f"The last £{format_millions(less)}m of the yearly budget buys {format_number(lost, signed=True)} ({unit})."
        if (np.isfinite(lost) and lost > 0)
        else "The budget does not bind: the best choice needs less in its dearest year."
    )
    return Group(table, Text(text))


def _frontier(portfolio: Portfolio) -> Table:
    judgement = portfolio.selection
    means = judgement.gains.mean(axis=(2, 3))
    frontier = judgement.frontier()
    rows = [
        (
            choice_text(judgement.chosen[choice], judgement.problem.options),
            *(format_number(float(value), signed=True) for value in means[:, choice]),
        )
        for choice in frontier[:MOST_OF_FRONTIER]
    ]
    title = f"Frontier: {len(frontier)} choices, more is better in each column" + (
        f"; the first {MOST_OF_FRONTIER}" if len(frontier) > MOST_OF_FRONTIER else ""
    )
    columns = ("choice", *(f"{objective.name} ({objective.unit})" for objective in portfolio.objectives))
    return plain_table(title, columns, rows, widest=0)
