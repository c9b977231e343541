"""Scenarios judged: appraised, who gains, scored by the principles. Of each run only what that takes is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.appraisal.costing import option as costing
from model.appraisal.costing.appraisal import CASH, NON_CASH, Appraisal, appraise
from model.appraisal.costing.assumptions import Basis
from model.appraisal.equity import distributional_impact as equity
from model.appraisal.prioritisation.principles import Principles
from model.appraisal.prioritisation.scoring import Ranking, score
from model.results.run import Run
from model.scenarios.resolved import ResolvedScenario


@dataclass(frozen=True, eq=False)
class Rules:
    """By what scenarios are judged.

    Attributes:
        basis: assumptions of costing.
        principles: principles of prioritisation and their weights.
    """

    basis: Basis
    principles: Principles

    @property
    def names_to_keep(self) -> tuple[str, ...]:
        """Registered results that judging reads besides the headlines."""
        return tuple(dict.fromkeys([*costing.names_to_keep(self.basis), *equity.names_to_keep()]))


@dataclass(frozen=True, eq=False)
class Observation:
    """What judging reads of one run, so that the run itself need not be kept."""

    costing: costing.Observed
    equity: equity.Seen


@dataclass(frozen=True, eq=False)
class Judged:
    """Scenarios judged, all in the same order.

    Attributes:
        scenarios: what was run.
        appraisals: in money.
        equity: who gains.
        ranking: by the principles.
    """

    scenarios: tuple[ResolvedScenario, ...]
    appraisals: tuple[Appraisal, ...]
    equity: tuple[equity.Equity, ...]
    ranking: Ranking


def observe(run: Run, rules: Rules) -> Observation:
    """Read from a run what judging needs.

    Raises:
        UserError: no complete year after the decision, or a result that the run does not hold.
    """
    return Observation(costing.observe(run, rules.basis), equity.observe(run, rules.basis))


def judge(
    scenarios: Sequence[ResolvedScenario], observed: Sequence[Observation], base: Observation, rules: Rules
) -> Judged:
    """Judge scenarios by what was observed of their runs and of the baseline's.

    Raises:
        UserError: runs of different length or members.
    """
    appraisals, gains = [], []
    for scenario, own in zip(scenarios, observed, strict=True):
        appraisal = appraise(costing.option_of(scenario, own.costing, base.costing, rules.basis), rules.basis)
        net_cost = -appraisal.value(CASH, NON_CASH, "cost")
        appraisals.append(appraisal)
        gains.append(equity.equity_of(appraisal.option, own.equity, base.equity, rules.basis, net_cost))
    ranking = score(appraisals, scenarios, rules.principles, base.costing.headlines)
    return Judged(tuple(scenarios), tuple(appraisals), tuple(gains), ranking)
