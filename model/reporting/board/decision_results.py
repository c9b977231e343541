"""The results of a decision run, which charts, texts and pages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.analysis.attribution.contributions import Attribution
from model.analysis.portfolio.portfolio_search import Portfolio
from model.appraisal.assessment import Assessment
from model.appraisal.costing.appraisal import Appraisal, AppraisalResult, appraisal_results
from model.appraisal.equity.distributional_impact import DistributionalImpact
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario


@dataclass(frozen=True, eq=False)
class DecisionResults:
    """Results of a decision run.

    Attributes:
        question: the question in words.
        runs: the baseline, then the scenarios in question, in order.
        assessment: of the scenarios in the same order, then of interventions by themselves, if any.
        attributions: of scenarios that were taken apart.
        audit_trail: how the figures came about: heading and text.
        portfolio: the portfolio chosen within a budget, if one was asked for.
    """

    question: str
    runs: tuple[Run, ...]
    assessment: Assessment
    attributions: tuple[Attribution, ...]
    audit_trail: Mapping[str, str]
    portfolio: Portfolio | None = None

    @property
    def baseline(self) -> Run:
        """What the scenarios are compared with."""
        return self.runs[0]

    @property
    def count(self) -> int:
        """How many scenarios are in question."""
        return len(self.runs) - 1

    @property
    def scenarios(self) -> tuple[ResolvedScenario, ...]:
        """The scenarios in question."""
        return self.assessment.scenarios[: self.count]

    @property
    def appraisals(self) -> tuple[Appraisal, ...]:
        """Their costing."""
        return self.assessment.appraisals[: self.count]

    @property
    def equity(self) -> tuple[DistributionalImpact, ...]:
        """Who gains by them."""
        return self.assessment.equity[: self.count]

    @property
    def members(self) -> int:
        """Ensemble members."""
        return self.baseline.members

    @property
    def years(self) -> tuple[str, ...]:
        """Financial years appraised."""
        first = self.appraisals[0]
        return tuple(year for year, flag in zip(first.option.years, first.counted, strict=True) if flag)


def appraisal_figures(appraisal: Appraisal) -> dict[str, AppraisalResult]:
    """Return the results of an appraisal by name."""
    return {result.name: result for result in appraisal_results(appraisal)}
