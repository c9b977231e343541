"""The ranking as tidy tables; every line says unit, prices, horizon, interval and source of its number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from model.appraisal.prioritisation.criteria import unbounded_cost
from model.appraisal.prioritisation.scoring import Ranking
from model.reporting.tables.table import Row, file_table, write_files
from model.results.comparison import INTERVAL, Spread

POINTS = "points of 100"
NO_MONEY = "no money"
AGREED = "weights as agreed"
LAST_KEYS = ("prices", "horizon", "interval", "source")
PRINCIPLE_KEYS = (
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
)


def write_tables(ranking: Ranking, folder: Path) -> list[tuple[str, str]]:
    """Write all tables into a folder.

    Returns:
        Pairs of a file's name and its meaning.

    Raises:
        UserError: a file cannot be written.
    """
    tables = {
        "principles.csv": file_table(
            "Options by criterion and principle: what was measured, and its score.",
            PRINCIPLE_KEYS,
            _principles(ranking),
        ),
        "ranking.csv": file_table(
            "Totals, ranks, how often each rank is taken when weights and members vary, and by whom an option is "
            "dominated.",
            (
                *("option", "title", "total", "low_80", "high_80", "unit", "rank"),
                *(f"rank_{rank}" for rank in range(1, len(ranking.options) + 1)),
                *("dominated_by", "dominated_share", "review", "balance", *LAST_KEYS),
            ),
            _ranking(ranking),
        ),
        "weights.csv": file_table(
            "How the ranking depends on the weights.",
            ("question", "principle", "option", "rank", "value", "unit", "first", *LAST_KEYS),
            _weights(ranking),
        ),
    }
    return write_files(tables, folder)


def measured(value: float) -> float | str:
    """Return a measure as a number, or in words where a cost per unit is none."""
    return unbounded_cost(value) or value


def measured_spread(ranking: Ranking, option: str, criterion: str) -> tuple[float, float] | None:
    """Return the 80 % interval of what was measured, in its unit; None where it has none."""
    measurement = ranking.measures[option, criterion]
    if ranking.members == 1 or measurement.without_interval:
        return None
    if np.isfinite(measurement.members).all():
        spread = Spread.of(measurement.members)
        return spread.low, spread.high
    # Between a number and 'no gain' nothing lies, so that limits are members' own values.
    low, high = np.quantile(measurement.members, INTERVAL, method="inverted_cdf")
    return float(low), float(high)


def _ends(spread: Spread | None) -> tuple[object, object]:
    return ("", "") if spread is None else (spread.low, spread.high)


def _principles(ranking: Ranking) -> Iterator[Row]:
    agreed = ranking.principles
    for row, option in enumerate(ranking.options):
        for index, principle in enumerate(agreed.principles):
            for column, criterion in ranking.criteria_of(principle):
                measurement = ranking.measures[option, criterion.name]
                limits = measured_spread(ranking, option, criterion.name)
                scores = None if measurement.without_interval else ranking.spread(ranking.scores[row, column])
                ends = ("", "") if limits is None else tuple(measured(end) for end in limits)
                anchors = " ".join(dict.fromkeys((f"0 at: {criterion.sources[0]};", f"100 at: {criterion.sources[1]}")))
                yield (
                    option,
                    principle.name,
                    criterion.name.partition(".")[2],
                    criterion.title,
                    measured(measurement.expected),
                    *ends,
                    criterion.unit,
                    measurement.prices or NO_MONEY,
                    measurement.horizon,
                    float(ranking.expected[row, column]),
                    *_ends(scores),
                    ranking.weight_of(criterion),
                    _interval(ranking, measurement.without_interval),
                    anchors,
                    measurement.why,
                )
            if ranking.criteria_of(principle):
                scores = ranking.spread(ranking.by_principle_members[row, index])
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
                    float(ranking.by_principle[row, index]),
                    *_ends(scores),
                    float(ranking.weights[index]),
                    ranking.interval,
                    f"{agreed.file}; weight: {principle.source}",
                    principle.question,
                )


def _interval(ranking: Ranking, without: str) -> str:
    return f"none: {without}" if without else ranking.interval


def _ranking(ranking: Ranking) -> Iterator[Row]:
    ranks, sensitivity = ranking.ranks, ranking.sensitivity
    for index, option in enumerate(ranking.options):
        dominated = ranking.dominated[option]
        yield (
            option,
            ranking.titles[index],
            float(ranking.totals[index]),
            *_ends(ranking.spread(ranking.totals_members[index])),
            POINTS,
            "" if ranks is None else int(ranks[index]),
            *([""] if sensitivity is None else sensitivity.by_both[index].tolist()),
            " ".join(domination.by for domination in dominated),
            " ".join(f"{domination.share:.10g}" for domination in dominated),
            ranking.reviews[option].isoformat(),
            ranking.balance[option],
            _money(ranking),
            ranking.span,
            ranking.interval,
            ranking.principles.file,
        )


def _money(ranking: Ranking) -> str:
    return f"{ranking.prices} for what costing gives; scores are no money"


def _weights(ranking: Ranking) -> Iterator[Row]:
    """One question a block: weights agreed, halved and doubled, smallest changes, acceptability, central weights."""
    agreed, sensitivity = ranking.principles, ranking.sensitivity
    share = "share of all weights"
    end = (NO_MONEY, ranking.span)
    fixed = "none: expected scores"
    for principle, weight in zip(agreed.principles, ranking.weights, strict=True):
        yield ("agreed", principle.name, "", "", float(weight), share, "", *end, "none: agreed", principle.source)
    if sensitivity is None:
        return
    for step in sensitivity.steps:
        what = "halved" if step.factor < 1.0 else "doubled"
        yield (what, step.principle, "", "", step.weight, share, " ".join(step.first), *end, fixed, agreed.file)
    for change in sensitivity.changes:
        question = "smallest change that brings another first"
        yield (question, change.principle, "", "", change.then, share, change.first, *end, fixed, agreed.file)
    weights_drawn = f"{sensitivity.draws} weights drawn (Lahdelma and Salminen 2001; {agreed.concentration.source})"
    for question, shares, source in (
        (f"acceptability, members vary, {AGREED}", sensitivity.by_members, agreed.file),
        ("acceptability, weights vary, scores as expected", sensitivity.by_weights, weights_drawn),
        ("acceptability, weights and members vary", sensitivity.by_both, weights_drawn),
    ):
        for option, row in zip(ranking.options, shares, strict=True):
            for rank, value in enumerate(row, start=1):
                yield (question, "", option, rank, float(value), "share of cases", "", *end, "none: a share", source)
    for option, row in zip(ranking.options, sensitivity.central, strict=True):
        for principle, value in zip(agreed.principles, row, strict=True):
            weight = float(value) if np.isfinite(value) else "never first"
            yield (
                "central weights by which it is first",
                principle.name,
                option,
                "",
                weight,
                share,
                "",
                *end,
                "none: a mean",
                weights_drawn,
            )
