"""The command ``pathway``: what it writes and prints, replications and their intervals, sweeps, errors, examples."""

from __future__ import annotations

import csv
import math
import re
import shlex
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from model.cli.commands.pathway import pathway, read_sweep
from model.cli.main import main
from model.hospital.network.network_file import network_settings, read_network
from model.hospital.network.offered_load import can_grow_without_end, mean_places, offered_load
from model.hospital.pathways import replications
from model.hospital.pathways.replications import RECORDED, run_replications
from model.registry.errors import Exit, UserError
from model.results.pathways import check_size, estimate
from model.workflows.pathway import networks, swept_point
from model.workflows.results_folder import GUIDE, MARK

WARD = """\
name: ward
classes: [short, long]
streams:
  admissions: {to: beds, rate: 2 /day, classes: {short: 75 %, long: rest}}
points:
  beds:
    places: 9
    queue: 6
    stay: {by_class: {short: {exponential: 2 days}, long: {gamma: {mean: 5 days, shape: 2}}}}
    routes:
      by_class:
        short: {home: 1}
        long: {care_home: {share: 80 %, transfer: 2 hours}, died: rest}
    while_waiting: {elsewhere: {after: {exponential: 6 days}, to: home}}
    costs: {treated: 400 £/day, delayed: 350 £/day, waiting: 250 £/day}
    watches: {long_wait: {measure: wait, over: 12 hours}}
  care_home:
    places: 8
    stay: {exponential: 20 days}
    routes: {home: 1}
    costs: {treated: 150 £/day}
exits: [home, died]
run: {days: 60, warm_up: 20, replications: 4, seed: 7}
"""

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
run: {days: 400, warm_up: 50, replications: 40, seed: 3}
"""

BARE = ["--no-figures", "--processes", "1"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ward.yaml").write_text(WARD, encoding="utf-8")
    (tmp_path / "queue.yaml").write_text(QUEUE, encoding="utf-8")
    return tmp_path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def summary(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["point"], row["measure"]): row for row in table(folder / "summary.csv")}


def erlang_queue(load: float, places: int) -> float:
    """Mean number in the queue of M/M/c, by Erlang's delay formula."""
    terms = [load**k / math.factorial(k) for k in range(places)]
    last = load**places / math.factorial(places) * places / (places - load)
    return last / (sum(terms) + last) * load / (places - load)


def test_a_run_writes_one_whole_folder_and_prints_its_tables(here, capsys):
    assert main(["pathway", "ward.yaml", *BARE, "--trace"]) == Exit.OK
    folder = here / "outputs" / "ward"
    assert {path.name for path in folder.iterdir()} == {
        GUIDE,
        "results.nc",
        "summary.csv",
        "ways_out.csv",
        "daily.csv",
        "network.yaml",
        "events.csv",
    }
    guide = (folder / GUIDE).read_text(encoding="utf-8")
    assert guide.startswith(MARK)
    assert all(path.name in guide for path in folder.iterdir() if path.name != GUIDE)
    assert (folder / "network.yaml").read_text(encoding="utf-8") == WARD
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 118
    for expected in (
        "60 days from 21 January 2024",
        "4 replications",
        "care_home",
        "Ways out",
        "elsewhere",
        "long_wait",
        "Results: outputs/ward/",
    ):
        assert expected in printed
    assert [path.name for path in folder.parent.iterdir()] == ["ward"]


def test_figures_are_drawn_as_png_and_svg(here):
    assert main(["pathway", "ward.yaml", "--quiet", "--processes", "1"]) == Exit.OK
    names = {path.name for path in (here / "outputs" / "ward" / "figures").iterdir()}
    assert names == {
        f"{name}.{kind}"
        for name in ("occupancy", "queues", "delays", "costs", "occupancy_distribution")
        for kind in ("png", "svg")
    }


