"""What the rules carry through at once: lines, grants, moves, places freed and worked off from the agenda.

These are plain calls that change everything in the order of ``docs/networks.md``; time passes elsewhere, in the courses
of ``simpy_engine``.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from model.hospital.engines.events import Event, PatientState
from model.hospital.engines.simpy_draws import Draws
from model.hospital.engines.simpy_records import DELAYED, RESERVED, TREATED, WAITING, Records
from model.hospital.engines.simpy_resources import AT_ONCE, EventClock, Patient, ServicePoint, StaffPool, needed
from model.hospital.network.network import BACK, Network

NONE = -1
"""No point in a record of the log."""


class PatientMoves:
    """Points, patients and the moves of patients between points.

    Args:
        network: what is run.
        draws: all random draws.
        interval_days: length of an interval of the results.
        log: whether to keep the log of events.
    """

    def __init__(self, network: Network, draws: Draws, *, interval_days: float, log: bool) -> None:
        self.network = network
        self.draws = draws
        self.names = draws.names
        self.clock = EventClock()
        self.records = Records(network, self.names, interval_days=interval_days, log=log)
        self.agenda: deque[ServicePoint] = deque()
        self.pools = {pool.name: StaffPool(pool.staff.values[0]) for pool in network.pools}
        self.points = {point.name: ServicePoint(point, index) for index, point in enumerate(network.points)}
        self.nodes = {name: node for node, name in enumerate((*self.points, *network.exits, BACK))}
        self._connect()
        self.first_rank_of_patients = len(self.pools) + len(self.points) + len(network.streams)
        self.number_of_patients = 0
        self.present: dict[int, Patient] = {}
        for point in self.points.values():
            self.note_whether_full(point)

    def _connect(self) -> None:
        """Tie points to their pools and overflows, and find in which order a freed place serves."""
        for point in self.points.values():
            if point.data.pool is not None:
                point.pool = self.pools[point.data.pool]
                point.pool.points.append(point)
            point.overflows = [(self.points[overflow.point], overflow) for overflow in point.data.overflow]
        overflowing: dict[str, list[ServicePoint]] = {name: [] for name in self.points}
        for point in self.points.values():
            for other, _ in point.overflows:
                overflowing[other.name].append(point)
        for point in self.points.values():
            others = [] if point.pool is None else [other for other in point.pool.points if other is not point]
            for freed in (point, *others):
                point.served_when_freed += [freed, *overflowing[freed.name]]

    # Lines, stays and moves.

    def request(self, patient: Patient, point: ServicePoint) -> None:
        """Ask for a place: join the line, be served or wait; without space to wait be rejected, or block the place."""
        self.join(patient, point)
        self.serve(point)
        if patient.awaited is None:
            return
        self.draws.ways_out(patient)
        if patient.at is not None:
            self.log(Event.BLOCKED, patient, home=point, at=patient.at)
        elif point.queue_is_too_long():
            self.leave_line(patient)
            self.log(Event.REJECTED, patient, home=point)
            self.records.count("rejected", point.index, self.clock.now)
            self.forget(patient)

    def join(self, patient: Patient, point: ServicePoint) -> None:
        """Join a line, holding a place or not."""
        patient.visit += 1
        patient.awaited = point
        patient.joined = self.clock.now
        patient.ways_out = []
        point.add_to_line(patient)
        if patient.at is None:
            patient.state = PatientState.WAITING
            self.count_waiting(point, 1)
        else:
            patient.state = PatientState.BLOCKED
        self.log(Event.JOINED, patient, home=point, at=patient.at)
        self.records.count("joined", point.index, self.clock.now)

    def leave_line(self, patient: Patient) -> ServicePoint:
        """Wait no longer; the point waited for is returned."""
        point = needed(patient.awaited)
        point.line.remove(patient)
        if patient.at is None:
            self.count_waiting(point, -1)
        patient.awaited = None
        return point

    def serve(self, point: ServicePoint) -> None:
        """Grant places to the first of the line while there are any; then let the blocked go to wait in the queue."""
        while point.line:
            place = point.place_for_first()
            if place is None:
                break
            self.grant(point.line[0], place)
        if not point.data.waits_in_place and len(point.line) > point.waiting:
            for patient in [patient for patient in point.line if patient.state is PatientState.BLOCKED]:
                if not point.queue_has_space():
                    break
                self.wait_in_queue_instead(patient)

    def wait_in_queue_instead(self, patient: Patient) -> None:
        """Leave the place held and wait without one."""
        place, point = patient.at, needed(patient.awaited)
        _, way = patient.soonest_way_out()
        self.log(Event.QUEUED, patient, home=point, at=place)
        self.end_delay(patient, to=point.name)
        self.free_place(patient)
        patient.state = PatientState.WAITING
        self.count_waiting(point, 1)
        if way is not None and way.to == BACK:
            # That way is closed now: the soonest of the others takes its place.
            self.draws.ways_out(patient)
            if patient.alarm is not None:
                time, _ = patient.soonest_way_out()
                patient.alarm = self.clock.move(patient.alarm, max(time, self.clock.now), patient.rank)

    def grant(self, patient: Patient, place: ServicePoint) -> None:
        """A place is found: move there at once, or reserve it for the time of the transfer."""
        home = self.leave_line(patient)
        self.log(Event.GRANTED, patient, home=home, at=patient.at, other=place.index)
        if patient.alarm is not None:
            patient.alarm = self.clock.move(patient.alarm, self.clock.now, AT_ONCE)
        self.take_place(place)
        takes = 0.0 if patient.at is None else self.draws.transfer(patient)
        if takes > 0.0:
            patient.state = PatientState.TRANSFER
            patient.reserved, patient.following = place, home
            patient.transfer_ends = self.clock.now + takes
            self.records.present(place.index, RESERVED, 1, self.clock.now)
        else:
            self.start(patient, home, place)

    def end_reservation(self, patient: Patient) -> None:
        """Arrive at the reserved place."""
        place, home = needed(patient.reserved), needed(patient.following)
        self.records.present(place.index, RESERVED, -1, self.clock.now)
        patient.reserved = patient.following = None
        self.start(patient, home, place)

    def start(self, patient: Patient, home: ServicePoint, place: ServicePoint) -> None:
        """Move into a place that was taken, leaving the one held, and start the stay."""
        left = patient.at
        if left is not None:
            self.end_delay(patient, to=home.name)
            self.free_place(patient)
        patient.home, patient.at = home, place
        self.begin_treatment(patient, left)
        self.records.started_after_wait(patient, self.clock.now)

    def begin_treatment(self, patient: Patient, left: ServicePoint | None) -> None:
        """A stay begins in the place held."""
        patient.visit += 1
        patient.state = PatientState.TREATED
        patient.started = self.clock.now
        patient.route = None
        self.records.present(needed(patient.at).index, TREATED, 1, self.clock.now)
        self.log(Event.STARTED, patient, at=patient.at, other=NONE if left is None else left.index)

    def end_stay(self, patient: Patient) -> None:
        """The stay is over: from now on the patient is delayed, and knows where to go."""
        now = self.clock.now
        patient.state = PatientState.PREPARING
        patient.present_at_start = False
        patient.ended = now
        place = needed(patient.at)
        self.records.present(place.index, TREATED, -1, now)
        self.records.present(place.index, DELAYED, 1, now)
        patient.route = self.draws.route(patient)
        self.log(Event.ENDED, patient, at=place, other=self.nodes[patient.route.to])
        self.records.ended(patient, now)

    def go_to_exit(self, patient: Patient) -> None:
        """Leave the network, at once or after the transfer."""
        takes = self.draws.transfer(patient)
        if takes > 0.0:
            patient.state = PatientState.TRANSFER
            patient.transfer_ends = self.clock.now + takes
        else:
            self.leave(patient, needed(patient.route).to)

    def give_up(self, patient: Patient) -> None:
        """Stop waiting by the soonest way: out, to another point, or back into treatment."""
        way = needed(patient.soonest_way_out()[1])
        point = self.leave_line(patient)
        self.log(Event.GAVE_UP, patient, home=point, at=patient.at, other=self.nodes[way.to])
        self.records.gave_up(point.index, way.name, self.clock.now)
        patient.route = None
        if way.to == BACK:
            self.end_delay(patient, to=None)
            self.records.present(needed(patient.at).index, DELAYED, -1, self.clock.now)
            self.begin_treatment(patient, patient.at)
        elif way.to not in self.points:
            self.leave(patient, way.to)
        else:
            self.request(patient, self.points[way.to])
        self.serve(point)

    def leave(self, patient: Patient, to: str) -> None:
        """Leave the network by an exit, and the place held, if any."""
        self.log(Event.LEFT, patient, at=patient.at, other=self.nodes[to])
        self.records.left_network(self.nodes[to] - len(self.points), self.clock.now)
        if patient.at is not None:
            self.end_delay(patient, to=to)
            self.free_place(patient)
        self.forget(patient)

    def end_delay(self, patient: Patient, to: str | None) -> None:
        """The delay ends, because the place is left for a point or exit or, without one, by more treatment."""
        patient.days_delayed += self.clock.now - patient.ended
        self.records.delay_ended(patient, to, self.clock.now)

    # Places.

    def take_place(self, point: ServicePoint) -> None:
        """One more place is in use."""
        point.in_use += 1
        self.note_whether_full(point)

    def free_place(self, patient: Patient) -> None:
        """The delayed patient's place is free, which goes on the agenda."""
        point = needed(patient.at)
        patient.at = None
        point.in_use -= 1
        self.records.present(point.index, DELAYED, -1, self.clock.now)
        self.note_whether_full(point)
        self.agenda.append(point)

    def work_off_agenda(self) -> None:
        """Serve, for every freed place in turn, those who may take it."""
        while self.agenda:
            for point in self.agenda.popleft().served_when_freed:
                self.serve(point)

    def change_capacity(self, what: ServicePoint | StaffPool, value: float) -> None:
        """Another number of places or staff from now on; patients in places stay."""
        if isinstance(what, StaffPool):
            what.staff = value
            changed = what.points
        else:
            what.places = value
            changed = [what]
        for point in changed:
            self.note_whether_full(point)
            self.agenda.append(point)
        self.work_off_agenda()

    def note_whether_full(self, changed: ServicePoint) -> None:
        """Record which points are full after a change of one; those of the same pool may be for want of staff."""
        for point in (changed,) if changed.pool is None else changed.pool.points:
            self.records.full(point.index, not point.has_free_place(), self.clock.now)

    def count_waiting(self, point: ServicePoint, by: int) -> None:
        """More or fewer wait without a place."""
        point.waiting += by
        self.records.present(point.index, WAITING, by, self.clock.now)

    # Patients, and what is written of them.

    def new_patient(self, key: np.uint64, class_index: int, point: ServicePoint) -> Patient:
        """The next patient in order."""
        number = self.number_of_patients
        self.number_of_patients += 1
        patient = Patient(
            number=number,
            key=key,
            class_index=class_index,
            class_name=self.network.classes[class_index],
            rank=self.first_rank_of_patients + number,
            arrived=self.clock.now,
            home=point,
        )
        self.present[number] = patient
        return patient

    def forget(self, patient: Patient) -> None:
        """The patient is no longer in the network."""
        patient.gone = True
        del self.present[patient.number]

    def log(
        self,
        kind: Event,
        patient: Patient,
        *,
        home: ServicePoint | None = None,
        at: ServicePoint | None = None,
        other: int = NONE,
    ) -> None:
        """Write a record of the log, if one is kept."""
        if not self.records.logs:
            return
        home_index = NONE if kind is Event.LEFT else (home or patient.home).index
        at_index = NONE if at is None else at.index
        self.records.log(self.clock.now, patient.number, int(kind), patient.class_index, home_index, at_index, other)
