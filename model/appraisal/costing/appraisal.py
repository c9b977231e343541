"""The arithmetic of appraisal: prices, optimism bias, classes of benefit, discounting, present values, ratios, payback.

Everything is linear in the members, and whether bias is taken off a benefit is decided on its mean. So the figure of
the means is the mean of the members' figures, and a workbook of means gives the same numbers as this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model.appraisal.costing.assumptions import MODEL_PRICES, CostingAssumptions, Divisor
from model.appraisal.costing.option import BenefitLine, Option
from model.appraisal.costing.programmes import CostLine
from model.registry.dimensions import DIMENSIONS
from model.results.comparison import Spread

CASH, NON_CASH, SOCIETAL = "cash-releasing", "non-cash-releasing", "societal"
CLASSES = (CASH, NON_CASH, SOCIETAL)
NO_GAIN, SAVES = "no gain", "saves money"
NEVER = "not paid back"


def discount_factors(rate: float, years: int, appraised: int) -> np.ndarray:
    """Return the factor of each year: 1 in the first, less by the rate in each later one, 0 beyond those appraised."""
    index = np.arange(years)
    return np.where(index < appraised, (1.0 + rate) ** -index.astype(float), 0.0)


def cost_per_unit(cost: float, gain: float) -> float | str:
    """Return the cost of one unit gained; words where there is no gain, or where money is saved."""
    if gain <= 0.0:
        return NO_GAIN
    return SAVES if cost <= 0.0 else cost / gain


def benefit_cost_ratio(benefit: float, cost: float) -> float:
    """Return the benefit for each pound of cost; not a number where there is no cost."""
    return benefit / cost if cost > 0.0 else float("nan")


def payback_year(net: np.ndarray, years: Sequence[str], appraised: int) -> str:
    """Return the financial year at whose end the money spent is back for good.

    Args:
        net: discounted gain less cost of each year.
        years: financial years.
        appraised: years that count.
    """
    standing = np.cumsum(net[:appraised]) >= 0.0
    if not len(standing) or not standing[-1]:
        return NEVER
    below = np.flatnonzero(~standing)
    return years[0 if not len(below) else int(below[-1]) + 1]


@dataclass(frozen=True, eq=False)
class ValuedBenefit:
    """A benefit in money of the appraisal.

    Attributes:
        line: what is gained.
        reduction: share taken off for optimism.
        amounts: £ at the prices of the appraisal, by year and member, after the reduction.
        cash: share that releases cash.
    """

    line: BenefitLine
    reduction: float
    amounts: np.ndarray
    cash: float

    def of_class(self, name: str) -> np.ndarray:
        """Return the part in one class, by year and member."""
        if name == CASH:
            return self.amounts * self.cash
        return self.amounts * ((1.0 - self.cash) if name == self.line.kind.rest else 0.0)


@dataclass(frozen=True, eq=False)
class Appraisal:
    """An option appraised.

    Attributes:
        option: what is appraised.
        assumptions: the assumptions.
        reduction: share taken off the benefits of the whole option for optimism.
        costs: £ at the prices of the appraisal with bias, one array ``(years, members)`` for each cost line.
        benefits: benefits in money.
        streams: ``cost`` and each class of benefit, undiscounted, by year and member, years beyond the appraisal 0.
    """

    option: Option
    assumptions: CostingAssumptions
    reduction: float
    costs: tuple[np.ndarray, ...]
    benefits: tuple[ValuedBenefit, ...]
    streams: dict[str, np.ndarray] = field(repr=False)

    @property
    def counted(self) -> np.ndarray:
        """1 for each year appraised, 0 beyond, shape ``(years,)``."""
        return discount_factors(0.0, len(self.option.years), self.assumptions.years)

    def factors(self, stream: str, *, discounted: bool = True) -> np.ndarray:
        """Return the discount factor of each year for a stream: health has its own rate."""
        if not discounted:
            return self.counted
        rate = self.assumptions["discount_health" if stream == SOCIETAL else "discount_money"]
        return discount_factors(rate, len(self.option.years), self.assumptions.years)

    def value(self, *streams: str, discounted: bool = True) -> np.ndarray:
        """Add up several streams over the years, costs taken off where a benefit is among them, by member."""
        alone = streams == ("cost",)
        total = np.zeros(self.option.members)
        for stream in streams:
            sign = -1.0 if stream == "cost" and not alone else 1.0
            total += sign * self.factors(stream, discounted=discounted) @ self.streams[stream]
        return total

    def gained(self, divisor: Divisor, *, discounted: bool = True) -> np.ndarray:
        """Return units gained, added up over the years appraised, by member."""
        stream = SOCIETAL if divisor.health else "cost"
        return self.factors(stream, discounted=discounted) @ self.option.gains[divisor.result]

    def cost_per(self, divisor: Divisor, *, discounted: bool = True) -> float | str:
        """Return the expected cost of one unit gained: programme cost, or public cost net of public benefits."""
        streams = (CASH, NON_CASH, "cost") if divisor.net else ("cost",)
        cost = self.value(*streams, discounted=discounted).mean() * (-1.0 if divisor.net else 1.0)
        return cost_per_unit(float(cost), float(self.gained(divisor, discounted=discounted).mean()))

    def benefit_cost(self, *streams: str, discounted: bool = True) -> float:
        """Return the expected benefit of some classes for each pound of programme cost."""
        benefit = self.value(*streams, discounted=discounted).mean()
        return benefit_cost_ratio(float(benefit), float(self.value("cost", discounted=discounted).mean()))

    def payback(self, *streams: str) -> str:
        """Return the year in which expected, discounted benefits of some classes have paid the costs back for good."""
        net = -self.factors("cost") * self.streams["cost"].mean(axis=1)
        for stream in streams:
            net = net + self.factors(stream) * self.streams[stream].mean(axis=1)
        return payback_year(net, self.option.years, self.assumptions.years)


def appraise(option: Option, assumptions: CostingAssumptions) -> Appraisal:
    """Put an option into money of one price base, with optimism bias, by class of benefit."""
    reflated = assumptions.reflated(MODEL_PRICES)
    costs = tuple(line.amounts * reflated * (1.0 + assumptions[f"bias_{line.type}"]) for line in option.costs)
    counted = discount_factors(0.0, len(option.years), assumptions.years)
    reduction = benefit_reduction(option.costs, assumptions, counted)
    benefits = tuple(_valued(line, assumptions, reduction) for line in option.benefits)
    empty = np.zeros((len(option.years), option.members))
    streams = {"cost": counted[:, None] * sum(costs, empty)}
    for name in CLASSES:
        streams[name] = counted[:, None] * sum((benefit.of_class(name) for benefit in benefits), empty)
    return Appraisal(option, assumptions, reduction, costs, benefits, streams)


def benefit_reduction(costs: Sequence[CostLine], assumptions: CostingAssumptions, counted: np.ndarray) -> float:
    """Return the share taken off an option's benefits: of its interventions' grades, weighted by their costs.

    Without costs, that of the grade from which most is taken off.
    """
    weights = np.array([float(counted @ line.amounts.mean(axis=1)) for line in costs])
    shares = np.array([assumptions[f"grade_{line.grade}"] for line in costs])
    if not len(weights) or weights.sum() <= 0.0:
        return max(assumption.value for assumption in assumptions.by_name.values() if assumption.group == "benefits")
    return float(weights @ shares / weights.sum())


def _valued(line: BenefitLine, assumptions: CostingAssumptions, of_option: float) -> ValuedBenefit:
    kind = line.kind
    if kind.result:
        worth = assumptions.by_name[f"value_{kind.name}"]
        unit = worth.value * assumptions.reflated(worth.prices)
    else:
        unit = assumptions.reflated(MODEL_PRICES)
    reduction = assumptions[f"grade_{line.grade}"] if line.grade else of_option
    if kind.bias == "none":
        reduction = 0.0
    gross = line.quantity * unit * assumptions[f"counted_{kind.name}"]
    # A loss is not made smaller by doubt, unless it corrects a gain.
    counted_share = np.where((gross.mean(axis=1) > 0.0) | (kind.bias == "all"), 1.0 - reduction, 1.0)
    return ValuedBenefit(line, reduction, gross * counted_share[:, None], assumptions[f"cash_{kind.name}"])


@dataclass(frozen=True)
class AppraisalResult:
    """One result of an appraisal.

    Attributes:
        name: key.
        title: for people.
        unit: its unit.
        undiscounted: expected value, or words.
        discounted: expected value, or words.
        spread: median and 80% interval of the discounted value over members; None where there is none.
        favourable: share of members in which it is above 0; None where that has no meaning.
    """

    name: str
    title: str
    unit: str
    undiscounted: float | str
    discounted: float | str
    spread: Spread | None = None
    favourable: float | None = None


SUMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("programme_cost", "Programme cost, with optimism bias", ("cost",)),
    ("cash_releasing", "Cash-releasing benefits", (CASH,)),
    ("non_cash_releasing", "Non-cash-releasing benefits", (NON_CASH,)),
    ("societal", "Societal benefits", (SOCIETAL,)),
    ("net_cash", "Net present value, cash", (CASH, "cost")),
    ("net_public", "Net present value, public sector", (CASH, NON_CASH, "cost")),
    ("net_social", "Net present value, society", (CASH, NON_CASH, SOCIETAL, "cost")),
)
"""Sums of money: name, title and what is added up."""

RETURNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cash_return", "Cash-releasing benefit for each £1", (CASH,)),
    ("public_ratio", "Benefit-cost ratio, public sector", (CASH, NON_CASH)),
    ("social_ratio", "Benefit-cost ratio, society", (CASH, NON_CASH, SOCIETAL)),
)
"""Ratios of benefits to programme cost."""

PAYBACKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("payback_cash", "Paid back in cash in", (CASH,)),
    ("payback_public", "Paid back to the public sector in", (CASH, NON_CASH)),
    ("payback_social", "Paid back to society in", (CASH, NON_CASH, SOCIETAL)),
)
"""Years in which costs are paid back."""


def appraisal_results(appraisal: Appraisal) -> list[AppraisalResult]:
    """Return all results of an appraised option, in the order of the summary."""
    results: list[AppraisalResult] = []
    for name, title, streams in SUMS:
        plain, present = appraisal.value(*streams, discounted=False), appraisal.value(*streams)
        share = float(np.mean(present > 0.0)) if name.startswith("net_") and len(present) > 1 else None
        spread = Spread.of(present) if len(present) > 1 else None
        results.append(AppraisalResult(name, title, "£", float(plain.mean()), float(present.mean()), spread, share))
    for name, title, streams in RETURNS:
        ratios = [appraisal.benefit_cost(*streams, discounted=discounted) for discounted in (False, True)]
        results.append(AppraisalResult(name, title, "£ for £1", ratios[0], ratios[1]))
    for name, title, streams in PAYBACKS:
        results.append(AppraisalResult(name, title, "financial year", "", appraisal.payback(*streams)))
    for divisor in appraisal.assumptions.divisors:
        plain, present = (appraisal.gained(divisor, discounted=discounted) for discounted in (False, True))
        spread = Spread.of(present) if len(present) > 1 else None
        title = f"{divisor.title[:1].upper()}{divisor.title[1:]}"
        results.append(
            AppraisalResult(
                f"gained_{divisor.name}", f"{title}: how many", "1", float(plain.mean()), float(present.mean()), spread
            )
        )
        cost = "Net public cost" if divisor.net else "Programme cost"
        costs = [appraisal.cost_per(divisor, discounted=discounted) for discounted in (False, True)]
        per_unit = f"{cost} per {divisor.title}"
        results.append(AppraisalResult(f"cost_per_{divisor.name}", per_unit, "£", costs[0], costs[1]))
    for threshold in appraisal.assumptions.thresholds:
        title = f"Below the threshold of £{threshold.value:,.0f} ({threshold.title.partition(', ')[2]})"
        answer = below_threshold(threshold.value, _per_qaly(appraisal))
        results.append(AppraisalResult(f"below_{threshold.name.removeprefix('threshold_')}", title, "", "", answer))
    return results


def _per_qaly(appraisal: Appraisal) -> float | str:
    qaly = next((divisor for divisor in appraisal.assumptions.divisors if divisor.health), None)
    return NO_GAIN if qaly is None else appraisal.cost_per(qaly)


def organisation_totals(appraisal: Appraisal, organisation: str) -> np.ndarray:
    """Return discounted costs by type and in all, benefits by class, and net, of one organisation."""
    costs = [
        sum(
            float(appraisal.factors("cost") @ amounts.mean(axis=1))
            for line, amounts in zip(appraisal.option.costs, appraisal.costs, strict=True)
            if line.payer == organisation and line.type == kind
        )
        for kind in DIMENSIONS["cost_type"]
    ]
    benefits = [
        sum(
            float(appraisal.factors(name) @ valued.of_class(name).mean(axis=1))
            for valued in appraisal.benefits
            if valued.line.organisation == organisation
        )
        for name in CLASSES
    ]
    return np.array([*costs, sum(costs), *benefits, sum(benefits) - sum(costs)])


def below_threshold(threshold: float, cost: float | str) -> str:
    """Say whether a cost per QALY lies below a threshold."""
    if cost == NO_GAIN:
        return NO_GAIN
    return "yes" if cost == SAVES or float(cost) <= threshold else "no"
