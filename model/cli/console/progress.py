"""Progress on the terminal: shown only where there is one, and only for what takes longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 2.0
"""Seconds before a bar appears."""


class Bar:
    """One bar over several tasks, each told of as a share done.

    Args:
        shown: whether it may be shown at all.
        tasks: number of tasks to come.
    """

    def __init__(self, shown: bool, tasks: int) -> None:
        self._shown = shown
        self._tasks = tasks
        self._finished = 0
        self._beside = 0.0
        self._began = time.monotonic()
        self._title = ""
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def begin(self, title: str) -> None:
        """Name the task that begins."""
        self._title = title
        self._update(0.0)

    def advance(self, done: int, total: int) -> None:
        """Steps done of the task in hand; the form in which a simulation tells of its progress."""
        self._update(done / total)

    def beside(self, title: str, tasks: int) -> Callable[[int, int], None]:
        """Work that goes on while other tasks are begun and finished.

        Args:
            title: what it is.
            tasks: tasks that it stands for.

        Returns:
            What it tells of its progress: steps done, and in all.
        """

        def told(done: int, total: int) -> None:
            self._beside, self._title = tasks * done / total, title
            self._update(0.0)

        return told

    def finish(self) -> None:
        """Count the task in hand as done."""
        self._finished += 1
        self._update(0.0)

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()

    def _update(self, share: float) -> None:
        if not self._shown or time.monotonic() - self._began < PATIENCE:
            return
        if self._progress is None:
            self._progress, self._task = _started(self._tasks)
        done = self._finished + self._beside + share
        self._progress.update(self._task, completed=done, description=self._title)


def _started(tasks: int) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        TextColumn("to go"),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress, progress.add_task("", total=tasks)


@contextmanager
def bar(tasks: int, *, quiet: bool) -> Iterator[Bar]:
    """A bar over so many tasks on standard error, if that is a terminal."""
    made = Bar(not quiet and sys.stderr.isatty(), tasks)
    try:
        yield made
    finally:
        made.close()
