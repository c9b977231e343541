"""The selection among choices: the best, those near it, what the last pound buys, what interventions are worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from model.analysis.portfolio.problem import SLACK, PortfolioProblem

TAIL = 0.2
"""Share of the worst cases of which the conditional value at risk is the mean."""
BUDGET_CUT = 1e6
"""£ a year by which the budget is cut to see what its last part buys."""
NEAR = 0.05
"""Share of the best score within which a choice counts as nearly as good."""


class SelectionCriterion(StrEnum):
    """The criterion of the best choice."""

    EXPECTED = "expected"
    """Mean gain over members and futures."""
    CVAR = "cvar"
    """Mean gain in the worst fifth of members and futures."""
    REGRET = "regret"
    """Smallest largest regret over futures, of mean gains."""


def score_choices(gains: np.ndarray, criterion: SelectionCriterion, rivals: np.ndarray | None = None) -> np.ndarray:
    """Score choices; larger is better.

    Args:
        gains: shape ``(choices, futures, members)``.
        criterion: what the best choice is chosen by.
        rivals: choices that count for regret, shape ``(choices,)``; all where left out.

    Returns:
        Shape ``(choices,)``; minus the largest regret where regret counts.
    """
    if criterion is SelectionCriterion.EXPECTED:
        return gains.mean(axis=(1, 2))
    if criterion is SelectionCriterion.CVAR:
        cases = np.sort(gains.reshape(len(gains), -1), axis=1)
        return cases[:, : max(1, round(TAIL * cases.shape[1]))].mean(axis=1)
    means = gains.mean(axis=2)
    best = (means if rivals is None else means[rivals]).max(axis=0)
    return -(best - means).max(axis=1)


def frontier(values: np.ndarray) -> np.ndarray:
    """Mark choices that no other choice beats in one objective without losing in another.

    Args:
        values: larger is better, shape ``(objectives, choices)``.

    Returns:
        Shape ``(choices,)``; of choices with equal values the first.
    """
    undominated = np.zeros(values.shape[1], dtype=bool)
    for choice in range(values.shape[1]):
        values_of_choice = values[:, choice : choice + 1]
        no_worse, better = np.all(values >= values_of_choice, axis=0), np.any(values > values_of_choice, axis=0)
        same = no_worse & ~better
        undominated[choice] = not np.any(no_worse & better) and not np.any(same[:choice])
    return undominated


@dataclass(frozen=True)
class BudgetStep:
    """A budget from which a better choice can be afforded.

    Attributes:
        budget: peak yearly cost from which the choice can be paid for.
        choice: its number.
        score: its score.
        per_pound: what a pound a year more has bought since the step before.
    """

    budget: float
    choice: int
    score: float
    per_pound: float


@dataclass(frozen=True)
class InterventionWorth:
    """What having, or leaving out, an intervention is worth.

    Attributes:
        intervention: its name.
        chosen: whether the best choice has it.
        difference: if chosen, what the best choice gains over the best one without it; if not, what is given up by the
            best one with it. Not a number where there is no such choice.
        instead: number of that other choice, -1 where there is none.
    """

    intervention: str
    chosen: bool
    difference: float
    instead: int


@dataclass(frozen=True, eq=False)
class Selection:
    """Choices and what they gain.

    Attributes:
        problem: what may be chosen.
        chosen: choices, the first is to do nothing, shape ``(choices, options)``.
        gains: over doing nothing, shape ``(objectives, choices, futures, members)``.
        allowed: choices that meet the limits on results, shape ``(choices,)``.
        criterion: what the best choice is chosen by, of the first objective.
    """

    problem: PortfolioProblem
    chosen: np.ndarray
    gains: np.ndarray
    allowed: np.ndarray
    criterion: SelectionCriterion = SelectionCriterion.EXPECTED

    def scores(self, criterion: SelectionCriterion | None = None) -> np.ndarray:
        """Score choices by the first objective; choices that are not allowed have minus infinity."""
        chosen_criterion = criterion or self.criterion
        rivals = self.allowed if self.allowed.any() else None
        return np.where(self.allowed, score_choices(self.gains[0], chosen_criterion, rivals), -np.inf)

    def best(self, criterion: SelectionCriterion | None = None) -> int:
        """Return the number of the best choice; of equals the cheaper one, then the first."""
        scores = self.scores(criterion)
        ties = np.flatnonzero(scores == scores.max())
        return int(ties[np.argmin(self.costs[ties])])

    @property
    def costs(self) -> np.ndarray:
        """Peak yearly use of the budget, shape ``(choices,)``."""
        return self.problem.peaks(self.chosen)[:, 0]

    def nearly_best(self, most: int) -> list[int]:
        """Return the best choices in order, at most ``most`` of them; the best one leads."""
        scores = self.scores()
        order = [int(choice) for choice in np.argsort(-scores, kind="stable") if np.isfinite(scores[choice])]
        best = self.best()
        return [best, *(choice for choice in order if choice != best)][:most]

    def is_near(self, choice: int) -> bool:
        """Return whether a choice comes within 5% of what the best gains over doing nothing."""
        scores = self.scores()
        best, nothing = scores[self.best()], score_choices(self.gains[0], self.criterion)[0]
        return bool(scores[choice] >= best - NEAR * abs(best - nothing))

    def beats_best(self, choice: int) -> float:
        """Return the share of members and futures in which a choice gains more than the best one."""
        return float(np.mean(self.gains[0, choice] > self.gains[0, self.best()]))

    def steps(self) -> list[BudgetStep]:
        """Return the best choice for every smaller budget: each step buys something better."""
        scores, costs = self.scores(), self.costs
        steps: list[BudgetStep] = []
        for choice in np.lexsort((-scores, costs)):
            if not np.isfinite(scores[choice]) or (steps and scores[choice] <= steps[-1].score):
                continue
            per_pound = np.nan
            if steps and costs[choice] > steps[-1].budget:
                per_pound = (scores[choice] - steps[-1].score) / (costs[choice] - steps[-1].budget)
            steps.append(BudgetStep(float(costs[choice]), int(choice), float(scores[choice]), float(per_pound)))
        return steps

    def last_pound(self, less: float) -> float:
        """Return what each of the last pounds of the yearly budget buys.

        Nothing where the best choice does not need them.

        Args:
            less: £ a year by which the budget would be smaller.
        """
        limit = self.problem.resources[0].limit
        scores = self.scores()
        affordable = np.where(self.costs <= max(limit - less, 0.0) * (1.0 + SLACK), scores, -np.inf)
        return float((scores[self.best()] - affordable.max()) / less)

    def worth(self) -> list[InterventionWorth]:
        """Return what each intervention is worth to the best choice, or what insisting on it would give up."""
        scores, best = self.scores(), self.best()
        worths = []
        for group in self.problem.groups:
            has = np.any(self.chosen[:, list(group)], axis=1)
            chosen = bool(has[best])
            others = np.where(has != chosen, scores, -np.inf)
            instead = int(np.argmax(others))
            name = self.problem.options[group[0]].intervention
            if np.isfinite(others[instead]):
                worths.append(InterventionWorth(name, chosen, float(scores[best] - others[instead]), instead))
            else:
                worths.append(InterventionWorth(name, chosen, np.nan, -1))
        return sorted(
            worths, key=lambda worth: (not worth.chosen, -worth.difference if worth.chosen else worth.difference)
        )

    def frontier(self) -> list[int]:
        """Return choices that no other beats in one objective without losing in another, by the first objective."""
        means = self.gains.mean(axis=(2, 3))
        allowed = np.flatnonzero(self.allowed)
        undominated = allowed[frontier(means[:, allowed])]
        return [int(choice) for choice in undominated[np.argsort(-means[0, undominated], kind="stable")]]
