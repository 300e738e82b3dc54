"""Internal notes of the desk. Pure."""

from __future__ import annotations

from collections.abc import Callable

from contracts import desk as d
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference
from services.grievance.case import Case, made


def _add_note(_state: Case, command: Command, _reference: Reference) -> Answer:
    return Accepted((made(d.NoteAddedV1, command.body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {d.AddNoteV1: _add_note}
"""Command → its rule."""
