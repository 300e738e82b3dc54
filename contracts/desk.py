"""The desk's own words on a case: internal notes, and the templates that replies are written from.

Commands and events of the family `grievance`, version 1.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from contracts.base import Code, Line, Message, Text
from contracts.casework import SealedText
from contracts.reference import Register

REPLIES_POLICY = "reply_templates"


class AddNoteV1(Message):
    """Add an internal note: for the staff alone, never shown or given to whoever lodged the case."""

    note: SealedText


class NoteAddedV1(AddNoteV1):
    """It was added."""


Command = AddNoteV1
Event = NoteAddedV1

INTERNAL = frozenset({"grievance.note_added.v1"})
"""Types of events that nobody but the staff is shown."""


class ReplyTemplate(Message):
    """A text that a reply can be begun with; whoever replies goes on from it."""

    code: Code
    name: Line
    text: Text


class ReplyTemplates(Message):
    """The reply templates that a community offers at the reply form."""

    replies: Annotated[tuple[ReplyTemplate, ...], Field(strict=False, max_length=100)] = ()

    @field_validator("replies")
    @classmethod
    def _are_told_apart(cls, replies: tuple[ReplyTemplate, ...]) -> tuple[ReplyTemplate, ...]:
        if len({reply.code for reply in replies}) != len(replies):
            raise ValueError("named_twice")
        return replies


def reply_templates_in(register: Register) -> tuple[ReplyTemplate, ...]:
    """The templates in force; none where the register has none."""
    return register.derived(_read_replies)


def _read_replies(register: Register) -> tuple[ReplyTemplate, ...]:
    entry = register.policy(REPLIES_POLICY)
    return ReplyTemplates.model_validate(entry.terms).replies if entry else ()
