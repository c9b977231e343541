"""Choices by integer programming where there are too many to run: effects of options, and of their pairs.

The gain of a choice is taken to be the sum of the gains of its options and of what each pair gains beyond its sum. The
best choices by that sum are found exactly (branch and bound, HiGHS through ``scipy.optimize.milp``) and then run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, lil_array, vstack

from model.analysis.portfolio.problem import PortfolioProblem, compatible_pairs
from model.analysis.portfolio.selection import TAIL, SelectionCriterion


def surrogate_choices(problem: PortfolioProblem) -> np.ndarray:
    """Return choices from which single and pairwise effects are read: none, each option, each pair."""
    count = len(problem.options)
    choices = np.zeros((1 + count + len(compatible_pairs(problem)), count), dtype=bool)
    choices[1 : 1 + count] = np.eye(count, dtype=bool)
    for row, pair in enumerate(compatible_pairs(problem), start=1 + count):
        choices[row, list(pair)] = True
    return choices


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Fitted gains of one objective.

    Attributes:
        problem: what may be chosen.
        single: gain of each option by itself, shape ``(options, futures, members)``.
        pairs: gain of each pair beyond the sum of both, in the order of ``pairs_of``, shape ``(pairs, futures,
            members)``.
    """

    problem: PortfolioProblem
    single: np.ndarray
    pairs: np.ndarray

    @classmethod
    def of(cls, problem: PortfolioProblem, values: np.ndarray) -> Surrogate:
        """Fit to values of ``surrogate_choices``, shape ``(choices, futures, members)``."""
        count = len(problem.options)
        gains = values[1:] - values[0]
        single = gains[:count]
        first, second = np.array(compatible_pairs(problem), dtype=int).reshape(-1, 2).T
        return cls(problem, single, gains[count:] - single[first] - single[second])

    def mixed(self, other: Surrogate, weight: float) -> Surrogate:
        """Mix the gains of this objective and of another, each as a share of the best of its own."""
        share = weight / (self.best_mean() or 1.0)
        share_of_other = (1.0 - weight) / (other.best_mean() or 1.0)
        return replace(
            self,
            single=share * self.single + share_of_other * other.single,
            pairs=share * self.pairs + share_of_other * other.pairs,
        )

    def best_mean(self) -> float:
        """Return the largest mean gain of any choice within the limits."""
        solutions = IntegerProgramme(self, SelectionCriterion.EXPECTED).solutions(1)
        return max((float(self.gains(choice[None]).mean()) for choice in solutions), default=0.0)

    def gains(self, chosen: np.ndarray) -> np.ndarray:
        """Return gains of choices by the sum, shape ``(choices, futures, members)``."""
        first, second = np.array(compatible_pairs(self.problem), dtype=int).reshape(-1, 2).T
        together = chosen[:, first] & chosen[:, second]
        return np.tensordot(chosen.astype(float), self.single, axes=1) + np.tensordot(
            together.astype(float), self.pairs, axes=1
        )


