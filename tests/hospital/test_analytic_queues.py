"""The compiled engine against exact results: Erlang, M(t)/G/infinity, Kiefer-Wolfowitz, fluid limits, tandem queues."""

import math
from dataclasses import replace

import numpy as np
import pytest
from network_cases import HOUR_OF_DAY, exactly, exponential, gamma, lognormal, mean_one, single, tandem, weibull
from scipy import stats

from model.hospital.engines import kernel
from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.events import Event
from model.hospital.engines.kernel_tables import COUNTS, TIMES, Results, build_tables
from model.hospital.network.network import Network, Schedule, Watch

STANDARD_ERRORS = 3.0


def replications(network: Network, *, days: float, number: int, seed: int, warm_up: int = 0) -> list[Results]:
    """Results of each replication; days of the warm-up are cut off by ``after``."""
    results = []
    for replication in range(number):
        simulation = CompiledSimulation(network, days=days, seed=seed, replication=replication)
        simulation.run()
        results.append(after(simulation.results(), warm_up))
    return results


def after(results: Results, warm_up: int) -> Results:
    cut = {name: getattr(results, name)[warm_up:] for name in ("time", "count", "wait_days", "delay_days", "watch")}
    return replace(results, **cut)


def total(results: Results, name: str, point: int = 0) -> float:
    """Patient-days or counts of a point, all intervals together."""
    if name in COUNTS:
        return float(results.count[:, point, COUNTS.index(name)].sum())
    return float(results.time[:, point, TIMES.index(name)].sum())


def assert_within_error(found: list[float], exact: float, *, at_most: float) -> None:
    """Mean of replications within three standard errors, which are themselves at most that share of the exact value."""
    mean, error = np.mean(found), np.std(found, ddof=1) / math.sqrt(len(found))
    assert error <= at_most * abs(exact), f"standard error {error} is too large to test {exact}"
    assert abs(mean - exact) <= STANDARD_ERRORS * error, f"{mean} +- {error}, not {exact}"


def watching_waits(network: Network) -> Network:
    """The same network, counting who waits at all."""
    return replace(network, points=(replace(network.points[0], watches=(Watch("waits", "wait", 0.0),)),))


@pytest.mark.parametrize(
    ("rate", "mean", "places", "days", "waits", "queue"),
    [(11.0, 1.0, 15, 5000.0, 0.18980, 0.52195), (1.0, 10.0, 20, 60000.0, 0.003731, 0.003731)],
)
def test_erlang_c(rate, mean, places, days, waits, queue):
    network = watching_waits(single(rate=rate, stay=exponential(mean), places=places))
    found = replications(network, days=days, number=24, seed=1, warm_up=100)
    assert_within_error([r.watch[:, 0, 0].sum() / r.watch[:, 0, 1].sum() for r in found], waits, at_most=0.05)
    assert_within_error([total(r, "waiting") / len(r.time) for r in found], queue, at_most=0.12)
    assert_within_error([total(r, "treated") / len(r.time) for r in found], rate * mean, at_most=0.002)


@pytest.mark.parametrize("stay", [exponential(1.0), lognormal(1.0, 1.0), gamma(1.0, 0.5), weibull(1.0, 2.0)])
def test_erlang_b_whatever_the_distribution_of_stays(stay):
    network = single(rate=11.0, stay=stay, places=15, queue_limit=0)
    found = replications(network, days=5000.0, number=20, seed=2, warm_up=50)
    assert_within_error([total(r, "rejected") / total(r, "joined") for r in found], 0.05880, at_most=0.01)


def survival(distribution) -> stats.rv_continuous:
    """The same distribution in scipy, which is not what the engine draws from."""
    mean, shape = distribution.mean, distribution.shape
    if distribution.kind == "lognormal":
        return stats.lognorm(shape, scale=mean / math.exp(shape**2 / 2))
    if distribution.kind == "gamma":
        return stats.gamma(shape, scale=mean / shape)
    return stats.weibull_min(shape, scale=mean / math.gamma(1 + 1 / shape))


