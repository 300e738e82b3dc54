"""Mediations as the read model holds them: one row each for lists, terms and figures, made anew from its state."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.base import Message
from contracts.mediation import StartedV1
from contracts.mediation_file import Mediation, evolve
from services.projections.case_fold import Told
from services.projections.filed import Filed, Kind
from services.projections.mediation_rows import MediationPersonRow, MediationRow, Part

_PARTS: Mapping[str, Part] = {
    "party_a": "party",
    "party_b": "party",
    "party": "party",
    "representatives": "representative",
    "interpreter": "interpreter",
}
"""Whose a sealed field is → the part that they had."""


def _begun(event: Message, told: Told) -> MediationRow | None:
    decision = told.decision
    if not isinstance(event, StartedV1):
        return None
    return MediationRow(
        family=decision.family,
        partition=decision.partition,
        mediation_id=told.subject,
        unit=decision.unit or "",
        submission_offset=decision.submission_offset,
        dispute=event.dispute,
        origin=event.origin,
        zone=event.zone,
        grievance=event.grievance,
        amount=event.amount,
        imported=decision.batch is not None,
        started_at=told.at,
        status="open",
        changed_at=decision.recorded_at,
        outcome=None,
        ended_at=None,
        parties=0,
        mediators="",
        held=0,
        form=None,
        owed=0,
        paid=0,
        duties=0,
        settled=0,
        breached=0,
        deadline=None,
        due_at=None,
        risk=False,
    )


def _moved(row: MediationRow, state: Mediation, at: int) -> MediationRow:
    """The row after an event: what can change is what the state says."""
    deadline, due_at = min(state.terms, key=lambda term: (term[1], term[0]), default=(None, None))
    agreement = state.agreement
    return row._replace(
        status=state.status,
        changed_at=at,
        outcome=state.outcome,
        ended_at=state.ended_at,
        parties=len(state.parties),
        mediators=" ".join(state.mediators),
        held=sum(session.held for session in state.sessions),
        form=None if agreement is None else ("written" if agreement.written else "oral"),
        owed=sum(duty.obligation.amount or 0 for duty in state.duties),
        paid=sum(duty.paid for duty in state.duties),
        duties=len(state.duties),
        settled=sum(duty.standing == "performed" for duty in state.duties),
        breached=sum(duty.standing in ("breached", "followed_up") for duty in state.duties),
        deadline=deadline,
        due_at=due_at,
        risk=state.risk_by is not None,
    )


MEDIATIONS = Kind(MediationRow, evolve, _begun, _moved, MediationPersonRow, _PARTS)
"""How mediations become rows."""

Mediations = Filed[Mediation, MediationRow, MediationPersonRow]
