"""Dated changes of a history, future, package or scenario turned into modifiers; ranges with units."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.scenarios.dates import parse_date
from model.scenarios.schema import Change, Limits
from model.scenarios.specs import ModifierSpec, Range
from model.scenarios.units import UnitError, quantity, unit_shown
from model.scenarios.validated_file import Location, Source, check_labels, lever_of


def limits_of(limits: Limits, expected: str, unit: str, source: Source[Any], location: Location) -> Range:
    """Low, central and high in the expected unit, the central one between the others.

    Raises:
        UserError: wrong unit, or the central figure outside the range.
    """
    found: list[float] = []
    for name in ("low", "central", "high"):
        written = getattr(limits, name)
        try:
            found.append(quantity(limits.central if written is None else written, expected, unit))
        except UnitError as error:
            raise source.error((*location, name), f"{error}.") from error
    low, central, high = found
    if not min(low, high) <= central <= max(low, high):
        raise source.error(location, f"the central figure {central:g} must lie between {low:g} and {high:g}.")
    return (low, central, high)


def scaled(limits: Range, factor: float) -> Range:
    """A range times a factor."""
    return (limits[0] * factor, limits[1] * factor, limits[2] * factor)


def check_range(entry: Entry, operation: str, size: Range, source: Source[Any], location: Location) -> None:
    """Check that sizes are finite and possible.

    Raises:
        UserError: a relative change below -1, or a new value outside the bounds of the parameter.
    """
    for value in size:
        if not math.isfinite(value) or (operation == "multiply" and value < -1.0):
            raise source.error(location, f"{value:g} is out of range; -1 or more expected (-0.1 is 10% less).")
        if operation == "set" and isinstance(entry, Parameter) and not entry.bounds[0] <= value <= entry.bounds[1]:
            limits = f"{entry.bounds[0]:g} to {entry.bounds[1]:g}{unit_shown(entry.unit)}"
            raise source.error(location, f"{value:g} is out of range; expected {limits}.")


def change_modifiers(
    source: Source[Any], registry: Registry, decision: date, role: str, label: str, errors: ErrorCollector
) -> list[ModifierSpec]:
    """Dated changes of a history, future, package or scenario as modifiers."""
    found: list[ModifierSpec] = []
    for number, change in enumerate(source.content.changes):
        with errors.caught():
            found.append(_change(change, ("changes", number), source, registry, decision, role, label))
    return found


def _change(
    change: Change, location: Location, source: Source[Any], registry: Registry, decision: date, role: str, label: str
) -> ModifierSpec:
    entry = lever_of(registry, change.parameter, source, (*location, "parameter"))
    if isinstance(entry, Flow) and change.operation != "multiply":
        raise source.error((*location, "operation"), "a flow can only be multiplied.", key=entry.name)
    check_labels(entry, change.where, DIMENSIONS, source, (*location, "where"))
    points: list[tuple[date, float]] = []
    for written, level in change.points.items():
        try:
            day = parse_date(written, decision)
            size = quantity(level, entry.unit, change.unit or "") if change.operation == "add" else level
        except (ValueError, UnitError) as error:
            raise source.error((*location, "points", written), f"{error}.") from error
        if points and day <= points[-1][0]:
            raise source.error((*location, "points", written), f"dates must ascend; {day} comes after {points[-1][0]}.")
        if change.operation == "multiply" and level < -1.0:
            raise source.error((*location, "points", written), f"{level:g} is out of range; -1 takes all away.")
        points.append((day, size))
    limits = limits_of(change.size, "1", "", source, (*location, "size"))
    if change.operation == "set":
        value = limits_of(Limits(central=change.value), entry.unit, change.unit or "", source, (*location, "value"))
        check_range(entry, "set", value, source, (*location, "value"))
        limits = value
    return ModifierSpec(
        target=entry.name,
        where=tuple(change.where.items()),
        operation=change.operation,
        size=limits,
        points=tuple(points),
        label=label,
        role=role,
        stream=f"{role}:{change.parameter}",
        origin=source.place(location),
    )
