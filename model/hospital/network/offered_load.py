"""What a network asks for on average: places over time, and the places that its arrivals need if nobody ever waits."""

from __future__ import annotations

import numpy as np

from model.hospital.network.network import BACK, UNLIMITED, Distribution, Network, Point, Route, Schedule


def means(schedule: Schedule, edges: np.ndarray) -> np.ndarray:
    """Mean of a number that is constant between given times, in each interval between ascending edges (days)."""
    times = np.array([*schedule.times, max(schedule.times[-1], edges[-1]) + 1.0])
    gathered = np.concatenate([[0.0], np.cumsum(np.diff(times) * schedule.values)])
    amounts: np.ndarray = np.diff(np.interp(edges, times, gathered))
    return amounts / np.diff(edges)


def mean_places(network: Network, edges: np.ndarray) -> np.ndarray:
    """Mean places [interval, point] in each interval between edges, infinite where there is no limit."""
    places = np.full((edges.size - 1, len(network.points)), UNLIMITED)
    for position, point in enumerate(network.points):
        if point.places is not None:
            places[:, position] = means(point.places, edges)
    return places


def _mean(times: Distribution | None) -> float:
    return 0.0 if times is None else times.mean


def _days_held(point: Point, name: str) -> float:
    """Days for which one patient of a class holds a place, delays for want of the next place left out."""
    routes: tuple[Route, ...] = point.routes.get(name, ())
    after = sum(route.share * (_mean(route.preparation) + _mean(route.transfer)) for route in routes)
    return point.stay[name].mean + after


def offered_load(network: Network, begin: float, end: float) -> np.ndarray:
    """Places that the arrivals between two times (days) need at each point [point].

    Arrivals follow their routes (nobody is rejected, cancelled or gives up; nobody is blocked), each holding a place
    for the mean of the stay, the preparation and the transfer. Below the places that there are, a queue can settle; at
    or above them it cannot, unless something bounds it.
    """
    where = {point.name: position for position, point in enumerate(network.points)}
    load = np.zeros(len(where))
    for name in network.classes:
        arriving = np.zeros(len(where))
        for stream in network.streams:
            rate = means(stream.rate, np.array([begin, end]))[0]
            arriving[where[stream.point]] += rate * stream.classes.get(name, 0.0)
        moves = np.zeros((len(where), len(where)))
        held = np.zeros(len(where))
        for position, point in enumerate(network.points):
            if name not in point.stay:
                continue
            held[position] = _days_held(point, name)
            for route in point.routes.get(name, ()):
                if route.to in where:
                    moves[position, where[route.to]] += route.share
        passing = np.linalg.solve(np.eye(len(where)) - moves.T, arriving)
        load += passing * held
    return load


def can_grow_without_end(network: Network) -> np.ndarray:
    """Points [point] whose line nothing bounds: no limit, no overflow, nobody gives up or is cancelled."""
    cancelled = {stream.point for stream in network.streams if stream.cancelled_above is not None}
    return np.array(
        [
            point.places is not None
            and point.queue_limit is None
            and not point.overflow
            and not any(way.to != BACK for ways in point.while_waiting.values() for way in ways)
            and point.name not in cancelled
            for point in network.points
        ]
    )
