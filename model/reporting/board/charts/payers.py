"""Charts of money: who pays and who gains, costs and benefits by year, what is left when they are added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.appraisal.costing.appraisal import CASH, CLASSES, NON_CASH, SOCIETAL, SUMS, Appraisal, organisation_totals
from model.appraisal.costing.assumptions import SOCIETY
from model.registry.dimensions import DIMENSIONS
from model.reporting.board.charts.vega import (
    HEIGHT,
    MILLION,
    ROW,
    TICKS,
    Row,
    assembled,
    chosen_rows,
    label_of,
    millions,
    numbers_table,
    row_names,
    select,
    spread_fields,
    upright,
    zero_rule,
)
from model.reporting.board.statements import discounting_of, of_costing, span_of
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised, plain_name
from model.reporting.tables.table import Statement
from model.reporting.theme import FAINT, INK, PALETTE
from model.results.comparison import Spread

COSTS = {
    "recurrent_cost": ("Recurrent cost", "#595959"),
    "non_recurrent_cost": ("One-off cost", "#8C8C8C"),
    "capital_cost": ("Capital", "#BFBFBF"),
}
BENEFITS = {
    CASH: ("Cash released", PALETTE[2]),
    NON_CASH: ("Other public benefit", PALETTE[5]),
    SOCIETAL: ("Benefit to society", PALETTE[4]),
}
PARTS = COSTS | BENEFITS
STREAMS = {"cost": ("Programme cost", "#7A7A7A"), **BENEFITS}
"""Title and colour of each part of the money."""
NETS = {name: (title, streams) for name, title, streams in SUMS if name.startswith("net_")}


def organisations_chart(appraisals: Sequence[Appraisal]) -> Chart:
    """Who pays and who gains: discounted costs by type and benefits by class of each organisation.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    data = _of_organisations(appraisals)
    titles = {appraisal.option.name: capitalised(appraisal.option.title) for appraisal in appraisals}
    known = (*DIMENSIONS["organisation"], SOCIETY)
    # Where no money moves at all, every organisation stands at nothing.
    moving = [name for name in known if any(row["organisation"] == name and row["value"] for row in data)] or [*known]
    data = [row for row in data if row["organisation"] in moving]
    names = {name: capitalised(plain_name(name)) for name in moving}
    figures = [figure for figure in PARTS if any(row["figure"] == figure and row["value"] for row in data)] or [*PARTS]
    base = (
        alt.Chart(alt.NamedData(name="organisations"))
        .transform_filter(chosen_rows("option"))
        .transform_calculate(
            organisation_name=label_of(names, "datum.organisation"),
            part=label_of(_titles(PARTS), "datum.figure"),
            # Costs stand to the left of nothing.
            millions=f"(indexof({list(COSTS)}, datum.figure) >= 0 ? -1 : 1) * datum.value / {MILLION:.0f}",
        )
    )
    down = row_names("organisation", names, moving)
    across = alt.X("millions:Q", title="£m, costs to the left", stack="zero", axis=alt.Axis(format=TICKS))
    colour = alt.Color(
        "figure:N",
        sort=figures,
        scale=alt.Scale(domain=figures, range=[PARTS[figure][1] for figure in figures]),
        legend=alt.Legend(orient="top", title=None, labelExpr=label_of(_titles(PARTS), "datum.value")),
    )
    tips = [
        alt.Tooltip("organisation_name:N", title="Organisation"),
        alt.Tooltip("part:N", title="Part"),
        alt.Tooltip("millions:Q", title="£m", format="+,.2f"),
    ]
    net = base.transform_filter("datum.figure === 'net'")
    drawn = alt.layer(
        base.transform_filter(f"indexof({figures}, datum.figure) >= 0")
        .mark_bar(height={"band": 0.7})
        .encode(x=across, y=down, color=colour, tooltip=tips),
        zero_rule(),
        net.transform_calculate(part="'Net'")
        .mark_point(shape="diamond", filled=True, fill="white", stroke=INK, strokeWidth=1.5, size=60, opacity=1)
        .encode(x=alt.X("millions:Q", title="£m, costs to the left"), y=down, tooltip=tips),
        height=alt.Step(ROW),
    ).add_params(select("chosen_option", "Package", titles))
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
        "stands to the left of the line at nothing, what it gains, by class, to the right; a diamond marks what is "
        "left.",
        assembled(drawn, organisations=data),
        table,
        Statement(
            "£m",
            discounting_of(appraisals[0]),
            span_of(appraisals[0]),
            "none: expected values; intervals of the totals stand with the net present values",
            "this run of the model and the costing assumptions (organisations.csv)",
        ),
    )


