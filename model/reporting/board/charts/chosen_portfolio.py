"""Charts and tables of the choice of a handful within a budget."""

from __future__ import annotations

import numpy as np

from model.analysis.portfolio.portfolio_search import Portfolio
from model.analysis.portfolio.problem import choice_text
from model.reporting.board.charts.vega import HEIGHT, MILLION, NUMBERS, TICKS, Row, assembled, spread_fields, tabled
from model.reporting.html.blocks import Cell, Chart, Column, Statement, Table
from model.reporting.names import capitalised
from model.reporting.tables.portfolio import remark
from model.reporting.theme import BASELINE, INK, PALETTE
from model.results.comparison import Spread
from model.results.number_format import format_number
from model.results.run import in_words

NEAR = 8
"""Choices told of, the best first."""
BEST, NEARLY, OTHER = "best", "within 5% of it", "others"
SOURCE = "this run of the model (folder 'portfolio'); costs from the files of interventions"


def stated(found: Portfolio, unit: str) -> Statement:
    """What is stated of the numbers of a choice."""
    years, first = found.candidates.problem.years, found.objectives[0]
    prices = f"worth: {first.prices} prices" if first.prices else "worth: as its unit says"
    futures = len(found.candidates.futures)
    return Statement(
        unit,
        f"costs: £ at 2022/23 prices, without optimism bias; {prices}",
        f"{years[0]} to {years[-1]}",
        f"80% of {found.plan.members} members in {futures} future{'s' if futures > 1 else ''}",
        SOURCE,
    )


def budget_chart(found: Portfolio) -> Chart:
    """Every choice that was run by its cost and worth; a line through the best for each budget."""
    import altair as alt

    own, first = found.selection, found.objectives[0]
    scores, best = own.scores(), own.best()
    data: list[Row] = [
        {
            "choice": _name(found, place),
            "cost": float(own.costs[place]),
            "score": float(scores[place]),
            "kind": BEST if place == best else NEARLY if own.is_near(place) else OTHER,
            **spread_fields(Spread.of(own.gains[0, place].ravel()), own.gains[0, place].size),
        }
        for place in np.flatnonzero(np.isfinite(scores))
    ]
    steps: list[Row] = [{"budget": float(step.budget), "score": float(step.score)} for step in own.steps()]
    limit = own.problem.resources[0].limit
    steps += [{"budget": float(limit), "score": steps[-1]["score"]}] if steps and np.isfinite(limit) else []
    across = alt.X("cost_m:Q", title="Dearest year, £m", axis=alt.Axis(format=TICKS))
    up = alt.Y("score:Q", title=f"Gain over doing nothing, {first.unit}", axis=alt.Axis(format=TICKS))
    kinds = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[BEST, NEARLY, OTHER], range=[PALETTE[1], PALETTE[0], BASELINE]),
        legend=alt.Legend(orient="top", title=None),
    )
    tips = [
        alt.Tooltip("choice:N", title="Choice"),
        alt.Tooltip("cost_m:Q", title="Dearest year, £m", format=",.2f"),
        alt.Tooltip("score:Q", title="Gain", format=NUMBERS),
        alt.Tooltip("low:Q", title="10th percentile", format=NUMBERS),
        alt.Tooltip("high:Q", title="90th percentile", format=NUMBERS),
    ]
    points = alt.Chart(alt.NamedData(name="choices")).transform_calculate(cost_m=f"datum.cost / {MILLION:.0f}")
    line = alt.Chart(alt.NamedData(name="steps")).transform_calculate(cost_m=f"datum.budget / {MILLION:.0f}")
    drawn = alt.layer(
        line.mark_line(interpolate="step-after", color=INK, strokeWidth=1.5).encode(x=across, y=up),
        points.mark_point(filled=True, size=45, opacity=0.8).encode(x=across, y=up, color=kinds, tooltip=tips),
        height=HEIGHT,
    )
    table = tabled(
        "What a larger budget buys",
        ["Best choice"],
        ["Budget from, £m a year", f"Gain, {first.unit}", "More per £1m"],
        [
            [
                _name(found, step.choice),
                _millions(step.budget),
                format_number(step.score, 1, signed=True),
                format_number(step.per_pound * MILLION, 1, signed=True),
            ]
            for step in own.steps()
        ],
    )
    return Chart(
        "budget",
        "What each budget buys",
        "A point for each choice of interventions by what it costs in its dearest year and what it gains; the line "
        "steps up where more money buys something better.",
        assembled(drawn, choices=data, steps=steps),
        table,
        stated(found, f"£m in the dearest year; {first.unit}"),
    )


