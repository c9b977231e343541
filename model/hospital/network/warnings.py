"""What may be meant, but is worth a warning before a network is run."""

from __future__ import annotations

import numpy as np

from model.hospital.network.network import BACK, Network, Point
from model.hospital.network.offered_load import mean_places, means, offered_load
from model.hospital.network.paths import circles, holding, reached, waits_for, without_place


def warnings_of(network: Network, days: float | None = None) -> list[str]:
    """Sentences about a network that passed its checks.

    They are about points in a circle whose patients wait for one another in their places (gridlock); points that are
    asked for more than they have over the run, where nothing bounds the queue; more patients at the start than places;
    ways back for patients some of whom hold no place; exits and classes that nobody uses.

    Args:
        network: the network.
        days: length of the run, over which loads are averaged; until the last change in the network where left out.
    """
    arrive = reached(network)
    return [
        *_gridlocks(network),
        *_overloads(network, days or _last_change(network) + 1.0),
        *_overfull(network),
        *_lost_ways_back(network),
        *(
            f"no route leads to the exit '{name}'."
            for name in network.exits
            if not any(name in _leaving_for(point) for point in network.points)
        ),
        *(
            f"no patient is of class '{name}'."
            for name in network.classes
            if not any(name == other for _, other in arrive)
        ),
    ]


def _last_change(network: Network) -> float:
    schedules = [
        *(point.places for point in network.points if point.places is not None),
        *(stream.rate for stream in network.streams),
        *(pool.staff for pool in network.pools),
    ]
    return max((schedule.times[-1] for schedule in schedules), default=0.0)


def _leaving_for(point: Point) -> set[str]:
    routes = {route.to for routes in point.routes.values() for route in routes}
    return routes | {way.to for ways in point.while_waiting.values() for way in ways}


def _gridlocks(network: Network) -> list[str]:
    warnings = []
    for circle in circles(waits_for(network, reached(network))):
        shown = " and ".join(f"'{name}'" for name in circle)
        warnings.append(
            f"patients at {shown} may wait for one another in the places that they hold, for ever (gridlock); "
            "give one of the points waits_in_place: false, an overflow, or a way to stop waiting."
        )
    return warnings


def _overloads(network: Network, days: float) -> list[str]:
    load = dict(zip((point.name for point in network.points), offered_load(network, 0.0, days), strict=True))
    places = dict(zip(load, mean_places(network, np.array([0.0, days]))[0], strict=True))
    points = {point.name: point for point in network.points}
    places_open = {name: places[name] + sum(places[rule.point] for rule in points[name].overflow) for name in load}
    over = {name for name in load if load[name] > 0 and load[name] >= places_open[name]}
    warnings = []
    for name in load:
        # What an overloaded point passes on is less than what is asked of it, so points behind it cannot be judged.
        if name in over and not _behind(network, name) & over and not _bounded(network, points[name]):
            warnings.append(
                f"'{name}' is asked for {load[name]:.4g} places on average but has {places_open[name]:.4g}, and "
                "nothing bounds its queue: it grows as long as the run lasts."
            )
    for pool in network.pools:
        needed = sum(load[point.name] * point.staff_per_place for point in network.points if point.pool == pool.name)
        staff = float(means(pool.staff, np.array([0.0, days]))[0])
        users = [point for point in network.points if point.pool == pool.name]
        if not over and needed >= staff and needed > 0 and not all(_bounded(network, point) for point in users):
            warnings.append(
                f"the pool '{pool.name}' is asked for {needed:.4g} on average but has {staff:.4g}: queues grow."
            )
    return warnings


def _behind(network: Network, name: str) -> set[str]:
    """Points other than this from which patients may come to it, at once or through others."""
    names: set[str] = set()
    open_ = [name]
    while open_:
        to = open_.pop()
        sources = {point.name for point in network.points if to in _leaving_for(point)} - names - {name}
        names |= sources
        open_ += sources
    return names


def _bounded(network: Network, point: Point) -> bool:
    """Whether those who wait for a point become fewer otherwise than by being treated."""
    arrive = reached(network)
    classes = [name for name in network.classes if (point.name, name) in arrive]
    if all(any(way.to != BACK for way in point.while_waiting.get(name, ())) for name in classes):
        return True
    if any((point.name, name) in holding(network, arrive) for name in classes):
        return False
    streams = [stream for stream in network.streams if stream.point == point.name]
    return point.queue_limit is not None or (
        bool(streams) and all(stream.cancelled_above is not None for stream in streams)
    )


def _overfull(network: Network) -> list[str]:
    return [
        f"'{point.name}' starts with {sum(point.starting.values())} patients in {point.places.values[0]:g} places: "
        "nobody is taken in until enough have left."
        for point in network.points
        if point.places is not None and sum(point.starting.values()) > point.places.values[0]
    ]


def _lost_ways_back(network: Network) -> list[str]:
    nowhere = without_place(network, reached(network))
    return [
        f"patients of class '{name}' who wait for '{point.name}' without a place never go '{way.name}' (back)."
        for point in network.points
        for name, ways in point.while_waiting.items()
        for way in ways
        if way.to == BACK and (point.name, name) in nowhere
    ]
