"""Draws of the patient-level hospital: quantiles, residual stays, arrivals, and which keys matter."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import EVEN, always, exponential, hospital, one_point, simple, simulated
from scipy import stats

from model.hospital.engines import kernel
from model.hospital.engines import kernel_tables as tables
from model.hospital.engines.events import Event, PatientState
from model.hospital.network.network import Distribution, Schedule, Stream


def test_the_kernel_speaks_of_events_and_states_in_the_same_numbers():
    kinds = {Event.BLOCKED: "BLOCKING"}
    assert all(getattr(kernel, kinds.get(kind, kind.name)) == kind for kind in Event)
    states = {PatientState.TRANSFER: "IN_TRANSFER"}
    assert all(getattr(kernel, states.get(state, state.name)) == state for state in PatientState)


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
