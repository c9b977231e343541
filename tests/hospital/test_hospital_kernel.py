"""The compiled engine of pathway networks: queues, splits, growth, capacity at equal times, and audits."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from kernel_cases import DAYS, assert_same_history, assert_same_results, hospital, one_point, simple, simulated

from model.hospital.engines import compiled, kernel
from model.hospital.engines import kernel_tables as tables
from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.events import Event
from model.hospital.network.network import Distribution, Point, Route, Schedule
from model.registry.errors import UserError


def test_erlang_c():
    places, load = 10, 9.0
    runs = [CompiledSimulation(one_point(simple(places)), days=4000.0, seed=3, replication=r) for r in range(10)]
    waits, full = [], []
    for simulation in runs:
        simulation.run()
        results = simulation.results()
        after = slice(500, None)
        waits.append(results.wait_days[after].sum() / results.count[after, 0, 1].sum())
        full.append(results.time[after, 0, 4].mean())
    top = load**places / math.factorial(places) * places / (places - load)
    delayed = top / (sum(load**k / math.factorial(k) for k in range(places)) + top)
    for values, expected in ((waits, delayed / (places - load)), (full, delayed)):
        error = np.std(values, ddof=1) / math.sqrt(len(values))
        assert abs(np.mean(values) - expected) < 3 * error
        assert error < 0.05 * expected


@pytest.mark.parametrize(
    "dates", [(1.0,), (7 / 24, 20.0, 20.0, 33.3), (0.1234, 19.999, 33.31, 41.7), (30.0, 75.5, 90.0)]
)
def test_a_split_run_is_the_whole_bit_for_bit(dates):
    whole = CompiledSimulation(hospital(), days=DAYS, seed=11, log=True, record_days=0.7)
    whole.run(max(DAYS, *dates))
    split = CompiledSimulation(hospital(), days=DAYS, seed=11, log=True, record_days=0.7)
    logs = []
    for date in dates:
        split.run(date)
        split.results()
        logs.append(split.take_log())
    split.run(max(DAYS, *dates))
    logs.append(split.take_log())
    assert np.array_equal(np.concatenate(logs), whole.take_log())
    assert_same_results(split.results(), whole.results())
    assert whole.results().events > 2000


def test_a_longer_run_begins_like_a_shorter_one():
    longer = simulated(hospital(), days=90.0)
    shorter = simulated(hospital(), days=60.0)
    log = longer.take_log()
    assert np.array_equal(log[log["time"] < 60.0], shorter.take_log())
    shorter.run(90.0)
    assert_same_results(shorter.results(), longer.results())


def test_arrays_that_grow_keep_the_history(monkeypatch):
    roomy = simulated(hospital())
    for name in ("SPARE_SLOTS", "SPARE_AGENDA", "LEAST_LOG_SIZE"):
        monkeypatch.setattr(compiled, name, 1)
    narrow = CompiledSimulation(hospital(), days=1.0, seed=11, log=True, checked=True)
    narrow.run(DAYS)
    assert len(narrow._memory.patient_number) > 1.5 * 27
    assert_same_history(narrow, roomy)


def test_a_full_agenda_keeps_its_order_when_it_grows():
    memory = CompiledSimulation(hospital(), days=1.0, seed=1)._memory
    size = len(memory.agenda)
    memory.agenda[:] = np.roll(np.arange(size), 7)
    memory.tally[[kernel.AGENDA_FIRST, kernel.AGENDA_SIZE]] = 7, size
    grown = compiled._grown(memory, kernel.GROW_AGENDA)
    first = grown.tally[kernel.AGENDA_FIRST]
    assert len(grown.agenda) == 2 * size
    assert np.array_equal(grown.agenda[first : first + size], np.arange(size))


@pytest.mark.parametrize(("events", "buckets"), [(1e-3, 8), (1e9, 8), (1.0, 16)])
def test_the_calendar_of_events_leaves_their_order_alone(monkeypatch, events, buckets):
    usual = simulated(hospital())
    monkeypatch.setattr(compiled, "EVENTS_A_BUCKET", events)
    monkeypatch.setattr(compiled, "BUCKETS", buckets)
    assert_same_history(simulated(hospital()), usual)


def test_at_equal_times_capacity_then_arrivals_then_patients_by_number():
    point = Point(
        "beds", {"a": Distribution("deterministic", 1.0)}, {"a": (Route("out", 1.0),)}, Schedule((0.0, 5.0), (0.0, 3.0))
    )
    log = simulated(one_point(point, rate=1.0, regular=True), days=9.0).take_log()
    assert np.all(np.diff(log["time"]) >= 0.0)
    opened = log[log["time"] == 5.0]
    assert list(opened["kind"][:2]) == [Event.GRANTED, Event.STARTED]
    assert list(opened["patient"][opened["kind"] == Event.STARTED]) == [0, 1, 2]
    over = log[log["time"] == 6.0]
    assert list(over["patient"][over["kind"] == Event.ENDED]) == [0, 1, 2]


# ErrorCollector.


def test_a_lost_patient_is_noticed_with_point_and_day():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11, checked=True)
    simulation.run(9.5)
    simulation._memory.point[1, kernel.TREATED_NOW] += 1
    with pytest.raises(UserError, match=r"day 9\.\d+ at 'ward'.*places"):
        simulation.run(11.0)


def test_more_in_use_than_places_is_noticed():
    simulation = CompiledSimulation(one_point(simple()), days=DAYS, seed=11, checked=True)
    simulation.run(9.5)
    assert simulation.census().sum() > 2
    simulation._memory.places[0] = simulation._memory.most[0] = 1.0
    with pytest.raises(UserError, match="more places are in use"):
        simulation.run(11.0)


def test_more_staff_taken_than_there_is_is_noticed_with_its_pool():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11, checked=True)
    simulation.run(9.5)
    simulation._memory.staff[0] = simulation._memory.most_staff[0] = 1.0
    with pytest.raises(UserError, match="'nurses': more staff"):
        simulation.run(11.0)


def test_names_that_do_not_exist_are_refused_with_the_nearest():
    simulation = CompiledSimulation(hospital(), days=1.0, seed=1)
    with pytest.raises(UserError, match="'ward'"):
        simulation.set_places("wards", 3)
    with pytest.raises(UserError, match="'leaves'"):
        simulation.set_waiting_rate_factor("door", "leave", 2.0)
    with pytest.raises(UserError, match="no route"):
        simulation.set_route_shares("old", "ward", {"grave": 1.0})
    with pytest.raises(UserError, match="add up to 1"):
        simulation.set_route_shares("old", "ward", {"home": 0.4})
    for wrong in (math.nan, -1.0):
        with pytest.raises(UserError):
            simulation.set_rate("planned", wrong)
        with pytest.raises(UserError):
            simulation.set_places("ward", wrong)
        with pytest.raises(UserError):
            simulation.set_pool("nurses", wrong)
        with pytest.raises(UserError):
            simulation.set_stay_factor("old", "ward", wrong)
    simulation.run(0.5)
    with pytest.raises(ValueError, match="back"):
        simulation.run(0.25)


def test_after_a_simulation_nothing_needs_compiling():
    CompiledSimulation(one_point(simple()), days=1.0, seed=1).run()
    assert not compiled.needs_compiling()


def test_shares_of_routes_set_keep_the_proportions_of_those_to_one_target():
    network = hospital()
    ward = network.points[1]
    routes = (Route("home", 0.2), Route("care", 0.5), Route("home", 0.3))
    network = replace(
        network, points=(network.points[0], replace(ward, routes={"young": routes, "old": routes}), *network.points[2:])
    )
    built, names = tables.build_tables(network, 1), tables.names_of(network)
    tables.set_route_shares(built, names, "old", "ward", {"home": 0.9, "care": 0.1})
    row = len(names.points) + 1
    shares = built.routes.share[built.routes.first[row] : built.routes.first[row + 1]]
    assert shares == pytest.approx([0.36, 0.46, 1.0])
    assert all(before <= after for before, after in pairwise(shares))
