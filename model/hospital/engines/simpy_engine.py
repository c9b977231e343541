"""The readable engine: every patient is a SimPy process that reads like the patient's course through the network.

It follows ``docs/networks.md`` to the letter and gives the same history as the compiled engine, patient by patient, for
it takes the same keyed draws. Whatever the rules carry through *at once* (requests, grants, moves, the agenda of freed
places) is done in the plain calls of ``simpy_moves``; a patient's process goes to sleep only where time passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any

import numpy as np
import simpy

from model.hospital.engines.events import Event, PatientState
from model.hospital.engines.kernel_tables import (
    Results,
    set_preparation_factor,
    set_route_shares,
    set_stay_factor,
    set_waiting_rate_factor,
    whole_places,
)
from model.hospital.engines.simpy_draws import Draws
from model.hospital.engines.simpy_moves import PatientMoves
from model.hospital.engines.simpy_resources import ArrivalStream, Patient, ServicePoint, StaffPool, needed
from model.hospital.network.network import UNLIMITED, Network, Schedule
from model.registry.errors import UserError

Course = Generator[simpy.Event, None, None]


class SimpySimulation(PatientMoves):
    """A network run by SimPy, with the same interface and the same history as ``CompiledSimulation``.

    Args:
        network: what is run.
        days: length of the run.
        seed: seed of all draws.
        replication: number of the replication; other draws for each.
        record_days: length of an interval of the results, in days.
        log: whether to keep the log of events.
    """

    def __init__(
        self,
        network: Network,
        *,
        days: float,
        seed: int,
        replication: int = 0,
        record_days: float = 1.0,
        log: bool = False,
    ) -> None:
        draws = Draws(network, seed=seed, replication=replication)
        super().__init__(network, draws, interval_days=record_days, log=log)
        self.days = float(days)
        self.horizon = float(math.ceil(days))
        self._again = partial(
            SimpySimulation, network, days=days, seed=seed, replication=replication, record_days=record_days, log=log
        )
        self._done: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        first_rank = len(self.pools) + len(self.points)
        self.streams = {
            stream.name: ArrivalStream(
                stream, index, first_rank + index, draws.stream_key(stream.name), self.points[stream.point]
            )
            for index, stream in enumerate(network.streams)
        }
        self._plan_changes_of_capacity()
        self._bring_in_those_present()
        for stream in self.streams.values():
            self.clock.process(self.arrivals(stream))
        self.clock.finish_present()

    # The courses: what passes time.

    def arrivals(self, stream: ArrivalStream) -> Course:
        """Patients of one stream arrive one after the other."""
        while True:
            stream.hazard = self.draws.hazard(stream.index, stream.count)
            stream.since = self.clock.now
            stream.alarm = None
            self.plan_arrival(stream)
            yield needed(stream.alarm)
            self.records.events += 1
            self.arrive(stream)

    def changes(self, what: ServicePoint | StaffPool, schedule: Schedule, rank: int) -> Course:
        """The places of a point, or the staff of a pool, change as scheduled, until they are set from outside."""
        for time, value in zip(schedule.times[1:], schedule.values[1:], strict=True):
            yield self.clock.alarm(time, rank)
            if not what.scheduled:
                return
            self.records.events += 1
            self.change_capacity(what, whole_places(value) if isinstance(what, ServicePoint) else value)

    def course(self, patient: Patient) -> Course:
        """The course of one patient: waits, stays and transfers, until they leave the network."""
        while not patient.gone:
            if patient.awaited is not None:
                yield from self.wait(patient)
            elif patient.state is PatientState.TREATED:
                yield from self.stay(patient)
            else:
                yield from self.transfer(patient)

    def course_from_arrival(self, patient: Patient) -> Course:
        """The course of a patient who comes from outside."""
        self.request(patient, patient.home)
        self.work_off_agenda()
        yield from self.course(patient)

    def wait(self, patient: Patient) -> Course:
        """Wait in a line until a place is granted, or until the soonest of the ways to stop waiting."""
        time, _ = patient.soonest_way_out()
        patient.alarm = self.clock.alarm(time, patient.rank)
        yield patient.alarm
        patient.alarm = None
        if patient.awaited is not None:
            self.records.events += 1
            self.give_up(patient)
            self.work_off_agenda()

    def stay(self, patient: Patient) -> Course:
        """Be treated, be made ready to leave, wait for the hours in which patients may leave, and go on."""
        yield self.clock.alarm(self.clock.now + self.draws.stay(patient), patient.rank)
        self.records.events += 1
        self.end_stay(patient)
        ready = self.draws.ready(patient, self.clock.now)
        if ready > self.clock.now:
            yield self.clock.alarm(ready, patient.rank)
            self.records.events += 1
        to = needed(patient.route).to
        self.log(Event.READY, patient, at=patient.at, other=self.nodes[to])
        if to not in self.points:
            self.go_to_exit(patient)
        else:
            self.request(patient, self.points[to])
        self.work_off_agenda()

    def transfer(self, patient: Patient) -> Course:
        """Be taken to the reserved place, or out; the place held is free at the end."""
        yield self.clock.alarm(patient.transfer_ends, patient.rank)
        self.records.events += 1
        if patient.reserved is None:
            self.leave(patient, needed(patient.route).to)
        else:
            self.end_reservation(patient)
        self.work_off_agenda()

    def arrive(self, stream: ArrivalStream) -> None:
        """The next patient of a stream arrives, and is cancelled or comes in."""
        key = self.draws.patient_key(stream.key, stream.count)
        stream.count += 1
        point = stream.point
        patient = self.new_patient(key, self.draws.arriving_class(stream.index, key), point)
        self.log(Event.ARRIVED, patient, home=point)
        limit = stream.data.cancelled_above
        if limit is not None and point.in_use + point.waiting >= limit * point.places:
            self.log(Event.CANCELLED, patient, home=point)
            self.records.count("cancelled", point.index, self.clock.now)
            self.forget(patient)
        else:
            self.clock.process(self.course_from_arrival(patient))

    # The start.

    def _bring_in_those_present(self) -> None:
        """Patients in a stay and in the line at time 0, in order; then free places are granted."""
        for point in self.points.values():
            in_stay, in_line = (self.draws.stream_key(f"{kind}:{point.name}") for kind in ("start", "queue"))
            treated = waiting = 0
            for class_index, class_name in enumerate(self.network.classes):
                for _ in range(point.data.starting.get(class_name, 0)):
                    patient = self.new_patient(self.draws.patient_key(in_stay, treated), class_index, point)
                    treated += 1
                    patient.present_at_start = True
                    patient.at = point
                    self.take_place(point)
                    self.begin_treatment(patient, left=None)
                    self.clock.process(self.course(patient))
                for _ in range(point.data.starting_queue.get(class_name, 0)):
                    patient = self.new_patient(self.draws.patient_key(in_line, waiting), class_index, point)
                    waiting += 1
                    self.join(patient, point)
                    self.draws.ways_out(patient)
                    self.clock.process(self.course(patient))
        self.agenda.extend(self.points.values())
        self.work_off_agenda()

    def _plan_changes_of_capacity(self) -> None:
        """Schedules of pools, then of points."""
        rank = 0
        for pool, data in zip(self.pools.values(), self.network.pools, strict=True):
            self.clock.process(self.changes(pool, data.staff, rank))
            rank += 1
        for point in self.points.values():
            if point.data.places is not None:
                self.clock.process(self.changes(point, point.data.places, rank))
            rank += 1

    # From outside.

    def run(self, until: float | None = None) -> SimpySimulation:
        """Run on.

        Args:
            until: events before this time happen; by default the whole length, beyond which it may lie.

        Raises:
            ValueError: a time before the present one.
        """
        until = self.days if until is None else float(until)
        if until < self.clock.now:
            raise ValueError(f"cannot run back from day {self.clock.now} to day {until}")
        if until > self.horizon:
            self.look_further_ahead(math.ceil(until))
        self.records.lengthen(until)
        self.clock.run_before(until)
        self._done.append((SimpySimulation.run, (until,)))
        return self

    def look_further_ahead(self, horizon: float) -> None:
        """Look for arrivals up to a later time, in streams in which there are none before the present horizon."""
        self.horizon = horizon
        for stream in self.streams.values():
            if stream.next_time == UNLIMITED:
                self.plan_arrival(stream)

    def plan_arrival(self, stream: ArrivalStream) -> None:
        """Set the alarm of a stream to its next arrival."""
        stream.next_time, _ = self.draws.walk(stream, until=self.horizon)
        if stream.alarm is None:
            stream.alarm = self.clock.alarm(stream.next_time, stream.rank)
        else:
            stream.alarm = self.clock.move(stream.alarm, stream.next_time, stream.rank)

    def results(self) -> Results:
        """Days, counts and costs by interval so far."""
        return self.records.results(self.clock.now)

    def take_log(self) -> np.ndarray:
        """Records of the log since they were last taken (``events.RECORD``)."""
        self._done.append((SimpySimulation.take_log, ()))
        return self.records.take_log()

    def census(self) -> np.ndarray:
        """Patients there now: [state, place held (last: none), home or the point they go to or wait for, class]."""
        points = len(self.points)
        census = np.zeros((len(PatientState), points + 1, points, len(self.network.classes)), dtype=np.int64)
        for patient in self.present.values():
            at = points if patient.at is None else patient.at.index
            point = patient.awaited or patient.following or patient.home
            if patient.state is PatientState.PREPARING:
                point = self.points.get(needed(patient.route).to, point)
            census[patient.state, at, point.index, patient.class_index] += 1
        return census

    def set_rate(self, stream: str, per_day: float) -> None:
        """Arrivals per day of a stream from now on, in place of its schedule; what has run off remains."""
        if not 0.0 <= per_day < UNLIMITED:
            raise UserError(f"a rate is 0 or more a day, not {per_day}.", key=stream)
        arrivals = self.streams[self.names.streams[self.names.stream(stream)]]
        self.draws.set_rate(arrivals, per_day, now=self.clock.now)
        self.plan_arrival(arrivals)
        self._done.append((SimpySimulation.set_rate, (stream, per_day)))

    def set_places(self, point: str, places: float) -> None:
        """Places of a point from now on, in place of its schedule."""
        if not places >= 0.0:
            raise UserError(f"places are 0 or more, not {places}.", key=point)
        changed = self.points[self.names.points[self.names.point(point)]]
        changed.scheduled = False
        self.change_capacity(changed, whole_places(places))
        self.clock.finish_present()
        self._done.append((SimpySimulation.set_places, (point, places)))

    def set_pool(self, pool: str, staff: float) -> None:
        """Staff of a pool from now on, in place of its schedule."""
        if not staff >= 0.0:
            raise UserError(f"staff is 0 or more, not {staff}.", key=pool)
        changed = self.pools[self.names.pools[self.names.pool(pool)]]
        changed.scheduled = False
        self.change_capacity(changed, staff)
        self.clock.finish_present()
        self._done.append((SimpySimulation.set_pool, (pool, staff)))

    def set_stay_factor(self, class_name: str, point: str, factor: float) -> None:
        """Factor of the stays of a class at a point that start from now on."""
        set_stay_factor(self.draws.tables, self.names, class_name, point, factor)
        self._done.append((SimpySimulation.set_stay_factor, (class_name, point, factor)))

    def set_preparation_factor(self, class_name: str, point: str, to: str, factor: float) -> None:
        """Factor of the preparations of a class at a point for a route that are drawn from now on."""
        set_preparation_factor(self.draws.tables, self.names, class_name, point, to, factor)
        self._done.append((SimpySimulation.set_preparation_factor, (class_name, point, to, factor)))

    def set_route_shares(self, class_name: str, point: str, shares: Mapping[str, float]) -> None:
        """Shares of the routes of a class at a point for stays that end from now on."""
        set_route_shares(self.draws.tables, self.names, class_name, point, shares)
        self._done.append((SimpySimulation.set_route_shares, (class_name, point, dict(shares))))

    def set_waiting_rate_factor(self, point: str, waiting_exit: str, factor: float) -> None:
        """Factor of the rate of a way to stop waiting, for those who join the line from now on."""
        set_waiting_rate_factor(self.draws.tables, self.names, point, waiting_exit, factor)
        self._done.append((SimpySimulation.set_waiting_rate_factor, (point, waiting_exit, factor)))

    def copy(self) -> SimpySimulation:
        """A simulation that goes on from here by itself: made again from the start, for a process cannot be copied."""
        again = self._again()
        for method, arguments in self._done:
            method(again, *arguments)
        return again
