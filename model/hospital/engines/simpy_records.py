"""What the SimPy engine writes down: the log of events, and days, counts and durations by interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.hospital.engines.events import RECORD
from model.hospital.engines.kernel_tables import COUNTS, TIMES, Names, Results, cost_rates, costs_of
from model.hospital.network.network import Network

if TYPE_CHECKING:
    from model.hospital.engines.simpy_resources import Patient

TREATED, DELAYED, RESERVED, WAITING, FULL = range(len(TIMES))
"""Measures of ``Results.time``, in the order of ``TIMES``."""
RECORDED = ("time", "counts", "wait_days", "delay_days", "exits", "ways", "watched")
"""Arrays of the record."""
COUNT = {name: index for index, name in enumerate(COUNTS)}


class Meter:
    """Patients present at one point, added up over time.

    Args:
        records: where the days are written.
        point: index of the point.
    """

    def __init__(self, records: Records, point: int) -> None:
        self.records = records
        self.point = point
        self.present = [0] * len(TIMES)
        self.since = 0.0

    def change(self, now: float, measure: int, by: int) -> None:
        """Some more or fewer from now on."""
        if self.since < now:
            self.write(now)
        self.present[measure] += by

    def put(self, now: float, measure: int, patients: int) -> None:
        """Another number of patients from now on."""
        if patients != self.present[measure]:
            self.change(now, measure, patients - self.present[measure])

    def write(self, now: float) -> None:
        """Write the days since the last change into their intervals."""
        length = self.records.interval_days
        interval = self.records.interval(self.since)
        last = self.records.interval(now)
        while self.since < now:
            end = min(now, (interval + 1) * length) if interval < last else now
            for measure, patients in enumerate(self.present):
                if patients:
                    self.records.time[interval, self.point, measure] += patients * (end - self.since)
            self.since = end
            interval += 1


class Records:
    """The record of one run.

    Args:
        network: what is run.
        names: its names, with their indices.
        interval_days: length of an interval of the record.
        log: whether events are kept.
    """

    def __init__(self, network: Network, names: Names, *, interval_days: float, log: bool) -> None:
        self.network = network
        self.names = names
        self.interval_days = interval_days
        self.events = 0
        self.logs = log
        self._log: list[tuple[float, ...]] = []
        points = len(network.points)
        self.meters = [Meter(self, point) for point in range(points)]
        # The first axis is the interval; there is one, and more are added before running on.
        self.time = np.zeros((1, points, len(TIMES)))
        self.counts = np.zeros((1, points, len(COUNTS)), dtype=np.int64)
        self.wait_days = np.zeros((1, points))
        self.delay_days = np.zeros((1, points))
        self.exits = np.zeros((1, len(network.exits)), dtype=np.int64)
        self.ways = np.zeros((1, len(names.waiting_exits)), dtype=np.int64)
        self.way_numbers = {name: index for index, name in enumerate(names.waiting_exits)}
        self.watched = np.zeros((1, len(names.watches), 2), dtype=np.int64)
        watches = enumerate(watch for point in network.points for watch in point.watches)
        self.watches = [[next(watches) for _ in point.watches] for point in network.points]

    def lengthen(self, until: float) -> None:
        """Add the intervals up to a time to every array."""
        missing = self.interval(until) + 1 - len(self.time)
        if missing > 0:
            for name in RECORDED:
                array = getattr(self, name)
                more = np.zeros((missing, *array.shape[1:]), dtype=array.dtype)
                setattr(self, name, np.concatenate([array, more]))

    def interval(self, now: float) -> int:
        """Interval in which a time lies."""
        return int(now / self.interval_days)

    def present(self, point: int, measure: int, by: int, now: float) -> None:
        """More or fewer of a measure at a point from now on."""
        self.meters[point].change(now, measure, by)

    def full(self, point: int, is_full: bool, now: float) -> None:
        """Whether a point is full from now on."""
        self.meters[point].put(now, FULL, int(is_full))

    def count(self, what: str, point: int, now: float) -> None:
        """One more of what is counted."""
        self.counts[self.interval(now), point, COUNT[what]] += 1

    def started_after_wait(self, patient: Patient, now: float) -> None:
        """A stay started after a wait, be it of no time."""
        home, interval = patient.home.index, self.interval(now)
        self.counts[interval, home, COUNT["started"]] += 1
        self.counts[interval, home, COUNT["outliers_started"]] += patient.at is not patient.home
        self.wait_days[interval, home] += now - patient.joined
        self.watch(home, "wait", now - patient.joined, None, now)

    def ended(self, patient: Patient, now: float) -> None:
        """A stay ended."""
        self.count("ended", patient.home.index, now)
        self.watch(patient.home.index, "stay", now - patient.started, None, now)

    def delay_ended(self, patient: Patient, to: str | None, now: float) -> None:
        """A delay ended: the place is left for a point or exit, or the patient is treated again (``to`` is none)."""
        home, delay = patient.home.index, now - patient.ended
        self.delay_days[self.interval(now), home] += delay
        if to is not None:
            self.count("left", home, now)
            self.watch(home, "delay", delay, to, now)
            self.watch(home, "since_arrival", now - patient.arrived, to, now)

    def gave_up(self, point: int, way: str, now: float) -> None:
        """A patient stopped waiting."""
        self.count("gave_up", point, now)
        self.ways[self.interval(now), self.way_numbers[self.network.points[point].name, way]] += 1

    def left_network(self, to: int, now: float) -> None:
        """A patient left the network by an exit."""
        self.exits[self.interval(now), to] += 1

    def watch(self, point: int, measure: str, days: float, to: str | None, now: float) -> None:
        """Count a duration where it is watched."""
        for index, watch in self.watches[point]:
            if watch.measure == measure and watch.to in (None, to):
                self.watched[self.interval(now), index] += (days > watch.over, 1)

    def log(self, *record: float) -> None:
        """Write a record of the log: time, patient, kind, class, home, at, other."""
        if self.logs:
            self._log.append(record)

    def take_log(self) -> np.ndarray:
        """Records since they were last taken."""
        taken = np.array(self._log, dtype=RECORD)
        self._log = []
        return taken

    def results(self, now: float) -> Results:
        """All that is recorded up to now."""
        for meter in self.meters:
            meter.write(now)
        begun = self.interval(now)
        shown = slice(0, begun + (begun * self.interval_days < now))
        return Results(
            names=self.names,
            interval_days=self.interval_days,
            time=self.time[shown].copy(),
            count=self.counts[shown].copy(),
            wait_days=self.wait_days[shown].copy(),
            delay_days=self.delay_days[shown].copy(),
            exits=self.exits[shown].copy(),
            gave_up=self.ways[shown].copy(),
            watch=self.watched[shown].copy(),
            cost=costs_of(self.time[shown], cost_rates(self.network)),
            events=self.events,
        )
