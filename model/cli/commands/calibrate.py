"""The command ``calibrate``: fit the model to the public record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.cli.context import CommandContext, common_options
from model.workflows.calibrate import ITERATIONS, MEMBERS, POSTERIOR, SEED, STARTS, STEPS, TABLES


@click.command(short_help="Fit the model to the public record.")
@click.option(
    "--members",
    type=click.IntRange(min=4),
    default=MEMBERS,
    show_default=True,
    help="Draw this many from the posterior.",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=1),
    default=ITERATIONS,
    show_default=True,
    help="Update the ensemble this many times.",
)
@click.option(
    "--steps", type=click.IntRange(min=0), default=STEPS, show_default=True, help="Run chains of this many steps."
)
@click.option(
    "--starts",
    type=click.IntRange(min=1),
    default=STARTS,
    show_default=True,
    help="Start the point fit from this many places.",
)
@click.option("--seed", type=click.IntRange(min=0), default=SEED, show_default=True, help="Seed all draws with this.")
@click.option("--resume", is_flag=True, help="Complete an unfinished fit, with the same draws.")
@click.option("--screen", is_flag=True, help="Screen all uncertain numbers instead of a fit.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=POSTERIOR,
    show_default=True,
    help="Write the posterior to this file.",
)
@click.option(
    "--tables",
    type=click.Path(path_type=Path, file_okay=False),
    default=TABLES,
    show_default=True,
    help="Write tables and report into this folder.",
)
@common_options
@click.pass_obj
def calibrate(context: CommandContext, tables: Path, output: Path, *, screen: bool, **options: Any) -> None:
    """Fit the numbers of calibration/priors.yaml to the figures of calibration/observations.csv.

    First a point fit from several starts, then draws of the posterior, which scenarios use. What is computed is kept
    beside the tables until the fit is done, so that it can be stopped at any moment and resumed. With --screen, nothing
    is fitted: a table shows how far every uncertain number moves the figures.
    """
    from model.cli.console.calibration_tables import render_fit, render_screen
    from model.workflows import calibrate as workflow

    with context.progress() as progress:
        if screen:
            screening = workflow.screen_numbers(tables=tables, progress=progress)
            context.show(render_screen(screening.result))
            context.say_folder(screening.folder, "screen.csv")
            return
        fitted = workflow.calibrate(output=output, tables=tables, progress=progress, **options)
    context.show(render_fit(fitted.result.fit, fitted.result.runs))
    context.say(f"Posterior: {output}")
    context.say_folder(fitted.folder)
