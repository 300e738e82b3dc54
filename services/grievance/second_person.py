"""What a second person must decide on, or keep away from: reclassification and recusal. Pure.

Source of the terms: 信访工作条例 (2022): whoever has an interest in a matter does not handle it.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts import casework as w
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import (
    Case,
    Proposal,
    is_open,
    made,
    refused_by_status,
    with_life,
)


def _propose(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not is_open(state):
        return refused_by_status(state, "already_closed")
    if not state.life.triaged:
        return Refused("not_triaged")
    if state.life.proposal is not None:
        return Refused("proposed_already")
    category = getattr(body, "category", None)
    if category is not None and reference.register.category(category) is None:
        return Refused("unknown_category", "category")
    event = made(w.ReclassificationProposedV1, body, proposed_by=command.submission.actor)
    return Accepted((event,))


def _decide(state: Case, command: Command, reference: Reference) -> Answer:
    body, proposal = command.body, state.life.proposal
    if not isinstance(body, w.DecideReclassificationV1) or proposal is None:
        return Refused("nothing_proposed")
    if proposal.proposed_by == command.submission.actor:
        return Refused("second_person")
    if body.verdict == "refuse":
        return Accepted((w.ReclassificationDecidedV1(verdict="refuse", note=body.note),))
    if proposal.category is not None and reference.register.category(proposal.category) is None:
        return Refused("unknown_category")
    approved = w.ReclassificationDecidedV1(
        verdict="approve",
        note=body.note,
        kind=proposal.kind,
        severity=proposal.severity,
        category=proposal.category,
    )
    return Accepted((approved,))


def _recuse(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not is_open(state):
        return refused_by_status(state, "already_closed")
    if not isinstance(body, w.RecuseV1) or not reference.register.holds(
        body.handler, "handler", state.unit, reference.now
    ):
        return Refused("unknown_handler", "handler")
    if body.handler in state.life.recused:
        return Refused("recused", "handler")
    return Accepted((made(w.RecusedV1, body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    w.ProposeReclassificationV1: _propose,
    w.DecideReclassificationV1: _decide,
    w.RecuseV1: _recuse,
}
"""Command → its rule."""


def proposed(state: Case, event: w.ReclassificationProposedV1, _at: int) -> Case:
    """A proposal waits for a decision."""
    return with_life(state, proposal=Proposal(event.proposed_by, event.kind, event.severity, event.category))


def decided(state: Case, _event: w.ReclassificationDecidedV1, _at: int) -> Case:
    """No proposal waits any more."""
    return with_life(state, proposal=None)


def recused(state: Case, event: w.RecusedV1, _at: int) -> Case:
    """The case is not given to this handler any more."""
    handler = None if state.life.handler == event.handler else state.life.handler
    return with_life(state, recused=state.life.recused | {event.handler}, handler=handler)
