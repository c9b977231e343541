"""Options of the commands that run the model many times, such as ``attribute`` and ``sensitivity``."""

from __future__ import annotations

from collections.abc import Callable

import click

from model.cli.run_options import (
    Command,
    computing_options,
    figures_option,
    length_options,
    output_option,
    with_options,
)


def analysis_options(members: int) -> Callable[[Command], Command]:
    """Return a decorator that adds the options of an analysis to a command.

    Args:
        members: ensemble size where none is given.
    """
    return with_options(
        click.option(
            "--members",
            type=click.IntRange(min=2),
            default=members,
            show_default=True,
            help="Run this many members in each ensemble.",
        ),
        *length_options,
        click.option("--name", help="Name the folder of results."),
        output_option,
        *computing_options,
        figures_option,
    )
