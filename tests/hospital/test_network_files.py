"""Network files: what is written is what is loaded, to the last bit."""

import json
import math
import re
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from network_writing import written

from model.hospital.network.network import Costs, Distribution, Overflow, Route, Schedule, WaitingExit, Watch
from model.hospital.network.network_file import (
    RunSettings,
    network_json_schema,
    network_settings,
    read_network,
    warnings_of,
)
from model.registry.data_folders import parameter_files
from model.registry.errors import UserError
from model.registry.parameter_files import read_parameter_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def write(tmp_path):
    return partial(written, tmp_path)


def example_of_the_documentation(tmp_path):
    page = (ROOT / "docs" / "network_files.md").read_text(encoding="utf-8")
    path = tmp_path / "example.yaml"
    path.write_text(re.search(r"```yaml\n(name: .*?)```", page, re.DOTALL)[1], encoding="utf-8")
    return path


def test_the_example_of_the_documentation_is_loaded_as_it_reads(tmp_path):
    path = example_of_the_documentation(tmp_path)
    network = read_network(path)
    ward, day_unit, care_home = network.points
    assert (network.name, network.start, network.classes) == (
        "ward_and_care_home",
        date(2024, 1, 1),
        ("robust", "frail"),
    )
    assert network.exits == ("home", "died")
    assert ward.places == Schedule((0.0, 335.0), (60.0, 64.0))
    assert (ward.queue_limit, ward.waits_in_place, ward.priority) == (12, True, {"frail": 0, "robust": 1})
    assert ward.stay == {
        "robust": Distribution("lognormal", 5.0, math.sqrt(2 * math.log(5 / 3.5))),
        "frail": Distribution("gamma", 12.0, 2.0),
    }
    home, care, died = ward.routes["frail"]
    assert home == Route("home", 0.6, preparation=Distribution("exponential", 1.0))
    assert care == Route("care_home", 0.35, transfer=Distribution("deterministic", 0.125))
    assert died.to == "died"
    assert died.share == pytest.approx(0.05, abs=1e-15)
    assert ward.routes["robust"] == (Route("home", 1.0),)
    assert ward.overflow == (Overflow("day_unit", 3, 1.1),)
    assert ward.costs == Costs(400.0, 350.0, 250.0)
    assert ward.starting == {"robust": 15, "frail": 30}
    assert ward.watches == (Watch("twelve_hour_waits", "wait", 0.5),)
    assert ward.leaving_hours.sum() == 5 * 8 + 2 * 4
    assert ward.leaving_hours[5 * 24 + 11]
    assert not ward.leaving_hours[5 * 24 + 10]
    assert (day_unit.stay, day_unit.routes) == ({}, {})
    assert day_unit.places.values[:3] == (2.0, 6.0, 2.0)
    assert day_unit.places.times[:3] == (0.0, 8 / 24, 20 / 24)
    assert care_home.while_waiting["frail"] == (
        WaitingExit("relapse", Distribution("exponential", 40.0), "back"),
        WaitingExit("died", Distribution("exponential", 200.0), "died"),
    )
    assert (care_home.pool, care_home.staff_per_place) == ("carers", 0.25)
    assert network.streams[0].hours.mean() == pytest.approx(1.0, abs=1e-12)
    assert network.streams[0].hours[5 * 24] / network.streams[0].hours[0] == pytest.approx(0.6)
    assert network_settings(path) == RunSettings(365.0, 60.0, 10, 1.0, 1)
    assert warnings_of(network, 425.0) == []


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios" / "networks").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_networks_are_loaded(path):
    assert read_network(path, days=28.0).points


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2 days", Distribution("deterministic", 2.0)),
        ("{deterministic: 36 hours}", Distribution("deterministic", 1.5)),
        ("{exponential: 2 days}", Distribution("exponential", 2.0)),
        ("{exponential: {mean: 2 days}}", Distribution("exponential", 2.0)),
        ("{exponential: {rate: 0.25 /day}}", Distribution("exponential", 4.0)),
        ("{lognormal: {mean: 5 days, sigma: 0.8}}", Distribution("lognormal", 5.0, 0.8)),
        ("{lognormal: {mean: 5 days, median: 3 days}}", Distribution("lognormal", 5.0, math.sqrt(2 * math.log(5 / 3)))),
        ("{lognormal: {median: 3 days, sigma: 0.5}}", Distribution("lognormal", 3 * math.exp(0.125), 0.5)),
        ("{lognormal: {mean: 4 days, sd: 2 days}}", Distribution("lognormal", 4.0, math.sqrt(math.log1p(0.25)))),
        ("{gamma: {mean: 1 week, shape: 2}}", Distribution("gamma", 7.0, 2.0)),
        ("{gamma: {mean: 6 days, sd: 3 days}}", Distribution("gamma", 6.0, 4.0)),
        ("{weibull: {mean: 6 days, shape: 1.5}}", Distribution("weibull", 6.0, 1.5)),
        ("{weibull: {scale: 4 days, shape: 2}}", Distribution("weibull", 4 * math.gamma(1.5), 2.0)),
        (
            "{empirical: {values: [4, 24 hours, 2], weights: [1, 2, 1]}}",
            Distribution("empirical", 2.0, 0.0, (1.0, 2.0, 4.0), (0.5, 0.25, 0.25)),
        ),
        ("{empirical: {values: [1, 3]}}", Distribution("empirical", 2.0, 0.0, (1.0, 3.0), (0.5, 0.5))),
    ],
)
def test_distributions(write, written, expected):
    assert read_network(write(("stay: 5 days", f"stay: {written}"))).points[0].stay == {
        "robust": expected,
        "frail": expected,
    }


