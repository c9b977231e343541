"""Interventions in use turned into dated changes of parameters, with what they cost and need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from model.registry.calendar import DAYS_PER_MONTH, MONTHS_PER_YEAR
from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.scenarios.dated_changes import check_range, range_in_unit, scaled
from model.scenarios.dates import parse_date
from model.scenarios.schema import Cost, DateText, Intervention, InterventionUse, Lever
from model.scenarios.specs import DatedLevels, ModifierSpec, Programme, ProgrammeCost, Range
from model.scenarios.validated_file import Location, ValidatedFile, check_labels, lever_of

COST_PARAMETER = "finance.programme_cost"
STAFF_PARAMETER = "workforce.programme_posts"
VCSE_PARAMETER = "vcse.programme_capacity"
STAFFING_SIGNAL = "workforce.staffed_share"
SHORTEST_CHANGE = 1.0
"""Months over which even an immediate change comes about, or ends: no value in the model jumps."""

REACH: Location = ("reach",)
WHOLE: Range = (1.0, 1.0, 1.0)


def effect_points(start: date, timing: Mapping[str, Any]) -> DatedLevels:
    """Return the level of an effect over time: 0 until start and lag, up the ramp, down again if delivery ends."""
    ramp = max(timing["ramp_months"], SHORTEST_CHANGE)
    begin = timing["lag_months"]
    points = [(begin, 0.0), (begin + ramp, 1.0)]
    if "permanent" not in (timing["duration_months"], timing["persistence_months"]):
        stop = timing["duration_months"] + timing["persistence_months"]
        fade = max(timing["fade_months"], SHORTEST_CHANGE)
        if stop <= begin:
            return ((start, 0.0),)
        reached = min((stop - begin) / ramp, 1.0)
        points = [(begin, 0.0), (min(begin + ramp, stop), reached), (stop, reached), (stop + fade, 0.0)]
    return _dated(start, points)


def delivery_points(start: date, timing: Mapping[str, Any]) -> DatedLevels:
    """Return the level of delivery, which costs and staff follow: up the ramp from the start until delivery ends."""
    ramp = max(timing["ramp_months"], SHORTEST_CHANGE)
    points = [(0.0, 0.0), (ramp, 1.0)]
    if timing["duration_months"] != "permanent":
        stop = timing["duration_months"]
        reached = min(stop / ramp, 1.0)
        points = [(0.0, 0.0), (min(ramp, stop), reached), (stop, reached), (stop + SHORTEST_CHANGE, 0.0)]
    return _dated(start, points)


def spending_points(start: date, months: float) -> DatedLevels:
    """Return the level of a one-off spend: a trapezium whose area is exactly ``months``."""
    edge = min(SHORTEST_CHANGE, months / 2)
    return _dated(start, [(0.0, 0.0), (edge, 1.0), (months, 1.0), (months + edge, 0.0)])


def _dated(start: date, points: list[tuple[float, float]]) -> DatedLevels:
    levels: dict[date, float] = {}
    for months, level in points:
        levels[start + timedelta(days=round(months * DAYS_PER_MONTH))] = level
    return tuple(levels.items())


class AppliedIntervention:
    """An intervention as a scenario uses it.

    Args:
        use: how the scenario uses it.
        intervention: its file.
        registry: all parameters and flows.
        decision: date of the decision.
        user: file of the scenario or package that uses it.
        location: where in that file.
        errors: collects what is wrong.
    """

    def __init__(
        self,
        use: InterventionUse,
        intervention: ValidatedFile[Intervention],
        registry: Registry,
        decision: date,
        user: ValidatedFile[Any],
        location: Location,
        errors: ErrorCollector,
    ) -> None:
        self.use, self.source, self.content = use, intervention, intervention.content
        self.registry, self.user, self.location, self.errors = registry, user, location, errors
        self.origin = f"{intervention.file.name}, used in {user.position(location)}"
        self.start = self._start(decision)
        self.timing = {
            name: self._timing(name, default)
            for name, default in (
                ("lag_months", 0.0),
                ("ramp_months", 0.0),
                ("duration_months", "permanent"),
                ("persistence_months", 0.0),
                ("fade_months", 0.0),
            )
        }
        self.reach, self.cost_scale = self._reach()

    def _timing(self, name: str, default: Any) -> Any:
        values = (getattr(self.use, name), getattr(self.content, name))
        return next((value for value in values if value is not None), default)

    def _start(self, decision: date) -> date:
        stated: tuple[tuple[DateText | None, ValidatedFile[Any], Location], ...] = (
            (self.use.start, self.user, (*self.location, "start")),
            (self.content.start, self.source, ("start",)),
        )
        for start, source, location in stated:
            if start is not None:
                try:
                    return parse_date(start, decision)
                except ValueError as error:
                    self.errors.add(source.error(location, f"{error}."))
        return decision

    def _reach(self) -> tuple[Range, float]:
        """Return the reach in use, and the factor on costs, staff and VCSE capacity from scale and reach."""
        scale = self.use.scale * self.use.cost_scale
        try:
            default = range_in_unit(self.content.reach, "1", "", self.source, REACH)
            reach, source, location = default, self.source, REACH
            if self.use.reach is not None:
                source, location = self.user, (*self.location, *REACH)
                reach = range_in_unit(self.use.reach, "1", "", source, location)
            if not all(0.0 <= limit <= 1.0 for limit in reach):
                raise source.error(location, f"reach must lie between 0 and 1, found {reach[1]:g}.")
        except UserError as error:
            self.errors.add(error)
            return WHOLE, scale
        return reach, scale * (reach[1] / default[1] if default[1] else 1.0)

    def modifiers(self) -> list[ModifierSpec]:
        """Return effects, costs, staff and VCSE capacity as dated changes."""
        modifiers: list[ModifierSpec] = []
        for index, lever in enumerate(self.content.levers):
            with self.errors.caught():
                modifiers.append(self._effect(lever, ("levers", index)))
        for index, cost in enumerate(self.content.costs):
            with self.errors.caught():
                modifiers.append(self._cost(cost, ("costs", index)))
        delivery = delivery_points(self.start, self.timing)
        for index, staff in enumerate(self.content.staff):
            where = {"employer": (staff.employer,), "staff_group": (staff.staff_group,)}
            with self.errors.caught():
                modifiers.append(self._need(STAFF_PARAMETER, where, staff.wte, delivery, "staff", ("staff", index)))
        for council, wte in self.content.vcse_capacity.items():
            at = ("vcse_capacity", council)
            with self.errors.caught():
                modifiers.append(self._need(VCSE_PARAMETER, {"place": (council,)}, wte, delivery, "vcse_capacity", at))
        return modifiers

    def _where(self, entry: Entry, lever: Lever, location: Location) -> dict[str, tuple[str, ...]]:
        check_labels(entry, lever.where, self.source, (*location, "where"))
        where = dict(lever.where)
        narrowed = self.use.target.labels() if self.use.target else {}
        target = {**self.content.target.labels(), **narrowed}
        source: ValidatedFile[Any]
        at: Location
        for dim, labels in target.items():
            in_use = dim in narrowed
            source, at = (self.user, (*self.location, "target", dim)) if in_use else (self.source, ("target", dim))
            for label in labels:
                if label not in DIMENSIONS[dim]:
                    near = nearest_names(label, DIMENSIONS[dim])
                    raise source.error(at, f"'{label}' is not a label of {dim}.", near)
        if target and not any(dim in entry.dims for dim in target):
            others = [
                name
                for name, other in self.registry.parameters.items()
                if other.sector == entry.sector and any(dim in other.dims for dim in target)
            ]
            advice = f"; levers of the sector that have: {', '.join(others[:4])}" if others else ""
            source, at = (self.user, self.location) if narrowed else (self.source, (*location, "lever"))
            raise source.error(
                at,
                f"has none of the dimensions of the target ({', '.join(target)}){advice}. Or drop the target.",
                key=entry.name,
            )
        for dim, labels in target.items():
            if dim in entry.dims:
                common = tuple(label for label in where.get(dim, labels) if label in labels)
                if not common:
                    raise self.source.error(location, f"target and lever have no {dim} in common.", key=entry.name)
                where[dim] = common
        return where

    def _effect(self, lever: Lever, location: Location) -> ModifierSpec:
        entry = lever_of(self.registry, lever.lever, self.source, (*location, "lever"))
        if isinstance(entry, Flow) and lever.operation != "multiply":
            raise self.source.error((*location, "operation"), "a flow can only be multiplied.", key=entry.name)
        expected = "1" if lever.operation == "multiply" else entry.unit
        size = range_in_unit(lever.effect, expected, lever.unit or "", self.source, (*location, "effect"))
        check_range(entry, lever.operation, size, self.source, (*location, "effect"))
        points, reach = effect_points(self.start, self.timing), self.reach
        factor = self.use.scale
        if lever.operation == "set":
            # Reach of 'set' says how far to go to the new value, so it acts on the level and is not drawn.
            factor, reach = 1.0, WHOLE
            points = tuple((day, min(level * self.reach[1] * self.use.scale, 1.0)) for day, level in points)
        gate = None
        if lever.gate is not None:
            if lever.gate.staffing not in DIMENSIONS["employer"]:
                near = nearest_names(lever.gate.staffing, DIMENSIONS["employer"])
                raise self.source.error((*location, "gate"), f"'{lever.gate.staffing}' is not an employer.", near)
            gate = (STAFFING_SIGNAL, (("employer", lever.gate.staffing),))
        return ModifierSpec(
            target=entry.name,
            where=tuple(self._where(entry, lever, location).items()),
            operation=lever.operation,
            size=scaled(size, factor),
            reach=reach,
            points=points,
            label=self.use.label,
            role="effect",
            gate=gate,
            origin=f"{self.source.position((*location, 'effect'))}, used in {self.user.position(self.location)}",
        )

    def _amount(self, cost: Cost, location: Location) -> Range:
        unit = "£/year" if cost.type == "recurrent" else "£"
        return scaled(range_in_unit(cost.amount, unit, "", self.source, (*location, "amount")), self.cost_scale)

    def _cost(self, cost: Cost, location: Location) -> ModifierSpec:
        amount = self._amount(cost, location)
        if cost.type == "recurrent":
            points = delivery_points(self.start, self.timing)
        else:
            points = spending_points(self.start, cost.over_months)
            amount = scaled(amount, MONTHS_PER_YEAR / cost.over_months)
        where: dict[str, tuple[str, ...]] = {"organisation": (cost.payer,), "cost_type": (cost.type,)}
        return self._need(COST_PARAMETER, where, amount, points, "cost", location)

    def _need(
        self,
        target: str,
        where: Mapping[str, tuple[str, ...]],
        size: Range | float,
        points: DatedLevels,
        role: str,
        location: Location,
    ) -> ModifierSpec:
        entry = lever_of(self.registry, target, self.source, location)
        check_labels(entry, where, self.source, location)
        amount = size if isinstance(size, tuple) else scaled((size, size, size), self.cost_scale)
        return ModifierSpec(
            target=target,
            where=tuple(where.items()),
            operation="add",
            size=amount,
            points=points,
            label=self.use.label,
            role=role,
            stream="cost",
            origin=self.origin,
        )

    def programme(self) -> Programme:
        """Return the intervention as used, for costing."""
        costs: list[ProgrammeCost] = []
        for index, cost in enumerate(self.content.costs):
            with self.errors.caught():
                amount = self._amount(cost, ("costs", index))
                costs.append(ProgrammeCost(cost.payer, cost.type, amount, cost.over_months, cost.source))
        return Programme(
            name=self.use.label,
            group=self.content.group,
            aim=self.content.aim,
            description=self.content.description,
            evidence_grade=self.content.evidence_grade,
            sources=self.content.sources,
            known_failures=self.content.known_failures,
            start=self.start,
            costs=tuple(costs),
            staff=tuple((need.employer, need.staff_group, need.wte * self.cost_scale) for need in self.content.staff),
            vcse_capacity=tuple(
                (council, wte * self.cost_scale) for council, wte in self.content.vcse_capacity.items()
            ),
            origin=self.origin,
        )
