"""Charts of money: who pays and who gains, costs and benefits by year, what is left when they are added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from model.appraisal.costing.appraisal import CASH, CLASSES, NON_CASH, SOCIETAL, SUMS, Appraisal, organisation_totals
from model.appraisal.costing.assumptions import SOCIETY
from model.registry.dimensions import DIMENSIONS
from model.reporting.board.charts.vega import (
    AMOUNTS,
    HEIGHT,
    ROW,
    TICKS,
    Row,
    assembled,
    chosen_rows,
    interval_in_millions,
    label_of,
    numbers_table,
    option_titles,
    row_names,
    select,
    spread_fields,
    spread_tips,
    upright,
    zero_rule,
)
from model.reporting.board.statements import discounting_of, of_costing, span_of
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised, plain_name
from model.reporting.numbers import millions
from model.reporting.tables.table import Statement
from model.reporting.theme import COST_GREYS, FAINT, INK, PALETTE, UNCLEAR
from model.results.comparison import Spread
from model.results.number_format import MILLION

if TYPE_CHECKING:
    import altair as alt

COSTS = {
    "recurrent_cost": ("Recurrent cost", COST_GREYS[0]),
    "non_recurrent_cost": ("One-off cost", COST_GREYS[1]),
    "capital_cost": ("Capital", COST_GREYS[2]),
}
BENEFITS = {
    CASH: ("Cash released", PALETTE[2]),
    NON_CASH: ("Other public benefit", PALETTE[5]),
    SOCIETAL: ("Benefit to society", PALETTE[4]),
}
PARTS = COSTS | BENEFITS
STREAMS = {"cost": ("Programme cost", UNCLEAR), **BENEFITS}
"""Title and colour of each part of the money."""
NETS = {name: (title, streams) for name, title, streams in SUMS if name.startswith("net_")}


def organisations_chart(appraisals: Sequence[Appraisal]) -> Chart:
    """Return who pays and who gains: discounted costs by type and benefits by class of each organisation.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    data = _of_organisations(appraisals)
    titles = option_titles(appraisals)
    organisations = (*DIMENSIONS["organisation"], SOCIETY)
    # Where no money moves at all, every organisation stands at zero.
    moving = [name for name in organisations if any(row["organisation"] == name and row["value"] for row in data)] or [
        *organisations
    ]
    data = [row for row in data if row["organisation"] in moving]
    names = {name: capitalised(plain_name(name)) for name in moving}
    amounts = [amount for amount in PARTS if any(row["figure"] == amount and row["value"] for row in data)] or [*PARTS]
    layers = _organisation_layers(names, amounts)
    chart = alt.layer(*layers, height=alt.Step(ROW)).add_params(select("chosen_option", "Package", titles))
    table = numbers_table(
        "Who pays and who gains, £m",
        ["Package", "Organisation"],
        [*(text for text, _ in PARTS.values()), "Net"],
        [
            [titles[appraisal.option.name], names[name], *(millions(value) for value in _row_of(data, appraisal, name))]
            for appraisal in appraisals
            for name in moving
        ],
    )
    return Chart(
        "organisations",
        "Who pays and who gains",
        "A row for each organisation, and for society: what it pays of the programmes of the package chosen, by type, "
        "stands to the left of the line at zero, what it gains, by class, to the right; a diamond marks what is "
        "left.",
        assembled(chart, organisations=data),
        table,
        Statement(
            "£m",
            discounting_of(appraisals[0]),
            span_of(appraisals[0]),
            "none: expected values; intervals of the totals stand with the net present values",
            "this run of the model and the costing assumptions (organisations.csv)",
        ),
    )


