"""Which event of which patient of the BNSSG network is which flow of the whole-system model.

The names of points and classes carry what they are for. Tables made from them once turn the log of a simulation into
amounts by flow, cell and base step, so that every patient counts in one stock of the system at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from model.hospital.engines.events import Event
from model.hospital.engines.kernel_tables import COUNTS, Names
from model.hospital.exchange.names import (
    ARRIVALS,
    CARE_KINDS,
    COUNCILS,
    DIED,
    DIED_ON_PATHWAY,
    DIED_WAITING,
    HOME,
    OWN_MEANS,
    PATHWAYS,
    SITES,
    SUPPORTED,
    SUPPORTED_AT,
    VIRTUAL_WARD,
    WARDS,
    arrangement_point,
    bay,
    delayed_class,
    department,
    emergency_class,
    long_term_point,
    minors,
    pathway_point,
    seeking_class,
    spot_point,
    waiting_area,
    ward,
)
from model.hospital.exchange.periods import PeriodCounts
from model.registry.dimensions import DIMENSIONS, position

FLOWS: dict[str, tuple[str, ...]] = {
    "urgent_care.ambulance_arrivals": ("site",),
    "urgent_care.handovers": ("site",),
    "urgent_care.walk_in_arrivals": ("site",),
    "urgent_care.seen": ("site",),
    "urgent_care.decisions_to_admit": ("site",),
    "urgent_care.departures": ("site",),
    "urgent_care.admissions_from_department": ("site",),
    "urgent_care.direct_admissions": ("site",),
    "urgent_care.elective_admissions": ("site",),
    "urgent_care.elective_discharges": ("site",),
    "urgent_care.deaths_in_hospital": ("site",),
    "discharge.fit_to_leave": ("site", "place", "pathway"),
    "discharge.home_without_support": ("site", "place"),
    "discharge.ready_for_pathway": ("site", "place", "pathway"),
    "discharge.pathway_starts": ("site", "place", "pathway"),
    "discharge.relapses": ("site", "place", "pathway"),
    "discharge.deaths_while_waiting": ("site", "place", "pathway"),
    "discharge.withdrawals": ("site", "place"),
    "discharge.switches": ("site", "place", "pathway"),
    "discharge.pathway_ends_home": ("place", "pathway"),
    "discharge.deaths_on_pathway": ("place", "pathway"),
    "discharge.seek_long_term_care": ("place", "pathway", "long_term_care"),
    "discharge.long_term_starts_from_pathway": ("place", "pathway", "long_term_care"),
    "discharge.community_applications": ("place", "long_term_care"),
    "discharge.long_term_starts_from_community": ("place", "long_term_care"),
    "discharge.community_lapses": ("place", "long_term_care"),
    "discharge.long_term_ends": ("place", "long_term_care"),
    "discharge.to_virtual_ward": ("site",),
    "discharge.from_virtual_ward": (),
    "cancelled": ("site",),
    "ambulances_ready": ("site",),
    "direct_requests": ("site",),
    "outliers_come": ("site",),
    "outliers_go": ("site",),
}
"""Flows that patients make, by name, with the dimensions in which they are counted here. Those of the two sectors have
at least the dimensions of their record there; those without a sector are counts of this module."""


READ = (Event.ARRIVED, Event.CANCELLED, Event.STARTED, Event.ENDED, Event.READY, Event.GAVE_UP)
"""Kinds of events that are flows. Who is ready for an exit leaves at once, so leaving needs no look of its own."""


Log = Mapping[str, np.ndarray]
"""Columns of the records of a simulation, by the names of ``events.RECORD``."""


def rows_by_event(log: Log) -> dict[Event, np.ndarray]:
    """Rows of a log by kind of event, for the kinds that are read."""
    return {event: np.flatnonzero(log["kind"] == event) for event in READ}


def _numbered(*labels: tuple[str, ...]) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """All combinations of labels, each with its index in an array."""
    for combination in product(*(tuple(enumerate(names)) for names in labels)):
        yield tuple(index for index, _ in combination), tuple(name for _, name in combination)


@dataclass
class FlowTables:
    """Look-up tables from events to cells of flows.

    Args:
        names: names of the network, in the order of the engine.
    """

    names: Names
    cells: int = field(init=False)

    def __post_init__(self) -> None:
        self._cells_of_flow: dict[str, tuple[slice, tuple[int, ...]]] = {}
        begin = 1
        for name, dims in FLOWS.items():
            shape = tuple(len(DIMENSIONS[dim]) for dim in dims)
            end = begin + int(np.prod(shape, dtype=int))
            self._cells_of_flow[name] = (slice(begin, end), shape)
            begin = end
        self.cells = begin
        names = self.names
        self._points, nodes = len(names.points), len(names.points) + len(names.exits) + 1
        by_class = (len(names.classes), self._points, nodes)
        # The place held, or left, counts from 1; 0 is none.
        held = self._points + 1
        self._arrived = np.zeros(self._points, dtype=np.int32)
        self._cancelled = np.zeros(self._points, dtype=np.int32)
        self._started = np.zeros((self._points, held), dtype=np.int32)
        self._ended = np.zeros(by_class, dtype=np.int32)
        self._ready = np.zeros(by_class, dtype=np.int32)
        self._gave_up = np.zeros((self._points, held, nodes), dtype=np.int32)
        # Emergency patients in elective beds: who comes, who moves on, who leaves the hospital from there.
        self._outlying = np.zeros((len(names.classes), self._points, held), dtype=np.int32)
        self._outlied = np.zeros((len(names.classes), held), dtype=np.int32)
        self._gone = np.zeros((len(names.classes), held, nodes), dtype=np.int32)
        self._departments = np.array([names.point(department(site)) for site in SITES])
        self._minors = np.array([names.point(minors(site)) for site in SITES])
        self._bays = np.array([names.point(bay(site)) for site in SITES])
        self._medical = np.array([names.point(ward(site, "medical")) for site in SITES])
        self._tabulate_departments()
        self._tabulate_wards()
        self._tabulate_pathways()
        self._tabulate_long_term_care()

    def _cell(self, flow: str, *index: int) -> int:
        cells, shape = self._cells_of_flow[flow]
        return cells.start + (int(np.ravel_multi_index(index, shape)) if shape else 0)

    def _exit(self, name: str) -> int:
        """Index of an exit as a node: exits follow the points."""
        return self._points + self.names.exits.index(name)

    def _emergency(self) -> Iterator[tuple[int, int]]:
        """Council and class of emergency patients, as indices; those delayed at time 0 are not among them."""
        for (row, _), (council, arrival) in _numbered(COUNCILS, ARRIVALS):
            yield row, self.names.class_(emergency_class(council, arrival))

    def _delayed(self) -> Iterator[tuple[int, int]]:
        for (row, _), (council, pathway) in _numbered(COUNCILS, PATHWAYS):
            yield row, self.names.class_(delayed_class(council, pathway))

    def _tabulate_departments(self) -> None:
        for site in range(len(SITES)):
            here, medical = self._departments[site], self._medical[site]
            self._ready[:, self._bays[site], here] = self._cell("ambulances_ready", site)
            self._arrived[medical] = self._cell("direct_requests", site)
            places = np.array([here, self.names.point(waiting_area(SITES[site]))]) + 1
            self._started[medical, places] = self._cell("urgent_care.admissions_from_department", site)
            self._started[medical, 0] = self._cell("urgent_care.direct_admissions", site)

    def _tabulate_wards(self) -> None:
        names = self.names
        virtual, home = names.point(VIRTUAL_WARD), self._exit(HOME)
        for site, name in enumerate(SITES):
            medical, elective = self._medical[site], names.point(ward(name, "elective"))
            beds = np.array([names.point(ward(name, kind)) for kind in WARDS]) + 1
            self._started[elective, 0] = self._cell("urgent_care.elective_admissions", site)
            self._started[virtual, beds] = self._cell("discharge.to_virtual_ward", site)
            self._cancelled[elective] = self._cell("cancelled", site)
            self._ready[:, elective, self._points :] = self._cell("urgent_care.elective_discharges", site)
            self._ready[:, medical, self._exit(DIED)] = self._cell("urgent_care.deaths_in_hospital", site)
            for row, class_index in (*self._emergency(), *self._delayed()):
                self._ready[class_index, medical, home] = self._cell("discharge.home_without_support", site, row)
                self._outlying[class_index, medical, elective + 1] = self._cell("outliers_come", site)
                self._outlied[class_index, elective + 1] = self._cell("outliers_go", site)
                self._gone[class_index, elective + 1, self._points : -1] = self._cell("outliers_go", site)
            for row, class_index in self._emergency():
                fit = "discharge.fit_to_leave"
                self._ended[class_index, medical, home] = self._cell(fit, site, row, position("pathway", "P0"))
                for pathway, label in SUPPORTED_AT:
                    point = names.point(pathway_point(COUNCILS[row], label))
                    self._ended[class_index, medical, point] = self._cell(fit, site, row, pathway)
        self._ready[:, virtual, self._points :] = self._cell("discharge.from_virtual_ward")

    def _tabulate_pathways(self) -> None:
        names = self.names
        for (site, row), (name, council) in _numbered(SITES, COUNCILS):
            medical = names.point(ward(name, "medical"))
            beds = np.array([names.point(ward(name, kind)) for kind in WARDS]) + 1
            for pathway, label in SUPPORTED_AT:
                point, cell = names.point(pathway_point(council, label)), (site, row, pathway)
                self._ready[:, medical, point] = self._cell("discharge.ready_for_pathway", *cell)
                self._started[point, beds] = self._cell("discharge.pathway_starts", *cell)
                self._gave_up[point, beds, -1] = self._cell("discharge.relapses", *cell)
                self._gave_up[point, beds, self._exit(DIED_WAITING)] = self._cell(
                    "discharge.deaths_while_waiting", *cell
                )
                if label != SUPPORTED[0]:
                    simpler = names.point(pathway_point(council, PATHWAYS[pathway - 1]))
                    self._gave_up[point, beds, simpler] = self._cell("discharge.switches", *cell)
                else:
                    self._gave_up[point, beds, self._exit(OWN_MEANS)] = self._cell("discharge.withdrawals", site, row)

    def _tabulate_long_term_care(self) -> None:
        names = self.names
        seeking = [names.class_(seeking_class(kind)) for kind in CARE_KINDS]
        for (row, pathway), (council, label) in _numbered(COUNCILS, PATHWAYS):
            if label not in SUPPORTED:
                continue
            point = names.point(pathway_point(council, label))
            places = np.array([point, names.point(spot_point(council, label))]) + 1
            self._ready[:, point, self._exit("home_after_pathway")] = self._cell(
                "discharge.pathway_ends_home", row, pathway
            )
            self._ready[:, point, self._exit(DIED_ON_PATHWAY)] = self._cell("discharge.deaths_on_pathway", row, pathway)
            for kind, care in enumerate(CARE_KINDS):
                long_term = names.point(long_term_point(council, care))
                self._ended[:, point, long_term] = self._cell("discharge.seek_long_term_care", row, pathway, kind)
                self._ended[seeking, point, long_term] = 0
                self._started[long_term, places] = self._cell(
                    "discharge.long_term_starts_from_pathway", row, pathway, kind
                )
        for (row, kind), (council, care) in _numbered(COUNCILS, CARE_KINDS):
            arranging = names.point(arrangement_point(council, care))
            from_home = names.point(long_term_point(council, care, from_home=True))
            self._arrived[arranging] = self._cell("discharge.community_applications", row, kind)
            self._started[from_home, arranging + 1] = self._cell("discharge.long_term_starts_from_community", row, kind)
            self._gave_up[from_home, :, self._exit("stopped_waiting")] = self._cell(
                "discharge.community_lapses", row, kind
            )
            for point in (from_home, names.point(long_term_point(council, care))):
                self._ready[:, point, self._exit("end_of_long_term_care")] = self._cell(
                    "discharge.long_term_ends", row, kind
                )

    def wanted(self) -> np.ndarray:
        """Which records of the log are read, [kind of event, home point]; the rest need not be written."""
        flags = np.zeros((len(Event), self._points), dtype=bool)
        flags[Event.ARRIVED] = self._arrived > 0
        flags[Event.CANCELLED] = self._cancelled > 0
        flags[Event.STARTED] = self._started.any(axis=1)
        flags[Event.ENDED] = self._ended.any(axis=(0, 2))
        flags[Event.READY] = self._ready.any(axis=(0, 2))
        flags[Event.GAVE_UP] = self._gave_up.any(axis=(1, 2))
        return flags

    def count(
        self, log: Log, rows_of: Mapping[Event, np.ndarray], edges: np.ndarray, counts: np.ndarray
    ) -> PeriodCounts:
        """Amounts by flow over base steps.

        Args:
            log: records in order of time.
            rows_of: rows of each kind of event in it, from ``rows_by_event``.
            edges: days at which the steps begin, and the end of the last.
            counts: ``Results.count`` of the steps, for the departments: most patients come and go there.
        """
        steps = len(edges) - 1
        time = log["time"]
        in_step = np.diff(np.searchsorted(time, edges))
        step = np.repeat(np.arange(steps), in_step)
        left = np.repeat(edges[1:], in_step) - time
        rows_read: list[np.ndarray] = []
        cells_read: list[np.ndarray] = []
        for event, rows in rows_of.items():
            for cells in self._cells_of(event, log, rows):
                counted = np.flatnonzero(cells)
                rows_read.append(rows[counted])
                cells_read.append(cells[counted])
        all_rows = np.concatenate(rows_read)
        where = step[all_rows] * self.cells + np.concatenate(cells_read)
        size = steps * self.cells
        amount = self._by_flow(np.bincount(where, minlength=size).reshape(steps, -1).astype(float))
        late = np.bincount(where, weights=left[all_rows], minlength=size).reshape(steps, -1)
        self._count_departments(amount, counts)
        return PeriodCounts(amount, self._by_flow(late / np.diff(edges)[:, None]))

    def _cells_of(self, event: Event, log: Log, rows: np.ndarray) -> list[np.ndarray]:
        """Cells of records of one kind, 0 where they are no flow; of some there are two or three flows at once."""
        class_, home, at, other = (log[name][rows] for name in ("class", "home", "at", "other"))
        match event:
            case Event.ARRIVED:
                return [self._arrived[home]]
            case Event.CANCELLED:
                return [self._cancelled[home]]
            case Event.STARTED:
                left = other + 1
                return [self._started[home, left], self._outlying[class_, home, at + 1], self._outlied[class_, left]]
            case Event.ENDED:
                return [self._ended[class_, home, other]]
            case Event.READY:
                return [self._ready[class_, home, other], self._gone[class_, at + 1, other]]
        return [self._gave_up[home, at + 1, other], self._gone[class_, at + 1, other]]

    def _count_departments(self, amount: dict[str, np.ndarray], counts: np.ndarray) -> None:
        """Flows of the departments: all who join there and are not ambulance patients walk in, and so on."""
        joined, started, ended, left = (
            counts[:, :, COUNTS.index(name)] for name in ("joined", "started", "ended", "left")
        )
        decided = joined[:, self._medical] - amount["direct_requests"]
        amount["urgent_care.ambulance_arrivals"] = started[:, self._bays].astype(float)
        amount["urgent_care.handovers"] = left[:, self._bays].astype(float)
        joining = joined[:, self._departments] + joined[:, self._minors]
        amount["urgent_care.walk_in_arrivals"] = joining - amount["ambulances_ready"]
        seen = started[:, self._departments] + started[:, self._minors]
        amount["urgent_care.seen"] = seen.astype(float)
        amount["urgent_care.decisions_to_admit"] = decided
        amount["urgent_care.departures"] = ended[:, self._departments] + ended[:, self._minors] - decided

    def _by_flow(self, values: np.ndarray) -> dict[str, np.ndarray]:
        return {
            name: values[:, cells].reshape(len(values), *shape) for name, (cells, shape) in self._cells_of_flow.items()
        }


LONGEST_DELAY_DAYS = 400.0
"""After so long a patient who has not started on a pathway has left otherwise."""


class DelaysOfStarters:
    """Days from fit to leave until the start on a pathway, of those who start.

    Args:
        names: names of the network, in the order of the engine.
    """

    def __init__(self, names: Names) -> None:
        self._cell = np.full(len(names.points) + len(names.exits) + 1, -1)
        for (row, pathway), (council, label) in _numbered(COUNCILS, PATHWAYS):
            if label in SUPPORTED:
                self._cell[names.point(pathway_point(council, label))] = row * len(PATHWAYS) + pathway
        self._wards = np.isin(np.arange(len(names.points)), [names.point(ward(site, "medical")) for site in SITES])
        self._patients = np.zeros(0, dtype=np.int64)
        self._since = np.zeros(0)

    def add(self, log: Log, rows_of: Mapping[Event, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Sum of the delays, and number, of those who started within a log, both [place, pathway]."""
        fit, starting = rows_of[Event.ENDED], rows_of[Event.STARTED]
        fit = fit[self._wards[log["home"][fit]] & (self._cell[log["other"][fit]] >= 0)]
        starting = starting[self._cell[log["home"][starting]] >= 0]
        started = log["patient"][starting]
        patients = np.concatenate([self._patients, log["patient"][fit]])
        since = np.concatenate([self._since, log["time"][fit]])
        order = np.lexsort((since, patients))
        row = np.searchsorted(patients[order], started, side="right") - 1
        # Whoever has waited beyond the longest delay is no longer recorded.
        known = np.flatnonzero((row >= 0) & (np.append(patients[order], -1)[row] == started))
        days = log["time"][starting[known]] - since[order][row[known]]
        cells, size = self._cell[log["home"][starting[known]]], len(COUNCILS) * len(PATHWAYS)
        delayed = ~np.isin(patients, started) & (since > since.max(initial=0.0) - LONGEST_DELAY_DAYS)
        self._patients, self._since = patients[delayed], since[delayed]
        shape = (len(COUNCILS), len(PATHWAYS))
        total = np.bincount(cells, weights=days, minlength=size).reshape(shape)
        return total, np.bincount(cells, minlength=size).reshape(shape)