def test_a_figure_with_nothing_to_show_is_not_drawn(here):
    assert main(["pathway", "queue.yaml", "--quiet", "--days", "20", "--replications", "2"]) == Exit.OK
    names = {path.stem for path in (here / "outputs" / "queue" / "figures").iterdir()}
    assert "delays" not in names
    assert "queues" in names


def test_options_stand_above_the_file_and_results_below_repeat_them(here):
    import xarray as xr

    words = ["--days", "30", "--warm-up", "5", "--replications", "3", "--seed", "11", "--name", "mine"]
    assert main(["pathway", "ward.yaml", *BARE, *words, "--set", "points.beds.places=12", "--quiet"]) == Exit.OK
    folder = here / "outputs" / "mine"
    data = xr.load_dataset(folder / "results.nc")
    assert dict(data.sizes) == {
        "replication": 3,
        "day": 30,
        "point": 2,
        "exit": 2,
        "waiting_exit": 1,
        "watch": 1,
        "counted": 2,
    }
    assert str(data["day"].values[0])[:10] == "2024-01-06"
    assert (data["places"].sel(point="beds") == 12).all()
    assert data["cost_treated"].units == "GBP/day"
    assert (data.seed, data.warm_up_days, data.changed_on_the_command_line) == ("11", "5", "points.beds.places=12")
    assert "Run with --set 'points.beds.places=12'" in (folder / "network.yaml").read_text(encoding="utf-8")


def test_summary_days_and_data_tell_the_same(here):
    import xarray as xr

    assert main(["pathway", "ward.yaml", *BARE, "--quiet"]) == Exit.OK
    folder = here / "outputs" / "ward"
    data, rows = xr.load_dataset(folder / "results.nc"), summary(folder)
    beds = data.sel(point="beds")
    occupancy = beds["occupancy"].mean("day")
    found = rows["beds", "occupancy"]
    assert float(found["mean"]) == pytest.approx(float(occupancy.mean()), rel=1e-5)
    margin = 3.182446 * float(occupancy.std(ddof=1)) / 2  # Student's t with 3 degrees of freedom, 4 replications
    assert float(found["high"]) - float(found["mean"]) == pytest.approx(margin, rel=1e-4)
    np.testing.assert_allclose(beds["occupancy"], beds["treated"] + beds["delayed"] + beds["reserved"], rtol=1e-5)
    costs = 400 * beds["treated"] + 350 * beds["delayed"] + 250 * beds["waiting"]
    assert float(rows["beds", "cost"]["mean"]) == pytest.approx(float(costs.mean()), rel=1e-5)
    busy = np.percentile(beds["occupancy"], 95, axis=1).mean()
    assert float(rows["beds", "occupancy_95"]["mean"]) == pytest.approx(float(busy), rel=1e-5)
    days = [row for row in table(folder / "daily.csv") if (row["point"], row["measure"]) == ("beds", "waiting")]
    assert len(days) == 60
    assert np.mean([float(row["mean"]) for row in days]) == pytest.approx(
        float(rows["beds", "waiting"]["mean"]), rel=1e-5
    )
    assert all(float(row["low"]) <= float(row["high"]) for row in days)


def test_a_queue_that_settles_agrees_with_erlang(here, capsys):
    assert main(["pathway", "queue.yaml", *BARE]) == Exit.OK
    assert "do not settle" not in capsys.readouterr().out
    rows = summary(here / "outputs" / "queue")
    waiting = erlang_queue(1.6, 3)
    # Half the 95 % interval is about two standard errors; three are allowed.
    for measure, expected in (
        ("waiting", waiting),
        ("mean_wait", waiting / 1.6),
        ("occupancy", 1.6),
        ("throughput", 1.6),
        ("cost_waiting", 400 * waiting),
        ("places_needed", 1.6),
    ):
        row = rows["desk", measure]
        error = (float(row["high"]) - float(row["mean"])) / 2 if row["high"] else 1e-9
        assert abs(float(row["mean"]) - expected) < 3 * error + 1e-9, measure
        assert row["state"] == "settled"


