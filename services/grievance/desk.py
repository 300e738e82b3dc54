"""Internal notes of the desk, and what came of cases that grew from this one. Pure."""

from __future__ import annotations

from collections.abc import Callable

from contracts import desk as d
from contracts import related
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference
from services.grievance.case import Case, made


def _add_note(_state: Case, command: Command, _reference: Reference) -> Answer:
    return Accepted((made(d.NoteAddedV1, command.body),))


def _note_related(_state: Case, command: Command, _reference: Reference) -> Answer:
    return Accepted((made(related.RelatedNotedV1, command.body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    d.AddNoteV1: _add_note,
    related.NoteRelatedV1: _note_related,
}
"""Command → its rule."""
