"""Waiting lists by weeks waited: how their cohorts age, arrive, are treated and leave, the same for every list."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from model.engine.world import World
from model.sectors.waiting_lists.treatment_order import treated_in_order


@dataclass
class WaitingCohorts:
    """A stock ``(lists, weeks waited)`` and the moves of its cohorts, each by its own flow.

    Attributes:
        stock: the waiting list.
        ageing: flow from one week to the next, within the stock.
        starts: flow of new pathways.
        removals: flow of those who leave untreated.
        stops: flow of treatments.
    """

    stock: str
    ageing: str
    starts: str
    removals: str
    stops: str
    _work: tuple[np.ndarray, np.ndarray, np.ndarray] = field(init=False, repr=False)
    _arrived: np.ndarray = field(init=False, repr=False)

    def allocate(self, world: World) -> None:
        """Reserve the arrays to calculate in."""
        shape = world.stocks[self.stock].shape
        self._work = (np.empty(shape), np.empty(shape), np.empty(shape))

    def age(self, world: World, weeks: int) -> None:
        """Move everybody on by a number of weeks; the last week is open-ended."""
        waiting = world.stocks[self.stock]
        for _ in range(weeks):
            moving = self._work[0][:, :-1]
            np.copyto(moving, waiting[:, :-1])
            world.move(self.ageing, moving, origin=np.s_[:, :-1], target=np.s_[:, 1:], collect=(1,))

    def arrive(self, world: World, amount: np.ndarray) -> None:
        """New pathways enter at no weeks waited; ``amount`` over the step, shape ``(lists, members)``."""
        self._arrived = world.move(self.starts, amount, target=np.s_[:, 0])

    def remove(self, world: World, share: np.ndarray) -> None:
        """Unreported removals: a share of those waiting that broadcasts to the stock."""
        amount = self._work[0]
        np.multiply(world.stocks[self.stock], share, out=amount)
        world.move(self.removals, amount, collect=(1,))

    def treat(
        self,
        world: World,
        capacity: np.ndarray,
        urgent_share: np.ndarray,
        longest_first_share: np.ndarray,
        urgent_weight: np.ndarray,
    ) -> np.ndarray:
        """Treat in the order of policy; ``capacity`` over the step.

        New pathways stand on the list for half the step on average: half of them are counted in the order of treatment,
        the other half is treated only by capacity that is left. So the order does not depend on the length of the step.

        Returns:
            Treatments by weeks waited, in an array that the next call overwrites.
        """
        waiting = world.stocks[self.stock]
        late = 0.5 * self._arrived
        newest = waiting[:, 0].copy()
        waiting[:, 0] = newest - late
        amount = treated_in_order(waiting, capacity, urgent_share, longest_first_share, urgent_weight, self._work)
        left = np.maximum(capacity - waiting.sum(axis=1), 0.0)
        waiting[:, 0] = newest
        amount[:, 0] += np.minimum(left, late)
        return world.move(self.stops, amount, collect=(1,))