def test_a_congested_point_is_said_to_have_no_steady_state(here, capsys):
    words = ["--replications", "20", "--set", "points.desk.places=1", "--days", "200"]
    assert main(["pathway", "queue.yaml", *BARE, *words]) == Exit.OK
    printed = capsys.readouterr()
    assert "congested: no steady state" in printed.out
    assert "▲▲ desk" in printed.out
    rows = summary(here / "outputs" / "queue")
    assert rows["desk", "waiting"]["state"] == "congested"
    assert "grows as long as the run lasts" in printed.err


def test_a_bounded_line_and_one_behind_a_bottleneck_are_not_called_congested(here, capsys):
    chain = QUEUE.replace("routes: {out: 1}", "routes: {after: 1}", 1).replace(
        "exits:", "  after: {places: 1, stay: {exponential: 0.9 days}, routes: {out: 1}}\nexits:"
    )
    text = chain.replace("places: 3", "places: 1").replace(
        "    costs:", "    queue: {limit: 4, waits_in_place: false}\n    costs:"
    )
    (here / "chain.yaml").write_text(text, encoding="utf-8")
    network = read_network(here / "chain.yaml")
    assert can_grow_without_end(network).tolist() == [False, True]
    np.testing.assert_allclose(offered_load(network, 0.0, 100.0), [1.6, 1.44])
    assert main(["pathway", "chain.yaml", *BARE, "--replications", "10"]) == Exit.OK
    assert "congested" not in capsys.readouterr().out


def test_mean_places_follow_a_calendar(here):
    text = WARD.replace("places: 9", "places: {from: {2024-01-01: {week: {mon-fri 08:00-20:00: 12, otherwise: 4}}}}")
    (here / "calendar.yaml").write_text(text, encoding="utf-8")
    places = mean_places(read_network(here / "calendar.yaml", days=14.0), np.arange(8.0))
    np.testing.assert_allclose(places[:, 0], [8, 8, 8, 8, 8, 4, 4])
    np.testing.assert_allclose(places[:, 1], 8)


def same(one, other) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in RECORDED)


def test_results_are_the_same_bit_for_bit_in_any_number_of_processes(here, monkeypatch):
    network = read_network(here / "ward.yaml")
    told = []
    words = {"days": 30, "warm_up_days": 10, "seed": 5}
    alone = run_replications(network, **words, replications=5, progress=lambda done, of: told.append((done, of)))
    monkeypatch.setattr(replications, "WORTH_SPREADING", 0.0)
    spread = run_replications(network, **words, replications=5, processes=2)
    fewer = run_replications(network, **words, replications=2)
    assert told == [(done, 5) for done in range(1, 6)]
    assert all(same(one, other) for one, other in zip(alone, spread, strict=True))
    assert all(same(one, other) for one, other in zip(alone, fewer, strict=False))
    assert not same(alone[0], alone[1])


def test_the_warm_up_is_left_out_and_nothing_else(here):
    network = read_network(here / "ward.yaml")
    (whole,) = run_replications(network, days=30, replications=1)
    (later,) = run_replications(network, days=20, warm_up_days=10, replications=1)
    np.testing.assert_array_equal(later.time, whole.time[10:])
    np.testing.assert_array_equal(later.count, whole.count[10:])
    (weeks,) = run_replications(network, days=28, replications=1, record_days=7)
    np.testing.assert_allclose(weeks.time[0], whole.time[:7].sum(axis=0))
    with pytest.raises(ValueError, match="whole intervals"):
        run_replications(network, days=30, replications=1, record_days=7)


