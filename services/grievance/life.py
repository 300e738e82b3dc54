"""What happens to a case beside its handling: triage. Pure.

Source of the terms: 信访工作条例 (2022), see policy.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import casework as w
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import Case, made, refused_by_status


def follow(state: Case, event: Message, effective_at: int) -> Case:
    """The case after an event, as far as this module keeps it. Total: it never raises."""
    step = _STEPS.get(type(event))
    return step(state, event, effective_at) if step else state


def _triage(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, w.TriageV1):
        return Refused("not_found")
    if state.status != "lodged":
        return refused_by_status(state, "not_lodged_state")
    if state.life.triaged:
        return Refused("triaged_already")
    if body.category is not None and reference.register.category(body.category) is None:
        return Refused("unknown_category", "category")
    return Accepted((made(w.TriagedV1, body),))


def _triaged(state: Case, _event: w.TriagedV1, _at: int) -> Case:
    return state._replace(life=state.life._replace(triaged=True))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    w.TriageV1: _triage,
}
"""Command → its rule."""

_STEPS: dict[type[Message], Callable[[Case, Any, int], Case]] = {
    w.TriagedV1: _triaged,
}
