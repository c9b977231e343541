"""The log of the compiled engine against its results: patient-days, counts, costs, watches, censuses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import DAYS, always, assert_same_history, assert_same_results, hospital, one_point, simple, simulated

from model.hospital.engines import kernel_tables as tables
from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.events import Event, PatientState
from model.hospital.network.network import Distribution, Overflow, Point, Pool, Route


def replay(log: np.ndarray, names: tables.Names, until: float, record_days: float) -> dict[str, np.ndarray]:
    """Results as far as they follow from the log alone: every record moves one patient between states."""
    intervals, points = math.ceil(until / record_days), len(names.points)
    nodes = points + len(names.exits)
    told = {
        "time": np.zeros((intervals, points, 4)),
        "count": np.zeros((intervals, points, 8), dtype=int),
        "wait_days": np.zeros((intervals, points)),
        "delay_days": np.zeros((intervals, points)),
        "exits": np.zeros((intervals, len(names.exits)), dtype=int),
    }
    patients: dict[int, dict] = {}
    spans: list[tuple[int, int, int, float, float]] = []
    treated, delayed, reserved, waiting = range(4)

    def enter(number: int, column: int, point: int, t: float) -> None:
        patients[number]["in"][column] = (point, t)

    def leave(number: int, column: int, t: float) -> None:
        point, since = patients[number]["in"].pop(column)
        spans.append((number, column, point, since, t))

    for t, number, kind, _, home, at, other in log.tolist():
        interval = int(t // record_days)
        count = told["count"][interval]
        patient = patients.setdefault(number, {"in": {}, "home": -1, "joined": math.nan, "ended": math.nan})

        def end_delay(number=number, patient=patient, t=t, interval=interval, count=count, left=True) -> None:
            leave(number, delayed, t)
            told["delay_days"][interval, patient["home"]] += t - patient["ended"]
            count[patient["home"], 4] += left

        if kind == Event.CANCELLED:
            count[home, 6] += 1
        elif kind == Event.REJECTED:
            count[home, 5] += 1
            leave(number, waiting, t)
        elif kind == Event.JOINED:
            count[home, 0] += 1
            patient["joined"] = t
            if at < 0:
                enter(number, waiting, home, t)
        elif kind == Event.GRANTED:
            if at < 0:
                leave(number, waiting, t)
            enter(number, reserved, other, t)
        elif kind == Event.STARTED:
            granted = reserved in patient["in"]
            if granted:
                leave(number, reserved, t)
                count[home, 1] += 1
                count[home, 2] += at != home
                told["wait_days"][interval, home] += t - patient["joined"]
            if delayed in patient["in"]:
                end_delay(left=granted)
            patient["home"] = home
            enter(number, treated, at, t)
        elif kind == Event.ENDED:
            count[home, 3] += 1
            leave(number, treated, t)
            patient["ended"] = t
            enter(number, delayed, at, t)
        elif kind == Event.QUEUED:
            end_delay()
            enter(number, waiting, home, t)
        elif kind == Event.GAVE_UP:
            count[home, 7] += 1
            if at < 0:
                leave(number, waiting, t)
        elif kind == Event.LEFT:
            assert points <= other < nodes
            told["exits"][interval, other - points] += 1
            if at >= 0:
                end_delay()
            assert not patient["in"]
    for number, patient in patients.items():
        for column in list(patient["in"]):
            leave(number, column, until)
    for _, column, point, since, to in spans:
        for interval in range(int(since // record_days), min(int(to // record_days), intervals - 1) + 1):
            inside = min(to, (interval + 1) * record_days) - max(since, interval * record_days)
            told["time"][interval, point, column] += inside
    told["spans"] = spans
    return told


@pytest.mark.parametrize(("until", "record_days"), [(60.0, 1.0), (41.3, 7.0)])
def test_results_follow_from_the_log(until, record_days):
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=4, log=True, record_days=record_days, checked=True)
    simulation.run(until)
    results = simulation.results()
    told = replay(simulation.take_log(), simulation.names, until, record_days)
    assert np.allclose(results.time[:, :, :4], told["time"], rtol=0.0, atol=1e-9)
    assert np.allclose(results.wait_days, told["wait_days"], rtol=0.0, atol=1e-9)
    assert np.allclose(results.delay_days, told["delay_days"], rtol=0.0, atol=1e-9)
    assert np.array_equal(results.count, told["count"])
    assert np.array_equal(results.exits, told["exits"])
    assert np.all(results.count.sum(axis=(0, 1)) > 0), "every kind of count occurs in this network"


def test_costs_of_the_patients_add_up_to_the_costs_of_the_points():
    network = hospital()
    simulation = simulated(network)
    spans = replay(simulation.take_log(), simulation.names, DAYS, 1.0)["spans"]
    rates = {0: "treated", 1: "delayed", 3: "waiting"}
    by_patient: dict[int, float] = {}
    for number, column, point, since, to in spans:
        if column in rates:
            pounds = getattr(network.points[point].costs, rates[column]) * (to - since)
            by_patient[number] = by_patient.get(number, 0.0) + pounds
    total = simulation.results().cost.sum()
    assert total > 1e5
    assert abs(math.fsum(by_patient.values()) - total) < 1e-9 * total


def test_days_full_are_those_with_every_place_in_use_or_no_staff():
    point = simple(4.0)
    simulation = simulated(one_point(point, rate=4.0))
    log = simulation.take_log()
    change = np.where(log["kind"] == Event.STARTED, 1, np.where(log["kind"] == Event.LEFT, -1, 0))
    in_use = np.cumsum(change)
    until = np.append(log["time"][1:], DAYS)
    full = np.sum((until - log["time"])[in_use >= 4])
    assert abs(simulation.results().time[:, 0, 4].sum() - full) < 1e-9
    # The same places, but staff for three only: full whenever three are in use.
    staffed = replace(one_point(replace(simple(4.0), pool="staff", staff_per_place=0.1), rate=4.0))
    staffed = replace(staffed, pools=(Pool("staff", always(0.3)),))
    three = one_point(simple(3.0), rate=4.0)
    assert_same_history(simulated(staffed), simulated(three))


def test_watches_count_what_the_log_tells():
    simulation = simulated(hospital(), days=DAYS)
    results, log = simulation.results(), simulation.take_log()
    names = simulation.names
    ward, care, door = (names.point(name) for name in ("ward", "care", "door"))
    stays: list[float] = []
    delays: list[tuple[float, int]] = []
    since_arrival: list[float] = []
    by_patient: dict[int, dict] = {}
    for t, number, kind, _, home, at, other in log.tolist():
        past = by_patient.setdefault(number, {"home": -1})
        if kind == Event.ARRIVED:
            past["arrived"] = t
        elif kind == Event.STARTED:
            if other >= 0 and (other, past["home"]) != (at, home) and past["home"] == ward:
                delays.append((t - past["ended"], home))
            if past["home"] == door and other >= 0:
                since_arrival.append(t - past["arrived"])
            past.update(home=home, started=t)
        elif kind == Event.ENDED:
            past["ended"] = t
            if home == ward:
                stays.append(t - past["started"])
        elif kind == Event.QUEUED and past["home"] == ward:
            delays.append((t - past["ended"], home))
        elif kind == Event.LEFT and at >= 0:
            if past["home"] == ward:
                delays.append((t - past["ended"], other))
            if past["home"] == door:
                since_arrival.append(t - past["arrived"])
    expected = {
        ("door", "four hours"): (sum(d > 4 / 24 for d in since_arrival), len(since_arrival)),
        ("ward", "stay"): (sum(s > 5.0 for s in stays), len(stays)),
        ("ward", "to care"): (sum(d > 1.0 for d, to in delays if to == care), sum(to == care for _, to in delays)),
    }
    for watch, numbers in expected.items():
        counted = results.watch[:, names.watches.index(watch)].sum(axis=0)
        assert tuple(counted) == numbers
        assert 0 < numbers[0] < numbers[1]


def test_the_log_may_be_kept_in_part():
    whole = simulated(hospital())
    wanted = np.zeros((len(Event), 5), dtype=bool)
    wanted[Event.STARTED, 1] = wanted[Event.LEFT, 3] = True
    part = CompiledSimulation(hospital(), days=DAYS, seed=11, log=wanted)
    part.run()
    log, columns = whole.take_log(), part.take_columns()
    kept = (log["kind"] == Event.STARTED) & (log["home"] == 1)
    kept |= (log["kind"] == Event.LEFT) & np.isin(log["at"], [3, -1])
    assert 100 < kept.sum() < log.size / 5
    assert all(np.array_equal(columns[name], log[name][kept]) for name in log.dtype.names)
    assert part.take_log().size == 0
    assert_same_results(part.results(), whole.results())


def test_results_may_be_asked_for_from_an_interval_on():
    simulation = simulated(hospital(), days=41.3, record_days=7.0)
    whole, last = simulation.results(), simulation.results(4)
    assert len(whole.time) == 6
    assert np.array_equal(last.time, whole.time[4:])
    assert np.array_equal(last.count, whole.count[4:])
    simulation.run(42.0)
    assert len(simulation.results(6).time) == 0


def test_a_patient_in_preparation_is_told_by_where_the_route_leads():
    simulation = simulated(hospital(), days=30.2)
    log = simulation.take_log()
    towards = [0, 0]
    for number in np.unique(log["patient"]):
        last = log[log["patient"] == number][-1]
        if last["kind"] == Event.ENDED and last["home"] == 1:
            towards[0 if last["other"] >= 5 else 1] += 1
    census = simulation.census()[PatientState.PREPARING]
    assert [census[1:3, 1].sum(), census[1:3, 3:].sum()] == towards
    assert min(towards) > 0


def test_a_patient_on_transfer_is_told_by_the_point_to_come_or_by_the_home_before_an_exit():
    day = Distribution("deterministic", 1.0)
    first = Point("first", {"a": day}, {"a": (Route("second", 1.0, transfer=day),)}, None)
    second = Point("second", {"a": day}, {"a": (Route("out", 1.0, transfer=day),)}, None)
    network = replace(one_point(first, rate=4.0, regular=True), points=(first, second))
    simulation = CompiledSimulation(network, days=DAYS, seed=1)
    simulation.run(20.0)
    transfer = simulation.census()[PatientState.TRANSFER, :, :, 0]
    assert transfer.tolist() == [[0, 4], [0, 4], [0, 0]]
    assert simulation.in_use().tolist() == [8, 12]


def test_places_in_use_and_lines_are_those_of_the_census():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11)
    for until in (5.0, 17.4, 55.5):
        simulation.run(until)
        census = simulation.census()
        reserved = census[PatientState.TRANSFER, :-1]
        in_line = census[[PatientState.WAITING, PatientState.BLOCKED]].sum(axis=(0, 1, 3))
        assert np.array_equal(simulation.in_line(), in_line)
        held = census[:, :-1].sum(axis=(0, 2, 3))
        assert np.all(simulation.in_use() >= held)
        assert simulation.in_use().sum() <= held.sum() + reserved.sum()


def test_every_patient_is_somewhere():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11, log=True, checked=True)
    entered = gone = 0
    network = hospital()
    entered += sum(sum(p.starting.values()) + sum(p.starting_queue.values()) for p in network.points)
    for until in (0.0, 3.3, 20.0, 60.0):
        simulation.run(until)
        kinds = simulation.take_log()["kind"]
        entered += np.sum(kinds == Event.ARRIVED)
        gone += np.isin(kinds, [Event.LEFT, Event.CANCELLED, Event.REJECTED]).sum()
        census = simulation.census()
        assert census.sum() == entered - gone
        assert census[PatientState.WAITING, :-1].sum() == 0
        assert census[PatientState.TREATED :, -1].sum() == 0
    assert gone > 500


def test_overflow_opens_at_its_number_waiting_and_lengthens_stays():
    stay = Distribution("deterministic", 1.0)
    ward = Point("ward", {"a": stay}, {"a": (Route("out", 1.0),)}, always(0), overflow=(Overflow("annexe", 3, 1.5),))
    network = one_point(ward, rate=10.0, regular=True)
    network = replace(network, points=(ward, Point("annexe", {}, {}, always(1))))
    log = simulated(network, days=1.0).take_log()
    first = log[log["kind"] == Event.GRANTED][0]
    assert first["time"] == log["time"][log["kind"] == Event.ARRIVED][2]
    assert (first["patient"], first["home"], first["other"]) == (0, 0, 1)
    log = simulated(network, days=3.0).take_log()
    mine = log[log["patient"] == 0]
    times = dict(zip(mine["kind"].tolist(), mine["time"].tolist(), strict=True))
    assert times[Event.ENDED] - times[Event.STARTED] == pytest.approx(1.5)


def test_stays_lengthen_by_delays_before_them_up_to_the_most():
    stay = Distribution("deterministic", 1.0)
    first = Point("first", {"a": stay}, {"a": (Route("second", 1.0, Distribution("deterministic", 4.0)),)}, None)
    for per_day, expected in ((0.1, 1.4), (0.3, 1.5)):
        second = Point(
            "second", {"a": stay}, {"a": (Route("out", 1.0),)}, None, stay_per_delayed_day=per_day, most_lengthening=0.5
        )
        network = replace(one_point(first, rate=1.0), points=(first, second))
        log = simulated(network, days=20.0).take_log()
        mine = log[(log["patient"] == 0) & (log["home"] == 1)]
        started, ended = (mine["time"][mine["kind"] == kind][0] for kind in (Event.STARTED, Event.ENDED))
        assert ended - started == pytest.approx(expected)