def test_both_engines_write_the_same_events_and_figures(here):
    for engine in ("compiled", "simpy"):
        words = ["--trace", "--engine", engine, "--name", engine, "--days", "25", "--replications", "2", "--quiet"]
        assert main(["pathway", "ward.yaml", *BARE, *words]) == Exit.OK
    one, other = (table(here / "outputs" / engine / "events.csv") for engine in ("compiled", "simpy"))
    assert len(one) > 200
    for row, same_row in zip(one, other, strict=True):
        assert float(row.pop("day")) == pytest.approx(float(same_row.pop("day")), abs=1e-8)
        # A time at the turn of a second may be cut off either way.
        apart = datetime.fromisoformat(row.pop("time")) - datetime.fromisoformat(same_row.pop("time"))
        assert abs(apart) <= timedelta(seconds=1)
        assert row == same_row
    figures = [summary(here / "outputs" / engine) for engine in ("compiled", "simpy")]
    for key, row in figures[0].items():
        assert float(row["mean"]) == pytest.approx(float(figures[1][key]["mean"]), rel=1e-6, abs=1e-9), key


def test_events_bear_names_and_dates(here):
    words = ["--trace", "--days", "25", "--replications", "1", "--quiet"]
    assert main(["pathway", "ward.yaml", *BARE, *words]) == Exit.OK
    events = table(here / "outputs" / "ward" / "events.csv")
    courses = defaultdict(list)
    for row in events:
        courses[row["patient"]].append(row)
        assert row["time"].startswith("2024-0")
        assert row["class"] in ("short", "long")
        assert row["point"] in (("",) if row["event"] == "left" else ("beds", "care_home"))
    assert events[-1]["time"] < "2024-02-15"
    through = next(
        course for course in courses.values() if course[-1]["event"] == "left" and course[-1]["at"] == "care_home"
    )
    assert [row["event"] for row in through if row["event"] not in ("blocked",)] == [
        "arrived",
        "joined",
        "granted",
        "started",
        "ended",
        "ready",
        "joined",
        "granted",
        "started",
        "ended",
        "ready",
        "left",
    ]
    assert through[5]["other"] == "care_home"
    assert through[-1]["other"] == "home"


def test_a_record_of_weeks_has_an_interval_a_week(here):
    text = WARD.replace("run: {days: 60, warm_up: 20", "run: {days: 56, warm_up: 14, record_days: 7")
    (here / "weeks.yaml").write_text(text, encoding="utf-8")
    assert main(["pathway", "weeks.yaml", *BARE, "--quiet"]) == Exit.OK
    assert main(["pathway", "ward.yaml", *BARE, "--quiet", "--days", "56", "--warm-up", "14", "--name", "days"]) == 0
    weeks, days = summary(here / "outputs" / "ward"), summary(here / "outputs" / "days")
    for measure in ("occupancy", "throughput", "mean_wait", "cost", "delayed"):
        assert float(weeks["beds", measure]["mean"]) == pytest.approx(float(days["beds", measure]["mean"]), rel=1e-9)
    assert main(["pathway", "weeks.yaml", *BARE, "--days", "30"]) == Exit.INPUT


def test_a_sweep_finds_the_least_cost_of_erlang(here, capsys):
    words = ["--sweep", "points.desk.places=2:6", "--replications", "30"]
    assert main(["pathway", "queue.yaml", *BARE, *words]) == Exit.OK
    printed = capsys.readouterr().out
    assert "Least cost at points.desk.places = 4" in printed
    folder = here / "outputs" / "queue_sweep"
    assert {path.name for path in folder.iterdir()} == {GUIDE, "sweep.csv", "network.yaml"}
    rows = {(float(row["points.desk.places"]), row["measure"]): row for row in table(folder / "sweep.csv")}
    for places in range(2, 7):
        row = rows[places, "cost"]
        # An empty place costs as much as a patient treated: 50 a place, and 400 for each patient who waits.
        expected = 50 * places + 400 * erlang_queue(1.6, places)
        assert abs(float(row["mean"]) - expected) < 3 * (float(row["high"]) - float(row["mean"])) / 2
        parts = sum(float(rows[places, f"cost_{name}"]["mean"]) for name in ("treated", "empty", "delayed", "waiting"))
        assert float(row["mean"]) == pytest.approx(parts, rel=1e-9)
        assert row["least_cost"] == str(places == 4)
    assert float(rows[4, "cost"]["difference_from_least_cost"]) == 0
    # Paired by streams: more places never make anybody wait longer, and the difference is surer than either cost.
    waits = [float(rows[places, "mean_wait"]["mean"]) for places in range(2, 7)]
    assert waits == sorted(waits, reverse=True)
    three = rows[3, "cost"]
    assert float(three["difference_low"]) > 0
    assert main(["pathway", "queue.yaml", *BARE, *words, "--cost-of-a-place", "5000"]) == Exit.OK
    printed = capsys.readouterr().out
    assert "Least cost at points.desk.places = 2" in printed
    assert "edge of the sweep" in printed


