"""Letters: which step makes one, its number, and its service (送达), at which clocks start. Pure.

Source: 信访工作条例 (2022), see policy.py. The clock of service starts when it is recorded, which is never earlier
than it happened: the complainant loses no day by a late entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import casework as w
from contracts import grievance as g
from contracts import letters as ltr
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import Case, Life, end_after, made
from services.grievance.review import refused_here

_KINDS: dict[type[Message], ltr.LetterKind] = {
    g.AcceptedV1: "acceptance",
    g.NotAcceptedV1: "not_accepted",
    g.ReferredV1: "referral",
    w.ExtensionDecidedV1: "extension",
    g.RepliedV1: "reply",
    w.ReviewAnsweredV1: "review_opinion",
}
"""Event → the letter that it makes."""


def with_letter(state: Case, command: Command, answer: Answer, reference: Reference) -> Answer:
    """The answer with the letter that its event makes, where the register has a template for it.

    What an import tells was written to people long ago, by another office's letters: it makes none.
    """
    if not isinstance(answer, Accepted) or command.submission.batch is not None:
        return answer
    kind = _kind_of(state, answer.events[-1])
    found = ltr.letters_in(reference.register) if kind else None
    if kind is None or found is None or kind not in found[1].templates:
        return answer
    ordinal = len(state.life.letters) + 1
    number = ltr.letter_number(kind, reference.effective_at, command.submission.subject, ordinal)
    return Accepted((*answer.events, ltr.LetterMadeV1(number=number, kind=kind, template=found[0])))


def _kind_of(state: Case, event: Message) -> ltr.LetterKind | None:
    if isinstance(event, w.ExtensionDecidedV1) and event.handle_due_at is None:
        return None
    letter = state.life.letter
    if isinstance(event, w.ReviewAnsweredV1) and letter is not None and letter.of == "re_review":
        return "re_review_opinion"
    return _KINDS.get(type(event))


def _record_service(state: Case, command: Command, reference: Reference) -> Answer:
    body, answer, policy = command.body, state.life.letter, g.policy_in(reference.register)
    if not isinstance(body, w.RecordServiceV1) or policy is None:
        return Refused("no_policy")
    number = body.letter or _last(state.life)
    refused = _refused(state, reference) if number is None else _refused_letter(state.life, number)
    if refused is not None:
        return refused
    until = None
    opens = answer is not None and answer.number == number and answer.of != "re_review"
    if opens and body.result == "served":
        until = end_after(reference.effective_at, policy.review_request_days, policy, reference)
    return Accepted((made(w.ServiceRecordedV1, body, letter=number, review_until=until),))


def _last(life: Life) -> str | None:
    """The number of the last letter; None where that is an answer without one, or there is none."""
    numberless = life.letter is not None and life.letter.number is None
    return None if numberless or not life.letters else life.letters[-1]


def _refused(state: Case, reference: Reference) -> Refused | None:
    """Why an answer without a number cannot be served; None where it can."""
    refused = refused_here(state, reference)
    if refused is not None:
        return refused
    if state.life.letter is None:
        return Refused("nothing_to_serve")
    return Refused("served_already") if state.life.letter.served else None


def _refused_letter(life: Life, number: str) -> Refused | None:
    if number not in life.letters:
        return Refused("unknown_letter", "letter")
    return Refused("served_already", "letter") if number in life.served else None


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    w.RecordServiceV1: _record_service,
}
"""Command → its rule."""


def _with(state: Case, **changes: Any) -> Case:
    return state._replace(life=state.life._replace(**changes))


def made_one(state: Case, event: ltr.LetterMadeV1, _at: int) -> Case:
    """A letter waits to be served. Where it holds an answer, a review can be asked for from then on."""
    answer = state.life.letter
    if event.kind in ("reply", "review_opinion", "re_review_opinion"):
        answer = answer and answer._replace(number=event.number)
    return _with(state, letter=answer, letters=(*state.life.letters, event.number))


def served(state: Case, event: w.ServiceRecordedV1, _at: int) -> Case:
    """The letter was served, unless that failed."""
    answer = state.life.letter
    if event.result == "failed":
        return state
    if event.letter is not None:
        state = _with(state, served=state.life.served | {event.letter})
    if answer is None or answer.number != event.letter:
        return state
    return _with(state, letter=answer._replace(served=True, review_until=event.review_until))
