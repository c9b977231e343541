"""Tracking: compare newly published figures with what a scenario projects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.workflows.analysis_task import sources_with, task_guide
from model.workflows.progress import SILENT, Progress
from model.workflows.results_folder import GUIDE, whole_folder
from model.workflows.run_options import RunOptions
from model.workflows.task_result import Files, TaskResult

if TYPE_CHECKING:
    from model.calibration.tracking.track import Tracking
    from model.workflows.plan import ScenarioSource

LEAST_MEMBERS = 50
MEMBERS = 400
"""Members where none are asked for: enough for the regression of figures on all uncertain numbers."""


def track(
    observed: str | Path,
    *,
    scenario: ScenarioSource = "baseline",
    members: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    output: Path | None = None,
    processes: int | None = None,
    figures: bool = True,
    progress: Progress = SILENT,
) -> TaskResult[Tracking]:
    """Compare newly published figures with the projected fan of a scenario.

    Gives which series have left their 80% band and since when, whether chance alone does so, and which assumptions the
    figures implicate. Figures outside are no error.

    Args:
        observed: CSV file with the columns of calibration/observations.csv.
        scenario: name or file of a scenario or package, or a loaded one.
        members: ensemble size; 400 where left out.
        seed: seed of the ensemble.
        settings: further settings and parameters by name.
        output: folder in which the folder of results is made; None writes no files.
        processes: most processes to use.
        figures: draw figures.
        progress: receives stages and remarks.

    Raises:
        UserError: an error in the file, the scenario or an option.

    Example:
        >>> tracking = track(Path("new_figures.csv"), members=100)
        >>> tracking.result.findings
    """
    from model.calibration.tracking.new_observations import read_new_observations
    from model.calibration.tracking.track import track as compare_with_projection
    from model.reporting.technical.tracking_report import write_tracking
    from model.sectors.model_registry import registry
    from model.workflows.plan import resolve_all, result_folder

    file = Path(observed)
    options = RunOptions(members=members, seed=seed, settings=settings or {}, output=output)
    sources, run = sources_with([scenario], options, MEMBERS)
    target = result_folder(run, f"tracking_{file.stem}")
    (resolved,) = resolve_all(sources, run.changes())
    observations = read_new_observations(file, resolved, registry())
    progress.expect(1 if target is None else 2)
    progress.begin(resolved.name)
    tracking = compare_with_projection(
        resolved, observations, registry(), members=resolved.members, processes=processes, progress=progress.advance
    )
    progress.finish()
    title = f"figures of {file} over the projection of '{resolved.name}'"

    def tables(folder: Path) -> Files:
        write_tracking(tracking, folder, figures=False)
        return _files(figures=False)

    files: Files = []
    if target is not None:
        progress.begin("writing")
        with whole_folder(target) as folder:
            write_tracking(tracking, folder, figures=figures)
            (folder / "scenario.resolved.yaml").write_text(tracking.scenario.to_yaml(), encoding="utf-8")
            files = [*_files(figures=figures), ("scenario.resolved.yaml", "Every setting and value of what was run.")]
            remarks = f"{tracking.scenario.members} members. See docs/tracking.md for the method."
            (folder / GUIDE).write_text(task_guide(title, [tracking.scenario], remarks, files), encoding="utf-8")
        progress.finish()
    return TaskResult(title, tracking, target, tuple(files), tables)


def _files(*, figures: bool) -> Files:
    """Return name and meaning of each file of a tracking."""
    from model.reporting.tables.tracking import IMPLICATED, ROWS, SERIES
    from model.reporting.technical.tracking_report import FIGURES, PAGE

    files = [
        (PAGE, "All of it on one page that needs no network."),
        (SERIES, "By series, whether it has left its 80% band, since when, and the chance of that."),
        (ROWS, "Each figure beside what was projected, with its standardised distance."),
        (IMPLICATED, "Uncertain numbers, the most implicated first."),
    ]
    if figures:
        files.append((f"{FIGURES}/", "The fan of each series and the implicated assumptions, as PNG and SVG."))
    return files
