"""Network files that make no sense are refused at their line; what is doubtful is warned of."""

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from network_writing import written

from model.hospital.network.checks import check
from model.hospital.network.network import Distribution, Network, Overflow, Point, Pool, Route, Schedule, Stream
from model.hospital.network.network_file import read_network, warnings_of
from model.registry.errors import Exit, UserError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def write(tmp_path):
    return partial(written, tmp_path)


ERRORS = [
    # what is changed, by what; text of the line at error; key; message
    (("care: {share: 0.4", "care: {share: 0.3"), "routes: {home: 60", "points.ward.routes", "add up to 0.9, not to 1"),
    (("home: 60 %", "home: 160 %"), "routes: {home: 160", "points.ward.routes.home", "from 0 to 1.*found 1.6"),
    (("{home: 60 %", "{hme: 60 %"), "hme:", "points.ward.routes.hme", "not a point or exit.*Did you mean 'home'"),
    (("routes: {home: 1}", "routes: {care: 1}"), "{care: 1}", "points.care.routes.care", "to itself"),
    (("to: ward", "to: wrd"), "to: wrd", "streams.admissions.to", "not a point.*Did you mean 'ward'"),
    (("to: ward", "to: home"), "to: home", "streams.admissions.to", "arrive at a point, not at an exit"),
    (("to: ward", "to: care"), "  ward:", "points.ward", "no patient can reach it"),
    (("stay: 5 days", "stay: -5 days"), "stay: -5", "points.ward.stay", "must be above zero; its mean is -5"),
    (("stay: 5 days", "stay: 0 days"), "stay: 0", "points.ward.stay", "must be above zero"),
    (("stay: 5 days", "stay: 5"), "stay: 5", "points.ward.stay", "unit is missing"),
    (("stay: 5 days", "stay: 5 dys"), "stay: 5", "points.ward.stay", "'dys' is not a unit. Did you mean 'days'"),
    (("stay: 5 days", "stay: 5 £/day"), "stay: 5", "points.ward.stay", "expected a time"),
    (
        ("stay: 5 days", "stay: {lognormal: {mean: 3 days, median: 4 days}}"),
        "mean: 3",
        "points.ward.stay.lognormal",
        "must be above the median",
    ),
    (
        ("stay: 5 days", "stay: {lognormal: {mean: 3 days}}"),
        "mean: 3",
        "points.ward.stay.lognormal",
        "expected mean and",
    ),
    (
        ("stay: 5 days", "stay: {gamma: {mean: 3 days, shape: -1}}"),
        "shape",
        "points.ward.stay.gamma.shape",
        "above zero",
    ),
    (("stay: 5 days", "stay: {gama: {mean: 3 days, shape: 1}}"), "gama", "points.ward.stay.gama", "mean 'gamma'"),
    (
        ("stay: 5 days", "stay: {gamma: {mean: 3 days, shape: 1}, exponential: 1 day}"),
        "gamma",
        "points.ward.stay",
        "exactly one of .*found exponential and gamma",
    ),
    (
        ("stay: 5 days", "stay: {empirical: {values: [1, 2], weights: [1]}}"),
        "weights",
        "points.ward.stay.empirical.weights",
        "1 weights for 2 values",
    ),
    (
        ("stay: 5 days", "stay: {empirical: {values: [-1, 2]}}"),
        "values",
        "points.ward.stay.empirical.values",
        "negative",
    ),
    (("stay: 5 days", "stay: {by_class: {robust: 5 days}}"), "stay: {by", "points.ward.stay", "class frail.*no stay"),
    (
        ("stay: 5 days", "stay: {by_class: {robst: 5 days, otherwise: 1 day}}"),
        "robst",
        "points.ward.stay.by_class.robst",
        "not a class.*Did you mean 'robust'",
    ),
    (("    stay: 5 days\n", ""), "  ward:", "points.ward", "no stay here"),
    (("    routes: {home: 1}\n", ""), "  care:", "points.care", "no routes here"),
    (("places: 30", "places: 0"), "places: 0", "points.ward.places", "no places at any time"),
    (("places: 30", "places: -1"), "places: -1", "points.ward.places", "negative"),
    (("places: 30", "places: 2.5"), "places: 2.5", "points.ward.places", "whole numbers"),
    (("    places: 30\n", ""), "  ward:", "points.ward", "field 'places' is missing"),
    (("places: 30", "placs: 30"), "placs", "points.ward.placs", "Did you mean 'places'"),
    (("places: 30", "places: {week: {mon-fri: 3}}"), "places:", "points.ward.places.week", "no value for sat 00:00"),
    (("places: 30", "places: {week: {mon-fry: 3, otherwise: 1}}"), "places:", "points.ward.places.week", "'fry'"),
    (("places: 30", "places: {from: {2024-02-01: 3}}"), "places:", "points.ward.places.from", "after the start"),
    (("places: 30", "places: {from: {'2024-13-01': 3}}"), "places:", "points.ward.places.from.2024-13-01", "calendar"),
    (
        ("places: 30", "places: {from: {2024-01-01: unlimited}}"),
        "places:",
        "points.ward.places.from.2024-01-01",
        "all times or none",
    ),
    (("queue: 6", "queue: -6"), "queue: -6", "points.care.queue", "negative"),
    (("queue: 6", "queue: 6 days"), "queue: 6", "points.care.queue", "expected a number"),
    (("queue: 6", "overflow: care"), "overflow", "points.care.overflow", "overflow to itself"),
    (("queue: 6", "overflow: {wrd: {}}"), "overflow", "points.care.overflow.wrd", "Did you mean 'ward'"),
    (("queue: 6", "overflow: [ward, ward]"), "overflow", "points.care.overflow", "appears twice"),
    (("queue: 6", "leaving_hours: mon 10:30-11:00"), "leaving", "points.care.leaving_hours", "whole hours"),
    (("queue: 6", "leaving_hours: never"), "leaving", "points.care.leaving_hours", "not a day of the week"),
    (("queue: 6", "staff: {pool: nurse, per_place: 1}"), "staff", "points.care.staff.pool", "Did you mean 'nurses'"),
    (("queue: 6", "staff: {pool: nurses, per_place: 0}"), "staff", "points.care.staff.per_place", "above zero"),
    (("queue: 6", "staff: {pool: nurses, per_place: 10}"), "staff", "points.care.staff", "never has more than 9"),
    (("queue: 6", "starting: {patients: 3}"), "starting", "points.care.starting.patients", "how many of each class"),
    (("queue: 6", "starting: {patients: {frl: 3}}"), "starting", "points.care.starting.patients.frl", "not a class"),
    (("queue: 6", "starting: {patients: {frail: -3}}"), "starting", "points.care.starting.patients.frail", "negative"),
    (("queue: 6", "starting: {patients: {frail: 2.5}}"), "starting", "points.care.starting.patients.frail", "whole"),
    (
        ("queue: 6", "queue: 1\n    starting: {queue: {frail: 2}}"),
        "starting",
        "points.care.starting.queue",
        "limited to 1",
    ),
    (
        ("queue: 6", "watches: {a: {measure: delay, over: 1 day, to: hom}}"),
        "watches",
        "points.care.watches.a.to",
        "Did you mean 'home'",
    ),
    (
        ("queue: 6", "watches: {a: {measure: wait, over: 1 day, to: home}}"),
        "watches",
        "points.care.watches.a.to",
        "target",
    ),
    (("queue: 6", "watches: {a: {measure: wiat, over: 1 day}}"), "watches", "points.care.watches.a.measure", "'wait'"),
    (("queue: 6", "costs: {treated: 4 £/dai}"), "costs", "points.care.costs.treated", "'dai' is not a unit"),
    (("queue: 6", "costs: {treated: -4 £/day}"), "costs", "points.care.costs.treated", "negative"),
    (("queue: 6", "stay_per_delayed_day: 2 %/day"), "stay_per", "points.care.stay_per_delayed_day", "give both"),
    (
        ("queue: 6", "queue: {limit: unlimited, waits_in_place: false}\n    routes: {home: 1}"),
        "    routes: {home: 1}",
        "routes",
        "appears twice",
    ),
    (
        ("died: {rate: 1 %/day}", "died: {rate: -1 %/day}"),
        "rate: -1",
        "points.care.while_waiting.died.rate",
        "negative",
    ),
    (
        ("died: {rate: 1 %/day}", "gone: {rate: 1 %/day}"),
        "gone",
        "points.care.while_waiting.gone",
        "not a point or exit",
    ),
    (("died: {rate: 1 %/day}", "died: {to: died}"), "died: {to", "points.care.while_waiting.died", "found none"),
    (
        ("died: {rate: 1 %/day}", "died: {rate: 1 %/day, to: care}"),
        "to: care",
        "points.care.while_waiting.died.to",
        "itself",
    ),
    (
        ("died: {rate: 1 %/day}", "relapse: {rate: 1 %/day, to: back}\n    queue: {waits_in_place: false}"),
        None,
        None,
        "appears twice",
    ),
    (("robust: 75 %", "robust: 125 %"), "robust: 125", "streams.admissions.classes.frail", "no rest is left"),
    (("frail: rest", "frail: 20 %"), "frail: 20", "streams.admissions.classes", "add up to 0.95"),
    (("frail: rest", "frial: rest"), "frial", "streams.admissions.classes.frial", "Did you mean 'frail'"),
    (("robust: 75 %", "robust: rest"), "robust: rest", "streams.admissions.classes.frail", "may be given once"),
    (("    classes: {robust: 75 %, frail: rest}\n", ""), "  admissions:", "streams.admissions", "'classes' is missing"),
    (("rate: 2 /day", "rate: -2 /day"), "rate: -2", "streams.admissions.rate", "negative"),
    (("rate: 2 /day", "rate: 2"), "rate: 2", "streams.admissions.rate", "unit is missing"),
    (
        ("rate: 2 /day", "rate: 2 /day\n    hours: [1, 2]"),
        "hours",
        "streams.admissions.hours",
        "24 numbers, 168.*found 2",
    ),
    (
        ("rate: 2 /day", "rate: 2 /day\n    days: {mon: 0, otherwise: 0}"),
        "days",
        "streams.admissions.days",
        "not all zero",
    ),
    (
        ("rate: 2 /day", "rate: 2 /day\n    cancelled_above: 0"),
        "cancelled",
        "streams.admissions.cancelled_above",
        "above",
    ),
    (("exits: [home, died]", "exits: [home, died, ward]"), "exits", "exits", "'ward' is a point too"),
    (("exits: [home, died]", "exits: [home, died, home]"), "exits", "exits", "'home' appears twice"),
    (("exits: [home, died]", "exits: [home, died, back]"), "exits", "exits.2", "meaning of its own"),
    (("classes: [robust, frail]", "classes: [robust, frail, 1a]"), "classes", "classes.2", "begins with a letter"),
    (("days: 28", "days: 0"), "run:", "run.days", "above zero"),
    (("days: 28", "days: 28 beds"), "run:", "run.days", "expected a time"),
    (("name: small", "nam: small"), "nam:", "nam", "Did you mean 'name'"),
    (("start: 2024-01-03", "start: '2024-02-30'"), "start", "start", "not a day of the calendar"),
    (("start: 2024-01-03", "start:"), "start", "start", "no value is given here"),
    (("  care:\n    places", "  ward:\n    places"), "  ward:", "ward", "appears twice"),
]


