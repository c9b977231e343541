"""Scenarios assessed: costed, by who gains, and scored by the principles; of runs only inputs to this are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.appraisal.costing import option as costing
from model.appraisal.costing.appraisal import CASH, NON_CASH, Appraisal, appraise
from model.appraisal.costing.assumptions import CostingAssumptions
from model.appraisal.equity import distributional_impact as equity
from model.appraisal.prioritisation.principles import Principles
from model.appraisal.prioritisation.scoring import Ranking, score_options
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario


@dataclass(frozen=True, eq=False)
class AssessmentRules:
    """The assumptions and principles by which scenarios are assessed.

    Attributes:
        assumptions: assumptions of costing.
        principles: principles of prioritisation and their weights.
    """

    assumptions: CostingAssumptions
    principles: Principles

    @property
    def names_to_keep(self) -> tuple[str, ...]:
        """Registered results that assessment reads besides the headlines."""
        return tuple(dict.fromkeys([*costing.results_for_costing(self.assumptions), *equity.results_for_equity()]))


@dataclass(frozen=True, eq=False)
class AssessmentInputs:
    """Inputs that assessment reads from one run, so that the run itself need not be kept."""

    costing: costing.CostingInputs
    equity: equity.EquityInputs


@dataclass(frozen=True, eq=False)
class Assessment:
    """Assessed scenarios, all in the same order.

    Attributes:
        scenarios: what was run.
        appraisals: in money.
        equity: who gains.
        ranking: by the principles.
    """

    scenarios: tuple[ResolvedScenario, ...]
    appraisals: tuple[Appraisal, ...]
    equity: tuple[equity.DistributionalImpact, ...]
    ranking: Ranking


def read_assessment_inputs(run: Run, rules: AssessmentRules) -> AssessmentInputs:
    """Read from a run the inputs to assessment.

    Raises:
        UserError: no complete year after the decision, or a result that the run does not hold.
    """
    return AssessmentInputs(costing.read_costing_inputs(run, rules.assumptions), equity.read_equity_inputs(run))


def assess(
    scenarios: Sequence[ResolvedScenario],
    inputs: Sequence[AssessmentInputs],
    baseline: AssessmentInputs,
    rules: AssessmentRules,
) -> Assessment:
    """Assess scenarios by the inputs read from their runs and from the baseline's.

    Raises:
        UserError: runs of different length or members.
    """
    appraisals, impacts = [], []
    for scenario, scenario_inputs in zip(scenarios, inputs, strict=True):
        appraisal = appraise(
            costing.costed_option(scenario, scenario_inputs.costing, baseline.costing, rules.assumptions),
            rules.assumptions,
        )
        net_cost = -appraisal.value(CASH, NON_CASH, "cost")
        appraisals.append(appraisal)
        impacts.append(
            equity.assess_equity(appraisal.option, scenario_inputs.equity, baseline.equity, rules.assumptions, net_cost)
        )
    ranking = score_options(appraisals, scenarios, rules.principles, baseline.costing.headlines)
    return Assessment(tuple(scenarios), tuple(appraisals), tuple(impacts), ranking)
