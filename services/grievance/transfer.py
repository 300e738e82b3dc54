"""Transfer of a case to another community, as request and answer (invariant 8). Pure.

The sender's stream ends as `transferred` and keeps what it needs to be open again, should the target refuse; the
target's begins with the standing that the sender decided. No term is gained or lost by moving.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts import casework as w
from contracts import grievance as g
from contracts import transfer as t
from contracts.base import Message
from contracts.lineage import is_gone
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, stream_id
from services.grievance import papers as p
from services.grievance.case import (
    Case,
    Due,
    Extension,
    Life,
    Moved,
    Pause,
    live_due,
    made,
    refused_by_status,
)

EscalatesAt = Callable[[Case, int, int, Reference], int | None]
_MEETS = (g.AcceptedV1, g.NotAcceptedV1, g.ClosedV1, w.ReviewRequestedV1, w.ReviewAnsweredV1)


def remember(state: Case, event: Message, at: int) -> Case:
    """The case with what its standing will have to tell: the first reply, and whether a term was missed.

    To be called before the event changes anything else about the case.
    """
    life = state.life
    if isinstance(event, g.RepliedV1) and life.replied_at is None:
        return state._replace(life=life._replace(replied_at=at))
    missed = (
        isinstance(event, _MEETS) and state.batch is None and state.due is not None and at > state.due.end
    )
    if (missed or isinstance(event, g.OverdueV1)) and not life.late:
        return state._replace(life=life._replace(late=True))
    return state


def _transfer(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, t.TransferV1) or state.status not in ("lodged", "accepted"):
        return refused_by_status(state, "not_accepted_yet")
    running, due = live_due(state, reference), state.due
    if running is None or due is None:
        return Refused("import_open")
    if running[0] == "pause":
        return Refused("paused_first")
    if state.answered:
        return Refused("answered_already")
    refused = _refused_target(state, body.to, reference)
    if refused is not None:
        return refused
    batch = reference.batches.get(state.batch or "")
    lapsed = batch is not None and due.end < (batch.closed_at or 0)
    overdue = running in state.overdue
    extension = state.life.extension
    standing = t.Standing(
        deadline="accept" if due.deadline == "accept" else "handle",
        lodged_at=state.lodged_at,
        due_start=due.start,
        due_at=running[1],
        overdue=overdue,
        late=state.life.late or lapsed or overdue,
        extended=extension is not None and extension.decided,
        replied_at=state.life.replied_at,
        paused_days=state.life.pause.days,
    )
    receive_by = reference.now + t.RECEIVE_WITHIN_MS
    event = made(
        t.TransferredOutV1, body, transfer=command.submission.id, receive_by=receive_by, standing=standing
    )
    return Accepted((event,))


def _refused_target(state: Case, unit: str, reference: Reference) -> Refused | None:
    found = reference.register.unit(unit)
    if found is None:
        return Refused("unknown_unit", "to")
    if unit == state.unit:
        return Refused("same_unit", "to")
    if found.tier != "community":
        return Refused("not_a_community", "to")
    return Refused("unit_gone", "to") if is_gone(reference.register, unit, reference.now) else None


def receive(state: Case | None, command: Command, reference: Reference, escalates_at: EscalatesAt) -> Answer:
    """Answer for the target: it takes the case in unless it is gone, or the time for it has passed."""
    body, submission = command.body, command.submission
    if not isinstance(body, t.ReceiveTransferV1) or submission.subject != stream_id("grv", submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    if is_gone(reference.register, submission.unit, reference.now):
        return Refused("unit_gone", "unit")
    if reference.now > body.receive_by:
        return Refused("transfer_too_late")
    begun = begin(made(t.TransferredInV1, body, escalate_at=None), submission.unit)
    up = escalates_at(begun, reference.now, 0, reference) if body.standing.overdue else None
    return Accepted((made(t.TransferredInV1, body, escalate_at=up),))


def begin(event: t.TransferredInV1, unit: str) -> Case:
    """The case as it begins where it was taken in."""
    stood = event.standing
    due = Due(stood.deadline, stood.due_start, stood.due_at)
    life = Life(
        triaged=event.kind is not None,
        extension=Extension("", decided=True) if stood.extended else None,
        escalate_at=event.escalate_at,
        pause=Pause(days=stood.paused_days),
        replied_at=stood.replied_at,
        late=stood.late,
    )
    return Case(
        unit,
        "lodged" if stood.deadline == "accept" else "accepted",
        stood.lodged_at,
        due,
        overdue=frozenset({(stood.deadline, stood.due_at)}) if stood.overdue else frozenset(),
        papers=p.take(p.Papers(), event),
        life=life,
    )


def _confirm(state: Case, command: Command, _reference: Reference) -> Answer:
    body, moved = command.body, state.life.moved
    if not isinstance(body, t.ConfirmTransferV1) or moved is None or moved.transfer != body.transfer:
        return NoOp("stale")
    return Accepted((made(t.TransferConfirmedV1, body),))


def _release(state: Case, command: Command, _reference: Reference) -> Answer:
    body, moved = command.body, state.life.moved
    if not isinstance(body, t.ReleaseTransferV1) or moved is None or moved.transfer != body.transfer:
        return NoOp("stale")
    released = t.TransferReleasedV1(
        transfer=body.transfer,
        reason=body.reason,
        deadline="accept" if moved.due.deadline == "accept" else "handle",
        due_start=moved.due.start,
        due_at=moved.due.end,
        escalate_at=moved.escalate_at,
    )
    return Accepted((released,))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    t.TransferV1: _transfer,
    t.ConfirmTransferV1: _confirm,
    t.ReleaseTransferV1: _release,
}
"""Command → its rule."""


def _left(state: Case, event: t.TransferredOutV1, _at: int) -> Case:
    if state.due is None:
        return state
    moved = Moved(event.transfer, state.due, state.life.escalate_at)
    life = state.life._replace(referral=None, escalate_at=None, proposal=None, moved=moved)
    return state._replace(status="transferred", due=None, life=life)


def _arrived(state: Case, _event: t.TransferConfirmedV1, _at: int) -> Case:
    return state._replace(life=state.life._replace(moved=None))


def _came_back(state: Case, event: t.TransferReleasedV1, _at: int) -> Case:
    if state.status != "transferred":
        return state
    life = state.life._replace(moved=None, escalate_at=event.escalate_at)
    due = Due(event.deadline, event.due_start, event.due_at)
    return state._replace(status="lodged" if due.deadline == "accept" else "accepted", due=due, life=life)


STEPS: Mapping[type[Message], Callable[[Case, Any, int], Case]] = {
    t.TransferredOutV1: _left,
    t.TransferConfirmedV1: _arrived,
    t.TransferReleasedV1: _came_back,
}
"""Event → what it makes of the case."""