@pytest.mark.parametrize(("change", "marker", "key", "message"), ERRORS, ids=[f"{case[0][1][:60]}" for case in ERRORS])
def test_errors_are_told_with_line_and_key(write, change, marker, key, message):
    path = write(change)
    with pytest.raises(UserError, match=f"(?s){message}") as refused:
        read_network(path)
    assert refused.value.file == path
    if marker is None:
        return
    lines = [number for number, line in enumerate(path.read_text().splitlines(), 1) if marker in line]
    assert refused.value.line in lines
    assert refused.value.key == key


def test_a_loop_without_a_way_out_is_refused(write):
    path = write(
        ("routes: {home: 60 %, care:", "routes: {care:"), ("0.4, transfer", "1, transfer"), ("{home: 1}", "{ward: 1}")
    )
    with pytest.raises(UserError, match="can never leave the network from ward, care") as refused:
        read_network(path)
    assert refused.value.key == "points.ward.routes"
    assert refused.value.line == 13


def test_back_needs_a_place(write):
    relapse = ("died: {rate: 1 %/day}", "relapse: {rate: 1 %/day, to: back}")
    unheld = write(relapse, ("queue: 6", "queue: {waits_in_place: false}"))
    with pytest.raises(UserError, match="wait here without a place") as refused:
        read_network(unheld)
    assert refused.value.line == unheld.read_text().splitlines().index("      relapse: {rate: 1 %/day, to: back}") + 1
    some = write(relapse, ("  admissions:", "  direct: {to: care, rate: 1 /day, classes: {frail: 1}}\n  admissions:"))
    told = [text for text in warnings_of(read_network(some)) if "back" in text]
    assert told == ["patients of class 'frail' who wait for 'care' without a place never go 'relapse' (back)."]
    some.write_text(some.read_text().replace("queue: 6", "queue: 0"))
    assert [text for text in warnings_of(read_network(some), 28.0) if "back" in text] == []


