"""From a network to the arrays of the engines, the names of their indices, and the results of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from model.hospital.engines.distribution_tables import DistributionBook, cumulated
from model.hospital.engines.kernel import (
    DELAY,
    HOURS_A_WEEK,
    NO_LIMIT,
    SINCE_ARRIVAL,
    STAY_TIME,
    WAIT,
    Changes,
    Hours,
    NetworkTables,
    Points,
    Routes,
    Start,
    Streams,
    Watches,
    Ways,
    mix,
)
from model.hospital.network.network import BACK, Network, Point, Schedule
from model.registry.errors import UserError, nearest_names

COUNTS = ("joined", "started", "outliers_started", "ended", "left", "rejected", "cancelled", "gave_up")
"""What ``Results.count`` counts, by home point. ``started``: stays after a wait in the line, also one of no time;
``left``: delays that ended with the place left."""
TIMES = ("treated", "delayed", "reserved", "waiting", "full")
"""What ``Results.time`` integrates."""
COSTS = ("treated", "delayed", "waiting")
"""What ``Results.cost`` adds up."""

MEASURES = {"wait": WAIT, "stay": STAY_TIME, "delay": DELAY, "since_arrival": SINCE_ARRIVAL}


@dataclass(frozen=True)
class Names:
    """Names of a network in the order of their indices.

    Attributes:
        points: service points.
        exits: ways out of the network; as nodes they follow the points.
        classes: classes of patients.
        streams: streams of arrivals.
        pools: pools of staff.
        waiting_exits: point and name of each way to stop waiting; classes share one of the same name.
        watches: point and name of each duration watched.
    """

    points: tuple[str, ...]
    exits: tuple[str, ...]
    classes: tuple[str, ...]
    streams: tuple[str, ...]
    pools: tuple[str, ...]
    waiting_exits: tuple[tuple[str, str], ...]
    watches: tuple[tuple[str, str], ...]

    def point(self, name: str) -> int:
        """Return the index of a service point; a ``UserError`` names the nearest where there is none of that name."""
        return _index(self.points, name, "service point")

    def class_(self, name: str) -> int:
        """Return the index of a class of patients."""
        return _index(self.classes, name, "class of patients")

    def stream(self, name: str) -> int:
        """Return the index of a stream."""
        return _index(self.streams, name, "stream")

    def pool(self, name: str) -> int:
        """Return the index of a pool."""
        return _index(self.pools, name, "pool")

    def waiting_exit(self, point: str, name: str) -> int:
        """Return the index of a way to stop waiting at a point."""
        self.point(point)
        of_point = [of for at, of in self.waiting_exits if at == point]
        if name not in of_point:
            near = nearest_names(name, of_point)
            raise UserError(f"there is no way to stop waiting of this name at '{point}'.", key=name, nearest=near)
        return self.waiting_exits.index((point, name))


@dataclass(frozen=True)
class Results:
    """What happened in a simulation, by interval of record. The last interval may be cut short by the end of the run.

    Attributes:
        names: names of the indices.
        interval_days: length of an interval.
        time: [interval, point, 5] patient-days in ``TIMES``: treated and delayed by the place held, reserved places,
            waiting without a place by the point awaited; and days full (no place, or no staff for one more).
        count: [interval, point, 8] number of ``COUNTS``.
        wait_days: [interval, point] waits of those who started there as their home.
        delay_days: [interval, point] delays that ended, by home point.
        exits: [interval, exit] patients who left the network.
        gave_up: [interval, waiting exit] patients who stopped waiting.
        watch: [interval, watch, 2] patients over the threshold, and all who were measured.
        cost: [interval, point, 3] pounds of ``COSTS``.
        events: events handled: arrivals, ends of stays, of preparations and of transfers that take time, ways to stop
            waiting, and scheduled changes of capacity.
    """

    names: Names
    interval_days: float
    time: np.ndarray
    count: np.ndarray
    wait_days: np.ndarray
    delay_days: np.ndarray
    exits: np.ndarray
    gave_up: np.ndarray
    watch: np.ndarray
    cost: np.ndarray
    events: int


def key_of(*items: object) -> int:
    """Return a 64-bit key of names and numbers."""
    text = "\x1f".join(str(item) for item in items)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def names_of(network: Network) -> Names:
    """Return the names of a network in the order of their indices."""
    waiting_exits: dict[tuple[str, str], None] = {}
    for point in network.points:
        for class_ in network.classes:
            for way in point.while_waiting.get(class_, ()):
                waiting_exits[(point.name, way.name)] = None
    return Names(
        points=tuple(point.name for point in network.points),
        exits=tuple(network.exits),
        classes=tuple(network.classes),
        streams=tuple(stream.name for stream in network.streams),
        pools=tuple(pool.name for pool in network.pools),
        waiting_exits=tuple(waiting_exits),
        watches=tuple((point.name, watch.name) for point in network.points for watch in point.watches),
    )


def cost_rates(network: Network) -> np.ndarray:
    """Pounds per patient-day, [point, 3] in ``COSTS``."""
    return np.array([(p.costs.treated, p.costs.delayed, p.costs.waiting) for p in network.points]).reshape(-1, 3)


def costs_of(time: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Pounds [interval, point, 3] of patient-days [interval, point, 5] at rates [point, 3]."""
    return time[:, :, [TIMES.index(name) for name in COSTS]] * rates


