"""The ranking as tidy tables; every line says unit, prices, horizon, interval and source of its number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.appraisal.prioritisation.criteria import unbounded_cost
from model.appraisal.prioritisation.scoring import Ranking
from model.results.atomic_files import write_csv
from model.results.comparison import Spread

Rows = Iterator[tuple[object, ...]]
POINTS = "points of 100"
NO_MONEY = "no money"
AGREED = "weights as agreed"


def write_tables(ranking: Ranking, folder: Path) -> list[tuple[str, str]]:
    """Write all tables into a folder.

    Returns:
        Pairs of a file's name and its meaning.

    Raises:
        UserError: a file cannot be written.
    """
    places = range(1, len(ranking.options) + 1)
    tables = (
        (
            "principles.csv",
            (
                "option",
                "principle",
                "criterion",
                "title",
                "measure",
                "measure_low_80",
                "measure_high_80",
                "unit",
                "prices",
                "horizon",
                "score",
                "low_80",
                "high_80",
                "weight",
                "interval",
                "source",
                "why",
            ),
            _principles(ranking),
            "Options by criterion and principle: what was measured, and its score.",
        ),
        (
            "ranking.csv",
            (
                "option",
                "title",
                "total",
                "low_80",
                "high_80",
                "unit",
                "rank",
                *(f"rank_{each}" for each in places),
                "dominated_by",
                "dominated_share",
                "review",
                "balance",
                "prices",
                "horizon",
                "interval",
                "source",
            ),
            _ranking(ranking),
            "Totals, ranks, how often each rank is taken when weights and members vary, and by whom an "
            "option is dominated.",
        ),
        (
            "weights.csv",
            (
                "question",
                "principle",
                "option",
                "rank",
                "value",
                "unit",
                "first",
                "prices",
                "horizon",
                "interval",
                "source",
            ),
            _weights(ranking),
            "How the ranking hangs on the weights.",
        ),
    )
    for name, header, rows, _ in tables:
        write_csv(folder / name, header, rows)
    return [(name, meaning) for name, _, _, meaning in tables]


def shown(value: float) -> float | str:
    """A measure as a number, or in words where a cost per unit is none."""
    return unbounded_cost(value) or value


def measured_spread(ranking: Ranking, option: str, criterion: str) -> tuple[float, float] | None:
    """80 % interval of what was measured, in its unit; None where it has none."""
    found = ranking.measures[option, criterion]
    if ranking.members == 1 or found.without_interval:
        return None
    if np.isfinite(found.members).all():
        spread = Spread.of(found.members)
        return spread.low, spread.high
    # Between a number and 'no gain' nothing lies, so that limits are members' own values.
    low, high = np.quantile(found.members, (0.1, 0.9), method="inverted_cdf")
    return float(low), float(high)


def _limits(spread: Spread | None) -> tuple[object, object]:
    return ("", "") if spread is None else (spread.low, spread.high)


def _principles(ranking: Ranking) -> Rows:
    agreed = ranking.principles
    for number, option in enumerate(ranking.options):
        for place, principle in enumerate(agreed.principles):
            for column, each in ranking.criteria_of(principle):
                found = ranking.measures[option, each.name]
                limits = measured_spread(ranking, option, each.name)
                scores = None if found.without_interval else ranking.spread(ranking.scores[number, column])
                ends = ("", "") if limits is None else tuple(shown(end) for end in limits)
                anchors = " ".join(dict.fromkeys((f"0 at: {each.sources[0]};", f"100 at: {each.sources[1]}")))
                yield (
                    option,
                    principle.name,
                    each.name.partition(".")[2],
                    each.title,
                    shown(found.expected),
                    *ends,
                    each.unit,
                    found.prices or NO_MONEY,
                    found.horizon,
                    float(ranking.expected[number, column]),
                    *_limits(scores),
                    ranking.weight_of(each),
                    _interval(ranking, found.without_interval),
                    anchors,
                    found.why,
                )
            if ranking.criteria_of(principle):
                scores = ranking.spread(ranking.by_principle_members[number, place])
                yield (
                    option,
                    principle.name,
                    "",
                    principle.title,
                    "",
                    "",
                    "",
                    POINTS,
                    NO_MONEY,
                    ranking.span,
                    float(ranking.by_principle[number, place]),
                    *_limits(scores),
                    float(ranking.weights[place]),
                    ranking.interval,
                    f"{agreed.file}; weight: {principle.source}",
                    principle.question,
                )


def _interval(ranking: Ranking, without: str) -> str:
    return f"none: {without}" if without else ranking.interval


def _ranking(ranking: Ranking) -> Rows:
    ranks, varied = ranking.ranks, ranking.sensitivity
    for place, option in enumerate(ranking.options):
        dominated = ranking.dominated[option]
        yield (
            option,
            ranking.titles[place],
            float(ranking.totals[place]),
            *_limits(ranking.spread(ranking.totals_members[place])),
            POINTS,
            "" if ranks is None else int(ranks[place]),
            *([""] if varied is None else varied.by_both[place].tolist()),
            " ".join(each.by for each in dominated),
            " ".join(f"{each.share:.10g}" for each in dominated),
            ranking.reviews[option].isoformat(),
            ranking.balance[option],
            _money(ranking),
            ranking.span,
            ranking.interval,
            ranking.principles.file,
        )


def _money(ranking: Ranking) -> str:
    return f"{ranking.prices} for what costing gives; scores are no money"


def _weights(ranking: Ranking) -> Rows:
    """One question a block: weights agreed, halved and doubled, smallest changes, acceptability, central weights."""
    agreed, varied = ranking.principles, ranking.sensitivity
    share = "share of all weights"
    end = (NO_MONEY, ranking.span)
    fixed = "none: expected scores"
    for principle, weight in zip(agreed.principles, ranking.weights, strict=True):
        yield ("agreed", principle.name, "", "", float(weight), share, "", *end, "none: agreed", principle.source)
    if varied is None:
        return
    for step in varied.steps:
        what = "halved" if step.factor < 1.0 else "doubled"
        yield (what, step.principle, "", "", step.weight, share, " ".join(step.first), *end, fixed, agreed.file)
    for change in varied.changes:
        question = "smallest change that brings another first"
        yield (question, change.principle, "", "", change.then, share, change.first, *end, fixed, agreed.file)
    drawn = f"{varied.draws} weights drawn (Lahdelma and Salminen 2001; {agreed.concentration.source})"
    for question, shares, source in (
        (f"acceptability, members vary, {AGREED}", varied.by_members, agreed.file),
        ("acceptability, weights vary, scores as expected", varied.by_weights, drawn),
        ("acceptability, weights and members vary", varied.by_both, drawn),
    ):
        for option, row in zip(ranking.options, shares, strict=True):
            for rank, value in enumerate(row, start=1):
                yield (question, "", option, rank, float(value), "share of cases", "", *end, "none: a share", source)
    for option, row in zip(ranking.options, varied.central, strict=True):
        for principle, value in zip(agreed.principles, row, strict=True):
            shown_value = float(value) if np.isfinite(value) else "never first"
            yield (
                "central weights by which it is first",
                principle.name,
                option,
                "",
                shown_value,
                share,
                "",
                *end,
                "none: a mean",
                drawn,
            )
