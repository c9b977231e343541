"""Charts of what each intervention contributes: a waterfall, and the pairs that give less or more than their sum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import (
    Interaction,
    find_interactions,
    interaction_sentence,
    strongest_interactions,
)
from model.reporting.board.charts.vega import (
    LINE,
    NUMBERS,
    ROW,
    TICKS,
    TITLE,
    Row,
    assembled,
    choice,
    direction,
    horizon_words,
    names_down,
    nothing,
    only,
    said,
    tabled,
    title,
)
from model.reporting.board.statements import OF_HEADLINES, interval_of
from model.reporting.html.blocks import Chart, Statement
from model.reporting.names import capitalised, wrapped
from model.reporting.numbers import share
from model.reporting.tables.attribution import OVERLAP, SUM_ALONE, TOGETHER
from model.reporting.theme import BASELINE, PALETTE
from model.results.comparison import Spread
from model.results.headlines import Measure
from model.results.run import in_words as named

BETTER, WORSE, NEITHER, SUM, LOST = "improves", "worsens", "neither", "in all", "acting together"
COLOURS = {BETTER: PALETTE[0], WORSE: PALETTE[1], NEITHER: PALETTE[6], SUM: BASELINE, LOST: PALETTE[4]}
MOST_ROWS = 1000
"""Rows of a table on the page; where there are more, it shows the last horizon only, or one result at it."""
MOST_PAIRS = 8
"""Pairs of each package of which is told."""


def waterfall_chart(found: Sequence[Attribution]) -> Chart:
    """Contribution of each intervention, from nothing to the whole, and what all give by themselves, added up.

    Contributions are Shapley means, so that they add up to the whole; the largest comes first.

    Args:
        found: packages that were taken apart.
    """
    import altair as alt

    data = [row for each in found for row in _falls(each)]
    members = min(each.members for each in found)
    packages = {each.scenario.name: capitalised(named(each.scenario.name)) for each in found}
    results = {measure.name: measure for each in found for measure in each.measures}
    horizons = horizon_words(found[0].horizons)
    names = {str(row["intervention"]): capitalised(named(str(row["intervention"]))) for row in data}
    base = (
        alt.Chart(alt.NamedData(name="contributions"))
        .transform_filter(only("option", "result", "horizon"))
        .transform_calculate(
            end="datum.start + datum.mean",
            left="datum.start + datum.low",
            right="datum.start + datum.high",
            name=said(names, "datum.intervention"),
        )
    )
    down = names_down("intervention", names)
    kinds = [kind for kind in COLOURS if any(row["kind"] == kind for row in data)]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[COLOURS[kind] for kind in kinds]),
        legend=alt.Legend(orient="top", title=None),
    )
    parts = [("mean:Q", "Mean contribution" if members > 1 else "Contribution")]
    parts += [("low:Q", "10th percentile"), ("high:Q", "90th percentile")] if members > 1 else []
    tips = [alt.Tooltip("name:N", title="Intervention")]
    tips += [alt.Tooltip(field, title=text, format=f"+{NUMBERS}") for field, text in parts]
    across = alt.X("start:Q", title="Change from the baseline", axis=alt.Axis(format=TICKS))
    layers = [
        nothing(),
        base.mark_bar(height={"band": 0.7}).encode(x=across, x2="end:Q", y=down, color=colour, tooltip=tips),
    ]
    if members > 1:
        layers.append(
            base.transform_filter("datum.low !== null")
            .mark_rule(strokeWidth=1.4, color="#222222")
            .encode(x=alt.X("left:Q", title="Change from the baseline"), x2="right:Q", y=down)
        )
    drawn = (
        alt.layer(*layers, height=alt.Step(ROW))
        .properties(title=_title(results))
        .add_params(
            choice("chosen_option", "Package", packages),
            choice("chosen_result", "Result", {name: each.title for name, each in results.items()}),
            choice("chosen_horizon", "Horizon", horizons, list(horizons)[-1]),
        )
    )
    shown, note = _shown(data, list(horizons)[-1], next(iter(results.values())))
    table = tabled(
        "Contributions of the interventions",
        ["Package", "Result", "Horizon", "Intervention"],
        ["Contribution", "80% interval", "Unit"],
        [
            [
                packages[str(row["option"])],
                results[str(row["result"])].title,
                horizons[str(row["horizon"])],
                names[str(row["intervention"])],
                *_written(row, results[str(row["result"])]),
            ]
            for row in shown
        ],
        note,
    )
    return Chart(
        "waterfall",
        "What each intervention contributes",
        "Bars of the interventions of the package chosen, the largest first, each beginning where the one above "
        "ends; grey bars below them show all together, and what each gives by itself, added up; the yellow bar between "
        "the two is what acting together takes away or adds: gains that would be counted twice.",
        assembled(drawn, contributions=data),
        table,
        Statement(
            "of each result, below its name",
            OF_HEADLINES,
            ", ".join(horizons.values()),
            _interval(found, "each contribution"),
            "attribution of this run (attribution.csv)",
        ),
    )


def overlaps_chart(found: Sequence[Attribution]) -> Chart | None:
    """Pairs that together give clearly less, or more, than the sum of both; None where there is no such pair.

    Args:
        found: packages that were taken apart.
    """
    import altair as alt

    told = [(each, pair) for each in found for pair in strongest_interactions(find_interactions(each), MOST_PAIRS)]
    if not told:
        return None
    data = [_pair(each, pair) for each, pair in told]
    packages = {each.scenario.name: capitalised(named(each.scenario.name)) for each, _ in told}
    texts = {str(row["pair"]): str(row["names"]) for row in data}
    sorts = {"the same bed days": PALETTE[1], "in each other's way": PALETTE[4], "reinforce each other": PALETTE[0]}
    met = [kind for kind in sorts if any(row["kind"] == kind for row in data)]
    drawn = alt.layer(
        nothing(),
        alt.Chart(alt.NamedData(name="pairs"))
        .transform_filter(only("option"))
        .mark_bar(height={"band": 0.7})
        .encode(
            x=alt.X("share_of_smaller:Q", title="Beyond their sum, %", axis=alt.Axis(format="%")),
            y=names_down("pair", texts, most=4),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=met, range=[sorts[kind] for kind in met]),
                legend=alt.Legend(orient="top", title=None),
            ),
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
        height=alt.Step(4 * LINE + 8),
    ).add_params(choice("chosen_option", "Package", packages))
    table = tabled(
        "Pairs that give less or more than their sum",
        ["Package", "In words"],
        ["Share of the smaller"],
        [[packages[each.scenario.name], interaction_sentence(pair), share(pair.share, signed=True)] for each, pair in told],
        "The strongest of each package; all stand in overlaps.csv and interactions.csv.",
    )
    lost = sum(pair.share < 0 for _, pair in told)
    return Chart(
        "overlaps",
        "Which interventions overlap, and which reinforce each other",
        f"Bars of {len(told)} pairs of interventions, {lost} of which give together less than the sum of both and "
        f"{len(told) - lost} more; to the left is what would be counted twice.",
        assembled(drawn, pairs=data),
        table,
        Statement(
            "share of the smaller of the two contributions, per cent",
            OF_HEADLINES,
            ", ".join(horizon_words(found[0].horizons).values()),
            "none: means; only pairs whose sign is the same in most members are shown",
            "attribution of this run (overlaps.csv)",
        ),
    )


def _title(results: dict[str, Measure]) -> object:
    texts = {
        name: f"{wrapped(each.title, TITLE)}\n{wrapped(f'{each.unit}; {direction(each.better)}', TITLE)}"
        for name, each in results.items()
    }
    return title(f"split({said(texts, 'chosen_result')}, '\\n')")


def _interval(found: Sequence[Attribution], what: str) -> str:
    """What the intervals of several packages are: they may differ in members."""
    counts = sorted({each.members for each in found})
    if counts == [1]:
        return interval_of(1)
    return f"80% of {' or '.join(f'{count:,}' for count in counts)} members, of {what}"


def _falls(each: Attribution) -> list[Row]:
    """Rows of all waterfalls of a package, from above: contributions, the whole, the sum of each alone, the overlap."""
    rows: list[Row] = []
    for column, measure in enumerate(each.measures):
        for place, horizon in enumerate(each.horizons):
            own, whole = each.shapley[:, column, place], each.effect[column, place]
            alone = each.alone[:, column, place].sum(axis=0)
            order = np.argsort(-np.abs(own.mean(axis=-1)), kind="stable")
            steps = [(each.interventions[place_of], own[place_of]) for place_of in order]
            steps += [(TOGETHER, whole), (SUM_ALONE, alone), (OVERLAP, each.overlap[column, place])]
            labels = {"option": each.scenario.name, "result": measure.name, "horizon": horizon}
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
                limits = {"low": spread.low, "high": spread.high} if each.members > 1 else {"low": None, "high": None}
                rows.append({**labels, "intervention": name, "kind": kind, "start": start, "mean": mean, **limits})
    return rows


def _shown(data: list[Row], horizon: str, result: Measure) -> tuple[list[Row], str]:
    """Rows that the page can hold, and what is left out."""
    if len(data) <= MOST_ROWS:
        return data, ""
    found = [row for row in data if row["horizon"] == horizon]
    if len(found) <= MOST_ROWS:
        return found, "The last horizon; the others stand in attribution.csv."
    found = [row for row in found if row["result"] == result.name]
    return found, f"{result.title} at the last horizon; everything else stands in attribution.csv."


def _kind(mean: float, better: str) -> str:
    if not better or mean == 0.0:
        return NEITHER
    return BETTER if (mean > 0) == (better == "higher") else WORSE


def _written(row: Row, measure: Measure) -> list[str]:
    ends = [row["mean"], row["low"], row["high"]]
    mean, *limits = (None if end is None else measure.format(float(end), signed=True) for end in ends)
    return [str(mean), "–" if limits[0] is None else f"{limits[0]} to {limits[1]}", measure.unit]


def _pair(each: Attribution, pair: Interaction) -> Row:
    first, second = (capitalised(named(name)) for name in (pair.first, pair.second))
    kind = (
        "the same bed days"
        if pair.same_bed_days
        else ("in each other's way" if pair.share < 0 else "reinforce each other")
    )
    names = f"{first}, {named(pair.second)}: {pair.measure.title}"
    return {
        "option": each.scenario.name,
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
