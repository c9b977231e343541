"""The command that writes the calibration report of fitted draws; the model is not run."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.console.progress import bar
from model.cli.context import Session, common_options

BACKTEST = Path("outputs/backtest")


@click.command(name="calibration-report", short_help="Write the calibration report of fitted draws.")
@click.argument("posterior", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--backtest",
    type=click.Path(path_type=Path, file_okay=False),
    default=BACKTEST,
    show_default=True,
    help="Folder of a backtest, which gets a section of its own where there is one.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outputs/calibration"),
    show_default=True,
    help="Folder of the report, its tables and figures.",
)
@common_options
@click.pass_obj
def calibration_report(session: Session, posterior: Path | None, backtest: Path, output: Path) -> None:
    """Write the report, tables and figures of a fit from its file, without a run of the model.

    POSTERIOR is a file that 'run.py calibrate' wrote; the draws that come with the model where it is left out.
    """
    from model.calibration.saved_fit import stored_fit
    from model.reporting.tables.calibration import write_tables
    from model.reporting.technical.backtest_section import backtest_section
    from model.reporting.technical.calibration_report import FIGURES, PAGE, write_calibration_report
    from model.scenarios.uncertainty.posterior import SHIPPED
    from model.workflows.results_folder import GUIDE, MARK, check_replaceable, whole_folder

    check_replaceable(output)
    file = posterior or SHIPPED
    fit, runs = stored_fit(file)
    with bar(1, quiet=session.quiet) as progress, whole_folder(output) as folder:
        written = write_tables(fit, folder)
        write_calibration_report(fit, runs, folder, more=backtest_section(backtest), told=progress.begin)
        names = (PAGE, f"{FIGURES}/", *(path.name for path in written))
        lines = [MARK, "", f"Fit in {file} (docs/calibration.md)", "", "Files", *(f"  {name}" for name in names), ""]
        (folder / GUIDE).write_text("\n".join(lines), encoding="utf-8")
    session.say(f"Report: {output / PAGE}")
