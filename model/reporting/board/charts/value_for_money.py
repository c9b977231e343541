"""Charts of value for money: what costs buy, how likely that is worth it, how far net present values spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from model.appraisal.costing.appraisal import CASH, NON_CASH, Appraisal
from model.appraisal.costing.assumptions import Divisor
from model.reporting.board.charts.payers import NETS
from model.reporting.board.charts.vega import (
    AMOUNTS,
    HEIGHT,
    NUMBERS,
    TICKS,
    TITLE,
    Row,
    assembled,
    chosen_rows,
    colours,
    interval_fields,
    interval_in_millions,
    interval_text,
    label_of,
    numbers_table,
    option_legend,
    option_titles,
    row_names,
    select,
    spread_fields,
    spread_tips,
    title,
    wrapped_label_of,
    zero_rule,
)
from model.reporting.board.decision_results import appraisal_figures
from model.reporting.board.statements import of_costing
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised
from model.reporting.numbers import MISSING, millions, number, probability
from model.reporting.theme import BASELINE, BETTER, COST_GREYS, INK, UNCLEAR, WORSE
from model.results.comparison import Spread
from model.results.headlines import headline
from model.results.number_format import MILLION

if TYPE_CHECKING:
    import altair as alt

DO_NOTHING = "baseline"
WORTHS = tuple(range(0, 100_001, 2_500))
"""Worths of a quality-adjusted life year, £, at which the acceptability curve is drawn."""
DOTS = 20
"""Dots of a distribution: each stands for one chance in so many."""
INEQUALITY = "slope_index"
AGAINST, BEST = "against", "best"
QUESTIONS = {AGAINST: "Worth it against the baseline", BEST: "Best of all, the baseline too"}


@dataclass(frozen=True)
class Purchase:
    """What the cost of an option buys.

    Attributes:
        title: for people.
        unit: its unit.
        of: mean and spread over members; more is better.
    """

    title: str
    unit: str
    of: Callable[[Appraisal], tuple[float, Spread]]


def frontier_chart(appraisals: Sequence[Appraisal], singles: Sequence[Appraisal] = ()) -> Chart:
    """Return programme cost against what it buys; a line joins the options that no other beats.

    An option is beaten where another costs no more and gives no less.

    Args:
        appraisals: packages appraised.
        singles: interventions by themselves, drawn grey.
    """
    import altair as alt

    members = appraisals[0].option.members
    purchases = _purchases(appraisals[0])
    everything = {**option_titles((*appraisals, *singles)), DO_NOTHING: "Baseline"}
    titles = {appraisal.option.name: everything[appraisal.option.name] for appraisal in appraisals}
    data = [row for name, purchase in purchases.items() for row in _points(name, purchase, appraisals, singles)]
    layers = _frontier_layers(everything, titles, members, singles=bool(singles))
    heads = {name: f"{purchase.title}: {purchase.unit}" for name, purchase in purchases.items()}
    chart = (
        alt.layer(*layers, height=HEIGHT)
        .properties(title=title(wrapped_label_of(heads, "chosen_gained", TITLE)))
        .add_params(
            select("chosen_gained", "What is bought", {name: purchase.title for name, purchase in purchases.items()})
        )
    )
    table = numbers_table(
        "Cost and what it buys",
        ["What is bought", "Option"],
        ["Cost, £m", "Interval of cost, £m", "Gain", "80% interval", "Unit", "Beaten by another"],
        [_line(row, purchases, everything) for row in data],
    )
    return Chart(
        "frontier",
        "What the money buys",
        "A point for each package: its cost from left to right, what is chosen from below to above"
        + (", with lines over the 80% intervals" if members > 1 else "")
        + ("; small grey points are interventions by themselves" if singles else "")
        + "; a broken line from the baseline joins those that no other beats at their cost.",
        assembled(chart, points=data),
        table,
        of_costing(appraisals, unit="£m; what is bought: in the title of the chart"),
    )


def _frontier_layers(
    everything: Mapping[str, str], titles: Mapping[str, str], members: int, *, singles: bool
) -> list[alt.Chart]:
    """The line of those not beaten, single interventions, packages with their intervals, and the baseline."""
    import altair as alt

    base = alt.Chart(alt.NamedData(name="points")).transform_filter(chosen_rows("gained"))
    base = base.transform_calculate(
        name=label_of(everything, "datum.option"),
        **{f"{name}_m": f"datum.{name} / {MILLION:.0f}" for name in ("cost", "cost_low", "cost_high")},
    )
    cost_title = "Programme cost, £m, present value"
    across = alt.X("cost_m:Q", title=cost_title, axis=alt.Axis(format=TICKS))
    up = alt.Y("expected:Q", title=None, axis=alt.Axis(format=TICKS))
    colour = alt.Color("option:N", scale=colours(list(titles)), legend=option_legend(titles))
    tips = [
        alt.Tooltip("name:N", title="Option"),
        alt.Tooltip("cost_m:Q", title="Cost, £m", format=AMOUNTS),
        *spread_tips([("expected", "Gain")], members, NUMBERS),
    ]
    packages = base.transform_filter("datum.kind === 'package'")
    alone = base.transform_filter("datum.kind === 'single'")
    layers = [
        base.transform_filter("!datum.beaten")
        .mark_line(color=BASELINE, strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=across, y=up, order="cost:Q")
    ]
    if singles:
        layers.append(alone.mark_point(filled=True, size=35, color=COST_GREYS[1]).encode(x=across, y=up, tooltip=tips))
    if members > 1:
        layers += [
            packages.mark_rule(strokeWidth=1.5).encode(
                x=across, y=alt.Y("low:Q", title=None), y2="high:Q", color=colour
            ),
            packages.mark_rule(strokeWidth=1.5).encode(
                x=alt.X("cost_low_m:Q", title=cost_title), x2="cost_high_m:Q", y=up, color=colour
            ),
        ]
    return [
        *layers,
        packages.mark_point(filled=True, size=110, opacity=1).encode(x=across, y=up, color=colour, tooltip=tips),
        base.transform_filter(f"datum.option === '{DO_NOTHING}'")
        .mark_point(size=60, color=INK)
        .encode(x=across, y=up, tooltip=tips),
    ]


def acceptability_chart(appraisals: Sequence[Appraisal]) -> Chart | None:
    """Return the share of members in which a package is worth its net public cost, by the worth of a QALY.

    None with one member, of which no share can be taken, and where no cost is divided by health.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    basis, members = appraisals[0].assumptions, appraisals[0].option.members
    health = next((divisor for divisor in basis.divisors if divisor.health), None)
    if members == 1 or health is None:
        return None
    titles = option_titles(appraisals)
    data = _accepted(appraisals, health)
    rules: list[Row] = [
        {"threshold": threshold.name, "title": threshold.title.partition(", ")[2], "worth": threshold.value}
        for threshold in basis.thresholds
    ]
    everyone = {**titles, DO_NOTHING: "Baseline"}
    layers = _acceptability_layers(everyone)
    chart = alt.layer(*layers, height=HEIGHT).add_params(select("chosen_question", "Asked", QUESTIONS))
    worths = sorted({0, *(int(threshold.value) for threshold in basis.thresholds), WORTHS[-1]})
    at = {(row["question"], row["option"], row["worth"]): row["share"] for row in data}
    table = numbers_table(
        "Share of members in which a package is worth its cost",
        ["Asked", "Option"],
        [f"£{worth:,} a QALY" for worth in worths],
        [
            [
                QUESTIONS[question],
                everyone[option],
                *(
                    probability(at[question, option, worth]) if (question, option, worth) in at else MISSING
                    for worth in worths
                ),
            ]
            for question, option in dict.fromkeys((row["question"], row["option"]) for row in data)
        ],
    )
    statement = of_costing(appraisals, unit="share of members, per cent")
    return Chart(
        "acceptability",
        "How likely each package is worth its cost",
        "Curves of the packages: from left to right what a quality-adjusted life year is held to be worth, from below "
        "to above the share of members in which the health gained is worth more than the net public cost; upright "
        "lines are the usual thresholds.",
        assembled(chart, accepted=data, thresholds=rules),
        table,
        replace(statement, interval=f"none: a probability over {members:,} paired members is shown itself"),
    )


