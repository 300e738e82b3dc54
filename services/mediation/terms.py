"""What rules of every kind ask of a mediation: when a term ends, and whether anything can still be said. Pure."""

from __future__ import annotations

from datetime import date, timedelta, timezone

from contracts.base import LAST_MS
from contracts.mediation_file import Mediation
from contracts.mediation_policy import MediationPolicy
from contracts.workflow import Reference, Refused
from contracts.working_days import end_of_day, local_day, next_working_day


def refuse_closed(state: Mediation) -> Refused | None:
    """Why nothing more can be said: it has ended."""
    return Refused("mediation_ended") if state.status == "closed" else None


def refuse_settled(state: Mediation) -> Refused | None:
    """Why mediating cannot go on: it was agreed, or has ended."""
    return refuse_closed(state) or (Refused("agreed_already") if state.status == "agreed" else None)


def refuse_unless_agreed(state: Mediation) -> Refused | None:
    """Why nothing can be said of an agreement in force: there is none, or the dossier is closed."""
    return refuse_closed(state) or (None if state.status == "agreed" else Refused("not_in_force"))


def zone_of(policy: MediationPolicy) -> timezone:
    """Where a day begins."""
    return timezone(timedelta(minutes=policy.utc_offset_minutes))


def end_of_days(start: int, days: int, policy: MediationPolicy, reference: Reference) -> int:
    """When a term of so many days ends: the day of its start does not count, its last counts whole."""
    zone = zone_of(policy)
    first = local_day(start, zone)
    if (date.max - first).days <= days:
        return LAST_MS
    last = first + timedelta(days=days)
    if policy.ends_on_working_day:
        last = next_working_day(last, reference.register.calendar())
    return end_of_day(last, zone)
