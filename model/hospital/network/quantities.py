"""Quantities of network files: times in days, rates per day, money per day, shares and counts, each with its unit.

Conversion is by exact fractions and rounded once, so that ``3 hours`` is 0.125 days to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from model.registry.errors import nearest_names

NUMBER = re.compile(
    r"^\s*(?P<sign>[-+]?)\s*(?P<pound>£?)\s*(?P<number>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?)(?P<unit>.*)$",
    re.DOTALL,
)
DAY = Fraction(1)
YEAR = Fraction("365.25")
TIMES = {
    "second": DAY / 86_400,
    "minute": DAY / 1440,
    "min": DAY / 1440,
    "hour": DAY / 24,
    "h": DAY / 24,
    "day": DAY,
    "d": DAY,
    "week": 7 * DAY,
    "month": YEAR / 12,
    "year": YEAR,
}
"""Length in days of every unit of time."""

COUNTED = (
    "patient",
    "person",
    "people",
    "bed",
    "place",
    "admission",
    "arrival",
    "attendance",
    "ambulance",
    "referral",
    "visit",
    "pathway",
    "discharge",
    "contact",
    "staff",
    "wte",
    "nurse",
    "share",
    "index",
    "case",
    "procedure",
)
"""Words that say what is counted; they do not change the number."""


class QuantityError(ValueError):
    """Text that is no quantity, or a quantity of another kind than expected."""

    def __init__(self, message: str, nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)


@dataclass(frozen=True)
class Quantity:
    """A number in days and pounds.

    Attributes:
        value: the number.
        time: power of time: 1 of a duration, -1 of a rate.
        money: power of money: 1 of an amount.
    """

    value: float
    time: int = 0
    money: int = 0

    @property
    def unit(self) -> str:
        """The unit in words."""
        money = {0: "", 1: "£"}.get(self.money, f"£^{self.money}")
        if self.time == 0:
            return money or "1"
        time = "days" if self.time == 1 else f"days^{self.time}"
        if self.time < 0:
            return f"{money}/day" if self.time == -1 else f"{money}/day^{-self.time}"
        return f"{money} {time}".strip()


@dataclass(frozen=True)
class KindOfQuantity:
    """What is expected in a place of the file.

    Attributes:
        name: the kind in words.
        example: how it is written.
        time: power of time.
        money: power of money.
        bare: whether a number without a unit is allowed.
    """

    name: str
    example: str
    time: int = 0
    money: int = 0
    bare: bool = True


TIME = KindOfQuantity("a time", "'3 days' or '90 minutes'", time=1, bare=False)
DAYS = KindOfQuantity("a time", "30 (days) or '4 weeks'", time=1)
RATE = KindOfQuantity("a rate", "'12 /day' or '4000 /year'", time=-1, bare=False)
MONEY_PER_DAY = KindOfQuantity("money per time", "'400 £/day'", time=-1, money=1, bare=False)
NUMBER_ALONE = KindOfQuantity("a number", "20")
RELATIVE_PER_DAY = KindOfQuantity("a rate", "0.02 (per day) or '2 %/day'", time=-1)
SHARE = KindOfQuantity("a share", "0.35 or '35 %'")


def _unit(unit: str) -> tuple[Fraction, int, int]:
    """Factor into days and pounds, power of time, power of money.

    Raises:
        QuantityError: a word that is no unit.
    """
    text = re.sub(r"\bper\b", "/", unit.replace("£", " £ ").replace("%", " % "))
    factor, time, money = Fraction(1), 0, 0
    for position, side in enumerate(text.split("/")):
        power = 1 if position == 0 else -1
        words = side.split()
        if position and not words:
            raise QuantityError(f"a unit is missing after '/' in '{unit.strip()}'")
        for word in words:
            singular = word.lower().removesuffix("s") if len(word) > 2 else word.lower()
            if singular in TIMES:
                factor *= TIMES[singular] ** power
                time += power
            elif word == "£" or singular in ("pound", "gbp"):
                money += power
            elif word == "%" or singular == "percent":
                factor *= Fraction(1, 100) ** power
            elif not (singular in COUNTED or word.lower() in COUNTED or word == "1"):
                known = [*(f"{name}s" for name in TIMES if len(name) > 1), "%", "£", *COUNTED]
                raise QuantityError(f"'{word}' is not a unit", nearest_names(word, known))
    return factor, time, money


def quantity(value: Any, unit: str = "") -> Quantity:
    """A number or text as written.

    Args:
        value: a number, a text with a number and perhaps a unit, or a ``Quantity``.
        unit: unit of a number that is given without one.

    Raises:
        QuantityError: it is none.
    """
    if isinstance(value, Quantity):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise QuantityError(f"expected a number, found {_shown(value)}")
    if isinstance(value, str):
        match = NUMBER.match(value)
        if not match or not match["number"] or match["number"][0] in "eE":
            raise QuantityError(f"expected a number, found '{value}'")
        number = Fraction(match["sign"] + match["number"].replace(",", ""))
        given_unit = ("£" if match["pound"] else "") + match["unit"]
        unit = given_unit if given_unit.strip() else unit
    elif not isfinite(value):
        raise QuantityError(f"expected a finite number, found {value}")
    else:
        number = Fraction(value)
    factor, time, money = _unit(unit)
    try:
        return Quantity(float(number * factor), time, money)
    except OverflowError as error:
        raise QuantityError(f"{value} is too large") from error


def number_of(value: Any, kind: KindOfQuantity) -> float:
    """A quantity of the kind expected, in days and pounds.

    Raises:
        QuantityError: none, or of another kind.
    """
    if isinstance(value, dict | list) or value is None or isinstance(value, bool):
        raise QuantityError(f"expected {kind.name} such as {kind.example}, found {_shown(value)}")
    amount = quantity(value)
    if (amount.time, amount.money) == (kind.time, kind.money):
        return amount.value
    if (amount.time, amount.money) == (0, 0) and kind.bare and not _has_unit(value):
        return amount.value
    if (amount.time, amount.money) == (0, 0) and not _has_unit(value):
        raise QuantityError(f"the unit is missing; write {kind.name} such as {kind.example}, found {_shown(value)}")
    raise QuantityError(f"expected {kind.name} such as {kind.example}, found {_shown(value)}")


def _has_unit(value: Any) -> bool:
    if isinstance(value, Quantity):
        return True
    match = NUMBER.match(value) if isinstance(value, str) else None
    return bool(match and (match["unit"].strip() or match["pound"]))


def _shown(value: Any) -> str:
    if value is None:
        return "no value"
    if isinstance(value, Quantity):
        return f"{value.value:g} {value.unit}"
    if isinstance(value, dict):
        return f"the keys {', '.join(str(key) for key in value)}"
    if isinstance(value, list):
        return "a list"
    return repr(value)
