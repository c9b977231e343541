"""The compiled engine of pathway networks: draws, rules as the log tells them, results, what is set from outside."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from model.hospital import compiled, kernel, tables
from model.hospital.compiled import CompiledSimulation
from model.hospital.events import Event, State
from model.hospital.network import (
    BACK,
    Costs,
    Distribution,
    Network,
    Overflow,
    Point,
    Pool,
    Route,
    Schedule,
    Stream,
    WaitingExit,
    Watch,
)
from model.registry.errors import UserError

DAYS = 60.0
EVEN = np.ones(168)


def always(value: float) -> Schedule:
    return Schedule((0.0,), (float(value),))


def exponential(mean: float) -> Distribution:
    return Distribution("exponential", mean)


def one_point(point: Point, *, rate: float = 9.0, **stream) -> Network:
    arrivals = Stream("in", point.name, {"a": 1.0}, always(rate), EVEN, **stream)
    return Network("one", ("a",), (point,), (arrivals,), ("out",))


def simple(places: float | None = 10.0, stay: Distribution | None = None, **more) -> Point:
    return Point(
        "beds",
        {"a": stay or exponential(1.0)},
        {"a": (Route("out", 1.0),)},
        None if places is None else always(places),
        **more,
    )


def hospital() -> Network:
    """A small network with everything in it."""
    lognormal, gamma = Distribution("lognormal", 2.0, 0.8), Distribution("gamma", 3.0, 1.7)
    few_hours, empirical = (
        Distribution("weibull", 0.2, 1.5),
        Distribution("empirical", 1.0, 0.0, (0.5, 2.0), (2 / 3, 1 / 3)),
    )
    daytime = np.tile([False] * 9 + [True] * 9 + [False] * 6, 7)
    door = Point(
        "door",
        {"young": few_hours, "old": few_hours},
        {
            "young": (Route("home", 0.6), Route("ward", 0.4, transfer=exponential(0.05))),
            "old": (Route("home", 0.3), Route("ward", 0.7)),
        },
        always(6),
        queue_limit=9,
        priority={"young": 1},
        while_waiting={"young": (WaitingExit("leaves", exponential(0.4), "home"),)},
        pool="nurses",
        staff_per_place=1.0,
        costs=Costs(10.0, 11.0, 3.0),
        watches=(Watch("four hours", "since_arrival", 4 / 24), Watch("wait", "wait", 0.1)),
    )
    ward = Point(
        "ward",
        {"young": lognormal, "old": gamma},
        {
            "young": (Route("home", 0.8, few_hours, few_hours), Route("care", 0.2, Distribution("deterministic", 0.5))),
            "old": (Route("home", 0.3, few_hours), Route("care", 0.5, empirical), Route("rehabilitation", 0.2)),
        },
        Schedule((0.0, 20.0, 30.0), (14.0, 10.0, 16.0)),
        overflow=(Overflow("annexe", 2, 1.2),),
        leaving_hours=daytime,
        pool="nurses",
        staff_per_place=0.5,
        costs=Costs(100.0, 90.0, 0.0),
        starting={"young": 3, "old": 8},
        starting_queue={"old": 5},
        stay_per_delayed_day=0.1,
        most_lengthening=0.5,
        watches=(Watch("stay", "stay", 5.0), Watch("to care", "delay", 1.0, "care"), Watch("delay", "delay", 1.0)),
    )
    annexe = Point("annexe", {}, {}, always(4), costs=Costs(50.0, 40.0))
    care = Point(
        "care",
        {"young": gamma, "old": gamma},
        {"young": (Route("home", 1.0),), "old": (Route("home", 0.9), Route("ward", 0.1))},
        always(6),
        while_waiting={
            "old": (
                WaitingExit("worse", exponential(2.0), BACK),
                WaitingExit("switched", exponential(2.0), "rehabilitation"),
                WaitingExit("died", exponential(9.0), "grave"),
            )
        },
        starting={"old": 4},
        costs=Costs(60.0, 70.0, 5.0),
        stay_per_delayed_day=0.05,
        most_lengthening=1.0,
    )
    rehabilitation = Point(
        "rehabilitation",
        {"young": lognormal, "old": lognormal},
        {"young": (Route("home", 1.0),), "old": (Route("home", 1.0, empirical, empirical),)},
        always(3),
        queue_limit=4,
        waits_in_place=False,
        while_waiting={
            "old": (WaitingExit("worse", exponential(1.0), BACK), WaitingExit("died", exponential(5.0), "grave"))
        },
        costs=Costs(80.0, 80.0, 7.0),
    )
    streams = (
        Stream(
            "walk in", "door", {"young": 0.7, "old": 0.3}, Schedule((0.0, 33.3), (16.0, 20.0)), 2.0 * daytime * 24 / 18
        ),
        Stream("planned", "ward", {"young": 1.0}, always(1.5), EVEN, regular=True, cancelled_above=1.1),
    )
    nurses = Pool("nurses", Schedule((0.0, 40.0), (13.0, 11.5)))
    points = (door, ward, annexe, care, rehabilitation)
    return Network("hospital", ("young", "old"), points, streams, ("home", "grave"), (nurses,))


def simulated(network: Network, days: float = DAYS, **more) -> CompiledSimulation:
    simulation = CompiledSimulation(network, days=days, seed=more.pop("seed", 11), log=True, checked=True, **more)
    simulation.run()
    return simulation


def assert_same_results(one: tables.Results, other: tables.Results) -> None:
    for name in ("time", "count", "wait_days", "delay_days", "exits", "gave_up", "watch", "cost"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.events == other.events


def assert_same_history(one: CompiledSimulation, other: CompiledSimulation) -> None:
    assert np.array_equal(one.take_log(), other.take_log())
    assert_same_results(one.results(), other.results())


# Draws.


def test_the_kernel_speaks_of_events_and_states_in_the_same_numbers():
    kinds = {Event.BLOCKED: "BLOCKING"}
    assert all(getattr(kernel, kinds.get(kind, kind.name)) == kind for kind in Event)
    states = {State.TRANSFER: "IN_TRANSFER"}
    assert all(getattr(kernel, states.get(state, state.name)) == state for state in State)


def test_uniform_draws_are_even_and_their_keys_matter():
    key = kernel.mix(5, 7)
    draws = np.array([kernel.uniform(key, point, kernel.STAY, visit) for point in range(20) for visit in range(1000)])
    assert stats.kstest(draws, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 3 / math.sqrt(draws.size)
    assert len({kernel.uniform(key, 1, purpose, 1) for purpose in range(8)}) == 8
    assert kernel.uniform(key, 1, 2, 3) == kernel.uniform(key, 1, 2, 3)


def test_the_normal_quantile_is_accurate_to_the_last_digits():
    u = np.concatenate([10.0 ** -np.arange(0.5, 15.0, 0.1), np.linspace(0.001, 0.999, 999)])
    drawn = np.array([kernel.normal_quantile(value) for value in u])
    assert np.allclose(drawn, stats.norm.ppf(u), rtol=1e-14, atol=1e-15)
    assert kernel.normal_quantile(1.0 - 2.0**-30) == -kernel.normal_quantile(2.0**-30)


@pytest.mark.parametrize("shape", [0.05, 0.3, 1.0, 1.5, 4.0, 60.0])
def test_gamma_quantiles_are_within_their_stated_error(shape):
    point = simple(stay=Distribution("gamma", 3.0, shape))
    group = tables.build_tables(one_point(point), 1).distributions
    u = np.concatenate([2.0 ** -np.arange(2.0, 50.0), np.linspace(0.01, 0.99, 99), 1 - 2.0 ** -np.arange(2.0, 50.0)])
    drawn = np.array([kernel.sample(group, 0, value) for value in u])
    exact = np.where(
        u < 0.5, stats.gamma.ppf(u, shape, scale=3 / shape), stats.gamma.isf(1 - u, shape, scale=3 / shape)
    )
    seen = exact > 1e-200
    assert seen.sum() > 100
    assert np.allclose(drawn[seen], exact[seen], rtol=1e-5, atol=0.0)


QUANTILES = {
    "deterministic": (Distribution("deterministic", 2.0), lambda u: np.full(u.shape, 2.0)),
    "exponential": (exponential(2.0), lambda u: stats.expon.ppf(u, scale=2.0)),
    "lognormal": (
        Distribution("lognormal", 2.0, 0.7),
        lambda u: stats.lognorm.ppf(u, 0.7, scale=2.0 * math.exp(-0.245)),
    ),
    "weibull": (
        Distribution("weibull", 2.0, 1.3),
        lambda u: stats.weibull_min.ppf(u, 1.3, scale=2 / math.gamma(1 + 1 / 1.3)),
    ),
    "empirical": (
        Distribution("empirical", 2.0, 0.0, (1.0, 2.0, 4.0), (0.5, 0.25, 0.25)),
        lambda u: np.where(u <= 0.5, 1.0, np.where(u <= 0.75, 2.0, 4.0)),
    ),
}


@pytest.mark.parametrize("kind", QUANTILES)
def test_quantiles_of_the_other_distributions(kind):
    distribution, exact = QUANTILES[kind]
    group = tables.build_tables(one_point(simple(stay=distribution)), 1).distributions
    u = np.linspace(0.0005, 0.9995, 1000)
    assert np.allclose([kernel.sample(group, 0, value) for value in u], exact(u), rtol=1e-12)


SECOND_MOMENTS = {
    "deterministic": (Distribution("deterministic", 2.0), 4.0),
    "exponential": (exponential(2.0), 8.0),
    "lognormal": (Distribution("lognormal", 2.0, 0.5), 4.0 * math.exp(0.25)),
    "gamma": (Distribution("gamma", 2.0, 1.6), 4.0 * (1 + 1 / 1.6)),
    "weibull": (Distribution("weibull", 2.0, 1.4), 4.0 * math.gamma(1 + 2 / 1.4) / math.gamma(1 + 1 / 1.4) ** 2),
    "empirical": (Distribution("empirical", 2.0, 0.0, (0.0, 1.0, 5.0), (0.25, 0.4375, 0.3125)), 8.25),
}


@pytest.mark.parametrize("kind", SECOND_MOMENTS)
def test_what_is_left_of_stays_at_the_start_is_length_biased(kind):
    """A stay met at a random time has E[X^2] / (2 E[X]) left in the mean; of all who are there nobody is new."""
    distribution, second = SECOND_MOMENTS[kind]
    if kind == "empirical":
        assert math.fsum(v * w for v, w in zip(distribution.values, distribution.weights, strict=True)) == 2.0
    present = 20_000
    simulation = simulated(one_point(simple(None, distribution, starting={"a": present}), rate=0.0), days=200.0)
    log = simulation.take_log()
    left = log["time"][log["kind"] == Event.ENDED]
    assert left.size == present
    assert abs(left.mean() - second / 4.0) < 3.5 * left.std() / math.sqrt(present)


def test_arrivals_run_off_the_cumulated_rate():
    hours = np.where(np.arange(168) % 24 < 6, 0.0, 24 / 18)
    network = one_point(simple())
    stream = replace(network.streams[0], rate=Schedule((0.0, 2.1, 5.0), (9.0, 0.0, 4.0)), hours=hours)
    streams = tables.build_tables(replace(network, streams=(stream,)), 1).streams

    def cumulated(t: float) -> float:
        fine = np.arange(0.0, t, 1e-4) + 5e-5
        rate = np.where(fine < 2.1, 9.0, np.where(fine < 5.0, 0.0, 4.0))
        return float(np.sum(rate * hours[(fine * 24).astype(int) % 168]) * 1e-4)

    for hazard in (0.5, 4.0, 17.0, 18.5, 60.0):
        t, left = kernel.walk_arrival(streams, 0, 0.0, hazard, 100.0)
        assert left == 0.0
        assert abs(cumulated(t) - hazard) < 1e-2
    t, left = kernel.walk_arrival(streams, 0, 0.0, 60.0, 10.0)
    assert t == math.inf
    assert abs(left - (60.0 - cumulated(10.0))) < 1e-2


def test_a_walk_that_pauses_at_whole_hours_ends_at_the_same_bit():
    streams = tables.build_tables(hospital(), 1).streams
    for hazard in (0.3, 5.0, 77.0):
        whole, _ = kernel.walk_arrival(streams, 0, 0.123, hazard, math.inf)
        left, start = hazard, 0.123
        for hour in range(3, 2000, 7):
            t, left = kernel.walk_arrival(streams, 0, start, left, hour / 24)
            if t < math.inf:
                break
            start = hour / 24
        assert t == whole


def test_hours_in_which_patients_may_leave():
    open_hours = np.zeros(168, dtype=bool)
    open_hours[[9, 10, 33]] = True
    point = simple(leaving_hours=open_hours)
    hours = tables.build_tables(one_point(point), 1).hours
    assert kernel.next_open(hours, 0, 0.0) == 9 / 24
    assert kernel.next_open(hours, 0, 9.5 / 24) == 9.5 / 24
    assert kernel.next_open(hours, 0, 11 / 24) == 33 / 24
    assert kernel.next_open(hours, 0, 34 / 24) == 7 + 9 / 24
    never = tables.build_tables(one_point(replace(point, leaving_hours=np.zeros(168, dtype=bool))), 1).hours
    assert kernel.next_open(never, 0, 1.0) == math.inf


def test_regular_arrivals_are_evenly_spaced():
    log = simulated(one_point(simple(None), rate=4.0, regular=True), days=50.0).take_log()
    arrivals = log["time"][log["kind"] == Event.ARRIVED]
    assert arrivals.size == 200
    assert np.allclose(np.diff(arrivals), 0.25, atol=1e-9)


def test_an_unrelated_stream_or_point_shifts_no_draw():
    alone = hospital()
    other = simple(3.0)
    more = replace(
        alone,
        classes=("a", *alone.classes),
        points=(other, *alone.points),
        streams=(Stream("in", "beds", {"a": 1.0}, always(5.0), EVEN), *alone.streams),
        exits=("out", *alone.exits),
    )
    kinds = [Event.STARTED, Event.ENDED, Event.LEFT, Event.GAVE_UP]
    times = []
    for network, shift in ((alone, 0), (more, 1)):
        log = simulated(network).take_log()
        log = log[np.isin(log["kind"], kinds) & (log["class"] >= shift)]
        times.append([(r["time"], r["kind"], r["home"] - shift if r["home"] >= 0 else -1) for r in log])
    assert times[0] == times[1]


def test_seeds_and_replications_are_different_worlds():
    logs = [
        simulated(hospital(), days=2.0, seed=seed, replication=r).take_log() for seed, r in ((1, 0), (1, 1), (2, 0))
    ]
    assert len({float(log["time"][-1]) for log in logs}) == 3


# Queues and histories.


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
    for name in ("SPARE_SLOTS", "SPARE_AGENDA", "LOG_ROOM"):
        monkeypatch.setattr(compiled, name, 1)
    narrow = CompiledSimulation(hospital(), days=1.0, seed=11, log=True, checked=True)
    narrow.run(DAYS)
    assert len(narrow._memory.patient_number) > 1.5 * 27
    assert_same_history(narrow, roomy)


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


# The log against the results.


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
    census = simulation.census()[State.PREPARING]
    assert [census[1:3, 1].sum(), census[1:3, 3:].sum()] == towards
    assert min(towards) > 0


def test_places_in_use_and_lines_are_those_of_the_census():
    simulation = CompiledSimulation(hospital(), days=DAYS, seed=11)
    for until in (5.0, 17.4, 55.5):
        simulation.run(until)
        census = simulation.census()
        reserved = census[State.TRANSFER, :-1]
        in_line = census[[State.WAITING, State.BLOCKED]].sum(axis=(0, 1, 3))
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
        assert census[State.WAITING, :-1].sum() == 0
        assert census[State.TREATED :, -1].sum() == 0
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


# What is set from outside.


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
    assert simulation.census()[State.TREATED].sum() == 2
    simulation.set_pool("staff", 9.0)
    assert simulation.census()[State.TREATED].sum() == 4
    simulation.set_pool("staff", 2.0)
    assert simulation.census()[State.TREATED].sum() == 4
    simulation.run()
    assert simulation.census()[State.TREATED].sum() == 1


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
    copy = simulation.copy()
    copy.set_rate("walk in", 60.0)
    copy.set_stay_factor("old", "ward", 2.0)
    copy.set_route_shares("old", "ward", {"home": 1.0})
    copy.set_waiting_rate_factor("door", "leaves", 3.0)
    copy.set_preparation_factor("old", "ward", "care", 3.0)
    copy.set_places("care", 0)
    copy.run()
    twin = simulation.copy()
    simulation.run()
    twin.run()
    assert_same_results(simulation.results(), twin.results())
    assert_same_history(simulation, simulated(hospital()))
    assert copy.results().count[:, 0, 0].sum() > 1.5 * twin.results().count[:, 0, 0].sum()


# Faults.


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
