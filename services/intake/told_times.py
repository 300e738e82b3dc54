"""Dates as people and programs write them: unpadded, in a stated order, with or without time and zone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from contracts.base import EPOCH
from services.intake.mapping import DateOrder

EXAMPLES = {"ymd": "2019/4/25 9:32:09", "mdy": "4/25/2019 9:32:09 AM", "dmy": "25/4/2019 9:32:09"}

_DATE = re.compile(
    r"(?P<first>\d{1,4})[-/.年](?P<second>\d{1,2})[-/.月](?P<third>\d{1,4})日?"
    r"(?:(?:\s*T\s*|\s+|(?<=日))(?P<hour>\d{1,2})[:：时](?P<minute>\d{1,2})(?:[:：分](?P<second_of>\d{1,2})秒?"
    r"(?:[.,](?P<fraction>\d{1,9}))?|分)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*(?P<zone>Z|z|UTC|[+-]\d{2}:?\d{2}))?)?",
    re.ASCII,
)


def milliseconds_of(cell: object, order: DateOrder, zone: ZoneInfo) -> int | None:
    """The time in a cell, in milliseconds since the epoch; None where it tells none.

    A date alone is its first moment in `zone`. A year of four digits may come first in any order.
    """
    try:
        moment = _native(cell) or _written(str(cell).strip(), order)
        if moment is None:
            return None
        return (moment.replace(tzinfo=moment.tzinfo or zone) - EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None


def _native(cell: object) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - the caller knows the zone
    return None


def _written(text: str, order: DateOrder) -> datetime | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    parts = (found["first"], found["second"], found["third"])
    if len(parts[0]) == 4:  # noqa: PLR2004 - a year
        order = "ymd"
    told = dict(zip(order, parts, strict=True))
    if len(told["y"]) != 4 or len(told["m"]) > 2 or len(told["d"]) > 2:  # noqa: PLR2004 - digits
        return None
    return datetime(
        int(told["y"]),
        int(told["m"]),
        int(told["d"]),
        _hour(found["hour"], found["half"]),
        int(found["minute"] or 0),
        int(found["second_of"] or 0),
        int((found["fraction"] or "0").ljust(6, "0")[:6]),
        _offset(found["zone"]),
    )


def _hour(hour: str | None, half: str | None) -> int:
    number = int(hour or 0)
    if half is None:
        return number
    if not 1 <= number <= 12:  # noqa: PLR2004 - the hours of half a day
        raise ValueError("no hour of half a day")
    return number % 12 + (12 if half in "Pp" else 0)


def _offset(zone: str | None) -> timezone | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return timezone.utc  # noqa: UP017 - beside the other zones of this function
    digits = zone[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if zone[0] == "-" else ahead)