@dataclass(frozen=True, eq=False)
class IntegerProgramme:
    """The integer programme of a surrogate.

    Attributes:
        surrogate: gains.
        criterion: what is as large as possible.
        without: options that must not be chosen.
        one_of: groups of options of each of which one must be chosen.
        budget: share of the first resource's limit that may be used.
    """

    surrogate: Surrogate
    criterion: SelectionCriterion
    without: tuple[int, ...] = ()
    one_of: tuple[tuple[int, ...], ...] = ()
    budget: float = 1.0

    def solutions(self, most: int) -> Iterator[np.ndarray]:
        """Yield the best choices in order, each of shape ``(options,)``; fewer where there are no more."""
        cuts: list[np.ndarray] = []
        count = len(self.surrogate.problem.options)
        for _ in range(most):
            solution = self._solve(cuts)
            if solution is None:
                return
            chosen = solution[:count] > 0.5
            yield chosen
            # The next one differs from it in at least one option.
            cut = np.zeros(self._columns + 1)
            cut[:count] = np.where(chosen, -1.0, 1.0)
            cut[-1] = 1.0 - chosen.sum()
            cuts.append(cut)

    @cached_property
    def _cases(self) -> int:
        """Columns of the criterion, beside those of options and pairs."""
        futures, members = self.surrogate.single.shape[1:]
        return {
            SelectionCriterion.EXPECTED: 0,
            SelectionCriterion.CVAR: 1 + futures * members,
            SelectionCriterion.REGRET: 1,
        }[self.criterion]

    @property
    def _columns(self) -> int:
        return len(self.surrogate.single) + len(self.surrogate.pairs) + self._cases

    def _solve(self, cuts: list[np.ndarray]) -> np.ndarray | None:
        options, pairs = len(self.surrogate.single), len(self.surrogate.pairs)
        cost = np.zeros(self._columns)
        lower, upper = np.zeros(self._columns), np.ones(self._columns)
        upper[list(self.without)] = 0.0
        constraints = [self._structure()]
        if self.criterion is SelectionCriterion.EXPECTED:
            cost[: options + pairs] = -np.concatenate(
                [self.surrogate.single.mean(axis=(1, 2)), self.surrogate.pairs.mean(axis=(1, 2))]
            )
        else:
            lower[options + pairs :], upper[options + pairs :] = -np.inf, np.inf
            cost[options + pairs] = -1.0
            if self.criterion is SelectionCriterion.CVAR:
                lower[options + pairs + 1 :] = 0.0
                cost[options + pairs + 1 :] = 1.0 / max(1, round(TAIL * (self._cases - 1)))
            constraints.append(self._criterion())
        if cuts:
            rows = np.array(cuts)
            constraints.append(LinearConstraint(rows[:, :-1], rows[:, -1], np.inf))
        whole = np.zeros(self._columns)
        whole[:options] = 1
        result = milp(cost, integrality=whole, bounds=Bounds(lower, upper), constraints=constraints)
        return result.x

    def _structure(self) -> LinearConstraint:
        """Constrain options to one of an intervention, to the limits, and pairs to both of their options."""
        problem = self.surrogate.problem
        options, columns = len(problem.options), self._columns
        blocks: list[csr_array] = []
        low: list[float] = []
        high: list[float] = []

        def add(coefficients: np.ndarray, below: float, above: float) -> None:
            row = np.zeros((1, columns))
            row[0, :options] = coefficients
            blocks.append(csr_array(row))
            low.append(below)
            high.append(above)

        for group in problem.groups:
            must = any(group == required_group for required_group in self.one_of)
            add(np.isin(np.arange(options), group).astype(float), 1.0 if must else 0.0, 1.0)
        add(np.array([float(not option.stops) for option in problem.options]), 0.0, problem.at_most)
        for index, resource in enumerate(problem.resources):
            limit = resource.limit * (self.budget if index == 0 else 1.0)
            for year in range(len(problem.years)):
                if np.any(resource.use[:, year]):
                    add(resource.use[:, year], -np.inf, limit)
        pairs = compatible_pairs(problem)
        follow = lil_array((3 * len(pairs), columns))
        for row, (first, second) in enumerate(pairs):
            column = options + row
            follow[3 * row, [column, first]] = [1.0, -1.0]
            follow[3 * row + 1, [column, second]] = [1.0, -1.0]
            follow[3 * row + 2, [column, first, second]] = [-1.0, 1.0, 1.0]
        limits = np.tile([0.0, 0.0, 1.0], len(pairs))
        matrix = vstack([*blocks, follow.tocsr()]) if pairs else vstack(blocks)
        return LinearConstraint(
            matrix.tocsr(), np.concatenate([low, np.full(len(limits), -np.inf)]), np.concatenate([high, limits])
        )

    def _criterion(self) -> LinearConstraint:
        """Tie the columns of the criterion to the gains."""
        gains = np.concatenate([self.surrogate.single, self.surrogate.pairs])
        if self.criterion is SelectionCriterion.CVAR:
            # Shortfall of each case below the threshold: threshold - gain - shortfall <= 0.
            cases = gains.reshape(len(gains), -1).T
            rows = np.hstack([-cases, np.ones((len(cases), 1)), -np.eye(len(cases))])
            return LinearConstraint(rows, -np.inf, 0.0)
        # Score - gain of the future <= - best of the future.
        means = gains.mean(axis=2).T
        rows = np.hstack([-means, np.ones((len(means), 1))])
        return LinearConstraint(rows, -np.inf, -self._best_of_futures)

    @cached_property
    def _best_of_futures(self) -> np.ndarray:
        """Largest mean gain in each future, shape ``(futures,)``."""
        surrogate, best = self.surrogate, []
        for future in range(surrogate.single.shape[1]):
            single, pairs = surrogate.single[:, future : future + 1], surrogate.pairs[:, future : future + 1]
            best.append(replace(surrogate, single=single, pairs=pairs).best_mean())
        return np.array(best)
