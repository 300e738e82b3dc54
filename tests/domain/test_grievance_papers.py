"""Attaching files, redacting texts and files, and correcting what is recorded about the reporter."""

from __future__ import annotations

import pytest

from contracts import grievance as g
from contracts.personal import Sealed
from tests.support.given import (
    OF_FILE,
    SEALED,
    STORY,
    accepted,
    attach,
    attached,
    given,
    lodge,
    lodged,
    policy,
)

STORY_TEXT, FILE_TEXT = str(STORY.text), str(OF_FILE.text)
NOTE = Sealed(subject="sub_fictional0000", text="sub_notetext00000", sealed="QUJD")
COPY = Sealed(subject="sub_fictional0000", text="sub_copytext00000", sealed="QUJD")
OTHER_PERSON = Sealed(subject="sub_somebodyelse0", sealed="QUJD")
CLOSED = (lodged(), accepted(), g.ResolvedV1(note=NOTE), g.ClosedV1(outcome="resolved"))
REDACTED = g.RedactedV1(text=STORY_TEXT, reason="third_party", readable=COPY)


def blob(number: int) -> str:
    """The hash of a file that differs from that of other numbers."""
    return f"{number:064x}"


def test_a_file_is_attached_as_it_was_sent() -> None:
    """An attached file is on record with all that the command says of it."""
    given(lodged()).when(attach(original=OF_FILE)).then(attached(original=OF_FILE))


def test_a_case_has_as_many_files_as_the_policy_allows() -> None:
    """The last file that the policy allows is attached; the next one is refused."""
    held = given(policy(attachments=2), lodged(), attached(blob=blob(1)))
    held.when(attach(blob=blob(2))).accepted()
    full = given(policy(attachments=2), lodged(), attached(blob=blob(1)), attached(blob=blob(2)))
    full.when(attach(blob=blob(3))).refused("too_many_attachments", field="blob")


def test_redacting_a_file_frees_no_place() -> None:
    """A redacted file still counts: nobody fills the store by attaching and redacting in turn."""
    gone = g.RedactedV1(text=FILE_TEXT, reason="mistaken")
    held = given(policy(attachments=1), lodged(), attached(blob=blob(1)), gone)
    held.when(attach(blob=blob(2))).refused("too_many_attachments", field="blob")


def test_one_file_is_attached_once() -> None:
    """The same blob is not attached to a case again."""
    given(lodged(), attached()).when(attach()).refused("attached_already", field="blob")


@pytest.mark.parametrize(("size", "is_refused"), [(3 * 1024, False), (3 * 1024 * 1024, True)])
def test_a_file_is_as_large_as_the_policy_allows(size: int, is_refused: bool) -> None:
    """A file larger than the policy's bytes, its encryption allowed for, is refused."""
    said = given(policy(attachment_bytes=2048), lodged()).when(attach(size=size))
    said.refused("attachment_too_large", field="blob") if is_refused else said.accepted()


def test_a_closed_case_takes_files_where_the_policy_says_so() -> None:
    """A file may come after the closing only under a policy that allows it."""
    given(*CLOSED).when(attach()).refused("no_attaching_when_closed")
    given(policy(attach_when_closed=True), *CLOSED).when(attach()).then(attached())


def test_a_text_is_redacted_with_a_readable_copy() -> None:
    """A redaction names the text, the reason and the copy that takes its place."""
    said = given(lodged()).when(g.RedactV1(text=STORY_TEXT, reason="third_party", readable=COPY))
    said.then(REDACTED)


def test_a_text_is_redacted_once() -> None:
    """What has been redacted cannot be redacted again: its key is gone."""
    again = g.RedactV1(text=STORY_TEXT, reason="accidental")
    given(lodged(), REDACTED).when(again).refused("unknown_text", field="text")


def test_a_readable_copy_can_be_redacted_in_turn() -> None:
    """The copy in place of a text is a text of its own."""
    again = g.RedactV1(text=str(COPY.text), reason="accidental")
    given(lodged(), REDACTED).when(again).then(g.RedactedV1(text=str(COPY.text), reason="accidental"))


@pytest.mark.parametrize("event", [g.ProgressRecordedV1(note=NOTE), g.RepliedV1(reply=NOTE)])
def test_every_later_text_can_be_redacted(event: g.ProgressRecordedV1 | g.RepliedV1) -> None:
    """Notes and replies are redacted as the story is, in a closed case too."""
    world = given(lodged(), accepted(), event, g.ResolvedV1(note=SEALED), g.ClosedV1(outcome="answered"))
    world.when(g.RedactV1(text=str(NOTE.text), reason="unlawful")).accepted()


def test_only_a_text_of_the_case_is_redacted() -> None:
    """A text key that the case does not know is refused."""
    given(lodged()).when(g.RedactV1(text="sub_elsewhere0000", reason="unlawful")).refused(
        "unknown_text", field="text"
    )


def test_a_file_is_redacted_without_a_copy() -> None:
    """A file is redacted whole; a readable copy of it is refused."""
    world = given(lodged(), attached())
    world.when(g.RedactV1(text=FILE_TEXT, reason="mistaken")).accepted()
    world.when(g.RedactV1(text=FILE_TEXT, reason="mistaken", readable=COPY)).refused(
        "no_copy_of_file", field="readable"
    )


def test_what_is_recorded_about_the_reporter_is_corrected() -> None:
    """A correction of the reporter's own data is on record as it was given, and again."""
    corrected = g.CorrectedV1(telephone=SEALED, address=SEALED)
    world = given(lodged(reporter_name=SEALED), corrected)
    world.when(g.CorrectV1(telephone=SEALED, address=SEALED)).then(corrected)


def test_an_empty_correction_is_refused() -> None:
    """A correction says something."""
    given(lodged()).when(g.CorrectV1()).refused("nothing_to_correct")


def test_an_anonymous_case_has_nobody_to_correct() -> None:
    """Nothing about who lodged an anonymous case comes in by a correction."""
    given(lodged(anonymous=True)).when(g.CorrectV1(address=SEALED)).refused("anonymous_case")


def test_a_correction_is_about_the_reporter() -> None:
    """Data under another person's key are refused, also where a correction brought the first of them."""
    other = g.CorrectV1(address=OTHER_PERSON)
    given(lodged(reporter_name=SEALED)).when(other).refused("other_person")
    given(lodged(), g.CorrectedV1(address=SEALED)).when(other).refused("other_person")
    given(lodged()).when(g.CorrectV1(address=SEALED, telephone=OTHER_PERSON)).refused("other_person")


def test_lodging_says_whose_text_it_is() -> None:
    """A lodging whose texts have no key of their own leaves nothing to redact."""
    bare = lodged(story=SEALED)
    given(bare).when(g.RedactV1(text="sub_fictional0000", reason="unlawful")).refused(
        "unknown_text", field="text"
    )
    given().when(lodge(story=SEALED)).then(bare)
