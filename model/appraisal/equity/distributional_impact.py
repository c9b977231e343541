"""Who gains from an option: read from its run and the baseline's, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.appraisal.costing.appraisal import discount_factors
from model.appraisal.costing.assumptions import CostingAssumptions
from model.appraisal.costing.option import Option, appraisal_years, over_the_year
from model.appraisal.equity.equity_weighting import HealthDistribution
from model.appraisal.equity.findings import InequalityGap, equity_findings
from model.appraisal.equity.groups import (
    GROUP_LABELS,
    INEQUALITY_INDICES,
    LIFE_EXPECTANCY,
    PEOPLE_BY_DIMENSION,
    QALYS,
    RESULTS_BY_DIMENSION,
    Grouping,
    sum_age_bands,
)
from model.registry.errors import UserError
from model.results.expressions import Statistic, over_period, ratio
from model.results.headlines import Measure, measure
from model.results.run import Run

PEOPLE_PER_RATE = 1000.0
"""People to whom rates refer."""

GAP_IN_LIFE_EXPECTANCY = "gap_in_life_expectancy"


@dataclass(frozen=True, eq=False)
class EquityInputs:
    """Inputs that equity reads from one run, by financial year from that of the decision (first axis).

    Attributes:
        title: name for people.
        years: financial years.
        measures: what is read, by name: title, unit, which direction is better.
        results: by result and division, shape ``(years, labels, members)``.
        indices: by name, shape ``(years, members)``.
        health: quality-adjusted life expectancy by fifth, years, shape ``(years, fifths, members)``.
        people: residents by division, mean over the members, shape ``(years, labels)``.
    """

    title: str
    years: tuple[str, ...]
    measures: Mapping[str, Measure]
    results: Mapping[tuple[str, Grouping], np.ndarray]
    indices: Mapping[str, np.ndarray]
    health: np.ndarray
    people: Mapping[Grouping, np.ndarray]


@dataclass(frozen=True, eq=False)
class GroupImpact:
    """Change of one total, by one grouping of people.

    Attributes:
        result: registered name of the total.
        title: for people.
        unit: its unit.
        better: ``higher`` or ``lower``; empty where neither is.
        grouping: how people are grouped.
        labels: groups, for people.
        values: option less baseline added up over the years appraised, shape ``(labels, members)``.
        people: residents of the baseline, mean over members and years run, shape ``(labels,)``.
        yearly: option less baseline in every year of the run, shape ``(years, labels, members)``.
    """

    result: str
    title: str
    unit: str
    better: str
    grouping: Grouping
    labels: tuple[str, ...]
    values: np.ndarray
    people: np.ndarray
    yearly: np.ndarray

    @property
    def per_1000_people(self) -> np.ndarray:
        """Change per 1,000 people of each group, shape ``(labels, members)``."""
        return self.values / self.people[:, None] * PEOPLE_PER_RATE


@dataclass(frozen=True, eq=False)
class InequalityIndex:
    """An index of inequality between fifths of deprivation, mean over the years appraised.

    Attributes:
        name: registered name, or ``gap_in_life_expectancy``.
        title: for people.
        unit: its unit.
        better: ``lower``: nearer to 0.
        before: of the baseline, shape ``(members,)``.
        change: option less baseline, shape ``(members,)``.
    """

    name: str
    title: str
    unit: str
    better: str
    before: np.ndarray
    change: np.ndarray

    @property
    def widening(self) -> np.ndarray:
        """By how much the index moves away from 0, shape ``(members,)``."""
        return np.abs(self.before + self.change) - np.abs(self.before)


@dataclass(frozen=True, eq=False)
class DistributionalImpact:
    """Who gains from one option.

    Attributes:
        option: name of the scenario.
        title: for people.
        years: financial years appraised.
        members: paired members.
        impacts: changes by group.
        indices: indices of inequality.
        distribution: health by fifth before and after.
        warnings: a sentence for each gap that widens.
        findings: a sentence for each gap that narrows.
    """

    option: str
    title: str
    years: tuple[str, ...]
    members: int
    impacts: tuple[GroupImpact, ...]
    indices: tuple[InequalityIndex, ...]
    distribution: HealthDistribution
    warnings: tuple[str, ...]
    findings: tuple[str, ...]

    def impact(self, result: str, grouping: Grouping) -> GroupImpact:
        """Return the change of one total in one grouping.

        Raises:
            KeyError: the model does not divide it so.
        """
        for impact in self.impacts:
            if (impact.result, impact.grouping) == (result, grouping):
                return impact
        raise KeyError((result, grouping))


def results_for_equity() -> list[str]:
    """Return registered results that equity reads, so that runs record them."""
    named = {name for by_dimension in RESULTS_BY_DIMENSION.values() for name in by_dimension.values()}
    return sorted({*named, *INEQUALITY_INDICES, *PEOPLE_BY_DIMENSION.values(), LIFE_EXPECTANCY})


def read_equity_inputs(run: Run) -> EquityInputs:
    """Read from a run the inputs to equity, years beyond the appraisal included: the workbook can move its end.

    Raises:
        UserError: no complete year after the decision, or a result that the run does not hold.
    """
    years = appraisal_years(run)
    measures = {
        name: measure(name, run.registry) for name in (*RESULTS_BY_DIMENSION, *INEQUALITY_INDICES, LIFE_EXPECTANCY)
    }
    results: dict[tuple[str, Grouping], np.ndarray] = {}
    for name, sources in RESULTS_BY_DIMENSION.items():
        total = yearly_by_label(run, name, "deprivation", years)
        results[name, "deprivation"] = total
        for dim, source in sources.items():
            if dim == "deprivation":
                continue
            values_by_label = scaled_to_total(yearly_by_label(run, source, dim, years), total)
            results |= {(name, grouping): values for grouping, values in by_grouping(values_by_label, dim).items()}
    people: dict[Grouping, np.ndarray] = {}
    for dim, name in PEOPLE_BY_DIMENSION.items():
        people |= by_grouping(yearly_by_label(run, name, dim, years).mean(axis=-1), dim)
    return EquityInputs(
        run.heading,
        years,
        measures,
        results,
        {name: yearly_by_label(run, name, "", years) for name in INEQUALITY_INDICES},
        yearly_by_label(run, LIFE_EXPECTANCY, "deprivation", years),
        people,
    )


def yearly_by_label(run: Run, name: str, dim: str, years: tuple[str, ...]) -> np.ndarray:
    """Return a result by year and the labels of one of its dimensions, shape ``(years, labels, members)``.

    Without a dimension it is of shape ``(years, members)``. Other dimensions are added up, and months where they do.
    """
    dims = run.registry.find(name).dims
    others = tuple(1 + axis for axis, other in enumerate(dims) if other != dim)
    blocks = [block.sum(axis=others, dtype=np.float64) for block in run.blocks(name)]
    monthly = np.concatenate(blocks, axis=-1)
    flat = monthly.reshape(run.months, -1)
    statistic: Statistic = over_the_year(name, run.registry)
    yearly = [over_period(run, flat, run.financial_years[year], statistic) for year in years]
    return np.array(yearly).reshape(len(years), *monthly.shape[1:])


def by_grouping(values: np.ndarray, dim: str) -> dict[Grouping, np.ndarray]:
    """Return the groupings that a dimension gives: itself, or age groups and stages of life from age bands."""
    if dim == "age_band":
        return {"age_group": sum_age_bands(values, "age_group"), "stage": sum_age_bands(values, "stage")}
    return {"deprivation": values} if dim == "deprivation" else {"place": values}


def scaled_to_total(values: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Scale values to the sum of the fifths of deprivation; in single precision the sums differ a little.

    Args:
        values: by year, label and member.
        total: by year, fifth and member.
    """
    sums = values.sum(axis=1, keepdims=True)
    target_sums = total.sum(axis=1, keepdims=True)
    return values * ratio(target_sums, sums, 1.0)


