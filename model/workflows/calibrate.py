"""Calibration: fit the model to the public record, or screen which uncertain numbers would be worth fitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model.workflows.analysis_task import task_guide
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import GUIDE, check_replaceable, whole_folder
from model.workflows.task_result import Files, TaskResult

if TYPE_CHECKING:
    from model.calibration.fit import CalibrationProblem, Fit
    from model.calibration.screening import ScreeningRow

POSTERIOR, TABLES = Path("calibration/posterior.nc"), Path("outputs/calibration")
MEMBERS, ITERATIONS, STEPS, STARTS, SEED = 360, 5, 60, 3, 1
UNFINISHED = ".unfinished"
"""Ending of the folder, beside the tables, that keeps what a fit has computed until it is done."""

MEANINGS = {
    "case_for_change.csv": "Published figures of the case for change beside the model, before and after the fit.",
    "series.csv": "Fit of each series: errors and bias before and after, share of figures within 80% intervals.",
    "posterior.csv": "Each fitted number: prior, posterior, and how much the record told of it.",
    "correlations.csv": "Pairs of fitted numbers that the record tied together.",
    "report.html": "The report of the fit: one page that needs no network.",
}


@dataclass(frozen=True, eq=False)
class Calibration:
    """A finished fit.

    Attributes:
        fit: the fit.
        runs: runs of the model that it took.
    """

    fit: Fit
    runs: int


class StageProgress:
    """Turns what a fit reports, task by task, into the stages of a workflow.

    Args:
        progress: receives the stages.
        stages: title of each stage, and its tasks, in order; those without a task are left out.
        prefix: words before the title of each stage.
    """

    def __init__(self, progress: Progress, stages: Sequence[tuple[str, int]], prefix: str = "") -> None:
        self._progress = progress
        self._coming = [(f"{prefix}{title}", tasks) for title, tasks in stages if tasks]
        self._begin()

    def report(self, stage: str, done: int, total: int) -> None:
        """Report the tasks done of a stage; the next stage begins when all are."""
        self._progress.advance(done, total)
        if done >= total:
            self._progress.finish()
            self._begin()

    def _begin(self) -> None:
        if self._coming:
            self._progress.begin(*self._coming.pop(0))


def calibrate(
    *,
    members: int = MEMBERS,
    iterations: int = ITERATIONS,
    steps: int = STEPS,
    starts: int = STARTS,
    seed: int = SEED,
    resume: bool = False,
    output: str | Path = POSTERIOR,
    tables: str | Path = TABLES,
    progress: Progress = SILENT,
) -> TaskResult[Calibration]:
    """Fit the numbers of ``calibration/priors.yaml`` to the figures of ``calibration/observations.csv``.

    First a point fit from several starts, then draws of the posterior, which scenarios use. What is computed is kept
    beside the tables until the fit is done, so that it can be stopped at any moment and resumed. The shipped options
    take hours.

    Args:
        members: draws of the posterior; also the ensemble of the linearisation.
        iterations: updates of the ensemble.
        steps: steps of the chains.
        starts: starts of the point fit.
        seed: seed of all draws.
        resume: complete an unfinished fit; it ends with the same draws.
        output: file of the posterior.
        tables: folder of the tables and the report.
        progress: receives stages and remarks.

    Raises:
        UserError: too few members, no fit to resume, or a file or folder that cannot be replaced.

    Example:
        >>> fitted = calibrate(members=120, iterations=2, steps=10, output="mine.nc")
        >>> fitted.tables()["posterior"]
    """
    from model.calibration.checkpoint import Checkpoint
    from model.calibration.fit import FitOptions, check_options, read_problem, run_fit
    from model.calibration.posterior_file import check_replaceable as check_posterior
    from model.calibration.posterior_file import write_posterior

    output, tables = Path(output), Path(tables)
    check_replaceable(tables)
    problem = read_problem()
    options = FitOptions(members=members, iterations=iterations, steps=steps, starts=starts, seed=seed)
    check_posterior(output)
    check_options(problem, options)
    unfinished = tables.with_name(tables.name + UNFINISHED)
    checkpoint = Checkpoint(problem.forward(), unfinished, problem.fingerprint(options), resume=resume)
    progress.note(
        f"{len(problem.priors)} numbers are fitted to {int(problem.targets.fitted.sum())} figures; "
        f"{int((~problem.targets.fitted).sum())} more judge the fit."
    )
    progress.expect(starts + iterations + steps)
    stages = StageProgress(progress, [("point fit", starts), ("linearisation", iterations), ("draws", steps)])
    fit = run_fit(problem, options, checkpoint, stages.report)
    # The posterior comes last: as long as it is missing, the checkpoint is there and the fit can be resumed.
    result = write_fit(Calibration(fit, checkpoint.runs), tables, title=f"fit of {options}")
    write_posterior(fit, checkpoint.runs, output)
    checkpoint.close()
    return result


def write_fit(
    calibration: Calibration, target: Path, *, title: str, backtest: Path | None = None
) -> TaskResult[Calibration]:
    """Write the tables, figures and report of a fit.

    Args:
        calibration: the fit.
        target: the folder, which appears whole or not at all.
        title: what the folder is of.
        backtest: folder of a backtest, which gets a section of the report where there is one.

    Raises:
        UserError: the folder cannot be written.
    """
    from model.reporting.tables.calibration import write_tables
    from model.reporting.technical.backtest_section import backtest_section
    from model.reporting.technical.calibration_report import FIGURES, write_calibration_report

    fit, runs = calibration.fit, calibration.runs

    def tables(folder: Path) -> Files:
        return [(path.name, MEANINGS[path.name]) for path in write_tables(fit, folder)]

    with whole_folder(target) as folder:
        files = tables(folder)
        sections = backtest_section(backtest) if backtest else ()
        page = write_calibration_report(fit, runs, folder, more=sections)
        files = [(page.name, MEANINGS[page.name]), *files]
        if (folder / FIGURES).is_dir():
            files.append((f"{FIGURES}/", "The figures of the report, as PNG and SVG."))
        remarks = f"{runs:,} runs of the model. See docs/calibration.md for the method."
        (folder / GUIDE).write_text(task_guide(title, [fit.problem.scenario], remarks, files), encoding="utf-8")
    return TaskResult(title, calibration, target, tuple(files), tables)


def screen_numbers(*, tables: str | Path = TABLES, progress: Progress = SILENT) -> TaskResult[Sequence[ScreeningRow]]:
    """Find how far every uncertain number moves the fitted figures, so as to see what is worth fitting.

    Args:
        tables: folder of the tables of a fit; the screening is written beside it, with ``_screen`` added to its name.
        progress: receives stages and remarks.

    Raises:
        UserError: a folder that cannot be replaced.

    Example:
        >>> screening = screen_numbers()
        >>> screening.tables()["screen"]
    """
    from model.calibration.fit import read_problem
    from model.calibration.screening import screen_inputs
    from model.reporting.tables.calibration import write_screen

    folder_of_fit = Path(tables)
    target = folder_of_fit.with_name(folder_of_fit.name + "_screen")
    check_replaceable(target)
    problem: CalibrationProblem = read_problem()
    progress.expect(1)
    progress.begin("moving every number")
    rows = screen_inputs(problem, progress.advance)
    progress.finish()
    title = "how far every uncertain number moves the fitted figures"

    def write(folder: Path) -> Files:
        path = write_screen(rows, folder / "screen.csv")
        return [(path.name, "Each uncertain number: how far it moves the figures of each series, in units of error.")]

    with whole_folder(target) as folder:
        files = write(folder)
        remarks = "See docs/calibration.md for the method."
        (folder / GUIDE).write_text(task_guide(title, [problem.scenario], remarks, files), encoding="utf-8")
    return TaskResult(title, rows, target, tuple(files), write)