def test_all_errors_are_told_in_one_round(write):
    with pytest.raises(UserError) as refused:
        read_network(write(("stay: 5 days", "stay: -5 days"), ("places: 40", "places: -4"), ("to: ward", "to: wad")))
    heading, *told = str(refused.value).splitlines()
    assert heading == "3 errors:"
    assert [line.split(": ")[1] for line in told] == [
        "'streams.admissions.to'",
        "'points.ward.stay'",
        "'points.care.places'",
    ]


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match="file not found") as refused:
        read_network(tmp_path / "none.yaml")
    assert refused.value.code == Exit.MISSING_FILE


ARRIVALS = ("rate: 2 /day", "rate: {csv: arrivals.csv}")


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ("date,arivals\n2024-01-01,3\n", 1, "column 'arrivals' is missing.*Did you mean 'arivals'"),
        ("date,arrivals\n2024-01-01,3\n2024-01-01,3\n", 3, "dates must ascend"),
        ("date,arrivals\n2024-01-01,3\n2024-01-32,3\n", 3, "not a day of the calendar"),
        ("date,arrivals\n2024-01-01,many\n", 2, "found 'many'"),
        ("# note\ndate,arrivals\n2024-01-01,-3\n", 3, "found '-3'"),
        ("date,arrivals\n2024-01-01,nan\n", 2, "found 'nan'"),
        ("date,arrivals\n2024-01-01\n", 2, "1 cells for the 2 columns"),
        ("date,arrivals\n", None, "no rows"),
    ],
)
def test_errors_in_files_of_arrivals(write, tmp_path, rows, line, message):
    table = tmp_path / "arrivals.csv"
    table.write_text(rows)
    with pytest.raises(UserError, match=message) as refused:
        read_network(write(ARRIVALS))
    assert (refused.value.file, refused.value.line) == (table, line)


