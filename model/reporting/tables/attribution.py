"""Tables and figures of an attribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from model.analysis.attribution.contributions import Attribution
from model.analysis.attribution.overlaps import find_interactions, find_shared_staff, interaction_sentence
from model.reporting.figures.attribution import InteractionMap, Waterfall, plot_interactions, plot_waterfalls
from model.results.atomic_files import write_csv
from model.results.comparison import Spread, stated_of
from model.results.headlines import Measure

Row = tuple[object, ...]
STAFF = "shared_staff.csv"

FIGURES, FURTHER_DECIMALS = 3, 2
"""Significant figures of the largest effect, and how many digits more than the result's own these may take."""

MOST_BARS = 15
"""Bars of a waterfall; smaller contributions stand together in the last."""

TOGETHER, SUM_ALONE, OVERLAP = "all together", "each by itself, added up", "lost or gained by acting together"
"""Rows below the interventions; they are no names of interventions."""


def write_tables(found: Attribution, folder: Path) -> list[tuple[str, str]]:
    """Write every table; names of the files and what they hold."""
    how = "all subsets" if found.plan.exact else f"{2 * found.plan.pairs} orders for each member"
    ends = (
        "Shapley interaction index"
        if found.plan.exact
        else (f"mean of its value with no other and with all others there, {found.plan.pair_members} members")
    )
    files: list[tuple[str, str, tuple[str, ...], Iterator[Row]]] = [
        (
            "attribution.csv",
            f"What each intervention contributes to each headline at each horizon (Shapley values from {how}): means "
            "add up to the effect of all together; 80% intervals over members; beside them what it does by itself and "
            "when all others are there, and what is lost or gained by acting together.",
            (
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
            ),
            _contributions(found),
        ),
        (
            "interactions.csv",
            f"What each pair gives together beyond the sum of both ({ends}), on each headline at each horizon.",
            ("result", "horizon", "financial_year", "first", "second", "mean", "low_80", "high_80", "unit"),
            _pairs(found),
        ),
        (
            "overlaps.csv",
            "InteractionMap that both improve a result and together give clearly less (they save the same bed days, or compete) "
            "or more than their sum, the strongest first.",
            (
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
            ),
            (
                (
                    each.first,
                    each.second,
                    each.measure.name,
                    each.horizon,
                    each.interaction,
                    each.share,
                    each.of_whole,
                    each.sure,
                    each.measure.unit,
                    interaction_sentence(each),
                )
                for each in find_interactions(found)
            ),
        ),
        (
            STAFF,
            "InteractionMap that need the same staff: posts of each, and which of them works only as far as posts are filled.",
            ("first", "second", "employer", "staff_group", "wte_of_first", "wte_of_second", "limited_by_staffing"),
            (
                (each.first, each.second, each.employer, each.staff_group, *each.wte, "; ".join(each.gated))
                for each in find_shared_staff(found.scenario)
            ),
        ),
    ]
    for name, _, header, rows in files:
        write_csv(folder / name, header, rows, {} if name == STAFF else stated_of(found.members))
    return [(name, meaning) for name, meaning, _, _ in files]


def decimals_of(measure: Measure, effects: np.ndarray) -> int:
    """Digits by which the largest effect shows three figures, and no fewer than the result has."""
    largest = float(np.max(np.abs(effects), initial=0.0))
    needed = FIGURES - 1 - int(np.floor(np.log10(largest))) if largest > 0 else 0
    own = measure.decimals or 0
    return max(own, min(needed, own + FURTHER_DECIMALS))


def _contributions(found: Attribution) -> Iterator[Row]:
    for column, measure in enumerate(found.measures):
        improves = {"higher": 1.0, "lower": -1.0}.get(measure.better, 0.0)
        for place, (horizon, year) in enumerate(found.horizons.items()):
            at = (slice(None), column, place)
            whole = found.effect[column, place]
            rows = [
                (name, found.shapley[at][row], found.alone[at][row], found.last[at][row], found.error[at][row])
                for row, name in enumerate(found.interventions)
            ]
            rows += [
                (TOGETHER, whole, None, None, 0.0),
                (SUM_ALONE, found.alone[at].sum(axis=0), None, None, 0.0),
                (OVERLAP, found.overlap[column, place], None, None, 0.0),
            ]
            for name, values, alone, last, error in rows:
                spread = Spread.of(values)
                share = float(values.mean() / whole.mean()) if whole.mean() else ""
                better = float(np.mean(improves * values > 0)) if improves and found.members > 1 else ""
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


def _pairs(found: Attribution) -> Iterator[Row]:
    for column, measure in enumerate(found.measures):
        for place, (horizon, year) in enumerate(found.horizons.items()):
            for one, other in combinations(range(len(found.interventions)), 2):
                values = found.pairs[one, other, column, place]
                spread = Spread.of(values)
                names = found.interventions[one], found.interventions[other]
                yield (measure.name, horizon, year, *names, float(values.mean()), spread.low, spread.high, measure.unit)


def draw_figures(found: Attribution, shown: Sequence[str], folder: Path) -> list[tuple[str, str]]:
    """Draw waterfalls of the results named at each horizon, and the interactions at the last.

    Args:
        found: what is drawn.
        shown: names of the measures.
        folder: where.

    Returns:
        File names and what they show.
    """
    columns = [column for column, each in enumerate(found.measures) if each.name in shown]
    drawn = []
    name = found.scenario.name.replace("_", " ")
    for place, (horizon, year) in enumerate(found.horizons.items()):
        panels = [_falls(found, column, place) for column in columns]
        file = f"waterfall_{horizon}.png".replace(" ", "_")
        plot_waterfalls(
            panels,
            folder / file,
            title=f"What each intervention contributes: {name}",
            subtitle=f"{year} ({horizon})",
            members=found.members,
        )
        drawn.append((file, f"Contributions of the interventions, {year}: a waterfall for each result."))
    if len(found.interventions) > 1:
        panels = [
            InteractionMap(each.title, each.unit, each.better, found.pairs[:, :, column, -1].mean(axis=-1))
            for column, each in enumerate(found.measures)
            if column in columns
        ]
        horizon, year = list(found.horizons.items())[-1]
        plot_interactions(
            panels,
            found.interventions,
            folder / "interactions.png",
            title=f"Which interventions overlap, which reinforce: {name}",
            subtitle=f"{year} ({horizon})",
        )
        drawn.append(("interactions.png", f"What pairs give together beyond the sum of both, {year}."))
    return drawn


def _falls(found: Attribution, column: int, place: int) -> Waterfall:
    values, each = found.shapley[:, column, place], found.measures[column]
    order = np.argsort(-np.abs(values.mean(axis=-1)), kind="stable")
    names, values = [found.interventions[row] for row in order], values[order]
    if len(order) > MOST_BARS:
        names = [*names[: MOST_BARS - 1], f"the {len(order) - MOST_BARS + 1} others"]
        values = np.concatenate([values[: MOST_BARS - 1], values[MOST_BARS - 1 :].sum(axis=0, keepdims=True)])
    spreads, whole = Spread.several(values), Spread.of(found.effect[column, place])
    return Waterfall(
        each.title,
        each.unit,
        each.better,
        tuple(names),
        values.mean(axis=-1),
        np.array([spread.low for spread in spreads]),
        np.array([spread.high for spread in spreads]),
        (float(found.effect[column, place].mean()), whole.low, whole.high),
    )
