"""When a deadline passes, and what a clock's word about it changes."""

from __future__ import annotations

import pytest

from contracts import grievance as g
from contracts.base import Message
from services.grievance.case import is_open
from tests.support.given import SEALED, accepted, day, given, lodge, lodged, on, overdue

ACCEPT_DUE = g.DeadlineDueV1(deadline="accept", due_at=day(15))
HANDLE_DUE = g.DeadlineDueV1(deadline="handle", due_at=day(60))
OVERDUE = overdue("accept", day(15))
ANSWERED = (lodged(), accepted(), g.RepliedV1(reply=SEALED))
CLOSED = (*ANSWERED, g.ClosedV1(outcome="answered"))


def test_a_deadline_passes_at_its_time() -> None:
    """At exactly the due time the deadline has passed."""
    given(lodged()).when(ACCEPT_DUE, day(15)).then(OVERDUE)


def test_a_deadline_has_not_passed_a_millisecond_before() -> None:
    """One millisecond before the due time a clock's word changes nothing."""
    given(lodged()).when(ACCEPT_DUE, day(15) - 1).no_op("early")


def test_the_partitions_clock_counts_and_not_the_told_time() -> None:
    """A clock that tells a later time does not make a deadline pass."""
    given(lodged()).when(ACCEPT_DUE, day(15) - 1, told=day(15)).no_op("early")


def test_a_deadline_passes_once() -> None:
    """A deadline that is on record as passed does not pass again."""
    given(lodged(), OVERDUE).when(ACCEPT_DUE, day(16)).no_op("stale")


def test_the_handling_deadline_passes() -> None:
    """An accepted case becomes overdue for handling at the end of that term."""
    given(lodged(), accepted()).when(HANDLE_DUE, day(60)).then(overdue("handle", day(60)))


def test_an_answer_does_not_stop_the_handling_clock() -> None:
    """A case with a reply is still to be closed in time."""
    given(*ANSWERED).when(HANDLE_DUE, day(60)).accepted()


@pytest.mark.parametrize(
    ("history", "due"),
    [
        ((lodged(), accepted()), ACCEPT_DUE),
        ((lodged(), g.NotAcceptedV1(reason="outside_remit", remedy=SEALED)), ACCEPT_DUE),
        (CLOSED, HANDLE_DUE),
        ((lodged(),), HANDLE_DUE),
        ((lodged(),), g.DeadlineDueV1(deadline="accept", due_at=day(14))),
        ((*CLOSED, g.ReopenedV1(note=SEALED, handle_due_at=day(90))), HANDLE_DUE),
    ],
    ids=["accepted", "not accepted", "closed", "other deadline", "other time", "reopened"],
)
def test_a_deadline_that_was_met_or_moved_is_stale(
    history: tuple[Message, ...], due: g.DeadlineDueV1
) -> None:
    """A clock's word about a deadline that no longer runs changes nothing, however late it is."""
    given(*history).when(due, day(200)).no_op("stale")


def test_a_reopened_case_has_a_deadline_of_its_own() -> None:
    """A case that was overdue, closed and reopened can become overdue again, at its new due time."""
    missed = overdue("handle", day(60))
    reopened = g.ReopenedV1(note=SEALED, handle_due_at=day(130))
    history = (*on(day(0), *ANSWERED), *on(day(61), missed, g.ClosedV1(outcome="answered")))
    again = g.DeadlineDueV1(deadline="handle", due_at=day(130))
    given(history, on(day(70), reopened)).when(again, day(130)).then(overdue("handle", day(130)))


def test_a_late_case_can_still_be_worked_on() -> None:
    """An overdue grievance is accepted, answered and closed as any other."""
    given(lodged(), OVERDUE).when(g.AcceptV1(), day(20)).then(accepted(handle_due_at=day(80)))


def test_a_clock_speaks_of_cases_that_exist() -> None:
    """A deadline of a case that does not exist is refused."""
    given().when(ACCEPT_DUE, day(15)).refused("not_found")


@pytest.mark.parametrize(
    ("history", "open_"),
    [
        ((), False),
        ((lodged(),), True),
        ((lodged(), accepted()), True),
        ((lodged(), g.NotAcceptedV1(reason="outside_remit", remedy=SEALED)), False),
        (CLOSED, False),
        ((*CLOSED, g.ReopenedV1(note=SEALED, handle_due_at=day(90))), True),
    ],
    ids=["absent", "lodged", "accepted", "not accepted", "closed", "reopened"],
)
def test_a_case_is_open_while_more_is_expected(history: tuple[Message, ...], open_: bool) -> None:
    """Lodged and accepted cases are open; closed ones and those not accepted are not."""
    assert is_open(given(*history).case) is open_


def test_a_case_that_never_was_has_no_history() -> None:
    """An event of a case that was not lodged, which only a forger writes, makes no case and does not raise."""
    assert given(accepted(), g.ClosedV1(outcome="answered")).case is None
    given(accepted()).when(g.CloseV1(outcome="answered")).refused("not_found")


def test_lodging_is_decided_from_its_own_term() -> None:
    """The accept term of a live lodging ends a whole number of days after its record, to the millisecond."""
    given().when(lodge(), day(1) + 7).then(lodged(accept_due_at=day(16) + 7))
