"""Backtest: fit to what was known at a month, forecast what followed, and score the forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.registry.errors import Exit, UserError
from model.workflows.analysis_task import task_guide
from model.workflows.calibrate import UNFINISHED, StageProgress
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import GUIDE, check_replaceable, whole_folder
from model.workflows.task_result import Files, TaskResult

if TYPE_CHECKING:
    from model.calibration.backtest.rolling_origin import BacktestOutcome, Trial
    from model.calibration.backtest.score_table import CutOffSummary, ScoreRow
    from model.calibration.checkpoint import Checkpoint
    from model.calibration.fit import FitOptions

RESULTS = Path("outputs/backtest")
ITERATIONS, STEPS, STARTS, SEED = 3, 10, 1, 1


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts at every cut-off, and their scores.

    Attributes:
        outcomes: fit and forecasts of each cut-off.
        scores: scores of every series at every cut-off.
    """

    outcomes: Sequence[BacktestOutcome]
    scores: Sequence[ScoreRow]

    @property
    def runs(self) -> int:
        """Runs of the model that it took."""
        return sum(outcome.runs for outcome in self.outcomes)

    def by_cut_off(self) -> list[list[ScoreRow]]:
        """Return the scores of each cut-off."""
        names = [outcome.trial.cut_off.name for outcome in self.outcomes]
        return [[row for row in self.scores if row.cut_off == name] for name in names]

    def summaries(self) -> list[CutOffSummary]:
        """Return a summary of each cut-off."""
        from model.calibration.backtest.score_table import summary_of

        return [summary_of(rows) for rows in self.by_cut_off()]


def backtest(
    *cut_offs: str,
    members: int | None = None,
    iterations: int = ITERATIONS,
    steps: int = STEPS,
    starts: int = STARTS,
    seed: int = SEED,
    resume: bool = False,
    figures: bool = True,
    output: str | Path = RESULTS,
    progress: Progress = SILENT,
) -> TaskResult[Backtest]:
    """Fit to the figures up to a month, forecast what follows, and score the forecasts by series.

    The model is compared with three forecasts that know nothing of the system: the last value, the same month of last
    year, and a straight line. Of the history only what was known at the cut-off is used; calibration/backtest.yaml has
    what is assumed from there.

    Args:
        cut_offs: last months known, each ``YYYY-MM``; those of calibration/backtest.yaml where left out.
        members: draws of each fit; twice the numbers fitted where left out.
        iterations: updates of the ensemble.
        steps: steps of the chains.
        starts: starts of the point fit.
        seed: seed of all draws.
        resume: complete an unfinished backtest; it ends with the same scores.
        figures: draw the page with figures.
        output: folder of results.
        progress: receives stages and remarks.

    Raises:
        UserError: a cut-off with too few figures, too few members, nothing to resume, or a folder that cannot be
            replaced.

    Example:
        >>> test = backtest("2021-03", steps=2)
        >>> test.tables()["scores"]
    """
    from model.calibration.backtest.rolling_origin import read_trials
    from model.calibration.backtest.score_table import score_table
    from model.calibration.fit import FitOptions

    target = Path(output)
    check_replaceable(target)
    trials = read_trials(cut_offs)
    fewest = max(2 * len(trial.problem.priors) for trial in trials)
    options = FitOptions(members=members or fewest, iterations=iterations, steps=steps, starts=starts, seed=seed)
    unfinished = target.with_name(target.name + UNFINISHED)
    checkpoints = _checkpoints(trials, options, unfinished, resume=resume)
    progress.expect(len(trials) * (starts + iterations + steps + 1) + 1)
    outcomes = [
        _outcome(trial, checkpoint, options, progress) for trial, checkpoint in zip(trials, checkpoints, strict=True)
    ]
    progress.begin("writing")
    result = _write(Backtest(outcomes, score_table(outcomes)), options, target, figures=figures)
    progress.finish()
    for checkpoint in checkpoints:
        checkpoint.close()
    unfinished.rmdir()
    return result


def _checkpoints(trials: Sequence[Trial], options: FitOptions, unfinished: Path, *, resume: bool) -> list[Checkpoint]:
    """Return a checkpoint for the fit of each cut-off.

    Raises:
        UserError: too few members, or nothing to resume.
    """
    from model.calibration.checkpoint import Checkpoint
    from model.calibration.fit import check_options

    if resume and not unfinished.is_dir():
        message = "there is no unfinished backtest to resume; leave out --resume."
        raise UserError(message, file=unfinished, code=Exit.MISSING_FILE)
    checkpoints = []
    for trial in trials:
        check_options(trial.problem, options)
        folder = unfinished / trial.cut_off.name
        begun = resume and folder.is_dir()
        checkpoints.append(Checkpoint(trial.problem.forward(), folder, trial.fingerprint(options), resume=begun))
    return checkpoints


def _outcome(trial: Trial, checkpoint: Checkpoint, options: FitOptions, progress: Progress) -> BacktestOutcome:
    """Fit, forecast and score at one cut-off."""
    from model.calibration.backtest.rolling_origin import run_trial

    tasks = [("point fit", options.starts), ("linearisation", options.iterations), ("draws", options.steps)]
    stages = StageProgress(progress, [*tasks, ("forecast", 1)], f"{trial.cut_off.title}: ")
    return run_trial(trial, options, checkpoint, stages.report, lambda: checkpoint.runs)


def _write(test: Backtest, options: FitOptions, target: Path, *, figures: bool) -> TaskResult[Backtest]:
    """Write tables, page and guide into the folder of results."""
    from model.calibration.backtest.score_table import horizon_table, write_forecasts, write_scores
    from model.reporting.technical.backtest_report import write_backtest_page

    def tables(folder: Path) -> Files:
        write_scores(test.scores, folder / "scores.csv")
        write_scores(horizon_table(test.outcomes), folder / "scores_by_horizon.csv")
        write_forecasts(test.outcomes, folder / "forecasts.csv")
        return [
            ("scores.csv", "Errors, CRPS, skill and coverage of every series at every cut-off, good and bad."),
            ("scores_by_horizon.csv", "The same by months ahead."),
            ("forecasts.csv", "Every forecast with its quantiles, the published figure, and the reference forecasts."),
        ]

    title = "test on figures that the fit has not seen"
    with whole_folder(target) as folder:
        files = tables(folder)
        if figures:
            write_backtest_page(test.outcomes, test.scores, options, folder)
            meaning = "All of it on one page, with figures; these also as PNG and SVG in figures/."
            files.append(("report.html", meaning))
        words = " ".join(summary.words for summary in test.summaries())
        remarks = f"{words} {options}, {test.runs:,} runs of the model. See docs/backtest.md for the method."
        scenario = test.outcomes[0].trial.problem.scenario
        (folder / GUIDE).write_text(task_guide(title, [scenario], remarks, files), encoding="utf-8")
    return TaskResult(title, test, target, tuple(files), tables)
