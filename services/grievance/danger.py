"""A lodging that may tell of danger is looked at by somebody on duty within minutes. Pure.

Source: house rule; the list of words is intake's, and a word proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts import danger as a
from contracts import grievance as g
from contracts.base import LAST_MS, Message
from contracts.lineage import on_duty
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from services.grievance.case import (
    Alarm,
    Case,
    made,
    with_life,
)

MINUTE_MS = 60_000


def due_of(body: g.LodgeV1, command: Command, reference: Reference) -> int | None:
    """By when somebody on duty must have looked; None where nothing tells of danger, or it comes by import."""
    policy = g.policy_in(reference.register)
    if body.danger is None or command.submission.batch is not None or policy is None:
        return None
    return min(reference.effective_at + policy.danger_minutes * MINUTE_MS, LAST_MS)


def passed(state: Case, due_at: int, reference: Reference) -> Answer:
    """A clock says that nobody has looked in time. It ends in one event."""
    alarm = state.life.alarm
    if alarm is None or alarm.due_at != due_at or alarm.overdue:
        return NoOp("stale")
    if reference.now < due_at:
        return NoOp("early")
    return Accepted((a.DangerOverdueV1(due_at=due_at),))


def _acknowledge(state: Case, command: Command, reference: Reference) -> Answer:
    if state.life.alarm is None:
        return Refused("no_danger_told")
    if not _on_duty(state, command, reference):
        return Refused("not_on_duty")
    return Accepted((made(a.DangerAcknowledgedV1, command.body),))


def _on_duty(state: Case, command: Command, reference: Reference) -> bool:
    """Whether the actor holds the post on duty, where anybody does; a supervisor always may."""
    policy = g.policy_in(reference.register)
    if policy is None or command.submission.role == "supervisor":
        return policy is not None
    actor = command.submission.actor
    return on_duty(reference.register, actor, state.unit, policy.duty_post, reference.now)


HANDLERS: Mapping[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    a.AcknowledgeDangerV1: _acknowledge,
}
"""Command → its rule."""


def _acknowledged(state: Case, _event: Message, _at: int) -> Case:
    return with_life(state, alarm=None)


def _overdue(state: Case, event: a.DangerOverdueV1, _at: int) -> Case:
    return with_life(state, alarm=Alarm(event.due_at, overdue=True))


STEPS: dict[type[Message], Callable[[Case, Any, int], Case]] = {
    a.DangerAcknowledgedV1: _acknowledged,
    a.DangerOverdueV1: _overdue,
}
"""Event → the case after it."""
