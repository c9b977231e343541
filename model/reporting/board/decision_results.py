"""What a decision run found, as one thing that charts, words and pages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.analysis.attribution.contributions import Attribution
from model.analysis.portfolio.portfolio_search import Portfolio
from model.appraisal.assessment import Assessment
from model.appraisal.costing.appraisal import Appraisal
from model.appraisal.equity.distributional_impact import DistributionalImpact
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario


@dataclass(frozen=True, eq=False)
class DecisionResults:
    """What was found.

    Attributes:
        question: what was asked, in words.
        runs: the baseline, then the scenarios that were asked for, in order.
        judged: the scenarios that were asked for, in the same order, then interventions by themselves, if any.
        attributions: of scenarios that were taken apart.
        trail: how the figures came about: heading and text.
        portfolio: the choice of a handful within a budget, if one was asked for.
    """

    question: str
    runs: tuple[Run, ...]
    judged: Assessment
    attributions: tuple[Attribution, ...]
    trail: Mapping[str, str]
    portfolio: Portfolio | None = None

    @property
    def baseline(self) -> Run:
        """What the scenarios are compared with."""
        return self.runs[0]

    @property
    def asked(self) -> int:
        """How many scenarios were asked for."""
        return len(self.runs) - 1

    @property
    def scenarios(self) -> tuple[ResolvedScenario, ...]:
        """The scenarios that were asked for."""
        return self.judged.scenarios[: self.asked]

    @property
    def appraisals(self) -> tuple[Appraisal, ...]:
        """Their costing."""
        return self.judged.appraisals[: self.asked]

    @property
    def equity(self) -> tuple[DistributionalImpact, ...]:
        """Who gains by them."""
        return self.judged.equity[: self.asked]

    @property
    def members(self) -> int:
        """Ensemble members."""
        return self.baseline.members

    @property
    def years(self) -> tuple[str, ...]:
        """Financial years appraised."""
        first = self.appraisals[0]
        return tuple(year for year, flag in zip(first.option.years, first.counted, strict=True) if flag)
