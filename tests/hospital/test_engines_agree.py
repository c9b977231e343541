"""The compiled engine and the readable one give the same history, patient by patient, and both keep the rules."""

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from network_cases import FLAT, HAND_MADE, always, random_network, single

from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.events import Event
from model.hospital.engines.kernel_tables import COUNTS
from model.hospital.engines.simpy_engine import SimpySimulation
from model.hospital.network.network import BACK, Network, Schedule, Stream
from model.hospital.network.network_file import read_network
from model.registry.errors import UserError

SHIPPED = sorted((Path(__file__).resolve().parents[2] / "scenarios" / "networks").glob("*.yaml"))
ENGINES = (CompiledSimulation, SimpySimulation)
DAYS = 40.0
RANDOM_NETWORKS = 200
RANDOM_DAYS = 25.0
INTEGERS = ("patient", "kind", "class", "home", "at", "other")
ARRAYS = ("time", "count", "wait_days", "delay_days", "exits", "gave_up", "watch", "cost")


def assert_same_logs(one: np.ndarray, other: np.ndarray) -> None:
    """Record by record: integers equal, times to 1e-9."""
    shared = min(len(one), len(other))
    for name in INTEGERS:
        differing = np.flatnonzero(one[name][:shared] != other[name][:shared])
        assert not differing.size, f"{name} of record {differing[0]}: {one[differing[0]]}, {other[differing[0]]}"
    np.testing.assert_allclose(one["time"][:shared], other["time"][:shared], rtol=0, atol=1e-9)
    assert len(one) == len(other)


def assert_same_results(one, other) -> None:
    assert one.names == other.names
    assert one.events == other.events
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-7, err_msg=name)


def assert_same_histories(one, other) -> None:
    assert_same_logs(one.take_log(), other.take_log())
    assert_same_results(one.results(), other.results())
    np.testing.assert_array_equal(one.census(), other.census())


def run_both(network: Network, days: float, seed: int):
    both = [engine(network, days=days, seed=seed, log=True) for engine in ENGINES]
    for simulation in both:
        simulation.run()
    return both


@pytest.mark.parametrize("name", HAND_MADE)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hand_made_networks_have_one_history(name, seed):
    assert_same_histories(*run_both(HAND_MADE[name](), DAYS, seed))