def test_a_file_of_arrivals_that_is_missing_or_late(write, tmp_path):
    path = write(ARRIVALS)
    (tmp_path / "arrival.csv").write_text("date,arrivals\n2024-02-01,3\n")
    with pytest.raises(UserError, match=r"no file.*Did you mean 'arrival.csv'") as refused:
        read_network(path)
    assert (refused.value.code, refused.value.key) == (Exit.MISSING_FILE, "streams.admissions.rate.csv")
    with pytest.raises(UserError, match="begins 29 days after the start"):
        read_network(write(("rate: 2 /day", "rate: {csv: arrival.csv}")))


@pytest.mark.parametrize(
    ("reference", "key", "message"),
    [
        ("{parameter: urgent_care.cor_beds}", "parameter", "Did you mean 'urgent_care.core_beds'"),
        ("{parameter: nothing.at_all}", "parameter", "not a registered parameter"),
        ("{parameter: urgent_care.core_beds}", "parameter", "has the dimension site"),
        ("{parameter: urgent_care.core_beds, at: {site: southmed}}", "at.site", "Did you mean 'southmead'"),
        ("{parameter: urgent_care.core_beds, at: {sit: weston}}", "at.sit", "Did you mean 'site'"),
        ("{parameter: urgent_care.core_beds, at: weston}", "at", "labels by dimension"),
        ("{parameter: urgent_care.core_beds, at: {site: all}, time: 2}", "time", "Did you mean 'times'"),
        ("{parameter: urgent_care.core_beds, at: {site: all}, plus: 2 days}", "plus", "in days, but the value so far"),
        ("{parameter: urgent_care.core_beds, at: {site: all}, divided_by: 0}", "divided_by", "division by zero"),
        ("{parameter: urgent_care.core_beds, at: {site: all}, times: x}", "times", "expected a number"),
        ("{parameter: urgent_care.core_beds, at: {site: all}, round: 1}", "round", "true or false"),
        ("{parameter: urgent_care.winter_peak_day}", "parameter", "'day of year', has no meaning"),
        ("{parameter: urgent_care.treatment_days_elective}", "", "expected a number"),
    ],
)
def test_wrong_references_are_refused(write, reference, key, message):
    path = write(("places: 30", f"places: {reference}"))
    with pytest.raises(UserError, match=message) as refused:
        read_network(path)
    assert refused.value.key == ".".join(["points.ward.places", *([key] if key else [])])
    assert (refused.value.file, refused.value.line) == (path, 11)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("points.wad.places", 3, "'points.wad.places': 'points.wad' is not there. Did you mean 'ward'"),
        ("points.wad", {}, "'points.wad': this is not there. Did you mean 'ward'"),
        ("points.ward.place", 3, "'points.ward.place': not a field here. Did you mean 'places'"),
        ("points.ward.places", -3, "'points.ward.places': places must not be negative, found -3"),
        ("points.ward.places", "3 days", "'points.ward.places': expected a number"),
        ("points.ward.stay.mean", "3 days", "'points.ward.stay' holds no entries by name; set it as a whole"),
        ("pionts.ward.places", 3, "'pionts'"),
    ],
)
def test_wrong_changes_from_outside_are_told_by_name(write, name, value, message):
    with pytest.raises(UserError, match=re.escape(message)) as refused:
        read_network(write(), overrides={name: value})
    assert refused.value.file is None or name.startswith("pionts")


