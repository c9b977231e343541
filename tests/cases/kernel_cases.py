"""Small networks for the tests of the compiled engine, and how runs are compared."""

from __future__ import annotations

import numpy as np

from model.hospital.engines import kernel_tables as tables
from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.network.network import (
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
