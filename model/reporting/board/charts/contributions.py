"""Charts of what each intervention contributes: a waterfall, and the pairs that give less or more than their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import (
    Interaction,
    find_interactions,
    interaction_sentence,
    strongest_interactions,
)
from model.reporting.board.charts.vega import (
    NUMBERS,
    ROW,
    TICKS,
    Row,
    assembled,
    chosen_rows,
    horizon_titles,
    kind_colour,
    label_of,
    numbers_table,
    result_title,
    row_names,
    select,
    spread_tips,
    zero_rule,
)
from model.reporting.board.statements import OF_HEADLINES
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised
from model.reporting.numbers import MISSING, share
from model.reporting.tables.attribution import OVERLAP, SUM_ALONE, TOGETHER
from model.reporting.tables.table import Statement
from model.reporting.theme import BASELINE, BETTER, CHART_LINE_PIXELS, INK, PALETTE, WORSE
from model.results.comparison import Spread, interval_of
from model.results.headlines import Measure
from model.results.run import in_words

if TYPE_CHECKING:
    import altair as alt

IMPROVES, WORSENS, NEITHER, SUM, LOST = "improves", "worsens", "neither", "in all", "acting together"
COLOURS = {IMPROVES: BETTER, WORSENS: WORSE, NEITHER: PALETTE[6], SUM: BASELINE, LOST: PALETTE[4]}
MOST_ROWS = 1000
"""Rows of a table on the page; where there are more, it shows the last horizon only, or one result at it."""
MOST_PAIRS = 8
"""Pairs of each package of which is told."""


def waterfall_chart(attributions: Sequence[Attribution]) -> Chart:
    """Return the contribution of each intervention, from zero to the whole, and the sum of each by itself.

    Contributions are Shapley means, so that they add up to the whole; the largest comes first.

    Args:
        attributions: packages that were taken apart.
    """
    import altair as alt

    data = [row for attribution in attributions for row in _waterfall_rows(attribution)]
    members = min(attribution.members for attribution in attributions)
    packages = {
        attribution.scenario.name: capitalised(in_words(attribution.scenario.name)) for attribution in attributions
    }
    results = {measure.name: measure for attribution in attributions for measure in attribution.measures}
    horizons = horizon_titles(attributions[0].horizons)
    names = {row["intervention"]: capitalised(in_words(row["intervention"])) for row in data}
    kinds = {kind: colour for kind, colour in COLOURS.items() if any(row["kind"] == kind for row in data)}
    chart = (
        alt.layer(*_waterfall_layers(names, kinds, members), height=alt.Step(ROW))
        .properties(title=result_title(results.values(), "chosen_result"))
        .add_params(
            select("chosen_option", "Package", packages),
            select("chosen_result", "Result", {name: measure.title for name, measure in results.items()}),
            select("chosen_horizon", "Horizon", horizons, list(horizons)[-1]),
        )
    )
    rows_shown, note = _shown(data, list(horizons)[-1], next(iter(results.values())))
    table = numbers_table(
        "Contributions of the interventions",
        ["Package", "Result", "Horizon", "Intervention"],
        ["Contribution", "80% interval", "Unit"],
        [
            [
                packages[row["option"]],
                results[row["result"]].title,
                horizons[row["horizon"]],
                names[row["intervention"]],
                *_numbers(row, results[row["result"]]),
            ]
            for row in rows_shown
        ],
        note,
    )
    return Chart(
        "waterfall",
        "What each intervention contributes",
        "Bars of the interventions of the package chosen, the largest first, each beginning where the one above "
        "ends; grey bars below them show all together, and what each gives by itself, added up; the yellow bar between "
        "the two is what acting together takes away or adds: gains that would be counted twice.",
        assembled(chart, contributions=data),
        table,
        Statement(
            "of each result, below its name",
            OF_HEADLINES,
            ", ".join(horizons.values()),
            _interval(attributions, "each contribution"),
            "attribution of this run (attribution.csv)",
        ),
    )


def _waterfall_layers(names: Mapping[str, str], kinds: Mapping[str, str], members: int) -> list[alt.Chart]:
    """Bars from where the one above ends, with their intervals."""
    import altair as alt

    base = (
        alt.Chart(alt.NamedData(name="contributions"))
        .transform_filter(chosen_rows("option", "result", "horizon"))
        .transform_calculate(
            end="datum.start + datum.mean",
            left="datum.start + datum.low",
            right="datum.start + datum.high",
            name=label_of(names, "datum.intervention"),
        )
    )
    down, colour = row_names("intervention", names), kind_colour(kinds)
    contribution = "Mean contribution" if members > 1 else "Contribution"
    tips = [alt.Tooltip("name:N", title="Intervention"), *spread_tips([("mean", contribution)], members, f"+{NUMBERS}")]
    across = alt.X("start:Q", title="Change from the baseline", axis=alt.Axis(format=TICKS))
    layers = [
        zero_rule(),
        base.mark_bar(height={"band": 0.7}).encode(x=across, x2="end:Q", y=down, color=colour, tooltip=tips),
    ]
    if members > 1:
        layers.append(
            base.transform_filter("datum.low !== null")
            .mark_rule(strokeWidth=1.4, color=INK)
            .encode(x=alt.X("left:Q", title="Change from the baseline"), x2="right:Q", y=down)
        )
    return layers


def overlaps_chart(attributions: Sequence[Attribution]) -> Chart | None:
    """Return pairs that together give clearly less or more than the sum of both; None where there is none.

    Args:
        attributions: packages that were taken apart.
    """
    import altair as alt

    overlaps = [
        (attribution, pair)
        for attribution in attributions
        for pair in strongest_interactions(find_interactions(attribution), MOST_PAIRS)
    ]
    if not overlaps:
        return None
    data = [_pair(attribution, pair) for attribution, pair in overlaps]
    packages = {
        attribution.scenario.name: capitalised(in_words(attribution.scenario.name)) for attribution, _ in overlaps
    }
    texts = {row["pair"]: row["names"] for row in data}
    kinds = {"the same bed days": WORSE, "in each other's way": PALETTE[4], "reinforce each other": BETTER}
    kinds = {kind: colour for kind, colour in kinds.items() if any(row["kind"] == kind for row in data)}
    chart = alt.layer(
        zero_rule(),
        alt.Chart(alt.NamedData(name="pairs"))
        .transform_filter(chosen_rows("option"))
        .mark_bar(height={"band": 0.7})
        .encode(
            x=alt.X("share_of_smaller:Q", title="Beyond their sum, %", axis=alt.Axis(format="%")),
            y=row_names("pair", texts, most=4),
            color=kind_colour(kinds),
            tooltip=[
                alt.Tooltip("first:N", title="One"),
                alt.Tooltip("second:N", title="Other"),
                alt.Tooltip("title:N", title="Result"),
                alt.Tooltip("horizon:N", title="Horizon"),
                alt.Tooltip("joint:N", title="Beyond the sum"),
                alt.Tooltip("share_of_smaller:Q", title="Of the smaller", format="+.0%"),
                alt.Tooltip("share_of_members:Q", title="Share of members", format=".0%"),
            ],
        ),
        height=alt.Step(4 * CHART_LINE_PIXELS + 8),
    ).add_params(select("chosen_option", "Package", packages))
    table = numbers_table(
        "Pairs that give less or more than their sum",
        ["Package", "In words"],
        ["Share of the smaller"],
        [
            [packages[attribution.scenario.name], interaction_sentence(pair), share(pair.share, signed=True)]
            for attribution, pair in overlaps
        ],
        "The strongest of each package; all are in overlaps.csv and interactions.csv.",
    )
    lost = sum(pair.share < 0 for _, pair in overlaps)
    return Chart(
        "overlaps",
        "Which interventions overlap, and which reinforce each other",
        f"Bars of {len(overlaps)} pairs of interventions, {lost} of which give together less than the sum of both and "
        f"{len(overlaps) - lost} more; to the left is what would be counted twice.",
        assembled(chart, pairs=data),
        table,
        Statement(
            "share of the smaller of the two contributions, per cent",
            OF_HEADLINES,
            ", ".join(horizon_titles(attributions[0].horizons).values()),
            "none: means; only pairs whose sign is the same in most members are shown",
            "attribution of this run (overlaps.csv)",
        ),
    )


def _interval(attributions: Sequence[Attribution], what: str) -> str:
    """What the intervals of several packages are: they may differ in members."""
    counts = sorted({attribution.members for attribution in attributions})
    if counts == [1]:
        return interval_of(1)
    return f"80% of {' or '.join(f'{count:,}' for count in counts)} members, of {what}"


def _waterfall_rows(attribution: Attribution) -> list[Row]:
    """Rows of all waterfalls of a package, from above: contributions, the whole, the sum of each alone, the overlap."""
    rows: list[Row] = []
    for column, measure in enumerate(attribution.measures):
        for index, horizon in enumerate(attribution.horizons):
            shapley, whole = attribution.shapley[:, column, index], attribution.effect[column, index]
            alone = attribution.alone[:, column, index].sum(axis=0)
            order = np.argsort(-np.abs(shapley.mean(axis=-1)), kind="stable")
            steps = [(attribution.interventions[place_of], shapley[place_of]) for place_of in order]
            steps += [(TOGETHER, whole), (SUM_ALONE, alone), (OVERLAP, attribution.overlap[column, index])]
            labels = {"option": attribution.scenario.name, "result": measure.name, "horizon": horizon}
            reached = 0.0
            for name, values in steps:
                mean, spread = float(values.mean()), Spread.of(values)
                if name in (TOGETHER, SUM_ALONE):
                    start, kind = 0.0, SUM
                elif name == OVERLAP:
                    start, kind = float(alone.mean()), LOST
                else:
                    start, kind = reached, _kind(mean, measure.better)
                    reached += mean
                low, high = (spread.low, spread.high) if attribution.members > 1 else (None, None)
                row = {"intervention": name, "kind": kind, "start": start, "mean": mean, "low": low, "high": high}
                rows.append(labels | row)
    return rows


def _shown(data: list[Row], horizon: str, result: Measure) -> tuple[list[Row], str]:
    """Rows that the page can hold, and what is left out."""
    if len(data) <= MOST_ROWS:
        return data, ""
    rows_shown = [row for row in data if row["horizon"] == horizon]
    if len(rows_shown) <= MOST_ROWS:
        return rows_shown, "The last horizon; the others are in attribution.csv."
    rows_shown = [row for row in rows_shown if row["result"] == result.name]
    return rows_shown, f"{result.title} at the last horizon; everything else is in attribution.csv."


def _kind(mean: float, better: str) -> str:
    if not better or mean == 0.0:
        return NEITHER
    return IMPROVES if (mean > 0) == (better == "higher") else WORSENS


def _numbers(row: Row, measure: Measure) -> list[str]:
    """Mean, interval and unit of a contribution, as the table has them."""
    mean, low, high = (
        MISSING if row[field] is None else measure.format(row[field], signed=True) for field in ("mean", "low", "high")
    )
    return [mean, MISSING if row["low"] is None else f"{low} to {high}", measure.unit]


def _pair(attribution: Attribution, pair: Interaction) -> Row:
    first, second = (capitalised(in_words(name)) for name in (pair.first, pair.second))
    kind = (
        "the same bed days"
        if pair.same_bed_days
        else ("in each other's way" if pair.share < 0 else "reinforce each other")
    )
    names = f"{first}, {in_words(pair.second)}: {pair.measure.title}"
    return {
        "option": attribution.scenario.name,
        "names": names,
        "first": first,
        "second": second,
        "pair": f"{pair.first}+{pair.second}+{pair.measure.name}+{pair.horizon}",
        "result": pair.measure.name,
        "title": pair.measure.title,
        "horizon": pair.horizon,
        "interaction": pair.interaction,
        "share_of_smaller": pair.share,
        "share_of_members": pair.sure,
        "joint": f"{pair.measure.format(pair.interaction, signed=True)} {pair.measure.unit}",
        "kind": kind,
    }