def build_tables(network: Network, seed: int, replication: int = 0) -> NetworkTables:
    """Arrays of a network for the engines.

    Args:
        network: a network that has passed the checks.
        seed: seed of all draws.
        replication: number of the replication, which makes its draws its own.
    """
    names = names_of(network)
    book = DistributionBook()
    points = _points(network, names, book, seed, replication)
    routes = _routes(network, names, book)
    ways = _ways(network, names, book)
    start_hour = network.start.weekday() * 24
    return NetworkTables(
        distributions=book.arrays(),
        hours=_hours(network, start_hour),
        streams=_streams(network, names, start_hour, seed, replication),
        points=points,
        routes=routes,
        ways=ways,
        watches=_watches(network, names),
        changes=_changes(network),
        start=_start(network, seed, replication),
        exits=len(names.exits),
    )


def with_own_settings(tables: NetworkTables) -> NetworkTables:
    """The same tables with copies of the settings that can be changed while a simulation runs."""
    return tables._replace(
        streams=tables.streams._replace(rate_set=tables.streams.rate_set.copy()),
        points=tables.points._replace(factor=tables.points.factor.copy()),
        routes=tables.routes._replace(share=tables.routes.share.copy(), factor=tables.routes.factor.copy()),
        ways=tables.ways._replace(factor=tables.ways.factor.copy()),
    )


def whole_places(places: float) -> float:
    """Places in whole numbers: the nearest, a half upwards; infinite stays so."""
    return math.floor(places + 0.5) if math.isfinite(places) else places


def set_stay_factor(tables: NetworkTables, names: Names, class_name: str, point: str, factor: float) -> None:
    """Multiply stays of a class at a home point that start from now on by a factor."""
    if not 0.0 <= factor < math.inf:
        raise UserError(f"the factor of a stay is 0 or more, not {factor}.", key=point)
    tables.points.factor[names.class_(class_name), names.point(point)] = factor


def set_waiting_rate_factor(tables: NetworkTables, names: Names, point: str, waiting_exit: str, factor: float) -> None:
    """Multiply the rate of a way to stop waiting, for those who join the line from now on."""
    if not 0.0 <= factor < math.inf:
        raise UserError(f"the factor of a rate is 0 or more, not {factor}.", key=waiting_exit)
    tables.ways.factor[names.waiting_exit(point, waiting_exit)] = factor


def set_preparation_factor(
    tables: NetworkTables, names: Names, class_name: str, point: str, to: str, factor: float
) -> None:
    """Multiply preparations of a class at a home point, for the routes to a target, that begin from now on."""
    if not 0.0 <= factor < math.inf:
        raise UserError(f"the factor of a preparation is 0 or more, not {factor}.", key=to)
    rows = _rows_of(tables, names, class_name, point)
    tables.routes.factor[rows][_to_target(tables, names, rows, to, f"class '{class_name}' at '{point}'")] = factor