def _acceptability_layers(everyone: Mapping[str, str]) -> list[alt.Chart]:
    """Curves of the packages over upright lines at the thresholds."""
    import altair as alt

    base = (
        alt.Chart(alt.NamedData(name="accepted"))
        .transform_filter(chosen_rows("question"))
        .transform_calculate(name=label_of(everyone, "datum.option"))
    )
    across = alt.X("worth:Q", title="Worth of a QALY, £", axis=alt.Axis(format=",.0f"))
    colour = alt.Color("option:N", scale=colours(list(everyone), DO_NOTHING), legend=option_legend(everyone))
    thresholds = alt.Chart(alt.NamedData(name="thresholds"))
    names = thresholds.encode(x=across, y=alt.value(0), text="title:N")
    upright_text: dict[str, Any] = {"angle": 270, "align": "right", "baseline": "bottom", "dy": -3, "dx": -4}
    return [
        thresholds.mark_rule(color=UNCLEAR, strokeDash=[3, 3]).encode(x=across, tooltip=["title:N", "worth:Q"]),
        base.mark_line(strokeWidth=2).encode(
            x=across,
            y=alt.Y("share:Q", title="Share of members", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            color=colour,
            tooltip=[
                alt.Tooltip("name:N", title="Option"),
                alt.Tooltip("worth:Q", title="Worth, £", format=",.0f"),
                alt.Tooltip("share:Q", title="Share of members", format=".0%"),
            ],
        ),
        # A white edge keeps the words apart from the curves behind them.
        names.mark_text(**upright_text, stroke="white", strokeWidth=4),
        names.mark_text(**upright_text),
    ]


def worth_chart(appraisals: Sequence[Appraisal]) -> Chart | None:
    """Return how the net present value of each package spreads over members; None with one member.

    Args:
        appraisals: packages appraised.
    """
    import altair as alt

    members = appraisals[0].option.members
    if members == 1:
        return None
    titles = option_titles(appraisals)
    data, marks = _spread_out(appraisals)
    nets = {name: heading for name, (heading, _) in NETS.items()}
    layers = _worth_layers(titles, members)
    chart = alt.layer(*layers, height=alt.Step(62)).add_params(select("chosen_figure", "Counted", nets, "net_public"))
    table = numbers_table(
        "Net present values over the members, £m",
        ["Package", "Counted"],
        ["Median", "80% interval", "Probability above £0"],
        [
            [
                titles[row["option"]],
                nets[row["figure"]],
                millions(row["median"]),
                interval_in_millions(row),
                probability(row["probability_above_zero"]),
            ]
            for row in marks
        ],
    )
    dots = min(members, DOTS)
    return Chart(
        "net_present_value",
        "How sure the net present value is",
        f"For each package a row of {dots} dots, each one chance in {dots}: blue above zero, orange below; under "
        "them a line over 80% of the members with a mark at the median; above them the probability that the value is "
        "above £0.",
        assembled(chart, dots=data, spreads=marks),
        table,
        of_costing(appraisals),
    )


def _worth_layers(titles: Mapping[str, str], members: int) -> list[alt.Chart]:
    """Dots of equal chance, and below them the interval with a mark at the median."""
    import altair as alt

    base = (
        alt.Chart(alt.NamedData(name="dots"))
        .transform_filter(chosen_rows("figure"))
        .transform_calculate(millions=f"datum.value / {MILLION:.0f}", sign="datum.value > 0 ? 'above zero' : 'below'")
    )
    middle = (
        alt.Chart(alt.NamedData(name="spreads"))
        .transform_filter(chosen_rows("figure"))
        .transform_calculate(
            name=label_of(titles, "datum.option"),
            chance="format(datum.probability_above_zero, '.0%') + ' above £0'",
            **{f"{name}_m": f"datum.{name} / {MILLION:.0f}" for name in ("median", "low", "high")},
        )
    )
    down = row_names("option", titles, list(titles))
    text = "Net present value, £m"
    across = alt.X("millions:Q", title=text, axis=alt.Axis(format=TICKS))
    tips = [
        alt.Tooltip("name:N", title="Package"),
        *spread_tips([("median_m", "Median, £m")], members, f"+{AMOUNTS}", ends=("low_m", "high_m")),
        alt.Tooltip("chance:N", title="Members"),
    ]
    return [
        zero_rule(),
        base.mark_circle(size=46, opacity=0.45, yOffset=-7).encode(
            x=across,
            y=down,
            color=alt.Color(
                "sign:N", legend=None, scale=alt.Scale(domain=["above zero", "below"], range=[BETTER, WORSE])
            ),
        ),
        middle.mark_rule(strokeWidth=3, color=INK, yOffset=8).encode(
            x=alt.X("low_m:Q", title=text), x2="high_m:Q", y=down, tooltip=tips
        ),
        middle.mark_tick(color=INK, thickness=3, height=14, yOffset=8).encode(
            x=alt.X("median_m:Q", title=text), y=down, tooltip=tips
        ),
        middle.mark_text(align="center", dy=-21).encode(x=alt.X("median_m:Q", title=text), y=down, text="chance:N"),
    ]


def _purchases(first: Appraisal) -> Mapping[str, Purchase]:
    """What can be chosen: what costs are divided by, the value left over, the slope of inequality."""

    def of_figure(name: str, scale: float = 1.0) -> Callable[[Appraisal], tuple[float, Spread]]:
        def gain(appraisal: Appraisal) -> tuple[float, Spread]:
            result = appraisal_figures(appraisal)[name]
            value = float(result.discounted)
            spread = result.spread or Spread(value, value, value)
            return value / scale, Spread(spread.median / scale, spread.low / scale, spread.high / scale)

        return gain

    def narrowed(appraisal: Appraisal) -> tuple[float, Spread]:
        effect = appraisal.counted @ appraisal.option.effects[INEQUALITY] / appraisal.counted.sum()
        values = headline(INEQUALITY).improves * effect
        return float(values.mean()), Spread.of(values)

    divisors = sorted(first.assumptions.divisors, key=lambda divisor: not divisor.health)
    purchases = {
        f"gained_{divisor.name}": Purchase(
            capitalised(divisor.title), "number, discounted", of_figure(f"gained_{divisor.name}")
        )
        for divisor in divisors
    }
    purchases["net_public"] = Purchase(NETS["net_public"][0], "£m", of_figure("net_public", MILLION))
    if INEQUALITY in first.option.effects:
        measure = headline(INEQUALITY)
        purchases[INEQUALITY] = Purchase(f"{measure.title}: fall", f"{measure.unit}, mean of the years", narrowed)
    return purchases


def _points(name: str, purchase: Purchase, appraisals: Sequence[Appraisal], singles: Sequence[Appraisal]) -> list[Row]:
    """The options and the baseline with what they cost and give, from the cheapest."""
    members = appraisals[0].option.members
    rows: list[Row] = [
        {
            "option": DO_NOTHING,
            "gained": name,
            "kind": "baseline",
            "cost": 0.0,
            "expected": 0.0,
            **({"cost_low": 0.0, "cost_high": 0.0, "low": 0.0, "high": 0.0} if members > 1 else {}),
        }
    ]
    for kind, several in (("package", appraisals), ("single", singles)):
        for appraisal in several:
            cost, (value, spread) = appraisal.value("cost"), purchase.of(appraisal)
            costs = Spread.of(cost)
            ends = {"cost_low": costs.low, "cost_high": costs.high, **interval_fields(spread, members)}
            rows.append(
                {
                    "option": appraisal.option.name,
                    "gained": name,
                    "kind": kind,
                    "cost": float(cost.mean()),
                    "expected": value,
                    **(ends if members > 1 else {}),
                }
            )
    rows.sort(key=lambda row: (row["cost"], -row["expected"]))
    best = (np.inf, -np.inf)
    for row in rows:
        point = (row["cost"], row["expected"])
        row["beaten"] = bool(point[1] <= best[1]) and point != best
        best = best if row["beaten"] else point
    return rows


def _line(row: Row, purchases: Mapping[str, Purchase], titles: Mapping[str, str]) -> list[str]:
    purchase = purchases[row["gained"]]
    return [
        purchase.title,
        titles[row["option"]],
        millions(row["cost"]),
        interval_in_millions(row, "cost_low", "cost_high"),
        number(row["expected"]),
        interval_text(row),
        purchase.unit,
        "yes" if row["beaten"] else "no",
    ]


def _accepted(appraisals: Sequence[Appraisal], health: Divisor) -> list[Row]:
    """Shares of members by worth of a quality-adjusted life year; equals share the place of the best."""
    streams = (CASH, NON_CASH, "cost") if health.net else ("cost",)
    sign = 1.0 if health.net else -1.0
    worths = np.array(WORTHS, dtype=float)[:, None]
    benefit = np.stack(
        [worths * appraisal.gained(health) + sign * appraisal.value(*streams) for appraisal in appraisals]
    )
    rows: list[Row] = []
    names = [appraisal.option.name for appraisal in appraisals]
    everyone = np.concatenate([np.zeros_like(benefit[:1]), benefit])
    first = everyone == everyone.max(axis=0)
    shares = {
        AGAINST: zip(names, np.mean(benefit > 0.0, axis=-1), strict=True),
        BEST: zip([DO_NOTHING, *names], (first / first.sum(axis=0)).mean(axis=-1), strict=True),
    }
    for question, curves in shares.items():
        rows += [
            {"option": name, "question": question, "worth": worth, "share": float(share)}
            for name, curve in curves
            for worth, share in zip(WORTHS, curve, strict=True)
        ]
    return rows


def _spread_out(appraisals: Sequence[Appraisal]) -> tuple[list[Row], list[Row]]:
    """Dots of equal chance, and the figures of appraisal.csv, for each net present value."""
    dots: list[Row] = []
    marks: list[Row] = []
    for appraisal in appraisals:
        figures = appraisal_figures(appraisal)
        for name, (_, streams) in NETS.items():
            values = np.sort(appraisal.value(*streams))
            if len(values) > DOTS:
                values = np.quantile(values, (np.arange(DOTS) + 0.5) / DOTS)
            dots += [{"option": appraisal.option.name, "figure": name, "value": float(value)} for value in values]
            marks.append(
                {
                    "option": appraisal.option.name,
                    "figure": name,
                    **spread_fields(figures[name].spread or Spread.of(values), appraisal.option.members),
                    "probability_above_zero": figures[name].favourable,
                }
            )
    return dots, marks
