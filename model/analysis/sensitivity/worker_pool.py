"""Many calls handed to a crew, with steady progress over all of them; nothing is kept but what they give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from model.simulation.backends import Count, Crew, crew, hand_out
from model.simulation.simulate import code_fingerprint

Told = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


@dataclass(frozen=True)
class Call:
    """One piece of work.

    Attributes:
        function: called with ``arguments`` and, as the keyword ``count``, what tells of steps done.
        arguments: can be sent to another process.
        steps: steps that it takes in all.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    steps: int


class WorkerPool:
    """A crew at work for the length of a command.

    Args:
        told: called with the steps done and the steps in all of the calls in hand.
    """

    def __init__(self, told: Told | None = None) -> None:
        self._told = told
        self._before = self._finished = self._total = self._shown = 0
        self._crew: Crew | None = None

    @contextmanager
    def open(self, processes: int, scheduler: str | None = None) -> Iterator[WorkerPool]:
        """Have a crew of so many processes, this one alone where it is 1, or of the workers of a Dask scheduler."""
        with crew(processes=processes, scheduler=scheduler, identity=code_fingerprint, changed=self._counted) as found:
            self._crew = found
            try:
                yield self
            finally:
                self._crew = None

    def gather(self, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
        """Do all calls.

        Yields:
            The place of each call and what it gives, as they finish.
        """
        if self._crew is None:
            with self.open(1):
                yield from self.gather(calls)
            return
        self._before, self._finished, self._shown = self._crew.counted(), 0, 0
        self._total = sum(call.steps for call in calls)
        given = ((place, partial(_perform, call, self._crew.count)) for place, call in enumerate(calls))
        for place, found in hand_out(self._crew, given, self._counted):
            self._finished += calls[place].steps
            self._show(self._finished)
            yield place, found

    def _counted(self, steps: int) -> None:
        self._show(steps - self._before)

    def _show(self, done: int) -> None:
        self._shown = max(self._shown, min(done, self._total))
        if self._told is not None:
            self._told(self._shown, self._total)


def _perform(call: Call, count: Count) -> Any:
    """One call, where the work is done."""
    return call.function(*call.arguments, count=count)
