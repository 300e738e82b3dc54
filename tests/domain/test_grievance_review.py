"""Service of letters, review and re-review."""

from __future__ import annotations

from contracts import casework as w
from contracts import grievance as g
from contracts.base import DAY_MS, Message
from tests.support.given import (
    BATCH,
    CLERK,
    HANDLER,
    SEALED,
    SUPERVISOR,
    Past,
    Who,
    accepted,
    day,
    given,
    import_opened,
    lodged,
    on,
    overdue,
    staff,
)

REPLIED = (lodged(), accepted(), g.RepliedV1(reply=SEALED))
CLOSED = (*REPLIED, g.ClosedV1(outcome="answered"))
SERVE = w.RecordServiceV1(result="served", manner="in_person", recipient="complainant")
ASK = w.RequestReviewV1(note=SEALED)
ANSWER = w.AnswerReviewV1(result="changed", note=SEALED)
ANSWERED = w.ReviewAnsweredV1(result="changed", note=SEALED)


def served(until: int | None, result: w.ServiceResult = "served") -> w.ServiceRecordedV1:
    """The letter was handed over, or that failed."""
    return w.ServiceRecordedV1(result=result, manner="in_person", recipient="complainant", review_until=until)


def requested(at: int, stage: w.ReviewStage = "review") -> w.ReviewRequestedV1:
    """A review was asked for at this time."""
    return w.ReviewRequestedV1(note=SEALED, stage=stage, answer_due_at=at + 30 * DAY_MS)


def test_the_time_for_a_review_starts_at_service() -> None:
    """A reply that was served can be reviewed on request for thirty days from its service."""
    given(*CLOSED).when(SERVE, day(10), by=CLERK).then(served(day(40)))
    given(*CLOSED, served(day(40))).when(ASK, day(40)).then(requested(day(40)))
    given(*CLOSED, served(day(40))).when(ASK, day(40) + 1).refused("review_too_late")


def test_an_unserved_reply_starts_no_clock() -> None:
    """Before its service a reply cannot be reviewed, and a failed service starts nothing."""
    given(*CLOSED).when(ASK, day(1)).refused("not_served")
    failed = w.RecordServiceV1(result="failed", manner="in_person", recipient="complainant")
    given(*CLOSED).when(failed, day(1)).then(served(None, "failed"))
    given(*CLOSED, served(None, "failed")).when(ASK, day(2)).refused("not_served")
    given(*CLOSED, served(None, "failed")).when(SERVE, day(2)).accepted()


def test_a_letter_is_served_once() -> None:
    """A second service would move the complainant's time, and is refused."""
    given(*CLOSED, served(day(40))).when(SERVE, day(20)).refused("served_already")


def test_a_new_reply_has_to_be_served_anew() -> None:
    """A further reply starts no clock by the service of the one before."""
    again = (*REPLIED, served(day(40)), g.RepliedV1(reply=SEALED))
    given(*again).when(ASK, day(1)).refused("not_served")
    given(*again).when(SERVE, day(20)).then(served(day(50)))


def test_a_review_opens_a_closed_case() -> None:
    """Under review a case is open: it takes no work of the handling, and its answer has a term."""
    world = given(*CLOSED, served(day(40)), *on(day(5), requested(day(5))))
    for command in (g.ReplyV1(reply=SEALED), g.CloseV1(outcome="resolved"), g.AcceptV1(), ASK, SERVE):
        world.when(command, day(6)).refused("in_review")
    due = g.DeadlineDueV1(deadline="review", due_at=day(35))
    world.when(due, day(35)).then(overdue("review", day(35)))
    world.when(ANSWER, day(35), by=SUPERVISOR).then(ANSWERED)


def test_a_review_may_be_asked_for_before_the_closing() -> None:
    """Whoever was served a reply need not wait until the office closes the case."""
    given(*REPLIED, served(day(40))).when(ASK, day(5)).then(requested(day(5)))


def test_an_answered_review_closes() -> None:
    """After the answer no deadline runs, and what was to be answered is not answered again."""
    world = given(*CLOSED, served(day(40)), *on(day(5), requested(day(5))), *on(day(9), ANSWERED))
    world.when(g.DeadlineDueV1(deadline="review", due_at=day(35)), day(36)).no_op("stale")
    world.when(ANSWER, day(36), by=SUPERVISOR).refused("no_review_asked")


def test_whoever_handled_the_case_cannot_answer_its_review() -> None:
    """The second person is another one than the handler, whatever posts that one holds."""
    both = Who(HANDLER.actor, "supervisor")
    past = (*REPLIED, g.AssignedV1(handler=HANDLER.actor), served(day(40)), requested(day(5)))
    given(*staff(both, "demo"), *past).when(ANSWER, day(6), by=both).refused("handler_may_not_review")


def test_a_re_review_follows_the_service_of_the_opinion() -> None:
    """The opinion is served like the reply, may be re-reviewed in thirty days, and then there is no more."""
    reviewed: tuple[Message | Past, ...] = (
        *CLOSED,
        served(day(40)),
        requested(day(5)),
        *on(day(9), ANSWERED),
    )
    given(*reviewed).when(ASK, day(10)).refused("not_served")
    given(*reviewed).when(SERVE, day(12)).then(served(day(42)))
    again: tuple[Message | Past, ...] = (*reviewed, *on(day(12), served(day(42))))
    given(*again).when(ASK, day(42)).then(requested(day(42), "re_review"))
    last = (*again, *on(day(20), requested(day(20), "re_review")), *on(day(30), ANSWERED))
    given(*last).when(SERVE, day(31)).then(served(None))
    given(*last, served(None)).when(ASK, day(32)).refused("review_exhausted")


def test_a_reopened_case_has_to_be_replied_to_again() -> None:
    """What was served before the case was opened again gives no right to a review of what follows."""
    again = g.ReopenedV1(note=SEALED, handle_due_at=day(100))
    given(*CLOSED, served(day(40)), again).when(ASK, day(20)).refused("not_served")


def test_nothing_is_served_while_the_import_is_open() -> None:
    """An imported case can be served and reviewed once its import was closed."""
    old = on(day(-400), *CLOSED, batch=BATCH)
    given(import_opened(), *old).when(SERVE, day(1)).refused("import_open")
