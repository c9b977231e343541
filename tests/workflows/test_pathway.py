"""Pathway networks without a terminal."""

from __future__ import annotations

import pytest
from recorded_progress import RecordedProgress

from model.registry.errors import UserError
from model.workflows.pathway import find_network, networks, pathway, pathway_sweep, swept_point

QUEUE = """\
name: queue
streams: {arrivals: {to: desk, rate: 1.6 /day}}
points:
  desk:
    places: 3
    stay: {exponential: 1 day}
    routes: {out: 1}
    costs: {treated: 50 £/day, waiting: 400 £/day}
exits: [out]
run: {days: 60, warm_up: 10, replications: 4, seed: 3}
"""


@pytest.fixture
def queue(tmp_path):
    path = tmp_path / "queue.yaml"
    path.write_text(QUEUE, encoding="utf-8")
    return path


def test_a_run_needs_neither_terminal_nor_folder(queue, tmp_path, capfd):
    run = pathway(queue, processes=1, engine="simpy", replications=2)
    assert run.result.replications == 2
    assert set(run.tables()) == {"summary", "ways_out", "daily"}
    assert run.folder is None
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["queue.yaml"]


def test_the_folder_holds_what_the_result_says(queue, tmp_path):
    progress = RecordedProgress()
    run = pathway(queue, processes=1, trace=True, output=tmp_path, figures=False, progress=progress)
    assert run.folder == tmp_path / "queue"
    assert {path.name for path in run.folder.iterdir()} == {name for name, _ in run.files} | {"README.txt"}
    guide = (run.folder / "README.txt").read_text(encoding="utf-8")
    assert "desk:" in guide
    assert "served a day" in " ".join(guide.split())
    assert progress.complete
    assert progress.begun == ["queue", "writing"]


def test_settings_change_the_network_and_options_stand_above_its_file(queue):
    run = pathway(queue, settings={"points.desk.places": 5}, days=20, warm_up=0, seed=9, replications=1, processes=1)
    assert (run.result.places == 5).all()
    assert run.result.days == 20
    assert run.result.provenance["seed"] == "9"


def test_a_line_that_does_not_settle_is_said_in_the_guide(queue, tmp_path):
    run = pathway(
        queue, settings={"points.desk.places": 1}, days=200, replications=4, processes=1, output=tmp_path, figures=False
    )
    assert run.folder is not None
    guide = " ".join((run.folder / "README.txt").read_text(encoding="utf-8").split())
    assert "does not settle (congested)" in guide


def test_a_sweep_finds_the_least_cost_whatever_the_order_of_the_values(queue, tmp_path):
    progress = RecordedProgress()
    sweep = pathway_sweep(
        queue, "points.desk.places", [6, 2, 4], processes=1, output=tmp_path, figures=False, progress=progress
    )
    assert sweep.result.values == (2.0, 4.0, 6.0)
    assert sweep.result.values[sweep.result.least] == 4
    assert sweep.result.cost_of_a_place == 50
    assert set(sweep.tables()["sweep"]["points.desk.places"]) == {2.0, 4.0, 6.0}
    assert sweep.folder == tmp_path / "queue_sweep"
    assert {path.name for path in sweep.folder.iterdir()} == {name for name, _ in sweep.files} | {"README.txt"}
    assert "Least cost at points.desk.places = 4" in (sweep.folder / "README.txt").read_text(encoding="utf-8")
    assert progress.complete


def test_what_makes_no_sense_is_refused(queue):
    with pytest.raises(UserError, match="both set and swept"):
        pathway_sweep(queue, "points.desk.places", [2], settings={"points.desk.places": 3})
    with pytest.raises(UserError, match="places is swept"):
        pathway_sweep(queue, "points.desk.queue", [2], cost_of_a_place=5.0)
    with pytest.raises(UserError, match="needs a folder"):
        pathway(queue, trace=True)
    with pytest.raises(UserError, match="Did you mean 'stroke'"):
        find_network("strokes")


def test_names_of_networks_and_points():
    assert find_network("stroke") == networks()["stroke"]
    assert swept_point("points.ward.places") == "ward"
    assert swept_point("points.ward.stay") is None
