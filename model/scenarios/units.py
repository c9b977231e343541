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
def _registry() -> pint.UnitRegistry:
    import pint

    registry = pint.UnitRegistry(None)
    for definition in TIMES:
        registry.define(definition)
    for plural, singular in SINGULAR.items():
        registry.define(f"{plural} = [{plural}] = _ = {singular}")
    return registry


def _normal(unit: str) -> str:
    text = unit.strip().replace("£", " pounds ").replace("%", " percent ")
    text = re.sub(r"\bper\b", "/", text)
    for words in ("bed days", "bed day", "life years", "life year", "percentage points", "percentage point"):
        text = text.replace(words, words.replace(" ", "_"))
    text = re.sub(r"\s*([/*])\s*", r"\1", text).strip()
    return text or "1"


def convert(number: float, written: str, expected: str) -> float:
    """A number in the unit written, in the unit expected.

    Raises:
        UnitError: unknown unit, or one of another dimension.
    """
    if not written or written == expected or _normal(written) == _normal(expected):
        return number
    text = _normal(written)
    if "**" in text or WORDS.sub("", text):
        raise UnitError(f"unit '{written}' cannot be read; expected '{expected}'")
    from pint.errors import DimensionalityError, PintError

    registry = _registry()
    try:
        ratio = (registry.parse_expression(text) * registry.Quantity(1.0)) / (
            registry.parse_expression(_normal(expected)) * registry.Quantity(1.0)
        )
        return number * float(ratio.to("").magnitude)
    except DimensionalityError as error:
        raise UnitError(f"'{written}' is not a unit of this kind; expected '{expected}'") from error
    except (PintError, AttributeError, TypeError, ValueError, SyntaxError) as error:
        raise UnitError(f"unit '{written}' is not known; expected '{expected}'") from error
    except Exception as error:  # the parser of expressions raises bare tokenising errors
        raise UnitError(f"unit '{written}' cannot be read; expected '{expected}'") from error


def unit_shown(unit: str) -> str:
    """A unit after a number: a space and the unit, or nothing for a pure number."""
    return "" if unit == "1" else f" {unit}"


def parse(text: str) -> tuple[float, str]:
    """Number and unit of a written quantity; the unit is empty where none stands.

    Raises:
        UnitError: there is no number at the beginning.
    """
    found = QUANTITY.match(text)
    if not found or (found["sign"] and found["number"][0] in "+-"):
        raise UnitError(f"'{text}' is not a number with a unit")
    number = float(found["number"].replace(",", "").replace("_", ""))
    if found["sign"] == "-":
        number = -number
    number *= SIZES.get(found["size"] or "", 1.0)
    rest = found["rest"]
    return number, f"£{rest}" if found["pound"] else rest


def quantity(written: Any, expected: str, unit: str = "") -> float:
    """A number or text as written, in the unit expected.

    Args:
        written: a number, or a text with a number and a unit.
        expected: registered unit.
        unit: unit of a bare number, where one is given beside it.

    Raises:
        UnitError: not a number, unknown unit, or a unit of another dimension.
    """
    if isinstance(written, bool) and expected == "1":
        return float(written)
    if isinstance(written, int | float) and not isinstance(written, bool):
        return convert(float(written), unit, expected)
    if isinstance(written, str):
        number, own = parse(written)
        if own and unit and own != unit:
            raise UnitError(f"two units, '{own}' and '{unit}'; keep one of them")
        return convert(number, own or unit, expected)
    example = "" if expected == "1" else f" or a text such as '10 {expected}'"
    raise UnitError(f"expected a number{example}, found {'nothing' if written is None else repr(written)}")
