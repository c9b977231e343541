"""The hospital of one ensemble member: the patient-level simulation, run from exchange to exchange."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from model.hospital.engines.compiled import CompiledSimulation
from model.hospital.engines.kernel_tables import COUNTS, TIMES, Results, names_of
from model.hospital.exchange.flows import DelaysOfStarters, FlowTables, rows_by_event
from model.hospital.exchange.names import (
    ARRIVALS,
    CARE_KINDS,
    COUNCILS,
    DIED,
    DIED_ON_PATHWAY,
    ELECTIVE,
    HOME,
    NEEDING_PLACE,
    PATHWAYS,
    RESIDENT,
    SITES,
    SUPPORTED,
    SUPPORTED_AT,
    VIRTUAL_WARD,
    WARDS,
    arrangement_point,
    bay,
    department,
    emergency_class,
    long_term_point,
    minors,
    pathway_point,
    spot_point,
    waiting_area,
    ward,
)
from model.hospital.exchange.periods import FromSystem, Lengthening, ToSystem
from model.hospital.network.network import Distribution, Network, Point
from model.registry.dimensions import position

HOURS_PER_DAY = 24.0
SHORTEST_DAYS = 0.001
"""Floor of every mean time that the system asks for."""
WAITING_AREA = 10.0
"""Chairs and trolleys over cubicles: as many as come are let in once the line is long, so that handovers do not jam."""
SURGE = 0.15
"""Surge beds over beds open: a last resort, which opens when a bed is more than a day away."""
LOOKS = 2
"""Looks at beds and lines in a base step; over two steps of 3.5 days they fall on every sixth hour of the day."""
LEAST_CHANGE = 2e-3
"""Relative changes that are not worth passing on."""
SMALLEST_SHARE = 0.02
"""Share of a route below which a change counts as one of this share."""
WAIT_MEMORY_DAYS = 56.0
"""Mean days over which waits for places are averaged."""
STARTED = COUNTS.index("started")
P0 = position("pathway", "P0")


def lengthened(network: Network, opening: Mapping[str, Mapping[str, int]], effects: Lengthening) -> Network:
    """Return the network of one member: patients of the first day by point and class, and what lengthens stays."""

    def changed(point: Point) -> Point:
        point = replace(point, starting=dict(opening.get(point.name, {})))
        if point.name in medical:
            overflow = tuple(
                replace(other, stay_multiplier=effects.outlier) if other.point.endswith(f"_{ELECTIVE}") else other
                for other in point.overflow
            )
            return replace(point, stay_per_delayed_day=effects.per_day_waited, overflow=overflow)
        if point.name in pathways:
            return replace(point, stay_per_delayed_day=effects.per_day_delayed, most_lengthening=effects.limit)
        return point

    medical = {ward(site, "medical") for site in SITES}
    pathways = {pathway_point(council, pathway) for council, pathway in product(COUNCILS, SUPPORTED)}
    return replace(network, points=tuple(changed(point) for point in network.points))


def hours_until_leaving(flags: np.ndarray | None) -> float:
    """Mean days from a random moment of the week until the next hour in which patients may leave."""
    if flags is None:
        return 0.0
    twice = np.flatnonzero(np.concatenate([flags, flags]))
    waits = [0.0 if flags[hour] else twice[np.searchsorted(twice, hour)] - hour - 0.5 for hour in range(len(flags))]
    return float(np.mean(waits)) / HOURS_PER_DAY


class PatientHospital:
    """The hospital of one member, run from exchange to exchange.

    Args:
        network: the BNSSG network.
        opening: patients of the first day by point and class.
        effects: what lengthens stays.
        days: length of the run.
        step_days: base step.
        seed: seed of all draws.
        replication: index of the member; two scenarios of one member draw alike, stream by stream.
    """

    def __init__(
        self,
        network: Network,
        opening: Mapping[str, Mapping[str, int]],
        effects: Lengthening,
        *,
        days: float,
        step_days: float,
        seed: int,
        replication: int,
    ) -> None:
        network = lengthened(network, opening, effects)
        self.names = names_of(network)
        self.tables = FlowTables(self.names)
        self.step_days = step_days
        self._effects = effects
        self.steps_done = 0
        self.escalation = np.zeros(len(SITES))
        self.spot = np.zeros((len(COUNCILS), len(PATHWAYS)))
        self.simulation = CompiledSimulation(
            network, days=days, seed=seed, replication=replication, record_days=step_days, log=self.tables.wanted()
        )
        self.simulation.take_columns()
        self._points = {point.name: point for point in network.points}
        self._until_leaving = hours_until_leaving(self._points[ward(SITES[0], "medical")].leaving_hours)
        self._until_away = self._until_leaving + self._days_of_transfer()
        self._in_force: dict[Hashable, float] = {}
        self._shares_in_force: dict[tuple[str, str], dict[str, float]] = {}
        self._beds = np.array([[self.names.point(ward(site, kind)) for kind in WARDS] for site in SITES])
        self._lines = np.array(
            [[self.names.point(pathway_point(council, pathway)) for pathway in SUPPORTED] for council in COUNCILS]
        )
        self._spots = np.array(
            [[self.names.point(spot_point(council, pathway)) for pathway in SUPPORTED] for council in COUNCILS]
        )
        self._care_lines = np.array(
            [[self.names.point(long_term_point(council, kind)) for kind in CARE_KINDS] for council in COUNCILS]
        )
        # Mean days waited for a place by those who got one, a running mean over periods.
        self._waited = np.zeros((len(COUNCILS), len(PATHWAYS)))
        self._waited_for_care = np.zeros((len(COUNCILS), len(CARE_KINDS)))
        self._delayed = np.zeros((len(COUNCILS), len(PATHWAYS)))
        self._delays = DelaysOfStarters(self.names)
        self._reserved = np.zeros((len(COUNCILS), len(PATHWAYS)))
        self._in_beds: list[np.ndarray] = []
        self._waiting: list[np.ndarray] = []
        self._look()
        self._departments = np.array([self.names.point(department(site)) for site in SITES])
        self._bays = np.array([self.names.point(bay(site)) for site in SITES])

    def _days_of_transfer(self) -> np.ndarray:
        """Mean days from a place granted to the bed being free, shape ``(councils, pathways)``; none to go home."""
        routes = self._points[ward(SITES[0], "medical")].routes
        days = np.zeros((len(COUNCILS), len(PATHWAYS)))
        for (row, council), (column, pathway) in product(enumerate(COUNCILS), SUPPORTED_AT):
            for route in routes[emergency_class(council, ARRIVALS[0])]:
                if route.to == pathway_point(council, pathway) and route.transfer is not None:
                    days[row, column] = route.transfer.mean
        return days

    def run(self, inputs: FromSystem, steps: int) -> ToSystem:
        """Run a period of base steps with what the system passes at its beginning."""
        first = self.steps_done
        self._receive(inputs)
        escalation = np.empty((steps, *self.escalation.shape))
        spot = np.empty((steps, *self.spot.shape))
        open_beds = np.empty_like(escalation)
        for step in range(steps):
            self._open_beds(inputs)
            self._buy_places(inputs)
            escalation[step], spot[step] = self.escalation, self.spot
            open_beds[step] = inputs.core_beds + self.escalation
            for look in range(1, LOOKS + 1):
                self.simulation.run((self.steps_done + look / LOOKS) * self.step_days)
                self._look()
            self.steps_done += 1
        return self._report(first, steps, escalation, spot, open_beds)

    def _report(
        self, first: int, steps: int, escalation: np.ndarray, spot: np.ndarray, open_beds: np.ndarray
    ) -> ToSystem:
        edges = np.arange(first, first + steps + 1) * self.step_days
        results = self.simulation.results(first)
        span = slice(0, steps)
        time = results.time[span]
        in_beds = time[:, self._beds, :][..., [TIMES.index("treated"), TIMES.index("delayed")]].sum(axis=(2, 3))
        full = time[:, self._beds, TIMES.index("full")]
        watch = {name: index for index, name in enumerate(self.names.watches)}

        log = self.simulation.take_columns()
        rows_of = rows_by_event(log)
        self._remember_waits(results, self._delays.add(log, rows_of), span)

        def watched(name: str, of: Callable[[str], str] = department) -> np.ndarray:
            return results.watch[span][:, [watch[of(site), name] for site in SITES]]

        four_hours = watched("over_four_hours") + watched("over_four_hours", minors)

        return ToSystem(
            counts=self.tables.count(log, rows_of, edges, results.count),
            escalation_beds=escalation,
            spot_places=spot,
            over_four_hours=four_hours[..., 0],
            left_department=four_hours[..., 1],
            over_six_hours=watched("over_six_hours_for_a_bed")[..., 0],
            over_twelve_hours=watched("over_twelve_hours_for_a_bed")[..., 0],
            wait_for_bed_hours=results.delay_days[span][:, self._departments] * HOURS_PER_DAY,
            handover_hours_lost=time[:, self._bays, TIMES.index("delayed")] * HOURS_PER_DAY,
            occupancy=in_beds / self.step_days / np.maximum(open_beds, 1e-9),
            full=full[:, :, : WARDS.index("corridor")].min(axis=2) / self.step_days,
        )

    def _remember_waits(self, results: Results, delays: tuple[np.ndarray, np.ndarray], span: slice) -> None:
        """Mean waits for places, and places reserved: what is passed in the next period follows from them."""
        days, started = results.wait_days[span].sum(axis=0), results.count[span, :, STARTED].sum(axis=0)
        period = (span.stop - span.start) * self.step_days
        weight = -np.expm1(-period / WAIT_MEMORY_DAYS)
        for held, points in ((self._waited[:, NEEDING_PLACE], self._lines), (self._waited_for_care, self._care_lines)):
            mean = days[points] / np.maximum(started[points], 1)
            held += np.where(started[points] > 0, mean - held, 0.0) * weight
        delay, starters = delays
        self._delayed += np.where(starters > 0, delay / np.maximum(starters, 1) - self._delayed, 0.0) * weight
        reserved = results.time[span, :, TIMES.index("reserved")].sum(axis=0) / period
        self._reserved[:, NEEDING_PLACE] += (
            reserved[self._lines] + reserved[self._spots] - self._reserved[:, NEEDING_PLACE]
        ) * weight

    def _look(self) -> None:
        """See how many hold a bed and how many wait for a pathway, as managers do several times in a step."""
        self._in_beds = [*self._in_beds, self.simulation.in_use()[self._beds].sum(axis=1)][-2 * LOOKS :]
        self._waiting = [*self._waiting, self.simulation.in_line()[self._lines]][-2 * LOOKS :]

    # What the managers of beds decide at every base step, by the rules of the stock-flow hospital.

    def _open_beds(self, inputs: FromSystem) -> None:
        """Open or close escalation beds, with their delay; corridor places follow the beds open."""
        gain, trigger, limit, delay = inputs.escalation
        in_beds = np.mean(self._in_beds, axis=0)
        wanted = np.minimum(gain * np.maximum(in_beds - trigger * inputs.core_beds, 0.0), limit * inputs.core_beds)
        self.escalation = self.escalation + (wanted - self.escalation) * -np.expm1(-self.step_days / delay)
        corridor = inputs.corridor_share * (inputs.core_beds + self.escalation)
        for site, name in enumerate(SITES):
            self._places(ward(name, "escalation"), self.escalation[site])
            self._places(ward(name, "corridor"), corridor[site])
            self._places(ward(name, "surge"), SURGE * (inputs.core_beds[site] + self.escalation[site]))

    def _buy_places(self, inputs: FromSystem) -> None:
        """Buy or give up spot places, with their delay."""
        response, delay = inputs.spot
        waiting = np.mean(self._waiting, axis=0)
        wanted = np.minimum(response * waiting, inputs.spot_limit[:, NEEDING_PLACE])
        self.spot[:, NEEDING_PLACE] += (wanted - self.spot[:, NEEDING_PLACE]) * -np.expm1(-self.step_days / delay)
        for (row, council), (column, pathway) in product(enumerate(COUNCILS), SUPPORTED_AT):
            self._places(spot_point(council, pathway), self.spot[row, column])

    # What the system passes, put in force where it has changed.

    def _receive(self, inputs: FromSystem) -> None:
        self._receive_departments(inputs)
        self._receive_wards(inputs)
        self._receive_pathways(inputs)
        self._receive_long_term_care(inputs)

    def _receive_departments(self, inputs: FromSystem) -> None:
        stay_at_bay = inputs.handover_standard_days
        beyond = max(inputs.handover_days - inputs.handover_standard_days, SHORTEST_DAYS)
        for site, name in enumerate(SITES):
            here, medical = department(name), ward(name, "medical")
            self._places(here, inputs.cubicles[site])
            self._places(minors(name), inputs.minors_places[site])
            self._places(waiting_area(name), WAITING_AREA * inputs.cubicles[site])
            for row, council in enumerate(COUNCILS):
                self._rate(f"{name}_ambulance_{council}", inputs.ambulances[site, row])
                self._rate(f"{name}_walk_in_{council}", inputs.walk_ins[site, row])
                self._rate(f"{name}_minors_{council}", inputs.minors[site, row])
                self._rate(f"{name}_direct_{council}", inputs.direct[site, row])
                by_ambulance = emergency_class(council, ARRIVALS[0])
                self._stay(emergency_class(council, ARRIVALS[1]), minors(name), inputs.department_days)
                self._stay(by_ambulance, bay(name), stay_at_bay)
                self._preparation(by_ambulance, bay(name), here, beyond)
                for arrival, how in enumerate(ARRIVALS):
                    class_ = emergency_class(council, how)
                    self._stay(class_, here, inputs.department_days)
                    admitted = float(inputs.admitted[arrival, site])
                    self._shares(class_, here, {medical: admitted, "home_from_department": 1.0 - admitted})
            self._rate(f"{name}_{ELECTIVE}", inputs.electives[site])

    def _receive_wards(self, inputs: FromSystem) -> None:
        virtual, died = inputs.virtual_ward_share, inputs.death_share
        # Hours in which nobody leaves and those of the way out are a part of the days of process; the former also of an
        # elective patient's time in bed.
        process = inputs.process_days - self._until_away
        process[:, NEEDING_PLACE] += np.maximum(inputs.transfer_days - self._waited[:, NEEDING_PLACE], 0.0)
        for site, name in enumerate(SITES):
            elective_beds = round(inputs.core_beds[site] * inputs.elective_bed_share[site])
            medical = ward(name, "medical")
            self._places(ward(name, ELECTIVE), elective_beds)
            self._places(medical, inputs.core_beds[site] - elective_beds)
            self._stay(ELECTIVE, ward(name, ELECTIVE), inputs.elective_days - self._until_leaving)
            for row, council in enumerate(COUNCILS):
                leaving = (1.0 - died) * (1.0 - virtual) * inputs.pathway_shares[row]
                shares = {VIRTUAL_WARD: virtual, DIED: died * (1.0 - virtual), HOME: leaving[P0]}
                shares |= {pathway_point(council, pathway): leaving[column] for column, pathway in SUPPORTED_AT}
                for how in ARRIVALS:
                    class_ = emergency_class(council, how)
                    self._stay(class_, medical, inputs.treatment_days[site, row] * (1.0 - virtual))
                    self._shares(class_, medical, shares)
                    self._preparation(class_, medical, HOME, process[row, P0])
                    for column, pathway in SUPPORTED_AT:
                        self._preparation(class_, medical, pathway_point(council, pathway), process[row, column])

    def _receive_pathways(self, inputs: FromSystem) -> None:
        for (row, council), (column, pathway) in product(enumerate(COUNCILS), SUPPORTED_AT):
            point = pathway_point(council, pathway)
            # Places are counted by the people in them: those reserved for patients on their way come on top.
            self._places(point, inputs.pathway_places[row, column] + self._reserved[row, column])
            # The delay of those who start lengthens their stays, and the mean stay has that in it already.
            longer = min(self._effects.per_day_delayed * self._delayed[row, column], self._effects.limit)
            died = float(inputs.death_on_pathway_share[row, column])
            onward = (1.0 - died) * inputs.long_term_shares[column]
            shares = {DIED_ON_PATHWAY: died, "home_after_pathway": 1.0 - died - float(onward.sum())}
            shares |= {long_term_point(council, kind): onward[n] for n, kind in enumerate(CARE_KINDS)}
            # Patients switch between the pathways of one council only.
            for class_ in (emergency_class(council, how) for how in ARRIVALS):
                self._stay(class_, point, inputs.pathway_days[row, column] / (1.0 + longer))
                self._shares(class_, point, shares)
                for n, kind in enumerate(CARE_KINDS):
                    left = inputs.arrangement_days[n] - self._waited_for_care[row, n]
                    self._preparation(class_, point, long_term_point(council, kind), left)
            switch = "own_means" if pathway == SUPPORTED[0] else "simpler_pathway"
            self._waiting_rate(point, "relapse", inputs.relapse_rate)
            self._waiting_rate(point, "death", inputs.death_rate)
            self._waiting_rate(point, switch, inputs.switch_rate[column])

    def _receive_long_term_care(self, inputs: FromSystem) -> None:
        for (row, council), (column, kind) in product(enumerate(COUNCILS), enumerate(CARE_KINDS)):
            places = round(float(inputs.long_term_places[row, column]))
            first = round(places * inputs.hospital_priority)
            first_point, second_point = long_term_point(council, kind), long_term_point(council, kind, from_home=True)
            self._places(first_point, first)
            self._places(second_point, places - first)
            self._rate(f"{council}_{kind}_applications", inputs.applications[row, column])
            self._stay(RESIDENT, arrangement_point(council, kind), inputs.arrangement_days[column])
            self._stay(RESIDENT, second_point, inputs.long_term_days[column])
            for how in ARRIVALS:
                self._stay(emergency_class(council, how), first_point, inputs.long_term_days[column])
            self._waiting_rate(second_point, "stopped_waiting", 1.0 / inputs.lapse_days)
        self._stay_on_virtual_ward(inputs.virtual_ward_days)

    def _stay_on_virtual_ward(self, days: float) -> None:
        for council, how in product(COUNCILS, ARRIVALS):
            self._stay(emergency_class(council, how), VIRTUAL_WARD, days)

    def _new(self, key: Hashable, value: float, put: Callable[[], None]) -> None:
        """Put a number in force where it has changed since it was last put in force."""
        before = self._in_force.get(key)
        if before is None or abs(value - before) > LEAST_CHANGE * abs(before):
            self._in_force[key] = value
            put()

    def _rate(self, stream: str, per_day: float) -> None:
        value = float(per_day)
        self._new(("rate", stream), value, lambda: self.simulation.set_rate(stream, value))

    def _places(self, point: str, places: float) -> None:
        value = max(round(float(places)), 0)
        self._new(("places", point), value, lambda: self.simulation.set_places(point, value))

    def _stay(self, class_: str, point: str, days: float) -> None:
        factor = max(float(days), SHORTEST_DAYS) / self._points[point].stay[class_].mean
        self._new(("stay", class_, point), factor, lambda: self.simulation.set_stay_factor(class_, point, factor))

    def _shares(self, class_: str, point: str, shares: Mapping[str, float]) -> None:
        total = sum(max(float(share), 0.0) for share in shares.values())
        value = {to: max(float(share), 0.0) / total for to, share in shares.items()}
        before = self._shares_in_force.get((class_, point), {})
        if not before or any(
            abs(value[to] - was) > LEAST_CHANGE * max(was, SMALLEST_SHARE) for to, was in before.items()
        ):
            self._shares_in_force[class_, point] = value
            self.simulation.set_route_shares(class_, point, value)

    def _preparation(self, class_: str, point: str, to: str, days: float) -> None:
        factor = max(float(days), SHORTEST_DAYS) / self._preparation_of(class_, point, to).mean
        self._new(
            ("preparation", class_, point, to),
            factor,
            lambda: self.simulation.set_preparation_factor(class_, point, to, factor),
        )

    def _preparation_of(self, class_: str, point: str, to: str) -> Distribution:
        preparation = next(route.preparation for route in self._points[point].routes[class_] if route.to == to)
        if preparation is None:
            raise ValueError(f"no preparation from {point} to {to}")
        return preparation

    def _waiting_rate(self, point: str, name: str, rate: float) -> None:
        ways = (way for ways in self._points[point].while_waiting.values() for way in ways)
        base = next(way.after.mean for way in ways if way.name == name)
        value = float(rate) * base
        self._new(("waiting", point, name), value, lambda: self.simulation.set_waiting_rate_factor(point, name, value))
