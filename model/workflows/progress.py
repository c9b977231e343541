"""How a workflow reports what it does: callbacks that a terminal, a notebook or a test can supply."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a workflow, stage by stage, and remarks for the user.

    Stages may be nested: one that begins within another is done before it.
    """

    def expect(self, stages: int) -> None:
        """Report the number of stages to come."""
        ...

    def begin(self, title: str, stages: int = 1) -> None:
        """Report that a stage begins, which counts for ``stages`` of those that are expected."""
        ...

    def advance(self, done: int, total: int) -> None:
        """Report the steps done, and the steps in all, of the present stage."""
        ...

    def finish(self) -> None:
        """Report that the present stage is done."""
        ...

    def note(self, text: str) -> None:
        """Tell the user something about the task, such as what it leaves out or how long it takes."""
        ...


class SilentProgress:
    """Reports nothing: the default of every workflow."""

    def expect(self, stages: int) -> None:
        """Report nothing."""

    def begin(self, title: str, stages: int = 1) -> None:
        """Report nothing."""

    def advance(self, done: int, total: int) -> None:
        """Report nothing."""

    def finish(self) -> None:
        """Report nothing."""

    def note(self, text: str) -> None:
        """Report nothing."""


SILENT = SilentProgress()
"""Progress of a workflow that nobody follows."""
