"""What is set in the compiled engine from outside while it runs, and copies of it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import DAYS, always, assert_same_history, assert_same_results, hospital, one_point, simple, simulated

from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.events import Event, PatientState
from model.hospital.network.network import Distribution, Point, Pool, Route, Schedule, WaitingExit
from model.registry.errors import UserError


def test_places_set_at_a_date_are_like_places_changed_by_schedule():
    network = one_point(simple(12.0))
    scheduled = replace(network, points=(replace(simple(), places=Schedule((0.0, 10.3), (12.0, 7.0))),))
    simulation = CompiledSimulation(network, days=DAYS, seed=1, log=True, checked=True)
    simulation.run(10.3)
    simulation.set_places("beds", 7.4)
    simulation.run()
    changed = simulated(scheduled, seed=1)
    assert np.array_equal(simulation.take_log(), changed.take_log())
    assert simulation.results().events == changed.results().events - 1


def test_capacity_that_was_set_overrides_the_schedule():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=1, checked=True)
    simulation.set_places("ward", 3)
    simulation.set_pool("nurses", 100.0)
    simulation.run()
    in_use = simulation.results().time[40:, simulation.names.point("ward"), :3].sum(axis=-1)
    assert in_use.max() <= 3.0 + 1e-9
    assert in_use.mean() > 2.9


def test_a_pool_set_to_more_lets_the_waiting_in_at_once():
    network = one_point(replace(simple(10.0), pool="staff", staff_per_place=2.0), rate=30.0)
    network = replace(network, pools=(Pool("staff", always(4.0)),))
    simulation = CompiledSimulation(network, days=30.0, seed=1, checked=True)
    simulation.run(5.0)
    assert simulation.census()[PatientState.TREATED].sum() == 2
    simulation.set_pool("staff", 9.0)
    assert simulation.census()[PatientState.TREATED].sum() == 4
    simulation.set_pool("staff", 2.0)
    assert simulation.census()[PatientState.TREATED].sum() == 4
    simulation.run()
    assert simulation.census()[PatientState.TREATED].sum() == 1


def test_a_rate_set_at_a_whole_hour_is_like_a_rate_changed_by_schedule():
    network = one_point(simple())
    scheduled = replace(network, streams=(replace(network.streams[0], rate=Schedule((0.0, 10.25), (9.0, 6.0))),))
    simulation = CompiledSimulation(network, days=DAYS, seed=1, log=True)
    simulation.run(10.25)
    simulation.set_rate("in", 6.0)
    simulation.run(20.1)
    simulation.set_rate("in", 6.0)
    simulation.run()
    assert np.array_equal(simulation.take_log(), simulated(scheduled, seed=1).take_log())


def test_a_rate_set_to_nothing_stops_arrivals_until_it_is_set_again():
    simulation = CompiledSimulation(one_point(simple()), days=DAYS, seed=1, log=True)
    simulation.run(10.01)
    simulation.set_rate("in", 0.0)
    simulation.run(20.0)
    simulation.set_rate("in", 50.0)
    simulation.run()
    log = simulation.take_log()
    arrivals = log["time"][log["kind"] == Event.ARRIVED]
    assert not np.any((arrivals >= 10.01) & (arrivals < 20.0))
    assert 1700 < np.sum(arrivals >= 20.0) < 2300


def test_factors_and_shares_that_are_set_are_in_force_from_then_on():
    network = one_point(
        Point(
            "beds",
            {"a": Distribution("deterministic", 1.0)},
            {"a": (Route("out", 0.5), Route("away", 0.5))},
            always(4),
            while_waiting={"a": (WaitingExit("leaves", Distribution("deterministic", 2.0), "away"),)},
        )
    )
    network = replace(network, exits=("out", "away"))
    simulation = CompiledSimulation(network, days=DAYS, seed=1, log=True)
    simulation.run(20.0)
    simulation.set_stay_factor("a", "beds", 3.0)
    simulation.set_route_shares("a", "beds", {"away": 1.0})
    simulation.set_waiting_rate_factor("beds", "leaves", 2.0)
    simulation.run()
    log = simulation.take_log()
    started, ended, joined = ({}, {}, {})
    gave_up: list[tuple[float, float]] = []
    for t, number, kind, *_ in log.tolist():
        if kind == Event.STARTED:
            started[number] = t
        elif kind == Event.ENDED:
            ended[number] = t
        elif kind == Event.JOINED:
            joined[number] = t
        elif kind == Event.GAVE_UP:
            gave_up.append((joined[number], t - joined[number]))
    for number, end in ended.items():
        assert end - started[number] == pytest.approx(1.0 if started[number] < 20.0 else 3.0)
    assert all(wait == pytest.approx(2.0 if join < 20.0 else 1.0) for join, wait in gave_up)
    assert any(join > 20.0 for join, _ in gave_up)
    left = log[(log["kind"] == Event.LEFT) & (log["at"] >= 0)]
    assert set(left["other"][left["time"] < 20.0]) == {1, 2}
    assert set(left["other"][left["time"] >= 20.0]) == {2}


def test_preparations_may_be_made_longer_by_route():
    day = Distribution("deterministic", 1.0)
    point = Point("beds", {"a": day}, {"a": (Route("out", 0.5, day), Route("away", 0.5, day))}, None)
    network = replace(one_point(point), exits=("out", "away"))
    simulation = CompiledSimulation(network, days=DAYS, seed=1, log=True)
    simulation.run(20.0)
    simulation.set_preparation_factor("a", "beds", "away", 2.5)
    simulation.run()
    log = simulation.take_log()
    ended = {r["patient"]: r["time"] for r in log[log["kind"] == Event.ENDED]}
    for record in log[log["kind"] == Event.READY]:
        longer = record["other"] == 2 and ended[record["patient"]] >= 20.0
        assert record["time"] - ended[record["patient"]] == pytest.approx(2.5 if longer else 1.0)
    with pytest.raises(UserError, match="no route"):
        simulation.set_preparation_factor("a", "beds", "beds", 2.0)


def test_a_copy_goes_its_own_way():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11, log=True, checked=True)
    simulation.run(25.0)
    other = simulation.copy()
    other.set_rate("walk in", 60.0)
    other.set_stay_factor("old", "ward", 2.0)
    other.set_route_shares("old", "ward", {"home": 1.0})
    other.set_waiting_rate_factor("door", "leaves", 3.0)
    other.set_preparation_factor("old", "ward", "care", 3.0)
    other.set_places("care", 0)
    other.run()
    twin = simulation.copy()
    simulation.run()
    twin.run()
    assert_same_results(simulation.results(), twin.results())
    assert_same_history(simulation, simulated(hospital()))
    assert other.results().count[:, 0, 0].sum() > 1.5 * twin.results().count[:, 0, 0].sum()


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda simulation: pickle.loads(pickle.dumps(simulation))]
)
def test_a_simulation_may_be_put_away_and_taken_up_again(duplicate):
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11, log=True, checked=True)
    simulation.run(25.0)
    again = duplicate(simulation)
    simulation.run(30.0)
    again.run()
    assert_same_history(again, simulated(hospital()))