@pytest.mark.parametrize("stay", [lognormal(6.0, 1.1), gamma(6.0, 0.6), weibull(6.0, 2.5)])
def test_occupancy_of_unlimited_places_from_any_start(stay):
    """Arrivals times survival, and of those present at the start the share whose length-biased stay still runs."""
    starting = 40
    hours = mean_one(1.0 + 0.8 * np.sin(2 * np.pi * HOUR_OF_DAY / 24) + 0.5 * (np.arange(168) < 48))
    network = single(rate=1.0, stay=stay, places=None, starting=starting)
    stream = replace(network.streams[0], rate=Schedule((0.0, 7.0, 12.5), (8.0, 2.0, 5.0)), hours=hours)
    network = replace(network, streams=(stream,))
    times = (0.25, 3.0, 7.0, 14.5, 25.0)
    found = np.array(
        [occupancy_at(CompiledSimulation(network, days=30.0, seed=3, replication=n), times) for n in range(600)]
    )
    steps = 24
    middles = (np.arange(30 * 24 * steps) + 0.5) / (24 * steps)
    rate = np.array(stream.rate.values)[np.searchsorted(stream.rate.times, middles, side="right") - 1]
    rate = rate * hours[(middles * 24).astype(int) % 168]
    survives = survival(stay)
    for column, time in enumerate(times):
        before = middles < time
        arrived = (rate[before] * survives.sf(time - middles[before])).sum() / (24 * steps)
        ages = (np.arange(20000) + 0.5) / 20000 * time
        remaining = 1.0 - survives.sf(ages).mean() * time / stay.mean
        assert_within_error(found[:, column], arrived + starting * remaining, at_most=0.02)


def occupancy_at(simulation: CompiledSimulation, times: tuple[float, ...]) -> list[int]:
    occupancy = []
    for time in times:
        simulation.run(time)
        occupancy.append(int(simulation.census().sum()))
    return occupancy


@pytest.mark.parametrize("places", [1, 3, 10])
@pytest.mark.parametrize("stay", [lognormal(1.0, 1.3), gamma(1.0, 0.7), exactly(1.0)])
def test_every_wait_is_that_of_kiefer_and_wolfowitz(places, stay):
    """Work left at each place when a patient arrives, smallest first: the recursion, with the same draws."""
    rate, days, seed = 0.95 * places, 400.0, 5
    network = single(rate=rate, stay=stay, places=places)
    simulation = CompiledSimulation(network, days=days, seed=seed, log=True)
    simulation.run()
    log = simulation.take_log()
    joined, started = (
        {r["patient"]: r["time"] for r in log if r["kind"] == kind} for kind in (Event.JOINED, Event.STARTED)
    )

    tables = build_tables(network, seed, 0)
    stream_key, point_key = np.uint64(tables.streams.key[0]), np.uint64(tables.points.key[0])
    arrived, work = 0.0, np.zeros(places)
    assert len(started) > 0.8 * rate * days
    for number in range(len(started)):
        key = np.uint64(kernel.mix(stream_key, number))
        gap = -math.log1p(-kernel.uniform(key, np.uint64(0), np.uint64(kernel.ARRIVAL), 0)) / rate
        arrived += gap
        work = np.sort(np.maximum(work - gap, 0.0))
        # The line is the patient's first visit of the count, the stay the second.
        days_of_stay = kernel.sample(
            tables.distributions, tables.points.stay[0, 0], kernel.uniform(key, point_key, np.uint64(kernel.STAY), 2)
        )
        assert joined[number] == pytest.approx(arrived, abs=1e-9)
        assert started[number] - joined[number] == pytest.approx(work[0], abs=1e-9)
        work[0] += days_of_stay