JUNK = [
    None,
    [],
    {},
    -1,
    float("nan"),
    True,
    "x",
    "3 days",
    "rest",
    {"by_class": {}},
    {"x": {"y": 1}},
    [1, "a"],
    {"week": {}},
    {"csv": "x.csv"},
    {"parameter": "x"},
]


@pytest.mark.parametrize(
    "name",
    [
        "streams",
        "streams.admissions",
        "streams.admissions.rate",
        "streams.admissions.classes",
        "streams.admissions.hours",
        "points",
        "points.ward",
        "points.ward.places",
        "points.ward.stay",
        "points.ward.routes",
        "points.ward.routes.home",
        "points.ward.routes.care.transfer",
        "points.ward.overflow",
        "points.ward.starting",
        "points.ward.leaving_hours",
        "points.care.while_waiting",
        "points.care.while_waiting.died",
        "points.care.queue",
        "pools.nurses",
        "exits",
        "classes",
        "run",
        "start",
        "points.ward.watches",
    ],
)
def test_whatever_is_written_is_read_or_refused_in_plain_words(write, name):
    path = write()
    for value in JUNK:
        # Any other exception than an error for the user fails the test.
        with suppress(UserError):
            assert read_network(path, overrides={name: value}).points


def small_network(**changes):
    ward = Point(
        "ward",
        stay={"patient": Distribution("exponential", 4.0)},
        routes={"patient": (Route("home", 1.0),)},
        places=Schedule((0.0,), (10.0,)),
    )
    stream = Stream("all", "ward", {"patient": 1.0}, Schedule((0.0,), (2.0,)), np.ones(168))
    return replace(Network("built", ("patient",), (ward,), (stream,), ("home",)), **changes)


def with_ward(**changes):
    network = small_network()
    return replace(network, points=(replace(network.points[0], **changes),))


@pytest.mark.parametrize(
    ("network", "key", "message"),
    [
        (with_ward(places=Schedule((0.0, 0.0), (1.0, 2.0))), "points.ward.places", "ascend"),
        (with_ward(stay={"patient": Distribution("normal", 1.0)}), "points.ward.stay.patient", "kind of distribution"),
        (with_ward(stay={"patient": Distribution("lognormal", 1.0)}), "points.ward.stay.patient", "shape"),
        (
            with_ward(stay={"patient": Distribution("empirical", 1.0, 0.0, (2.0, 1.0), (0.5, 0.5))}),
            "points.ward.stay.patient",
            "ascend",
        ),
        (with_ward(leaving_hours=np.zeros(168, dtype=bool)), "points.ward.leaving_hours", "never open"),
        (with_ward(overflow=(Overflow("ward"),)), "points.ward.overflow.ward", "to itself"),
        (small_network(streams=()), "streams", "no patient ever comes"),
        (small_network(exits=("home", "ward")), "exits", "is a point too"),
        (small_network(pools=(Pool("a", Schedule((0.0,), (-1.0,))),)), "pools.a", "negative"),
    ],
)
def test_networks_built_in_code_are_checked_too(network, key, message):
    check(small_network())
    with pytest.raises(UserError, match=message) as refused:
        check(network)
    assert (refused.value.file, refused.value.line, refused.value.key) == (None, None, key)