def best_table(found: Portfolio) -> Table:
    """The best choice: what, when, how large, what it uses, what each part is worth."""
    own, problem, first = found.selection, found.candidates.problem, found.objectives[0]
    worth = {each.intervention: each for each in own.worth()}
    resources = [
        Column(f"{each.name}, {'£m' if each.unit.startswith('£') else each.unit}", number=True)
        for each in problem.resources
    ]
    columns = (
        Column("Intervention"),
        Column("Start"),
        Column("Scale", number=True),
        *resources,
        Column(f"Worth, {first.unit}", number=True),
    )
    rows: list[tuple[str | Cell, ...]] = []
    for place in np.flatnonzero(own.chosen[own.best()]):
        option = problem.options[place]
        peaks = [_amount(each.use[place].max(), each.unit) for each in problem.resources]
        name = f"{capitalised(in_words(option.intervention))}{' (stopped)' if option.stops else ''}"
        lost = format_number(worth[option.intervention].difference, 1, signed=True)
        rows.append((name, option.start, f"{option.scale:g}", *peaks, lost))
    used = problem.peaks(own.chosen[own.best()][None])[0]
    peaks = [_amount(peak, each.unit) for peak, each in zip(used, problem.resources, strict=True)]
    rows.append(("All together", "", "", *peaks, format_number(float(own.scores()[own.best()]), 1, signed=True)))
    limits = [_amount(each.limit, each.unit) if np.isfinite(each.limit) else "none" for each in problem.resources]
    rows.append((Cell("Limit", "aside"), "", "", *limits, ""))
    note = f"Worth: what would be lost without it, the best choice then taking its place. {remark(found)}"
    unit = "in the headings; use in the dearest year"
    return Table("The best choice within the limits", columns, rows, note, stated(found, unit))


def near_table(found: Portfolio) -> Table:
    """The best choices in order, and which come near the best."""
    own, first = found.selection, found.objectives[0]
    columns = (
        Column("Choice"),
        Column(f"Gain, {first.unit}", number=True),
        Column("80% interval", number=True),
        Column("Within 5% of the best"),
        Column("Better than the best in", number=True),
        Column("Dearest year, £m", number=True),
    )
    rows = []
    for place in own.nearly_best(NEAR):
        spread = Spread.of(own.gains[0, place].ravel())
        rows.append(
            (
                _name(found, place),
                format_number(float(own.scores()[place]), 1, signed=True),
                f"{format_number(spread.low, 1)} to {format_number(spread.high, 1)}",
                "yes" if own.is_near(place) else "no",
                f"{own.beats_best(place):.0%} of cases",
                _millions(own.costs[place]),
            )
        )
    note = "With few members chance decides between choices that lie within 5% of the best."
    return Table("The best choices, in order", columns, rows, note, stated(found, "in the headings"))


def _amount(value: float, unit: str) -> str:
    return _millions(value) if unit.startswith("£") else format_number(value, 0)


def _millions(value: float) -> str:
    return format_number(value / MILLION, 2)


def _name(found: Portfolio, place: int) -> str:
    return choice_text(found.selection.chosen[place], found.candidates.problem.options).replace("_", " ")