def set_route_shares(
    tables: NetworkTables, names: Names, class_name: str, point: str, shares: Mapping[str, float]
) -> None:
    """Set the shares of the routes of a class at a point for stays that end from now on.

    Targets not named get none. Several routes to one target keep their proportions (equal ones where all had none).
    """
    rows = _rows_of(tables, names, class_name, point)
    targets = [_to_target(tables, names, rows, to, f"class '{class_name}' at '{point}'") for to in shares]
    if min(shares.values(), default=0.0) < 0.0 or abs(math.fsum(shares.values()) - 1.0) > 1e-9:
        raise UserError("shares of routes are 0 or more and add up to 1.", key=point)
    old = np.diff(tables.routes.share[rows], prepend=0.0)
    new = np.zeros(len(old))
    for to_it, share in zip(targets, shares.values(), strict=True):
        weights = old[to_it] if old[to_it].sum() > 0.0 else np.ones(to_it.sum())
        new[to_it] = share * weights / weights.sum()
    tables.routes.share[rows] = cumulated(new)


def _rows_of(tables: NetworkTables, names: Names, class_name: str, point: str) -> slice:
    """Rows of the routes of a class at a point."""
    group = names.class_(class_name) * len(names.points) + names.point(point)
    return slice(int(tables.routes.first[group]), int(tables.routes.first[group + 1]))


def _to_target(tables: NetworkTables, names: Names, rows: slice, to: str, whose: str) -> np.ndarray:
    """Which of some routes lead to a target: flags, at least one of them true."""
    nodes = _indices((*names.points, *names.exits))
    leading: np.ndarray = tables.routes.to[rows] == nodes.get(to, -1)
    if not leading.any():
        targets = [name for name, node in nodes.items() if node in tables.routes.to[rows]]
        raise UserError(f"{whose} has no route to it.", key=to, nearest=nearest_names(to, targets))
    return leading


@lru_cache(maxsize=64)
def _indices(valid: tuple[str, ...]) -> dict[str, int]:
    """Return the index of each name: they are asked for at every exchange."""
    return {name: index for index, name in enumerate(valid)}


def _index(valid: tuple[str, ...], name: str, what: str) -> int:
    if (index := _indices(valid).get(name)) is None:
        raise UserError(f"there is no {what} of this name.", key=name, nearest=nearest_names(name, valid))
    return index


def _first_entries(lengths: Iterable[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(list(lengths))]).astype(np.int64)


def _points(network: Network, names: Names, book: DistributionBook, seed: int, replication: int) -> Points:
    points, classes = network.points, network.classes
    indices = {name: index for index, name in enumerate(names.points)}
    pools = {name: index for index, name in enumerate(names.pools)}
    stay = np.full((len(classes), len(points)), -1, dtype=np.int64)
    residual, level = stay.copy(), np.zeros_like(stay)
    levels = 1
    for p, point in enumerate(points):
        priorities = sorted({point.priority.get(class_, 0) for class_ in classes})
        levels = max(levels, len(priorities))
        for c, class_ in enumerate(classes):
            level[c, p] = priorities.index(point.priority.get(class_, 0))
            if class_ in point.stay:
                stay[c, p] = book.add(point.stay[class_])
                if point.starting.get(class_, 0) > 0:
                    residual[c, p] = book.add_length_biased(point.stay[class_])
    overflows = [overflow for point in points for overflow in point.overflow]
    members = [[p for p, point in enumerate(points) if point.pool == pool] for pool in names.pools]
    served = [_served(p, points, members, pools, indices) for p in range(len(points))]
    return Points(
        key=np.array([key_of("point", name, seed, replication) for name in names.points], dtype=np.uint64),
        stay=stay,
        residual=residual,
        factor=np.ones(stay.shape),
        level=level,
        levels=levels,
        queue_limit=np.array([NO_LIMIT if p.queue_limit is None else p.queue_limit for p in points], dtype=np.int64),
        waits_in_place=np.array([p.waits_in_place for p in points], dtype=np.bool_),
        per_delayed_day=np.array([p.stay_per_delayed_day for p in points], dtype=float),
        most_lengthening=np.array([p.most_lengthening for p in points], dtype=float),
        has_hours=np.array([p.leaving_hours is not None for p in points], dtype=np.bool_),
        pool=np.array([-1 if p.pool is None else pools[p.pool] for p in points], dtype=np.int64),
        staff_per_place=np.array([p.staff_per_place for p in points], dtype=float),
        overflow_first=_first_entries(len(point.overflow) for point in points),
        overflow_point=np.array([indices[o.point] for o in overflows], dtype=np.int64),
        overflow_opens=np.array([o.opens_when_waiting for o in overflows], dtype=np.int64),
        overflow_multiplier=np.array([o.stay_multiplier for o in overflows], dtype=float),
        served_first=_first_entries(len(order) for order in served),
        served=np.array([q for order in served for q in order], dtype=np.int64),
        pool_first=_first_entries(len(of_pool) for of_pool in members),
        pool_points=np.array([p for of_pool in members for p in of_pool], dtype=np.int64),
    )


