"""One option against the baseline: its costs, and paired differences of accounts, results and outcomes by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.appraisal.costing.assumptions import BenefitKind, CostingAssumptions
from model.appraisal.costing.programmes import CostLine, StaffLine, cost_lines, staff_lines
from model.registry.calendar import financial_year_of
from model.registry.catalogue import Registry
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError
from model.results.expressions import Statistic, evaluate_years, parse_expression
from model.results.headlines import headline, measure
from model.results.run import Run
from model.results.statement import statement_years
from model.scenarios.resolved import ResolvedScenario

SOCIAL_CARE_GAP = "finance.social_care_gap"
PRICES_OF_RUN = "finance.expenditure[organisation=icb] / finance.expenditure_real[organisation=icb]"
"""Prices of a year relative to 2022/23 in the run: spending in cash over spending in real terms."""
PROGRAMME_LINES = ("programme_recurrent", "programme_non_recurrent", "programme_capital")
ORGANISATIONS = DIMENSIONS["organisation"]
LINES = DIMENSIONS["statement_line"]
NAMES_READ = ("finance.statement", "finance.expenditure", "finance.expenditure_real", SOCIAL_CARE_GAP)


@dataclass(frozen=True, eq=False)
class BenefitLine:
    """What one organisation gains of one kind, before it is valued.

    Attributes:
        kind: which kind.
        organisation: who gains.
        quantity: by year and member: £ at 2022/23 prices, or units of a result; a loss is below 0.
        intervention: which intervention releases it, where one does.
        grade: evidence grade, where it is one intervention's.
    """

    kind: BenefitKind
    organisation: str
    quantity: np.ndarray
    intervention: str = ""
    grade: str = ""


@dataclass(frozen=True, eq=False)
class Option:
    """Everything that costing needs of one scenario, by financial year (first axis) and member (last).

    Attributes:
        name: name of the scenario.
        title: for people.
        description: what it does.
        years: financial years from that of the decision.
        costs: costs of its interventions that are spent.
        benefits: what is gained, by kind and organisation.
        staff: posts needed.
        effects: difference of each headline from the baseline, in the headline's unit.
        gains: gain of each result that is valued or divided by, by its expression, in registered units.
        accounts: difference of each line of the statement over all organisations, £ at 2022/23 prices.
        charged: programme costs that the model's own accounts charge, £ at 2022/23 prices.
    """

    name: str
    title: str
    description: str
    years: tuple[str, ...]
    costs: tuple[CostLine, ...]
    benefits: tuple[BenefitLine, ...]
    staff: tuple[StaffLine, ...]
    effects: Mapping[str, np.ndarray]
    gains: Mapping[str, np.ndarray]
    accounts: Mapping[str, np.ndarray]
    charged: np.ndarray

    @property
    def members(self) -> int:
        """Ensemble members."""
        return int(self.charged.shape[-1])


@dataclass(frozen=True, eq=False)
class CostingInputs:
    """Inputs that costing reads from one run, so that the run itself need not be kept.

    Attributes:
        title: name for people.
        years: financial years from that of the decision.
        statement: £ at 2022/23 prices, shape ``(years, organisations, lines, members)``.
        gap: need for care that councils do not meet, £ at 2022/23 prices, shape ``(years, places, members)``.
        headlines: by name, in the headline's unit, shape ``(years, members)``.
        results: by expression, in registered units, shape ``(years, members)``.
    """

    title: str
    years: tuple[str, ...]
    statement: np.ndarray
    gap: np.ndarray
    headlines: Mapping[str, np.ndarray]
    results: Mapping[str, np.ndarray]


def results_for_costing(assumptions: CostingAssumptions) -> list[str]:
    """Return registered results that costing reads besides the headlines."""
    texts = [
        *(kind.result for kind in assumptions.kinds if kind.result),
        *(divisor.result for divisor in assumptions.divisors),
    ]
    terms = [term.name for text in texts for term in parse_expression(text).terms]
    return sorted({*NAMES_READ, *terms})


def appraisal_years(run: Run) -> tuple[str, ...]:
    """Return complete financial years from that of the decision on.

    Raises:
        UserError: there is none.
    """
    first = financial_year_of(run.decision)
    years = tuple(year for year in run.financial_years if year >= first)
    if not years:
        raise UserError(f"'{run.scenario}' ends before a financial year after the decision is complete.", key="end")
    return years


def over_the_year(text: str, registry: Registry) -> Statistic:
    """Return how months of a result become a year: added up where they add up, their mean otherwise."""
    return Statistic.SUM if measure(text, registry).adds_up else Statistic.MEAN


def read_costing_inputs(run: Run, assumptions: CostingAssumptions) -> CostingInputs:
    """Read from a run the inputs to costing.

    Raises:
        UserError: no complete year after the decision, or a result that the run does not hold.
    """
    years = appraisal_years(run)

    def yearly(text: str, statistic: Statistic) -> np.ndarray:
        by_year = evaluate_years(run, parse_expression(text), statistic)
        return np.array([by_year[year] for year in years], dtype=float)

    prices = yearly(PRICES_OF_RUN, Statistic.SUM)
    texts = [
        *(kind.result for kind in assumptions.kinds if kind.result),
        *(divisor.result for divisor in assumptions.divisors),
    ]
    return CostingInputs(
        title=run.heading,
        years=years,
        statement=statement_years(run, years) / prices[:, None, None],
        gap=np.stack(
            [yearly(f"{SOCIAL_CARE_GAP}[place={place}]", Statistic.MEAN) for place in DIMENSIONS["place"]], axis=1
        ),
        headlines={
            name: np.array([headline(name).by_year(run)[year] for year in years], dtype=float)
            for name in assumptions.effects
        },
        results={text: yearly(text, over_the_year(text, run.registry)) for text in dict.fromkeys(texts)},
    )


def costed_option(
    resolved: ResolvedScenario, inputs: CostingInputs, baseline: CostingInputs, assumptions: CostingAssumptions
) -> Option:
    """Return an option from its scenario and the inputs read from its run and the baseline's.

    Raises:
        UserError: runs of different length or members.
    """
    if inputs.years != baseline.years or inputs.statement.shape != baseline.statement.shape:
        raise UserError(f"'{resolved.name}' and the baseline differ in length or members; costing needs pairs.")
    lines = cost_lines(resolved, inputs.years)
    statement = inputs.statement - baseline.statement
    unmet = inputs.gap - baseline.gap
    gains = {text: values - baseline.results[text] for text, values in inputs.results.items()}
    higher = {kind.result: kind.higher_is_gain for kind in assumptions.kinds if kind.result}
    higher |= {divisor.result: divisor.higher_is_gain for divisor in assumptions.divisors}
    gains = {text: values if higher[text] else -values for text, values in gains.items()}
    programme = [LINES.index(line) for line in PROGRAMME_LINES]
    return Option(
        name=resolved.name,
        title=inputs.title,
        description=resolved.description,
        years=inputs.years,
        costs=tuple(line for line in lines if not line.releases),
        benefits=tuple(benefit_lines(assumptions.kinds, lines, statement, unmet, gains)),
        staff=tuple(staff_lines(resolved, inputs.years)),
        effects={name: values - baseline.headlines[name] for name, values in inputs.headlines.items()},
        gains=gains,
        accounts={line: statement[:, :, index].sum(axis=1) for index, line in enumerate(LINES)},
        charged=-statement[:, :, programme].sum(axis=(1, 2)),
    )


def benefit_lines(
    kinds: Sequence[BenefitKind],
    costs: Sequence[CostLine],
    statement: np.ndarray,
    unmet: np.ndarray,
    gains: Mapping[str, np.ndarray],
) -> list[BenefitLine]:
    """Return what is gained, by kind and organisation, without lines of the accounts in which nothing moves.

    Args:
        kinds: kinds of benefit.
        costs: all costs of the interventions, those that release money among them.
        statement: difference of the statement, shape ``(years, organisations, lines, members)``.
        unmet: difference of need that councils do not meet, shape ``(years, places, members)``.
        gains: gain of each result by its expression, shape ``(years, members)``.
    """
    benefits: list[BenefitLine] = []
    councils = {f"{place}_council": index for index, place in enumerate(DIMENSIONS["place"])}
    for kind in kinds:
        if kind.result:
            benefits.append(BenefitLine(kind, kind.organisation, gains[kind.result]))
        elif not kind.lines:
            benefits += [
                BenefitLine(kind, line.payer, -line.amounts, line.intervention, line.grade)
                for line in costs
                if line.releases
            ]
        else:
            line_indices = [LINES.index(line) for line in kind.lines]
            for index, organisation in enumerate(ORGANISATIONS):
                gained = statement[:, index, line_indices].sum(axis=1)
                if kind.unmet_need and organisation in councils:
                    gained = gained - unmet[:, councils[organisation]]
                if np.any(gained):
                    benefits.append(BenefitLine(kind, organisation, gained))
    return benefits
