"""Tables and figures of a portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.analysis.portfolio.portfolio_search import Portfolio
from model.analysis.portfolio.problem import choice_text
from model.analysis.portfolio.selection import SelectionCriterion
from model.reporting.figures.portfolio import Alternative, ObjectiveAxis, plot_alternatives, plot_budget, plot_frontier
from model.results.atomic_files import write_csv
from model.results.comparison import stated_of

Row = tuple[object, ...]
INTERVAL = (0.1, 0.9)
DRAWN = 12
"""Choices in the figure of the best."""


def write_tables(found: Portfolio, folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    gains = [
        column
        for each in found.objectives
        for column in (f"{each.name}_mean", f"{each.name}_low_80", f"{each.name}_high_80")
    ]
    resources = [f"peak_{each.name} ({each.unit})" for each in found.candidates.problem.resources]
    limits = [f"share_meeting {each.text}" for each in found.limits]
    files: list[tuple[str, str, tuple[str, ...], Iterator[Row]]] = [
        (
            "choices.csv",
            "Every choice that was run, the best first: score, gains over doing nothing by each objective (mean and "
            "80% interval over members and futures; larger is better), largest yearly use of budget and posts.",
            (
                "choice",
                "interventions",
                "score",
                "best_by",
                "within_5_percent",
                "share_better_than_best",
                "on_frontier",
                *gains,
                *resources,
                *limits,
                "mean_by_sum_of_effects",
            ),
            _choices(found),
        ),
        (
            "schedule.csv",
            "The best choice year by year: what each intervention uses, the sum, and the limit.",
            ("resource", "unit", "intervention", "start", "scale", *found.candidates.problem.years),
            _schedule(found),
        ),
        (
            "budget.csv",
            "The best choice for every smaller budget, and what a pound a year more buys at each step.",
            ("budget_from", "unit", "interventions", "score", "score_per_pound_a_year"),
            (
                (
                    step.budget,
                    "£/year",
                    choice_text(found.selection.chosen[step.choice], found.candidates.problem.options),
                    step.score,
                    "" if np.isnan(step.per_pound) else step.per_pound,
                )
                for step in found.selection.steps()
            ),
        ),
        (
            "worth.csv",
            "What each intervention is worth: if chosen, what the best choice gains over the best without it; if not, "
            "what insisting on it would give up; and the choice that would take the place of the best.",
            ("intervention", "chosen", "difference_in_score", "unit", "instead"),
            (
                (
                    each.intervention,
                    "yes" if each.chosen else "",
                    "" if each.instead < 0 else each.difference,
                    found.objectives[0].unit,
                    ""
                    if each.instead < 0
                    else choice_text(found.selection.chosen[each.instead], found.candidates.problem.options),
                )
                for each in found.selection.worth()
            ),
        ),
    ]
    if not found.selection.allowed.any():
        del files[1:]
    first = found.objectives[0]
    statement = {
        "prices": f"costs: 2022/23; gains: {first.prices or 'as their units say'}",
        **stated_of(found.plan.members, len(found.candidates.futures)),
    }
    for name, _, header, rows in files:
        write_csv(folder / name, header, rows, statement)
    return [(name, meaning) for name, meaning, _, _ in files]


def _choices(found: Portfolio) -> Iterator[Row]:
    own, options = found.selection, found.candidates.problem.options
    scores, peaks = own.scores(), own.problem.peaks(own.chosen)
    frontier = set(own.frontier())
    best_by = {criterion: own.best(criterion) for criterion in SelectionCriterion}
    means = own.gains.mean(axis=(2, 3))
    low, high = np.quantile(own.gains, INTERVAL, axis=(2, 3))
    nearness = found.met.min(axis=0, initial=1.0)
    for rank, place in enumerate(np.lexsort((-nearness, -scores))):
        by = "; ".join(criterion.value for criterion, best in best_by.items() if best == place)
        gains = [
            float(values[number, place]) for number in range(len(found.objectives)) for values in (means, low, high)
        ]
        yield (
            rank + 1,
            choice_text(own.chosen[place], options),
            float(scores[place]),
            by,
            "yes" if own.is_near(place) else "",
            own.beats_best(place),
            "yes" if place in frontier else "",
            *gains,
            *(float(value) for value in peaks[place]),
            *(float(value) for value in found.met[:, place]),
            "" if found.predicted is None else float(found.predicted[place]),
        )


def _schedule(found: Portfolio) -> Iterator[Row]:
    own, problem = found.selection, found.candidates.problem
    chosen = np.flatnonzero(own.chosen[own.best()])
    for resource in problem.resources:
        for place in chosen:
            option = problem.options[place]
            use = (float(value) for value in resource.use[place])
            yield resource.name, resource.unit, option.intervention, option.start, option.scale, *use
        total = (float(value) for value in resource.use[chosen].sum(axis=0))
        yield resource.name, resource.unit, "all together", "", "", *total
        yield resource.name, resource.unit, "limit", "", "", *(resource.limit for _ in problem.years)


def remark(found: Portfolio) -> str:
    """How choices were found and scored."""
    way = {
        SelectionCriterion.EXPECTED: "mean over members and futures",
        SelectionCriterion.CVAR: "mean of the worst fifth of cases",
        SelectionCriterion.REGRET: "smallest worst regret over futures",
    }[found.selection.criterion]
    how = (
        f"all {len(found.selection.chosen):,} choices within the limits were run"
        if found.plan.exact
        else (f"{len(found.selection.chosen):,} choices were run, put first by integer programming on effects of pairs")
    )
    futures = ", ".join(found.candidates.futures)
    return f"Score: {way}; {how}; {found.plan.members} members; futures: {futures}."


def draw_figures(found: Portfolio, folder: Path) -> list[tuple[str, str]]:
    """Draw the budget, the best choices and the frontier; file names and what they show."""
    own, scales = found.selection, [ObjectiveAxis(each.title, each.unit) for each in found.objectives]
    scores, text = own.scores(), remark(found)
    drawn = []
    if own.allowed.any():
        finite = np.isfinite(scores)
        steps = [(step.budget, step.score) for step in own.steps()]
        plot_budget(
            own.costs[finite],
            scores[finite],
            steps,
            own.problem.resources[0].limit,
            folder / "budget.png",
            objective=scales[0],
            remark=text,
        )
        drawn.append(("budget.png", "What each budget buys: all choices, and the best."))
        choices = []
        for place in own.nearly_best(DRAWN):
            low, high = np.quantile(own.gains[0, place], INTERVAL)
            name = choice_text(own.chosen[place], own.problem.options)
            choices.append(Alternative(name, float(own.gains[0, place].mean()), float(low), float(high)))
        plot_alternatives(choices, folder / "choices.png", objective=scales[0], remark=text)
        drawn.append(("choices.png", "The best choices with their intervals."))
    if len(found.objectives) > 1 and own.allowed.any():
        plot_frontier(own.gains.mean(axis=(2, 3)), own.frontier(), own.best(), scales, folder / "frontier.png")
        drawn.append(("frontier.png", "Choices by two objectives at a time."))
    return drawn