def test_everything_else_of_a_point(write):
    path = write(
        ("places: 30", "places: unlimited"),
        ("queue: 6", "queue: {limit: 4, waits_in_place: false}"),
        (
            "    routes: {home: 1}\n",
            "    routes: {by_class: {frail: {quick: {to: home, share: 0.25}, slow: {to: home, share: rest}}, "
            "otherwise: {home: 1}}}\n    priority: {frail: -1, otherwise: 2}\n    overflow: spare\n"
            "    staff: {pool: nurses, per_place: 0.2}\n    stay_per_delayed_day: 2 %/day\n    most_lengthening: 50 %\n"
            "    starting: {patients: {robust: 3}, queue: {frail: 2}}\n"
            "    watches: {long: {measure: since_arrival, over: 30 days, to: home}}\n"
            "  spare: {places: {from: {2023-12-01: 0, 2024-01-10: {week: {sat-sun: 5, otherwise: 2}}}}}\n",
        ),
        ("      died: {rate: 1 %/day}\n", ""),
        ("    while_waiting:\n", ""),
    )
    ward, care, spare = read_network(path).points
    assert ward.places is None
    assert (care.queue_limit, care.waits_in_place) == (4, False)
    assert care.routes == {"robust": (Route("home", 1.0),), "frail": (Route("home", 0.25), Route("home", 0.75))}
    assert care.priority == {"frail": -1, "robust": 2}
    assert care.overflow == (Overflow("spare"),)
    assert (care.pool, care.staff_per_place) == ("nurses", 0.2)
    assert (care.stay_per_delayed_day, care.most_lengthening) == (0.02, 0.5)
    assert (care.starting, care.starting_queue) == ({"robust": 3}, {"frail": 2})
    assert care.watches == (Watch("long", "since_arrival", 30.0, "home"),)
    # Day 0 is Wednesday 3 January; from the 10th (day 7) the week counts: Saturdays are days 10, 17, 24 and 31.
    assert spare.places.times[:4] == (0.0, 7.0, 10.0, 12.0)
    assert spare.places.values[:4] == (0.0, 2.0, 5.0, 2.0)
    assert spare.places.times[-1] == 33.0


