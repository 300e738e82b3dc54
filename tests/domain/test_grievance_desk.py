"""Internal notes, and the templates that replies begin with."""

from __future__ import annotations

import pytest

from contracts import desk as d
from contracts import grievance as g
from contracts.base import Message
from services.grievance.reply_templates import default_reply_templates
from tests.support.given import CLERK, SEALED, STRANGER, accepted, given, lodged

NOTE = d.AddNoteV1(note=SEALED)


@pytest.mark.parametrize(
    "past",
    [
        (lodged(),),
        (lodged(), accepted()),
        (lodged(), accepted(), g.RepliedV1(reply=SEALED), g.ClosedV1(outcome="answered")),
        (lodged(), g.NotAcceptedV1(reason="before_court", remedy=SEALED)),
    ],
)
def test_a_note_can_be_added_to_a_case_in_any_state(past: tuple[Message, ...]) -> None:
    """What the staff has to remember may come up after a case was closed, too."""
    given(*past).when(NOTE, by=CLERK).then(d.NoteAddedV1(note=SEALED))


def test_a_note_changes_nothing_about_the_case() -> None:
    """A note is no reply: a case with nothing but notes cannot be closed."""
    past = (lodged(), accepted(), d.NoteAddedV1(note=SEALED))
    given(*past).when(g.CloseV1(outcome="answered")).refused("not_answered", "outcome")


def test_only_the_staff_of_the_community_add_notes() -> None:
    """A handler from next door adds none."""
    given(lodged()).when(NOTE, by=STRANGER).refused("not_entitled")


def test_reply_templates_are_told_apart_by_their_codes() -> None:
    """Two templates of one code are refused when they are entered."""
    command = default_reply_templates()
    given().when(command).accepted()
    twice = {"replies": [*command.terms["replies"], command.terms["replies"][0]]}
    given().when(command.model_copy(update={"terms": twice})).refused("bad_policy", field="terms")