# Discharge pathways of January 2023, from the parameters of the local discharge-to-assess model: referrals a day,
# capacity, mean stay in days, patients delayed at the start, each with its row of evidence; sigma of the stay's note.
PATHWAYS = {
    "P1 Bristol": ((8.00, "E3141"), (92, "E3142"), (18.07, "E3143"), (39, "E3145"), 1.1807),
    "P1 North Somerset": ((4.71, "E3147"), (71, "E3148"), (18.7, "E3149"), (48, "E3151"), 1.6242),
    "P1 South Gloucestershire": ((6.60, "E3153"), (71, "E3154"), (12.08, "E3155"), (42, "E3157"), 1.3282),
    "P2 Bristol": ((3.07, "E3159"), (102, "E3160"), (42.79, "E3161"), (31, "E3163"), 0.6782),
    "P2 North Somerset": ((2.34, "E3165"), (28, "E3166"), (38.28, "E3167"), (15, "E3169"), 0.5448),
    "P2 South Gloucestershire": ((2.14, "E3171"), (61, "E3172"), (34.06, "E3173"), (12, "E3175"), 0.5038),
    "P3 Bristol": ((1.95, "E3177"), (72, "E3178"), (59.15, "E3179"), (43, "E3181"), 0.5797),
    "P3 North Somerset": ((1.09, "E3183"), (39, "E3184"), (44.91, "E3185"), (12, "E3187"), 0.5312),
    "P3 South Gloucestershire": ((2.32, "E3189"), (37, "E3190"), (32.18, "E3191"), (11, "E3193"), 0.4562),
}
PUBLISHED_GROWTH = {"P2 North Somerset": 1.61, "P3 South Gloucestershire": 1.17, "P3 Bristol": 0.73}
"""Patients a day by which the queue of a congested pathway grows."""


@pytest.mark.parametrize("name", PATHWAYS)
def test_congested_pathways_grow_by_arrivals_less_capacity_over_mean_stay(name):
    (referrals, _), (capacity, _), (mean, _), (queue, _), sigma = PATHWAYS[name]
    growth = referrals - capacity / mean
    if name in PUBLISHED_GROWTH:
        assert round(growth, 2) == PUBLISHED_GROWTH[name]
    # Enough wait at the start for no place to be empty later: then every place renews itself and the rate is exact.
    waiting = queue + 100
    network = single(
        rate=referrals, stay=lognormal(mean, sigma), places=capacity, starting=capacity, starting_queue=waiting
    )
    days = 360.0
    found = []
    for replication in range(100):
        simulation = CompiledSimulation(network, days=days, seed=list(PATHWAYS).index(name), replication=replication)
        simulation.run()
        census = simulation.census()
        assert census[:, 0].sum() == capacity
        found.append((census[:, 1].sum() - waiting) / days)
    assert_within_error(found, growth, at_most=0.1)


def test_a_patient_holds_one_place_once():
    """Those in the starting queue hold no place while they wait, and have one stay like everyone."""
    network = single(rate=0.0, stay=lognormal(10.0, 0.8), places=20, starting=20, starting_queue=30)
    simulation = CompiledSimulation(network, days=400.0, seed=9, log=True)
    census = simulation.census()
    assert census[:, 0].sum() == 20
    assert census[:, 1].sum() == 30
    simulation.run(1.0)
    assert simulation.census()[:, 0].sum() == 20
    simulation.run()
    log = simulation.take_log()
    assert simulation.census().sum() == 0
    assert np.bincount(log["patient"][log["kind"] == Event.STARTED]).tolist() == [1] * 50
    assert np.bincount(log["patient"][log["kind"] == Event.LEFT]).tolist() == [1] * 50
    assert simulation.results().time[:, 0, TIMES.index("treated")].max() <= 20 + 1e-9