def assess_equity(
    option: Option,
    inputs: EquityInputs,
    baseline: EquityInputs,
    assumptions: CostingAssumptions,
    net_public_cost: np.ndarray,
) -> DistributionalImpact:
    """Assess who gains from an option.

    Args:
        option: the option as costed, for its name.
        inputs: read from its run.
        baseline: read from the baseline's run.
        assumptions: years appraised, discounting of health, threshold, inequality aversion.
        net_public_cost: discounted cost less public benefits, £ at the prices of the appraisal, shape ``(members,)``.

    Raises:
        UserError: runs of different length or members.
    """
    if inputs.years != baseline.years or inputs.health.shape != baseline.health.shape:
        raise UserError(f"'{option.name}' and the baseline differ in length or members; equity needs pairs.")
    counted = discount_factors(0.0, len(inputs.years), assumptions.years)
    people = {grouping: values.mean(axis=0) for grouping, values in baseline.people.items()}
    impacts = tuple(
        _impact(
            inputs.measures[result], grouping, values - baseline.results[result, grouping], counted, people[grouping]
        )
        for (result, grouping), values in inputs.results.items()
    )
    indices = _indices(inputs, baseline, counted / counted.sum())
    qalys = next(impact for impact in impacts if (impact.result, impact.grouping) == (QALYS, "deprivation"))
    health = discount_factors(assumptions["discount_health"], len(inputs.years), assumptions.years)
    distribution = HealthDistribution(
        aversion=assumptions["inequality_aversion"],
        others=(assumptions["inequality_aversion_low"], assumptions["inequality_aversion_high"]),
        threshold=assumptions[assumptions.charged_at],
        people=people["deprivation"],
        before=baseline.health.mean(axis=0),
        gained=np.tensordot(health, qalys.yearly, axes=1),
        net_cost=net_public_cost,
    )
    gaps = [InequalityGap.of_index(index.title, index.before, index.widening) for index in indices]
    gaps.append(InequalityGap.of_qalys(qalys.per_1000_people[0], qalys.per_1000_people[-1]))
    warnings, findings = equity_findings(inputs.title, gaps, distribution)
    years = tuple(year for year, flag in zip(inputs.years, counted, strict=True) if flag)
    return DistributionalImpact(
        option.name, inputs.title, years, inputs.health.shape[-1], impacts, indices, distribution, warnings, findings
    )


