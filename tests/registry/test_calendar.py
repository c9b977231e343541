"""Months, financial years, horizons and periods by hand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.registry.calendar import (
    add_months,
    decimal_year,
    financial_year_label,
    financial_year_limits,
    financial_year_of,
    financial_year_start,
    horizon_year,
    months_between,
    period_dates,
    period_label,
    period_months,
    shift_date,
)

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 1)),
        (date(2023, 4, 15), -4, date(2022, 12, 1)),
        (date(2023, 12, 1), 13, date(2025, 1, 1)),
        (date(2023, 4, 15), 0, date(2023, 4, 1)),
    ],
)
def test_months_are_added_to_the_month_of_a_day(day, months, moved):
    assert add_months(day, months) == moved
    assert months_between(day, moved) == months


@given(DAYS, st.integers(-600, 600))
def test_months_added_are_the_months_between(day, months):
    moved = add_months(day, months)
    assert months_between(day, moved) == months
    assert moved.day == 1


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2023, 4, 1), 18, date(2024, 10, 1)),
        (date(2023, 4, 15), -12, date(2022, 4, 15)),
        (date(2023, 4, 1), 0.5, date(2023, 4, 16)),
        (date(2023, 1, 31), 1, date(2023, 3, 3)),
        (date(2023, 4, 1), -0.5, date(2023, 3, 16)),
    ],
)
def test_a_date_is_shifted_by_whole_months_of_the_calendar_and_the_rest_by_mean_length(day, months, moved):
    assert shift_date(day, months) == moved


def test_financial_years_run_from_april_to_march():
    assert financial_year_of(date(2023, 3, 31)) == "2022/23"
    assert financial_year_of(date(2023, 4, 1)) == "2023/24"
    assert financial_year_label(2099) == "2099/00"
    assert financial_year_limits("2022/23") == (date(2022, 4, 1), date(2023, 4, 1))


@given(DAYS)
def test_a_day_lies_within_its_financial_year(day):
    first, following = financial_year_limits(financial_year_of(day))
    assert first <= day < following
    assert first.year == financial_year_start(day)


@pytest.mark.parametrize(
    ("decision", "years", "label"),
    [
        (date(2023, 4, 1), 2, "2024/25"),
        (date(2023, 10, 1), 2, "2024/25"),
        (date(2023, 3, 1), 2, "2023/24"),
        (date(2023, 4, 1), 0.5, "2022/23"),
        (date(2023, 10, 1), 0.5, "2023/24"),
    ],
)
def test_a_horizon_is_the_last_year_that_ends_within_its_years(decision, years, label):
    assert horizon_year(decision, years) == label


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-04", date(2022, 4, 1), date(2022, 4, 30)),
        ("2023/24", date(2023, 4, 1), date(2024, 3, 31)),
        ("2021/22 Q4", date(2022, 1, 1), date(2022, 3, 31)),
    ],
)
def test_periods_are_read_and_written(text, first, last):
    assert period_dates(text) == (first, last)
    assert period_label(*period_months(text)) == text


@pytest.mark.parametrize("text", ["April", "2022", "2022-13", "2022/24", "2021/22 Q5", "2021/22 H1", ""])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        period_months(text)


def test_decimal_years():
    assert decimal_year(date(2019, 1, 1)) == 2019.0
    assert decimal_year(date(2019, 4, 1)) == pytest.approx(2019.25, abs=0.005)
