"""The emulator of the hospital: response curves of the stock-flow hospital, learnt from the patient-level hospital."""

from __future__ import annotations

from pathlib import Path

from model.workflows.analysis_task import note_compiling
from model.workflows.progress import SILENT, Progress

REPLICATIONS = 12
"""Hospitals at every setting, where none are given."""


def fit_emulator(
    *, replications: int = REPLICATIONS, output: Path | None = None, progress: Progress = SILENT
) -> tuple[Path, ...]:
    """Run the patient-level hospital from calm to overfull and fit the stock-flow hospital's curves to its patients.

    Writes waits for a bed, handovers, breaches of four hours, cancellations and outlying against occupancy as
    parameters with their provenance. See docs/emulator.md for the experiment.

    Args:
        replications: hospitals at every setting.
        output: parameter file to write, with ``FILE.points.csv`` beside it; the model's own where left out.
        progress: receives stages and remarks.

    Returns:
        The files that were written.

    Raises:
        UserError: a file cannot be written.
    """
    from model.calibration.emulator.parameter_file import FILE, write_parameter_file
    from model.calibration.emulator.patient_experiment import measure_points, steady_state
    from model.sectors.model_registry import registry

    note_compiling(progress)
    progress.expect(1)
    progress.begin("hospitals of patients")
    points = measure_points(replications, progress=progress.advance)
    progress.finish()
    return tuple(write_parameter_file(points, registry(), steady_state(), output or FILE))
