"""Pausing the handling term, by somebody else than the handler, for a bounded time. Pure.

What was left of the term when it was paused is left when it runs on: nobody gains or loses a day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import grievance as g
from contracts import pausing as z
from contracts.base import DAY_MS, LAST_MS, Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import Case, Due, Pause, live_due, made, refused_by_status


def _pause(state: Case, command: Command, reference: Reference) -> Answer:
    body, policy, due = command.body, g.policy_in(reference.register), live_due(state, reference)
    if not isinstance(body, z.PauseV1) or policy is None:
        return Refused("no_policy")
    if state.status != "accepted":
        return refused_by_status(state, "not_accepted_yet")
    if due is None:
        return Refused("import_open")
    if due[0] == "pause":
        return Refused("paused_already")
    if reference.now > due[1]:
        return Refused("term_has_ended")
    if command.submission.actor in {state.life.handler, *state.life.recused}:
        return Refused("handler_may_not_pause")
    if state.life.pause.days + body.days > policy.pause_days:
        return Refused("pause_too_long", "days")
    at = reference.effective_at
    until = min(at + body.days * DAY_MS, LAST_MS)
    return Accepted((made(z.PausedV1, body, until=until, left=max(due[1] - at, 0)),))


def _resume(state: Case, command: Command, reference: Reference) -> Answer:
    if state.due is None or state.due.deadline != "pause":
        return Refused("not_paused")
    end = min(reference.effective_at + state.life.pause.left, LAST_MS)
    return Accepted((made(z.ResumedV1, command.body, handle_due_at=end, by_rule=False),))


def resume_by_rule(state: Case, due_at: int) -> Answer:
    """The pause has ended: what was left of the term runs from its end, however late a clock says so."""
    return Accepted((z.ResumedV1(handle_due_at=min(due_at + state.life.pause.left, LAST_MS), by_rule=True),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    z.PauseV1: _pause,
    z.ResumeV1: _resume,
}
"""Command → its rule."""


def _paused(state: Case, event: z.PausedV1, at: int) -> Case:
    pause = Pause(event.left, state.life.pause.days + event.days)
    life = state.life._replace(pause=pause)
    return state._replace(life=life, due=Due("pause", at, event.until))


def _resumed(state: Case, event: z.ResumedV1, at: int) -> Case:
    return state._replace(due=Due("handle", at, event.handle_due_at))


STEPS: dict[type[Message], Callable[[Case, Any, int], Case]] = {
    z.PausedV1: _paused,
    z.ResumedV1: _resumed,
}
"""Event → the case after it."""
