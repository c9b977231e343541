"""The command that tests the model on figures that the fit has not seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click

from model.cli.console.progress import Bar, bar
from model.cli.context import NARROWEST, Session, common_options
from model.registry.errors import Exit, UserError
from model.workflows.results_folder import GUIDE, MARK, check_replaceable, whole_folder

if TYPE_CHECKING:
    from model.calibration.backtest.rolling_origin import Outcome, Trial
    from model.calibration.backtest.score_table import ScoreRow
    from model.calibration.fit import Options

UNFINISHED = ".unfinished"
"""Ending of the folder, beside the results, that keeps what the fits have computed until all is done."""


@click.command(short_help="Test the model on figures that it has not seen.")
@click.option(
    "--cut-off",
    "cut_offs",
    multiple=True,
    metavar="YYYY-MM",
    help="Last month known; may be given again [default: those of calibration/backtest.yaml].",
)
@click.option("--members", type=click.IntRange(min=4), help="Draws of each fit [default: twice the numbers fitted].")
@click.option("--iterations", type=click.IntRange(min=1), default=3, show_default=True, help="Updates of the ensemble.")
@click.option("--steps", type=click.IntRange(min=0), default=10, show_default=True, help="Steps of the chains.")
@click.option("--starts", type=click.IntRange(min=1), default=1, show_default=True, help="Starts of the point fit.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all draws.")
@click.option("--resume", is_flag=True, help="Go on with an unfinished backtest; it ends with the same scores.")
@click.option("--figures/--no-figures", default=True, help="Whether to draw figures [default: yes].")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outputs/backtest"),
    show_default=True,
    help="Folder of the results.",
)
@common_options
@click.pass_obj
def backtest(
    session: Session,
    cut_offs: tuple[str, ...],
    members: int | None,
    iterations: int,
    steps: int,
    starts: int,
    seed: int,
    resume: bool,
    figures: bool,
    output: Path,
) -> None:
    """Fit to the figures up to a month, forecast what follows, and score the forecasts by series.

    Beside the model stand three forecasts that know nothing of the system: the last value, the same month of last
    year, and a straight line. Of the history only what was known at the cut-off is used; what is assumed from there
    stands in calibration/backtest.yaml. docs/backtest.md describes the test and what it gave.
    """
    from model.calibration.backtest.rolling_origin import read_trials
    from model.calibration.backtest.score_table import render_scores, score_table, summary_of
    from model.calibration.fit import Options

    check_replaceable(output)
    trials = read_trials(cut_offs)
    fewest = max(2 * len(trial.problem.priors) for trial in trials)
    options = Options(members=members or fewest, iterations=iterations, steps=steps, starts=starts, seed=seed)
    unfinished = output.with_name(output.name + UNFINISHED)
    tasks = len(trials) * (starts + iterations + steps + 1) + 1
    with bar(tasks, quiet=session.quiet) as progress:
        outcomes, close = _carried_out(trials, options, unfinished, resume, progress)
        rows = score_table(outcomes)
        progress.begin("writing")
        with whole_folder(output) as folder:
            written = _write(outcomes, rows, options, folder, figures)
        progress.finish()
    close()
    for trial in trials:
        of_cut_off = [row for row in rows if row.cut_off == trial.cut_off.name]
        session.show(render_scores(of_cut_off))
        session.say(f"{fill(summary_of(of_cut_off).words, NARROWEST)}\n")
    runs = sum(outcome.runs for outcome in outcomes)
    session.say(f"{runs:,} runs of the model. Written to {output}: {', '.join(name for name, _ in written)}")


def _carried_out(
    trials: list[Trial], options: Options, unfinished: Path, resume: bool, progress: Bar
) -> tuple[list[Outcome], Callable[[], None]]:
    """Carry out all trials with a journal each; what is returned beside the outcomes throws the journals away."""
    from model.calibration.backtest.rolling_origin import carry_out
    from model.calibration.checkpoint import Journal
    from model.calibration.fit import check_options

    if resume and not unfinished.is_dir():
        message = "there is no unfinished backtest to resume; leave out --resume."
        raise UserError(message, file=unfinished, code=Exit.MISSING_FILE)
    journals = []
    for trial in trials:
        check_options(trial.problem, options)
        folder = unfinished / trial.cut_off.name
        begun = resume and folder.is_dir()
        journals.append(Journal(trial.problem.forward(), folder, trial.fingerprint(options), resume=begun))
    outcomes = []
    for trial, journal in zip(trials, journals, strict=True):
        stages = _Stages(progress, trial.cut_off.title)
        outcomes.append(carry_out(trial, options, journal, stages.told, lambda journal=journal: journal.runs))

    def close() -> None:
        for journal in journals:
            journal.close()
        unfinished.rmdir()

    return outcomes, close


class _Stages:
    """Turns what a trial tells into a bar."""

    def __init__(self, progress: Bar, title: str) -> None:
        self._progress = progress
        self._title = title
        progress.begin(f"{title}: point fit")

    def told(self, stage: str, done: int, total: int) -> None:
        """Tasks done of a stage; none when it begins."""
        if done:
            self._progress.finish()
        self._progress.begin(f"{self._title}: {stage} {done} of {total}")


def _write(
    outcomes: list[Outcome], rows: list[ScoreRow], options: Options, folder: Path, figures: bool
) -> list[tuple[str, str]]:
    """Write everything into a folder that exists; gives names and meanings of the files."""
    from model.calibration.backtest.score_table import horizon_table, summary_of, write_forecasts, write_scores

    write_scores(rows, folder / "scores.csv")
    write_scores(horizon_table(outcomes), folder / "scores_by_horizon.csv")
    write_forecasts(outcomes, folder / "forecasts.csv")
    written = [
        ("scores.csv", "Errors, CRPS, skill and coverage of every series at every cut-off, good and bad."),
        ("scores_by_horizon.csv", "The same by months ahead."),
        ("forecasts.csv", "Every forecast with its quantiles beside what came, and the reference forecasts."),
    ]
    if figures:
        from model.reporting.technical.backtest_report import write_backtest_page

        write_backtest_page(outcomes, rows, options, folder)
        written.append(("report.html", "All of it on one page, with figures; these also as PNG and SVG in figures/."))
    summaries = [
        summary_of([row for row in rows if row.cut_off == outcome.trial.cut_off.name]).words for outcome in outcomes
    ]
    text = [MARK, "", "Test on figures that the fit has not seen (docs/backtest.md)", *summaries, "", f"{options}", ""]
    guide = "\n".join([*text, "Files", *(f"  {name}: {meaning}" for name, meaning in written), ""])
    (folder / GUIDE).write_text(guide, encoding="utf-8")
    return written
