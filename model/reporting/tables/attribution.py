"""Tables and figures of an attribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import find_interactions, find_shared_staff, interaction_sentence
from model.reporting.figures.attribution import InteractionMap, Waterfall, plot_interactions, plot_waterfalls
from model.reporting.numbers import three_figures
from model.reporting.tables.table import Row, file_table, write_files
from model.results.comparison import Spread, stated_of
from model.results.headlines import Measure

STAFF = "shared_staff.csv"
CONTRIBUTION_KEYS = (
    "result",
    "title",
    "horizon",
    "financial_year",
    "intervention",
    "mean",
    "median",
    "low_80",
    "high_80",
    "probability_of_improvement",
    "share_of_effect",
    "mean_by_itself",
    "mean_when_all_others_are_there",
    "sampling_error",
    "unit",
    "better",
)
OVERLAP_KEYS = (
    "first",
    "second",
    "result",
    "horizon",
    "interaction",
    "share_of_smaller",
    "share_of_all_together",
    "share_of_members",
    "unit",
    "in_words",
)

FURTHER_DECIMALS = 2
"""Digits that three figures of the largest effect may take beyond those of the result."""

MOST_BARS = 15
"""Bars of a waterfall; smaller contributions stand together in the last."""

TOGETHER, SUM_ALONE, OVERLAP = "all together", "each by itself, added up", "lost or gained by acting together"
"""Rows below the interventions; they are no names of interventions."""


def write_tables(attribution: Attribution, folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    plan, common = attribution.plan, stated_of(attribution.members)
    how = "all subsets" if plan.exact else f"{2 * plan.pairs} orders for each member"
    ends = (
        "Shapley interaction index"
        if plan.exact
        else f"mean of its value with no other and with all others there, {plan.pair_members} members"
    )
    tables = {
        "attribution.csv": file_table(
            f"What each intervention contributes to each headline at each horizon (Shapley values from {how}): means "
            "add up to the effect of all together; 80% intervals over members; beside them what it does by itself and "
            "when all others are there, and what is lost or gained by acting together.",
            CONTRIBUTION_KEYS,
            _contributions(attribution),
            common,
        ),
        "interactions.csv": file_table(
            f"What each pair gives together beyond the sum of both ({ends}), on each headline at each horizon.",
            ("result", "horizon", "financial_year", "first", "second", "mean", "low_80", "high_80", "unit"),
            _pairs(attribution),
            common,
        ),
        "overlaps.csv": file_table(
            "Pairs that both improve a result and together give clearly less (they save the same bed days, or compete) "
            "or more than their sum, the strongest first.",
            OVERLAP_KEYS,
            _overlaps(attribution),
            common,
        ),
        STAFF: file_table(
            "Pairs that need the same staff: posts of each, and which of them works only as far as posts are filled.",
            ("first", "second", "employer", "staff_group", "wte_of_first", "wte_of_second", "limited_by_staffing"),
            (
                (shared.first, shared.second, shared.employer, shared.staff_group, *shared.wte, "; ".join(shared.gated))
                for shared in find_shared_staff(attribution.scenario)
            ),
        ),
    }
    return write_files(tables, folder)


def decimals_of(measure: Measure, effects: np.ndarray) -> int:
    """Return the digits by which the largest effect shows three figures, and no fewer than the result has."""
    decimals = measure.decimals or 0
    return max(decimals, min(three_figures(effects), decimals + FURTHER_DECIMALS))


def _contributions(attribution: Attribution) -> Iterator[Row]:
    for column, measure in enumerate(attribution.measures):
        improves = float(measure.improves)
        for index, (horizon, year) in enumerate(attribution.horizons.items()):
            at = (slice(None), column, index)
            whole = attribution.effect[column, index]
            rows = [
                (
                    name,
                    attribution.shapley[at][row],
                    attribution.alone[at][row],
                    attribution.last[at][row],
                    attribution.error[at][row],
                )
                for row, name in enumerate(attribution.interventions)
            ]
            rows += [
                (TOGETHER, whole, None, None, 0.0),
                (SUM_ALONE, attribution.alone[at].sum(axis=0), None, None, 0.0),
                (OVERLAP, attribution.overlap[column, index], None, None, 0.0),
            ]
            for name, values, alone, last, error in rows:
                spread = Spread.of(values)
                share = float(values.mean() / whole.mean()) if whole.mean() else ""
                better = float(np.mean(improves * values > 0)) if improves and attribution.members > 1 else ""
                yield (
                    measure.name,
                    measure.title,
                    horizon,
                    year,
                    name,
                    float(values.mean()),
                    spread.median,
                    spread.low,
                    spread.high,
                    better,
                    share,
                    "" if alone is None else float(alone.mean()),
                    "" if last is None else float(last.mean()),
                    float(error),
                    measure.unit,
                    measure.better,
                )


def _overlaps(attribution: Attribution) -> Iterator[Row]:
    for overlap in find_interactions(attribution):
        yield (
            overlap.first,
            overlap.second,
            overlap.measure.name,
            overlap.horizon,
            overlap.interaction,
            overlap.share,
            overlap.of_whole,
            overlap.sure,
            overlap.measure.unit,
            interaction_sentence(overlap),
        )


def _pairs(attribution: Attribution) -> Iterator[Row]:
    for column, measure in enumerate(attribution.measures):
        for index, (horizon, year) in enumerate(attribution.horizons.items()):
            for first, second in combinations(range(len(attribution.interventions)), 2):
                values = attribution.pairs[first, second, column, index]
                spread = Spread.of(values)
                names = attribution.interventions[first], attribution.interventions[second]
                yield (measure.name, horizon, year, *names, float(values.mean()), spread.low, spread.high, measure.unit)


def draw_figures(attribution: Attribution, shown: Sequence[str], folder: Path) -> list[tuple[str, str]]:
    """Draw waterfalls of the results named at each horizon, and the interactions at the last.

    Args:
        attribution: what is drawn.
        shown: names of the measures.
        folder: where.

    Returns:
        File names and what they show.
    """
    columns = [column for column, measure in enumerate(attribution.measures) if measure.name in shown]
    files = []
    name = attribution.scenario.name.replace("_", " ")
    for index, (horizon, year) in enumerate(attribution.horizons.items()):
        file = f"waterfall_{horizon}.png".replace(" ", "_")
        plot_waterfalls(
            [_waterfall(attribution, column, index) for column in columns],
            folder / file,
            title=f"What each intervention contributes: {name}",
            subtitle=f"{year} ({horizon})",
            members=attribution.members,
        )
        files.append((file, f"Contributions of the interventions, {year}: a waterfall for each result."))
    if len(attribution.interventions) > 1:
        maps = [
            InteractionMap(
                measure.title, measure.unit, measure.better, attribution.pairs[:, :, column, -1].mean(axis=-1)
            )
            for column, measure in enumerate(attribution.measures)
            if column in columns
        ]
        horizon, year = list(attribution.horizons.items())[-1]
        plot_interactions(
            maps,
            attribution.interventions,
            folder / "interactions.png",
            title=f"Which interventions overlap, which reinforce: {name}",
            subtitle=f"{year} ({horizon})",
        )
        files.append(("interactions.png", f"What pairs give together beyond the sum of both, {year}."))
    return files


def _waterfall(attribution: Attribution, column: int, horizon: int) -> Waterfall:
    values, measure = attribution.shapley[:, column, horizon], attribution.measures[column]
    order = np.argsort(-np.abs(values.mean(axis=-1)), kind="stable")
    names, values = [attribution.interventions[row] for row in order], values[order]
    if len(order) > MOST_BARS:
        names = [*names[: MOST_BARS - 1], f"the {len(order) - MOST_BARS + 1} others"]
        values = np.concatenate([values[: MOST_BARS - 1], values[MOST_BARS - 1 :].sum(axis=0, keepdims=True)])
    spreads, whole = Spread.several(values), Spread.of(attribution.effect[column, horizon])
    return Waterfall(
        measure.title,
        measure.unit,
        measure.better,
        tuple(names),
        values.mean(axis=-1),
        np.array([spread.low for spread in spreads]),
        np.array([spread.high for spread in spreads]),
        (float(attribution.effect[column, horizon].mean()), whole.low, whole.high),
    )
