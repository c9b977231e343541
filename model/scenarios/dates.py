"""Dates as users write them: ``2023-04``, ``2023-04-15``, ``decision``, ``decision + 18 months``."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from model.registry.calendar import MONTHS_PER_YEAR, shift_date

RELATIVE = re.compile(r"^decision\s*(?:(?P<sign>[+-])\s*(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>months?|years?))?$")
ABSOLUTE = re.compile(r"^(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?$")
YEARS = (1900, 2199)
"""First and last year of a date; others are taken for typing errors."""

FORMS = "a date such as 2023-04 or 2023-04-15, 'decision', or 'decision + 18 months'"


def _within(day: date, text: str) -> date:
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise ValueError(f"'{text}' lies outside the years {YEARS[0]} to {YEARS[1]}")
    return day


def parse_date(value: Any, decision: date | None = None) -> date:
    """Return the date that a value gives.

    Args:
        value: a date, or a text in one of the forms.
        decision: date of the decision, for relative dates.

    Raises:
        ValueError: no date can be read from it.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    absolute = ABSOLUTE.match(text)
    if absolute:
        try:
            day = date(int(absolute["year"]), int(absolute["month"]), int(absolute["day"] or 1))
        except ValueError as error:
            raise ValueError(f"'{text}' is not a day of the calendar") from error
        return _within(day, text)
    relative = RELATIVE.match(text)
    if relative and decision is not None:
        months = float(relative["count"] or 0) * (MONTHS_PER_YEAR if (relative["unit"] or "").startswith("year") else 1)
        try:
            day = shift_date(decision, -months if relative["sign"] == "-" else months)
        except (OverflowError, ValueError) as error:
            raise ValueError(f"'{text}' lies outside the years {YEARS[0]} to {YEARS[1]}") from error
        return _within(day, text)
    raise ValueError(f"expected {FORMS if decision else 'a date such as 2023-04'}, found '{text}'")
