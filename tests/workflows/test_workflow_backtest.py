"""The backtest without a terminal."""

from __future__ import annotations

import pytest
from backtest_cases import CUT_OFF, VALUES, backtest_files
from recorded_progress import RecordedProgress

from model.calibration.backtest.rolling_origin import read_trials
from model.registry.errors import UserError
from model.workflows.backtest import backtest


@pytest.fixture
def trials(tmp_path_factory, monkeypatch):
    trials = read_trials([CUT_OFF], backtest_files(tmp_path_factory.mktemp("files")))
    monkeypatch.setattr("model.calibration.backtest.rolling_origin.read_trials", lambda cut_offs: trials)
    return trials


@pytest.mark.usefixtures("trials")
def test_forecasts_are_scored_by_series_and_nothing_is_printed(tmp_path, capfd):
    progress = RecordedProgress()
    folder = tmp_path / "test"
    test = backtest(CUT_OFF, members=8, iterations=1, steps=1, figures=False, output=folder, progress=progress)
    assert capfd.readouterr() == ("", "")
    assert progress.complete
    assert {row.series for row in test.result.scores} == set(VALUES)
    assert [len(rows) for rows in test.result.by_cut_off()] == [3]
    assert test.result.summaries()[0].cut_off == CUT_OFF
    assert test.result.runs > 8
    assert set(test.tables()) == {"scores", "scores_by_horizon", "forecasts"}
    assert {path.name for path in folder.iterdir()} == {name for name, _ in test.files} | {"README.txt"}
    assert "better in" in (folder / "README.txt").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["test"]


@pytest.mark.usefixtures("trials")
def test_nothing_to_resume_is_refused(tmp_path):
    with pytest.raises(UserError, match="no unfinished backtest"):
        backtest(CUT_OFF, resume=True, output=tmp_path / "test")
    assert not list(tmp_path.iterdir())
