"""Types of the fields of a network file: each reads what is written into days, pounds, hours of the week or names.

A type holds how it is read, the words of an error in it, and its JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from math import inf
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from model.hospital.network.calendars import CalendarError, minutes_of, parse_date, week_of, whole_hours
from model.hospital.network.network import BACK
from model.hospital.network.parameter_references import FIELDS, REFERENCE
from model.hospital.network.quantities import (
    DAYS,
    MONEY_PER_DAY,
    NUMBER_ALONE,
    RATE,
    RELATIVE_PER_DAY,
    SHARE,
    TIME,
    KindOfQuantity,
    QuantityError,
    number_of,
)
from model.registry.errors import nearest_names

OTHERWISE = "otherwise"
BY_CLASS = "by_class"
EVERY_CLASS = ""
"""Key of a number without a class."""
REST = "rest"
UNLIMITED = "unlimited"
RESERVED = (BACK, REST, UNLIMITED, OTHERWISE, BY_CLASS, "all")
NAME = re.compile(r"^[^\W\d][\w-]*$")

Json = dict[str, Any]


def field_error(message: str, nearest: tuple[str, ...] = ()) -> PydanticCustomError:
    """An error in a field, with valid names like the one written."""
    return PydanticCustomError("field", "{message}", {"message": message, "nearest": nearest})


def json_number(kind: KindOfQuantity) -> Json:
    """JSON Schema of a number, a text with a unit, or a reference to a parameter."""
    reference: Json = {
        "type": "object",
        "required": [REFERENCE],
        "additionalProperties": False,
        "properties": {name: {"description": meaning} for name, meaning in FIELDS.items()},
    }
    forms: list[Json] = [{"type": "string"}, reference]
    if kind.bare:
        forms.insert(0, {"type": "number"})
    return {"anyOf": forms, "examples": [kind.example]}


def _amount(kind: KindOfQuantity) -> Any:
    def read(value: Any) -> float:
        try:
            return number_of(value, kind)
        except QuantityError as error:
            raise field_error(str(error), error.nearest) from error

    return Annotated[float, BeforeValidator(read), WithJsonSchema(json_number(kind))]


def _whole(value: Any) -> int:
    try:
        number = number_of(value, NUMBER_ALONE)
    except QuantityError as error:
        raise field_error(str(error), error.nearest) from error
    if number != int(number):
        raise field_error(f"expected a whole number, found {number:g}; a reference takes 'round: true'")
    return int(number)


def _word_or(word: str, kind: KindOfQuantity, meaning: float | str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value == word and isinstance(value, str):
            return meaning
        try:
            return number_of(value, kind)
        except QuantityError as error:
            near = nearest_names(value, [word]) if isinstance(value, str) else ()
            raise field_error(f"{error}; or '{word}'", error.nearest or near) from error

    return read


def _name(value: Any) -> str:
    if not isinstance(value, str) or not NAME.match(value):
        raise field_error(f"a name consists of letters, digits, '_' and '-' and begins with a letter, found {value!r}")
    if value in RESERVED:
        raise field_error(f"'{value}' has a meaning of its own here; choose another name")
    return value


def _calendar(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        try:
            return read(value)
        except (CalendarError, QuantityError) as error:
            key = getattr(error, "key", "")
            message = f"'{key}': {error}" if key and key not in str(error) else str(error)
            raise field_error(message, error.nearest) from error

    return checked


def _week(entries: Any) -> np.ndarray:
    if not isinstance(entries, dict) or not entries:
        raise CalendarError("expected values by hours of the week, such as 'mon-fri 08:00-20:00: 10'")
    numbers = {}
    for key, value in entries.items():
        try:
            numbers[str(key)] = number_of(value, NUMBER_ALONE)
        except QuantityError as error:
            raise CalendarError(f"'{key}': {error}", error.nearest, key=str(key)) from error
    return week_of(numbers)


def _factors(entries: Any) -> np.ndarray:
    """Factors of the hours of a week, not scaled."""
    if isinstance(entries, dict):
        return whole_hours(_week(entries))
    if not isinstance(entries, list) or len(entries) not in (24, 168):
        shown = f", found {len(entries)}" if isinstance(entries, list) else ""
        raise CalendarError(f"expected 24 numbers, 168, or values by hours of the week{shown}")
    hours = np.array([number_of(value, NUMBER_ALONE) for value in entries])
    return hours if hours.size == 168 else np.tile(hours, 7)


def _day_factors(entries: Any) -> np.ndarray:
    if isinstance(entries, dict):
        days = whole_hours(_week(entries)).reshape(7, 24)
        if (days != days[:, :1]).any():
            raise CalendarError("expected values by day; values by hour go under 'hours'")
        return days[:, 0].copy()
    if not isinstance(entries, list) or len(entries) != 7:
        raise CalendarError("expected 7 numbers from Monday on, or values by day such as 'sat-sun: 0.6'")
    return np.array([number_of(value, NUMBER_ALONE) for value in entries])


def _leaving(entries: Any) -> np.ndarray:
    texts = entries if isinstance(entries, list) else [entries]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise CalendarError("expected text such as 'mon-fri 10:00-18:00'")
    return whole_hours(minutes_of(", ".join(texts)))


Time = _amount(TIME)
Days = _amount(DAYS)
Rate = _amount(RATE)
Money = _amount(MONEY_PER_DAY)
Number = _amount(NUMBER_ALONE)
Share = _amount(SHARE)
RelativePerDay = _amount(RELATIVE_PER_DAY)
Whole = Annotated[int, BeforeValidator(_whole), WithJsonSchema(json_number(NUMBER_ALONE))]
ShareOrRest = Annotated[
    float | Literal["rest"], BeforeValidator(_word_or(REST, SHARE, REST)), WithJsonSchema(json_number(SHARE))
]
Places = Annotated[
    float, BeforeValidator(_word_or(UNLIMITED, NUMBER_ALONE, inf)), WithJsonSchema(json_number(NUMBER_ALONE))
]
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema({"type": "string", "pattern": NAME.pattern})]
Day = Annotated[date, BeforeValidator(_calendar(parse_date)), WithJsonSchema({"type": "string", "format": "date"})]


def _array(read: Callable[[Any], np.ndarray], schema: Json) -> Any:
    return Annotated[Any, BeforeValidator(_calendar(read)), WithJsonSchema(schema)]


WEEK_JSON: Json = {"type": "object", "additionalProperties": json_number(NUMBER_ALONE), "minProperties": 1}
Week = _array(_week, WEEK_JSON)
HourFactors = _array(
    _factors,
    {"anyOf": [{"type": "array", "items": json_number(NUMBER_ALONE), "minItems": 24, "maxItems": 168}, WEEK_JSON]},
)
DayFactors = _array(
    _day_factors,
    {"anyOf": [{"type": "array", "items": json_number(NUMBER_ALONE), "minItems": 7, "maxItems": 7}, WEEK_JSON]},
)
LeavingHours = _array(_leaving, {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