def _served(
    p: int, points: Sequence[Point], members: list[list[int]], pools: Mapping[str, int], indices: Mapping[str, int]
) -> list[int]:
    """Points served in order when a place of point ``p`` becomes free."""
    pool = points[p].pool
    freed = [p, *(q for q in members[pools[pool]] if q != p)] if pool is not None else [p]
    order: list[int] = []
    for q in freed:
        order.append(q)
        order.extend(r for r, point in enumerate(points) if any(indices[o.point] == q for o in point.overflow))
    return order


def _routes(network: Network, names: Names, book: DistributionBook) -> Routes:
    nodes = {name: index for index, name in enumerate((*names.points, *names.exits))}
    groups = [point.routes.get(class_, ()) for class_ in network.classes for point in network.points]
    routes = [route for group in groups for route in group]
    shares = [cumulated(route.share for route in group) for group in groups]
    return Routes(
        first=_first_entries(len(group) for group in groups),
        share=np.concatenate([np.zeros(0), *shares]),
        to=np.array([nodes[route.to] for route in routes], dtype=np.int64),
        preparation=np.array([book.add(route.preparation) for route in routes], dtype=np.int64),
        transfer=np.array([book.add(route.transfer) for route in routes], dtype=np.int64),
        factor=np.ones(len(routes)),
    )


def _ways(network: Network, names: Names, book: DistributionBook) -> Ways:
    nodes = {name: index for index, name in enumerate((*names.points, *names.exits, BACK))}
    indices = {name: index for index, name in enumerate(names.waiting_exits)}
    groups = [
        [(point.name, way) for way in point.while_waiting.get(class_, ())]
        for class_ in network.classes
        for point in network.points
    ]
    ways = [way for group in groups for way in group]
    return Ways(
        first=_first_entries(len(group) for group in groups),
        to=np.array([nodes[way.to] for _, way in ways], dtype=np.int64),
        after=np.array([book.add(way.after) for _, way in ways], dtype=np.int64),
        name=np.array([indices[(point, way.name)] for point, way in ways], dtype=np.int64),
        purpose=np.array([key_of("way", way.name) for _, way in ways], dtype=np.uint64),
        factor=np.ones(len(names.waiting_exits)),
    )


def _watches(network: Network, names: Names) -> Watches:
    nodes = {name: index for index, name in enumerate((*names.points, *names.exits))}
    watches = [watch for point in network.points for watch in point.watches]
    return Watches(
        first=_first_entries(len(point.watches) for point in network.points),
        measure=np.array([MEASURES[watch.measure] for watch in watches], dtype=np.int64),
        over=np.array([watch.over for watch in watches], dtype=float),
        to=np.array([-1 if watch.to is None else nodes[watch.to] for watch in watches], dtype=np.int64),
    )


