"""A risk flag on a dispute: a second person decides, it ends by itself, and it is to be reported. Pure.

Source: 人民调解法 (2010), article 25: who mediates reports a dispute that may turn violent; the term is a house rule.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts import grievance as g
from contracts import risk as k
from contracts.base import DAY_MS, LAST_MS, Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import (
    Case,
    Risk,
    is_open,
    made,
    refused_by_status,
    with_life,
)


def _flagged(state: Case, reference: Reference) -> bool:
    until = state.life.risk.until
    return until is not None and reference.now < until


def _propose(state: Case, command: Command, reference: Reference) -> Answer:
    body, policy = command.body, g.policy_in(reference.register)
    if not is_open(state):
        return refused_by_status(state, "already_closed")
    if not isinstance(body, k.ProposeRiskFlagV1) or policy is None:
        return Refused("no_policy")
    if state.life.risk.proposal is not None:
        return Refused("risk_proposed_already")
    if _flagged(state, reference):
        return Refused("flagged_already")
    if body.days > policy.risk_days:
        return Refused("risk_too_long", "days")
    return Accepted((made(k.RiskFlagProposedV1, body, proposed_by=command.submission.actor),))


def _decide(state: Case, command: Command, reference: Reference) -> Answer:
    body, proposal = command.body, state.life.risk.proposal
    if not isinstance(body, k.DecideRiskFlagV1) or proposal is None:
        return Refused("no_risk_proposed")
    if proposal.proposed_by == command.submission.actor:
        return Refused("second_person")
    if body.verdict == "refuse":
        return Accepted((made(k.RiskFlagDecidedV1, body, fact=None, until=None),))
    until = min(reference.effective_at + proposal.days * DAY_MS, LAST_MS)
    return Accepted((made(k.RiskFlagDecidedV1, body, fact=proposal.fact, until=until),))


def _report(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not _flagged(state, reference):
        return Refused("not_flagged")
    if not isinstance(body, k.ReportRiskV1) or reference.register.unit(body.to) is None:
        return Refused("unknown_unit", "to")
    return Accepted((made(k.RiskReportedV1, body),))


def _lift(state: Case, command: Command, reference: Reference) -> Answer:
    if not _flagged(state, reference):
        return Refused("not_flagged")
    return Accepted((made(k.RiskFlagLiftedV1, command.body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    k.ProposeRiskFlagV1: _propose,
    k.DecideRiskFlagV1: _decide,
    k.ReportRiskV1: _report,
    k.LiftRiskFlagV1: _lift,
}
"""Command → its rule."""


def proposed(state: Case, event: k.RiskFlagProposedV1, _at: int) -> Case:
    """A flag waits for a decision; one before it has ended."""
    return with_life(state, risk=Risk(event))


def decided(state: Case, event: k.RiskFlagDecidedV1, _at: int) -> Case:
    """No flag waits any more; an approved one stands until its time."""
    return with_life(state, risk=Risk(until=event.until))


def lifted(state: Case, _event: k.RiskFlagLiftedV1, _at: int) -> Case:
    """The flag is gone."""
    return with_life(state, risk=Risk())
