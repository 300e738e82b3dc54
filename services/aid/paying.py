"""What is paid and given, confirmed, looked at again, and paid back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts import aid as a
from contracts.aid_file import Request
from contracts.aid_policy import aid_policy
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from services.aid.granting import review_due
from services.aid.terms import end_of_days, programme_of, refuse_ended


def _pay(state: Request, command: Command, _reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.PayTrancheV1):
        return Refused("wrong_state")
    tranche = next((one for one in state.to_pay if one.number == body.tranche), None)
    if tranche is None:
        return refuse_ended(state) or Refused("no_such_tranche", "tranche")
    if body.amount > tranche.amount:
        return Refused("beyond_commitment", "amount")
    if body.amount < tranche.amount:
        return Refused("other_amount", "amount")
    return Accepted((a.TranchePaidV1(**body.__dict__, fund=tranche.fund, round=tranche.round),))


def _give(state: Request, command: Command, _reference: Reference) -> Answer:
    return refuse_ended(state) or Accepted((a.InKindGivenV1(**command.body.__dict__),))


def _confirm(state: Request, command: Command, _reference: Reference) -> Answer:
    body = command.body
    tranche = state.tranche(body.tranche) if isinstance(body, a.ConfirmReceiptV1) else None
    if tranche is None or not tranche.paid:
        return Refused("not_paid_yet", "tranche")
    if tranche.confirmed:
        return Refused("confirmed_already", "tranche")
    return Accepted((a.ReceiptConfirmedV1(**command.body.__dict__),))


def _review(state: Request, command: Command, reference: Reference) -> Answer:
    body, policy = command.body, aid_policy(reference.register)
    if not isinstance(body, a.ReviewNeedV1) or policy is None:
        return Refused("wrong_state")
    if state.status != "approved":
        return refuse_ended(state) or Refused("not_approved")
    if body.outcome == "go_on":
        return Accepted((a.NeedReviewedV1(**body.__dict__, review_by=review_due(state, reference)),))
    until = None
    if body.outcome == "stop":
        until = end_of_days(reference.effective_at, policy.appeal_days, policy, reference)
    return Accepted((a.NeedReviewedV1(**body.__dict__, appeal_until=until),))


def _demand(state: Request, command: Command, _reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.DemandRepaymentV1):
        return Refused("wrong_state")
    if body.amount > state.paid - state.repaid - state.owed_back:
        return Refused("beyond_paid", "amount")
    return Accepted((a.RepaymentDemandedV1(**body.__dict__),))


def _repay(state: Request, command: Command, reference: Reference) -> Answer:
    body, programme = command.body, programme_of(state, reference.register)
    if not isinstance(body, a.RecordRepaymentV1) or programme is None:
        return Refused("wrong_state")
    if body.amount > state.owed_back:
        return Refused("nothing_owed_back", "amount")
    fund = next((one.fund for one in reversed(state.tranches) if one.paid), programme.fund)
    return Accepted((a.RepaidV1(**body.__dict__, number=state.repayments + 1, fund=fund),))


def _withdraw(state: Request, command: Command, _reference: Reference) -> Answer:
    return refuse_ended(state) or Accepted((a.WithdrawnV1(**command.body.__dict__),))


def _close(state: Request, command: Command, _reference: Reference) -> Answer:
    if state.status == "closed":
        return Refused("request_ended")
    if state.status not in ("approved", "rejected", "stopped", "withdrawn"):
        return Refused("not_approved")
    if state.to_pay:
        return Refused("still_to_pay")
    if state.answer_by is not None:
        return Refused("decide_appeal_first")
    if state.justify_by is not None:
        return Refused("justify_first")
    if any(not one.confirmed for one in state.tranches if one.paid):
        return Refused("receipt_missing")
    if state.owed_back:
        return Refused("repayment_open")
    return Accepted((a.ClosedV1(**command.body.__dict__),))


def _tell(state: Request, command: Command, reference: Reference) -> Answer:
    body, programme = command.body, programme_of(state, reference.register)
    if not isinstance(body, a.TellGrantV1) or programme is None or state.status != "applied":
        return Refused("request_ended")
    if not body.granted and (body.amount or body.in_kind):
        return Refused("refusal_grants_nothing", "amount")
    return Accepted((a.GrantToldV1(**body.__dict__, fund=programme.fund),))


def _due(state: Request, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.DeadlineDueV1) or (body.deadline, body.due_at) not in state.terms:
        return NoOp("stale")
    if body.due_at > reference.now:
        return NoOp("early")
    given_up = state.asked.round if body.deadline == "reserve" and state.asked else None
    return Accepted((a.DeadlinePassedV1(**body.__dict__, round=given_up),))


HANDLERS: Mapping[type[Message], Callable[[Request, Command, Reference], Answer]] = {
    a.PayTrancheV1: _pay,
    a.GiveInKindV1: _give,
    a.ConfirmReceiptV1: _confirm,
    a.ReviewNeedV1: _review,
    a.DemandRepaymentV1: _demand,
    a.RecordRepaymentV1: _repay,
    a.WithdrawV1: _withdraw,
    a.CloseV1: _close,
    a.TellGrantV1: _tell,
    a.DeadlineDueV1: _due,
}
"""Command → its rule."""
