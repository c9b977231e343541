"""Progress on the terminal: a bar, only where there is a terminal and only for what takes longer than a moment."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 2.0
"""Seconds before a bar appears."""


@dataclass
class _Stage:
    """A stage that has begun and is not done."""

    title: str
    stages: int
    share: float = 0.0


class ProgressBar:
    """One bar over the stages of a workflow, and its remarks; see ``model.workflows.progress.Progress``.

    Args:
        quiet: whether neither bar nor remarks are shown.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._shown = not quiet and sys.stderr.isatty()
        self._expected = 1
        self._finished = 0
        self._open: list[_Stage] = []
        self._began = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def expect(self, stages: int) -> None:
        """Set the length of the bar."""
        self._expected = stages

    def begin(self, title: str, stages: int = 1) -> None:
        """Name the stage that begins."""
        self._open.append(_Stage(title, stages))
        self._update()

    def advance(self, done: int, total: int) -> None:
        """Move the bar by the share of the present stage that is done."""
        if self._open:
            self._open[-1].share = done / total
        self._update()

    def finish(self) -> None:
        """Count the present stage as done."""
        if self._open:
            self._finished += self._open.pop().stages
        self._update()

    def note(self, text: str) -> None:
        """Print a remark on standard error."""
        if self._quiet:
            return
        if self._bar is None:
            click.echo(text, err=True)
        else:
            self._bar.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _update(self) -> None:
        if not self._shown or time.monotonic() - self._began < PATIENCE:
            return
        if self._bar is None or self._task is None:
            self._bar = _drawn_bar()
            self._task = self._bar.add_task("", total=self._expected)
        done = self._finished + sum(stage.stages * stage.share for stage in self._open)
        title = self._open[-1].title if self._open else ""
        self._bar.update(self._task, completed=done, total=self._expected, description=title)


def _drawn_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        TextColumn("to go"),
        console=Console(stderr=True),
        transient=True,
    )
    bar.start()
    return bar