def _organisation_layers(names: Mapping[str, str], amounts: list[str]) -> list[alt.Chart]:
    """Bars of the parts of the money on both sides of zero, and a diamond at what is left."""
    import altair as alt

    base = (
        alt.Chart(alt.NamedData(name="organisations"))
        .transform_filter(chosen_rows("option"))
        .transform_calculate(
            organisation_name=label_of(names, "datum.organisation"),
            part=label_of(_titles(PARTS), "datum.figure"),
            # Costs stand to the left of zero.
            millions=f"(indexof({list(COSTS)}, datum.figure) >= 0 ? -1 : 1) * datum.value / {MILLION:.0f}",
        )
    )
    down = row_names("organisation", names, list(names))
    across = alt.X("millions:Q", title="£m, costs to the left", stack="zero", axis=alt.Axis(format=TICKS))
    colour = alt.Color(
        "figure:N",
        sort=amounts,
        scale=alt.Scale(domain=amounts, range=[PARTS[amount][1] for amount in amounts]),
        legend=alt.Legend(orient="top", title=None, labelExpr=label_of(_titles(PARTS), "datum.value")),
    )
    tips = [
        alt.Tooltip("organisation_name:N", title="Organisation"),
        alt.Tooltip("part:N", title="Part"),
        alt.Tooltip("millions:Q", title="£m", format=f"+{AMOUNTS}"),
    ]
    net = base.transform_filter("datum.figure === 'net'")
    return [
        base.transform_filter(f"indexof({amounts}, datum.figure) >= 0")
        .mark_bar(height={"band": 0.7})
        .encode(x=across, y=down, color=colour, tooltip=tips),
        zero_rule(),
        net.transform_calculate(part="'Net'")
        .mark_point(shape="diamond", filled=True, fill="white", stroke=INK, strokeWidth=1.5, size=60, opacity=1)
        .encode(x=alt.X("millions:Q", title="£m, costs to the left"), y=down, tooltip=tips),
    ]


def streams_chart(appraisals: Sequence[Appraisal]) -> Chart:
    """Return costs and benefits by year, undiscounted, expected values.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    data: list[Row] = [
        {"option": appraisal.option.name, "financial_year": year, "stream": stream, "value": float(value)}
        for appraisal in appraisals
        for stream in STREAMS
        for year, value in zip(_years(appraisal), appraisal.streams[stream].mean(axis=1), strict=False)
    ]
    titles = option_titles(appraisals)
    names = _titles(STREAMS)
    chart = alt.layer(
        alt.Chart(alt.NamedData(name="streams"))
        .transform_filter(chosen_rows("option"))
        .transform_calculate(
            part=label_of(names, "datum.stream"),
            millions=f"(datum.stream === 'cost' ? -1 : 1) * datum.value / {MILLION:.0f}",
        )
        .mark_bar()
        .encode(
            x=alt.X("financial_year:O", title=None, axis=upright()),
            y=alt.Y("millions:Q", title="£m a year, costs below zero", axis=alt.Axis(format=TICKS)),
            color=alt.Color(
                "stream:N",
                sort=list(STREAMS),
                scale=alt.Scale(domain=list(STREAMS), range=[colour for _, colour in STREAMS.values()]),
                legend=alt.Legend(orient="top", title=None, labelExpr=label_of(names, "datum.value")),
            ),
            tooltip=[
                alt.Tooltip("financial_year:N", title="Financial year"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("millions:Q", title="£m", format=f"+{AMOUNTS}"),
            ],
        ),
        zero_rule(upright=False, colour=INK),
        height=HEIGHT,
    ).add_params(select("chosen_option", "Package", titles))
    table = numbers_table(
        "Costs and benefits by year, £m",
        ["Package", "Part"],
        _years(appraisals[0]),
        [
            [
                titles[appraisal.option.name],
                names[stream],
                *(millions(float(value)) for value in appraisal.streams[stream].mean(axis=1)[: len(_years(appraisal))]),
            ]
            for appraisal in appraisals
            for stream in STREAMS
        ],
    )
    basis = appraisals[0].assumptions
    return Chart(
        "money_by_year",
        "Costs and benefits, year by year",
        "A column for each year of the package chosen: costs below the line at zero, benefits by class above it.",
        assembled(chart, streams=data),
        table,
        Statement(
            "£m a year",
            f"£ at {basis.prices} prices, with optimism bias, undiscounted",
            span_of(appraisals[0]).replace("added up", "each by itself"),
            "none: expected values; intervals stand with the money added up",
            "this run of the model and the costing assumptions (workbook)",
        ),
    )


def payback_chart(appraisals: Sequence[Appraisal]) -> Chart:
    """Return discounted benefits less costs, added up from year to year: where the line crosses zero.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    members = appraisals[0].option.members
    titles = option_titles(appraisals)
    data = [row for appraisal in appraisals for row in _added_up(appraisal)]
    base = (
        alt.Chart(alt.NamedData(name="added_up"))
        .transform_filter(chosen_rows("option", "figure"))
        .transform_calculate(
            **{f"{name}_m": f"datum.{name} / {MILLION:.0f}" for name in ("expected", "median", "low", "high")}
        )
    )
    where = alt.X("financial_year:O", title=None, axis=upright())
    unit = "£m, added up to the year's end"
    tips = [
        alt.Tooltip("financial_year:N", title="Financial year"),
        *spread_tips([("expected_m", "Expected, £m")], members, f"+{AMOUNTS}", ends=("low_m", "high_m")),
    ]
    layers = [zero_rule(upright=False)]
    if members > 1:
        layers.append(
            base.mark_area(color=FAINT, opacity=0.6).encode(
                x=where, y=alt.Y("low_m:Q", title=unit, axis=alt.Axis(format=TICKS)), y2="high_m:Q"
            )
        )
    layers.append(
        base.mark_line(color=PALETTE[0], point={"color": PALETTE[0], "size": 40}).encode(
            x=where, y=alt.Y("expected_m:Q", title=unit, axis=alt.Axis(format=TICKS)), tooltip=tips
        )
    )
    nets = {name: text for name, (text, _) in NETS.items()}
    chart = alt.layer(*layers, height=HEIGHT).add_params(
        select("chosen_option", "Package", titles), select("chosen_figure", "Counted", nets, "net_public")
    )
    table = numbers_table(
        "Net present value, added up to the end of each year, £m",
        ["Package", "Counted", "Financial year"],
        ["Expected", "80% interval"],
        [
            [
                titles[row["option"]],
                nets[row["figure"]],
                row["financial_year"],
                millions(row["expected"]),
                interval_in_millions(row),
            ]
            for row in data
        ],
    )
    return Chart(
        "payback",
        "When each package pays back",
        "A line over the years for the package chosen: discounted benefits less costs, added up; it has paid back when "
        f"the line rises above zero for good{'; a band holds 80% of the members' if members > 1 else ''}.",
        assembled(chart, added_up=data),
        table,
        of_costing(appraisals),
    )


