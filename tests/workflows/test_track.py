"""Tracking without a terminal."""

from __future__ import annotations

import pytest
from calibration_cases import MONTHS, observed_row, write_rows
from recorded_progress import RecordedProgress

from model.registry.errors import UserError
from model.workflows.track import track

SHORT = {"members": 50, "settings": {"decision": "2019-10", "parameters": "central"}, "processes": 1}


def test_figures_outside_the_band_are_found_without_a_folder_and_with_one(tmp_path, capfd):
    rows = [observed_row(id=f"rtt_list.{month}", period=month, value="400000") for month in MONTHS]
    file = write_rows(tmp_path / "new.csv", rows)
    progress = RecordedProgress()
    tracking = track(file, **SHORT, progress=progress)
    (finding,) = tracking.result.findings
    assert (finding.side, finding.since) == ("above", "2019-06")
    assert tracking.folder is None
    assert set(tracking.tables()) == {"series", "figures", "implicated"}
    assert progress.begun == ["baseline"]
    assert progress.complete
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]
    written = track(str(file), **SHORT, output=tmp_path, figures=False)
    assert written.folder == tmp_path / "tracking_new"
    assert {path.name for path in written.folder.iterdir()} == {name for name, _ in written.files} | {"README.txt"}


def test_rows_in_another_unit_are_refused(tmp_path):
    file = write_rows(tmp_path / "new.csv", [observed_row(unit="beds")])
    with pytest.raises(UserError, match=r"new\.csv:2"):
        track(file, **SHORT, output=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]
