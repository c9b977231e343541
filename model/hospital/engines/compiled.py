"""The compiled engine: drives the kernel, enlarges its arrays, and takes what is set from outside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from model.hospital.engines import kernel
from model.hospital.engines import kernel_tables as tables
from model.hospital.engines.events import RECORD, RECORD_FIELDS, Event
from model.hospital.engines.kernel import KernelMemory
from model.hospital.engines.kernel_tables import Results
from model.hospital.network.network import Network
from model.registry.errors import Exit, UserError

BUCKETS = 32768
"""Buckets of the calendar of events; a power of two."""
SPARE_SLOTS = 64
"""Entries at the start for patients, the agenda and records of the log; all of them grow when full."""
SPARE_AGENDA = 64
LEAST_LOG_SIZE = 1024
EVENTS_A_BUCKET = 8.0
EVENTS_A_PATIENT = 3.0
ERRORS = {
    kernel.ERROR_OCCUPANCY: "the patients in places are not those counted",
    kernel.ERROR_LINE: "the patients in the line are not those counted",
    kernel.ERROR_CAPACITY: "more places are in use than there are",
    kernel.ERROR_STAFF: "more staff is taken than there is",
    kernel.ERROR_CONSERVATION: "arrivals are not the patients present and gone",
}


def needs_compiling() -> bool:
    """Whether the next simulation compiles the kernel first (some seconds), because no compiled one lies on disk."""
    if kernel.run.signatures:
        return False
    # Numba keeps an index of what is compiled beside the code, empty when the file has changed since.
    entries: tuple[Any, ...] = (kernel.act, kernel.run)
    return not all(entry._cache._cache_file._load_index() for entry in entries)


class CompiledSimulation:
    """A network that runs in the compiled engine.

    Args:
        network: a network that has passed the checks.
        days: length of the run.
        seed: seed of all draws.
        replication: number of the replication.
        record_days: length of the intervals of the results.
        log: whether the records of all patients are kept; or flags [kind of event, home point] of those that are.
            Of patients who leave the network the place left counts; records without any are kept if any of their kind.
        checked: whether patients are counted again at the end of every interval.

    A run that is split by ``run(until)``, at any time, has the same history, bit for bit, as the whole.
    """

    def __init__(
        self,
        network: Network,
        *,
        days: float,
        seed: int,
        replication: int = 0,
        record_days: float = 1.0,
        log: bool | np.ndarray = False,
        checked: bool = False,
    ) -> None:
        self.network = network
        self.days = float(days)
        self.names = tables.names_of(network)
        self._checked = checked
        self._tables = tables.build_tables(network, seed, replication)
        self._memory = _new_memory(self._tables, self.days, record_days, log, len(self.names.watches))
        self._act(kernel.BEGIN)
        self._advance(0.0)

    @property
    def now(self) -> float:
        """Days simulated so far."""
        return float(self._memory.clock[kernel.NOW])

    def run(self, until: float | None = None) -> None:
        """Simulate all events before ``until`` (default: the length of the run), which may lie beyond that length."""
        until = self.days if until is None else float(until)
        if until < self.now:
            raise ValueError(f"cannot run back from day {self.now} to day {until}")
        if until > self._memory.clock[kernel.HORIZON]:
            self._act(kernel.EXTEND, value=math.ceil(until))
        self._advance(until)

    def results(self, first_interval: int = 0) -> Results:
        """What happened so far, from an interval on; the last interval may be cut short by the present."""
        memory = self._memory
        interval = int(memory.tally[kernel.INTERVAL])
        left = memory.clock[kernel.INTERVAL_END] - self.now
        length = float(memory.clock[kernel.INTERVAL_DAYS])
        begun = left < length
        shown = slice(first_interval, interval + (1 if begun else 0))
        time = memory.time[shown].copy()
        if begun and first_interval <= interval:
            time[-1] = memory.integral - memory.point[:, : kernel.INTEGRATED] * left
        return Results(
            names=self.names,
            interval_days=length,
            time=time,
            count=memory.count[shown].copy(),
            wait_days=memory.days[shown, :, 0].copy(),
            delay_days=memory.days[shown, :, 1].copy(),
            exits=memory.exits[shown].copy(),
            gave_up=memory.gave_up[shown].copy(),
            watch=memory.watch[shown].copy(),
            cost=tables.costs_of(time, tables.cost_rates(self.network)),
            events=int(memory.tally[kernel.EVENTS]),
        )

    def take_log(self) -> np.ndarray:
        """Records since the log was last taken, in the order in which things happened."""
        columns = self.take_columns()
        records = np.empty(len(columns["time"]), dtype=RECORD)
        for name, column in columns.items():
            records[name] = column
        return records

    def take_columns(self) -> dict[str, np.ndarray]:
        """The same as columns by name, which takes less time."""
        memory = self._memory
        size = memory.tally[kernel.LOG_SIZE]
        memory.tally[kernel.LOG_SIZE] = 0
        columns = (memory.log_time, memory.log_patient, *memory.log_fact)
        return {name: column[:size].copy() for name, column in zip(RECORD_FIELDS, columns, strict=True)}

    def census(self) -> np.ndarray:
        """Patients now, [state, point of the place held (last: none), point of the stay or to come, class].

        The point to come is that of those who wait, are blocked, or in preparation for or on transfer to a point; for
        all others it is the home of the stay.
        """
        memory = self._memory
        return kernel.census(
            memory.patient_fact,
            memory.patient_number,
            self._tables.routes.to,
            len(self.names.points),
            len(self.names.classes),
        )

    def in_use(self) -> np.ndarray:
        """Places in use now at each point, reserved ones included."""
        return self._memory.point[:, kernel.IN_USE].copy()

    def in_line(self) -> np.ndarray:
        """Patients in the line of each point now, with a place or without."""
        return self._memory.point[:, kernel.IN_LINE].copy()

    def set_rate(self, stream: str, per_day: float) -> None:
        """Put an arrival rate in force until it is set again (hours of the week keep their factors)."""
        index = self.names.stream(stream)
        if not 0.0 <= per_day < math.inf:
            raise UserError(f"a rate is 0 or more a day, not {per_day}.", key=stream)
        if self._tables.streams.rate_set[index] != per_day:
            self._act(kernel.SET_RATE, index, per_day)

    def set_places(self, point: str, places: float) -> None:
        """Put a number of places in force until it is set again; it is rounded to whole places."""
        index = self.names.point(point)
        if not places >= 0.0:
            raise UserError(f"places are 0 or more, not {places}.", key=point)
        self._act(kernel.SET_PLACES, index, tables.whole_places(float(places)))
        self._advance(self.now)

    def set_pool(self, pool: str, staff: float) -> None:
        """Put the staff of a pool in force until it is set again."""
        index = self.names.pool(pool)
        if not staff >= 0.0:
            raise UserError(f"staff is 0 or more, not {staff}.", key=pool)
        self._act(kernel.SET_STAFF, index, staff)
        self._advance(self.now)

    def set_stay_factor(self, class_name: str, point: str, factor: float) -> None:
        """Multiply stays of a class at a home point that start from now on."""
        tables.set_stay_factor(self._tables, self.names, class_name, point, factor)

    def set_preparation_factor(self, class_name: str, point: str, to: str, factor: float) -> None:
        """Multiply preparations of a class at a home point, for the routes to a target, that begin from now on."""
        tables.set_preparation_factor(self._tables, self.names, class_name, point, to, factor)

    def set_route_shares(self, class_name: str, point: str, shares: Mapping[str, float]) -> None:
        """Set the shares of the routes of a class at a point for stays that end from now on."""
        tables.set_route_shares(self._tables, self.names, class_name, point, shares)

    def set_waiting_rate_factor(self, point: str, waiting_exit: str, factor: float) -> None:
        """Multiply the rate of a way to stop waiting, for those who join the line from now on."""
        tables.set_waiting_rate_factor(self._tables, self.names, point, waiting_exit, factor)

    def copy(self) -> CompiledSimulation:
        """Return a copy of the simulation, which from now on runs by itself."""
        other = object.__new__(CompiledSimulation)
        other.__dict__.update(self.__dict__)
        other._tables = tables.with_own_settings(self._tables)
        copied = KernelMemory(*(array.copy() for array in self._memory))
        other._memory = copied._replace(**_rows_of_patients(len(copied.patient_number), copied))
        return other

    __copy__ = copy

    def __setstate__(self, state: dict[str, object]) -> None:
        # Arrays that see the same rows come back from a pickle, or a deep copy, as arrays of their own.
        self.__dict__.update(state)
        self._memory = self._memory._replace(**_rows_of_patients(len(self._memory.patient_number), self._memory))

    def _act(self, what: int, which: int = 0, value: float = 0.0) -> None:
        kernel.act(self._tables, self._memory, what, which, float(value))

    def _advance(self, until: float) -> None:
        while (code := kernel.run(self._tables, self._memory, until, self._checked)) != kernel.DONE:
            if code in ERRORS:
                index = self._memory.tally[kernel.FAILED_POINT]
                valid = self.names.pools if code == kernel.ERROR_STAFF else self.names.points
                where = f"at '{valid[index]}'" if index >= 0 else "in the network"
                raise UserError(
                    f"the compiled engine lost count on day {self.now:g} {where}: {ERRORS[code]}.", code=Exit.MODEL
                )
            self._memory = _grown(self._memory, code)


def _new_memory(
    network: kernel.NetworkTables, days: float, record_days: float, log: bool | np.ndarray, watches: int
) -> KernelMemory:
    """Memory of a simulation at time 0, before anyone is there."""
    streams, points = network.streams.key.shape[0], network.points.key.shape[0]
    present = network.start.point.shape[0]
    slots = streams + present + max(SPARE_SLOTS, present // 4)
    intervals = math.ceil(days / record_days) + 2
    mask = np.zeros((len(Event), points + 1), dtype=np.bool_)
    mask[:, :-1] = log
    mask[:, -1] = mask.any(axis=1)
    logging = bool(mask.any())
    log_size = max(LEAST_LOG_SIZE, 4 * present) if logging else 0
    arrivals = sum(
        network.streams.rate[network.streams.first[s] : network.streams.first[s + 1]].max() for s in range(streams)
    )
    memory = KernelMemory(
        clock=np.zeros(kernel.TIMES_KEPT),
        tally=np.zeros(kernel.TALLIES, dtype=np.int64),
        **_rows_of_patients(slots),
        heap_time=np.zeros(2 * slots),
        heap_rank=np.zeros(2 * slots, dtype=np.int64),
        heap_slot=np.zeros(2 * slots, dtype=np.int32),
        bucket=np.full(BUCKETS + 1, kernel.NOWHERE, dtype=np.int32),
        agenda=np.zeros(points + SPARE_AGENDA, dtype=np.int32),
        line_first=np.full((points, network.points.levels), kernel.NOWHERE, dtype=np.int32),
        line_last=np.full((points, network.points.levels), kernel.NOWHERE, dtype=np.int32),
        point=np.zeros((points, 8), dtype=np.int64),
        places=network.changes.places.copy(),
        staff=network.changes.staff.copy(),
        places_set=np.zeros(points, dtype=np.bool_),
        staff_set=np.zeros(network.changes.staff.shape[0], dtype=np.bool_),
        most=np.zeros(points),
        most_staff=np.zeros(network.changes.staff.shape[0]),
        walked_from=np.zeros(streams),
        walked_hazard=np.zeros(streams),
        stream_number=np.zeros(streams, dtype=np.int64),
        integral=np.zeros((points, kernel.INTEGRATED)),
        time=np.zeros((intervals, points, kernel.INTEGRATED)),
        count=np.zeros((intervals, points, len(tables.COUNTS)), dtype=np.int64),
        days=np.zeros((intervals, points, 2)),
        exits=np.zeros((intervals, network.exits), dtype=np.int64),
        gave_up=np.zeros((intervals, network.ways.factor.shape[0]), dtype=np.int64),
        watch=np.zeros((intervals, watches, 2), dtype=np.int64),
        log_mask=mask,
        log_time=np.zeros(log_size),
        log_patient=np.zeros(log_size, dtype=np.int64),
        log_fact=np.zeros((len(RECORD_FIELDS) - 2, log_size), dtype=np.int32),
    )
    memory.clock[kernel.INTERVAL_END] = memory.clock[kernel.INTERVAL_DAYS] = record_days
    memory.clock[kernel.BUCKETS_A_DAY] = arrivals * EVENTS_A_PATIENT / EVENTS_A_BUCKET + 1.0
    memory.clock[kernel.HORIZON] = math.ceil(days)
    memory.tally[[kernel.REQUESTING, kernel.LINE_LEFT, kernel.FAILED_POINT]] = kernel.NOWHERE
    memory.tally[kernel.LOGGING] = logging
    memory.patient_number[:streams, kernel.NUMBER] = np.arange(streams) - streams
    _free_slots(memory, streams)
    return memory


def _rows_of_patients(slots: int, before: KernelMemory | None = None) -> dict[str, np.ndarray]:
    """Arrays that see the same rows of patients, the first of them as they were before."""
    row = 8 * kernel.LONG_COLUMNS
    buffer = np.zeros((slots + 1) * row, dtype=np.uint8)
    # Rows begin with a line of the processor's cache.
    begin = -buffer.ctypes.data % row
    buffer = buffer[begin : begin + slots * row]
    arrays: dict[str, np.ndarray] = {
        "patient_time": buffer.view(np.float64).reshape(slots, -1),
        "patient_fact": buffer.view(np.int32).reshape(slots, -1),
        "patient_number": buffer.view(np.int64).reshape(slots, -1),
        "patient_key": buffer.view(np.uint64).reshape(slots, -1),
    }
    known = 0
    if before is not None:
        known = len(before.patient_number)
        arrays["patient_number"][:known] = before.patient_number
    arrays["patient_fact"][known:] = kernel.NOWHERE
    arrays["patient_time"][known:, kernel.DUE] = math.inf
    arrays["patient_number"][known:, kernel.NUMBER] = kernel.NOWHERE
    return arrays


def _free_slots(memory: KernelMemory, first: int) -> None:
    """Make the slots from ``first`` on the free ones; there must be no others."""
    slots = memory.patient_number.shape[0]
    memory.patient_fact[first:, kernel.CALENDAR_NEXT] = np.append(np.arange(first + 1, slots), kernel.NOWHERE)
    memory.tally[kernel.FREE] = first


def _grown(memory: KernelMemory, code: int) -> KernelMemory:
    """Return the same memory, what was full twice as long."""
    if code == kernel.GROW_PATIENTS:
        slots = memory.patient_number.shape[0]
        grown = memory._replace(**_rows_of_patients(2 * slots, memory))
        _free_slots(grown, slots)
        more = 2 * grown.patient_number.shape[0] - memory.heap_time.shape[0]
        return _with_heap(grown, more) if more > 0 else grown
    if code == kernel.GROW_HEAP:
        return _with_heap(memory, memory.heap_time.shape[0])
    if code == kernel.GROW_AGENDA:
        # The ring is cut open at its first entry.
        order = np.roll(memory.agenda, -int(memory.tally[kernel.AGENDA_FIRST]))
        memory.tally[kernel.AGENDA_FIRST] = 0
        return memory._replace(agenda=_longer(order, len(order), 0))
    if code == kernel.GROW_LOG:
        more = len(memory.log_time)
        return memory._replace(
            log_time=_longer(memory.log_time, more, 0.0),
            log_patient=_longer(memory.log_patient, more, 0),
            log_fact=np.concatenate([memory.log_fact, np.zeros_like(memory.log_fact)], axis=1),
        )
    names = ("time", "count", "days", "exits", "gave_up", "watch")
    return memory._replace(**{name: _longer(getattr(memory, name), len(memory.time), 0) for name in names})


def _with_heap(memory: KernelMemory, by: int) -> KernelMemory:
    names = ("heap_time", "heap_rank", "heap_slot")
    return memory._replace(**{name: _longer(getattr(memory, name), by, 0) for name in names})


def _longer(array: np.ndarray, by: int, fill: float) -> np.ndarray:
    return np.concatenate([array, np.full((by, *array.shape[1:]), fill, dtype=array.dtype)])