def _titles(parts: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: text for name, (text, _) in parts.items()}


def _years(appraisal: Appraisal) -> list[str]:
    """Financial years that are appraised; they come first among those of the run."""
    return [year for year, flag in zip(appraisal.option.years, appraisal.counted, strict=True) if flag]


def _of_organisations(appraisals: Sequence[Appraisal]) -> list[Row]:
    """Rows of organisations.csv without the sums of costs."""
    figures = (*COSTS, "all_costs", *CLASSES, "net")
    return [
        {"option": appraisal.option.name, "organisation": organisation, "figure": name, "value": float(value)}
        for appraisal in appraisals
        for organisation in (*DIMENSIONS["organisation"], SOCIETY)
        for name, value in zip(figures, organisation_totals(appraisal, organisation), strict=True)
        if name != "all_costs"
    ]


def _row_of(data: Sequence[Row], appraisal: Appraisal, organisation: str) -> list[float]:
    values = {
        row["figure"]: row["value"]
        for row in data
        if (row["option"], row["organisation"]) == (appraisal.option.name, organisation)
    }
    return [values[name] for name in (*PARTS, "net")]


def _added_up(appraisal: Appraisal) -> list[Row]:
    """Net present values up to each year; in the last year they are those of the appraisal."""
    rows: list[Row] = []
    for name, (_, streams) in NETS.items():
        yearly = sum(
            (-1.0 if stream == "cost" else 1.0) * appraisal.factors(stream)[:, None] * appraisal.streams[stream]
            for stream in streams
        )
        for year, values in zip(_years(appraisal), np.cumsum(yearly, axis=0), strict=False):
            rows.append(
                {
                    "option": appraisal.option.name,
                    "figure": name,
                    "financial_year": year,
                    "expected": float(values.mean()),
                    **spread_fields(Spread.of(values), appraisal.option.members),
                }
            )
    return rows
