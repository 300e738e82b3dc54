"""Working days: weekends, public holidays and the weekend days that are worked instead, as register data.

Pure: the time zone comes from the caller. Source of the way of counting: 民法典 (2020), articles 201 and 203:
the day on which a term starts is not counted, and a term that ends on a day off ends on the next working day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from contracts.base import EPOCH, LAST_MS, Code, Line, Message

_SATURDAY = 5
_DAY = timedelta(days=1)
MAX_DAYS = 3_650
"""Longest term in working days: about fourteen years."""


def _is_day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("date_parsing")
    return text


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_is_day)]
"""A calendar day: `2026-07-03`."""
Days = Annotated[tuple[Day, ...], Field(strict=False, max_length=366)]


class DefineCalendarV1(Message):
    """Enter one year of a calendar: days off, weekends aside, and weekend days that are worked."""

    calendar: Code
    year: Annotated[int, Field(ge=1970, le=9998)]
    source: Line
    days_off: Days = ()
    days_worked: Days = ()

    @model_validator(mode="after")
    def _is_of_one_year(self) -> DefineCalendarV1:
        days = (*self.days_off, *self.days_worked)
        if any(not day.startswith(f"{self.year:04d}-") for day in days):
            raise ValueError("A calendar's days lie in its year. Move the others to theirs.")
        if len(set(days)) != len(days):
            raise ValueError("A day stands in a calendar once, as a day off or as one that is worked.")
        return self


class CalendarDefinedV1(DefineCalendarV1):
    """This year of the calendar holds from here on."""


class Calendar(NamedTuple):
    """A working-day calendar. In a year that it does not have, only weekends are off."""

    years: frozenset[int] = frozenset()
    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether people are at work on this day."""
        if day in self.days_worked:
            return True
        return day.weekday() < _SATURDAY and day not in self.days_off


def calendar_of(years: Iterable[DefineCalendarV1]) -> Calendar:
    """The calendar that these years make."""
    held = list(years)
    return Calendar(
        frozenset(year.year for year in held),
        frozenset(date.fromisoformat(day) for year in held for day in year.days_off),
        frozenset(date.fromisoformat(day) for year in held for day in year.days_worked),
    )


def local_day(at: int, zone: tzinfo) -> date:
    """The day of a time (milliseconds since the epoch) in a time zone; none is later than the last of 9999."""
    try:
        return (EPOCH + timedelta(milliseconds=at)).astimezone(zone).date()
    except OverflowError:
        return date.max


def end_of_day(day: date, zone: tzinfo) -> int:
    """The first millisecond after this day in a time zone."""
    if day == date.max:
        return LAST_MS
    following = datetime.combine(day + _DAY, time(), tzinfo=zone)
    return min((following - EPOCH) // timedelta(milliseconds=1), LAST_MS)


def next_working_day(day: date, calendar: Calendar) -> date:
    """This day, or where it is a day off the first working day after it."""
    while not calendar.is_working(day) and day < date.max:
        day += _DAY
    return day


def working_days_after(start: int, days: int, calendar: Calendar, zone: tzinfo) -> int:
    """When a term of so many working days that starts at `start` ends: the end of its last day.

    Raises ValueError for a term below 0 or above MAX_DAYS. A term of none ends with the first working day
    from its start on.
    """
    if not 0 <= days <= MAX_DAYS:
        raise ValueError("a term has from 0 to 3,650 working days")
    day = local_day(start, zone)
    if days == 0:
        return end_of_day(next_working_day(day, calendar), zone)
    for _ in range(days):
        if day == date.max:
            break
        day = next_working_day(day + _DAY, calendar)
    return end_of_day(day, zone)


def working_days_between(start: int, end: int, calendar: Calendar, zone: tzinfo) -> int:
    """How many working days lie between two times: after the day of the first, up to the day of the last.

    Negative where `end` lies before `start`. A term's last moment belongs to the day that it ends.
    """
    if end < start:
        return -working_days_between(end, start, calendar, zone)
    day, last = local_day(start, zone), local_day(max(end - 1, start), zone)
    # Whole weeks by arithmetic, so that a date in year 9999 costs no more than one next month.
    special = sum(1 for off in calendar.days_off if day < off <= last and off.weekday() < _SATURDAY)
    extra = sum(
        1 for worked in calendar.days_worked if day < worked <= last and worked.weekday() >= _SATURDAY
    )
    return _weekdays(day, last) - special + extra


def _weekdays(after: date, through: date) -> int:
    """The days from Monday to Friday after one day and up to another."""
    weeks, rest = divmod((through - after).days, 7)
    odd = sum(1 for number in range(1, rest + 1) if (after.weekday() + number) % 7 < _SATURDAY)
    return weeks * 5 + odd


def is_covered(start: int, end: int, calendar: Calendar, zone: tzinfo) -> bool:
    """Whether the calendar has every year from one time to another."""
    first, last = local_day(start, zone).year, local_day(end, zone).year
    return all(year in calendar.years for year in range(min(first, last), max(first, last) + 1))
