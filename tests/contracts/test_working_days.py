"""Working days: weekends, holidays, worked weekends, and terms counted in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.base import EPOCH, LAST_MS
from contracts.working_days import (
    Calendar,
    DefineCalendarV1,
    calendar_of,
    is_covered,
    next_working_day,
    working_days_after,
    working_days_between,
)
from services.register.calendars import known_calendars

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar_of(known_calendars())


def at(text: str) -> int:
    """A local time in milliseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    return (moment - EPOCH) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2025-01-26", True),
        ("2025-01-28", False),
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-05-09", True),
        ("2026-06-19", False),
        ("2026-09-20", True),
        ("2026-09-25", False),
        ("2026-10-10", True),
        ("2026-11-25", True),
        ("2026-11-28", False),
    ],
)
def test_the_calendar_of_china(day: str, working: bool) -> None:
    """Holidays are off, weekends that make up for them are worked, everything else is as usual."""
    assert CHINA.is_working(date.fromisoformat(day)) is working


def test_the_years_have_as_many_working_days_as_they_should() -> None:
    """2025 has 248 working days, 2026 has 248 as well: the weekdays less the holidays and the make-up days."""
    for year in (2025, 2026):
        days = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
        assert sum(CHINA.is_working(day) for day in days) == 248


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-25T10:00", 1, "2026-11-27T00:00"),
        ("2026-11-25T10:00", 5, "2026-12-03T00:00"),
        ("2026-02-13T23:59", 2, "2026-02-25T00:00"),
        ("2026-09-30T09:00", 1, "2026-10-09T00:00"),
        ("2026-11-28T09:00", 0, "2026-12-01T00:00"),
    ],
    ids=["next day", "a week", "over the spring festival", "over the national day", "none on a Saturday"],
)
def test_a_term_in_working_days(start: str, days: int, end: str) -> None:
    """The day on which a term starts is not counted; it ends with its last working day."""
    assert working_days_after(at(start), days, CHINA, SHANGHAI) == at(end)


def test_a_deadline_on_a_day_off_goes_to_the_next_working_day() -> None:
    """What would end on a holiday ends on the first working day after it; a working day stays."""
    assert next_working_day(date(2026, 10, 1), CHINA) == date(2026, 10, 8)
    assert next_working_day(date(2026, 10, 8), CHINA) == date(2026, 10, 8)


@pytest.mark.parametrize("days", [-1, 3_651])
def test_a_term_has_bounds(days: int) -> None:
    """No term is shorter than none or longer than ten years of days."""
    with pytest.raises(ValueError, match="working days"):
        working_days_after(0, days, Calendar(), UTC)


def test_a_term_at_the_end_of_time_ends() -> None:
    """A term that starts when time ends, ends there."""
    for days in (0, 5, 3_650):
        assert working_days_after(LAST_MS, days, Calendar(), UTC) == LAST_MS
    assert working_days_between(0, LAST_MS, Calendar(), SHANGHAI) > 2_000_000


_times = st.integers(at("2024-01-01T00:00"), at("2027-12-31T00:00"))


@given(_times, st.integers(1, 300))
def test_between_undoes_after(start: int, days: int) -> None:
    """From a term's start to its end there are as many working days as it has."""
    end = working_days_after(start, days, CHINA, SHANGHAI)
    assert working_days_between(start, end, CHINA, SHANGHAI) == days
    assert working_days_between(end, start, CHINA, SHANGHAI) == -days


@given(_times, _times)
def test_between_counts_each_day(first: int, second: int) -> None:
    """The count by weeks is the count day by day."""
    start, end = sorted((first, second))
    day = (EPOCH + timedelta(milliseconds=start)).astimezone(SHANGHAI).date()
    last = (EPOCH + timedelta(milliseconds=max(end - 1, start))).astimezone(SHANGHAI).date()
    count = 0
    while day < last:
        day += timedelta(days=1)
        count += CHINA.is_working(day)
    assert working_days_between(start, end, CHINA, SHANGHAI) == count


def test_a_year_that_is_not_in_the_calendar_shows() -> None:
    """Where the calendar lacks a year of a term, that can be told."""
    assert is_covered(at("2025-06-01T00:00"), at("2026-06-01T00:00"), CHINA, SHANGHAI)
    assert not is_covered(at("2026-12-01T00:00"), at("2030-01-02T00:00"), CHINA, SHANGHAI)


@pytest.mark.parametrize(
    "fields",
    [
        {"days_off": ["2025-12-31"]},
        {"days_off": ["2026-02-30"]},
        {"days_off": ["2026-1-1"]},
        {"days_off": ["2026-01-01", "2026-01-01"]},
        {"days_off": ["2026-01-04"], "days_worked": ["2026-01-04"]},
        {"year": 1900},
    ],
    ids=str,
)
def test_a_calendar_is_of_days_of_its_year(fields: dict[str, object]) -> None:
    """Days of another year, days that do not exist, and days that are both off and worked are refused."""
    with pytest.raises(ValidationError):
        DefineCalendarV1.model_validate({"calendar": "cn", "year": 2026, "source": "Notice"} | fields)
