"""Numbers of a network file that are named, not written: references to parameters of the model.

A reference is a mapping such as ``{parameter: urgent_care.core_beds, at: {site: southmead}, times: 0.5, round: true}``
wherever a number is expected. It becomes a ``Quantity`` in days and pounds, so that a parameter in hours is right where
a time is expected and wrong where a share is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from math import floor
from typing import Any

from model.hospital.network.quantities import Quantity, QuantityError, quantity
from model.registry.data_folders import parameter_files
from model.registry.declarations import Parameter
from model.registry.dimensions import DIMENSIONS
from model.registry.errors import nearest_names
from model.registry.parameter_files import read_parameter_file

REFERENCE = "parameter"
FIELDS = {
    REFERENCE: "registered name of a parameter",
    "at": "a label of each dimension; a list of labels, or 'all', adds up",
    "times": "a number or reference, or a list of them, that multiplies",
    "divided_by": "a number or reference, or a list of them, that divides",
    "plus": "a number or reference, or a list of them, added after the products",
    "less": "a number or reference, or a list of them, taken away after the products",
    "at_least": "lower limit of the result",
    "at_most": "upper limit of the result",
    "round": "whether the result is the nearest whole number",
}
ALL = "all"

Location = tuple[int | str, ...]
Report = Callable[..., None]
"""Called with the location, the message and perhaps ``nearest`` of an error."""


class _ReferenceError(Exception):
    def __init__(self, location: Location, message: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.location, self.message, self.nearest = location, message, nearest


@lru_cache(maxsize=32)
def _sector(name: str) -> dict[str, Parameter]:
    return {parameter.name: parameter for path in parameter_files(name) for parameter in read_parameter_file(path)}


def _all_names() -> list[str]:
    return [parameter.name for path in parameter_files() for parameter in read_parameter_file(path)]


def resolved(
    node: Any, report: Report, parameters: Mapping[str, Parameter] | None = None, location: Location = ()
) -> Any:
    """Return a tree with every reference replaced by its quantity.

    Args:
        node: mappings, lists and values of built-in types.
        report: called with every error; a wrong reference becomes a quantity that is no number.
        parameters: parameters by name that take the place of the registered ones (values of a scenario).
        location: of the node.
    """
    if isinstance(node, dict):
        if REFERENCE in node:
            try:
                return _value(node, parameters or {}, location)
            except _ReferenceError as error:
                report(error.location, error.message, nearest=error.nearest)
                return Quantity(float("nan"))
        return {key: resolved(item, report, parameters, (*location, key)) for key, item in node.items()}
    if isinstance(node, list):
        return [resolved(item, report, parameters, (*location, index)) for index, item in enumerate(node)]
    return node


def _value(node: Mapping[str, Any], given: Mapping[str, Parameter], location: Location) -> Quantity:
    for key in node:
        if key not in FIELDS:
            near = nearest_names(key, FIELDS)
            raise _ReferenceError((*location, key), f"not a field of a reference ({', '.join(FIELDS)}).", near)
    name = str(node[REFERENCE])
    parameter = given.get(name) or _sector(name.partition(".")[0]).get(name)
    if parameter is None:
        near = nearest_names(name, [*_all_names(), *given])
        raise _ReferenceError((*location, REFERENCE), f"'{name}' is not a registered parameter.", near)
    at = (*location, "at") if "at" in node else (*location, REFERENCE)
    base = _cells(parameter, node.get("at", {}), at)
    try:
        value = quantity(base, parameter.unit)
    except QuantityError as error:
        message = f"the unit of {name}, '{parameter.unit}', has no meaning in a network."
        raise _ReferenceError((*location, REFERENCE), message) from error
    for key, power in (("times", 1), ("divided_by", -1)):
        for factor, at_operand in _operands(node, key, given, location):
            if power < 0 and factor.value == 0:
                raise _ReferenceError(at_operand, "division by zero.")
            product = value.value * factor.value if power > 0 else value.value / factor.value
            value = Quantity(product, value.time + power * factor.time, value.money + power * factor.money)
    for key, combine in _SUMS.items():
        for term, at_operand in _operands(node, key, given, location):
            if (term.time, term.money) != (value.time, value.money):
                raise _ReferenceError(at_operand, f"in {term.unit}, but the value so far is in {value.unit}.")
            value = Quantity(combine(value.value, term.value), value.time, value.money)
    if not isinstance(node.get("round", False), bool):
        raise _ReferenceError((*location, "round"), "expected true or false.")
    return Quantity(float(floor(value.value + 0.5)), value.time, value.money) if node.get("round") else value


_SUMS: dict[str, Callable[[float, float], float]] = {
    "plus": lambda value, term: value + term,
    "less": lambda value, term: value - term,
    "at_least": max,
    "at_most": min,
}


def _operands(
    node: Mapping[str, Any], key: str, given: Mapping[str, Parameter], location: Location
) -> list[tuple[Quantity, Location]]:
    if key not in node:
        return []
    items = node[key]
    operands: list[tuple[Quantity, Location]] = []
    for index, item in enumerate(items if isinstance(items, list) else [items]):
        at: Location = (*location, key, index) if isinstance(items, list) else (*location, key)
        if isinstance(item, dict) and REFERENCE in item:
            operands.append((_value(item, given, at), at))
            continue
        try:
            operands.append((quantity(item), at))
        except QuantityError as error:
            raise _ReferenceError(at, f"{error}.", error.nearest) from error
    return operands


def _cells(parameter: Parameter, at: Any, location: Location) -> float:
    """Sum of the cells named; one cell where every dimension has one label."""
    if not isinstance(at, dict):
        raise _ReferenceError(location, "expected labels by dimension, such as {site: southmead}.")
    for dim in at:
        if dim not in parameter.dims:
            has = f"has the dimensions {', '.join(parameter.dims)}" if parameter.dims else "has no dimensions"
            near = nearest_names(dim, parameter.dims)
            raise _ReferenceError((*location, dim), f"{parameter.name} {has}.", near)
    chosen = []
    for dim in parameter.dims:
        labels = DIMENSIONS[dim]
        if dim not in at:
            raise _ReferenceError(
                location,
                f"{parameter.name} has the dimension {dim}; name its label in 'at' ({_some(labels)}, or 'all').",
            )
        named = labels if at[dim] == ALL else at[dim] if isinstance(at[dim], list | tuple) else [at[dim]]
        for label in named:
            if str(label) not in labels:
                near = nearest_names(str(label), labels)
                raise _ReferenceError((*location, dim), f"'{label}' is not a label of {dim} ({_some(labels)}).", near)
        chosen.append([labels.index(str(label)) for label in named])
    return float(sum(float(parameter.value[cell]) for cell in product(*chosen)))


def _some(labels: tuple[str, ...]) -> str:
    return ", ".join(labels[:6]) + (", ..." if len(labels) > 6 else "")
