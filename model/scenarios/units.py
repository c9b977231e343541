"""Quantities as users write them (``5 %/year``, ``1.4 weeks``, ``£2.5m/year``) converted to the registered unit.

The unit library is imported only when a unit is written that differs from the registered one. People, patients, WTE,
beds, places, pathways, pounds and the like are base units of their own: none turns into another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

QUANTITY = re.compile(
    r"^\s*(?P<sign>[-+]?)\s*(?P<pound>£?)\s*(?P<number>[-+]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d[\d_]*)\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"\s*(?P<size>(?:k|m|bn|million|billion|thousand)(?![A-Za-z]))?\s*(?P<rest>.*?)\s*$"
)
WORDS = re.compile(r"[^\W\d]\w*|[\s/*()]|(?<![\d.])1(?![\d.])")
"""What a unit is made of: words, products, quotients, and a 1; sums and powers are for calculators."""

SIZES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
TIMES = (
    "day = [time] = d = days",
    "hour = day / 24 = h = hours",
    "minute = hour / 60 = min = minutes",
    "week = 7 * day = wk = weeks",
    "year = 365.25 * day = yr = years",
    "month = year / 12 = mo = months",
    "percent = 0.01 = pct",
    "percentage_point = 0.01 = pp = percentage_points",
    "index = 1",
    "share = 1",
)
SINGULAR = {
    "people": "person",
    "patients": "patient",
    "WTE": "wte",
    "beds": "bed",
    "places": "place",
    "pathways": "pathway",
    "volunteers": "volunteer",
    "contacts": "contact",
    "attendances": "attendance",
    "admissions": "admission",
    "bed_days": "bed_day",
    "places_days": "place_day",
    "life_years": "life_year",
    "QALYs": "QALY",
    "births": "birth",
    "deaths": "death",
    "pounds": "pound",
    "procedures": "procedure",
    "referrals": "referral",
    "visits": "visit",
    "staff": "staff_member",
    "events": "event",
    "users": "user",
    "hours_lost": "hour_lost",
    "tests": "test",
    "ambulances": "ambulance",
    "residents": "resident",
    "households": "household",
    "tonnes": "tonne",
}
"""Plural and singular of every base unit that counts something."""


class UnitError(ValueError):
    """A unit that is not known, or of another dimension than the one expected."""


@lru_cache(maxsize=1)
def _unit_registry() -> pint.UnitRegistry[Any]:
    import pint

    units: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    for definition in TIMES:
        units.define(definition)
    for plural, singular in SINGULAR.items():
        units.define(f"{plural} = [{plural}] = _ = {singular}")
    return units


def _normal(unit: str) -> str:
    text = unit.strip().replace("£", " pounds ").replace("%", " percent ")
    text = re.sub(r"\bper\b", "/", text)
    for words in ("bed days", "bed day", "life years", "life year", "percentage points", "percentage point"):
        text = text.replace(words, words.replace(" ", "_"))
    text = re.sub(r"\s*([/*])\s*", r"\1", text).strip()
    return text or "1"


def convert(number: float, unit: str, expected: str) -> float:
    """Return a number in one unit as a number in the unit expected.

    Args:
        number: the number.
        unit: its unit; the unit expected where it is empty.
        expected: unit of the result.

    Raises:
        UnitError: unknown unit, or one of another dimension.
    """
    if not unit or unit == expected or _normal(unit) == _normal(expected):
        return number
    text = _normal(unit)
    if "**" in text or WORDS.sub("", text):
        raise UnitError(f"unit '{unit}' cannot be read; expected '{expected}'")
    from pint.errors import DimensionalityError, PintError

    units = _unit_registry()
    try:
        ratio = (units.parse_expression(text) * units.Quantity(1.0)) / (
            units.parse_expression(_normal(expected)) * units.Quantity(1.0)
        )
        return number * float(ratio.to("").magnitude)
    except DimensionalityError as error:
        raise UnitError(f"'{unit}' is not a unit of this kind; expected '{expected}'") from error
    except (PintError, AttributeError, TypeError, ValueError, SyntaxError) as error:
        raise UnitError(f"unit '{unit}' is not known; expected '{expected}'") from error
    except Exception as error:  # the parser of expressions raises bare tokenising errors
        raise UnitError(f"unit '{unit}' cannot be read; expected '{expected}'") from error


def unit_shown(unit: str) -> str:
    """Return a unit as it follows a number: a space and the unit; empty for a pure number."""
    return "" if unit == "1" else f" {unit}"


def parse(text: str) -> tuple[float, str]:
    """Return the number and unit of a quantity as text; the unit is empty where there is none.

    Raises:
        UnitError: there is no number at the beginning.
    """
    match = QUANTITY.match(text)
    if not match or (match["sign"] and match["number"][0] in "+-"):
        raise UnitError(f"'{text}' is not a number with a unit")
    number = float(match["number"].replace(",", "").replace("_", ""))
    if match["sign"] == "-":
        number = -number
    number *= SIZES.get(match["size"] or "", 1.0)
    rest = match["rest"]
    return number, f"£{rest}" if match["pound"] else rest


def quantity(value: Any, expected: str, unit: str = "") -> float:
    """Return a number, or a text with a number and a unit, as a number in the unit expected.

    Args:
        value: a number, or a text with a number and a unit.
        expected: registered unit.
        unit: unit of a bare number, where one is given beside it.

    Raises:
        UnitError: not a number, unknown unit, or a unit of another dimension.
    """
    if isinstance(value, bool) and expected == "1":
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return convert(float(value), unit, expected)
    if isinstance(value, str):
        number, inner_unit = parse(value)
        if inner_unit and unit and inner_unit != unit:
            raise UnitError(f"two units, '{inner_unit}' and '{unit}'; keep one of them")
        return convert(number, inner_unit or unit, expected)
    example = "" if expected == "1" else f" or a text such as '10 {expected}'"
    raise UnitError(f"expected a number{example}, found {'no value' if value is None else repr(value)}")
