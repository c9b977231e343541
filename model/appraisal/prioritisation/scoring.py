"""Options scored by the principles, weighted, ranked and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from model.appraisal.costing.appraisal import Appraisal
from model.appraisal.prioritisation.criteria import MeasuredCriterion, MeasuredOption, measure_criterion, review_date
from model.appraisal.prioritisation.principles import Criterion, Principle, Principles
from model.appraisal.prioritisation.principles_file import SIDES
from model.appraisal.prioritisation.weights import DIGITS, WeightSensitivity, rank_totals, vary_weights
from model.registry.errors import UserError
from model.results.comparison import Spread
from model.results.expressions import ratio
from model.results.number_format import format_number
from model.scenarios.resolved import ResolvedScenario

SLIGHT = 1.0
"""Points of score up to which health is called hardly changed."""
HEALTH_FINDINGS = {
    (1, 1): "longer and better lives",
    (1, 0): "longer lives",
    (0, 1): "better lives",
    (1, -1): "longer lives at a cost in quality",
    (-1, 1): "better lives at a cost in length",
    (-1, 0): "shorter lives",
    (0, -1): "worse lives",
    (-1, -1): "shorter and worse lives",
    (0, 0): "hardly any change in health",
}
"""By the direction of mortality and of quality of life."""


@dataclass(frozen=True)
class Domination:
    """Another option that is nowhere worse and somewhere better.

    Attributes:
        by: its name.
        share: share of members in which this holds.
    """

    by: str
    share: float


@dataclass(frozen=True, eq=False)
class Ranking:
    """Options scored and ranked.

    Attributes:
        options: names.
        titles: for people.
        principles: what was agreed.
        criteria: criteria that could be measured, in order.
        left_out: criteria that could not, with the reason.
        measures: by option and criterion.
        expected: score of the expected measure, shape ``(options, criteria)``.
        scores: score by member, shape ``(options, criteria, members)``.
        weights: of the principles, adding up to 1; 0 where no criterion could be measured.
        shares: of each criterion in its principle, shape ``(principles, criteria)``; rows add up to 1 or 0.
        dominated: who is nowhere worse and somewhere better than each option.
        reviews: when each option is first reviewed.
        balance: mortality and quality of life of each option, in words.
        prices: price base of money in figures of costing.
        factor: from the prices of the file of principles to that base.
        span: years appraised, in words.
        sensitivity: how the ranking depends on weights; None for one option, which is scored and not ranked.
    """

    options: tuple[str, ...]
    titles: tuple[str, ...]
    principles: Principles
    criteria: tuple[Criterion, ...]
    left_out: Mapping[str, str]
    measures: Mapping[tuple[str, str], MeasuredCriterion]
    expected: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    shares: np.ndarray
    dominated: Mapping[str, tuple[Domination, ...]]
    reviews: Mapping[str, date]
    balance: Mapping[str, str]
    prices: str
    factor: float
    span: str
    sensitivity: WeightSensitivity | None

    @property
    def members(self) -> int:
        """Ensemble members."""
        return int(self.scores.shape[2])

    @property
    def interval(self) -> str:
        """The interval of scores and totals, in words."""
        if self.members == 1:
            return "none: one run"
        return f"80% of {self.members} paired members, at the weights agreed"

    @cached_property
    def by_principle(self) -> np.ndarray:
        """Score of each principle at the expected measures, shape ``(options, principles)``."""
        return self.expected @ self.shares.T

    @cached_property
    def by_principle_members(self) -> np.ndarray:
        """The same by member, shape ``(options, principles, members)``."""
        return np.einsum("ocm,pc->opm", self.scores, self.shares)

    @cached_property
    def totals(self) -> np.ndarray:
        """Weighted score at the expected measures, shape ``(options,)``."""
        return self.by_principle @ self.weights

    @cached_property
    def totals_members(self) -> np.ndarray:
        """The same by member, shape ``(options, members)``."""
        return np.einsum("opm,p->om", self.by_principle_members, self.weights)

    @property
    def ranks(self) -> np.ndarray | None:
        """Rank of each option by its total, 1 first; None for one option alone."""
        return rank_totals(self.totals) if len(self.options) > 1 else None

    @property
    def order(self) -> list[int]:
        """Positions of the options from the first to the last; equals by name."""
        rounded = np.round(self.totals, DIGITS)
        return sorted(range(len(self.options)), key=lambda index: (-rounded[index], self.options[index]))

    @property
    def omissions(self) -> tuple[str, ...]:
        """A sentence for each criterion that could not be measured."""
        titles = {criterion.name: criterion.title for criterion in self.principles.criteria}
        return tuple(f"Left out: {titles[name]}, as {reason}." for name, reason in self.left_out.items())

    def weight_of(self, criterion: Criterion) -> float:
        """Return the share of a criterion in the total."""
        return float(self.weights @ self.shares[:, self.criteria.index(criterion)])

    def spread(self, members: np.ndarray) -> Spread | None:
        """Return the interval over members; None where there is one member."""
        return Spread.of(members) if self.members > 1 else None

    def criteria_of(self, principle: Principle) -> list[tuple[int, Criterion]]:
        """Return the measured criteria of a principle with their positions."""
        return [
            (index, criterion) for index, criterion in enumerate(self.criteria) if criterion.principle == principle.name
        ]


def score_options(
    appraisals: Sequence[Appraisal],
    scenarios: Sequence[ResolvedScenario],
    principles: Principles,
    baseline: Mapping[str, np.ndarray],
) -> Ranking:
    """Score options by the principles and rank them.

    Args:
        appraisals: appraised options.
        scenarios: what they are made of, in the same order.
        principles: what was agreed.
        baseline: headline results of the baseline by name, shape ``(years, members)``, as costing observed them.

    Raises:
        UserError: two options of one name; a result or figure that costing does not give.
    """
    names = tuple(appraisal.option.name for appraisal in appraisals)
    if len(set(names)) < len(names):
        raise UserError("two options of one name cannot be ranked.", key=next(n for n in names if names.count(n) > 1))
    subjects = [
        MeasuredOption(appraisal, scenario, principles, baseline)
        for appraisal, scenario in zip(appraisals, scenarios, strict=True)
    ]
    measures, left_out = _measured(principles.criteria, names, subjects)
    criteria = tuple(criterion for criterion in principles.criteria if criterion.name not in left_out)
    assumptions, members = appraisals[0].assumptions, appraisals[0].option.members
    factor = assumptions.reflated(principles.prices)
    expected = np.array(
        [[criterion.score(measures[name, criterion.name].expected, factor) for criterion in criteria] for name in names]
    ).reshape(len(names), len(criteria))
    scores = np.array(
        [[criterion.score(measures[name, criterion.name].members, factor) for criterion in criteria] for name in names]
    ).reshape(len(names), len(criteria), members)
    weights, shares = _weights(principles.principles, criteria)
    ranking = Ranking(
        names,
        tuple(appraisal.option.title for appraisal in appraisals),
        principles,
        criteria,
        left_out,
        measures,
        expected,
        scores,
        weights,
        shares,
        _dominated(names, expected, scores, weights @ shares),
        {name: review_date(subject) for name, subject in zip(names, subjects, strict=True)},
        {
            name: _balance(criteria, shares.sum(axis=0), expected[index], scores[index])
            for index, name in enumerate(names)
        },
        assumptions.prices,
        factor,
        subjects[0].span,
        None,
    )
    return ranking if len(names) == 1 else _with_sensitivity(ranking)


def _measured(
    criteria: Sequence[Criterion], names: Sequence[str], subjects: Sequence[MeasuredOption]
) -> tuple[dict[tuple[str, str], MeasuredCriterion], dict[str, str]]:
    """Return measures by option and criterion, and the criteria that cannot be measured, with the reason."""
    measures: dict[tuple[str, str], MeasuredCriterion] = {}
    left_out: dict[str, str] = {}
    for criterion in criteria:
        for name, subject in zip(names, subjects, strict=True):
            measured = measure_criterion(criterion, subject)
            if isinstance(measured, str):
                left_out[criterion.name] = measured
            else:
                measures[name, criterion.name] = measured
    return measures, left_out


def _with_sensitivity(ranking: Ranking) -> Ranking:
    agreed = ranking.principles
    keys = [principle.name for principle in agreed.principles]
    sensitivity = vary_weights(
        ranking.options,
        keys,
        ranking.by_principle,
        ranking.by_principle_members,
        ranking.weights,
        agreed.concentration.value,
        agreed.draws,
        agreed.seed,
    )
    return replace(ranking, sensitivity=sensitivity)


def _weights(principles: Sequence[Principle], criteria: Sequence[Criterion]) -> tuple[np.ndarray, np.ndarray]:
    """Return weights of principles, and shares of criteria in them, without what cannot be measured.

    Raises:
        UserError: no criterion with weight could be measured.
    """
    shares = np.array(
        [[criterion.weight * (criterion.principle == p.name) for criterion in criteria] for p in principles]
    )
    sums = shares.sum(axis=1, keepdims=True)
    shares = ratio(shares, sums, 0.0)
    weights = np.array([p.weight for p in principles]) * (sums[:, 0] > 0.0)
    if not weights.sum() > 0.0:
        raise UserError("none of the principles that weigh anything could be measured.")
    return weights / weights.sum(), shares


def _dominated(
    names: Sequence[str], expected: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> dict[str, tuple[Domination, ...]]:
    """Return the options that are nowhere worse and somewhere better, over criteria with weight."""
    expected_scores, by_member = (np.round(values[:, weights > 0.0], DIGITS) for values in (expected, scores))
    dominated: dict[str, tuple[Domination, ...]] = {}
    for index, name in enumerate(names):
        better = [
            Domination(other, float(np.mean(beats(by_member[other_index], by_member[index]))))
            for other_index, other in enumerate(names)
            if other_index != index and beats(expected_scores[other_index], expected_scores[index])
        ]
        dominated[name] = tuple(sorted(better, key=lambda domination: domination.by))
    return dominated


def beats(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return whether one option is nowhere worse (criteria on the first axis) and somewhere better than the other."""
    return np.all(one >= other, axis=0) & np.any(one > other, axis=0)


def _balance(criteria: Sequence[Criterion], shares: np.ndarray, expected: np.ndarray, scores: np.ndarray) -> str:
    """Describe mortality and quality of life as points above or below no change; empty where neither is a criterion."""
    directions: list[int] = []
    words: list[str] = []
    for side in SIDES:
        indices = [index for index, criterion in enumerate(criteria) if criterion.side == side and shares[index] > 0.0]
        if not indices:
            return ""
        still = np.array([float(criteria[index].score(0.0)) for index in indices])
        weights = shares[indices] / shares[indices].sum()
        points = float(weights @ (expected[indices] - still))
        members = weights @ (scores[indices] - still[:, None])
        direction = 0 if abs(points) <= SLIGHT else int(np.sign(points))
        directions.append(direction)
        agreed = float(np.mean(np.sign(members) == np.sign(points)))
        sure = f", {agreed:.0%} of members" if len(members) > 1 and direction else ""
        words.append(f"{side} {format_number(points, 1, signed=True)} points{sure}")
    return f"{HEALTH_FINDINGS[directions[0], directions[1]]} ({'; '.join(words)})"
