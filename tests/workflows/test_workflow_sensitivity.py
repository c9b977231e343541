"""Sensitivity without a terminal."""

from __future__ import annotations

import pytest
from recorded_progress import RecordedProgress

from model.analysis.sensitivity.sensitivity_study import SensitivityPlan
from model.registry.errors import UserError
from model.workflows.plan import resolve_all
from model.workflows.sensitivity import expected_runs, sensitivity

YEAR = {"settings": {"decision": "2019-04", "parameters": "central"}, "end": "2020-04", "processes": 1}
SOBOL = {"of": ["nctr_before"], "sobol": ["discharge.process_days"], "samples": 4}


def test_it_gives_tables_without_a_folder(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    progress = RecordedProgress()
    study = sensitivity("baseline", **SOBOL, progress=progress, **YEAR)
    assert study.folder is None
    assert set(study.tables()) == {"inputs", "sobol"}
    assert study.tables()["sobol"]["input"][0] == "discharge.process_days"
    assert progress.complete
    assert progress.begun == ["Sobol indices"]
    assert any(note.startswith("About 16 runs") for note in progress.notes)
    assert study.result.runs == 16
    assert capfd.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())


def test_runs_are_known_beforehand():
    scenarios = tuple(resolve_all(["baseline"], {"members": 1}))
    plan = SensitivityPlan(
        tornado=True, screen=True, trajectories=3, sobol=("discharge.process_days", "top"), samples=4
    )
    assert expected_runs(scenarios, plan, 10) == (1 + 20) + 3 * 11 + 4 * (1 + 8 + 3)


def test_an_objective_without_a_decision_and_an_unknown_result_are_refused(tmp_path):
    with pytest.raises(UserError, match="belongs to a --decision"):
        sensitivity("baseline", objective=["net_benefit"], output=tmp_path, **YEAR)
    with pytest.raises(UserError, match="nctr_before"):
        sensitivity("baseline", of=["nctr_befor"], output=tmp_path, **YEAR)
    assert not list(tmp_path.iterdir())
