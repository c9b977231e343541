"""Carries a list of work out: gives parts to those who compute, keeps what comes back, tells how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from model.simulation.backends import Count, Crew, hand_out
from model.simulation.chunks import Compute, Part, Told
from model.simulation.store import Store


class Tally:
    """How far the work is, in steps of members; it never goes back, whatever parts tell twice or not at all.

    Args:
        store: the work.
        told: called with what is done and what there is in all.
    """

    def __init__(self, store: Store, told: Told | None) -> None:
        self._steps = [job.steps for job in store.jobs]
        self._total = sum(self._size(part) for part in store.parts)
        self._before = self._finished = sum(self._size(part) for part in store.parts if store.has(part))
        self._shown = 0
        self._told = told

    def _size(self, part: Part) -> int:
        return part.members * self._steps[part.job]

    def counted(self, steps: int) -> None:
        """Take what the parts of this run have told of so far, in all."""
        self._show(self._before + steps)

    def finish(self, part: Part) -> None:
        """Take a part as done."""
        self._finished += self._size(part)
        self._show(self._finished)

    def _show(self, done: int) -> None:
        self._shown = max(self._shown, min(done, self._total))
        if self._told is not None:
            self._told(self._shown, self._total)


def carry_out(store: Store, crew: Crew, progress: Tally) -> Iterator[int]:
    """Compute every part that is not there yet.

    Args:
        store: the work, and where its results are kept.
        crew: who computes.
        progress: how far it is.

    Yields:
        The place of each job as soon as all its parts are there.
    """
    to_do = [part for part in store.parts if not store.has(part)]
    missing = [sum(part.job == job for part in to_do) for job in range(len(store.jobs))]
    yield from (job for job, count in enumerate(missing) if count == 0)
    calls = (
        (part, partial(_perform, store.jobs[part.job].compute, part.first, part.members, crew.count)) for part in to_do
    )
    for part, results in hand_out(crew, calls, progress.counted):
        store.put(part, results)
        progress.finish(part)
        missing[part.job] -= 1
        if missing[part.job] == 0:
            yield part.job


def _perform(compute: Compute, first: int, members: int, count: Count) -> dict[str, np.ndarray]:
    """Compute a part, where the work is done."""
    return compute(first, members, lambda done, total: count(members))