def _hours(network: Network, start_hour: int) -> Hours:
    ahead = np.zeros((len(network.points), HOURS_A_WEEK), dtype=np.int64)
    for p, point in enumerate(network.points):
        if point.leaving_hours is not None:
            is_open = np.asarray(point.leaving_hours, dtype=bool)
            for hour in range(HOURS_A_WEEK):
                ahead[p, hour] = np.argmax(np.roll(is_open, -hour)) if is_open.any() else -1
    return Hours(ahead=ahead, start=start_hour)


def _streams(network: Network, names: Names, start_hour: int, seed: int, replication: int) -> Streams:
    streams = network.streams
    shares = [[stream.classes.get(class_, 0.0) for class_ in network.classes] for stream in streams]
    used = [[c for c, share in enumerate(row) if share > 0.0] for row in shares]
    above = [math.inf if s.cancelled_above is None else s.cancelled_above for s in streams]
    return Streams(
        key=np.array([key_of("stream", name, seed, replication) for name in names.streams], dtype=np.uint64),
        point=np.array([names.point(stream.point) for stream in streams], dtype=np.int64),
        regular=np.array([stream.regular for stream in streams], dtype=np.bool_),
        cancelled_above=np.array(above, dtype=float),
        classes=np.array([cumulated(row) for row in shares], dtype=float).reshape(-1, len(network.classes)),
        last_class=np.array([row[-1] for row in used], dtype=np.int64),
        only_class=np.array([row[0] if len(row) == 1 else -1 for row in used], dtype=np.int64),
        first=_first_entries(len(stream.rate.times) for stream in streams),
        time=np.array([t for stream in streams for t in stream.rate.times], dtype=float),
        rate=np.array([v for stream in streams for v in stream.rate.values], dtype=float),
        rate_set=np.full(len(streams), np.nan),
        hours=np.array([stream.hours for stream in streams], dtype=float).reshape(-1, HOURS_A_WEEK),
        start=start_hour,
    )


def _changes(network: Network) -> Changes:
    def later(schedule: Schedule) -> list[tuple[float, float]]:
        return list(zip(schedule.times, schedule.values, strict=True))[1:]

    changes = [(t, False, k, v) for k, pool in enumerate(network.pools) for t, v in later(pool.staff)]
    changes += [
        (t, True, p, whole_places(v))
        for p, point in enumerate(network.points)
        if point.places is not None
        for t, v in later(point.places)
    ]
    changes.sort(key=lambda change: change[:3])
    places = [math.inf if p.places is None else whole_places(p.places.values[0]) for p in network.points]
    return Changes(
        places=np.array(places, dtype=float),
        staff=np.array([pool.staff.values[0] for pool in network.pools], dtype=float),
        time=np.array([change[0] for change in changes], dtype=float),
        of_point=np.array([change[1] for change in changes], dtype=np.bool_),
        which=np.array([change[2] for change in changes], dtype=np.int64),
        value=np.array([change[3] for change in changes], dtype=float),
    )


def _start(network: Network, seed: int, replication: int) -> Start:
    rows: list[tuple[int, int, bool, np.uint64]] = []
    for p, point in enumerate(network.points):
        treated, waiting = 0, 0
        in_stay = np.uint64(key_of("stream", f"start:{point.name}", seed, replication))
        in_line = np.uint64(key_of("stream", f"queue:{point.name}", seed, replication))
        for c, class_ in enumerate(network.classes):
            for _ in range(point.starting.get(class_, 0)):
                rows.append((p, c, True, mix(in_stay, treated)))
                treated += 1
            for _ in range(point.starting_queue.get(class_, 0)):
                rows.append((p, c, False, mix(in_line, waiting)))
                waiting += 1
    return Start(
        point=np.array([row[0] for row in rows], dtype=np.int64),
        class_=np.array([row[1] for row in rows], dtype=np.int64),
        treated=np.array([row[2] for row in rows], dtype=np.bool_),
        key=np.array([row[3] for row in rows], dtype=np.uint64),
    )
