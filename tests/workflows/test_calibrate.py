"""Calibration, screening and the calibration report without a terminal."""

from __future__ import annotations

import numpy as np
import pytest
from calibration_cases import short_problem
from recorded_progress import RecordedProgress

from model.calibration.screening import ScreeningRow
from model.registry.errors import UserError
from model.workflows.calibrate import MEANINGS, StageProgress, calibrate, screen_numbers
from model.workflows.calibration_report import calibration_report

TRUTH = np.array([0.8, -0.6, 0.5])
SMALL = {"members": 12, "iterations": 1, "steps": 1, "starts": 1}


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    return short_problem(tmp_path_factory.mktemp("problem"), TRUTH)


@pytest.fixture
def read_problem(problem, monkeypatch):
    monkeypatch.setattr("model.calibration.fit.read_problem", lambda: problem)
    monkeypatch.setattr("model.calibration.saved_fit.read_problem", lambda: problem)


@pytest.mark.usefixtures("read_problem")
def test_a_fit_and_the_report_of_its_file_say_the_same(problem, tmp_path, capfd):
    import pandas as pd

    progress = RecordedProgress()
    fitted = calibrate(**SMALL, output=tmp_path / "fit.nc", tables=tmp_path / "tables", progress=progress)
    assert capfd.readouterr() == ("", "")
    assert progress.complete
    assert progress.begun == ["point fit", "linearisation", "draws"]
    assert progress.notes == ["3 numbers are fitted to 9 figures; 0 more judge the fit."]
    assert fitted.result.fit.sample.scores.shape == (3, 12)
    tables = fitted.tables()
    assert set(tables["posterior"]["fitted"]) == {number.name for number in problem.priors.fitted}
    assert {path.name for path in tmp_path.iterdir()} == {"fit.nc", "tables"}
    guide = (tmp_path / "tables" / "README.txt").read_text(encoding="utf-8")
    assert all(f"{name}:" in guide for name in MEANINGS)
    report = calibration_report(tmp_path / "fit.nc", backtest=tmp_path / "none", output=tmp_path / "report")
    assert report.result.runs == fitted.result.runs
    # The file keeps predictions in single precision.
    pd.testing.assert_frame_equal(report.tables()["series"], tables["series"], rtol=1e-3)
    assert (tmp_path / "report" / "report.html").is_file()


@pytest.mark.usefixtures("read_problem")
def test_nothing_to_resume_is_refused_before_anything_runs(tmp_path):
    progress = RecordedProgress()
    with pytest.raises(UserError, match="no unfinished fit"):
        calibrate(**SMALL, resume=True, output=tmp_path / "p.nc", tables=tmp_path / "p", progress=progress)
    assert not progress.begun
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("read_problem")
def test_a_screening_is_written_beside_the_tables(monkeypatch, tmp_path):
    rows = [ScreeningRow("demand.births", False, 2.5, (("rtt_list", 2.0), ("clock_starts", 1.5)))]
    monkeypatch.setattr("model.calibration.screening.screen_inputs", lambda problem, progress: rows)
    screening = screen_numbers(tables=tmp_path / "tables")
    assert screening.folder == tmp_path / "tables_screen"
    assert screening.tables()["screen"]["size"].tolist() == [2.5]
    assert (screening.folder / "screen.csv").is_file()


def test_stages_of_a_fit_follow_each_other_and_one_without_tasks_is_left_out():
    progress = RecordedProgress()
    stages = StageProgress(progress, [("point fit", 2), ("linearisation", 0), ("draws", 1)], "March: ")
    stages.report("point fit", 1, 2)
    assert (progress.begun, progress.finished) == (["March: point fit"], 0)
    stages.report("point fit", 2, 2)
    assert (progress.begun[-1], progress.finished) == ("March: draws", 2)
    stages.report("draws", 1, 1)
    assert (progress.open, progress.finished) == ([], 3)
