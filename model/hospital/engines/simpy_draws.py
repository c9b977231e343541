"""The random draws of the SimPy engine: the compiled ones of the kernel, by patient and point."""

from __future__ import annotations

import numpy as np

from model.hospital.engines import kernel
from model.hospital.engines.kernel_tables import build_tables, key_of, names_of, with_own_settings
from model.hospital.engines.simpy_resources import ArrivalStream, Patient, needed
from model.hospital.network.network import UNLIMITED, Network, Route


class Draws:
    """Draws of one replication, with the settings in force that enter them.

    Args:
        network: the network.
        seed: seed of all draws.
        replication: number of the replication.
    """

    def __init__(self, network: Network, *, seed: int, replication: int) -> None:
        self.names = names_of(network)
        self.tables = with_own_settings(build_tables(network, seed, replication))
        self.seed = seed
        self.replication = replication
        self._point_keys = [np.uint64(key) for key in self.tables.points.key]

    def hazard(self, stream: int, arrival: int) -> float:
        """Return the cumulated rate between arrival ``arrival`` of a stream and the one before."""
        return kernel.arrival_hazard(self.tables.streams, stream, arrival)

    def walk(self, stream: ArrivalStream, until: float) -> tuple[float, float]:
        """When the next of a stream arrives; infinity, and the cumulated rate still to run off, if not by ``until``."""
        return kernel.walk_arrival(self.tables.streams, stream.index, stream.since, stream.hazard, until)

    def set_rate(self, stream: ArrivalStream, per_day: float, now: float) -> None:
        """Set the rate in force; what has run off since the last arrival stays so."""
        rates = self.tables.streams.rate_set
        if per_day == rates[stream.index]:
            return
        _, stream.hazard = self.walk(stream, until=now)
        stream.since = now
        rates[stream.index] = per_day

    def stream_key(self, name: str) -> np.uint64:
        """Key of a stream, or of those present at time 0."""
        return np.uint64(key_of("stream", name, self.seed, self.replication))

    def patient_key(self, stream_key: np.uint64, arrival: int) -> np.uint64:
        """Key of the draws of a patient, by index in the stream."""
        return np.uint64(kernel.mix(stream_key, arrival))

    def arriving_class(self, stream: int, key: np.uint64) -> int:
        """Class of an arriving patient."""
        return kernel.draw_class(self.tables.streams, stream, key)

    def stay(self, patient: Patient) -> float:
        """Days of the stay that begins; of one present at time 0, what is left of it."""
        points, home = self.tables.points, patient.home.index
        if patient.present_at_start:
            whole = self._sample(points.residual[patient.class_index, home], patient, kernel.STAY)
            return whole * self._uniform(patient, home, kernel.RESIDUAL)
        days = self._sample(points.stay[patient.class_index, home], patient, kernel.STAY)
        if patient.at is not patient.home:
            days *= next(overflow.stay_multiplier for at, overflow in patient.home.overflows if at is patient.at)
        data = patient.home.data
        days *= 1.0 + min(data.stay_per_delayed_day * patient.days_delayed, data.most_lengthening)
        return days * points.factor[patient.class_index, home]

    def route(self, patient: Patient) -> Route:
        """The route at the end of a stay."""
        routes = self._routes_of(patient)
        if len(routes) == 1:
            return routes[0]
        shares = self.tables.routes.share[self._first_row(patient, patient.home.index, self.tables.routes.first) :]
        u = self._uniform(patient, patient.home.index, kernel.ROUTE)
        return next(route for route, share in zip(routes, shares, strict=False) if u < share)

    def ready(self, patient: Patient, now: float) -> float:
        """When the patient is prepared and the hours allow leaving."""
        ready = now
        if needed(patient.route).preparation is not None:
            row = self._row_of_route(patient)
            days = self._sample(self.tables.routes.preparation[row], patient, kernel.PREPARATION)
            ready += days * self.tables.routes.factor[row]
        if patient.home.data.leaving_hours is not None:
            ready = kernel.next_open(self.tables.hours, patient.home.index, ready)
        return ready

    def transfer(self, patient: Patient) -> float:
        """Days from the grant of the next place, or from ready for an exit, until the place held is left."""
        if patient.route is None or patient.route.transfer is None:
            return 0.0
        return self._sample(self.tables.routes.transfer[self._row_of_route(patient)], patient, kernel.TRANSFER)

    def ways_out(self, patient: Patient) -> None:
        """Draw when each of the competing ways would end the wait of a patient who has just joined a line."""
        ways, point = self.tables.ways, needed(patient.awaited)
        first = self._first_row(patient, point.index, ways.first)
        patient.ways_out = []
        for row, way in enumerate(point.data.while_waiting.get(patient.class_name, ()), start=first):
            after = self._sample(ways.after[row], patient, ways.purpose[row], point.index)
            factor = ways.factor[ways.name[row]]
            patient.ways_out.append((patient.joined + after / factor if factor > 0.0 else UNLIMITED, way))

    def _routes_of(self, patient: Patient) -> tuple[Route, ...]:
        return patient.home.data.routes[patient.class_name]

    def _first_row(self, patient: Patient, point: int, first: np.ndarray) -> int:
        """First row of a patient's class at a point, in tables that are ordered by class and point."""
        return int(first[patient.class_index * len(self.names.points) + point])

    def _row_of_route(self, patient: Patient) -> int:
        first = self._first_row(patient, patient.home.index, self.tables.routes.first)
        return first + self._routes_of(patient).index(needed(patient.route))

    def _sample(self, distribution: int, patient: Patient, purpose: kernel.Key, point: int | None = None) -> float:
        u = self._uniform(patient, patient.home.index if point is None else point, purpose)
        return kernel.sample(self.tables.distributions, distribution, u)

    def _uniform(self, patient: Patient, point: int, purpose: kernel.Key) -> float:
        return kernel.uniform(patient.key, self._point_keys[point], np.uint64(purpose), patient.visit)
