"""The labelled dataset and its file."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic_run import invented_run

from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError
from model.results.dataset import read_dataset, to_dataset, write_dataset

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
    kept = data["workforce.in_post"].sel(scenario="other", employer="acute", staff_group="nursing", member=1)
    assert np.allclose(kept, pair[1].results["workforce.in_post"][:, 0, 1, 1], rtol=1e-6)


def test_reading_back_gives_the_same(pair, tmp_path):
    data = to_dataset(pair)
    again = read_dataset(write_dataset(data, tmp_path / "run.nc"))
    xr.testing.assert_identical(again, data)
    assert [file.name for file in tmp_path.iterdir()] == ["run.nc"]
    assert "name: other" in str(again["provenance"].sel(scenario="other", provenance_item="resolved_scenario").item())


def test_a_write_that_fails_leaves_the_old_file_and_no_other(pair, tmp_path, monkeypatch):
    path = write_dataset(to_dataset(pair[:1]), tmp_path / "run.nc")
    before = path.read_bytes()

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", fail)
    with pytest.raises(UserError, match="No space left"):
        write_dataset(to_dataset(pair), path)
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
        read_dataset(tmp_path / "none.nc")
    bad = tmp_path / "bad.nc"
    bad.write_text("no", encoding="utf-8")
    with pytest.raises(UserError, match="not a readable"):
        read_dataset(bad)