def _indices(inputs: EquityInputs, baseline: EquityInputs, mean: np.ndarray) -> tuple[InequalityIndex, ...]:
    """Return all indices of inequality; ``mean`` weighs the years, shape ``(years,)``."""

    def index(name: str, title: str, unit: str, values: np.ndarray, base: np.ndarray) -> InequalityIndex:
        return InequalityIndex(name, title, unit, "lower", mean @ base, mean @ (values - base))

    registered = [
        index(
            name, inputs.measures[name].title, inputs.measures[name].unit, inputs.indices[name], baseline.indices[name]
        )
        for name in INEQUALITY_INDICES
    ]
    gap = index(
        GAP_IN_LIFE_EXPECTANCY,
        "Quality-adjusted life expectancy, least less most deprived fifth",
        inputs.measures[LIFE_EXPECTANCY].unit,
        _gap(inputs.health),
        _gap(baseline.health),
    )
    return (*registered, gap)


def _impact(
    measured_result: Measure, grouping: Grouping, yearly: np.ndarray, counted: np.ndarray, people: np.ndarray
) -> GroupImpact:
    values = np.tensordot(counted, yearly, axes=1)
    return GroupImpact(
        measured_result.name,
        measured_result.title,
        measured_result.unit,
        measured_result.better,
        grouping,
        GROUP_LABELS[grouping],
        values,
        people,
        yearly,
    )


def _gap(health: np.ndarray) -> np.ndarray:
    """Return health of the least deprived fifth less that of the most deprived, shape ``(years, members)``."""
    return health[:, -1] - health[:, 0]
