"""A progress that keeps what a workflow reports, for tests."""

from __future__ import annotations


class RecordedProgress:
    """Keeps stages, shares and remarks.

    Attributes:
        expected: stages expected.
        begun: titles of the stages begun.
        open: stages begun and not finished.
        finished: stages finished, as they count.
        shares: share done at each report.
        notes: remarks.
    """

    def __init__(self) -> None:
        self.expected = 0
        self.begun: list[str] = []
        self.open: list[int] = []
        self.finished = 0
        self.shares: list[float] = []
        self.notes: list[str] = []

    def expect(self, stages: int) -> None:
        self.expected += stages

    def begin(self, title: str, stages: int = 1) -> None:
        self.begun.append(title)
        self.open.append(stages)

    def advance(self, done: int, total: int) -> None:
        assert self.open
        self.shares.append(done / total)

    def finish(self) -> None:
        self.finished += self.open.pop()

    def note(self, text: str) -> None:
        self.notes.append(text)

    @property
    def complete(self) -> bool:
        """Whether every stage that was expected has begun and is finished."""
        return not self.open and self.finished == self.expected
