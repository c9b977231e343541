"""Parameter values that a scenario sets: numbers, quantities with units, tables by label, or single cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.registry.catalogue import Registry
from model.registry.declarations import Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.error_collector import ErrorCollector
from model.registry.errors import UserError, nearest_names
from model.registry.parameter_files import as_array
from model.scenarios.schema import FROM
from model.scenarios.specs import Override
from model.scenarios.units import UnitError, quantity, unit_shown
from model.scenarios.validated_file import Location, ValidatedFile, check_labels

CELL_FIELDS = ("value", "unit", "where")


def index_of(dims: tuple[str, ...], where: dict[str, tuple[str, ...]]) -> tuple:
    """Return the index of the labelled cells of an array ``dims``, with or without a member axis."""
    if not any(dim in where for dim in dims):
        return (Ellipsis,)
    lists = [[DIMENSIONS[dim].index(label) for label in where.get(dim, DIMENSIONS[dim])] for dim in dims]
    return (*np.ix_(*lists), Ellipsis)


def _numbers(value: Any, expected: str, unit: str) -> Any:
    """Return a value with every quantity in it turned into a number in the registered unit."""
    if isinstance(value, dict):
        return {label: item if label == "table" else _numbers(item, expected, unit) for label, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item, expected, unit) for item in value]
    return quantity(value, expected, unit)


def _cells(parameter: Parameter, entry: Any, source: ValidatedFile[Any], location: Location) -> Override:
    """Return one entry: a plain value, or a mapping with ``value`` and perhaps ``unit`` and ``where``."""
    where: dict[str, tuple[str, ...]] = {}
    unit, value = "", entry
    if isinstance(entry, dict) and "value" in entry:
        for key in entry:
            if key not in CELL_FIELDS:
                raise source.error((*location, key), "not a field here.", nearest_names(str(key), CELL_FIELDS))
        value, unit = entry["value"], str(entry.get("unit", ""))
        for dim, labels in (entry.get("where") or {}).items():
            where[str(dim)] = tuple(str(label) for label in (labels if isinstance(labels, list) else [labels]))
        check_labels(parameter, where, source, (*location, "where"))
    try:
        numbers = _numbers(value, parameter.unit, unit)
    except UnitError as error:
        raise source.error(location, f"{error}.", key=parameter.name) from error
    changed = np.zeros(parameter.value.shape, dtype=bool)
    index = index_of(parameter.dims, where)
    changed[index] = True
    values = parameter.value.copy()
    if where and not isinstance(numbers, int | float):
        raise source.error(location, "beside 'where' the value must be one number.", key=parameter.name)
    line = source.line(location)
    values[index] = (
        float(numbers) if where else as_array(numbers, parameter.dims, file=source.file, line=line, key=parameter.name)
    )
    low, high = parameter.bounds
    wrong = values[changed & ((values < low) | (values > high) | ~np.isfinite(values))]
    if wrong.size:
        raise source.error(
            location,
            f"{wrong.flat[0]:g} is out of range; expected {low:g} to {high:g}{unit_shown(parameter.unit)}.",
            key=parameter.name,
        )
    return Override(values, changed)


def read_overrides(source: ValidatedFile[Any], registry: Registry, errors: ErrorCollector) -> dict[str, Override]:
    """Return the parameters that one file sets.

    Args:
        source: a scenario, package or future.
        registry: all parameters.
        errors: collects what is wrong.
    """
    overrides: dict[str, Override] = {}
    for name, value in source.content.parameters.items():
        location: Location = ("parameters", name)
        if name == FROM:
            continue
        parameter = registry.parameters.get(name)
        if parameter is None:
            errors.add(_unknown(registry, name, source, location))
            continue
        if value in ([], {}):
            errors.add(source.error(location, "no value is given.", key=name))
            continue
        by_cell = isinstance(value, list) and all(isinstance(item, dict) for item in value)
        for index, entry in enumerate(value if by_cell else [value]):
            at = (*location, index) if by_cell else location
            with errors.caught():
                cells = _cells(parameter, entry, source, at)
                overrides[name] = _joined(overrides.get(name), cells, source, at, name)
    return overrides


def _unknown(registry: Registry, name: str, source: ValidatedFile[Any], location: Location) -> UserError:
    entry = registry.entries.get(name)
    if entry is not None:
        return source.error(location, "a result of the model, which cannot be set.", key=name)
    return source.error(location, "not a registered parameter.", nearest_names(name, registry.parameters), key=name)


def _joined(
    before: Override | None, after: Override, source: ValidatedFile[Any], location: Location, name: str
) -> Override:
    if before is None:
        return after
    if np.any(before.changed & after.changed):
        raise source.error(location, "the same cells are set twice; keep one of them.", key=name)
    return layered(before, after)


def layered(before: Override | None, after: Override) -> Override:
    """Return a later setting over an earlier one, cell by cell."""
    if before is None:
        return after
    return Override(np.where(after.changed, after.values, before.values), before.changed | after.changed)


def describe_override(override: Override, parameter: Parameter) -> str:
    """Return an override in a few words: old -> new and unit."""
    old, new = parameter.value[override.changed], override.values[override.changed]

    def text(values: np.ndarray) -> str:
        return f"{values.min():g}" if values.min() == values.max() else f"{values.min():g}..{values.max():g}"

    cells = "" if override.changed.all() else f" in {int(override.changed.sum())} of {override.changed.size} cells"
    return f"{text(old)} -> {text(new)} {parameter.unit}{cells}"
