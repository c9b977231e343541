"""What holds for one call of the program: how much it says, and where it says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Command = TypeVar("Command", bound=Callable[..., Any])

NARROWEST = 118
"""Columns that printed tables take where the terminal has fewer, or where there is none."""


@dataclass
class Session:
    """One call of the program.

    Attributes:
        debug: whether an unexpected error shows its traceback.
        quiet: whether only errors are printed.
    """

    debug: bool = False
    quiet: bool = False

    def console(self) -> Console:
        """Where results are printed."""
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


def announce_compiling(session: Session) -> None:
    """Say that the patient engine is compiled before it is used, where that is still to be done on this machine."""
    from model.hospital.engines.compiled import needs_compiling

    if not session.quiet and needs_compiling():
        click.echo("Compiling the engine: once on this machine, some seconds.", err=True)


def _remember(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and parameter.name:
        setattr(context.ensure_object(Session), parameter.name, True)


def common_options(command: Command) -> Command:
    """Options of every command."""
    for name, text in (
        ("--debug", "Show the traceback of an unexpected error."),
        ("--quiet", "Print nothing but errors."),
    ):
        command = click.option(name, is_flag=True, is_eager=True, expose_value=False, callback=_remember, help=text)(
            command
        )
    return command
