"""Who comes where in a network: points reached by each class, ways out, and who waits holding a place."""

from __future__ import annotations

from collections.abc import Iterator

from model.hospital.network.network import BACK, Network, Point

Visit = tuple[str, str]
"""Name of a point, name of a class."""


def reached(network: Network) -> set[Visit]:
    """Points that patients of each class request, as the point whose stay and routes apply."""
    points = {point.name: point for point in network.points}
    visits: set[Visit] = set()
    open_ = [
        *((stream.point, name) for stream in network.streams for name, share in stream.classes.items() if share > 0),
        *_present(network),
    ]
    while open_:
        visit = open_.pop()
        if visit in visits or visit[0] not in points:
            continue
        visits.add(visit)
        point, name = points[visit[0]], visit[1]
        open_ += [(to, name) for to in _followed_by(point, name)]
        open_ += [(way.to, name) for way in point.while_waiting.get(name, ()) if way.to != BACK]
    return visits


def _present(network: Network) -> Iterator[Visit]:
    for point in network.points:
        for counts in (point.starting, point.starting_queue):
            yield from ((point.name, name) for name, count in counts.items() if count > 0)


def _followed_by(point: Point, name: str) -> list[str]:
    """Where patients of a class may go after their stay."""
    return [route.to for route in point.routes.get(name, ()) if route.share > 0]


def without_way_out(network: Network, name: str, arrive: set[Visit]) -> list[str]:
    """Points reached by a class from which its routes lead to no exit, in the order of the network."""
    out = set(network.exits)
    grown = True
    while grown:
        leading_out = {point.name for point in network.points if out.intersection(_followed_by(point, name))}
        grown = not leading_out <= out
        out |= leading_out
    return [point.name for point in network.points if (point.name, name) in arrive and point.name not in out]


def keeps_place(point: Point) -> bool:
    """Whether somebody who comes from another point may wait for this one in the place held."""
    return point.waits_in_place or point.queue_limit is not None


def holding(network: Network, arrive: set[Visit]) -> set[Visit]:
    """Points for which patients of a class may wait holding a place."""
    points = {point.name: point for point in network.points}
    visits: set[Visit] = set()
    open_ = [(to, name) for at, name in arrive for to in _followed_by(points[at], name)]
    while open_:
        visit = open_.pop()
        if visit in visits or visit[0] not in points or not keeps_place(points[visit[0]]):
            continue
        visits.add(visit)
        open_ += [(way.to, visit[1]) for way in points[visit[0]].while_waiting.get(visit[1], ()) if way.to != BACK]
    return visits


def without_place(network: Network, arrive: set[Visit]) -> set[Visit]:
    """Points for which patients of a class may wait without a place."""
    points = {point.name: point for point in network.points}
    visits: set[Visit] = set()
    open_ = [(stream.point, name) for stream in network.streams for name, share in stream.classes.items() if share > 0]
    open_ += [(point.name, name) for point in network.points for name, count in point.starting_queue.items() if count]
    open_ += [(at, name) for at, name in arrive if not points[at].waits_in_place]
    while open_:
        visit = open_.pop()
        if visit in visits or visit not in arrive or points[visit[0]].queue_limit == 0:
            continue
        visits.add(visit)
        open_ += [(way.to, visit[1]) for way in points[visit[0]].while_waiting.get(visit[1], ()) if way.to != BACK]
    return visits


def waits_for(network: Network, arrive: set[Visit]) -> dict[str, set[str]]:
    """By point with limited places, the points for which its patients may wait for ever in its places.

    Those who may stop waiting, and points that overflow to unlimited places, hold up nobody for ever.
    """
    points = {point.name: point for point in network.points}
    awaited_points: dict[str, set[str]] = {point.name: set() for point in network.points if point.places is not None}
    for at, name in arrive:
        for to in _followed_by(points[at], name):
            awaited = points.get(to)
            if awaited is None or not keeps_place(awaited) or _unlimited(awaited, points):
                continue
            if any(way.to != BACK for way in awaited.while_waiting.get(name, ())):
                continue
            for held in (at, *(rule.point for rule in points[at].overflow)):
                if held in awaited_points:
                    awaited_points[held].add(to)
    return awaited_points


def _unlimited(point: Point, points: dict[str, Point]) -> bool:
    return point.places is None or any(points[rule.point].places is None for rule in point.overflow)


def circles(edges: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Sets of points that all lead to one another, each in the order of the network."""

    def beyond(name: str) -> set[str]:
        seen: set[str] = set()
        open_ = list(edges.get(name, ()))
        while open_:
            next_ = open_.pop()
            if next_ not in seen:
                seen.add(next_)
                open_ += edges.get(next_, ())
        return seen

    after = {name: beyond(name) for name in edges}
    of_points = [tuple(other for other in edges if other in after[name] and name in after[other]) for name in edges]
    return list(dict.fromkeys(circle for circle in of_points if circle))
