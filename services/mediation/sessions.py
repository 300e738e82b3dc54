"""Sessions of a mediation, reports of risk, the dossier's files, and what clocks say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts import mediation as m
from contracts.attaching import is_too_large
from contracts.base import Message
from contracts.lineage import on_duty
from contracts.mediation_file import Mediation, Session
from contracts.mediation_policy import policy_in
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from services.mediation.terms import refuse_settled


def _refuse_parties(state: Mediation, parties: tuple[int, ...], field: str) -> Refused | None:
    if len(set(parties)) < len(parties):
        return Refused("named_twice", field)
    if any(state.party(number) is None for number in parties):
        return Refused("no_such_party", field)
    return None


def _refuse_sitting(
    state: Mediation, sitting: m.Sitting, parties: tuple[int, ...], field: str
) -> Refused | None:
    """Why these parties cannot sit so: a joint session is of two sides, a separate one of a single side."""
    refused = _refuse_parties(state, parties, field)
    if refused is not None:
        return refused
    sides = {party.side for party in state.parties if party.number in parties}
    several = len(sides) > 1
    if several == (sitting == "joint"):
        return None
    return Refused("separate_of_sides" if several else "joint_of_one_side", field)


def _plan(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state)
    if refused is not None or not isinstance(body, m.PlanSessionV1):
        return refused or Refused("wrong_state")
    refused = _refuse_sitting(state, body.sitting, body.parties, "parties")
    if refused is not None:
        return refused
    if body.planned_at < reference.effective_at:
        return Refused("planned_in_past", "planned_at")
    if len(state.sessions) >= m.MOST_SESSIONS:
        return Refused("too_many_sessions")
    return Accepted((m.SessionPlannedV1(**body.__dict__, number=len(state.sessions) + 1),))


def _planned(state: Mediation, number: int) -> Session | None:
    found = next((one for one in state.sessions if one.number == number), None)
    return None if found is None or found.held else found


def _hold(state: Mediation, command: Command, _reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state)
    if refused is not None or not isinstance(body, m.HoldSessionV1):
        return refused or Refused("wrong_state")
    if not state.all_consent:
        return Refused("consent_missing")
    refused = _refuse_sitting(state, body.sitting, body.present, "present")
    if refused is not None:
        return refused
    if body.session is None:
        if len(state.sessions) >= m.MOST_SESSIONS:
            return Refused("too_many_sessions")
        return Accepted((m.SessionHeldV1(**body.__dict__, number=len(state.sessions) + 1),))
    planned = _planned(state, body.session)
    if planned is None:
        return Refused("no_such_session", "session")
    absent = tuple(number for number in planned.parties if number not in body.present)
    return Accepted((m.SessionHeldV1(**body.__dict__, number=planned.number, absent=absent),))


def _adjourn(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state)
    if refused is not None or not isinstance(body, m.AdjournSessionV1):
        return refused or Refused("wrong_state")
    planned = _planned(state, body.session)
    if planned is None:
        return Refused("no_such_session", "session")
    refused = _refuse_parties(state, body.absent, "absent")
    if refused is not None:
        return refused
    if not set(body.absent) <= set(planned.parties):
        return Refused("not_expected", "absent")
    if body.planned_at < reference.effective_at:
        return Refused("planned_in_past", "planned_at")
    return Accepted((m.SessionAdjournedV1(**body.__dict__),))


def _report_risk(state: Mediation, command: Command, reference: Reference) -> Answer:
    body = command.body
    if state.status == "closed":
        return Refused("mediation_ended")
    if not isinstance(body, m.ReportRiskV1) or reference.register.unit(body.to, reference.now) is None:
        return Refused("unknown_unit", "to")
    if state.risk_by is not None:
        return Refused("risk_reported_already")
    return Accepted((m.RiskReportedV1(**body.__dict__, reported_by=command.submission.actor),))


def _acknowledge_risk(state: Mediation, command: Command, reference: Reference) -> Answer:
    submission, policy = command.submission, policy_in(reference.register)
    if state.risk_by is None or policy is None:
        return Refused("no_risk_reported")
    if state.risk_by == submission.actor:
        return Refused("second_person")
    # A supervisor can write down what a duty desk without staff in the register answered.
    duty = on_duty(reference.register, submission.actor, state.unit, policy.duty_post, reference.now)
    if submission.role != "supervisor" and not duty:
        return Refused("not_on_duty")
    return Accepted((m.RiskAcknowledgedV1(**command.body.__dict__),))


def _attach(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, policy = command.body, policy_in(reference.register)
    if not isinstance(body, m.AttachV1) or policy is None:
        return Refused("no_policy")
    if body.blob in state.blobs:
        return Refused("attached_already", "blob")
    if len(state.blobs) >= policy.attachments:
        return Refused("too_many_attachments", "blob")
    if is_too_large(body.size, policy.attachment_bytes):
        return Refused("attachment_too_large", "blob")
    return Accepted((m.AttachedV1(**body.__dict__),))


def _add_note(_state: Mediation, command: Command, _reference: Reference) -> Answer:
    return Accepted((m.NoteAddedV1(**command.body.__dict__),))


def _deadline_due(state: Mediation, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, m.DeadlineDueV1) or (body.deadline, body.due_at) not in state.terms:
        return NoOp("stale")
    if reference.now < body.due_at:
        return NoOp("early")
    due = (
        duty.number
        for duty in state.duties
        if body.deadline == "perform" and duty.standing == "owed" and duty.obligation.due_at == body.due_at
    )
    return Accepted((m.DeadlinePassedV1(**body.__dict__, obligations=tuple(due)),))


HANDLERS: Mapping[type[Message], Callable[[Mediation, Command, Reference], Answer]] = {
    m.PlanSessionV1: _plan,
    m.HoldSessionV1: _hold,
    m.AdjournSessionV1: _adjourn,
    m.ReportRiskV1: _report_risk,
    m.AcknowledgeRiskV1: _acknowledge_risk,
    m.AttachV1: _attach,
    m.AddNoteV1: _add_note,
    m.DeadlineDueV1: _deadline_due,
}
"""Command → its rule."""
