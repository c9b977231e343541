"""Parameter files: YAML beside tables, read into ``Parameter`` declarations with every field checked.

A file holds entries of the form::

    workforce.leaver_rate:
      description: Share of staff who leave the system in a year.
      dims: [employer]
      unit: 1/year
      kind: rate
      value: {acute: 0.10, community: 0.14, ...}
      low: 0.8x          # a factor on the value (held within the bounds), or the same form as the value
      high: 1.2x
      distribution: triangular
      bounds: [0, 1]
      source: E3458; split by employer is an assumption

``value`` may be one number (for every cell), a list in the order of the dimension's labels, a mapping by label (nested
for several dimensions), or ``{table: NAME.csv}``, a table with one column per dimension and a column ``value``.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml.comments import CommentedMap

from model.registry.data_folders import PACKAGE
from model.registry.declarations import Kind, Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import UserError, nearest_names
from model.registry.yaml_source import line_of, plain, read_yaml

FIELDS = ("description", "dims", "unit", "kind", "value", "low", "high", "distribution", "bounds", "source", "label")
NEEDED_FIELDS = ("description", "unit", "kind", "value", "source")
DISTRIBUTIONS = ("fixed", "uniform", "triangular", "loguniform")


def as_array(value: Any, dims: tuple[str, ...], *, file: Path, line: int | None, key: str) -> np.ndarray:
    """Expand a value as written to an array of shape ``dims``.

    Raises:
        UserError: label unknown or missing, wrong length, or not a number.
    """
    shape = tuple(len(DIMENSIONS[dim]) for dim in dims)
    if isinstance(value, bool):
        value = float(value)
    if isinstance(value, int | float):
        return np.full(shape, float(value))
    if not dims:
        raise UserError(f"expected one number, found {value!r}.", file=file, line=line, key=key)
    labels = DIMENSIONS[dims[0]]
    if isinstance(value, dict):
        if set(value) == {"table"}:
            return read_table(value["table"], dims, file=file, line=line, key=key)
        by_label = {str(label): item for label, item in value.items()}
        for label in by_label:
            if label not in labels and label != "otherwise":
                raise UserError(
                    f"'{label}' is not a label of {dims[0]} ({', '.join(labels[:8])}).",
                    file=file,
                    line=line,
                    key=key,
                    nearest=nearest_names(label, labels),
                )
        missing = [label for label in labels if label not in by_label and "otherwise" not in by_label]
        if missing:
            raise UserError(f"no value for {dims[0]} {', '.join(missing[:6])}.", file=file, line=line, key=key)
        items = [by_label.get(label, by_label.get("otherwise")) for label in labels]
    elif isinstance(value, list):
        if len(value) != len(labels):
            raise UserError(
                f"{len(value)} values for the {len(labels)} labels of {dims[0]}.", file=file, line=line, key=key
            )
        items = value
    else:
        raise UserError(f"expected a number, a list or a mapping, found {value!r}.", file=file, line=line, key=key)
    return np.array([as_array(item, dims[1:], file=file, line=line, key=key) for item in items])


@lru_cache(maxsize=64)
def _rows(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(line for line in stream if not line.startswith("#")))


def read_table(name: str, dims: tuple[str, ...], *, file: Path, line: int | None, key: str) -> np.ndarray:
    """Read a table with a column for each dimension and a column ``value``; every combination once.

    Lines that begin with ``#`` are comments (source, derivation).
    """
    path = file.parent / "tables" / name
    if not path.is_file():
        path = file.parent / name
    if not path.is_file():
        raise UserError(f"table not found: {name}.", file=file, line=line, key=key)
    values = np.full(tuple(len(DIMENSIONS[dim]) for dim in dims), np.nan)
    for line_of_row, row in enumerate(_rows(path), start=2):
        try:
            index = tuple(DIMENSIONS[dim].index(row[dim]) for dim in dims)
            value = float(row["value"])
        except (KeyError, ValueError) as error:
            raise UserError(f"bad row: {error}.", file=path, line=line_of_row, key=key) from error
        if not np.isnan(values[index]):
            raise UserError(f"this row appears twice: {row}.", file=path, line=line_of_row, key=key)
        values[index] = value
    if np.isnan(values).any():
        missing = np.argwhere(np.isnan(values))[0]
        labels = [DIMENSIONS[dim][position] for dim, position in zip(dims, missing, strict=True)]
        raise UserError(f"no row for {', '.join(labels)}.", file=path, key=key)
    return values


def _limit(
    limit: Any, value: np.ndarray, dims: tuple[str, ...], bounds: tuple[float, float], **where: Any
) -> np.ndarray:
    if isinstance(limit, str) and limit.endswith("x"):
        return np.clip(value * float(limit[:-1]), *bounds)
    return as_array(limit, dims, **where)


def read_parameter_file(path: Path) -> list[Parameter]:
    """Read one parameter file.

    Raises:
        UserError: any error, with file and line.
    """
    document = read_yaml(path)
    return [_parameter(path, document, name) for name in document]


def _parameter(path: Path, document: CommentedMap, name: str) -> Parameter:
    where: dict[str, Any] = {"file": path, "line": line_of(document, name), "key": name}
    fields = _checked_fields(document[name], where)
    dims = tuple(fields.get("dims", ()))
    for dim in dims:
        if dim not in DIMENSIONS:
            raise UserError(f"'{dim}' is not a dimension.", nearest=nearest_names(dim, DIMENSIONS), **where)
    try:
        kind = Kind(fields["kind"])
    except ValueError as error:
        raise UserError(f"kind must be one of {', '.join(Kind)}.", **where) from error
    lowest_possible, highest_possible = (float(limit) for limit in fields.get("bounds", default_bounds(kind)))
    bounds = (lowest_possible, highest_possible)
    distribution = fields.get("distribution", "triangular" if "low" in fields or "high" in fields else "fixed")
    if distribution not in DISTRIBUTIONS:
        raise UserError(f"distribution must be one of {', '.join(DISTRIBUTIONS)}.", **where)
    value, low, high = _value_and_limits(fields, dims, bounds, where)
    shown = path.relative_to(PACKAGE.parent).as_posix() if path.is_relative_to(PACKAGE) else path.name
    return Parameter(
        name=name,
        description=fields["description"],
        unit=str(fields["unit"]),
        dims=dims,
        kind=kind,
        source=str(fields["source"]),
        bounds=bounds,
        label=fields.get("label", ""),
        value=value,
        low=low,
        high=high,
        distribution=distribution,
        origin=f"{shown}:{where['line']}",
    )


def _checked_fields(entry: Any, where: dict[str, Any]) -> dict[str, Any]:
    """Fields of a parameter, all of them known and none missing."""
    if not isinstance(entry, CommentedMap):
        raise UserError("expected the fields of a parameter.", **where)
    for name in entry:
        if name not in FIELDS:
            raise UserError(
                "not a field of a parameter.",
                file=where["file"],
                line=line_of(entry, name),
                key=f"{where['key']}.{name}",
                nearest=nearest_names(name, FIELDS),
            )
    for name in NEEDED_FIELDS:
        if name not in entry:
            raise UserError(f"the field '{name}' is missing.", **where)
    fields: dict[str, Any] = plain(entry)
    return fields


def _value_and_limits(
    fields: dict[str, Any], dims: tuple[str, ...], bounds: tuple[float, float], where: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value, lower and upper limit of a parameter; the limits are the value where none are given."""
    value = as_array(fields["value"], dims, **where)
    low = _limit(fields["low"], value, dims, bounds, **where) if "low" in fields else value
    high = _limit(fields["high"], value, dims, bounds, **where) if "high" in fields else value
    lowest, highest = np.minimum(low, high), np.maximum(low, high)
    if np.any(value < lowest - 1e-12) or np.any(value > highest + 1e-12):
        raise UserError("the value must lie between low and high.", **where)
    if np.any(lowest < bounds[0]) or np.any(highest > bounds[1]):
        raise UserError(f"value, low and high must lie within the bounds {bounds[0]:g} to {bounds[1]:g}.", **where)
    return value, lowest, highest


def default_bounds(kind: Kind) -> tuple[float, float]:
    """Bounds that follow from the kind: shares and probabilities 0 to 1, everything countable not below 0."""
    if kind in (Kind.SHARE, Kind.PROBABILITY, Kind.SWITCH):
        return (0.0, 1.0)
    if kind in (Kind.RATE, Kind.STOCK, Kind.FLOW, Kind.COUNT, Kind.DURATION):
        return (0.0, np.inf)
    return (-np.inf, np.inf)
