"""The command that fits the model to the public record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from model.cli.console.progress import Bar, bar
from model.cli.context import Session, common_options
from model.workflows.results_folder import GUIDE, MARK, check_replaceable, whole_folder

if TYPE_CHECKING:
    from model.calibration.checkpoint import Journal
    from model.calibration.fit import Fit, Options, Problem

UNFINISHED = ".unfinished"
"""Ending of the folder, beside the tables, that keeps what a fit has computed until it is done."""

TEXT_WIDTH = 116
"""Columns of printed sentences."""


@click.command(short_help="Fit the model to the public record.")
@click.option("--members", type=click.IntRange(min=4), default=360, show_default=True, help="Draws of the posterior.")
@click.option("--iterations", type=click.IntRange(min=1), default=5, show_default=True, help="Updates of the ensemble.")
@click.option("--steps", type=click.IntRange(min=0), default=60, show_default=True, help="Steps of the chains.")
@click.option("--starts", type=click.IntRange(min=1), default=3, show_default=True, help="Starts of the point fit.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all draws.")
@click.option("--resume", is_flag=True, help="Go on with an unfinished fit; it ends with the same draws.")
@click.option(
    "--screen", "screening", is_flag=True, help="Fit nothing: show how far every uncertain number moves the figures."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("calibration/posterior.nc"),
    show_default=True,
    help="File of the posterior.",
)
@click.option(
    "--tables",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outputs/calibration"),
    show_default=True,
    help="Folder of the tables.",
)
@common_options
@click.pass_obj
def calibrate(
    session: Session,
    members: int,
    iterations: int,
    steps: int,
    starts: int,
    seed: int,
    resume: bool,
    screening: bool,
    output: Path,
    tables: Path,
) -> None:
    """Fit the numbers of calibration/priors.yaml to the figures of calibration/observations.csv.

    First a point fit from several starts, then draws of the posterior, which scenarios use. What is computed is kept
    beside the tables until the fit is done, so that it can be stopped at any moment and resumed.
    """
    from model.calibration.checkpoint import Journal
    from model.calibration.fit import Options, check_options, read_problem
    from model.calibration.posterior_file import check_replaceable as check_posterior

    check_replaceable(tables)
    problem = read_problem()
    if screening:
        _screen(session, problem, tables)
        return
    options = Options(members=members, iterations=iterations, steps=steps, starts=starts, seed=seed)
    check_posterior(output)
    check_options(problem, options)
    unfinished = tables.with_name(tables.name + UNFINISHED)
    journal = Journal(problem.forward(), unfinished, problem.fingerprint(options), resume=resume)
    session.say(
        f"{len(problem.priors)} numbers are fitted to {int(problem.targets.fitted.sum())} figures; "
        f"{int((~problem.targets.fitted).sum())} more judge the fit."
    )
    found = _fit(session, problem, options, journal)
    _write(found, journal.runs, output, tables)
    journal.close()
    _show(session, found, journal.runs)
    session.say(f"Posterior: {output}\nTables: {tables}")


def _fit(session: Session, problem: Problem, options: Options, journal: Journal) -> Fit:
    from model.calibration.fit import fit

    with bar(options.starts + options.iterations + options.steps, quiet=session.quiet) as progress:
        return fit(problem, options, journal, _Stages(progress).told)


def _write(found: Fit, runs: int, output: Path, tables: Path) -> None:
    """Write the tables, then the posterior: as long as that is missing, the journal stands and the fit resumes."""
    from model.calibration.posterior_file import write_posterior
    from model.reporting.tables.calibration import write_tables
    from model.reporting.technical.calibration_report import write_calibration_report

    with whole_folder(tables) as folder:
        written = [*write_tables(found, folder), write_calibration_report(found, runs, folder)]
        _guide(folder, f"Fit of {found.options}, {runs:,} runs of the model", written)
    write_posterior(found, runs, output)


def _guide(folder: Path, title: str, written: Sequence[Path]) -> None:
    lines = [MARK, "", f"{title} (docs/calibration.md)", "", "Files", *(f"  {path.name}" for path in written), ""]
    (folder / GUIDE).write_text("\n".join(lines), encoding="utf-8")


def _show(session: Session, found: Fit, runs: int) -> None:
    from model.calibration import fit_summary as tables
    from model.cli.console import calibration_tables as rendering

    session.show(rendering.render_series(tables.series_table(found)))
    if found.problem.targets.keys:
        session.show(rendering.render_keys(tables.key_table(found)))
    session.show(rendering.render_priors(tables.prior_table(found)))
    session.show(rendering.render_correlations(tables.correlation_table(found)))
    sample, steps = found.sample, found.options.steps
    accepted = f"{sum(sample.accepted) / len(sample.accepted):.0%} of steps accepted" if sample.accepted else "no steps"
    said = (
        f"Mean square of the fitted residuals in units of error: {found.misfit(found.before):.2f} before, "
        f"{found.misfit(found.point_predictions):.2f} at the point fit.",
        f"Ends of the starts (half the sum of squares): {', '.join(f'{cost:.1f}' for cost in found.point.costs)}.",
        f"Draws: {sample.scores.shape[1]}, each the end of a chain of {steps} steps; {accepted}.",
        f"Autocorrelation time {sample.correlation_time.mean():.1f} steps in the mean, at most "
        f"{sample.correlation_time.max():.1f}; correlation of end and start at most {abs(sample.memory).max():.2f}; "
        f"drift in the second half at most {abs(sample.drift).max():.2f} standard deviations.",
        f"Effective number of draws of the normal approximation by importance: {sample.importance_size:.0f}.",
        f"{runs:,} runs of the model.",
        f"Series not used: {', '.join(found.problem.targets.unused) or 'none'}.",
    )
    session.say("\n".join(fill(line, TEXT_WIDTH) for line in said))


def _screen(session: Session, problem: Problem, tables: Path) -> None:
    from model.calibration.screening import screen
    from model.cli.console.calibration_tables import render_screen
    from model.reporting.tables.calibration import write_screen

    with bar(1, quiet=session.quiet) as progress:
        progress.begin("moving every number")
        rows = screen(problem, progress.advance)
        progress.finish()
    folder = tables.with_name(tables.name + "_screen")
    check_replaceable(folder)
    with whole_folder(folder) as temporary:
        written = write_screen(rows, temporary / "screen.csv")
        _guide(temporary, "How far every uncertain number moves the fitted figures", [written])
    session.show(render_screen(rows))
    session.say(f"All numbers, by series: {folder / 'screen.csv'}")


class _Stages:
    """Turns what a fit tells into a bar."""

    def __init__(self, progress: Bar) -> None:
        self._progress = progress
        progress.begin("point fit")

    def told(self, stage: str, done: int, total: int) -> None:
        """One task of a stage is done."""
        self._progress.finish()
        self._progress.begin(f"{stage} {done} of {total}")
