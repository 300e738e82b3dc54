"""What rules of aid of every kind ask: when a term ends, and in what a request stands. Pure."""

from __future__ import annotations

from datetime import date, timedelta, timezone

from contracts.aid_file import ENDED, Request
from contracts.aid_policy import AidPolicy
from contracts.base import LAST_MS
from contracts.programmes import ProgrammeDefinedV1
from contracts.reference import Register
from contracts.workflow import Reference, Refused
from contracts.working_days import end_of_day, local_day, next_working_day


def refuse_ended(state: Request) -> Refused | None:
    """Why nothing more can be said: it has ended."""
    return Refused("request_ended") if state.status in ENDED else None


def programme_of(state: Request, register: Register) -> ProgrammeDefinedV1 | None:
    """The version of the programme under which the request stands."""
    spells = register.spells("programme", state.programme)
    return next((spell.said for spell in spells if spell.said.version == state.version), None)


def zone_of(policy: AidPolicy) -> timezone:
    """Where a day begins."""
    return timezone(timedelta(minutes=policy.utc_offset_minutes))


def end_of_days(start: int, days: int, policy: AidPolicy, reference: Reference) -> int:
    """When a term of so many days ends: the day of its start does not count, its last counts whole."""
    zone = zone_of(policy)
    first = local_day(start, zone)
    if (date.max - first).days <= days:
        return LAST_MS
    last = first + timedelta(days=days)
    if policy.ends_on_working_day:
        last = next_working_day(last, reference.register.calendar())
    return end_of_day(last, zone)


def begun_before(now: int, months: int, policy: AidPolicy) -> int:
    """The time before which began whatever so many months have passed of, the day on which they end included."""
    zone = zone_of(policy)
    today = local_day(now, zone)
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    if year < date.min.year:
        return 0
    last = _last_of(year, month)
    ends_month = today.day == _last_of(today.year, today.month - 1)
    return end_of_day(date(year, month + 1, last if ends_month else min(today.day, last)), zone)


def end_of_months(start: int, months: int, policy: AidPolicy) -> int:
    """The end of the same day so many months on, or of that month's last day where it has no such day."""
    zone = zone_of(policy)
    first = local_day(start, zone)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    if year > date.max.year - 1:
        return LAST_MS
    return end_of_day(date(year, month + 1, min(first.day, _last_of(year, month))), zone)


def _last_of(year: int, month: int) -> int:
    """The last day of a month, which is counted from 0."""
    after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return (after - timedelta(days=1)).day
