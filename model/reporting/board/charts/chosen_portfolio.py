"""Charts and tables of the portfolio chosen within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model.analysis.portfolio.portfolio_search import Portfolio
from model.analysis.portfolio.problem import choice_text
from model.reporting.board.charts.vega import (
    AMOUNTS,
    HEIGHT,
    NUMBERS,
    TICKS,
    Row,
    assembled,
    kind_colour,
    numbers_table,
    spread_fields,
    spread_tips,
)
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised
from model.reporting.numbers import millions, share
from model.reporting.tables.portfolio import remark
from model.reporting.tables.table import Cell, Column, Statement, Table
from model.reporting.theme import BASELINE, BETTER, INK, WORSE
from model.results.comparison import Spread
from model.results.number_format import MILLION, format_number
from model.results.run import in_words

NEAR = 8
"""Choices listed, the best first."""
BEST, NEARLY, OTHER = "best", "within 5% of it", "others"
SOURCE = "this run of the model (folder 'portfolio'); costs from the files of interventions"


def statement_of(portfolio: Portfolio, unit: str) -> Statement:
    """Return what a reader must know of the numbers of a choice."""
    years, first = portfolio.candidates.problem.years, portfolio.objectives[0]
    prices = f"worth: {first.prices} prices" if first.prices else "worth: as its unit says"
    futures = len(portfolio.candidates.futures)
    return Statement(
        unit,
        f"costs: £ at 2022/23 prices, without optimism bias; {prices}",
        f"{years[0]} to {years[-1]}",
        f"80% of {portfolio.plan.members} members in {futures} future{'s' if futures > 1 else ''}",
        SOURCE,
    )


def budget_chart(portfolio: Portfolio) -> Chart:
    """Return every choice that was run by its cost and worth, and a line through the best for each budget."""
    import altair as alt

    selection, objective = portfolio.selection, portfolio.objectives[0]
    scores, best = selection.scores(), selection.best()
    data: list[Row] = [
        {
            "choice": _name(portfolio, choice),
            "cost": float(selection.costs[choice]),
            "score": float(scores[choice]),
            "kind": BEST if choice == best else NEARLY if selection.is_near(choice) else OTHER,
            **spread_fields(Spread.of(selection.gains[0, choice].ravel()), selection.gains[0, choice].size),
        }
        for choice in np.flatnonzero(np.isfinite(scores)).tolist()
    ]
    steps: list[Row] = [{"budget": float(step.budget), "score": float(step.score)} for step in selection.steps()]
    limit = selection.problem.resources[0].limit
    steps += [{"budget": float(limit), "score": steps[-1]["score"]}] if steps and np.isfinite(limit) else []
    across = alt.X("cost_m:Q", title="Dearest year, £m", axis=alt.Axis(format=TICKS))
    up = alt.Y("score:Q", title=f"Gain over doing nothing, {objective.unit}", axis=alt.Axis(format=TICKS))
    kinds = kind_colour({BEST: WORSE, NEARLY: BETTER, OTHER: BASELINE})
    tips = [
        alt.Tooltip("choice:N", title="Choice"),
        alt.Tooltip("cost_m:Q", title="Dearest year, £m", format=AMOUNTS),
        *spread_tips([("score", "Gain")], portfolio.plan.members, NUMBERS),
    ]
    points = alt.Chart(alt.NamedData(name="choices")).transform_calculate(cost_m=f"datum.cost / {MILLION:.0f}")
    line = alt.Chart(alt.NamedData(name="steps")).transform_calculate(cost_m=f"datum.budget / {MILLION:.0f}")
    chart = alt.layer(
        line.mark_line(interpolate="step-after", color=INK, strokeWidth=1.5).encode(x=across, y=up),
        points.mark_point(filled=True, size=45, opacity=0.8).encode(x=across, y=up, color=kinds, tooltip=tips),
        height=HEIGHT,
    )
    table = numbers_table(
        "What a larger budget buys",
        ["Best choice"],
        ["Budget from, £m a year", f"Gain, {objective.unit}", "More per £1m"],
        [
            [
                _name(portfolio, step.choice),
                millions(step.budget),
                format_number(step.score, 1, signed=True),
                format_number(step.per_pound * MILLION, 1, signed=True),
            ]
            for step in selection.steps()
        ],
    )
    return Chart(
        "budget",
        "What each budget buys",
        "A point for each choice of interventions by what it costs in its dearest year and what it gains; the line "
        "steps up where more money buys something better.",
        assembled(chart, choices=data, steps=steps),
        table,
        statement_of(portfolio, f"£m in the dearest year; {objective.unit}"),
    )


def best_table(portfolio: Portfolio) -> Table:
    """Return the best choice: what, when, how large, what it uses, what each intervention is worth."""
    selection, problem, objective = portfolio.selection, portfolio.candidates.problem, portfolio.objectives[0]
    worths = {worth.intervention: worth for worth in selection.worth()}
    resources = [
        Column(resource.name, number=True, unit="£m" if resource.unit.startswith("£") else resource.unit)
        for resource in problem.resources
    ]
    columns = (
        Column("Intervention"),
        Column("Start"),
        Column("Scale", number=True),
        *resources,
        Column("Worth", number=True, unit=objective.unit),
    )
    rows: list[Sequence[Any]] = []
    for index in np.flatnonzero(selection.chosen[selection.best()]).tolist():
        option = problem.options[index]
        peaks = [_amount(resource.use[index].max(), resource.unit) for resource in problem.resources]
        name = f"{capitalised(in_words(option.intervention))}{' (stopped)' if option.stops else ''}"
        lost = format_number(worths[option.intervention].difference, 1, signed=True)
        rows.append((name, option.start, f"{option.scale:g}", *peaks, lost))
    used = problem.peaks(selection.chosen[selection.best()][None])[0]
    peaks = [_amount(peak, resource.unit) for peak, resource in zip(used, problem.resources, strict=True)]
    gain = format_number(float(selection.scores()[selection.best()]), 1, signed=True)
    rows.append(("All together", "", "", *peaks, gain))
    limits = [
        _amount(resource.limit, resource.unit) if np.isfinite(resource.limit) else "none"
        for resource in problem.resources
    ]
    rows.append((Cell("Limit", "aside"), "", "", *limits, ""))
    note = f"Worth: what would be lost without it, the best choice then taking its place. {remark(portfolio)}"
    unit = "in the headings; use in the dearest year"
    return Table("The best choice within the limits", columns, rows, note, statement_of(portfolio, unit))


def near_table(portfolio: Portfolio) -> Table:
    """Return the best choices in order, and which come near the best."""
    selection, objective = portfolio.selection, portfolio.objectives[0]
    columns = (
        Column("Choice"),
        Column("Gain", number=True, unit=objective.unit),
        Column("80% interval", number=True),
        Column("Within 5% of the best"),
        Column("Better than the best in", number=True),
        Column("Dearest year", number=True, unit="£m", format=millions),
    )
    rows = []
    for choice in selection.nearly_best(NEAR):
        spread = Spread.of(selection.gains[0, choice].ravel())
        rows.append(
            (
                _name(portfolio, choice),
                format_number(float(selection.scores()[choice]), 1, signed=True),
                f"{format_number(spread.low, 1)} to {format_number(spread.high, 1)}",
                "yes" if selection.is_near(choice) else "no",
                f"{share(selection.beats_best(choice))} of cases",
                float(selection.costs[choice]),
            )
        )
    note = "With few members chance decides between choices that lie within 5% of the best."
    return Table("The best choices, in order", columns, rows, note, statement_of(portfolio, "in the headings"))


def _amount(value: float, unit: str) -> str:
    return millions(value) if unit.startswith("£") else format_number(value, 0)


def _name(portfolio: Portfolio, choice: int) -> str:
    return choice_text(portfolio.selection.chosen[choice], portfolio.candidates.problem.options).replace("_", " ")