def test_a_sweep_says_where_no_line_settles_and_draws_its_figure(here, capsys):
    words = ["--sweep", "points.desk.places=1,3", "--replications", "4", "--days", "150", "--processes", "1"]
    assert main(["pathway", "queue.yaml", *words]) == Exit.OK
    assert "At 1 a line does not settle (desk)" in capsys.readouterr().out
    assert (here / "outputs" / "queue_sweep" / "figures" / "sweep.svg").is_file()
    rows = table(here / "outputs" / "queue_sweep" / "sweep.csv")
    assert {row["not_settled"] for row in rows if float(row["points.desk.places"]) == 1} == {"desk"}


def test_any_number_can_be_swept(here, capsys):
    words = ["--sweep", "points.desk.queue=0:4:2", "--replications", "5", "--days", "50"]
    assert main(["pathway", "queue.yaml", *BARE, *words]) == Exit.OK
    assert "carry no cost" in capsys.readouterr().out
    rows = [row for row in table(here / "outputs" / "queue_sweep" / "sweep.csv") if row["measure"] == "turned_away"]
    turned_away = [float(row["mean"]) for row in rows]
    assert turned_away == sorted(turned_away, reverse=True)
    assert turned_away[0] > turned_away[-1]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("points.a.places=20:26:2", (20, 22, 24, 26)),
        ("points.a.places=3:5", (3, 4, 5)),
        ("points.a.places=5,2, 9,2", (2, 5, 9)),
        ("points.a.share=0.1:0.3:0.1", (0.1, 0.2, 0.3)),
    ],
)
def test_values_of_a_sweep_are_read(text, values):
    key, numbers = read_sweep(text)
    assert numbers == values
    assert [type(value) for value in numbers] == [type(value) for value in values]
    assert swept_point(key) == ("a" if "places" in text else None)


ERRORS = {
    "no values": (["--sweep", "points.beds.places"], Exit.USAGE, "FIRST:LAST:STEP"),
    "letters": (["--sweep", "points.beds.places=a:b:2"], Exit.USAGE, "FIRST:LAST:STEP"),
    "backwards": (["--sweep", "points.beds.places=9:5:1"], Exit.USAGE, "FIRST at most LAST"),
    "no step": (["--sweep", "points.beds.places=5:9:0"], Exit.USAGE, "STEP above 0"),
    "not a number": (["--sweep", "points.beds.places=5:nan"], Exit.USAGE, "FIRST:LAST:STEP"),
    "too many": (["--sweep", "points.beds.places=1:9:0.001"], Exit.USAGE, "at most 200"),
    "no such point to sweep": (["--sweep", "points.bed.places=5:9"], Exit.INPUT, "'beds'"),
    "swept and set": (
        ["--sweep", "points.beds.places=5:9", "--set", "points.beds.places=4"],
        Exit.USAGE,
        "both set and swept",
    ),
    "a trace of a sweep": (["--sweep", "points.beds.places=5:9", "--trace"], Exit.USAGE, "--set"),
    "cost without a sweep": (["--cost-of-a-place", "50"], Exit.USAGE, "--sweep"),
    "cost of no place": (
        ["--sweep", "points.beds.queue=5:9", "--cost-of-a-place", "50"],
        Exit.USAGE,
        "places is swept",
    ),
    "nothing set": (["--set", "points.beds.places"], Exit.USAGE, "NAME=VALUE"),
    "set twice": (["--set", "points.beds.places=4", "--set", "points.beds.places=5"], Exit.USAGE, "given twice"),
    "no such key": (["--set", "points.beds.place=4"], Exit.INPUT, "'places'"),
    "no such value": (["--set", "points.beds.places=many"], Exit.INPUT, "points.beds.places"),
    "no engine": (["--engine", "diesel"], Exit.USAGE, "compiled"),
    "no replications": (["--replications", "0"], Exit.USAGE, "--replications"),
    "too much": (["--replications", "100000", "--days", "10000"], Exit.USAGE, "GB"),
    "too long a name": (["--name", "x" * 200], Exit.INPUT, "too long"),
}


