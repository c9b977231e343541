"""Goal seeking without a terminal."""

from __future__ import annotations

import pytest
from recorded_progress import RecordedProgress

from model.registry.errors import UserError
from model.workflows.goal_seek import target

YEAR = {"settings": {"decision": "2019-04", "parameters": "central"}, "end": "2020-04", "members": 2, "processes": 1}


def test_levers_and_their_mix_are_sought(tmp_path, capfd):
    progress = RecordedProgress()
    answer = target(
        "nctr_before <= 1 in 2019/20",
        "home_first",
        "discharge.process_days=-40%",
        mix=True,
        output=tmp_path,
        figures=False,
        progress=progress,
        **YEAR,
    )
    search = answer.result.search
    assert [case.levers for case in search.cases] == [
        ("home_first",),
        ("discharge.process_days",),
        ("home_first", "discharge.process_days"),
    ]
    assert not any(search.reached(index) for index in range(3))
    assert answer.result.sentences()[0].startswith("No mix")
    assert progress.complete
    assert answer.folder is not None
    assert {path.name for path in answer.folder.iterdir()} == {name for name, _ in answer.files} | {"README.txt"}
    assert capfd.readouterr() == ("", "")


def test_errors_of_all_levers_come_together(tmp_path):
    with pytest.raises(UserError, match="2 errors"):
        target("nctr_before <= 1 by 2019-12", "home_frist", "discharge.process_days", output=tmp_path, **YEAR)
    with pytest.raises(UserError, match="a mix is sought of two"):
        target("nctr_before <= 1 in 2019/20", "home_first", mix=True, output=tmp_path, **YEAR)
    assert not list(tmp_path.iterdir())
