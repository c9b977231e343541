"""Calibration report: tables, figures and the report of a finished fit, without a run of the model."""

from __future__ import annotations

from pathlib import Path

from model.workflows.calibrate import TABLES, Calibration, write_fit
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import check_replaceable
from model.workflows.task_result import TaskResult

BACKTEST = Path("outputs/backtest")
"""Folder in which a backtest is looked for."""


def calibration_report(
    posterior: str | Path | None = None,
    *,
    backtest: str | Path = BACKTEST,
    output: str | Path = TABLES,
    progress: Progress = SILENT,
) -> TaskResult[Calibration]:
    """Write the report, tables and figures of a fit from its file.

    Args:
        posterior: file that ``calibrate`` wrote; the draws that come with the model where left out.
        backtest: folder of a backtest, which gets a section of the report where there is one.
        output: folder of the report, its tables and figures.
        progress: receives stages and remarks.

    Raises:
        UserError: no posterior in the file, or a folder that cannot be replaced.

    Example:
        >>> report = calibration_report()
        >>> report.tables()["series"]
    """
    from model.calibration.saved_fit import read_saved_fit
    from model.scenarios.uncertainty.posterior import SHIPPED

    folder, file = Path(output), Path(posterior or SHIPPED)
    check_replaceable(folder)
    progress.expect(1)
    progress.begin("writing the report")
    calibration = Calibration(*read_saved_fit(file))
    result = write_fit(calibration, folder, title=f"fit in {file}", backtest=Path(backtest))
    progress.finish()
    return result