@pytest.mark.parametrize("tens", range(RANDOM_NETWORKS // 10))
def test_random_networks_have_one_history(tens):
    for number in range(10 * tens, 10 * tens + 10):
        try:
            assert_same_histories(*run_both(random_network(number), RANDOM_DAYS, number))
        except AssertionError as error:
            raise AssertionError(f"random network {number}") from error


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_networks_have_one_history(path):
    """A week of each, cut off at its end; the largest of them has some thousand events a day."""
    assert_same_histories(*run_both(read_network(path, days=7.0), 7.0, 1))


def test_hand_made_networks_use_every_kind_of_event_and_rule():
    """Otherwise the agreement above would say little."""
    networks = [build() for build in HAND_MADE.values()]
    logs = [SimpySimulation(network, days=DAYS, seed=1, log=True).run().take_log() for network in networks]
    assert {kind for log in logs for kind in log["kind"]} == set(Event)
    back = [
        log[(log["kind"] == Event.GAVE_UP) & (log["other"] == len(net.points) + len(net.exits))]
        for log, net in zip(logs, networks, strict=True)
    ]
    assert any(len(some) for some in back)
    points = [point for network in networks for point in network.points]
    routes = [route for point in points for some in point.routes.values() for route in some]
    stays = [stay.kind for point in points for stay in point.stay.values()]
    assert set(stays) == {"deterministic", "exponential", "lognormal", "gamma", "weibull", "empirical"}
    assert {watch.measure for point in points for watch in point.watches} == {"wait", "stay", "delay", "since_arrival"}
    assert any(route.preparation for route in routes)
    assert any(route.transfer for route in routes)
    for has in (
        lambda p: p.places is not None and len(p.places.times) > 20,
        lambda p: p.pool is not None,
        lambda p: p.queue_limit is not None,
        lambda p: not p.waits_in_place,
        lambda p: p.priority,
        lambda p: any(o.opens_when_waiting > 1 and o.stay_multiplier > 1 for o in p.overflow),
        lambda p: p.leaving_hours is not None,
        lambda p: any(way.to == BACK for some in p.while_waiting.values() for way in some),
        lambda p: p.starting and p.starting_queue,
        lambda p: p.stay_per_delayed_day > 0,
        lambda p: p.costs.waiting > 0,
    ):
        assert any(has(point) for point in points)
    streams = [stream for network in networks for stream in network.streams]
    assert any(stream.regular for stream in streams)
    assert any(stream.cancelled_above for stream in streams)
    assert any(len(stream.classes) > 1 for stream in streams)
    assert any(len(set(stream.hours)) > 1 for stream in streams)


class Replay:
    """Walks through a log and keeps, apart from both engines, who holds which place and what each patient costs.

    Args:
        network: what was run.
        log: its whole log.
        end: time at which the run stopped.
    """

    def __init__(self, network: Network, log: np.ndarray, end: float) -> None:
        self.network = network
        points = len(network.points)
        self.held: dict[int, int] = {}
        self.reserved: dict[int, int] = {}
        self.waiting_for: dict[int, int] = {}
        self.present: set[int] = set()
        self.in_use = [0] * points
        self.since: dict[int, tuple[float, int, int]] = {}
        """Per patient: from when, at which point and in which of treated, delayed, waiting."""
        self.cost: Counter[int] = Counter()
        self.cost_at = np.zeros((points, 3))
        self.days_at = np.zeros((points, 3))
        self.arrived = self.gone = 0
        costs = [(point.costs.treated, point.costs.delayed, point.costs.waiting) for point in network.points]
        self.rates = np.array(costs)
        for record in log:
            self.step(*record.tolist())
        for patient in list(self.since):
            self.stop(patient, end)

    def step(self, time, patient, kind, class_index, home, at, other) -> None:
        """Check one record against what went before, and carry it through."""
        kind = Event(kind)
        if kind is Event.ARRIVED:
            assert patient not in self.present
            self.present.add(patient)
            self.arrived += 1
        elif kind in (Event.CANCELLED, Event.REJECTED):
            assert patient not in self.held
            if kind is Event.REJECTED:
                limit = self.network.points[home].queue_limit
                assert list(self.waiting_for.values()).count(home) > limit
                self.wait_no_more(patient, home, time)
            self.go(patient)
        elif kind is Event.JOINED:
            self.present.add(patient)
            assert patient not in self.reserved
            assert self.held.get(patient, -1) == at
            if at < 0:
                self.wait(patient, home, time)
        elif kind is Event.QUEUED:
            limit = self.network.points[home].queue_limit
            assert limit is None or list(self.waiting_for.values()).count(home) < limit
            self.release(patient, at, time)
            self.wait(patient, home, time)
        elif kind is Event.GRANTED:
            assert self.held.get(patient, -1) == at
            assert patient not in self.reserved
            self.check_free(other, time)
            self.in_use[other] += 1
            self.reserved[patient] = other
            if at < 0:
                self.wait_no_more(patient, home, time)
        elif kind is Event.STARTED:
            self.start(patient, at, other, time)
        elif kind is Event.ENDED:
            assert self.held[patient] == at
            self.stop(patient, time)
            self.since[patient] = (time, at, 1)
        elif kind is Event.GAVE_UP:
            assert self.held.get(patient, -1) == at
            if at < 0:
                self.wait_no_more(patient, home, time)
        elif kind is Event.LEFT:
            assert patient not in self.reserved
            assert self.held.get(patient, -1) == at
            if at >= 0:
                self.release(patient, at, time)
            self.go(patient)
        else:
            assert kind in (Event.READY, Event.BLOCKED)
            assert self.since[patient][2] == 1

    def start(self, patient, at, left, time) -> None:
        """A stay begins: of one present at time 0, after a grant, or once more in the same place."""
        if patient in self.reserved:
            assert self.reserved.pop(patient) == at
            assert self.held.get(patient, -1) == left
            if left >= 0:
                self.release(patient, left, time)
        elif patient in self.held:
            assert self.held[patient] == at == left
            self.stop(patient, time)
        else:
            assert time == 0.0
            self.present.add(patient)
            self.in_use[at] += 1
        self.held[patient] = at
        self.since[patient] = (time, at, 0)

    def wait(self, patient, home, time) -> None:
        assert patient not in self.waiting_for
        self.waiting_for[patient] = home
        self.since[patient] = (time, home, 2)

    def wait_no_more(self, patient, home, time) -> None:
        assert self.waiting_for.pop(patient) == home
        self.stop(patient, time)

    def release(self, patient, at, time) -> None:
        assert self.held.pop(patient) == at
        self.in_use[at] -= 1
        self.stop(patient, time)

    def stop(self, patient, time) -> None:
        """Add up the days and the cost of what ends now."""
        since, at, measure = self.since.pop(patient)
        self.days_at[at, measure] += time - since
        self.cost[patient] += (time - since) * self.rates[at, measure]

    def go(self, patient) -> None:
        self.present.remove(patient)
        assert patient not in self.held
        assert patient not in self.waiting_for
        self.gone += 1

    def check_free(self, place, time) -> None:
        """Whether a place could be granted: places now, and staff of the pool."""
        point = self.network.points[place]
        if point.places is not None:
            assert self.in_use[place] < value_at(point.places, time)
        if point.pool is not None:
            used = sum(
                used * other.staff_per_place
                for used, other in zip(self.in_use, self.network.points, strict=True)
                if other.pool == point.pool
            )
            staff = next(pool.staff for pool in self.network.pools if pool.name == point.pool)
            assert used + point.staff_per_place <= value_at(staff, time) + 1e-9


def value_at(schedule: Schedule, time: float) -> float:
    """The number in force; at the moment of a change the larger one, for other capacities may change before it."""
    before = max(bisect_left(schedule.times, time) - 1, 0)
    return max(schedule.values[before], schedule.values[bisect_right(schedule.times, time) - 1])


def check_invariants(engine, network: Network, days: float, seed: int) -> None:
    """One place each, arrivals = present + left, places and queues within limits, costs add up."""
    simulation = engine(network, days=days, seed=seed, log=True)
    simulation.run()
    log, results, census = simulation.take_log(), simulation.results(), simulation.census()
    replay = Replay(network, log, days)
    starting = sum(sum({**p.starting}.values()) + sum({**p.starting_queue}.values()) for p in network.points)
    assert starting + replay.arrived == census.sum() + replay.gone
    assert len(replay.present) == census.sum()
    points = len(network.points)
    held = Counter(replay.held.values())
    assert census.sum(axis=(0, 2, 3)).tolist() == [
        *(held[index] for index in range(points)),
        len(replay.present) - len(replay.held),
    ]
    assert results.exits.sum() == (log["kind"] == Event.LEFT).sum()
    np.testing.assert_allclose(results.time.sum(axis=0)[:, [0, 1, 3]], replay.days_at, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(results.cost.sum(), sum(replay.cost.values()), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(results.cost.sum(axis=0), replay.days_at * replay.rates, rtol=1e-9, atol=1e-6)
    check_counts(network, log, results)


def check_counts(network: Network, log: np.ndarray, results) -> None:
    """Counts by home point and waits against those of the log."""
    counted = results.count.sum(axis=0)
    for name, kind in (("joined", Event.JOINED), ("ended", Event.ENDED), ("rejected", Event.REJECTED)):
        column = COUNTS.index(name)
        found = np.bincount(log["home"][log["kind"] == kind], minlength=len(network.points))
        np.testing.assert_array_equal(counted[:, column], found, err_msg=name)
    joined: dict[int, float] = {}
    waits = np.zeros(len(network.points))
    for record in log:
        if record["kind"] == Event.JOINED:
            joined[record["patient"]] = record["time"]
        elif record["kind"] == Event.STARTED and record["patient"] in joined:
            waits[record["home"]] += record["time"] - joined.pop(record["patient"])
        elif record["kind"] == Event.GAVE_UP:
            joined.pop(record["patient"])
    np.testing.assert_allclose(results.wait_days.sum(axis=0), waits, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HAND_MADE)
def test_rules_are_kept_in_hand_made_networks(engine, name):
    check_invariants(engine, HAND_MADE[name](), DAYS, 5)


@pytest.mark.parametrize("engine", ENGINES)
def test_rules_are_kept_in_random_networks(engine):
    for number in range(60):
        try:
            check_invariants(engine, random_network(number), RANDOM_DAYS, number)
        except AssertionError as error:
            raise AssertionError(f"random network {number}") from error


def exchanged(simulation):
    """Settings changed at two exchange dates, as a system model around the hospital would."""
    simulation.run(10.0)
    simulation.set_rate("walk-in", 22.0)
    simulation.set_rate("elective plan", 1.0)
    simulation.set_places("medicine", 14)
    simulation.set_pool("nurses", 4.5)
    simulation.set_stay_factor("major", "medicine", 1.3)
    simulation.set_route_shares("major", "department", {"medicine": 0.2, "home": 0.8})
    simulation.set_waiting_rate_factor("department", "leaves unseen", 3.0)
    simulation.run(21.5)
    simulation.set_rate("walk-in", 0.0)
    simulation.set_rate("ambulance", 9.0)
    simulation.set_places("surgery", 11)
    simulation.set_pool("doctors", 8.0)
    simulation.set_waiting_rate_factor("department", "leaves unseen", 0.0)
    simulation.run(30.0)
    simulation.set_rate("walk-in", 12.0)
    return simulation.run()


def test_exchange_inputs_act_alike():
    network = HAND_MADE["emergency"]()
    both = [engine(network, days=DAYS, seed=4, log=True) for engine in ENGINES]
    untouched = SimpySimulation(network, days=DAYS, seed=4, log=True)
    untouched.run()
    for simulation in both:
        exchanged(simulation)
    logs = [simulation.take_log() for simulation in both]
    assert_same_logs(*logs)
    assert_same_results(*(simulation.results() for simulation in both))
    before = logs[0][logs[0]["time"] < 10.0]
    plain = untouched.take_log()
    assert_same_logs(before, plain[plain["time"] < 10.0])
    walked_in = (logs[0]["kind"] == Event.ARRIVED) & (logs[0]["time"] > 21.5) & (logs[0]["time"] < 30.0)
    assert walked_in.sum() < 0.8 * ((plain["kind"] == Event.ARRIVED) & (plain["time"] > 21.5)).sum()


def exchanged_at_random(simulation, network: Network, seed: int):
    """Anything that can be set is set at some dates."""
    rng = np.random.default_rng(seed)
    wards = [point for point in network.points if point.stay]
    dates = rng.uniform(0.0, RANDOM_DAYS, 6)
    dates[:3] = np.round(dates[:3])
    for date in np.sort(dates):
        simulation.run(float(date))
        stream = network.streams[rng.integers(len(network.streams))]
        point = wards[rng.integers(len(wards))]
        label = network.classes[rng.integers(len(network.classes))]
        if rng.random() < 0.5:
            simulation.set_rate(stream.name, float(rng.choice([0.0, rng.uniform(0.5, 4.0)])))
        if rng.random() < 0.5:
            simulation.set_places(point.name, float(rng.uniform(0.0, 6.0)))
        if rng.random() < 0.5 and network.pools:
            simulation.set_pool(network.pools[rng.integers(len(network.pools))].name, float(rng.uniform(0.0, 5.0)))
        if rng.random() < 0.5:
            simulation.set_stay_factor(label, point.name, float(rng.uniform(0.5, 2.0)))
        if rng.random() < 0.5:
            targets = sorted({route.to for route in point.routes[label]})
            shares = rng.dirichlet(np.ones(len(targets)))
            simulation.set_route_shares(label, point.name, dict(zip(targets, map(float, shares), strict=True)))
        simulation.set_preparation_factor(label, point.name, point.routes[label][-1].to, float(rng.uniform(0.0, 3.0)))
        for way in point.while_waiting.get(label, ()):
            simulation.set_waiting_rate_factor(point.name, way.name, float(rng.choice([0.0, 1.0, 4.0])))
    return simulation.run()


@pytest.mark.parametrize("tens", range(8))
def test_exchange_inputs_act_alike_in_random_networks(tens):
    for number in range(10 * tens, 10 * tens + 10):
        network = random_network(number)
        both = [engine(network, days=RANDOM_DAYS, seed=number, log=True) for engine in ENGINES]
        for simulation in both:
            exchanged_at_random(simulation, network, number)
        try:
            assert_same_histories(*both)
        except AssertionError as error:
            raise AssertionError(f"random network {number}") from error


@pytest.mark.parametrize("engine", ENGINES)
def test_running_beyond_the_length_goes_on_with_arrivals(engine):
    network = HAND_MADE["wards"]()
    longer = engine(network, days=60.0, seed=2, log=True)
    longer.run()
    beyond = engine(network, days=20.0, seed=2, log=True)
    beyond.run()
    beyond.run(60.0)
    assert_same_histories(longer, beyond)
    with pytest.raises(ValueError, match="cannot run back"):
        beyond.run(30.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_names_that_do_not_exist_are_refused_with_the_nearest(engine):
    simulation = engine(HAND_MADE["emergency"](), days=1.0, seed=1)
    for change in (
        lambda: simulation.set_places("medecine", 3),
        lambda: simulation.set_rate("walkin", 3.0),
        lambda: simulation.set_pool("nurse", 3.0),
        lambda: simulation.set_stay_factor("majors", "medicine", 1.0),
        lambda: simulation.set_waiting_rate_factor("department", "leaves unsen", 1.0),
    ):
        with pytest.raises(UserError, match="Did you mean"):
            change()
    with pytest.raises(UserError, match="0 or more"):
        simulation.set_places("medicine", -1)
    with pytest.raises(UserError, match="0 or more"):
        simulation.set_pool("nurses", -1.0)
    with pytest.raises(UserError, match="0 or more"):
        simulation.set_rate("walk-in", -1.0)


@pytest.mark.parametrize("engine", ENGINES)
def test_shares_of_staff_and_places_set_from_outside_override_schedules(engine):
    network = HAND_MADE["emergency"]()
    simulation = engine(network, days=DAYS, seed=4, log=True)
    simulation.run(11.0)
    simulation.set_places("surgery", 8)
    simulation.run(25.0)
    granted = simulation.take_log()
    surgery = granted[(granted["kind"] == Event.STARTED) & (granted["at"] == 2)]
    assert (surgery["time"] > 12.0).any()
    kept = simulation.census()[:, 2].sum()
    scheduled = engine(network, days=DAYS, seed=4)
    scheduled.run(25.0)
    assert kept > 5 >= scheduled.census()[:, 2].sum()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HAND_MADE)
def test_a_run_split_at_any_time_equals_the_whole(engine, name):
    network = HAND_MADE[name]()
    whole = engine(network, days=DAYS, seed=6, log=True)
    whole.run()
    parts = engine(network, days=DAYS, seed=6, log=True)
    logs = []
    for until in (3.0, 3.0, 7.25, 20.0, 33.3, DAYS):
        parts.run(until)
        logs.append(parts.take_log())
        assert logs[-1]["time"].max(initial=0.0) < until
    log = np.concatenate(logs)
    np.testing.assert_array_equal(log, whole.take_log())
    assert_same_results(parts.results(), whole.results())


@pytest.mark.parametrize("engine", ENGINES)
def test_results_on_the_way_do_not_disturb(engine):
    network = HAND_MADE["discharge"]()
    whole = engine(network, days=DAYS, seed=6)
    whole.run()
    parts = engine(network, days=DAYS, seed=6)
    parts.run(12.4)
    half_way = parts.results()
    parts.census()
    parts.run()
    assert_same_results(parts.results(), whole.results())
    assert half_way.time[:12].sum() > 0
    np.testing.assert_allclose(half_way.time[:12], whole.results().time[:12], rtol=1e-9, atol=1e-9)
    assert half_way.time[13:].sum() == 0.0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_copy_goes_on_by_itself(engine):
    network = HAND_MADE["emergency"]()
    original = engine(network, days=DAYS, seed=8, log=True)
    original.run(10.0)
    original.set_rate("ambulance", 5.0)
    original.take_log()
    copied = original.copy()
    copied.run(15.0)
    original.run()
    copied.run()
    assert_same_histories(original, copied)
    changed = engine(network, days=DAYS, seed=8)
    changed.run(10.0)
    other = changed.copy()
    other.set_places("medicine", 0)
    other.run()
    changed.run()
    assert other.results().events != changed.results().events
    untouched = engine(network, days=DAYS, seed=8)
    untouched.run()
    assert_same_results(changed.results(), untouched.results())


@pytest.mark.parametrize("engine", ENGINES)
def test_an_added_stream_shifts_no_draw_of_another(engine):
    """Where nobody competes for places, the others' histories stay as they are."""
    network = single(rate=3.0, stay=HAND_MADE["wards"]().points[0].stay["frail"], places=None)
    added = replace(network, streams=(Stream("added", "ward", {"all": 1.0}, always(2.0), FLAT), *network.streams))
    stays = []
    for build in (network, added):
        simulation = engine(build, days=DAYS, seed=3, log=True)
        simulation.run()
        log = simulation.take_log()
        started = {r["patient"]: r["time"] for r in log if r["kind"] == Event.STARTED}
        stays.append({(started[r["patient"]], r["time"]) for r in log if r["kind"] == Event.ENDED})
    assert len(stays[0]) > 50
    assert stays[0] < stays[1]
