"""The mediation that a grievance leads to, as the page of the grievance shows it."""

from __future__ import annotations

from typing import NamedTuple

from contracts.figures import OPEN
from contracts.mediation import stream_of_grievance
from contracts.mediation_policy import policy_in
from services.projections.mediations import by_id
from services.projections.reading import Reader
from services.projections.rows import CaseRow
from services.projections.store import ReadModel
from web.i18n import N_

_SHOWN_TO = frozenset({"clerk", "grid_worker", "handler", "supervisor", "mediator", "auditor"})
_STATES = {
    "open": N_("under way"),
    "agreed": N_("agreed, and being performed"),
    "closed": N_("closed"),
}


class MediationLink(NamedTuple):
    """Where it is, and how it stands (a message id); `state` None: there is none yet, and it can be started."""

    path: str
    state: str | None


def mediation_of(model: ReadModel, reader: Reader, case: CaseRow) -> MediationLink | None:
    """The link for this reader; None where there is nothing to show. Blocks, and may raise ReadModelUnavailableError."""
    if not reader.holds_any(_SHOWN_TO, case.unit):
        return None
    row = by_id(model, stream_of_grievance(case.unit, case.case_id))
    if row is not None:
        return MediationLink(f"/mediations/{row.mediation_id}", _STATES[row.status])
    policy = policy_in(reader.register)
    starts = policy.permissions.get("start", ()) if policy else ()
    if case.status not in OPEN or not reader.holds_any(starts, case.unit):
        return None
    return MediationLink(f"/mediations/new?unit={case.unit}&grievance={case.case_id}", None)
