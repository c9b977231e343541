"""A pathway network as data: streams of patients, service points, stays, routes, and what happens while waiting.

Times are days from the start of the network; hours of the week count from Monday 00:00. Everything is named, so that
random draws, errors and results refer to names. See ``docs/networks.md`` for the rules by which patients move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

HOURS_PER_WEEK = 168
BACK = "back"
"""Target of a waiting exit that sends the patient back into treatment in the place held."""
UNLIMITED = float("inf")
DISTRIBUTION_KINDS = ("deterministic", "exponential", "lognormal", "gamma", "weibull", "empirical")


@dataclass(frozen=True)
class Distribution:
    """A distribution of times.

    Attributes:
        kind: ``deterministic``, ``exponential``, ``lognormal``, ``gamma``, ``weibull`` or ``empirical``.
        mean: mean in days (of every kind).
        shape: sigma of the logarithm (lognormal), shape (gamma, weibull); unused by the others.
        values: points of an ``empirical`` distribution, days, ascending.
        weights: share of each point of ``values``; they add up to one.
    """

    kind: str
    mean: float
    shape: float = 0.0
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Route:
    """Where a patient goes at the end of a stay.

    Attributes:
        to: name of a service point or an exit.
        share: probability; those of one class at one point add up to one.
        preparation: time from the end of the stay until ready to leave, in the place held (assessment, paperwork).
        transfer: time from the grant of the next place (or, for an exit, from ready) until the place held is free.
    """

    to: str
    share: float
    preparation: Distribution | None = None
    transfer: Distribution | None = None


@dataclass(frozen=True)
class WaitingExit:
    """One of the competing ways to stop waiting: reneging, death, a switch to another pathway, relapse.

    Attributes:
        name: name of the way out, for draws and results.
        after: time from joining the wait.
        to: a service point, an exit, or ``BACK``.
    """

    name: str
    after: Distribution
    to: str


@dataclass(frozen=True)
class Overflow:
    """Another point at which a patient is placed when the own point is full.

    Attributes:
        point: name of the other point, whose place is taken; stay and routes remain those of the own point.
        opens_when_waiting: least number waiting at the own point, the patient included, for the place to be used.
        stay_multiplier: factor of the stay of a patient placed there.
    """

    point: str
    opens_when_waiting: int = 1
    stay_multiplier: float = 1.0


@dataclass(frozen=True)
class Costs:
    """Cost in pounds per patient-day: in the stay, delayed in the place after it, and waiting without a place."""

    treated: float = 0.0
    delayed: float = 0.0
    waiting: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """A number that is constant between given times.

    Attributes:
        times: days from the start, ascending, the first 0.
        values: value from each time on.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Pool:
    """Staff shared by points: each place in use needs some."""

    name: str
    staff: Schedule


@dataclass(frozen=True)
class Watch:
    """A duration that is counted when it exceeds a threshold.

    Attributes:
        name: name of the result.
        measure: ``wait`` (joined to started), ``stay`` (started to ended), ``delay`` (ended to place left), or
            ``since_arrival`` (arrival in the network to place left).
        over: threshold in days.
        to: count only those who leave for this point or exit; all where ``None``. Only for ``delay`` and
            ``since_arrival``.
    """

    name: str
    measure: str
    over: float
    to: str | None = None


@dataclass(frozen=True)
class Point:
    """A service point: places, who may wait, stays and routes by class.

    Attributes:
        name: name of the point.
        places: places over time; ``None`` for no limit.
        queue_limit: most patients who may wait without a place; ``None`` for no limit.
        waits_in_place: whether those who come from another point wait in the place they hold (blocking it) although
            the queue has room. Where false they leave it and join the queue, unless that is full.
        priority: by class; lower is served first; 0 where not named.
        stay: by class.
        routes: by class, shares adding up to one.
        while_waiting: by class.
        overflow: points tried in order when this one is full.
        leaving_hours: 168 flags, whether patients may leave in that hour of the week; ``None`` for always.
        pool: name of the pool of staff; ``None`` where places alone count.
        staff_per_place: staff that a place in use takes from the pool.
        costs: costs per patient-day.
        stay_per_delayed_day: relative lengthening of the stay here per day of delay in places held before.
        most_lengthening: greatest relative lengthening.
        starting: patients in their stay at time 0 by class; what is left of their stays is drawn from the
            residual (length-biased) distribution.
        starting_queue: patients waiting at time 0 by class.
        watches: durations counted over thresholds.
    """

    name: str
    stay: Mapping[str, Distribution]
    routes: Mapping[str, tuple[Route, ...]]
    places: Schedule | None = None
    queue_limit: int | None = None
    waits_in_place: bool = True
    priority: Mapping[str, int] = field(default_factory=dict)
    while_waiting: Mapping[str, tuple[WaitingExit, ...]] = field(default_factory=dict)
    overflow: tuple[Overflow, ...] = ()
    leaving_hours: np.ndarray | None = None
    pool: str | None = None
    staff_per_place: float = 0.0
    costs: Costs = Costs()
    stay_per_delayed_day: float = 0.0
    most_lengthening: float = 0.0
    starting: Mapping[str, int] = field(default_factory=dict)
    starting_queue: Mapping[str, int] = field(default_factory=dict)
    watches: tuple[Watch, ...] = ()


@dataclass(frozen=True)
class Stream:
    """Arrivals of patients at a point.

    Attributes:
        name: name of the stream; its random numbers are keyed by it.
        point: service point at which they arrive.
        classes: share of each class; they add up to one.
        rate: arrivals per day over time.
        hours: 168 factors of the rate by hour of the week, mean 1.
        regular: whether arrivals are evenly spaced in cumulative rate (a plan) instead of random (Poisson).
        cancelled_above: share of the point's places in use or waited for, from which on an arrival is cancelled;
            ``None`` for never.
    """

    name: str
    point: str
    classes: Mapping[str, float]
    rate: Schedule
    hours: np.ndarray
    regular: bool = False
    cancelled_above: float | None = None


@dataclass(frozen=True)
class Network:
    """A whole network.

    Attributes:
        name: name of the network.
        classes: names of the classes of patients.
        points: service points, in order.
        streams: streams of arrivals, in order.
        exits: names of the ways out (in order of first mention in the file).
        pools: pools of staff.
        start: date of day 0; its day of the week sets the hours of the week.
        description: what the network is.
    """

    name: str
    classes: tuple[str, ...]
    points: tuple[Point, ...]
    streams: tuple[Stream, ...]
    exits: tuple[str, ...]
    pools: tuple[Pool, ...] = ()
    start: date = date(2024, 1, 1)
    description: str = ""
