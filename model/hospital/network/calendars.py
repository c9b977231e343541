"""Hours of the week and dates as planners write them, turned into values over the minutes of a week and over a run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from model.hospital.network.network import HOURS_PER_WEEK, Schedule
from model.registry.errors import nearest_names

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
OTHERWISE = "otherwise"
EXAMPLE = "'mon-fri 08:00-20:00', 'sat-sun' or '22:00-06:00'"
PART = re.compile(r"^(?P<days>[^\W\d]+(?:\s*-\s*[^\W\d]+)?)?\s*(?P<hours>\d.*)?$")
HOURS = re.compile(r"^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$")
DATE = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")


class CalendarError(ValueError):
    """Text that names no hours of the week, or a calendar with gaps or overlaps."""

    def __init__(self, message: str, nearest: Sequence[str] = (), key: str = "") -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)
        self.key = key
        """The entry that is wrong."""


@dataclass(frozen=True)
class Dated:
    """What holds from a day on: one value, or a value for each minute of the week from Monday 00:00.

    Attributes:
        day: days from the start of the network; not after it for the first.
        value: number, or array of shape ``(MINUTES_PER_WEEK,)``.
    """

    day: float
    value: float | np.ndarray


def parse_date(value: object) -> date:
    """A day as ``2024-03-01``.

    Raises:
        CalendarError: no day of the calendar.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = DATE.match(str(value).strip())
    try:
        if match:
            return date(*(int(piece) for piece in match.groups()))
    except ValueError as error:
        raise CalendarError(f"'{value}' is not a day of the calendar") from error
    raise CalendarError(f"expected a date such as 2024-03-01, found '{value}'")


def _weekday(name: str) -> int:
    short = name.strip().lower()
    for index, whole in enumerate(WHOLE_WEEKDAYS):
        if len(short) >= 3 and whole.startswith(short):
            return index
    raise CalendarError(f"'{name.strip()}' is not a day of the week; expected {EXAMPLE}", nearest_names(name, WEEKDAYS))


def _days(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    begin = _weekday(first)
    end = _weekday(last) if dash else begin
    return [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]


def _span(text: str) -> tuple[int, int]:
    """First minute and the minute after the last; beyond the day where the hours go over midnight."""
    match = HOURS.match(text)
    if not match:
        raise CalendarError(f"'{text}' names no hours; expected {EXAMPLE}")
    ends = [60 * int(match[group]) + int(match[group + 1]) for group in (1, 3)]
    if max(int(match[2]), int(match[4])) >= 60 or max(ends) > MINUTES_PER_DAY:
        raise CalendarError(f"'{text}' is not a time of day from 00:00 to 24:00")
    if ends[0] == ends[1]:
        raise CalendarError(f"'{text}' is no time at all; 00:00-24:00 is the whole day")
    return ends[0], ends[1] + (MINUTES_PER_DAY if ends[1] < ends[0] else 0)


def minutes_of(text: str) -> np.ndarray:
    """Whether each minute of the week, from Monday 00:00, lies in the hours named.

    Raises:
        CalendarError: the text names none.
    """
    open_ = np.zeros(MINUTES_PER_WEEK, dtype=bool)
    waiting: list[int] = []
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    for index, entry in enumerate(entries):
        match = PART.match(entry)
        if not match or not entry:
            raise CalendarError(f"'{entry}' names no hours of the week; expected {EXAMPLE}")
        waiting += _days(match["days"]) if match["days"] else range(7)
        # In "mon, wed 09:00-12:00" the hours are those of both days.
        if match["hours"] or index == len(entries) - 1:
            begin, end = _span(match["hours"]) if match["hours"] else (0, MINUTES_PER_DAY)
            for day in waiting:
                open_[(np.arange(begin, end) + day * MINUTES_PER_DAY) % MINUTES_PER_WEEK] = True
            waiting = []
    if not open_.any():
        raise CalendarError(f"'{text}' names no hours; expected {EXAMPLE}")
    return open_


def moment(minute: int | np.integer) -> str:
    """A minute of the week in words, such as ``mon 08:00``."""
    day, rest = divmod(int(minute), MINUTES_PER_DAY)
    return f"{WEEKDAYS[day]} {rest // 60:02d}:{rest % 60:02d}"


def week_of(entries: Mapping[str, float]) -> np.ndarray:
    """Value of each minute of the week, from entries by hours of the week and ``otherwise``.

    Raises:
        CalendarError: entries overlap, or leave a gap.
    """
    values = np.full(MINUTES_PER_WEEK, np.nan)
    for text, value in entries.items():
        if text == OTHERWISE:
            continue
        try:
            named = minutes_of(text)
        except CalendarError as error:
            raise CalendarError(str(error), error.nearest, key=text) from error
        twice = named & ~np.isnan(values)
        if twice.any():
            raise CalendarError(f"{moment(np.argmax(twice))} is named twice; entries may not overlap", key=text)
        values[named] = value
    gap = np.isnan(values)
    if gap.any():
        if OTHERWISE not in entries:
            raise CalendarError(f"no value for {moment(np.argmax(gap))}; add the hours, or 'otherwise'")
        values[gap] = entries[OTHERWISE]
    return values


def whole_hours(minutes: np.ndarray) -> np.ndarray:
    """Values of the hours of a week from those of its minutes, shape ``(168,)``.

    Raises:
        CalendarError: a value changes within an hour.
    """
    hours = minutes.reshape(HOURS_PER_WEEK, 60)
    within = np.flatnonzero((hours != hours[:, :1]).any(axis=1))
    if within.size:
        raise CalendarError(f"changes within the hour of {moment(60 * within[0])}; here only whole hours count")
    return hours[:, 0].copy()


def schedule_of(periods: Sequence[Dated], start: date, days: float) -> Schedule:
    """A schedule over a run, from what holds from each day on.

    Args:
        periods: ascending by day, the first not after day 0.
        start: date of day 0, which sets the hours of the week.
        days: length of the run; later changes are left out.
    """
    times: list[float] = []
    values: list[float] = []

    def hold(time: float, value: float) -> None:
        if not values or values[-1] != value:
            times.append(float(time))
            values.append(float(value))

    first_minute = start.weekday() * MINUTES_PER_DAY
    for index, period in enumerate(periods):
        begin = max(period.day, 0.0)
        end = min(periods[index + 1].day if index + 1 < len(periods) else days, days)
        if end <= begin:
            continue
        if not isinstance(period.value, np.ndarray):
            hold(begin, period.value)
            continue
        now = int(first_minute + begin * MINUTES_PER_DAY) % MINUTES_PER_WEEK
        hold(begin, period.value[now])
        changes = np.flatnonzero(period.value != np.roll(period.value, 1))
        last = int(first_minute + end * MINUTES_PER_DAY)
        for week in range(last // MINUTES_PER_WEEK + 1):
            for minute in changes:
                time = (week * MINUTES_PER_WEEK + int(minute) - first_minute) / MINUTES_PER_DAY
                if begin < time < end:
                    hold(time, period.value[minute])
    return Schedule(tuple(times), tuple(values))
