"""Quantities and calendars as planners write them in network files."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.hospital.network.calendars import (
    MINUTES_PER_DAY,
    MINUTES_PER_WEEK,
    CalendarError,
    Dated,
    minutes_of,
    moment,
    schedule_of,
    week_of,
)
from model.hospital.network.network import Schedule
from model.hospital.network.quantities import MONEY_PER_DAY, NUMBER_ALONE, RATE, SHARE, TIME, QuantityError, number_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("3 hours", TIME, 0.125),
        ("90 minutes", TIME, 0.0625),
        ("4 h", TIME, 4 / 24),
        ("2 weeks", TIME, 14.0),
        ("1 month", TIME, 365.25 / 12),
        ("6.7 days", TIME, 6.7),
        ("12 /day", RATE, 12.0),
        ("4000 /year", RATE, 4000 / 365.25),
        ("7 patients per week", RATE, 1.0),
        ("0.5 %/day", RATE, 0.005),
        ("400 £/day", MONEY_PER_DAY, 400.0),
        ("£400/bed day", MONEY_PER_DAY, 400.0),
        ("£2.50/hour", MONEY_PER_DAY, 60.0),
        ("35 %", SHARE, 0.35),
        (0.1, SHARE, 0.1),
        ("0.3 £/£", SHARE, 0.3),
        ("1,200 beds", NUMBER_ALONE, 1200.0),
    ],
)
def test_quantities_are_exact(written, kind, value):
    assert number_of(written, kind) == value


@pytest.mark.parametrize(
    ("written", "kind", "message"),
    [
        (5, TIME, "unit is missing"),
        ("5 dayz", TIME, "'dayz' is not a unit"),
        ("5 /day", TIME, "expected a time"),
        ("5 days", RATE, "expected a rate"),
        ("5 days", SHARE, "expected a share"),
        ("£5", MONEY_PER_DAY, "expected money per time"),
        ("5 /", RATE, "unit is missing after"),
        ("soon", TIME, "expected a number"),
        (True, SHARE, "expected a share"),
        (None, NUMBER_ALONE, "found no value"),
        (float("nan"), NUMBER_ALONE, "finite"),
        ([1], SHARE, "found a list"),
    ],
)
def test_wrong_quantities_are_refused(written, kind, message):
    with pytest.raises(QuantityError, match=message):
        number_of(written, kind)


@pytest.mark.parametrize(
    ("text", "hours", "changes"),
    [
        ("mon-fri 08:00-20:00", 60, ["mon 08:00", "mon 20:00"]),
        ("sat-sun", 48, ["mon 00:00", "sat 00:00"]),
        ("22:00-06:00", 56, ["mon 06:00", "mon 22:00"]),
        ("mon, wed 09:00-12:00", 6, ["mon 09:00", "mon 12:00", "wed 09:00", "wed 12:00"]),
        ("fri-mon", 96, ["tue 00:00", "fri 00:00"]),
        ("Sunday 22:00-02:00", 4, ["mon 02:00", "sun 22:00"]),
        ("mon 08:30 - 09:00, tue 10:00-11:00", 1.5, ["mon 08:30", "mon 09:00", "tue 10:00", "tue 11:00"]),
    ],
)
def test_hours_of_the_week(text, hours, changes):
    named = minutes_of(text)
    assert named.sum() == 60 * hours
    assert [moment(minute) for minute in np.flatnonzero(named != np.roll(named, 1))][: len(changes)] == changes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mox 08:00-09:00", "not a day of the week"),
        ("mon 08:00", "names no hours"),
        ("mon 25:00-26:00", "not a time of day"),
        ("mon 08:75-09:00", "not a time of day"),
        ("mon 08:00-08:00", "no time at all"),
        ("mon 08:00-09:00 tue", "names no hours"),
        ("", "names no hours"),
    ],
)
def test_wrong_hours_are_refused(text, message):
    with pytest.raises(CalendarError, match=message):
        minutes_of(text)


def test_weeks_have_neither_gaps_nor_overlaps():
    with pytest.raises(CalendarError, match="no value for mon 00:00"):
        week_of({"mon-fri 08:00-20:00": 1.0})
    with pytest.raises(CalendarError, match="tue 08:00 is named twice"):
        week_of({"mon-fri": 1.0, "tue 08:00-09:00": 2.0, "otherwise": 0.0})


def test_a_week_ends_where_the_next_date_begins():
    week = week_of({"wed": 1.0, "otherwise": 2.0})
    schedule = schedule_of([Dated(0.0, week), Dated(3.0, 9.0)], date(2024, 1, 1), 9.0)
    assert schedule == Schedule((0.0, 2.0, 3.0), (2.0, 1.0, 9.0))
    assert schedule_of([Dated(0.0, week)], date(2024, 1, 1), 9.0).times == (0.0, 2.0, 3.0)


@settings(max_examples=60, deadline=None)
@given(
    opened=st.integers(0, 1438),
    length=st.integers(1, 700),
    first=st.integers(0, 6),
    start=st.integers(0, 6),
    later=st.integers(1, 20),
    minute=st.integers(0, 30 * MINUTES_PER_DAY - 1),
)
def test_a_calendar_holds_at_every_minute_what_its_week_says(opened, length, first, start, later, minute):
    closed = (opened + length) % MINUTES_PER_DAY
    if closed == opened:
        closed = (closed + 1) % MINUTES_PER_DAY
    clock = f"{opened // 60:02d}:{opened % 60:02d}-{closed // 60:02d}:{closed % 60:02d}"
    week = week_of({f"{('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')[first]} {clock}": 7.0, "otherwise": 3.0})
    day = date(2024, 1, 1) + timedelta(days=start)
    schedule = schedule_of([Dated(-2.0, 5.0), Dated(float(later), week)], day, 30.0)
    time = (minute + 0.5) / MINUTES_PER_DAY
    found = schedule.values[np.searchsorted(schedule.times, time, side="right") - 1]
    expected = 5.0 if time < later else week[(start * MINUTES_PER_DAY + minute) % MINUTES_PER_WEEK]
    assert found == expected
    assert all(np.diff(schedule.times) > 0)
    assert all(np.diff(schedule.values) != 0)
