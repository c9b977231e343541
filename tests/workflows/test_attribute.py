"""Attribution without a terminal."""

from __future__ import annotations

import pytest
from recorded_progress import RecordedProgress

from model.cli.main import main
from model.registry.errors import Exit, UserError
from model.workflows.attribute import attribute, results_drawn

TWO = (
    "extends: baseline\ndecision: 2019-04\nend: 2020-04\nhorizons: {year: 1}\nparameters: central\n"
    "interventions: [home_first, p1_capacity]\n"
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    return "two.yaml"


def test_it_runs_silently_and_writes_no_files_unless_asked(package, tmp_path, capfd):
    answer = attribute(package, central=True)
    assert answer.result.interventions == ("home_first", "p1_capacity")
    assert answer.folder is None
    assert not answer.files
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["two.yaml"]


def test_its_tables_are_those_of_the_command(package, tmp_path):
    import pandas as pd

    progress = RecordedProgress()
    answer = attribute(package, central=True, of=["nctr_before"], output=tmp_path / "api", progress=progress)
    assert progress.complete
    assert progress.notes == ["At most 4 runs of the model: all subsets."]
    words = ["attribute", package, "--central", "--of", "nctr_before", "--output", "command", "--quiet"]
    assert main(words) == Exit.OK
    command = pd.read_csv(tmp_path / "command" / "attribution_two" / "attribution.csv")
    pd.testing.assert_frame_equal(answer.tables()["attribution"], command)
    assert answer.folder == tmp_path / "api" / "attribution_two"
    names = {str(path.relative_to(answer.folder)) for path in answer.folder.rglob("*") if path.is_file()}
    written = {name for name, _ in answer.files} | {"README.txt"}
    assert {name for name in names if not name.endswith(".svg")} == written
    assert "attribution" in answer._repr_html_()


def test_results_are_those_named_or_the_headlines_of_attributions():
    assert [result.name for result in results_drawn(["rtt"])] == ["rtt"]
    assert len(results_drawn([])) > 3


def test_a_scenario_without_interventions_is_refused(tmp_path):
    with pytest.raises(UserError, match="no intervention"):
        attribute("do_nothing", output=tmp_path)
    assert not list(tmp_path.iterdir())