def test_loads_that_no_queue_can_bear_are_warned_of(write):
    # 2 a day for 5 days, and 40% of them with 3 hours of transfer: 10.1 places on average.
    enough, few = write(("places: 30", "places: 11"), name="a.yaml"), write(("places: 30", "places: 10"), name="b.yaml")
    assert warnings_of(read_network(enough), 28.0) == []
    (warning,) = warnings_of(read_network(few), 28.0)
    assert "'ward' is asked for 10.1 places on average but has 10" in warning
    limited = write(("places: 30", "places: 10\n    queue: 3"), name="c.yaml")
    assert warnings_of(read_network(limited), 28.0) == []
    # Care has 8 places' worth of work; those who wait for it may die, so that its queue is bounded.
    assert warnings_of(read_network(write(("places: 40", "places: 5"), name="d.yaml")), 28.0) == []
    pool = write(("queue: 6", "staff: {pool: nurses, per_place: 0.2}"), ("nurses: 9", "nurses: 1.5"), name="e.yaml")
    assert warnings_of(read_network(pool), 28.0) == []
    strict = (
        pool.read_text().replace("    while_waiting:\n      died: {rate: 1 %/day}\n", "").replace("home, died", "home")
    )
    pool.write_text(strict)
    assert warnings_of(read_network(pool), 28.0) == [
        "the pool 'nurses' is asked for 1.6 on average but has 1.5: queues grow."
    ]


def test_a_point_behind_an_overloaded_one_is_not_judged(write):
    # Both are asked for more than they have; what the ward passes on is not known, so only the ward is named.
    text = write(("places: 30", "places: 5"), ("places: 40", "places: 5"), ("home, died", "home")).read_text()
    both = write(name="both.yaml")
    both.write_text(text.replace("    while_waiting:\n      died: {rate: 1 %/day}\n", ""))
    (warning,) = warnings_of(read_network(both), 28.0)
    assert warning.startswith("'ward' is asked for 10.1 places")
    # A limit of the queue bounds nothing where those who come wait in the places that they hold.
    both.write_text(both.read_text().replace("places: 5", "places: 30", 1))
    (warning,) = warnings_of(read_network(both), 28.0)
    assert warning.startswith("'care' is asked for 8 places")


def test_circles_in_which_patients_wait_for_one_another_are_warned_of(write):
    circle = (
        ("routes: {home: 1}", "routes: {home: 0.9, ward: 0.1}"),
        ("      died: {rate: 1 %/day}\n", ""),
        ("    while_waiting:\n", ""),
        ("home, died", "home"),
    )
    (warning,) = warnings_of(read_network(write(*circle)), 28.0)
    assert "'ward' and 'care' may wait for one another" in warning
    # Outliers of the ward in the annexe hold the places for which patients of the annexe's own wait.
    away = ("    places: 30", "    overflow: annexe\n    places: 30")
    annexe = ("  care:\n", "  annexe: {places: 1, stay: 1 day, routes: {home: 1}}\n  care:\n")
    outlying = (("routes: {home: 1}", "routes: {home: 0.9, annexe: 0.1}"), away, annexe, *circle[1:])
    assert "'annexe' and 'care' may wait for one another" in warnings_of(read_network(write(*outlying)), 28.0)[0]
    for way_out in (("queue: 6", "queue: {waits_in_place: false}"), ("places: 30", "places: unlimited")):
        assert warnings_of(read_network(write(*circle, way_out)), 28.0) == []


def test_things_that_nobody_uses_are_warned_of(write):
    path = write(("home, died", "home, died, moved"), ("{robust: 75 %, frail: rest}", "{robust: 1, frail: 0}"))
    assert warnings_of(read_network(path), 28.0) == [
        "no route leads to the exit 'moved'.",
        "no patient is of class 'frail'.",
    ]
    full = write(("queue: 6", "queue: 6\n    starting: {patients: {frail: 41}}"))
    assert warnings_of(read_network(full), 28.0)[0].startswith("'care' starts with 41 patients in 40 places")
