"""What holds for one call of the program: how much it says, and where it says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from model.cli.console.progress import ProgressBar

Command = TypeVar("Command", bound=Callable[..., Any])

NARROWEST = 118
"""Columns of printed tables where the terminal has fewer, or where there is none."""


@dataclass
class CommandContext:
    """One call of the program.

    Attributes:
        debug: whether an unexpected error shows its traceback.
        quiet: whether only errors are printed.
    """

    debug: bool = False
    quiet: bool = False

    def console(self) -> Console:
        """Return the console on which results are printed."""
        from rich.console import Console

        console = Console(highlight=False, soft_wrap=False)
        console.width = max(console.width, NARROWEST)
        return console

    def show(self, content: RenderableType) -> None:
        """Print a result, unless told to be quiet."""
        if not self.quiet:
            self.console().print(content)

    def say(self, text: str) -> None:
        """Print a line of plain text, unless told to be quiet."""
        if not self.quiet:
            click.echo(text)

    def say_folder(self, folder: Path | None, begin_with: str = "") -> None:
        """Print where results are: a path from here where the folder lies below.

        Args:
            folder: the folder of results.
            begin_with: file that a reader should open first.
        """
        if folder is None:
            return
        path = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
        self.say(f"Results: {path}/" + (f"; begin with {path}/{begin_with}" if begin_with else ""))

    @contextmanager
    def progress(self) -> Iterator[ProgressBar]:
        """Show the progress of a workflow on standard error for the length of a ``with`` block."""
        from model.cli.console.progress import ProgressBar

        bar = ProgressBar(quiet=self.quiet)
        try:
            yield bar
        finally:
            bar.close()


def _remember(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and parameter.name:
        setattr(context.ensure_object(CommandContext), parameter.name, True)


def common_options(command: Command) -> Command:
    """Options of every command."""
    for name, text in (("--debug", "Show the traceback of an unexpected error."), ("--quiet", "Print only errors.")):
        command = click.option(name, is_flag=True, is_eager=True, expose_value=False, callback=_remember, help=text)(
            command
        )
    return command
