"""What comes after the reply: added information, ratings, follow-up, and until when a case reopens. Pure."""

from __future__ import annotations

from collections.abc import Callable

from contracts import aftercare as a
from contracts import grievance as g
from contracts.base import DAY_MS, Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import (
    Case,
    is_open,
    made,
    with_life,
)


def refuse_reopening(state: Case, reference: Reference) -> Refused | None:
    """Why a closed case cannot be opened again any more; None where it can."""
    policy, closed_at = g.policy_in(reference.register), state.life.after.closed_at
    if policy is None or closed_at is None:
        return None
    over = reference.effective_at > closed_at + policy.reopen_days * DAY_MS
    return Refused("reopen_too_late") if over else None


def _add_information(state: Case, command: Command, reference: Reference) -> Answer:
    policy = g.policy_in(reference.register)
    if command.submission.role != "resident":
        return Refused("complainant_only")
    if not is_open(state):
        return Refused("closed_to_information", "note")
    if policy is None or state.life.after.additions >= policy.additions:
        return Refused("too_much_information", "note")
    return Accepted((made(a.InformationAddedV1, command.body),))


def _rate(state: Case, command: Command, _reference: Reference) -> Answer:
    if command.submission.role != "resident":
        return Refused("complainant_only")
    replies = state.life.after.replies
    if not replies:
        return Refused("nothing_to_rate", "satisfaction")
    return Accepted((made(a.RatedV1, command.body, reply=replies),))


def _record_follow_up(state: Case, command: Command, _reference: Reference) -> Answer:
    after = state.life.after
    if not after.replies and is_open(state):
        return Refused("nothing_to_follow_up")
    if command.submission.actor in after.handlers:
        return Refused("handler_may_not_follow_up")
    return Accepted((made(a.FollowUpRecordedV1, command.body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    a.AddInformationV1: _add_information,
    a.RateV1: _rate,
    a.RecordFollowUpV1: _record_follow_up,
}
"""Command → its rule."""


def follow(state: Case, event: Message) -> Case:
    """The case after an event, as far as this module keeps it."""
    after = state.life.after
    match event:
        case g.RepliedV1():
            after = after._replace(replies=after.replies + 1)
        case a.InformationAddedV1():
            after = after._replace(additions=after.additions + 1)
        case g.AssignedV1():
            after = after._replace(handlers=after.handlers | {event.handler})
        case _:
            return state
    return with_life(state, after=after)


def closed(state: Case, was: Case, at: int) -> Case:
    """The case with the time at which it was closed, whatever event closed it; None while it is not."""
    if state.status == was.status:
        return state
    after = state.life.after._replace(closed_at=at if state.status == "closed" else None)
    return with_life(state, after=after)