def test_arrivals_by_date_hour_and_day(write):
    path = write(
        ("rate: 2 /day", "rate: {from: {2024-01-01: 2 /day, 2024-01-08: 28 /week}}"),
        ("    classes: {robust", "    regular: true\n    cancelled_above: 110 %\n    classes: {robust"),
        (
            "    to: ward\n",
            "    to: ward\n    hours: {08:00-10:00: 3, otherwise: 1}\n    days: [1, 1, 1, 1, 1, 0, 0]\n",
        ),
    )
    stream = read_network(path).streams[0]
    assert stream.rate == Schedule((0.0, 5.0), (2.0, 4.0))
    assert (stream.regular, stream.cancelled_above) == (True, 1.1)
    day = np.ones(24)
    day[8:10] = 3.0
    expected = np.concatenate([np.tile(day, 5), np.zeros(48)])
    np.testing.assert_allclose(stream.hours, expected / expected.mean(), rtol=1e-15)
    assert stream.classes == {"robust": 0.75, "frail": 0.25}


def test_short_ways_mean_the_long_ones(write):
    long = read_network(
        write(
            ("places: 30", "places: {always: 30}"),
            ("queue: 6", "queue: {limit: 6, waits_in_place: true}"),
            ("stay: 5 days", "stay: {by_class: {robust: {deterministic: 5 days}, frail: 5 days}}"),
            ("{rate: 1 %/day}", "{after: {exponential: {mean: 100 days}}, to: died}"),
            ("home: 60 %", "home: {to: home, share: 0.6}"),
        )
    )
    short = read_network(write())
    for one, other in zip(long.points, short.points, strict=True):
        assert one == other


def test_anchors_and_merge_keys_keep_their_lines(write):
    merged = ("  care:\n    places: 40", "  side:\n    <<: *ward\n    places: 12\n  care:\n    places: 40")
    anchored = ("  ward:\n", "  ward: &ward\n")
    both = ("{robust: 75 %, frail: rest}\n", "{robust: 1}\n  others: {to: side, rate: 1 /day, classes: {frail: 1}}\n")
    network = read_network(write(anchored, merged, both))
    ward, side, _ = network.points
    assert side == replace(ward, name="side", places=Schedule((0.0,), (12.0,)))
    with pytest.raises(UserError) as refused:
        read_network(write(anchored, merged, both, ("stay: 5 days", "stay: -5 days")))
    assert "points.side.stay" in str(refused.value)
    stay = refused.value.file.read_text().splitlines().index("    stay: -5 days") + 1
    heading, *told = str(refused.value).splitlines()
    assert heading == "2 errors:"
    assert [text.strip().split(": ", 1)[0] for text in told] == [f"{refused.value.file}:{stay}"] * 2


ARRIVALS = ("rate: 2 /day", "rate: {csv: arrivals.csv}")


def test_arrivals_from_a_file(write, tmp_path):
    path = write(ARRIVALS, ("days: 28, warm_up: 7", "days: 4"))
    days = "2024-01-02,7\n2024-01-03,3\n2024-01-04,4.5\n2024-01-05,4.5\n2024-01-06,1\n"
    (tmp_path / "arrivals.csv").write_text(f"# counted at the door\ndate,arrivals\n{days}")
    assert read_network(path).streams[0].rate == Schedule((0.0, 1.0, 3.0), (3.0, 4.5, 1.0))
    with pytest.raises(UserError, match="ends 2 days before the run; say what holds then"):
        read_network(path, days=6.0)
    last = read_network(write(("rate: 2 /day", "rate: {csv: arrivals.csv, then: last}")), days=6.0)
    assert last.streams[0].rate == Schedule((0.0, 1.0, 3.0), (3.0, 4.5, 1.0))
    again = read_network(write(("rate: 2 /day", "rate: {csv: arrivals.csv, then: repeat}")), days=11.0)
    assert again.streams[0].rate == Schedule(
        (0.0, 1.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0), (3.0, 4.5, 1.0, 7.0, 3.0, 4.5, 1.0, 7.0, 3.0)
    )


