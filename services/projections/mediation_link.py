"""The mediation that a grievance leads to, as the page of the grievance shows it."""

from __future__ import annotations

from typing import NamedTuple

from contracts.figures import OPEN
from contracts.mediation import stream_of_grievance
from contracts.mediation_policy import policy_in
from services.projections.history import event_name
from services.projections.mediations import by_id, events_of
from services.projections.reading import Reader
from services.projections.rows import CaseRow
from services.projections.store import ReadModel
from web.case_forms.mediation_words import EVENTS
from web.i18n import N_

_SHOWN_TO = frozenset({"clerk", "grid_worker", "handler", "supervisor", "mediator", "auditor"})
_STATES = {
    "open": N_("under way"),
    "agreed": N_("agreed, and being performed"),
    "closed": N_("closed"),
}


_MILESTONES = frozenset(
    {
        "started",
        "mediator_named",
        "session_held",
        "drawn_up",
        "in_force",
        "agreed_orally",
        "failed",
        "withdrawn",
        "referred",
        "ruling_recorded",
        "breach_recorded",
        "closed",
    }
)
"""Events of a mediation that the page of its grievance tells, without what was said."""


class MediationLink(NamedTuple):
    """Where it is, and how it stands (a message id); `state` None: there is none yet, and it can be started.

    `moments`: what happened there, as titles (message ids) with their times.
    """

    path: str
    state: str | None
    moments: tuple[tuple[str, int], ...] = ()


def mediation_of(model: ReadModel, reader: Reader, case: CaseRow) -> MediationLink | None:
    """The link for this reader; None where there is nothing to show. Blocks, and may raise ReadModelUnavailableError."""
    if not reader.holds_any(_SHOWN_TO, case.unit):
        return None
    row = by_id(model, stream_of_grievance(case.unit, case.case_id))
    if row is not None:
        return MediationLink(
            f"/mediations/{row.mediation_id}", _STATES[row.status], _moments(model, row.mediation_id)
        )
    policy = policy_in(reader.register)
    starts = policy.permissions.get("start", ()) if policy else ()
    if case.status not in OPEN or not reader.holds_any(starts, case.unit):
        return None
    return MediationLink(f"/mediations/new?unit={case.unit}&grievance={case.case_id}", None)


def _moments(model: ReadModel, mediation: str) -> tuple[tuple[str, int], ...]:
    names = (
        (event_name(row.type), row.effective_at or row.recorded_at) for row in events_of(model, mediation)
    )
    return tuple((EVENTS[name], at) for name, at in names if name in _MILESTONES)
