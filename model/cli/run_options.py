"""Options on the command line that several commands share, and how they become the options of a workflow."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from model.registry.errors import Exit, UserError
from model.workflows.run_options import COMMAND_LINE, RESULTS, read_settings

Command = TypeVar("Command", bound=Callable[..., Any])


def parsed_settings(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    """Read the texts of ``--set``; the callback of that option."""
    return read_settings(texts)


def _checked_address(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and value != "local" and not re.fullmatch(r"[a-z+]+://\S+", value):
        message = "expected the address of a Dask scheduler, such as tcp://host:8786, or 'local'."
        raise UserError(message, file=COMMAND_LINE, key=value, code=Exit.USAGE)
    return value


members_option = click.option("--members", type=click.IntRange(min=1), help="Run this many members; 1 is central.")
settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=parsed_settings,
    help="Set a parameter (with its unit) or a setting; repeatable.",
)
output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=RESULTS,
    show_default=True,
    help="Make the folder of results in this folder.",
)
length_options = (
    click.option("--seed", type=click.IntRange(min=0), help="Seed the ensemble with this number."),
    click.option("--end", metavar="YYYY-MM", help="End before this month."),
    click.option("--years", type=click.IntRange(min=1), help="Run this many years after the decision."),
    settings_option,
)
processes_option = click.option(
    "--processes", type=click.IntRange(min=1), help="Use at most this many processes [default: all]."
)
computing_options = (
    processes_option,
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        callback=_checked_address,
        help="Compute on a Dask cluster: tcp://host:8786, or 'local'.",
    ),
)
figures_option = click.option("--figures/--no-figures", default=True, help="Draw figures, or do not [default: draw].")


def with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command, in this order of the help text."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def run_options(command: Command) -> Command:
    """Options of ``run`` and ``compare``, which arrive as the fields of ``RunOptions``."""
    return with_options(
        members_option,
        *length_options,
        click.option("--baseline", default="baseline", show_default=True, help="Compare with this scenario."),
        output_option,
        *computing_options,
        click.option("--resume", is_flag=True, help="Complete a run that was stopped."),
        figures_option,
        click.option("--checked", is_flag=True, help="Audit conservation at every step (slower)."),
        click.option(
            "--engine",
            type=click.Choice(["compiled", "plain"]),
            default="compiled",
            show_default=True,
            help="Run equations compiled, or as they stand.",
        ),
    )(command)