@pytest.mark.parametrize("sigma", [0.3, 1.0, 1.6])
def test_the_spread_of_the_lognormal_is_the_one_given(sigma):
    simulation = CompiledSimulation(
        single(rate=100.0, stay=lognormal(2.0, sigma), places=None), days=400.0, seed=10, log=True
    )
    simulation.run()
    log = simulation.take_log()
    started, ended = (
        {r["patient"]: r["time"] for r in log[log["kind"] == kind]} for kind in (Event.STARTED, Event.ENDED)
    )
    stays = np.array([ended[n] - started[n] for n in ended if started[n] < 200.0])
    error = sigma / math.sqrt(2 * len(stays))
    assert np.log(stays).std() == pytest.approx(sigma, abs=STANDARD_ERRORS * error)
    middle = math.log(2.0) - sigma**2 / 2
    assert np.log(stays).mean() == pytest.approx(middle, abs=STANDARD_ERRORS * sigma / math.sqrt(len(stays)))


def test_a_saturated_tandem_without_room_between():
    """Two single places, exponential stays of one day, always someone waiting: two thirds of a patient a day."""
    network = tandem(rate=3.0, first=exponential(1.0), second=exponential(1.0), places=(1, 1))
    found = replications(network, days=4000.0, number=20, seed=11, warm_up=200)
    assert_within_error([total(r, "ended", 1) / len(r.time) for r in found], 2 / 3, at_most=0.005)
    # Of every 1.5 days between departures, half a day of the first place is blocked.
    assert_within_error([total(r, "delayed", 0) / len(r.time) for r in found], 1 / 3, at_most=0.01)


def test_tandem_with_blocking_agrees_with_ciw():
    ciw = pytest.importorskip("ciw")
    rate, days, warm_up, number = 2.0, 2000.0, 100, 16
    network = tandem(rate=rate, first=exponential(1.0), second=lognormal(1.0, 0.8), places=(4, 3))
    ours = replications(network, days=days, number=number, seed=12, warm_up=warm_up)
    sigma = 0.8
    theirs = []
    for seed in range(number):
        ciw.seed(seed)
        simulation = ciw.Simulation(
            ciw.create_network(
                arrival_distributions=[ciw.dists.Exponential(rate), None],
                service_distributions=[ciw.dists.Exponential(1.0), ciw.dists.Lognormal(-(sigma**2) / 2, sigma)],
                routing=[[0.0, 1.0], [0.0, 0.0]],
                number_of_servers=[4, 3],
                queue_capacities=[math.inf, 0],
            )
        )
        simulation.simulate_until_max_time(days)
        records = [r for r in simulation.get_all_records() if r.node == 1 and r.arrival_date > warm_up]
        theirs.append(
            {"wait": np.mean([r.waiting_time for r in records]), "blocked": np.mean([r.time_blocked for r in records])}
        )
    found = {
        "wait": [r.wait_days[:, 0].sum() / total(r, "started") for r in ours],
        "blocked": [r.delay_days[:, 0].sum() / total(r, "left") for r in ours],
    }
    for name, values in found.items():
        others = [some[name] for some in theirs]
        error = math.sqrt((np.var(values, ddof=1) + np.var(others, ddof=1)) / number)
        assert error < 0.08 * np.mean(others)
        assert abs(np.mean(values) - np.mean(others)) <= STANDARD_ERRORS * error, name


def test_fluid_growth_needs_the_length_bias():
    """Were the rest of a starting stay a uniform part of a fresh one, places would free themselves much faster."""
    _, (capacity, _), (mean, _), _, sigma = PATHWAYS["P1 North Somerset"]
    network = single(rate=0.0, stay=lognormal(mean, sigma), places=None, starting=capacity)
    left = []
    for replication in range(200):
        simulation = CompiledSimulation(network, days=10.0, seed=13, replication=replication)
        simulation.run()
        left.append(float(capacity - simulation.census().sum()))
    survives = survival(lognormal(mean, sigma))
    ages = (np.arange(20000) + 0.5) / 20000 * 10.0
    exact = capacity * survives.sf(ages).mean() * 10.0 / mean
    uniform_part = capacity * np.mean([survives.cdf(10.0 / u) for u in (np.arange(2000) + 0.5) / 2000])
    assert uniform_part > 1.5 * exact
    assert_within_error(left, exact, at_most=0.02)
