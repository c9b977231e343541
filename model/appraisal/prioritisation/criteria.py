"""The measure of each criterion: by member from results and costing, or from what an option is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from model.appraisal.costing.appraisal import CASH, NO_GAIN, NON_CASH, SAVES, SUMS, Appraisal
from model.appraisal.prioritisation.principles import Criterion, Principles
from model.registry.calendar import add_months, horizon_year, months_between
from model.registry.errors import UserError, nearest_names
from model.results.expressions import ratio
from model.results.headlines import headline
from model.scenarios.resolved import ResolvedScenario

ALL_AT_ONCE = "measured over all members together"
MADE_OF = "follows from what the option is made of"


@dataclass(frozen=True, eq=False)
class MeasuredCriterion:
    """What was measured for one criterion of one option.

    Attributes:
        expected: in the unit of the criterion; +infinity where a cost has no gain, -infinity where money is saved.
        members: the same by member, shape ``(members,)``.
        prices: prices of money, empty where it is none.
        horizon: years that it is for.
        why: how it came about.
        without_interval: why it has no interval; empty where it has one.
        by_spending: whether evidence grades were weighted by what is spent.
    """

    expected: float
    members: np.ndarray
    prices: str
    horizon: str
    why: str
    without_interval: str = ""
    by_spending: bool = False


@dataclass(frozen=True, eq=False)
class MeasuredOption:
    """One option with everything from which its criteria are measured.

    Attributes:
        appraisal: what it costs and gains.
        scenario: what it is made of.
        principles: what is agreed.
        baseline: headline results of the baseline, shape ``(years, members)`` each.
    """

    appraisal: Appraisal
    scenario: ResolvedScenario
    principles: Principles
    baseline: Mapping[str, np.ndarray]

    @property
    def members(self) -> int:
        """Ensemble members."""
        return self.appraisal.option.members

    @cached_property
    def span(self) -> str:
        """Years appraised, in words."""
        years = [year for year, flag in zip(self.appraisal.option.years, self.appraisal.counted, strict=True) if flag]
        return f"{years[0]} to {years[-1]}"

    @cached_property
    def moved(self) -> dict[str, int]:
        """Headline results that move: 1 for the better, -1 for the worse."""
        counted, moved = self.appraisal.counted / self.appraisal.counted.sum(), {}
        for name, difference in self.appraisal.option.effects.items():
            change, level = counted @ difference, counted @ np.abs(self.baseline[name]).mean(axis=1)
            mean = float(change.mean())
            agreed = np.mean(np.sign(change) == np.sign(mean)) >= self.principles.agreement.value
            if mean and agreed and abs(mean) >= self.principles.least_change.value * level:
                moved[name] = int(np.sign(mean)) * headline(name).improves
        return moved

    def of_run(self, name: str) -> np.ndarray:
        """Return the difference of a headline result by year and member.

        Raises:
            UserError: costing did not read it.
        """
        effects = self.appraisal.option.effects
        if name not in effects:
            message = (
                f"this headline result is not among the 'effects' of {self.appraisal.assumptions.file}; add it there."
            )
            raise UserError(message, file=self.principles.file, key=name, nearest=nearest_names(name, effects))
        return effects[name]

    def fixed(self, value: float, horizon: str, why: str, without_interval: str) -> MeasuredCriterion:
        """Return a measure that is the same for all members."""
        return MeasuredCriterion(value, np.full(self.members, value), "", horizon, why, without_interval)


def measure_criterion(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion | str:
    """Measure a criterion, or say why it cannot be measured.

    Raises:
        UserError: a result or figure that was not read.
    """
    return {
        "headline": _headline,
        "figure": _figure,
        "evidence": _evidence,
        "breadth": _breadth,
        "measurability": _measurability,
        "timeline": _timeline,
        "review": _review,
    }[criterion.origin](criterion, subject)


def _headline(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion:
    counted = subject.appraisal.counted / subject.appraisal.counted.sum()
    members = counted @ subject.of_run(criterion.of)
    why = "option less baseline, mean of the years appraised"
    return MeasuredCriterion(float(members.mean()), members, criterion.prices, subject.span, why)


def _figure(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion:
    appraisal, name = subject.appraisal, criterion.of
    prices = appraisal.assumptions.prices if criterion.unit == "£" else ""
    sums = {sum_name: streams for sum_name, _, streams in SUMS}
    if name in sums:
        members = appraisal.value(*sums[name])
        return MeasuredCriterion(
            float(members.mean()), members, prices, subject.span, "discounted and added up, costing"
        )
    named = {
        f"{what}_{divisor.name}": divisor
        for divisor in appraisal.assumptions.divisors
        for what in ("gained", "cost_per")
    }
    divisor = named.get(name)
    if divisor is None:
        message = f"{appraisal.assumptions.file} divides no cost by this."
        raise UserError(message, file=subject.principles.file, key=name, nearest=nearest_names(name, named))
    gained = appraisal.gained(divisor)
    if name.startswith("gained_"):
        return MeasuredCriterion(float(gained.mean()), gained, prices, subject.span, "discounted and added up, costing")
    cost = -appraisal.value(CASH, NON_CASH, "cost") if divisor.net else appraisal.value("cost")
    why = "net public cost" if divisor.net else "programme cost"
    expected = appraisal.cost_per(divisor)
    expected_cost = _cost_per(np.array([cost.mean()]), np.array([gained.mean()]))[0]
    words = f"; {expected}" if isinstance(expected, str) else ""
    return MeasuredCriterion(
        float(expected_cost), _cost_per(cost, gained), prices, subject.span, f"{why} by what is gained{words}"
    )


def _cost_per(cost: np.ndarray, gained: np.ndarray) -> np.ndarray:
    """Return the cost of a unit gained; +infinity without a gain, -infinity where money is saved."""
    quotient = ratio(cost, np.maximum(gained, 0.0), np.inf)
    return np.where((gained > 0.0) & (cost <= 0.0), -np.inf, quotient)


def unbounded_cost(value: float) -> str | None:
    """Return the words for a cost per unit that is not finite; None where it is."""
    if np.isfinite(value):
        return None
    return NO_GAIN if value > 0 else SAVES


def _evidence(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion:
    """Return the mean score of the grades of an option's interventions, weighted by cost, or evenly without costs."""
    programmes, lines, grades = subject.scenario.programmes, subject.appraisal.option.costs, subject.principles.grades
    if not programmes:
        return subject.fixed(0.0, "at the decision", "no intervention that evidence could support", MADE_OF)
    weights: dict[str, float] = {}
    for line in lines:
        spent = float(subject.appraisal.counted @ line.amounts.mean(axis=1))
        weights[line.grade] = weights.get(line.grade, 0.0) + spent
    by_spending = sum(weights.values()) > 0.0
    if not by_spending:
        weights = dict(Counter(programme.evidence_grade for programme in programmes))
    what = "of what is spent" if by_spending else "of the interventions, as nothing is spent"
    whole = sum(weights.values())
    shares = {grade: weights[grade] / whole for grade in grades if weights.get(grade)}
    why = ", ".join(f"{grade} {share:.0%}" for grade, share in shares.items())
    value = sum(share * grades[grade].value for grade, share in shares.items())
    measured = subject.fixed(value, "at the decision", f"{why} {what}", MADE_OF)
    return replace(measured, by_spending=by_spending)