@pytest.mark.parametrize("error", ERRORS)
def test_errors_are_told_and_nothing_is_written(error, here, capsys):
    words, code, expected = ERRORS[error]
    assert main(["pathway", "ward.yaml", *words]) == code
    assert expected in capsys.readouterr().err
    assert not (here / "outputs").exists()


def test_a_error_in_the_file_is_told_with_its_line(here, capsys):
    (here / "bad.yaml").write_text(WARD.replace("died: rest", "died: 30 %"), encoding="utf-8")
    assert main(["pathway", "bad.yaml"]) == Exit.INPUT
    assert "bad.yaml:" in capsys.readouterr().err
    assert not (here / "outputs").exists()


def test_a_network_that_is_not_there_is_told_with_the_nearest(capsys):
    assert main(["pathway", "strokes"]) == Exit.MISSING_FILE
    assert "'stroke'" in capsys.readouterr().err


def test_a_folder_of_something_else_is_left_alone(here, capsys):
    other = here / "outputs" / "ward"
    other.mkdir(parents=True)
    (other / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert main(["pathway", "ward.yaml", *BARE]) == Exit.OUTPUT
    assert "not replaced" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_a_failure_while_writing_leaves_what_was_there(here, monkeypatch, capsys):
    words = ["pathway", "ward.yaml", *BARE, "--quiet", "--days", "10"]
    assert main(words) == Exit.OK
    before = (here / "outputs" / "ward" / "summary.csv").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.workflows.pathway_outputs.write_daily", fail)
    assert main([*words, "--seed", "9"]) == Exit.OUTPUT
    assert "No space left" in capsys.readouterr().err
    assert (here / "outputs" / "ward" / "summary.csv").read_bytes() == before
    assert [path.name for path in (here / "outputs").iterdir()] == ["ward"]


def test_the_first_compilation_is_announced_once(here, monkeypatch, capsys):
    monkeypatch.setattr("model.hospital.engines.compiled.needs_compiling", lambda: True)
    words = ["pathway", "ward.yaml", *BARE, "--days", "5", "--replications", "1"]
    assert main(words) == Exit.OK
    assert capsys.readouterr().err.count("Compiling") == 1
    assert main([*words, "--quiet"]) == Exit.OK
    printed = capsys.readouterr()
    assert printed.out + printed.err == ""


def test_estimates_leave_out_what_was_not_measured():
    found = estimate(np.array([1.0, 2.0, np.nan, 3.0]))
    assert found.mean == 2
    assert found.margin == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)  # Student's t with 2 degrees of freedom
    assert math.isnan(estimate(np.array([4.0])).low)
    assert math.isnan(estimate(np.array([np.nan])).mean)


def test_a_record_that_would_not_fit_is_refused():
    check_size(100, 3650, 40)
    with pytest.raises(UserError, match="GB of memory"):
        check_size(10_000, 36_500, 40)


