"""The command that fits the model to the public record."""

from __future__ import annotations

from pathlib import Path

import click

from model.cli.progress import Bar, bar
from model.cli.session import Session, common_options

UNFINISHED = ".unfinished"
"""Ending of the folder, beside the posterior, that keeps what a fit has computed until it is done."""


@click.command(short_help="Fit the model to the public record.")
@click.option("--members", type=click.IntRange(min=4), default=200, show_default=True, help="Draws of the posterior.")
@click.option("--iterations", type=click.IntRange(min=1), default=6, show_default=True, help="Updates of the ensemble.")
@click.option("--steps", type=click.IntRange(min=0), default=20, show_default=True, help="Steps of the chains.")
@click.option("--starts", type=click.IntRange(min=1), default=3, show_default=True, help="Starts of the point fit.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all draws.")
@click.option("--resume", is_flag=True, help="Go on with an unfinished fit; it ends with the same draws.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("outputs/posterior.nc"),
    show_default=True, help="File of the posterior.",
)  # fmt: skip
@common_options
@click.pass_obj
def calibrate(
    session: Session, members: int, iterations: int, steps: int, starts: int, seed: int, resume: bool, output: Path
) -> None:
    """Fit the numbers of calibration/priors.yaml to the figures of calibration/observations.csv.

    First a point fit from several starts, then draws of the posterior. What is computed is kept beside the output
    until the fit is done, so that it can be stopped at any moment and resumed.
    """
    from model.calibration.fitting import Options, check_options, fit, read_problem
    from model.calibration.journal import Journal
    from model.calibration.posterior_file import check_replaceable, write_posterior
    from model.calibration.tables import key_table, prior_table, render_keys, render_priors, render_series, series_table

    options = Options(members=members, iterations=iterations, steps=steps, starts=starts, seed=seed)
    check_replaceable(output)
    problem = read_problem()
    check_options(problem, options)
    journal = Journal(
        problem.forward(),
        output.with_name(output.name + UNFINISHED),
        problem.fingerprint(options),
        resume=resume,
    )
    session.say(
        f"{len(problem.priors)} numbers are fitted to {int(problem.targets.fitted.sum())} figures; "
        f"{int((~problem.targets.fitted).sum())} more judge the fit."
    )
    with bar(starts + iterations + steps, quiet=session.quiet) as progress:
        found = fit(problem, options, journal, _Stages(progress).told)
    write_posterior(found, journal.runs, output)
    journal.close()
    session.show(render_series(series_table(found)))
    if problem.targets.keys:
        session.show(render_keys(key_table(found)))
    session.show(render_priors(prior_table(found)))
    sample = found.sample
    accepted = f"{sum(sample.accepted) / len(sample.accepted):.0%} of steps accepted" if sample.accepted else "no steps"
    session.say(
        f"Mean square of the fitted residuals in units of error: {found.misfit(found.before):.2f} before, "
        f"{found.misfit(found.point_predictions):.2f} at the point fit.\n"
        f"Ends of the starts (half the sum of squares): {', '.join(f'{cost:.1f}' for cost in found.point.costs)}.\n"
        f"Draws: {members}; effective number by importance {sample.importance_size:.0f}; {accepted}; "
        f"autocorrelation time up to {sample.correlation_time.max():.1f} of {steps} steps, correlation with the start "
        f"up to {abs(sample.memory).max():.2f}; {journal.runs:,} runs of the model.\n"
        f"Series not used: {', '.join(problem.targets.unused) or 'none'}.\nPosterior: {output}"
    )


class _Stages:
    """Turns what a fit tells into a bar."""

    def __init__(self, progress: Bar) -> None:
        self._progress = progress
        progress.begin("point fit")

    def told(self, stage: str, done: int, total: int) -> None:
        """One task of a stage is done."""
        self._progress.finish()
        self._progress.begin(f"{stage} {done} of {total}")