def _breadth(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion:
    directions, all_of = list(subject.moved.values()), len(subject.appraisal.option.effects)
    better, worse = directions.count(1), directions.count(-1)
    why = f"{better} better, {worse} worse, of {all_of} headline results"
    return subject.fixed((better - worse) / all_of, subject.span, why, ALL_AT_ONCE)


def _measurability(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion:
    moved = subject.moved
    if not moved:
        return subject.fixed(0.0, subject.span, "no headline result moves, so nothing can be seen", ALL_AT_ONCE)
    shown = [name for name in moved if name in subject.principles.published]
    why = f"{len(shown)} of the {len(moved)} headline results that it moves"
    return subject.fixed(len(shown) / len(moved), subject.span, why, ALL_AT_ONCE)


def _timeline(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion | str:
    """Return the mean, over results moved for the better, of the effect at the horizon by the greatest of any year."""
    horizons = dict(subject.scenario.horizons)
    if criterion.of not in horizons:
        return f"the run has no horizon '{criterion.of}' (it has {', '.join(horizons) or 'none'})"
    year = horizon_year(subject.scenario.decision, horizons[criterion.of])
    years = subject.appraisal.option.years
    if year not in years:
        return f"the run ends before the {criterion.of} term, {year}"
    gained = [name for name, direction in subject.moved.items() if direction > 0]
    if not gained:
        return subject.fixed(0.0, year, "no headline result moves for the better", ALL_AT_ONCE)
    paths = np.stack([headline(name).improves * subject.of_run(name) for name in gained])
    year_index = years.index(year)
    mean = paths.mean(axis=2, keepdims=True)
    expected, members = (_share(values[:, year_index], values.max(axis=1)) for values in (mean, paths))
    why = f"mean of {len(gained)} headline results moved for the better"
    return MeasuredCriterion(float(expected[0]), members, "", year, why)


def _share(effect: np.ndarray, greatest: np.ndarray) -> np.ndarray:
    """Return the mean over results (first axis) of the effect as a share of the greatest, from 0 to 1."""
    return np.clip(ratio(effect, np.maximum(greatest, 0.0), 0.0), 0.0, 1.0).mean(axis=0)


def review_date(subject: MeasuredOption) -> date:
    """Return when an option is first reviewed: so many months after its first start, or after the decision."""
    starts = [programme.start for programme in subject.scenario.programmes]
    months = subject.principles.reviews.get(subject.appraisal.option.name, subject.principles.review_months).value
    return add_months(min(starts, default=subject.scenario.decision), round(months))


def _review(criterion: Criterion, subject: MeasuredOption) -> MeasuredCriterion:
    day, decision = review_date(subject), subject.scenario.decision
    months = months_between(decision, day)
    return subject.fixed(float(months), f"{day:%B %Y}", "first start and the months of the file", MADE_OF)
