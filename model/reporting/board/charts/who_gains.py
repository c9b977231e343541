"""Charts of who gains: change by group of people, indices of inequality, and what a fair share of health is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.appraisal.costing.assumptions import MODEL_PRICES
from model.appraisal.equity.distributional_impact import PEOPLE_PER_RATE, DistributionalImpact, GroupImpact
from model.reporting.board.charts.vega import (
    NUMBERS,
    ROW,
    TITLE,
    Row,
    assembled,
    chosen_rows,
    colours,
    direction,
    interval_fields,
    interval_text,
    label_of,
    numbers_table,
    option_legend,
    row_names,
    select,
    spread_layers,
    spread_tips,
    title,
    verdict_key,
    verdict_of,
    wrapped_label_of,
    zero_rule,
)
from model.reporting.board.statements import NO_MONEY
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised
from model.reporting.numbers import number
from model.reporting.tables.equity import GAINS, INDICES, period
from model.reporting.tables.table import Statement, Table
from model.reporting.theme import INK, PALETTE
from model.results.comparison import Spread, interval_of
from model.results.number_format import format_number

GROUPINGS = {
    "deprivation": "by fifth of deprivation",
    "place": "by place",
    "age_group": "by age",
    "stage": "by stage of life",
}
VERDICTS = ("narrows", "widens", "may be either", "no change")
OFFSET = 11
"""Pixels between the marks of two options in one row."""


def gains_chart(impacts: Sequence[DistributionalImpact]) -> Chart:
    """Return changes per 1,000 people of each group, by deprivation, place, age or stage of life.

    Args:
        impacts: packages.
    """
    import altair as alt

    members = impacts[0].members
    titles = {impact.option: capitalised(impact.title) for impact in impacts}
    kinds = {f"{gain.result}|{gain.grouping}": gain for gain in impacts[0].impacts}
    data = [row for impact in impacts for gain in impact.impacts for row in _gains(impact, gain)]
    labels = {row["label"]: row["label"] for row in data}
    base = (
        alt.Chart(alt.NamedData(name="gains"))
        .transform_filter("datum.result + '|' + datum.division === chosen_what")
        .transform_calculate(name=label_of(titles, "datum.option"))
    )
    down = row_names("label", labels)
    beside = alt.YOffset("option:N", sort=None, scale=alt.Scale(domain=list(titles)))
    people = f"{format_number(PEOPLE_PER_RATE, 0)} people"
    text = f"Change per {people}"
    colour = alt.Color("option:N", scale=colours(list(titles)), legend=option_legend(titles))
    tips = [
        alt.Tooltip("name:N", title="Package"),
        alt.Tooltip("label:N", title="Group"),
        *spread_tips([("per_1000_people", text)], members, f"+{NUMBERS}"),
        alt.Tooltip("expected:Q", title="In all", format=f"+{NUMBERS}"),
    ]
    channels = {"y": down, "yOffset": beside, "color": colour}
    layers = spread_layers(base, "per_1000_people", text, members, channels, tips, size=45, width=1.6)
    heads = {
        key: f"{gain.title} {GROUPINGS[gain.grouping]}: {gain.unit} per {people}, {period(impacts[0])}, "
        f"{direction(gain.better)}"
        for key, gain in kinds.items()
    }
    step = alt.Step(max(OFFSET, ROW // len(titles)), **{"for": "offset"})
    chart = (
        alt.layer(zero_rule(), *layers, height=step)
        .properties(title=title(wrapped_label_of(heads, "chosen_what", TITLE)))
        .add_params(
            select(
                "chosen_what",
                "What, and for whom",
                {key: f"{gain.title}, {GROUPINGS[gain.grouping]}" for key, gain in kinds.items()},
            )
        )
    )
    return Chart(
        "equity",
        "Who gains",
        f"For what is chosen, marks of {len(titles)} packages for each group of people, at the change per {people} "
        f"of the group{', with lines over the 80% intervals' if members > 1 else ''}; marks further to one side "
        "for the most deprived than for the least show who gains more.",
        assembled(chart, gains=data),
        _gains_table(text, data, kinds, titles),
        Statement(
            "of each result, in the title of the chart; residents of the baseline",
            NO_MONEY,
            f"{period(impacts[0])}, added up, not discounted",
            interval_of(members),
            f"this run of the model, package less baseline ({GAINS})",
        ),
    )


def _gains_table(
    caption: str, data: Sequence[Row], kinds: Mapping[str, GroupImpact], titles: Mapping[str, str]
) -> Table:
    results = {gain.result: gain for gain in kinds.values()}
    return numbers_table(
        caption,
        ["Result", "Division", "Group", "Package"],
        ["Change", "80% interval", "In all", "Unit"],
        [
            [
                results[row["result"]].title,
                GROUPINGS[row["division"]],
                row["label"],
                titles[row["option"]],
                number(row["per_1000_people"], signed=True),
                interval_text(row),
                number(row["expected"], signed=True),
                results[row["result"]].unit,
            ]
            for row in data
        ],
    )


def slopes_chart(impacts: Sequence[DistributionalImpact]) -> Chart:
    """Return the change of each index of inequality: whether gaps between fifths of deprivation narrow or widen.

    Args:
        impacts: packages.
    """
    import altair as alt

    members = impacts[0].members
    titles = {impact.option: capitalised(impact.title) for impact in impacts}
    indices = {slope.name: slope for slope in impacts[0].indices}
    data = [row for impact in impacts for row in _slopes(impact)]
    base = alt.Chart(alt.NamedData(name="slopes")).transform_filter(chosen_rows("index"))
    base = base.transform_calculate(name=label_of(titles, "datum.option"))
    down = row_names("option", titles, list(titles))
    text = "Change of the index"
    colour, shape = verdict_key(VERDICTS, data)
    tips = [
        alt.Tooltip("name:N", title="Package"),
        alt.Tooltip("before:Q", title="Baseline", format=NUMBERS),
        *spread_tips([("expected", "Change")], members, f"+{NUMBERS}"),
    ]
    layers = spread_layers(base, "expected", text, members, {"y": down, "color": colour}, tips, shape=shape)
    heads = {name: f"{slope.title}: {slope.unit}, nearer to 0 is better" for name, slope in indices.items()}
    chart = (
        alt.layer(zero_rule(), *layers, height=alt.Step(ROW))
        .properties(title=title(wrapped_label_of(heads, "chosen_index", TITLE)))
        .add_params(select("chosen_index", "Index", {name: slope.title for name, slope in indices.items()}))
    )
    table = numbers_table(
        "Indices of inequality",
        ["Index", "Package"],
        ["Baseline", "Change", "80% interval", "Unit"],
        [
            [
                indices[row["index"]].title,
                titles[row["option"]],
                number(row["before"]),
                number(row["expected"], signed=True),
                interval_text(row),
                indices[row["index"]].unit,
            ]
            for row in data
        ],
    )
    return Chart(
        "inequality",
        "Whether gaps narrow or widen",
        "For the index chosen, a mark for each package at its change"
        + (" with a line over its 80% interval" if members > 1 else "")
        + "; blue where the gap narrows, orange where it widens, grey where it may be either.",
        assembled(chart, slopes=data),
        table,
        Statement(
            "of each index, in the title of the chart",
            f"£ at {MODEL_PRICES} prices for the cost of inequality; other indices hold no money",
            f"{period(impacts[0])}, mean of the years",
            interval_of(members),
            f"this run of the model, package less baseline ({INDICES})",
        ),
    )


def fair_health_chart(impacts: Sequence[DistributionalImpact]) -> Chart:
    """Return health gained less what the money would else have gained, added up and weighed by who has it.

    Args:
        impacts: packages.
    """
    import altair as alt

    members = impacts[0].members
    titles = {impact.option: capitalised(impact.title) for impact in impacts}
    counts = {"plain_gain": "Plainly added up", "equally_distributed": "Weighed by who gains"}
    data = [row for impact in impacts for row in _health(impact)]
    base = alt.Chart(alt.NamedData(name="health")).transform_calculate(
        name=label_of(titles, "datum.option"), counted=label_of(counts, "datum.index")
    )
    down = row_names("option", titles, list(titles))
    beside = alt.YOffset("index:N", sort=None, scale=alt.Scale(domain=list(counts)))
    text = "QALYs gained less those forgone"
    colour = alt.Color(
        "index:N",
        sort=None,
        scale=alt.Scale(domain=list(counts), range=[INK, PALETTE[0]]),
        legend=alt.Legend(orient="top", title=None, labelExpr=label_of(counts, "datum.value"), symbolType="circle"),
    )
    tips = [
        alt.Tooltip("name:N", title="Package"),
        alt.Tooltip("counted:N", title="QALYs"),
        *spread_tips([("expected", "Expected")], members, "+,.1f"),
    ]
    channels = {"y": down, "yOffset": beside, "color": colour}
    layers = spread_layers(base, "expected", text, members, channels, tips, size=60, width=2)
    chart = alt.layer(zero_rule(), *layers, height=alt.Step(16, **{"for": "offset"}))
    table = numbers_table(
        "QALYs gained less those forgone",
        ["Package", "How counted"],
        ["Expected", "80% interval"],
        [
            [titles[row["option"]], counts[row["index"]], number(row["expected"], signed=True), interval_text(row)]
            for row in data
        ],
    )
    weighting = impacts[0].distribution
    return Chart(
        "fair_health",
        "What the health is worth when it matters who has it",
        "Two marks for each package: QALYs gained less those that its net public cost would else have gained, plainly "
        "added up, and weighed so that health of those who have less counts more; a second mark to the right of the "
        "first says that the worse off gain more.",
        assembled(chart, health=data),
        table,
        Statement(
            f"QALYs, discounted; forgone at £{format_number(weighting.threshold, 0)} a QALY; Atkinson index, "
            f"inequality aversion {weighting.aversion:g}",
            NO_MONEY,
            f"{period(impacts[0])}, added up",
            interval_of(members),
            f"this run of the model, package less baseline ({INDICES})",
        ),
    )


def _gains(impact: DistributionalImpact, gain: GroupImpact) -> list[Row]:
    rates = gain.per_1000_people
    return [
        {
            "option": impact.option,
            "result": gain.result,
            "division": gain.grouping,
            "label": label,
            "expected": float(members.mean()),
            "per_1000_people": float(rate),
            **interval_fields(spread, impact.members),
        }
        for label, members, rate, spread in zip(
            gain.labels, gain.values, rates.mean(axis=1), Spread.several(rates), strict=True
        )
    ]


def _slopes(impact: DistributionalImpact) -> list[Row]:
    rows: list[Row] = []
    for slope in impact.indices:
        widening = Spread.of(slope.widening)
        rows.append(
            {
                "option": impact.option,
                "index": slope.name,
                "before": float(slope.before.mean()),
                "expected": float(slope.change.mean()),
                **interval_fields(Spread.of(slope.change), impact.members),
                "verdict": verdict_of(Spread(-widening.median, -widening.high, -widening.low), VERDICTS),
            }
        )
    return rows


def _health(impact: DistributionalImpact) -> list[Row]:
    weighting = impact.distribution
    gains = (
        ("plain_gain", float(weighting.plain.mean()), weighting.plain),
        ("equally_distributed", float(weighting.expected().worth()[0]), weighting.worth()),
    )
    return [
        {
            "option": impact.option,
            "index": name,
            "expected": expected,
            **interval_fields(Spread.of(members), impact.members),
        }
        for name, expected, members in gains
    ]
