"""The command ``calibration-report``: the report of fitted draws, without a run of the model."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.context import CommandContext, common_options
from model.workflows.calibrate import TABLES
from model.workflows.calibration_report import BACKTEST


@click.command(name="calibration-report", short_help="Write the calibration report of fitted draws.")
@click.argument("posterior", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--backtest",
    type=click.Path(path_type=Path, file_okay=False),
    default=BACKTEST,
    show_default=True,
    help="Add a section on the backtest of this folder, if any.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=TABLES,
    show_default=True,
    help="Write report, tables and figures into this folder.",
)
@common_options
@click.pass_obj
def calibration_report(context: CommandContext, posterior: Path | None, backtest: Path, output: Path) -> None:
    """Write the report, tables and figures of a fit from its file, without a run of the model.

    POSTERIOR is a file that 'run.py calibrate' wrote; the draws that come with the model where it is left out.
    """
    from model.workflows.calibration_report import calibration_report as write_report

    with context.progress() as progress:
        report = write_report(posterior, backtest=backtest, output=output, progress=progress)
    context.say_folder(report.folder, "report.html")
