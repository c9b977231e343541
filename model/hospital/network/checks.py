"""Whether a network makes sense: what is refused, each with its position and advice, and what is only warned of.

Networks built in code are checked as those of files are; ``where`` gives file, line and key of a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import fsum, isfinite
from pathlib import Path

import numpy as np

from model.hospital.network.network import (
    BACK,
    DISTRIBUTION_KINDS,
    HOURS_PER_WEEK,
    Distribution,
    Network,
    Point,
    Schedule,
    Stream,
)
from model.hospital.network.paths import holding, reached, without_way_out
from model.registry.error_collector import raise_all
from model.registry.errors import UserError, nearest_names

Position = tuple[Path | None, int | None, str]
"""File, line, and key as written."""
Where = Callable[..., Position]
TOLERANCE = 1e-9
MEASURES = ("wait", "stay", "delay", "since_arrival")


def nowhere(*parts: str) -> Position:
    """Return the position of a part of a network that comes from no file."""
    return None, None, ".".join(parts)


def check(network: Network, where: Where = nowhere) -> None:
    """Refuse a network that makes no sense.

    Args:
        network: the network.
        where: file, line and key of a part, called with the parts of its name.

    Raises:
        UserError: what is wrong; several errors in one.
    """
    raise_all(errors_in(network, where))


def errors_in(network: Network, where: Where = nowhere) -> list[UserError]:
    """Everything for which a network is refused, each once."""
    checks = _Checks(network, where)
    checks.names()
    for pool in network.pools:
        checks.schedule(pool.staff, ("pools", pool.name), "staff")
    for stream in network.streams:
        checks.stream(stream)
    for point in network.points:
        checks.numbers(point)
        checks.ways(point)
        checks.waiting(point)
        checks.places(point)
    # Paths can be followed only where names and shares are right.
    if not checks.errors:
        checks.paths()
    return checks.errors


class _Checks:
    def __init__(self, network: Network, where: Where) -> None:
        self.network = network
        self.where = where
        self.errors: list[UserError] = []
        self.points = {point.name: point for point in network.points}
        self.pools = {pool.name: pool for pool in network.pools}
        self.nodes = [*self.points, *network.exits]

    def error(self, parts: tuple[str, ...], message: str, nearest: Iterable[str] = ()) -> None:
        file, line, key = self.where(*parts)
        error = UserError(message, file=file, line=line, key=key, nearest=nearest)
        if str(error) not in {str(known) for known in self.errors}:
            self.errors.append(error)

    def unknown(self, parts: tuple[str, ...], name: str, what: str, known: Iterable[str], advice: str = "") -> None:
        names = list(known)
        self.error(parts, f"'{name}' is not {what}{advice}.", nearest_names(name, names))

    def names(self) -> None:
        network = self.network
        for section, names in (
            ("points", [point.name for point in network.points]),
            ("streams", [stream.name for stream in network.streams]),
            ("pools", [pool.name for pool in network.pools]),
            ("classes", list(network.classes)),
            ("exits", list(network.exits)),
        ):
            for name in names:
                if names.count(name) > 1:
                    self.error((section,), f"'{name}' appears twice; keep one of them, or give one another name.")
        for name in network.exits:
            if name in self.points:
                self.error(("exits",), f"'{name}' is a point too; give one of them another name.")
        if BACK in self.nodes:
            self.error(("points", BACK), f"'{BACK}' has a meaning of its own; choose another name.")
        if not network.streams and not any(
            count for point in network.points for count in (*point.starting.values(), *point.starting_queue.values())
        ):
            self.error(("streams",), "no patient ever comes; add a stream, or patients at the start.")

    def schedule(self, schedule: Schedule, parts: tuple[str, ...], what: str, *, whole: bool = False) -> None:
        times, values = schedule.times, schedule.values
        if not times or len(times) != len(values) or times[0] != 0 or any(np.diff(times) <= 0):
            self.error(parts, "times must begin at 0 and ascend, with a value for each.")
        for value in values:
            if not isfinite(value) or value < 0:
                self.error(parts, f"{what} must not be negative, found {value:g}.")
            elif whole and value != int(value):
                self.error(parts, f"{what} must be whole numbers, found {value:g}; a reference takes 'round: true'.")

    def stream(self, stream: Stream) -> None:
        at = ("streams", stream.name)
        if stream.point not in self.points:
            advice = "; patients arrive at a point, not at an exit" if stream.point in self.network.exits else ""
            self.unknown((*at, "to"), stream.point, "a point", self.points, advice)
        elif stream.cancelled_above is not None and self.points[stream.point].places is None:
            self.error((*at, "cancelled_above"), f"{stream.point} has unlimited places, so nothing is ever cancelled.")
        if stream.cancelled_above is not None and not stream.cancelled_above > 0:
            self.error((*at, "cancelled_above"), f"expected a share above zero, found {stream.cancelled_above:g}.")
        self.schedule(stream.rate, (*at, "rate"), "rates")
        self.shares(stream.classes, (*at, "classes"), "classes")
        for name in stream.classes:
            if name not in self.network.classes:
                self.unknown((*at, "classes", name), name, "a class", self.network.classes)
        hours = np.asarray(stream.hours)
        if hours.shape != (HOURS_PER_WEEK,) or (hours < 0).any() or abs(hours.mean() - 1) > TOLERANCE:
            self.error((*at, "hours"), "expected 168 factors, none negative, with the mean 1.")

    def shares(self, shares: Mapping[str, float], parts: tuple[str, ...], what: str) -> None:
        for name, share in shares.items():
            if not 0 <= share <= 1:
                self.error((*parts, name), f"expected a share from 0 to 1 (or 0 % to 100 %), found {share:g}.")
        total = fsum(shares.values())
        if abs(total - 1) > TOLERANCE:
            self.error(parts, f"shares of {what} add up to {total:.12g}, not to 1; one may be written 'rest'.")

    def distribution(
        self, distribution: Distribution, parts: tuple[str, ...], what: str, *, zero: bool = False
    ) -> None:
        if distribution.kind not in DISTRIBUTION_KINDS:
            self.unknown(parts, distribution.kind, "a kind of distribution", DISTRIBUTION_KINDS)
            return
        mean = distribution.mean
        if not isfinite(mean) or mean < 0 or (mean == 0 and not zero):
            expected = "not be negative" if zero else "be above zero"
            self.error(parts, f"{what} must {expected}; its mean is {mean:g} days.")
        if distribution.kind in ("lognormal", "gamma", "weibull") and not (
            isfinite(distribution.shape) and distribution.shape > 0
        ):
            self.error(parts, f"the shape (or sigma) must be above zero, found {distribution.shape:g}.")
        if distribution.kind == "empirical":
            values, weights = distribution.values, distribution.weights
            if not values or len(values) != len(weights) or values[0] < 0 or any(np.diff(values) <= 0):
                self.error(parts, "values must ascend from zero or more, with a weight for each.")
            elif min(weights) < 0 or abs(fsum(weights) - 1) > TOLERANCE:
                self.error(parts, "weights must not be negative and add up to 1.")

    def numbers(self, point: Point) -> None:
        at = ("points", point.name)
        if point.queue_limit is not None and point.queue_limit < 0:
            self.error((*at, "queue", "limit"), f"a limit must not be negative, found {point.queue_limit}.")
        for key in ("stay_per_delayed_day", "most_lengthening"):
            if not getattr(point, key) >= 0:
                self.error((*at, key), f"must not be negative, found {getattr(point, key):g}.")
        for key in ("treated", "delayed", "waiting"):
            if not getattr(point.costs, key) >= 0:
                self.error((*at, "costs", key), f"must not be negative, found {getattr(point.costs, key):g} £/day.")
        if point.leaving_hours is not None:
            hours = np.asarray(point.leaving_hours)
            if hours.shape != (HOURS_PER_WEEK,) or not hours.any():
                self.error((*at, "leaving_hours"), "never open: patients could not leave; leave it out for always.")
        for watch in point.watches:
            self.watch(point, watch.name, watch.measure, watch.over, watch.to)
        for key, counts in (("patients", point.starting), ("queue", point.starting_queue)):
            for name, count in counts.items():
                if name not in self.network.classes:
                    self.unknown((*at, "starting", key, name), name, "a class", self.network.classes)
                if count < 0:
                    self.error((*at, "starting", key, name), f"must not be negative, found {count}.")

    def watch(self, point: Point, name: str, measure: str, over: float, to: str | None) -> None:
        at = ("points", point.name, "watches", name)
        if measure not in MEASURES:
            self.unknown((*at, "measure"), measure, "a measure", MEASURES)
        if not over >= 0:
            self.error((*at, "over"), f"must not be negative, found {over:g} days.")
        if [watch.name for watch in point.watches].count(name) > 1:
            self.error(at, "appears twice; give one of them another name.")
        if to is not None and to not in self.nodes:
            self.unknown((*at, "to"), to, "a point or exit", self.nodes)
        elif to is not None and measure not in ("delay", "since_arrival"):
            self.error((*at, "to"), f"only delay and since_arrival have a target; leave it out of a {measure}.")

    def ways(self, point: Point) -> None:
        """Stays, routes, and ways to stop waiting, class by class."""
        at = ("points", point.name)
        for name, stay in point.stay.items():
            self.distribution(stay, (*at, "stay", name), "a stay")
        for name, routes in point.routes.items():
            for route in routes:
                here = (*at, "routes", name, route.to)
                if not 0 <= route.share <= 1:
                    self.error(here, f"expected a share from 0 to 1 (or 0 % to 100 %), found {route.share:g}.")
                self.target(route.to, point, here)
                for key in ("preparation", "transfer"):
                    if (time := getattr(route, key)) is not None:
                        self.distribution(time, (*here, key), f"a {key}", zero=True)
            total = fsum(route.share for route in routes)
            if abs(total - 1) > TOLERANCE:
                message = f"shares of routes add up to {total:.12g}, not to 1; one may be written 'rest'."
                self.error((*at, "routes", name), message)
        for name, ways in point.while_waiting.items():
            for way in ways:
                here = (*at, "while_waiting", name, way.name)
                self.distribution(way.after, (*here, "after"), "the time until somebody stops waiting")
                if [other.name for other in ways].count(way.name) > 1:
                    self.error(here, "appears twice; give one of them another name.")
                if way.to != BACK:
                    self.target(way.to, point, (*here, "to"))
        for key, names in (
            ("stay", point.stay),
            ("routes", point.routes),
            ("while_waiting", point.while_waiting),
            ("priority", point.priority),
        ):
            for name in names:
                if name not in self.network.classes:
                    self.unknown((*at, key, name), name, "a class", self.network.classes)

    def target(self, to: str, point: Point, parts: tuple[str, ...]) -> None:
        if to == point.name:
            self.error(parts, f"leads from {to} to itself; make the stay longer, or add a point in between.")
        elif to not in self.nodes:
            advice = f" ({', '.join(self.nodes)}); an exit must be listed under 'exits'"
            self.unknown(parts, to, "a point or exit", self.nodes, advice)

    def waiting(self, point: Point) -> None:
        """Overflow and staff."""
        at = ("points", point.name)
        if [rule.point for rule in point.overflow] and point.places is None:
            self.error((*at, "overflow"), "never used: the point itself has unlimited places.")
        for rule in point.overflow:
            here = (*at, "overflow", rule.point)
            if rule.point == point.name:
                self.error(here, "a point cannot overflow to itself.")
            elif rule.point not in self.points:
                self.unknown(here, rule.point, "a point", self.points)
            if rule.opens_when_waiting < 1:
                self.error(here, f"opens_when_waiting must be at least 1, found {rule.opens_when_waiting}.")
            if not rule.stay_multiplier > 0:
                self.error(here, f"stay_multiplier must be above zero, found {rule.stay_multiplier:g}.")
        if point.pool is None:
            return
        if point.pool not in self.pools:
            self.unknown((*at, "staff", "pool"), point.pool, "a pool", self.pools)
        elif not point.staff_per_place > 0:
            message = f"must be above zero, found {point.staff_per_place:g}; leave 'staff' out where none is needed."
            self.error((*at, "staff", "per_place"), message)
        elif (most := max(self.pools[point.pool].staff.values)) < point.staff_per_place:
            message = f"a place needs {point.staff_per_place:g}, but {point.pool} never has more than {most:g}."
            self.error((*at, "staff"), message)

    def places(self, point: Point) -> None:
        """Places, and patients there at the start."""
        at = ("points", point.name)
        if point.places is not None:
            self.schedule(point.places, (*at, "places"), "places", whole=True)
        waiting = sum(point.starting_queue.values())
        if point.queue_limit is not None and waiting > point.queue_limit:
            message = f"{waiting} patients wait at the start, but the queue is limited to {point.queue_limit}."
            self.error((*at, "starting", "queue"), message)

    def paths(self) -> None:
        """Who comes where, whether they can be treated there, and whether they ever leave."""
        network = self.network
        arrive = reached(network)
        used = {name for name, _ in arrive} | {rule.point for point in network.points for rule in point.overflow}
        for point in network.points:
            at = ("points", point.name)
            if point.name not in used:
                self.error(at, "no patient can reach it: no stream, route or overflow leads here.")
            for name in network.classes:
                if (point.name, name) not in arrive:
                    continue
                for key in ("stay", "routes"):
                    if name not in getattr(point, key):
                        self.error((*at, key), f"patients of class {name} come here, but have no {key} here.")
            come = any((point.name, name) in arrive for name in network.classes)
            if come and not _ever_open(point, self.points):
                self.error((*at, "places"), "no places at any time, yet patients come here; give it places.")
        if self.errors:
            return
        for name in network.classes:
            closed = without_way_out(network, name, arrive)
            if closed:
                message = f"patients of class {name} can never leave the network from {', '.join(closed)}"
                self.error(("points", closed[0], "routes", name), f"{message}; add a route that leads to an exit.")
        held = holding(network, arrive)
        for point in network.points:
            for name, ways in point.while_waiting.items():
                for way in ways:
                    if way.to == BACK and (point.name, name) in arrive and (point.name, name) not in held:
                        self.error(
                            ("points", point.name, "while_waiting", name, way.name),
                            f"patients of class {name} wait here without a place, so none goes back; "
                            "name a point or an exit, or let them wait in their place.",
                        )


def _ever_open(point: Point, points: Mapping[str, Point]) -> bool:
    """Whether a patient of the point can ever be given a place, its own or one of its overflows."""
    serving = [point, *(points[rule.point] for rule in point.overflow)]
    return any(server.places is None or max(server.places.values) >= 1 for server in serving)