def test_observed_stays_from_a_file(write, tmp_path):
    table = tmp_path / "stays.csv"
    table.write_text("days,weight\n2,1\n0.5,2\n2,1\n")
    path = write(("stay: 5 days", "stay: {empirical: {csv: stays.csv}}"))
    assert read_network(path).points[0].stay["frail"] == Distribution("empirical", 1.25, 0.0, (0.5, 2.0), (0.5, 0.5))
    table.write_text("days,weight\n2,1\nx,2\n")
    with pytest.raises(UserError, match="found 'x'") as refused:
        read_network(path)
    assert (refused.value.file, refused.value.line) == (table, 3)


def parameters(sector):
    return {parameter.name: parameter for path in parameter_files(sector) for parameter in read_parameter_file(path)}


def test_references_take_the_value_of_the_parameter(write):
    path = write(
        ("places: 30", "places: {parameter: urgent_care.core_beds, at: {site: southmead}, times: 0.5, round: true}"),
        ("places: 40", "places: {parameter: urgent_care.core_beds, at: {site: all}, less: 80, at_most: 1500}"),
        ("stay: 5 days", "stay: {exponential: {parameter: urgent_care.treatment_days_elective, plus: 6 hours}}"),
        ("transfer: 3 hours", "transfer: {parameter: urgent_care.assessment_hours, divided_by: [2, 2]}"),
    )
    known = parameters("urgent_care")
    beds = known["urgent_care.core_beds"].value
    ward, care = read_network(path).points
    assert ward.places.values == (math.floor(beds[1] * 0.5 + 0.5),)
    assert care.places.values == (min(float(beds.sum()) - 80, 1500.0),)
    assert ward.stay["robust"] == Distribution(
        "exponential", float(known["urgent_care.treatment_days_elective"].value) + 0.25
    )
    hours = float(known["urgent_care.assessment_hours"].value)
    assert ward.routes["robust"][1].transfer.mean == pytest.approx(hours / 24 / 4, rel=1e-15)


def test_references_to_values_of_a_scenario(write):
    path = write(("places: 30", "places: {parameter: urgent_care.core_beds, at: {site: weston}}"))
    beds = parameters("urgent_care")["urgent_care.core_beds"]
    changed = replace(beds, value=np.array([1.0, 2.0, 3.0]))
    assert read_network(path, parameters={beds.name: changed}).points[0].places.values == (3.0,)
    assert read_network(path).points[0].places.values == (float(beds.value[2]),)


def test_changes_from_outside(write):
    path = write()
    changed = read_network(
        path,
        overrides={
            "points.ward.places": 12,
            "points.ward.routes.home": "rest",
            "streams.admissions.rate": "1 /hour",
            "points.care.queue": {"limit": 2},
            "points.care.costs.treated": "£100/day",
        },
    )
    assert changed.points[0].places.values == (12.0,)
    assert changed.points[0].routes["robust"][0].share == 0.6
    assert changed.streams[0].rate.values == (24.0,)
    assert (changed.points[1].queue_limit, changed.points[1].costs.treated) == (2, 100.0)
    assert network_settings(path, {"run.days": "2 weeks"}).days == 14.0
    assert read_network(path).points[0].places.values == (30.0,)


def test_the_json_schema_names_every_field(tmp_path):
    schema = json.loads(json.dumps(network_json_schema()))
    assert schema["properties"].keys() >= {"streams", "points", "pools", "exits", "run"}
    page = (ROOT / "docs" / "network_files.md").read_text(encoding="utf-8")
    point = schema["$defs"]["PointFields"]["properties"]
    stream = schema["$defs"]["StreamFields"]["properties"]
    for name in [*schema["properties"], *point, *stream]:
        assert f"`{name}`" in page, name
    assert {"type": "string"} in schema["$defs"]["DistributionFields"]["anyOf"][0]["anyOf"]
    for name, definition in schema["$defs"].items():
        for field, inner in definition.get("properties", {}).items():
            assert "description" in inner or "$ref" in inner, (name, field)
