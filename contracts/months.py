"""Calendar months in a time zone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.base import DAY_MS, EPOCH, LAST_MS

FIRST_YEAR = 1970
_LAST_MONTH = (9999, 12)
_LATEST = LAST_MS - DAY_MS
"""A time that is in the year 9999 in every time zone."""


class Month(NamedTuple):
    """A calendar month: `2026-11`, and when it starts, in milliseconds since the epoch."""

    name: str
    start: int


def months_between(first: int, last: int, time_zone: str) -> list[Month]:
    """The months from the one that holds time `first` to the one that holds `last`.

    A month starts at 00:00 of its first day in the time zone; the last there is, December 9999, holds whatever
    comes after it. Raises ZoneInfoNotFoundError.
    """
    zone = ZoneInfo(time_zone)
    local = (EPOCH + timedelta(milliseconds=min(first, _LATEST))).astimezone(zone)
    year, month = local.year, local.month
    starts = [Month(f"{year:04d}-{month:02d}", _month_start(year, month, zone))]
    while (year, month) != _LAST_MONTH:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004
        start = _month_start(year, month, zone)
        if start > last:
            return starts
        starts.append(Month(f"{year:04d}-{month:02d}", start))
    return starts


def _month_start(year: int, month: int, zone: ZoneInfo) -> int:
    return (datetime(year, month, 1, tzinfo=zone) - EPOCH) // timedelta(milliseconds=1)


def month_of(at: int, months: Sequence[Month]) -> str:
    """The name of the month that holds this time; `months` as `months_between` gives them."""
    return months[max(bisect_right(months, at, key=lambda month: month.start) - 1, 0)].name


def month_bounds(name: str, time_zone: str) -> tuple[int, int]:
    """When a month such as `2026-07` starts and when the next one does, in milliseconds since the epoch.

    Raises ValueError where it is no month, or one before 1970 or after 9998, and ZoneInfoNotFoundError.
    """
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", name) is None:
        raise ValueError(name)
    year, month = int(name[:4]), int(name[5:])
    if not FIRST_YEAR <= year < _LAST_MONTH[0]:
        raise ValueError(name)
    zone = ZoneInfo(time_zone)
    following = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004
    return max(_month_start(year, month, zone), 0), _month_start(*following, zone)
