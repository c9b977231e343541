"""The command ``track``: compare newly published figures with what a scenario projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.cli.context import CommandContext, common_options
from model.cli.run_options import figures_option, output_option, processes_option, settings_option
from model.workflows.track import LEAST_MEMBERS, MEMBERS


@click.command(short_help="Compare newly published figures with a projection.")
@click.argument("observed", type=click.Path(path_type=Path, dir_okay=False), metavar="OBSERVED.csv")
@click.option("--scenario", default="baseline", show_default=True, help="Project this scenario or package.")
@click.option(
    "--members",
    type=click.IntRange(min=LEAST_MEMBERS),
    default=MEMBERS,
    show_default=True,
    help="Run this many members.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed the ensemble with this number.")
@settings_option
@output_option
@processes_option
@figures_option
@common_options
@click.pass_obj
def track(context: CommandContext, observed: Path, **options: Any) -> None:
    """Compare newly published figures with the projected fan of a scenario.

    OBSERVED.csv has the columns of calibration/observations.csv. Says which series have left their 80% band and since
    when, whether chance alone does so, and which assumptions the figures implicate. Figures outside are no error.
    """
    from model.cli.console.tracking_tables import render_implicated, render_series
    from model.reporting.technical.tracking_narrative import summary
    from model.workflows.track import track as track_figures

    with context.progress() as progress:
        tracking = track_figures(observed, progress=progress, **options)
    context.show(render_series(tracking.result))
    if tracking.result.implication.ranked:
        context.show(render_implicated(tracking.result))
    context.say("\n".join(summary(tracking.result)))
    context.say_folder(tracking.folder, "report.html")
