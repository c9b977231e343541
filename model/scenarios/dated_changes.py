"""Dated changes of a history, future, package or scenario turned into modifiers; ranges with units."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from model.registry.catalogue import Registry
from model.registry.declarations import Entry, Flow, Parameter
from model.registry.error_collector import ErrorCollector
from model.scenarios.dates import parse_date
from model.scenarios.schema import DatedChange, EvidenceRange
from model.scenarios.specs import DatedLevels, ModifierSpec, Range
from model.scenarios.units import UnitError, quantity, unit_shown
from model.scenarios.validated_file import Location, ValidatedFile, check_labels, lever_of


def range_in_unit(
    limits: EvidenceRange, expected: str, unit: str, source: ValidatedFile[Any], location: Location
) -> Range:
    """Return low, central and high in the expected unit.

    Args:
        limits: the range as the file has it.
        expected: registered unit.
        unit: unit of bare numbers, where one is given beside them.
        source: file of the range.
        location: where in that file.

    Raises:
        UserError: wrong unit, or a central value outside the range.
    """
    values: list[float] = []
    for name in ("low", "central", "high"):
        value = getattr(limits, name)
        try:
            values.append(quantity(limits.central if value is None else value, expected, unit))
        except UnitError as error:
            raise source.error((*location, name), f"{error}.") from error
    low, central, high = values
    if not min(low, high) <= central <= max(low, high):
        raise source.error(location, f"the central value {central:g} must lie between {low:g} and {high:g}.")
    return (low, central, high)


def scaled(limits: Range, factor: float) -> Range:
    """Return a range times a factor."""
    return (limits[0] * factor, limits[1] * factor, limits[2] * factor)


def check_range(entry: Entry, operation: str, size: Range, source: ValidatedFile[Any], location: Location) -> None:
    """Check that sizes are finite and possible.

    Raises:
        UserError: a relative change below -1, or a new value outside the bounds of the parameter.
    """
    for value in size:
        if not math.isfinite(value) or (operation == "multiply" and value < -1.0):
            raise source.error(location, f"{value:g} is out of range; -1 or more expected (-0.1 is 10% less).")
        if operation == "set" and isinstance(entry, Parameter) and not entry.bounds[0] <= value <= entry.bounds[1]:
            bounds = f"{entry.bounds[0]:g} to {entry.bounds[1]:g}{unit_shown(entry.unit)}"
            raise source.error(location, f"{value:g} is out of range; expected {bounds}.")


def change_modifiers(
    source: ValidatedFile[Any], registry: Registry, decision: date, role: str, label: str, errors: ErrorCollector
) -> list[ModifierSpec]:
    """Return the dated changes of a history, future, package or scenario as modifiers.

    Args:
        source: the file.
        registry: all parameters and flows.
        decision: date of the decision, for relative dates.
        role: role of the modifiers, such as ``history``.
        label: name of the file for people.
        errors: collects what is wrong.
    """
    modifiers: list[ModifierSpec] = []
    for index, change in enumerate(source.content.changes):
        with errors.caught():
            modifiers.append(_modifier(change, ("changes", index), source, registry, decision, role, label))
    return modifiers


def _modifier(
    change: DatedChange,
    location: Location,
    source: ValidatedFile[Any],
    registry: Registry,
    decision: date,
    role: str,
    label: str,
) -> ModifierSpec:
    entry = lever_of(registry, change.parameter, source, (*location, "parameter"))
    if isinstance(entry, Flow) and change.operation != "multiply":
        raise source.error((*location, "operation"), "a flow can only be multiplied.", key=entry.name)
    check_labels(entry, change.where, source, (*location, "where"))
    points = _points(change, entry, location, source, decision)
    size = range_in_unit(change.size, "1", "", source, (*location, "size"))
    if change.value is not None:
        size = range_in_unit(
            EvidenceRange(central=change.value), entry.unit, change.unit or "", source, (*location, "value")
        )
        check_range(entry, "set", size, source, (*location, "value"))
    return ModifierSpec(
        target=entry.name,
        where=tuple(change.where.items()),
        operation=change.operation,
        size=size,
        points=points,
        label=label,
        role=role,
        stream=f"{role}:{change.parameter}",
        origin=source.position(location),
    )


def _points(
    change: DatedChange, entry: Entry, location: Location, source: ValidatedFile[Any], decision: date
) -> DatedLevels:
    """Return the level of a change at each of its dates, in the unit of the entry where the change adds."""
    points: list[tuple[date, float]] = []
    for text, level in change.points.items():
        at = (*location, "points", text)
        try:
            day = parse_date(text, decision)
            size = quantity(level, entry.unit, change.unit or "") if change.operation == "add" else level
        except (ValueError, UnitError) as error:
            raise source.error(at, f"{error}.") from error
        if points and day <= points[-1][0]:
            raise source.error(at, f"dates must ascend; {day} comes after {points[-1][0]}.")
        if change.operation == "multiply" and level < -1.0:
            raise source.error(at, f"{level:g} is out of range; -1 takes all away.")
        points.append((day, size))
    return tuple(points)
