"""Letters: which steps make one, their numbers, and their service."""

from __future__ import annotations

import pytest

from contracts import casework as w
from contracts import grievance as g
from contracts import letters as ltr
from contracts import register as r
from contracts.base import DAY_MS, Message
from contracts.workflow import Accepted
from services.grievance.letter_templates import TEMPLATES, default_letters
from tests.support.given import (
    BATCH,
    CASE,
    CLERK,
    HANDLER,
    OTHER_ZONE,
    SEALED,
    SUPERVISOR,
    Past,
    Who,
    accepted,
    day,
    given,
    import_opened,
    lodged,
)

LETTERS = r.PolicyDefinedV1.model_validate(default_letters().model_dump())
SERVE = w.RecordServiceV1(
    result="served", manner="in_person", recipient="complainant", acknowledged="signature"
)


def letter(kind: ltr.LetterKind, ordinal: int = 1, at: int = day(0)) -> ltr.LetterMadeV1:
    """A letter of the case, by the default template."""
    number = ltr.letter_number(kind, at, CASE, ordinal)
    return ltr.LetterMadeV1(number=number, kind=kind, template="2022-1")


def answers(*past: Message | Past, when: Message, by: Who = HANDLER) -> Message:
    """The last event of a decision."""
    answer = given(LETTERS, *past).when(when, day(1), by=by).answer
    assert isinstance(answer, Accepted)
    return answer.events[-1]


ASKED = w.ExtensionAskedV1(note=SEALED, asked_by=HANDLER.actor)
REVIEW = w.ReviewRequestedV1(note=SEALED, stage="review", answer_due_at=day(30))
RE_REVIEW = w.ReviewRequestedV1(note=SEALED, stage="re_review", answer_due_at=day(30))
ANSWER = w.AnswerReviewV1(result="upheld", note=SEALED)
REPLIED = g.RepliedV1(reply=SEALED)


@pytest.mark.parametrize(
    ("kind", "past", "when", "by"),
    [
        ("acceptance", (lodged(),), g.AcceptV1(), CLERK),
        ("not_accepted", (lodged(),), g.NotAcceptV1(reason="before_court", remedy=SEALED), HANDLER),
        ("referral", (lodged(), accepted()), g.ReferV1(zone=OTHER_ZONE, note=SEALED), HANDLER),
        (
            "extension",
            (lodged(), accepted(), ASKED),
            w.DecideExtensionV1(verdict="approve", note=SEALED),
            SUPERVISOR,
        ),
        ("reply", (lodged(), accepted()), g.ReplyV1(reply=SEALED), HANDLER),
        ("review_opinion", (lodged(), accepted(), REPLIED, REVIEW), ANSWER, SUPERVISOR),
        ("re_review_opinion", (lodged(), accepted(), REPLIED, REVIEW, RE_REVIEW), ANSWER, SUPERVISOR),
    ],
)
def test_a_step_that_touches_a_right_makes_a_letter(
    kind: ltr.LetterKind, past: tuple[Message, ...], when: Message, by: Who
) -> None:
    """The letter is numbered, and names its kind and the version of its template."""
    assert answers(*past, when=when, by=by) == letter(kind, at=day(1))


def test_a_refused_extension_makes_no_letter() -> None:
    """Nothing changes for the complainant where an extension is refused."""
    refusal = w.DecideExtensionV1(verdict="refuse", note=SEALED)
    last = answers(lodged(), accepted(), ASKED, when=refusal, by=SUPERVISOR)
    assert isinstance(last, w.ExtensionDecidedV1)


def test_an_import_makes_no_letters() -> None:
    """What another office answered long ago was in that office's letter."""
    past = Past(lodged(), day(0), BATCH)
    said = given(LETTERS, import_opened(), past).when(g.ReplyV1(reply=SEALED), day(1), batch=BATCH, by=CLERK)
    said.then(g.RepliedV1(reply=SEALED))


def test_numbers_of_a_case_run_on() -> None:
    """The second letter of a case has the next number."""
    last = answers(lodged(), accepted(), letter("acceptance"), when=g.ReplyV1(reply=SEALED))
    assert last == letter("reply", 2, day(1))


def test_the_year_of_a_number_is_that_of_beijing_time() -> None:
    """A letter made on New Year's morning in Beijing bears the new year."""
    new_year = 1_767_196_800_000  # 2025-12-31T16:00:00Z
    assert ltr.letter_number("reply", new_year, CASE, 1).startswith("CL-2026-")
    assert ltr.letter_number("reply", new_year - 1, CASE, 1).startswith("CL-2025-")


def test_only_the_service_of_the_answer_opens_a_review() -> None:
    """A served acceptance starts no clock; the reply's service does, by its number or as the last letter."""
    past = (LETTERS, lodged(), accepted(), letter("acceptance"), REPLIED, letter("reply", 2))
    first = SERVE.model_copy(update={"letter": letter("acceptance").number})
    served = w.ServiceRecordedV1(**first.model_dump())
    given(*past).when(first, day(2), by=CLERK).then(served)
    last = SERVE.model_dump() | {"letter": letter("reply", 2).number, "review_until": day(2) + 30 * DAY_MS}
    given(*past, served).when(SERVE, day(2), by=CLERK).then(w.ServiceRecordedV1(**last))


def test_a_letter_that_is_not_the_cases_cannot_be_served() -> None:
    """A number of another case, or of none, is refused at its field."""
    other = SERVE.model_copy(update={"letter": "CL-2026-0000000000AB-9"})
    past = (LETTERS, lodged(), accepted(), letter("acceptance"))
    given(*past).when(other, day(1), by=CLERK).refused("unknown_letter", "letter")


def test_a_letter_is_served_once_and_a_failure_leaves_it_waiting() -> None:
    """After a failed service the same letter can be served, after a success not again."""
    made = letter("not_accepted")
    past = (LETTERS, lodged(), g.NotAcceptedV1(reason="before_court", remedy=SEALED), made)
    failed = w.ServiceRecordedV1(result="failed", manner="post", recipient="complainant", letter=made.number)
    given(*past, failed).when(SERVE, day(1), by=CLERK).accepted()
    done = failed.model_copy(update={"result": "served"})
    given(*past, done).when(SERVE, day(1), by=CLERK).refused("served_already", "letter")


def test_a_template_names_only_what_there_is() -> None:
    """A placeholder that no letter can fill in is refused when the templates are entered."""
    command = default_letters()
    terms = {"templates": {"reply": {"title": "答复", "body": "{salary}"}}}
    bad = command.model_copy(update={"terms": terms})
    given().when(bad).refused("bad_policy", field="terms")
    given().when(command).accepted()


def test_every_kind_of_letter_has_a_template() -> None:
    """The default templates cover every kind, in both languages."""
    assert TEMPLATES.keys() == ltr.CODES.keys()
    assert all(template.body_en for template in TEMPLATES.values())
