"""The aid requests that a grievance or a mediation leads to, as the page of either shows them."""

from __future__ import annotations

from typing import NamedTuple

from contracts.aid_policy import aid_policy
from services.projections.aids import events_of, grown_from
from services.projections.reading import Reader
from services.projections.store import ReadModel
from web.case_forms.request_words import EVENTS, STATES

_SHOWN_TO = frozenset({"clerk", "grid_worker", "aid_officer", "aid_approver", "supervisor", "auditor"})
_MILESTONES = frozenset(
    {
        "applied",
        "proposed",
        "notice_published",
        "reservation_answered",
        "approved",
        "rejected",
        "tranche_paid",
        "appealed",
        "withdrawn",
        "closed",
    }
)
"""Events of a request that the page of its origin tells, without what was said."""


class AidLink(NamedTuple):
    """A request: where it is, how it stands (a message id), and what happened there, as titles with their times."""

    path: str
    state: str
    moments: tuple[tuple[str, int], ...] = ()


class AidLinks(NamedTuple):
    """The requests that grew from a case; `new`: where another is applied for, for who may."""

    requests: tuple[AidLink, ...]
    new: str | None = None


def aid_of(model: ReadModel, reader: Reader, unit: str, origin: str, *, is_open: bool) -> AidLinks | None:
    """The links for this reader; None where there is nothing to show. Blocks, and may raise ReadModelUnavailableError."""
    if not reader.holds_any(_SHOWN_TO, unit):
        return None
    found = tuple(
        AidLink(f"/aid/{row.request_id}", STATES[row.status].label, moments_of(model, row.request_id))
        for row in grown_from(model, origin)
        if row.unit == unit
    )
    policy = aid_policy(reader.register)
    applies = policy.permissions.get("apply", ()) if policy else ()
    may = is_open and bool(reader.register.programmes()) and reader.holds_any(applies, unit)
    new = f"/aid/new?unit={unit}&grown_from={origin}" if may else None
    return AidLinks(found, new) if found or new else None


def moments_of(model: ReadModel, request: str) -> tuple[tuple[str, int], ...]:
    """What happened to a request, as titles (message ids) with their times."""
    names = (
        (row.type.split(".")[1], row.effective_at or row.recorded_at) for row in events_of(model, request)
    )
    return tuple((EVENTS[name], at) for name, at in names if name in _MILESTONES)
