"""How far a computation is, in steps of members: callbacks, and the counter that keeps them monotone."""

from __future__ import annotations

from collections.abc import Callable

ProgressCallback = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""

StepCounter = Callable[[int], None]
"""Called, where the work is done, with the member-steps done since the last call."""


class ProgressCounter:
    """Steps done of a total; it never goes back, even where a chunk reports its steps twice or not at all.

    Args:
        total: steps in all.
        callback: called with the steps done and the steps in all; None to report to nobody.
        already_done: steps that were done before this computation began.
    """

    def __init__(self, total: int, callback: ProgressCallback | None, already_done: int = 0) -> None:
        self._total = total
        self._callback = callback
        self._before = self._finished = already_done
        self._reported = 0

    def counted(self, steps: int) -> None:
        """Take the steps that unfinished and finished work of this computation has reported so far, in all."""
        self._report(self._before + steps)

    def finish(self, steps: int) -> None:
        """Take a piece of work of so many steps as finished."""
        self._finished += steps
        self._report(self._finished)

    def _report(self, done: int) -> None:
        self._reported = max(self._reported, min(done, self._total))
        if self._callback is not None:
            self._callback(self._reported, self._total)
