"""The labelled dataset and its file."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from synthetic_run import invented_run

from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError
from model.results.comparison import headline_years
from model.results.dataset import read_runs, to_dataset, write_runs
from model.results.headlines import HEADLINES

xr = pytest.importorskip("xarray")


@pytest.fixture
def pair():
    first = invented_run(members=2, years=5)
    stock = np.arange(first.months * 2, dtype=float).reshape(first.months, 2)
    for run in (second := invented_run("other", members=2, years=5, effect=0.1), first):
        run.results["discharge.waiting"] = stock
    return [first, second]


def test_stocks_lie_on_month_ends_and_flows_on_months(pair):
    data = to_dataset(pair)
    assert data["discharge.waiting"].dims == ("scenario", "time_end", "member")
    assert data["discharge.waiting"].attrs["cell_methods"] == "time_end: point"
    assert data["urgent_care.bed_days_needed"].attrs["cell_methods"] == "time: sum"
    assert data["urgent_care.beds_occupied"].attrs["cell_methods"] == "time: mean"
    assert str(data["time"].values[0])[:10] == "2019-04-01"
    assert str(data["time_end"].values[0])[:10] == "2019-04-30"
    assert data["finance.expenditure"].attrs["units"] == "£"


def test_labels_come_from_the_dimensions(pair):
    data = to_dataset(pair)
    assert tuple(data["employer"].values) == DIMENSIONS["employer"]
    values = data["workforce.in_post"].sel(scenario="other", employer="acute", staff_group="nursing", member=1)
    assert np.allclose(values, pair[1].results["workforce.in_post"][:, 0, 1, 1], rtol=1e-6)


def test_the_file_holds_the_labelled_dataset(pair, tmp_path):
    again = xr.load_dataset(write_runs(pair, tmp_path / "run.nc"), engine="netcdf4")
    xr.testing.assert_identical(again, to_dataset(pair))
    assert [file.name for file in tmp_path.iterdir()] == ["run.nc"]
    assert "name: other" in str(again["provenance"].sel(scenario="other", provenance_item="resolved_scenario").item())


def test_runs_are_read_back_with_their_calendar_provenance_and_values(pair, tmp_path):
    runs = read_runs(write_runs(pair, tmp_path / "run.nc"))
    assert [run.scenario for run in runs] == ["baseline", "other"]
    for run, again in zip(pair, runs, strict=True):
        assert again.heading == run.heading
        assert (again.start, again.months, again.members) == (run.start, run.months, run.members)
        assert (again.decision, again.horizons) == (run.decision, run.horizons)
        assert again.horizon_years == run.horizon_years
        assert again.provenance == run.provenance
        assert list(again.results) == list(run.results)
        for name, values in run.results.items():
            assert np.array_equal(again.values(name), values.astype(np.float32)), name
            assert np.array_equal(again.results.of_members(name, 1, 1), values[..., 1:].astype(np.float32)), name


def test_runs_read_back_know_what_they_hold(pair, tmp_path):
    (run, _), known = read_runs(write_runs(pair, tmp_path / "run.nc")), pair[0].registry
    for name, entry in run.registry.recorded.items():
        declared = known.find(name)
        assert type(entry) is type(declared), name
        same = ("title", "description", "unit", "dims", "sector", "kind", "recorded")
        assert [getattr(entry, field) for field in same] == [getattr(declared, field) for field in same], name
    assert run.registry.sectors["discharge"] == "Discharge and intermediate care"


def test_tables_of_runs_read_back_are_those_of_the_runs(pair, tmp_path):
    runs = read_runs(write_runs(pair, tmp_path / "run.nc"))
    for row, again in zip(headline_years(pair, pair[0]), headline_years(runs, runs[0]), strict=True):
        assert again.value.median == pytest.approx(row.value.median, rel=1e-6)
    assert headline_years(runs, runs[0])[0].headline is HEADLINES[0]
    second = write_runs(runs, tmp_path / "again.nc")
    xr.testing.assert_identical(xr.load_dataset(second), xr.load_dataset(tmp_path / "run.nc"))


def test_results_of_a_file_can_be_closed_and_sent_to_another_process(pair, tmp_path):
    run = read_runs(write_runs(pair, tmp_path / "run.nc"))[1]
    before = run.values("waiting_lists.rtt_total")
    copy = pickle.loads(pickle.dumps(run.results))
    run.results.close()
    assert np.array_equal(copy["waiting_lists.rtt_total"], before)
    assert np.array_equal(run.results["waiting_lists.rtt_total"], before)
    with pytest.raises(UserError, match="rtt_total"):
        run.values("waiting_lists.rtt_totl")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(pair, tmp_path, monkeypatch):
    path = write_runs(pair[:1], tmp_path / "run.nc")
    before = path.read_bytes()

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", fail)
    with pytest.raises(UserError, match="No space left"):
        write_runs(pair, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.nc"]


def test_chosen_names_only(pair):
    data = to_dataset(pair, ["waiting_lists.rtt_total"])
    assert [name for name in data.data_vars if name != "provenance"] == ["waiting_lists.rtt_total"]
    with pytest.raises(UserError, match="rtt_total"):
        to_dataset(pair, ["waiting_lists.rtt_totl"])


def test_runs_that_differ_in_length_or_share_a_name_are_refused():
    with pytest.raises(UserError, match="differ"):
        to_dataset([invented_run(years=5), invented_run("other", years=6)])
    with pytest.raises(UserError, match="same scenario"):
        to_dataset([invented_run(years=5), invented_run(years=5)])


def test_unreadable_files_are_refused(tmp_path):
    with pytest.raises(UserError, match="not found"):
        read_runs(tmp_path / "none.nc")
    bad = tmp_path / "bad.nc"
    bad.write_text("no", encoding="utf-8")
    with pytest.raises(UserError, match="not a readable"):
        read_runs(bad)


def test_a_file_of_something_besides_results_is_refused(tmp_path):
    path = tmp_path / "other.nc"
    xr.Dataset({"rain": ("day", [1.0, 2.0])}).to_netcdf(path)
    with pytest.raises(UserError, match=r"no 'scenario'.*results\.nc"):
        read_runs(path)
