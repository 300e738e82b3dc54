"""Review (复查) and re-review (复核) of what was served, see letters.py. Pure.

Source of the terms: 信访工作条例 (2022), see policy.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import casework as w
from contracts import grievance as g
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import Case, Due, Letter, end_after, made, refused_by_status


def refused_here(state: Case, reference: Reference) -> Refused | None:
    """Why nothing of this can be said of the case as it stands; None where it can."""
    if state.status not in ("accepted", "closed"):
        return refused_by_status(state, "not_accepted_yet")
    batch = reference.batches.get(state.batch or "")
    return Refused("import_open") if batch is not None and batch.closed_at is None else None


def _request_review(state: Case, command: Command, reference: Reference) -> Answer:
    refused, letter, policy = (
        refused_here(state, reference),
        state.life.letter,
        g.policy_in(reference.register),
    )
    if refused is not None or policy is None:
        return refused or Refused("no_policy")
    if letter is not None and letter.of == "re_review":
        return Refused("review_exhausted")
    if letter is None or letter.review_until is None:
        return Refused("not_served")
    if reference.effective_at > letter.review_until:
        return Refused("review_too_late")
    stage: w.ReviewStage = "review" if letter.of == "reply" else "re_review"
    due = end_after(reference.effective_at, policy.review_days, policy, reference)
    return Accepted((made(w.ReviewRequestedV1, command.body, stage=stage, answer_due_at=due),))


def _answer_review(state: Case, command: Command, _reference: Reference) -> Answer:
    if state.status != "in_review":
        return Refused("no_review_asked")
    if command.submission.actor in {state.life.handler, *state.life.recused}:
        return Refused("handler_may_not_review")
    return Accepted((made(w.ReviewAnsweredV1, command.body),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    w.RequestReviewV1: _request_review,
    w.AnswerReviewV1: _answer_review,
}
"""Command → its rule."""


def _with(state: Case, **changes: Any) -> Case:
    return state._replace(life=state.life._replace(**changes))


def assigned(state: Case, event: g.AssignedV1, _at: int) -> Case:
    """Who handles it may not review it."""
    return _with(state, handler=event.handler)


def replied(state: Case, _event: g.RepliedV1, _at: int) -> Case:
    """A reply is a letter that waits to be served."""
    return _with(state, letter=Letter())


def requested(state: Case, event: w.ReviewRequestedV1, at: int) -> Case:
    """The handling is over, and the term of the answer runs."""
    letter = state.life.letter and state.life.letter._replace(of=event.stage, served=True, review_until=None)
    state = _with(state, letter=letter)
    return state._replace(status="in_review", due=Due("review", at, event.answer_due_at))


def answered(state: Case, _event: w.ReviewAnsweredV1, _at: int) -> Case:
    """The case is closed, and the opinion waits to be served."""
    letter = state.life.letter and state.life.letter._replace(served=False, review_until=None, number=None)
    return _with(state, letter=letter)._replace(status="closed", due=None)