def test_the_discharge_pathways_are_those_published():
    network = read_network(networks()["discharge_to_assess"])
    totals = {
        "p1": (19.31, 234, 129),  # E3195 to E3197
        "p2": (7.55, 191, 58),  # E3199 to E3201
        "p3": (5.36, 148, 66),  # E3203 to E3205
    }
    for kind, (rate, places, queue) in totals.items():
        points = [point for point in network.points if point.name.startswith(kind)]
        assert len(points) == 3
        assert sum(s.rate.values[0] for s in network.streams if s.point.startswith(kind)) == pytest.approx(rate)
        assert sum(point.places.values[0] for point in points) == places
        assert sum(sum(point.starting_queue.values()) for point in points) == queue
    stays = {point.name: point.stay[network.classes[0]].mean for point in network.points}
    assert stays["p1_bristol"] == pytest.approx(18.07, abs=0.01)
    assert stays["p2_north_somerset"] == pytest.approx(38.28, abs=0.01)
    assert stays["p3_south_gloucestershire"] == pytest.approx(32.18, abs=0.01)


def test_the_queues_of_the_discharge_pathways_grow_at_the_fluid_rate(here):
    assert main(["pathway", "discharge_to_assess", *BARE, "--quiet", "--replications", "30"]) == Exit.OK
    rows = summary(here / "outputs" / "discharge_to_assess")
    network = read_network(networks()["discharge_to_assess"])
    for point in network.points:
        rate = next(stream.rate.values[0] for stream in network.streams if stream.point == point.name)
        fluid = rate - point.places.values[0] / point.stay[network.classes[0]].mean
        # Halves of 90 of 181 days, their middles 91 apart.
        row = rows[point.name, "growth"]
        error = (float(row["high"]) - float(row["mean"])) / 2 / 91
        assert row["state"] == "congested"
        # North Somerset P3 fills its free places first, and residual stays are not yet steady in the heavy tails of P1.
        assert abs(float(row["mean"]) / 91 - fluid) < 4 * error + 0.03 * rate, point.name


def test_every_shipped_network_is_read_and_runs_a_while():
    for name, file in networks().items():
        settings = network_settings(file)
        assert settings.replications >= 10, name
        network = read_network(file, days=40.0)
        (results,) = run_replications(network, days=40, replications=1)
        assert results.events > 0
        assert np.all(results.time >= -1e-9)


PAGE = Path(__file__).resolve().parents[2] / "docs" / "pathways.md"
TYPED = [
    shlex.split(line)[2:]
    for block in re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in block.splitlines()
    if "NETWORK" not in line
]


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_the_commands_of_the_guide_run(words):
    assert main([*words, *BARE, "--quiet", "--days", "10", "--warm-up", "0", "--replications", "2"]) == Exit.OK


def test_the_guide_names_every_option_and_file():
    page = PAGE.read_text(encoding="utf-8")
    for option in pathway.params:
        name = option.opts[0]
        assert name in page or option.name in ("network", "figures"), name
    for name in ("summary.csv", "daily.csv", "ways_out.csv", "results.nc", "events.csv", "sweep.csv", "network.yaml"):
        assert f"`{name}`" in page


def test_the_stroke_wards_fill_backwards(here):
    figures = {}
    for places in (6, 30):
        words = ["--set", f"points.rehabilitation.places={places}", "--name", str(places), "--replications", "10"]
        assert main(["pathway", "stroke", *BARE, "--quiet", *words]) == Exit.OK
        figures[places] = summary(here / "outputs" / str(places))
    for measure in ("delayed", "mean_delay"):
        short, ample = (float(figures[places]["acute", measure]["mean"]) for places in (6, 30))
        assert short > 2 * ample
    assert float(figures[6]["hyperacute", "mean_wait"]["mean"]) > float(figures[30]["hyperacute", "mean_wait"]["mean"])
