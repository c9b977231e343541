"""Waiting lists by weeks waited: how their cohorts age, arrive, are treated and leave, the same for every list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.engine.views import Move
from model.sectors.waiting_lists.treatment_order import treated_in_order


@dataclass(frozen=True)
class WaitingCohorts:
    """A stock ``(lists, weeks waited)`` and the moves of its cohorts, each by its own flow.

    Attributes:
        waiting: the stock.
        ageing: moves from one week to the next, within the stock.
        starts: moves new pathways.
        removals: moves those who leave untreated.
        stops: moves those who are treated.
    """

    waiting: np.ndarray
    ageing: Move
    starts: Move
    removals: Move
    stops: Move

    def age(self, weeks: int) -> None:
        """Move everybody on by a number of weeks; the last week is open-ended."""
        for _ in range(weeks):
            moving = self.waiting[:, :-1].copy()
            self.ageing(moving, origin=np.s_[:, :-1], target=np.s_[:, 1:], collect=(1,))

    def arrive(self, amount: np.ndarray) -> np.ndarray:
        """New pathways enter at no weeks waited; ``amount`` over the step, shape ``(lists, members)``."""
        return self.starts(amount, target=np.s_[:, 0])

    def remove(self, share: np.ndarray) -> None:
        """Unreported removals: a share of those waiting that broadcasts to the stock."""
        self.removals(self.waiting * share, collect=(1,))

    def treat(
        self,
        arrived: np.ndarray,
        capacity: np.ndarray,
        urgent_share: np.ndarray,
        longest_first_share: np.ndarray,
        urgent_weight: np.ndarray,
    ) -> np.ndarray:
        """Treat in the order of policy; ``arrived`` and ``capacity`` over the step.

        New pathways stand on the list for half the step on average: half of them are counted in the order of treatment,
        the other half is treated only by capacity that is left. So the order does not depend on the length of the step.

        Returns:
            Treatments by weeks waited.
        """
        late = 0.5 * arrived
        present = np.concatenate([(self.waiting[:, 0] - late)[:, None], self.waiting[:, 1:]], axis=1)
        amount = treated_in_order(present, capacity, urgent_share, longest_first_share, urgent_weight)
        left = np.maximum(capacity - present.sum(axis=1), 0.0)
        newest = amount[:, 0] + np.minimum(left, late)
        return self.stops(np.concatenate([newest[:, None], amount[:, 1:]], axis=1), collect=(1,))
