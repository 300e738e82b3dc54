"""Orders from outside: their results go back, and are owed until then. Pure."""

from __future__ import annotations

from collections.abc import Callable

from contracts import outside as o
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import (
    Case,
    made,
    with_life,
)


def _record_returned(state: Case, command: Command, _reference: Reference) -> Answer:
    if state.life.result_owed is None:
        return Refused("not_from_outside")
    if not state.life.result_owed:
        return Refused("result_returned_already")
    if state.status not in ("closed", "not_accepted", "transferred") and not state.answered:
        return Refused("no_result_yet")
    return Accepted((made(o.ResultReturnedV1, command.body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    o.RecordResultReturnedV1: _record_returned,
}
"""Command → its rule."""


def returned(state: Case, _event: Message, _at: int) -> Case:
    """The result is owed no more."""
    return with_life(state, result_owed=False)


def owed_again(state: Case) -> Case:
    """A case that was opened again owes a new result, where it came from outside."""
    if state.life.result_owed is None:
        return state
    return with_life(state, result_owed=True)
