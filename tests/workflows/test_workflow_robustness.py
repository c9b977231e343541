"""Robustness without a terminal."""

from __future__ import annotations

import pytest
from recorded_progress import RecordedProgress

from model.registry.errors import UserError
from model.workflows.robustness import robustness

YEAR = {"end": "2020-04", "members": 2, "processes": 1}
CENTRAL = {"decision": "2019-04", "parameters": "central"}


def test_it_writes_a_whole_folder_and_names_every_file(tmp_path):
    progress = RecordedProgress()
    test = robustness(
        "home_first",
        futures=["none"],
        objectives=["nctr_before"],
        targets=["occupancy <= 95 % in 2019/20"],
        settings=CENTRAL,
        output=tmp_path,
        figures=False,
        progress=progress,
        **YEAR,
    )
    assert test.folder == tmp_path / "robustness_home_first"
    assert {path.name for path in test.folder.iterdir()} == {name for name, _ in test.files} | {"README.txt"}
    assert test.result.experiment.grid.packages == ("baseline", "home_first")
    assert set(test.tables()["targets"]["package"]) == {"baseline", "home_first"}
    assert progress.complete
    assert "About 4 runs of the model." in progress.notes


def test_a_future_that_is_set_and_the_baseline_alone_are_refused(tmp_path):
    with pytest.raises(UserError, match="--futures"):
        robustness("home_first", settings={"future": "bad_winter"}, output=tmp_path, **YEAR)
    with pytest.raises(UserError, match="is the baseline itself"):
        robustness("baseline", futures=["none"], settings=CENTRAL, output=tmp_path, **YEAR)
    assert not list(tmp_path.iterdir())
