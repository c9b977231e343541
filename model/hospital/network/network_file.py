"""Network files: from the YAML that a planner writes to a ``Network``; ``docs/network_files.md`` has the fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.hospital.network.arrival_files import read_arrivals, read_observed_times
from model.hospital.network.calendars import Dated, schedule_of
from model.hospital.network.checks import check
from model.hospital.network.document import NetworkDocument
from model.hospital.network.field_types import BY_CLASS, EVERY_CLASS, OTHERWISE, REST
from model.hospital.network.network import (
    HOURS_PER_WEEK,
    Costs,
    Distribution,
    Network,
    Overflow,
    Point,
    Pool,
    Route,
    Schedule,
    Stream,
    WaitingExit,
    Watch,
)
from model.hospital.network.parameter_references import Location
from model.hospital.network.schema import (
    CalendarFields,
    DistributionFields,
    NetworkFields,
    PeriodFields,
    PointFields,
    RateFields,
    RouteFields,
    StreamFields,
    WaitingFields,
    network_json_schema,
)
from model.hospital.network.warnings import warnings_of
from model.registry.declarations import Parameter
from model.registry.errors import nearest_names

__all__ = ["RunSettings", "network_json_schema", "network_settings", "read_network", "warnings_of"]


@dataclass(frozen=True)
class RunSettings:
    """Defaults of a run.

    Attributes:
        days: days recorded, after the warm-up.
        warm_up_days: days before anything is recorded.
        replications: number of replications.
        record_days: length of an interval of the results.
        seed: seed of the random numbers.
    """

    days: float
    warm_up_days: float
    replications: int
    record_days: float
    seed: int


def read_network(
    path: Path,
    *,
    days: float | None = None,
    overrides: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Parameter] | None = None,
) -> Network:
    """Read and check a network file.

    Args:
        path: the file.
        days: length of the run with its warm-up, over which calendars are laid out; that of the file where left out.
        overrides: values by dotted name, such as ``points.ward.places``, in place of those of the file.
        parameters: parameters by name in place of the registered ones, for references.

    Raises:
        UserError: all errors of the file, each with its line.
    """
    document = NetworkDocument(Path(path), overrides)
    fields = document.fields(parameters)
    settings = _settings(document, fields)
    network = _NetworkBuilder(document, fields, days or settings.days + settings.warm_up_days).network()
    document.raise_all()
    check(network, document.where)
    return network


def network_settings(
    path: Path, overrides: Mapping[str, Any] | None = None, parameters: Mapping[str, Parameter] | None = None
) -> RunSettings:
    """Defaults of a run that a network file sets.

    Raises:
        UserError: errors of writing, or settings out of range.
    """
    document = NetworkDocument(Path(path), overrides)
    return _settings(document, document.fields(parameters))


def _settings(document: NetworkDocument, fields: NetworkFields) -> RunSettings:
    run = fields.run
    for key, least in (("days", "above"), ("record_days", "above"), ("replications", "from"), ("warm_up", "zero")):
        value = getattr(run, key)
        if value < 0 or (value == 0 and least != "zero"):
            expected = {"above": "a time above zero", "from": "at least 1", "zero": "zero or more"}[least]
            document.report(("run", key), f"expected {expected}, found {value:g}.")
    if run.seed < 0:
        document.report(("run", "seed"), f"expected zero or more, found {run.seed}.")
    document.raise_all()
    return RunSettings(run.days, run.warm_up, run.replications, run.record_days, run.seed)


class _NetworkBuilder:
    """Turns the fields of a file into a network; errors are reported to the document."""

    def __init__(self, document: NetworkDocument, fields: NetworkFields, days: float) -> None:
        self.document = document
        self.fields = fields
        self.days = days
        self.classes = fields.classes

    def network(self) -> Network:
        """Return the network; it is complete only if no error was reported."""
        fields = self.fields
        return Network(
            name=fields.name or self.document.file.stem,
            classes=self.classes,
            points=tuple(self._point(name, point) for name, point in fields.points.items()),
            streams=tuple(self._stream(name, stream) for name, stream in fields.streams.items()),
            exits=fields.exits,
            pools=tuple(self._pool(name, pool) for name, pool in fields.pools.items()),
            start=fields.start,
            description=fields.description,
        )

    def _pool(self, name: str, fields: CalendarFields) -> Pool:
        staff = self._calendar(fields, ("pools", name))
        if staff is None:
            self.document.report(("pools", name), "a pool without a limit limits nothing; leave it out.")
        return Pool(name, staff or Schedule((0.0,), (0.0,)))

    def _stream(self, name: str, fields: StreamFields) -> Stream:
        at: Location = ("streams", name)
        shares = fields.classes
        if shares is None:
            if len(self.classes) > 1:
                self.document.report(at, f"the field 'classes' is missing: the share of {', '.join(self.classes)}.")
            shares = {self.classes[0]: 1.0}
        self._known(shares, (*at, "classes"))
        factors = np.ones(HOURS_PER_WEEK) if fields.hours is None else fields.hours
        if fields.days is not None:
            factors = factors * np.repeat(fields.days, 24)
        key = "hours" if fields.hours is not None else "days"
        if (factors < 0).any() or factors.mean() <= 0:
            self.document.report((*at, key), "factors must not be negative, and not all zero.")
            factors = np.ones(HOURS_PER_WEEK)
        return Stream(
            name=name,
            point=fields.to,
            classes=self._with_rest(shares, (*at, "classes")),
            rate=self._rate(fields.rate, (*at, "rate")),
            hours=factors / factors.mean(),
            regular=fields.regular,
            cancelled_above=fields.cancelled_above,
        )

    def _point(self, name: str, fields: PointFields) -> Point:
        at: Location = ("points", name)
        lengthening = {"stay_per_delayed_day", "most_lengthening"} & fields.model_fields_set
        if len(lengthening) == 1:
            message = "has no effect by itself; give both stay_per_delayed_day and most_lengthening."
            self.document.report((*at, *lengthening), message)
        return Point(
            name=name,
            places=self._calendar(fields.places, (*at, "places")),
            queue_limit=self._queue_limit(fields.queue.limit, (*at, "queue", "limit")),
            waits_in_place=fields.queue.waits_in_place,
            priority=self._priority(fields.priority, (*at, "priority")),
            stay=self._stay(fields, (*at, "stay")),
            routes={
                name: self._routes(routes, (*at, "routes", BY_CLASS, key))
                for name, key, routes in self._by_class(fields.routes, (*at, "routes"))
            },
            while_waiting={
                name: self._ways_out(ways, (*at, "while_waiting", BY_CLASS, key))
                for name, key, ways in self._by_class(fields.while_waiting, (*at, "while_waiting"))
            },
            overflow=tuple(
                Overflow(other, rule.opens_when_waiting, rule.stay_multiplier)
                for other, rule in fields.overflow.items()
            ),
            leaving_hours=fields.leaving_hours,
            pool=fields.staff.pool if fields.staff else None,
            staff_per_place=fields.staff.per_place if fields.staff else 0.0,
            costs=Costs(fields.costs.treated, fields.costs.delayed, fields.costs.waiting),
            stay_per_delayed_day=fields.stay_per_delayed_day,
            most_lengthening=fields.most_lengthening,
            starting=self._starting(fields.starting.patients, (*at, "starting", "patients")),
            starting_queue=self._starting(fields.starting.queue, (*at, "starting", "queue")),
            watches=tuple(Watch(key, watch.measure, watch.over, watch.to) for key, watch in fields.watches.items()),
        )

    def _known(self, names: Mapping[str, Any], location: Location, *others: str) -> None:
        for name in names:
            if name not in self.classes and name not in others:
                known = ", ".join(self.classes)
                near = nearest_names(name, [*self.classes, *others])
                self.document.report((*location, name), f"'{name}' is not a class ({known}).", nearest=near)

    def _by_class(self, fields: Any, location: Location) -> list[tuple[str, str, Any]]:
        """Class, key under which it is written, and entry."""
        if fields is None:
            return []
        entries: Mapping[str, Any] = fields.by_class
        self._known(entries, location, OTHERWISE)
        keys = {name: name if name in entries else OTHERWISE for name in self.classes}
        return [(name, key, entries[key]) for name, key in keys.items() if key in entries]

    def _stay(self, fields: PointFields, location: Location) -> dict[str, Distribution]:
        if fields.stay is None:
            return {}
        if fields.stay.by_class is None:
            stay = self._distribution(fields.stay, location)
            return dict.fromkeys(self.classes, stay)
        return {
            name: self._distribution(stay, (*location, BY_CLASS, key))
            for name, key, stay in self._by_class(fields.stay, location)
        }

    def _routes(self, routes: Mapping[str, RouteFields], location: Location) -> tuple[Route, ...]:
        shares = self._with_rest({name: route.share for name, route in routes.items()}, location)
        return tuple(
            Route(
                to=route.to or name,
                share=shares[name],
                preparation=self._perhaps(route.preparation, (*location, name, "preparation")),
                transfer=self._perhaps(route.transfer, (*location, name, "transfer")),
            )
            for name, route in routes.items()
        )

    def _ways_out(self, ways: Mapping[str, WaitingFields], location: Location) -> tuple[WaitingExit, ...]:
        exits = []
        for name, way in ways.items():
            at = (*location, name)
            if way.after is not None:
                after = self._distribution(way.after, (*at, "after"))
            elif way.rate is not None and way.rate > 0:
                after = Distribution("exponential", 1.0 / way.rate)
            else:
                if way.rate != 0:
                    self.document.report((*at, "rate"), f"a rate must not be negative, found {way.rate:g} /day.")
                # At a rate of zero nobody goes this way.
                continue
            exits.append(WaitingExit(name, after, way.to or name))
        return tuple(exits)

    def _with_rest(self, shares: Mapping[str, float | str], location: Location) -> dict[str, float]:
        """Shares with the one written ``rest`` as what is left to one."""
        open_ = [name for name, share in shares.items() if share == REST]
        others = math.fsum(share for share in shares.values() if not isinstance(share, str))
        rest = 1.0 - others
        if len(open_) > 1:
            self.document.report((*location, open_[1]), "'rest' may be given once.")
        elif open_ and rest < -1e-9:
            self.document.report((*location, open_[0]), f"no rest is left: the others add up to {others:.12g}.")
        return {name: max(rest, 0.0) if isinstance(share, str) else share for name, share in shares.items()}

    def _queue_limit(self, limit: float, location: Location) -> int | None:
        if math.isinf(limit):
            return None
        if limit != int(limit):
            self.document.report(location, f"expected a whole number, found {limit:g}.")
        return int(limit)

    def _priority(self, priorities: Mapping[str, int], location: Location) -> dict[str, int]:
        if EVERY_CLASS in priorities:
            return dict.fromkeys(self.classes, priorities[EVERY_CLASS])
        self._known(priorities, location, OTHERWISE)
        keys = {name: name if name in priorities else OTHERWISE for name in self.classes}
        return {name: priorities[key] for name, key in keys.items() if key in priorities}

    def _starting(self, patients: Mapping[str, int], location: Location) -> dict[str, int]:
        if EVERY_CLASS in patients:
            if len(self.classes) > 1:
                self.document.report(location, f"say how many of each class ({', '.join(self.classes)}).")
            return {self.classes[0]: patients[EVERY_CLASS]}
        self._known(patients, location)
        return dict(patients)

    def _perhaps(self, fields: DistributionFields | None, location: Location) -> Distribution | None:
        return None if fields is None else self._distribution(fields, location)

    def _above_zero(self, fields: Any, location: Location) -> bool:
        wrong = [key for key in type(fields).model_fields if (value := getattr(fields, key)) is not None and value <= 0]
        for key in wrong:
            self.document.report((*location, key), f"expected a value above zero, found {getattr(fields, key):g}.")
        return not wrong

    def _distribution(self, fields: DistributionFields, location: Location) -> Distribution:
        if fields.deterministic is not None:
            return Distribution("deterministic", fields.deterministic)
        kind = next(name for name in type(fields).alternatives if getattr(fields, name) is not None)
        inner, at = getattr(fields, kind), (*location, kind)
        if kind == "empirical":
            return self._empirical(inner, at)
        if not self._above_zero(inner, at):
            return Distribution(kind, 1.0, 1.0)
        if kind == "exponential":
            return Distribution(kind, inner.mean if inner.mean is not None else 1.0 / inner.rate)
        if kind == "lognormal":
            return self._lognormal(inner, at)
        if kind == "gamma":
            shape = inner.shape if inner.shape is not None else (inner.mean / inner.sd) ** 2
            return Distribution(kind, inner.mean, shape)
        mean = inner.mean if inner.mean is not None else inner.scale * math.gamma(1.0 + 1.0 / inner.shape)
        return Distribution(kind, mean, inner.shape)

    def _lognormal(self, inner: Any, location: Location) -> Distribution:
        if inner.median is not None and inner.mean is not None:
            if inner.mean <= inner.median:
                message = f"the mean ({inner.mean:g} days) must be above the median ({inner.median:g} days)."
                self.document.report(location, message)
                return Distribution("lognormal", inner.mean, 1.0)
            return Distribution("lognormal", inner.mean, math.sqrt(2.0 * math.log(inner.mean / inner.median)))
        if inner.sd is not None:
            return Distribution("lognormal", inner.mean, math.sqrt(math.log1p((inner.sd / inner.mean) ** 2)))
        mean = inner.mean if inner.mean is not None else inner.median * math.exp(inner.sigma**2 / 2.0)
        return Distribution("lognormal", mean, inner.sigma)

    def _empirical(self, inner: Any, location: Location) -> Distribution:
        if inner.csv is not None:
            if inner.weights is not None:
                self.document.report((*location, "weights"), "weights of a file belong in its column 'weight'.")
            values, weights = read_observed_times(self.document, inner.csv, (*location, "csv"))
        else:
            values, weights = inner.values, inner.weights or (1.0,) * len(inner.values)
        if len(values) != len(weights):
            self.document.report((*location, "weights"), f"{len(weights)} weights for {len(values)} values.")
        elif any(weight < 0 for weight in weights) or sum(weights) <= 0:
            self.document.report((*location, "weights"), "weights must not be negative, and not all zero.")
        elif any(value < 0 for value in values):
            self.document.report((*location, "values"), f"times must not be negative, found {min(values):g}.")
        else:
            total = math.fsum(weights)
            together: dict[float, float] = {}
            for value, weight in sorted(zip(values, weights, strict=True)):
                together[value] = together.get(value, 0.0) + weight / total
            mean = math.fsum(value * weight for value, weight in together.items())
            return Distribution("empirical", mean, 0.0, tuple(together), tuple(together.values()))
        return Distribution("empirical", 1.0, 0.0, (1.0,), (1.0,))

    def _rate(self, fields: RateFields, location: Location) -> Schedule:
        if fields.then is not None and fields.csv is None:
            self.document.report((*location, "then"), "only a file has an end; leave it out.")
        if fields.always is not None:
            dated = [Dated(0.0, fields.always)]
        elif fields.csv is not None:
            start, then = self.fields.start, fields.then
            dated = read_arrivals(self.document, fields.csv, (*location, "csv"), start, self.days, then)
        else:
            dated = self._dated(fields.dated or {}, location)
        return schedule_of(dated, self.fields.start, self.days)

    def _calendar(self, fields: CalendarFields, location: Location) -> Schedule | None:
        if fields.always is not None and math.isinf(fields.always):
            return None
        if fields.dated is None:
            dated = [Dated(0.0, self._period(fields, location))]
        else:
            periods = {day: self._period(item, (*location, "from", str(day))) for day, item in fields.dated.items()}
            dated = self._dated(periods, location)
        return schedule_of(dated, self.fields.start, self.days)

    def _period(self, fields: PeriodFields, location: Location) -> float | np.ndarray:
        if fields.week is not None:
            return fields.week
        if fields.always is None or math.isinf(fields.always):
            self.document.report(location, "'unlimited' holds for all times or none; write a large number instead.")
            return 0.0
        return fields.always

    def _dated(self, values: Mapping[Any, float | np.ndarray], location: Location) -> list[Dated]:
        start = self.fields.start
        dated = [Dated(float((day - start).days), values[day]) for day in sorted(values)]
        if dated[0].day > 0:
            message = f"begins on {min(values)}, after the start of the network; let it begin on {start}."
            self.document.report((*location, "from"), message)
        return dated
