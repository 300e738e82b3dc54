"""Reclassification, which a second person approves, and recusal."""

from __future__ import annotations

from contracts import casework as w
from contracts import grievance as g
from tests.support.given import HANDLER, SEALED, STRANGER, SUPERVISOR, Who, accepted, given, lodged, staff

TRIAGED = (lodged(), w.TriagedV1(kind="request", severity="serious"), accepted())
PROPOSE = w.ProposeReclassificationV1(kind="request", severity="ordinary", note=SEALED)
PROPOSED = w.ReclassificationProposedV1(**PROPOSE.__dict__, proposed_by=HANDLER.actor)
APPROVE = w.DecideReclassificationV1(verdict="approve", note=SEALED)
REFUSE = w.DecideReclassificationV1(verdict="refuse", note=SEALED)
RECUSE = w.RecuseV1(handler=HANDLER.actor, note=SEALED)
RECUSED = w.RecusedV1(handler=HANDLER.actor, note=SEALED)


def test_a_downgrade_holds_when_a_second_person_approves() -> None:
    """A proposal changes nothing; the approval says what the case is from then on."""
    given(*TRIAGED).when(PROPOSE).then(PROPOSED)
    given(*TRIAGED, PROPOSED).when(APPROVE, by=SUPERVISOR).then(
        w.ReclassificationDecidedV1(verdict="approve", note=SEALED, kind="request", severity="ordinary")
    )


def test_a_refused_downgrade_says_no_class() -> None:
    """A refusal is on record with its reasons, and leaves the case as it was."""
    refused = w.ReclassificationDecidedV1(verdict="refuse", note=SEALED)
    given(*TRIAGED, PROPOSED).when(REFUSE, by=SUPERVISOR).then(refused)
    given(*TRIAGED, PROPOSED, refused).when(APPROVE, by=SUPERVISOR).refused("nothing_proposed")


def test_whoever_proposed_cannot_decide() -> None:
    """The second person is another one, whatever posts the first holds."""
    both = Who(HANDLER.actor, "supervisor")
    given(*staff(both, "demo"), *TRIAGED, PROPOSED).when(APPROVE, by=both).refused("second_person")


def test_one_proposal_at_a_time() -> None:
    """While one waits no other is made."""
    given(*TRIAGED, PROPOSED).when(PROPOSE).refused("proposed_already")


def test_a_proposal_ends_with_its_case() -> None:
    """After the closing nothing is left to be approved."""
    given(*TRIAGED, PROPOSED, g.ClosedV1(outcome="answered")).when(APPROVE, by=SUPERVISOR).refused(
        "nothing_proposed"
    )


def test_a_recused_handler_is_not_given_the_case() -> None:
    """After the recusal the case goes to somebody else, and the same is not recused twice."""
    given(*TRIAGED).when(RECUSE).then(RECUSED)
    given(*TRIAGED, RECUSED).when(g.AssignV1(handler=HANDLER.actor)).refused("recused", "handler")
    given(*TRIAGED, RECUSED).when(RECUSE).refused("recused", "handler")


def test_only_a_handler_of_the_community_is_recused() -> None:
    """A handler next door has no case here to keep away from."""
    elsewhere = w.RecuseV1(handler=STRANGER.actor, note=SEALED)
    given(*TRIAGED).when(elsewhere).refused("unknown_handler", "handler")


def test_a_recused_handler_does_not_answer_the_review() -> None:
    """An interest in the case does not end with its handling."""
    both = Who(HANDLER.actor, "supervisor")
    asked = w.ReviewRequestedV1(note=SEALED, stage="review", answer_due_at=2_000_000_000_000)
    answer = w.AnswerReviewV1(result="upheld", note=SEALED)
    given(*staff(both, "demo"), *TRIAGED, RECUSED, asked).when(answer, by=both).refused(
        "handler_may_not_review"
    )
