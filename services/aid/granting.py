"""From a proposal to its decision: public notice, objections, approval by a second person, refusal, appeal. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts import aid as a
from contracts.aid_file import Request
from contracts.aid_policy import aid_policy
from contracts.base import DAY_MS, Message
from contracts.fund import MOST_ROUNDS, MOST_TRANCHES
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from services.aid.terms import end_of_days, end_of_months, programme_of, refuse_ended

ON_TABLE = ("proposed", "noticed", "unfunded")
"""States in which a proposal waits to be decided on."""


def _propose(state: Request, command: Command, reference: Reference) -> Answer:
    body, programme = command.body, programme_of(state, reference.register)
    if not isinstance(body, a.ProposeV1) or programme is None:
        return Refused("wrong_state")
    if state.status not in ("inquired", "proposed"):
        return refuse_ended(state) or Refused("inquire_first")
    if body.verdict == "refuse":
        named = body.amount or body.tranches or body.in_kind
        return Refused("refusal_grants_nothing", "amount") if named else _proposed(body, command)
    if not body.amount and not body.in_kind:
        return Refused("no_help_proposed", "amount")
    if programme.income_limit is not None and not state.within_limit:
        return Refused("above_limit", "verdict")
    if body.amount > state.entitled:
        return Refused("above_entitled", "amount")
    if sum(one.amount for one in body.tranches) + state.paid != body.amount:
        return Refused("tranches_sum", "tranches")
    if len(state.tranches) + len(body.tranches) > MOST_TRANCHES:
        return Refused("too_many_tranches", "tranches")
    return _proposed(body, command)


def _proposed(body: a.ProposeV1, command: Command) -> Answer:
    return Accepted((a.ProposedV1(**body.__dict__, proposer=command.submission.actor),))


def _publish(state: Request, _command: Command, reference: Reference) -> Answer:
    programme, policy = programme_of(state, reference.register), aid_policy(reference.register)
    if programme is None or policy is None:
        return Refused("wrong_state")
    if state.status != "proposed" or state.proposal is None or state.proposal.verdict != "grant":
        return refuse_ended(state) or Refused("not_proposed")
    until = end_of_days(reference.effective_at, programme.notice_days, policy, reference)
    return Accepted((a.NoticePublishedV1(until=until),))


def _object(state: Request, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.RaiseObjectionV1) or state.notice_until is None:
        return refuse_ended(state) or Refused("no_notice")
    if state.status != "noticed" or reference.now > state.notice_until:
        return Refused("notice_ended")
    if len(state.objections) >= a.MOST_OBJECTIONS:
        return Refused("too_many_objections")
    return Accepted((a.ObjectionRaisedV1(**body.__dict__, number=len(state.objections) + 1),))


def _handle_objection(state: Request, command: Command, _reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.HandleObjectionV1):
        return Refused("wrong_state")
    if state.status not in ON_TABLE or body.number not in {one.number for one in state.open_objections}:
        return refuse_ended(state) or Refused("no_such_objection", "number")
    if state.proposal is not None and command.submission.actor == state.proposal.proposer:
        return Refused("proposer_handles")
    return Accepted((a.ObjectionHandledV1(**body.__dict__),))


def _refuse_deciding(state: Request, actor: str) -> Refused | None:
    """Why this person cannot decide on the proposal now."""
    if state.status == "reserving":
        return Refused("fund_waits")
    if state.status not in ON_TABLE or state.proposal is None:
        return refuse_ended(state) or Refused("not_proposed")
    if actor == state.proposal.proposer or actor in state.inquirers:
        return Refused("proposer_approves")
    return None


def _approve(state: Request, command: Command, reference: Reference) -> Answer:
    actor, proposal = command.submission.actor, state.proposal
    programme, policy = programme_of(state, reference.register), aid_policy(reference.register)
    refused = _refuse_deciding(state, actor)
    if refused is not None or proposal is None or programme is None or policy is None:
        return refused or Refused("not_proposed")
    if proposal.verdict == "refuse":
        return Refused("proposal_refuses")
    if programme.notice_days and state.notice_until is None:
        return Refused("no_notice")
    if state.notice_until is not None and reference.now <= state.notice_until:
        return Refused("notice_runs")
    if state.open_objections:
        return Refused("objections_open")
    if state.asked is not None:
        return Refused("fund_waits")
    if proposal.amount < state.paid:
        return Refused("tranches_sum", "tranches")
    rest = proposal.amount - state.paid
    if not rest:
        review_by = review_due(state, reference)
        return Accepted((a.ApprovedV1(approved_by=actor, granted=proposal.amount, review_by=review_by),))
    if sum(one.amount for one in proposal.tranches) != rest:
        # A tranche was paid by the emergency path after the proposal: it is to be proposed anew.
        return Refused("tranches_sum")
    return _ask(state, programme.fund, rest, proposal.amount, command, reference)


def _ask(
    state: Request, fund: str, amount: int, granted: int, command: Command, reference: Reference
) -> Answer:
    """Ask the fund: its own stream answers."""
    policy = aid_policy(reference.register)
    if policy is None or state.round >= MOST_ROUNDS:
        return Refused("too_many_rounds")
    asked = a.FundAskedV1(
        fund=fund,
        round=state.round + 1,
        amount=amount,
        granted=granted,
        asked_by=command.submission.actor,
        answer_by=reference.now + policy.reserve_days * DAY_MS,
    )
    return Accepted((asked,))


def review_due(state: Request, reference: Reference) -> int | None:
    """When the need is looked at again; None where the programme gives once only."""
    programme, policy = programme_of(state, reference.register), aid_policy(reference.register)
    if programme is None or policy is None or programme.review_months is None:
        return None
    return end_of_months(reference.effective_at, programme.review_months, policy)


def _pay_first(state: Request, command: Command, reference: Reference) -> Answer:
    body, programme = command.body, programme_of(state, reference.register)
    policy = aid_policy(reference.register)
    if not isinstance(body, a.PayFirstV1) or programme is None or policy is None:
        return Refused("wrong_state")
    if state.status not in ("applied", "incomplete", "complete", "inquired"):
        return refuse_ended(state) or Refused("emergency_taken")
    if not programme.emergency_limit:
        return Refused("no_emergency_path")
    if state.asked is not None:
        return Refused("fund_waits")
    if state.emergency:
        return Refused("emergency_taken")
    if body.amount > programme.emergency_limit:
        return Refused("above_emergency", "amount")
    answer = _ask(state, programme.fund, body.amount, state.granted, command, reference)
    if not isinstance(answer, Accepted):
        return answer
    by = end_of_days(reference.effective_at, programme.justify_days, policy, reference)
    asked = answer.events[0].model_copy(update={"emergency": True, "justify_by": by})
    return Accepted((asked,))


def _answer(state: Request, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.AnswerReservationV1) or state.asked is None or state.asked.round != body.round:
        return NoOp("fund_answered")
    review_by = review_due(state, reference) if body.reserved and not state.asked.emergency else None
    return Accepted((a.ReservationAnsweredV1(**body.__dict__, review_by=review_by),))


def _justify(state: Request, command: Command, _reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.JustifyV1) or state.justify_by is None:
        return Refused("justified_already")
    if command.submission.actor == state.emergency_by:
        return Refused("payer_justifies")
    return Accepted((a.JustifiedV1(**body.__dict__),))


def _reject(state: Request, command: Command, reference: Reference) -> Answer:
    body, policy = command.body, aid_policy(reference.register)
    refused = _refuse_deciding(state, command.submission.actor)
    if refused is not None or not isinstance(body, a.RejectV1) or policy is None:
        return refused or Refused("wrong_state")
    if state.asked is not None:
        return Refused("fund_waits")
    until = end_of_days(reference.effective_at, policy.appeal_days, policy, reference)
    return Accepted(
        (a.RejectedV1(**body.__dict__, rejected_by=command.submission.actor, appeal_until=until),)
    )


def _send_back(state: Request, command: Command, _reference: Reference) -> Answer:
    refused = _refuse_deciding(state, command.submission.actor)
    return refused or Accepted((a.SentBackV1(**command.body.__dict__),))


def _appeal(state: Request, command: Command, reference: Reference) -> Answer:
    body, policy = command.body, aid_policy(reference.register)
    if not isinstance(body, a.AppealV1) or policy is None:
        return Refused("wrong_state")
    if state.appeal_until is None or reference.now > state.appeal_until:
        return Refused("appeal_late")
    by = end_of_days(reference.effective_at, policy.answer_days, policy, reference)
    return Accepted((a.AppealedV1(**body.__dict__, answer_by=by),))


def _decide_appeal(state: Request, command: Command, _reference: Reference) -> Answer:
    body, actor = command.body, command.submission.actor
    if not isinstance(body, a.DecideAppealV1) or state.answer_by is None:
        return Refused("no_appeal")
    proposer = state.proposal.proposer if state.proposal else None
    if actor in (state.decided_by, proposer) or actor in state.inquirers:
        return Refused("decider_decides")
    return Accepted((a.AppealDecidedV1(**body.__dict__),))


HANDLERS: Mapping[type[Message], Callable[[Request, Command, Reference], Answer]] = {
    a.ProposeV1: _propose,
    a.PublishNoticeV1: _publish,
    a.RaiseObjectionV1: _object,
    a.HandleObjectionV1: _handle_objection,
    a.ApproveV1: _approve,
    a.PayFirstV1: _pay_first,
    a.AnswerReservationV1: _answer,
    a.JustifyV1: _justify,
    a.RejectV1: _reject,
    a.SendBackV1: _send_back,
    a.AppealV1: _appeal,
    a.DecideAppealV1: _decide_appeal,
}
"""Command → its rule."""
