"""Many calls made by a backend, with steady progress over all of them; only what they return is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from model.simulation.backends import Backend, open_backend
from model.simulation.progress import ProgressCallback, ProgressCounter, StepCounter
from model.simulation.provenance import code_fingerprint


@dataclass(frozen=True)
class Call:
    """One piece of work.

    Attributes:
        function: called with ``arguments`` and, as the keyword ``count``, what counts the steps done.
        arguments: can be sent to another process.
        steps: steps that it takes in all.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    steps: int


class WorkerPool:
    """A backend that stays open for the length of a command.

    Args:
        progress: called with the steps done and the steps in all of the calls that are being made.
    """

    def __init__(self, progress: ProgressCallback | None = None) -> None:
        self._progress = progress
        self._backend: Backend | None = None

    @contextmanager
    def open(self, processes: int, scheduler: str | None = None) -> Iterator[WorkerPool]:
        """Open so many processes, this one alone where it is 1, or the workers of a Dask scheduler."""
        with open_backend(processes=processes, scheduler=scheduler, code_version=code_fingerprint) as backend:
            self._backend = backend
            try:
                yield self
            finally:
                self._backend = None

    def gather(self, calls: Sequence[Call]) -> Iterator[tuple[int, Any]]:
        """Make all calls.

        Yields:
            The index of each call and what it returns, as they finish.
        """
        if self._backend is None:
            with self.open(1):
                yield from self.gather(calls)
            return
        counter = ProgressCounter(sum(call.steps for call in calls), self._progress)
        submitted = ((index, partial(_make, call, self._backend.count)) for index, call in enumerate(calls))
        for index, result in self._backend.submit_all(submitted, counter.counted):
            counter.finish(calls[index].steps)
            yield index, result


def _make(call: Call, count: StepCounter) -> Any:
    """Make one call, in the process that does the work."""
    return call.function(*call.arguments, count=count)
