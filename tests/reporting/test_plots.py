"""Figures: files are whole, words do not overlap, history is read from the right figures."""

from __future__ import annotations

import itertools

import pytest
from synthetic_run import invented_run, registry

from model.registry.errors import UserError
from model.reporting.figures.expenditure import PASSED_ON, expenditure, plot_money
from model.reporting.figures.feedback_loops import plot_loops
from model.reporting.figures.segments import plot_segments, share_with_most_need
from model.reporting.figures.stocks_and_flows import lay_out, plot_stocks_and_flows
from model.reporting.figures.trajectories import plot_trajectories
from model.reporting.time_axis import observed_points
from model.results.headlines import headline
from model.results.observations import read_observations


@pytest.fixture(scope="module")
def runs():
    return [invented_run(members=3), invented_run("home_first", members=3, effect=-0.1)]


def _is_picture(path):
    vector = path.with_suffix(".svg")
    return path.read_bytes().startswith(b"\x89PNG") and "<svg" in vector.read_text(encoding="utf-8")


@pytest.mark.parametrize("by", ["financial_year", "month"])
def test_trajectories(runs, tmp_path, by):
    path = plot_trajectories(
        runs,
        runs[0],
        tmp_path / "out" / "trajectories",
        observations=read_observations(),
        by=by,
        headlines=[headline("rtt"), headline("bed_days")],
    )
    assert _is_picture(path)
    assert sorted(file.name for file in path.parent.iterdir()) == ["trajectories.png", "trajectories.svg"]


def test_money_and_segments(runs, tmp_path):
    assert _is_picture(plot_money(runs, runs[0], tmp_path / "money"))
    assert _is_picture(plot_segments(runs, runs[0], tmp_path / "segments"))
    with pytest.raises(UserError, match="short"):
        plot_money(runs, runs[0], tmp_path / "money", horizon="next")


def test_structure_pictures(tmp_path):
    known = registry()
    assert _is_picture(plot_stocks_and_flows(known, "discharge", tmp_path / "discharge"))
    assert _is_picture(plot_loops(known, tmp_path / "loops"))
    with pytest.raises(UserError, match="discharge"):
        plot_stocks_and_flows(known, "dischrge", tmp_path / "none")
    with pytest.raises(UserError, match="not a declared loop"):
        plot_loops(known, tmp_path / "none", ["R9"])


def test_every_flow_is_drawn_once():
    known = registry()
    stocks = [stock for stock in known.stocks.values() if stock.substance != "index"]
    bands = lay_out(stocks, list(known.flows.values()), known)
    drawn = [pipe.flow.name for band in bands for space in band.spaces for pipe in space]
    assert sorted(drawn) == sorted(known.flows)


def test_the_same_run_gives_the_same_picture(runs, tmp_path):
    first, second = (plot_segments(runs, runs[0], tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".svg").read_bytes() == second.with_suffix(".svg").read_bytes()


def test_no_label_of_a_structure_picture_overlaps_another(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(
        "model.reporting.figures.stocks_and_flows.save", lambda figure, path: figures.append(figure) or path
    )
    plot_stocks_and_flows(registry(), "discharge", tmp_path / "discharge")
    figure = figures[0]
    figure.canvas.draw()
    boxes = [text.get_window_extent() for axes in figure.axes for text in axes.texts if text.get_text()]
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_history_becomes_years_only_where_all_months_are_known():
    observations = read_observations()
    points = observed_points(headline("nctr_before"), observations, yearly=True)
    assert len(points) == 1
    assert points[0][1] == pytest.approx(619.4, abs=0.1)
    assert len(observed_points(headline("nctr_before"), observations, yearly=False)) == 12
    assert len(observed_points(headline("rtt"), observations, yearly=True)) == 3
    assert all(value < 5_000 for _, value in observed_points(headline("twelve_hour"), observations, yearly=False))
    assert observed_points(headline("twelve_hour"), observations, yearly=True) == []


def test_money_leaves_out_income_and_what_is_passed_on(runs):
    spent = expenditure(runs[0], "2022/23")
    assert not {"allocation", *PASSED_ON} & set(spent)
    assert all((values >= 0).all() for values in spent.values())


def test_share_with_most_need(runs):
    assert share_with_most_need(runs[0]).shape == (runs[0].months, 5)
    assert share_with_most_need(runs[0])[0] == pytest.approx(40.0)