def streams_chart(appraisals: Sequence[Appraisal]) -> Chart:
    """Costs and benefits by year, undiscounted, expected values.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    data = [
        {"option": appraisal.option.name, "financial_year": year, "stream": stream, "value": float(value)}
        for appraisal in appraisals
        for stream in STREAMS
        for year, value in zip(_years(appraisal), appraisal.streams[stream].mean(axis=1), strict=False)
    ]
    titles = {appraisal.option.name: capitalised(appraisal.option.title) for appraisal in appraisals}
    names = _titles(STREAMS)
    drawn = alt.layer(
        alt.Chart(alt.NamedData(name="streams"))
        .transform_filter(chosen_rows("option"))
        .transform_calculate(
            part=label_of(names, "datum.stream"),
            millions=f"(datum.stream === 'cost' ? -1 : 1) * datum.value / {MILLION:.0f}",
        )
        .mark_bar()
        .encode(
            x=alt.X("financial_year:O", title=None, axis=upright()),
            y=alt.Y("millions:Q", title="£m a year, costs below nothing", axis=alt.Axis(format=TICKS)),
            color=alt.Color(
                "stream:N",
                sort=list(STREAMS),
                scale=alt.Scale(domain=list(STREAMS), range=[colour for _, colour in STREAMS.values()]),
                legend=alt.Legend(orient="top", title=None, labelExpr=label_of(names, "datum.value")),
            ),
            tooltip=[
                alt.Tooltip("financial_year:N", title="Financial year"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("millions:Q", title="£m", format="+,.2f"),
            ],
        ),
        alt.Chart(alt.InlineData([{}])).mark_rule(color=INK).encode(y=alt.datum(0)),
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
        "A column for each year of the package chosen: costs below the line at nothing, benefits by class above it.",
        assembled(drawn, streams=data),
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
    """Discounted benefits less costs, added up from year to year, with their interval: where the line crosses nothing.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    members = appraisals[0].option.members
    titles = {appraisal.option.name: capitalised(appraisal.option.title) for appraisal in appraisals}
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
    fields = [("expected_m:Q", "Expected, £m")]
    fields += [("low_m:Q", "10th percentile, £m"), ("high_m:Q", "90th percentile, £m")] if members > 1 else []
    tips = [alt.Tooltip("financial_year:N", title="Financial year")]
    tips += [alt.Tooltip(field, title=text, format="+,.2f") for field, text in fields]
    layers = [alt.Chart(alt.InlineData([{}])).mark_rule(color="#555555").encode(y=alt.datum(0))]
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
    drawn = alt.layer(*layers, height=HEIGHT).add_params(
        select("chosen_option", "Package", titles), select("chosen_figure", "Counted", nets, "net_public")
    )
    table = numbers_table(
        "Net present value, added up to the end of each year, £m",
        ["Package", "Counted", "Financial year"],
        ["Expected", "80% interval"],
        [
            [
                titles[str(row["option"])],
                nets[str(row["figure"])],
                str(row["financial_year"]),
                millions(float(row["expected"])),
                f"{millions(float(row['low']))} to {millions(float(row['high']))}" if members > 1 else "–",
            ]
            for row in data
        ],
    )
    return Chart(
        "payback",
        "When each package pays back",
        "A line over the years for the package chosen: discounted benefits less costs, added up; it has paid back when "
        f"the line rises above nothing for good{'; a band holds 80% of the members' if members > 1 else ''}.",
        assembled(drawn, added_up=data),
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
        str(row["figure"]): row["value"]
        for row in data
        if (row["option"], row["organisation"]) == (appraisal.option.name, organisation)
    }
    return [float(values[name]) for name in (*PARTS, "net")]


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
