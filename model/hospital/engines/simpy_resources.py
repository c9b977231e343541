"""What the SimPy engine is built of: the clock, patients, the places and lines of points, pools of staff, streams."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from heapq import heappush
from typing import TypeVar

import numpy as np
import simpy
from simpy.events import EventPriority

from model.hospital.engines.events import PatientState
from model.hospital.engines.kernel_tables import whole_places
from model.hospital.network import network as networks
from model.hospital.network.network import BACK, UNLIMITED

Needed = TypeVar("Needed")

AT_ONCE = -1
"""Rank of what is still to happen at the present time: before every planned event."""
ROUNDING = 1e-9
"""Staff that may be lacking for a place because shares of staff do not add up exactly."""


def needed(value: Needed | None) -> Needed:
    """Return a place, line or route of a patient that the rules say is there.

    Raises:
        RuntimeError: it is not; an error of the engine.
    """
    if value is None:
        raise RuntimeError("a patient has no such place, line or route at this time")
    return value


class EventClock(simpy.Environment):
    """Time, with the order that the rules set among events of one time: by rank, then as planned."""

    def schedule(self, event: simpy.Event, priority: int = 0, delay: float = 0) -> None:
        """Resume a process at the present time, before every planned event, first in, first out."""
        heappush(self._queue, (self._now, EventPriority(AT_ONCE), next(self._eid), event))

    def schedule_at(self, event: simpy.Event, time: float, rank: int) -> None:
        """Plan an event for exactly that time."""
        heappush(self._queue, (time, EventPriority(rank), next(self._eid), event))

    def alarm(self, time: float, rank: int) -> simpy.Event:
        """An event that happens at that time; never, where the time is infinite."""
        alarm = simpy.Event(self)
        alarm._ok, alarm._value = True, None
        if time < UNLIMITED:
            self.schedule_at(alarm, time, rank)
        return alarm

    def move(self, alarm: simpy.Event, time: float, rank: int) -> simpy.Event:
        """Set an alarm to another time: whoever waits for it waits for the new one."""
        moved = self.alarm(time, rank)
        moved.callbacks, alarm.callbacks = alarm.callbacks, []
        return moved

    def run_before(self, until: float) -> None:
        """Let everything happen that comes before a time, and stop the clock at that time."""
        while self._queue and self._queue[0][0] < until:
            self.step()
        self._now = until

    def finish_present(self) -> None:
        """Let everything happen that is still to happen at the present time, but no planned event."""
        while self._queue and self._queue[0][:2] == (self._now, AT_ONCE):
            self.step()


@dataclass(eq=False, slots=True)
class Patient:
    """A patient, where they are and what they have been through."""

    number: int
    key: np.uint64
    class_index: int
    class_name: str
    rank: int
    arrived: float
    home: ServicePoint
    """Point whose stay, routes and hours apply; of one who has not had a stay, the point first requested."""
    visit: int = 0
    """Lines joined and stays started so far."""
    state: PatientState = PatientState.WAITING
    at: ServicePoint | None = None
    """Point at which a place is held; differs from ``home`` for outliers."""
    awaited: ServicePoint | None = None
    reserved: ServicePoint | None = None
    """Point at which a place is reserved during a transfer."""
    following: ServicePoint | None = None
    """Point whose stay follows the transfer."""
    route: networks.Route | None = None
    """Route drawn at the end of the stay, as long as it is followed."""
    joined: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    transfer_ends: float = 0.0
    days_delayed: float = 0.0
    present_at_start: bool = False
    ways_out: list[tuple[float, networks.WaitingExit]] = field(default_factory=list)
    """When each of the competing ways would end the wait."""
    alarm: simpy.Event | None = None
    """What ends the wait, while waiting."""
    gone: bool = False

    def soonest_way_out(self) -> tuple[float, networks.WaitingExit | None]:
        """The first of the ways out that are open; nobody goes back to a place not held."""
        soonest: tuple[float, networks.WaitingExit | None] = (UNLIMITED, None)
        for time, way in self.ways_out:
            if time < soonest[0] and not (way.to == BACK and self.at is None):
                soonest = (time, way)
        return soonest


@dataclass(eq=False)
class StaffPool:
    """Staff shared by points."""

    staff: float
    points: list[ServicePoint] = field(default_factory=list)
    scheduled: bool = True
    """Whether the schedule still holds; no more once the number was set from outside."""

    def can_staff_another(self, point: ServicePoint) -> bool:
        """Whether one more place of the point can be staffed."""
        in_use = sum(other.in_use * other.staff_per_place for other in self.points)
        return in_use + point.staff_per_place <= self.staff + ROUNDING


class ServicePoint:
    """The places of a service point and the line of those who wait for one.

    Args:
        point: the point as data.
        index: number of the point.
    """

    def __init__(self, point: networks.Point, index: int) -> None:
        self.data = point
        self.name = point.name
        self.index = index
        self.places = UNLIMITED if point.places is None else whole_places(point.places.values[0])
        self.scheduled = True
        self.in_use = 0
        self.staff_per_place = point.staff_per_place
        self.pool: StaffPool | None = None
        self.overflows: list[tuple[ServicePoint, networks.Overflow]] = []
        self.served_when_freed: list[ServicePoint] = []
        self.line: list[Patient] = []
        self.waiting = 0
        """How many of the line hold no place."""

    def has_free_place(self) -> bool:
        """Whether one more place can be taken: fewer in use than there are, and staff for it."""
        return self.in_use < self.places and (self.pool is None or self.pool.can_staff_another(self))

    def queue_has_space(self) -> bool:
        """Whether one more may wait without a place."""
        return self.data.queue_limit is None or self.waiting < self.data.queue_limit

    def queue_is_too_long(self) -> bool:
        """Whether more wait without a place than may."""
        return self.data.queue_limit is not None and self.waiting > self.data.queue_limit

    def add_to_line(self, patient: Patient) -> None:
        """Join the line: by priority of the class, then in order of joining."""
        bisect.insort_right(self.line, patient, key=self.priority)

    def priority(self, patient: Patient) -> int:
        """Priority of a patient here; lower is served first."""
        return self.data.priority.get(patient.class_name, 0)

    def place_for_first(self) -> ServicePoint | None:
        """Where the first of the line finds a place: here, or at the first overflow that is open and has one."""
        if self.has_free_place():
            return self
        for point, overflow in self.overflows:
            if len(self.line) >= overflow.opens_when_waiting and point.has_free_place():
                return point
        return None


@dataclass(eq=False)
class ArrivalStream:
    """A stream, how many have arrived, and when the next will."""

    data: networks.Stream
    index: int
    rank: int
    key: np.uint64
    point: ServicePoint
    count: int = 0
    since: float = 0.0
    """When the last arrived, or when the rate was last set."""
    hazard: float = 0.0
    """Cumulated rate from then until the next arrives."""
    next_time: float = UNLIMITED
    """When the next arrives; infinite where none does up to the horizon."""
    alarm: simpy.Event | None = None
