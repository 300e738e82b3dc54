"""What follows an agreement: confirmation by a court, the performance of each obligation, the visit, the close. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts import mediation_outcome as out
from contracts.base import Message
from contracts.mediation_file import Duty, Mediation
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.mediation.terms import refuse_unless_agreed


def _apply_for_confirmation(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_unless_agreed(state)
    if refused is not None or not isinstance(body, out.ApplyForConfirmationV1):
        return refused or Refused("wrong_state")
    if state.agreement is None or not state.agreement.written or state.confirm_by is None:
        return Refused("oral_not_confirmable")
    if state.confirmation not in (None, "lapsed"):
        return Refused("confirmation_asked_already")
    if state.confirmation == "lapsed" or reference.effective_at >= state.confirm_by:
        return Refused("confirmation_too_late")
    if set(body.parties) != {party.number for party in state.parties}:
        return Refused("confirmation_not_joint", "parties")
    return Accepted((out.ConfirmationAppliedForV1(**body.__dict__),))


def _record_ruling(state: Mediation, command: Command, _reference: Reference) -> Answer:
    refused = refuse_unless_agreed(state)
    if refused is not None:
        return refused
    if state.confirmation != "applied":
        return Refused("no_confirmation_asked")
    return Accepted((out.RulingRecordedV1(**command.body.__dict__),))


def _find(state: Mediation, body: Message) -> Duty | None:
    return state.duty(getattr(body, "obligation", 0))


def _record_performance(state: Mediation, command: Command, _reference: Reference) -> Answer:
    body, refused, duty = command.body, refuse_unless_agreed(state), _find(state, command.body)
    if refused is not None or not isinstance(body, out.RecordPerformanceV1):
        return refused or Refused("wrong_state")
    if duty is None:
        return Refused("no_such_obligation", "obligation")
    if duty.standing == "performed":
        return Refused("performed_already", "obligation")
    owed = duty.obligation.amount
    if (owed is None) != (body.amount is None):
        return Refused("amount_of_payment", "amount")
    if owed is not None and body.amount is not None:
        left = owed - duty.paid - body.amount
        if left < 0:
            return Refused("more_than_owed", "amount")
        settled = left == 0
    else:
        settled = body.whole
    return Accepted((out.PerformanceRecordedV1(**body.__dict__, settled=settled),))


def _record_breach(state: Mediation, command: Command, reference: Reference) -> Answer:
    refused, duty = refuse_unless_agreed(state), _find(state, command.body)
    if refused is not None:
        return refused
    if duty is None:
        return Refused("no_such_obligation", "obligation")
    if duty.standing == "performed":
        return Refused("performed_already", "obligation")
    if duty.standing != "owed":
        return Refused("breached_already", "obligation")
    if reference.effective_at < duty.obligation.due_at:
        return Refused("not_due_yet", "obligation")
    return Accepted((out.BreachRecordedV1(**command.body.__dict__),))


def _follow_up_breach(state: Mediation, command: Command, _reference: Reference) -> Answer:
    refused, duty = refuse_unless_agreed(state), _find(state, command.body)
    if refused is not None:
        return refused
    if duty is None or duty.standing not in ("breached", "followed_up"):
        return Refused("no_breach", "obligation")
    return Accepted((out.BreachFollowedUpV1(**command.body.__dict__),))


def _record_visit(state: Mediation, command: Command, _reference: Reference) -> Answer:
    return refuse_unless_agreed(state) or Accepted((out.VisitRecordedV1(**command.body.__dict__),))


def _close(state: Mediation, _command: Command, _reference: Reference) -> Answer:
    refused = refuse_unless_agreed(state)
    if refused is not None:
        return refused
    if state.draft is not None:
        return Refused("signatures_missing")
    if state.confirmation == "applied":
        return Refused("ruling_missing")
    if not all(duty.settled for duty in state.duties):
        return Refused("obligations_open")
    return Accepted((out.ClosedV1(),)) if state.visited else Refused("visit_missing")


HANDLERS: Mapping[type[Message], Callable[[Mediation, Command, Reference], Answer]] = {
    out.ApplyForConfirmationV1: _apply_for_confirmation,
    out.RecordRulingV1: _record_ruling,
    out.RecordPerformanceV1: _record_performance,
    out.RecordBreachV1: _record_breach,
    out.FollowUpBreachV1: _follow_up_breach,
    out.RecordVisitV1: _record_visit,
    out.CloseV1: _close,
}
"""Command → its rule."""
