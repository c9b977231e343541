"""Portfolio and goal seeking without a terminal."""

from __future__ import annotations

import pytest
from recorded_progress import RecordedProgress

from model.registry.errors import UserError
from model.workflows.portfolio import portfolio, read_candidates
from model.workflows.run_options import RunOptions

YEAR = {
    "settings": {"decision": "2019-04", "parameters": "central", "horizons": {"year": 1}},
    "end": "2020-04",
    "members": 2,
    "processes": 1,
}


def test_it_chooses_within_a_budget(tmp_path):
    progress = RecordedProgress()
    choice = portfolio(
        "home_first",
        "p1_capacity",
        budget="£500m/year",
        objectives=["nctr_before"],
        output=tmp_path,
        figures=False,
        progress=progress,
        **YEAR,
    )
    selection = choice.result.selection
    assert selection.chosen[selection.best()].any()
    assert progress.complete
    assert progress.notes == ["At most 8 runs of the model: every choice within the limits."]
    assert choice.folder == tmp_path / "portfolio"
    assert {path.name for path in choice.folder.iterdir()} == {name for name, _ in choice.files} | {"README.txt"}
    assert "choices" in choice.tables()


def test_futures_are_not_set_beside_the_option(tmp_path):
    options = RunOptions(settings={"future": "bad_winter"})
    with pytest.raises(UserError, match="--futures"):
        read_candidates(["home_first"], options, budget="£5m/year")


def test_an_unknown_intervention_is_refused_before_anything_runs(tmp_path):
    progress = RecordedProgress()
    with pytest.raises(UserError, match="home_first"):
        portfolio("home_frist", budget="£5m/year", output=tmp_path, progress=progress, **YEAR)
    assert not progress.begun
    assert not list(tmp_path.iterdir())
