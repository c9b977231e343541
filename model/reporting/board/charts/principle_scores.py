"""Charts of the prioritisation principles: scores, weighted totals, and how often each rank is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from model.appraisal.prioritisation.scoring import Ranking
from model.reporting.board.charts.vega import (
    ROW,
    Row,
    assembled,
    cell_layers,
    few_lines,
    interval_fields,
    interval_text,
    kind_colour,
    label_of,
    names_above,
    numbers_table,
    row_names,
    spread_layers,
    spread_tips,
)
from model.reporting.html.blocks import Chart
from model.reporting.names import capitalised
from model.reporting.numbers import MISSING, probability, share
from model.reporting.tables.prioritisation import NO_MONEY, POINTS
from model.reporting.tables.table import Statement
from model.reporting.theme import BETTER_TINT, CHART_SMALL_PIXELS, PALETTE, PAPER, RAMP, UNCLEAR
from model.results.number_format import format_number

if TYPE_CHECKING:
    import altair as alt

COLUMN = 26
"""Letters of the name of a principle above its column, which takes two lines."""
NOT_BEATEN, DOMINATED = "not dominated", "dominated by another"


def scores_chart(ranking: Ranking) -> Chart:
    """Return the score of every option by every principle; options from the first rank to the last.

    Args:
        ranking: options scored.
    """
    import altair as alt

    titles = _titles(ranking)
    scored = [principle for principle in ranking.principles.principles if ranking.criteria_of(principle)]
    indices = [index for index, principle in enumerate(ranking.principles.principles) if ranking.criteria_of(principle)]
    principles = {principle.name: principle.title for principle in scored}
    data: list[Row] = [
        {
            "option": option,
            "principle": principle.name,
            "score": float(ranking.by_principle[row, index]),
            "weight": float(ranking.weights[index]),
        }
        for row, option in enumerate(ranking.options)
        for index, principle in zip(indices, scored, strict=True)
    ]
    chart = alt.layer(*_score_layers(titles, principles), height=alt.Step(ROW))
    at = {(row["option"], row["principle"]): row["score"] for row in data}
    table = numbers_table(
        "Scores by principle, points of 100",
        ["Principle"],
        ["Weight", *titles.values()],
        [
            [
                principle.title,
                share(ranking.weights[index]),
                *(format_number(at[name, principle.name], 1) for name in titles),
            ]
            for index, principle in zip(indices, scored, strict=True)
        ],
        "Criteria, measures and intervals are in principles.csv.",
    )
    return Chart(
        "principles",
        "How each option scores by the agreed principles",
        f"A table of {len(titles)} options, the one with the greatest total first, and {len(principles)} principles; "
        "the darker a cell, the more of 100 points it has.",
        assembled(chart, scores=data),
        table,
        Statement(
            POINTS,
            _prices(ranking),
            ranking.span,
            "none: scores of the expected measures; intervals stand with the totals and in principles.csv",
            f"this run of the model and {ranking.principles.file} (principles.csv)",
        ),
    )


def _score_layers(titles: Mapping[str, str], principles: Mapping[str, str]) -> list[alt.Chart]:
    """Cells of options by principle, from white to the best score."""
    import altair as alt

    base = alt.Chart(alt.NamedData(name="scores")).transform_calculate(
        name=label_of(titles, "datum.option"), asked=label_of(principles, "datum.principle")
    )
    axis = names_above(
        {name: few_lines(text, COLUMN, 2) for name, text in principles.items()},
        labelAlign="left",
        labelFlush=False,
        labelLimit=220,
        labelFontSize=CHART_SMALL_PIXELS,
        labelLineHeight=CHART_SMALL_PIXELS,
    )
    across = alt.X("principle:N", sort=None, scale=alt.Scale(domain=list(principles)), axis=axis)
    fill = alt.Color(
        "score:Q",
        scale=alt.Scale(domain=[0, 100], range=[PAPER, BETTER_TINT], interpolate="rgb"),
        legend=alt.Legend(orient="bottom", title="Score, points of 100", values=[0, 50, 100]),
    )
    tips = [
        alt.Tooltip("name:N", title="Option"),
        alt.Tooltip("asked:N", title="Principle"),
        alt.Tooltip("score:Q", title="Score", format=".1f"),
        alt.Tooltip("weight:Q", title="Weight", format=".0%"),
    ]
    down = row_names("option", titles, list(titles))
    text = alt.Text("score:Q", format=".0f")
    return cell_layers(base, across, down, fill, text, tips)


def totals_chart(ranking: Ranking) -> Chart:
    """Return the weighted total of every option with its interval, from the first rank to the last.

    Args:
        ranking: options scored.
    """
    import altair as alt

    titles = _titles(ranking)
    data = [_total(ranking, name) for name in titles]
    kinds = [NOT_BEATEN, DOMINATED]
    base = alt.Chart(alt.NamedData(name="totals")).transform_calculate(name=label_of(titles, "datum.option"))
    down = row_names("option", titles, list(titles))
    text = "Weighted total, points of 100"
    key = alt.Legend(orient="top", title=None)
    colour = kind_colour({NOT_BEATEN: PALETTE[0], DOMINATED: UNCLEAR})
    shape = alt.Shape("kind:N", legend=key, scale=alt.Scale(domain=kinds, range=["circle", "cross"]))
    tips = [
        alt.Tooltip("name:N", title="Option"),
        *spread_tips([("total", "Total")], ranking.members, ".1f"),
        alt.Tooltip("review:N", title="First review"),
        alt.Tooltip("dominated_by:N", title="Dominated by"),
    ]
    channels = {"y": down, "color": colour}
    layers = spread_layers(base, "total", text, ranking.members, channels, tips, shape=shape, size=80)
    table = numbers_table(
        "Weighted totals, points of 100",
        ["Option", "Dominated by", "First review"],
        ["Total", "80% interval", "Rank"],
        [
            [
                titles[row["option"]],
                row["dominated_by"] or "none",
                row["review"],
                format_number(row["total"], 1),
                interval_text(row),
                MISSING if row["rank"] is None else format_number(row["rank"], 0),
            ]
            for row in data
        ],
    )
    return Chart(
        "totals",
        "Which option comes first by the principles",
        "A mark for each option at its weighted total, the greatest first"
        + (", with a line over its 80% interval" if ranking.members > 1 else "")
        + "; a grey cross is nowhere better and somewhere worse than another option.",
        assembled(alt.layer(*layers, height=alt.Step(ROW)), totals=data),
        table,
        Statement(
            POINTS,
            _prices(ranking),
            ranking.span,
            ranking.interval,
            f"this run of the model and {ranking.principles.file} (ranking.csv)",
        ),
    )


def ranks_chart(ranking: Ranking) -> Chart | None:
    """Return how often each option takes each rank when weights and members vary; None for one option alone.

    Args:
        ranking: options scored.
    """
    sensitivity = ranking.sensitivity
    if sensitivity is None:
        return None
    titles = _titles(ranking)
    data: list[Row] = [
        {"option": name, "rank": float(rank), "share": float(frequency)}
        for name in titles
        for rank, frequency in enumerate(sensitivity.by_both[ranking.options.index(name)], start=1)
    ]
    last = len(titles)
    table = numbers_table(
        "Share of cases in which each rank is taken",
        ["Option"],
        [f"Rank {rank}" for rank in range(1, last + 1)],
        [
            [
                titles[name],
                *(
                    probability(float(frequency)) if frequency else "0%"
                    for frequency in sensitivity.by_both[ranking.options.index(name)]
                ),
            ]
            for name in titles
        ],
    )
    return Chart(
        "ranks",
        "How often each option comes first, when weights and members vary",
        f"A bar for each option, divided by the share of {sensitivity.draws:,} cases in which it takes each rank; the "
        "darkest part is the first rank.",
        assembled(_rank_bars(titles), ranks=data),
        table,
        Statement(
            "share of cases, per cent",
            NO_MONEY,
            ranking.span,
            "none: the shares themselves say how sure a rank is",
            f"{sensitivity.draws:,} weights drawn about those agreed in {ranking.principles.file}, "
            f"{ranking.members:,} member{'s' if ranking.members > 1 else ''} (ranking.csv)",
        ),
    )


def _rank_bars(titles: Mapping[str, str]) -> alt.Chart:
    """A bar for each option, divided by the share of each rank."""
    import altair as alt

    last = len(titles)
    return (
        alt.Chart(alt.NamedData(name="ranks"), height=alt.Step(ROW))
        .transform_calculate(name=label_of(titles, "datum.option"))
        .mark_bar(height={"band": 0.75}, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "share:Q",
                stack="zero",
                title="Share of cases",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
            ),
            y=row_names("option", titles, list(titles)),
            color=alt.Color(
                "rank:Q",
                scale=alt.Scale(domain=[1, last], range=[RAMP[-1], RAMP[0]], interpolate="rgb"),
                legend=alt.Legend(
                    orient="top", title="Rank, the first darkest", format="d", values=sorted({1, (1 + last) // 2, last})
                ),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("name:N", title="Option"),
                alt.Tooltip("rank:Q", title="Rank", format="d"),
                alt.Tooltip("share:Q", title="Share of cases", format=".0%"),
            ],
        )
    )


def _titles(ranking: Ranking) -> dict[str, str]:
    """Title of each option by its name, from the first rank to the last."""
    return {ranking.options[index]: capitalised(ranking.titles[index]) for index in ranking.order}


def _prices(ranking: Ranking) -> str:
    return f"scores are no money; amounts behind them at {ranking.prices} prices"


def _total(ranking: Ranking, name: str) -> Row:
    index = ranking.options.index(name)
    spread, ranks = ranking.spread(ranking.totals_members[index]), ranking.ranks
    dominators = ranking.dominated[name]
    return {
        "option": name,
        "total": float(ranking.totals[index]),
        **({} if spread is None else interval_fields(spread, ranking.members)),
        "rank": None if ranks is None else float(ranks[index]),
        "kind": DOMINATED if dominators else NOT_BEATEN,
        "dominated_by": ", ".join(
            capitalised(ranking.titles[ranking.options.index(domination.by)]) for domination in dominators
        ),
        "review": f"{ranking.reviews[name]:%B %Y}",
    }
