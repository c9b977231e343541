"""What each intervention of a scenario contributes to each result at each horizon, member by member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.analysis.attribution.shapley import (
    all_subsets,
    end_interactions,
    end_subsets,
    gains_of_order,
    random_orders,
    shapley_interactions,
    shapley_values,
    subsets_of_order,
)
from model.analysis.attribution.variants import OptionSet, evaluate_cells, evaluate_variants, option_set_of
from model.analysis.sensitivity.evaluation import YearlyReader, run_calendar
from model.analysis.sensitivity.worker_pool import WorkerPool
from model.registry.errors import UserError
from model.results.headlines import Measure
from model.scenarios.resolved import ResolvedScenario

MOST_PLAYERS = 12
"""Interventions up to which all subsets are run."""
MOST_RUNS = 10_000
"""Runs of the model that an attribution takes at most, unless the user sets another number."""
STREAM = "attribution"
FEWEST_PAIRS = 2
"""Pairs of opposite orders from which a sampling error can be estimated."""


@dataclass(frozen=True)
class AttributionPlan:
    """How contributions are estimated.

    Attributes:
        members: ensemble size; one is the central case.
        pairs: pairs of opposite orders for each member; 0 where all subsets are run.
        pair_members: members by which interactions of pairs are found.
        runs: runs of the model that it takes.
    """

    members: int
    pairs: int
    pair_members: int
    runs: int

    @property
    def exact(self) -> bool:
        """Whether all subsets are run."""
        return self.pairs == 0


@dataclass(frozen=True, eq=False)
class Attribution:
    """Contributions of interventions; differences in the units of the measures.

    Attributes:
        scenario: the scenario.
        interventions: names in the order of use.
        measures: results.
        horizons: financial year by name of the horizon.
        plan: how it was found.
        without: results without any intervention, shape ``(measures, horizons, members)``.
        effect: of all together, same shape.
        alone: of each by itself, shape ``(interventions, measures, horizons, members)``.
        last: of each when all others are there, same shape.
        shapley: Shapley values, same shape; they add up to ``effect``.
        error: standard error of the mean Shapley value by sampling of orders, without the last axis; 0 where exact.
        pairs: interactions, shape ``(interventions, interventions, measures, horizons, members of pairs)``.
    """

    scenario: ResolvedScenario
    interventions: tuple[str, ...]
    measures: tuple[Measure, ...]
    horizons: dict[str, str]
    plan: AttributionPlan
    without: np.ndarray
    effect: np.ndarray
    alone: np.ndarray
    last: np.ndarray
    shapley: np.ndarray
    error: np.ndarray
    pairs: np.ndarray

    @property
    def members(self) -> int:
        """Ensemble size."""
        return self.plan.members

    @property
    def overlap(self) -> np.ndarray:
        """Effect of all together less what each has by itself, added up; shape ``(measures, horizons, members)``."""
        return self.effect - self.alone.sum(axis=0)


def plan_attribution(
    players: int, members: int, most_runs: int = MOST_RUNS, pairs: int | None = None
) -> AttributionPlan:
    """Choose how to estimate the contributions of so many interventions.

    Args:
        players: interventions.
        members: ensemble size.
        most_runs: runs of the model that may be spent.
        pairs: pairs of opposite orders for each member; where left out, all subsets are run if they are not too many,
            else as many pairs as the runs allow.

    Raises:
        UserError: no intervention, or too few runs for orders.
    """
    if players == 0:
        raise UserError(
            "uses no intervention, so no effect can be attributed; name at least one intervention or package."
        )
    if pairs is None and players <= MOST_PLAYERS and (1 << players) * members <= most_runs:
        return AttributionPlan(members, 0, members, (1 << players) * members)
    ends = len(end_subsets(players))
    # Interactions are found with few members where pairs are many: a third of the runs, and no fewer than one member.
    pair_members = int(np.clip(most_runs // 3 // ends, 1, members))
    # Each by itself, each left out, none and all are run for every member whatever the orders.
    always = members * 2 * (players + 1)
    # Two players have no subsets between those: every order is met already.
    runs_per_pair = 2 * max(players - 3, 0) * members
    if pairs is None:
        left = most_runs - always - pair_members * ends
        pairs = max(left // runs_per_pair, FEWEST_PAIRS) if runs_per_pair else FEWEST_PAIRS
    return AttributionPlan(members, pairs, pair_members, always + pairs * runs_per_pair + pair_members * ends)


def attribute(
    scenario: ResolvedScenario, measures: Sequence[Measure], plan: AttributionPlan, pool: WorkerPool | None = None
) -> Attribution:
    """Estimate what each intervention of a scenario contributes, against the same scenario without any.

    Args:
        scenario: the scenario.
        measures: results in question.
        plan: which choices are run.
        pool: worker processes; this process alone where None.

    Raises:
        UserError: no horizon within the run.
    """
    option_set, horizons = option_set_of(scenario), run_calendar(scenario).horizon_years
    if not horizons:
        raise UserError("no horizon lies within the run; give a later --end or more --years.", key=scenario.name)
    reader = YearlyReader(tuple(measures), tuple(dict.fromkeys(horizons.values())))
    columns = [reader.years.index(year) for year in horizons.values()]

    def shaped(values: np.ndarray) -> np.ndarray:
        """Split values, whose last axis but one runs over results, into measures and horizons."""
        split = values.reshape(*values.shape[:-2], len(measures), len(reader.years), values.shape[-1])
        return split[..., columns, :]

    find_contributions = _exact if plan.exact else _sampled
    without, effect, alone, last, shapley, error, pairs = find_contributions(
        option_set, reader, plan, scenario.seed, pool
    )
    return Attribution(
        scenario,
        option_set.options,
        tuple(measures),
        horizons,
        plan,
        shaped(without),
        shaped(effect),
        shaped(alone),
        shaped(last),
        shaped(shapley),
        shaped(error[..., None])[..., 0],
        shaped(pairs),
    )


Contributions = tuple[np.ndarray, ...]
"""Without any, effect of all, alone, last, Shapley values, error and pairs, with results and members as last axes."""


def _exact(
    option_set: OptionSet, reader: YearlyReader, plan: AttributionPlan, seed: int, pool: WorkerPool | None
) -> Contributions:
    """Estimate contributions from all subsets of interventions."""
    players = len(option_set.options)
    values = evaluate_variants(option_set, all_subsets(players).astype(float), reader, plan.members, pool)
    whole = len(values) - 1
    single = 1 << np.arange(players)
    shapley = shapley_values(values)
    return (
        values[0],
        values[whole] - values[0],
        values[single] - values[0],
        values[whole] - values[whole - single],
        shapley,
        np.zeros(shapley.shape[:-1]),
        shapley_interactions(values),
    )


def _sampled(
    option_set: OptionSet, reader: YearlyReader, plan: AttributionPlan, seed: int, pool: WorkerPool | None
) -> Contributions:
    """Estimate contributions from orders drawn for each member; run subsets that several orders share once."""
    players, members = len(option_set.options), plan.members
    drawn = [random_orders(players, plan.pairs, seed, f"{STREAM}|{member}") for member in range(members)]
    met = [[subsets_of_order(order) for order in member_orders] for member_orders in drawn]
    ends = end_subsets(players)
    few = ends[(ends.sum(axis=1) <= 1) | (ends.sum(axis=1) >= players - 1)]
    subsets = [
        np.unique(np.concatenate([few, *member_subsets, *([ends] if member < plan.pair_members else [])]), axis=0)
        for member, member_subsets in enumerate(met)
    ]
    cell_members = np.repeat(np.arange(members), [len(member_subsets) for member_subsets in subsets])
    cells = evaluate_cells(option_set, np.concatenate(subsets).astype(float), cell_members, reader, members, pool)
    values_by_subset = [
        {
            row.tobytes(): cells[:, cell]
            for row, cell in zip(member_subsets, np.flatnonzero(cell_members == member), strict=True)
        }
        for member, member_subsets in enumerate(subsets)
    ]

    def values(member: int, rows: np.ndarray) -> np.ndarray:
        """Return the results of subsets of a member, shape ``(subsets, results)``."""
        return np.array([values_by_subset[member][row.tobytes()] for row in rows])

    none, whole, one = np.zeros((1, players), bool), np.ones((1, players), bool), np.eye(players, dtype=bool)

    def by_member(rows: np.ndarray) -> np.ndarray:
        return np.stack([values(member, rows) for member in range(members)], axis=-1)

    without, together = by_member(none)[0], by_member(whole)[0]
    # Mean of an order and its reverse, shape (members, pairs, players, results).
    gains = np.array(
        [
            [gains_of_order(order, values(member, row)) for order, row in zip(drawn[member], met[member], strict=True)]
            for member in range(members)
        ]
    )
    gains = gains.reshape(members, plan.pairs, 2, players, -1).mean(axis=2)
    spread = gains.var(axis=1, ddof=1).mean(axis=0) if plan.pairs > 1 else np.full(gains.shape[2:], np.nan)
    pairs = np.stack([end_interactions(ends, values(member, ends)) for member in range(plan.pair_members)], axis=-1)
    return (
        without,
        together - without,
        by_member(one) - without,
        together - by_member(~one),
        np.moveaxis(gains.mean(axis=1), 0, -1),
        np.sqrt(spread / plan.pairs / members),
        pairs,
    )
