"""Months, financial years (April to March) and the periods that users write: the calendar of the whole package."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS_PER_YEAR = 12
DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
FIRST_MONTH_OF_FINANCIAL_YEAR = 4
LAST_DAY_OF_EVERY_MONTH = 28
"""Last day that every month has."""


def add_months(day: date, months: int) -> date:
    """Return the first day of the month that lies ``months`` after the month of ``day``."""
    index = day.year * MONTHS_PER_YEAR + day.month - 1 + months
    return date(index // MONTHS_PER_YEAR, index % MONTHS_PER_YEAR + 1, 1)


def shift_date(day: date, months: float) -> date:
    """Return the day that lies so many months after ``day``: whole months by the calendar, the rest by mean length."""
    whole = int(months // 1)
    safe = min(day.day, LAST_DAY_OF_EVERY_MONTH)
    moved = add_months(day, whole).replace(day=safe)
    return moved + timedelta(days=day.day - safe + round((months - whole) * DAYS_PER_MONTH))


def months_between(first: date, last: date) -> int:
    """Return by how many months the month of ``last`` lies after the month of ``first``."""
    return (last.year - first.year) * MONTHS_PER_YEAR + last.month - first.month


def decimal_year(day: date) -> float:
    """Return a date as a decimal calendar year: 2019.25 is 1 April 2019, nearly."""
    return day.year + (day.timetuple().tm_yday - 1) / DAYS_PER_YEAR


def financial_year_start(day: date) -> int:
    """Return the calendar year in which the financial year of a day begins."""
    return day.year - (day.month < FIRST_MONTH_OF_FINANCIAL_YEAR)


def financial_year_label(start: int) -> str:
    """Return the label of the financial year that begins in a calendar year: ``2022/23`` for 2022."""
    return f"{start}/{(start + 1) % 100:02d}"


def financial_year_of(day: date) -> str:
    """Return the label of the financial year of a day: ``2022/23`` for 31 March 2023."""
    return financial_year_label(financial_year_start(day))


def financial_year_limits(label: str) -> tuple[date, date]:
    """Return the first day of a financial year, and of the next."""
    start = int(label[:4])
    return date(start, FIRST_MONTH_OF_FINANCIAL_YEAR, 1), date(start + 1, FIRST_MONTH_OF_FINANCIAL_YEAR, 1)


def horizon_year(decision: date, years: float) -> str:
    """Return the financial year by which a horizon is reported: the last that ends within its years of the decision."""
    end = add_months(decision, round(years * MONTHS_PER_YEAR))
    return financial_year_label(financial_year_start(end) - 1)


def period_months(text: str) -> tuple[date, int]:
    """Return the first day and the number of months of a period: ``2022-04``, ``2022/23`` or ``2021/22 Q4``.

    Raises:
        ValueError: the text is no period.
    """
    if "/" not in text:
        year, month = text.split("-")
        return date(int(year), int(month), 1), 1
    label, _, quarter = text.partition(" ")
    start, _ = financial_year_limits(label)
    if label != financial_year_label(start.year):
        raise ValueError(text)
    if not quarter:
        return start, MONTHS_PER_YEAR
    index = int(quarter.removeprefix("Q"))
    if index not in (1, 2, 3, 4):
        raise ValueError(text)
    return add_months(start, (index - 1) * 3), 3


def period_dates(text: str) -> tuple[date, date]:
    """Return the first and last day of a period (see ``period_months``).

    Raises:
        ValueError: the text is no period.
    """
    first, months = period_months(text)
    return first, add_months(first, months) - timedelta(days=1)


def period_label(first: date, months: int) -> str:
    """Return the text of a month, a quarter of a financial year or a financial year (see ``period_months``)."""
    if months == 1:
        return f"{first:%Y-%m}"
    year = financial_year_of(first)
    if months == MONTHS_PER_YEAR:
        return year
    return f"{year} Q{(first.month - FIRST_MONTH_OF_FINANCIAL_YEAR) % MONTHS_PER_YEAR // 3 + 1}"
