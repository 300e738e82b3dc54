"""Transfer of a case to another community: what leaves, what is taken in, and what comes back."""

from __future__ import annotations

import pytest

from contracts import grievance as g
from contracts import register as r
from contracts import transfer as t
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, stream_id
from services.grievance import domain as grievances
from tests.support.given import (
    BATCH,
    CLERK,
    CLOCK,
    COMMUNITY,
    HANDLER,
    LATER,
    NEIGHBOUR,
    SEALED,
    STORY,
    STREET,
    TRACKING,
    Past,
    accepted,
    day,
    given,
    import_closed,
    import_opened,
    lodged,
    on,
    overdue,
)

MOVE = t.TransferV1(to=NEIGHBOUR, note=SEALED)


def standing(**fields: object) -> t.Standing:
    """A case that was accepted at once, with 60 days for its handling, unless told otherwise."""
    usual = {"deadline": "handle", "lodged_at": day(0), "due_start": day(0), "due_at": day(60)}
    return t.Standing.model_validate(usual | fields)


def left(at: float = 3, **fields: object) -> t.TransferredOutV1:
    """The case left that many days after it was lodged."""
    receive_by = day(at) + t.RECEIVE_WITHIN_MS
    return t.TransferredOutV1(
        to=NEIGHBOUR, note=SEALED, transfer=LATER, receive_by=receive_by, standing=standing(**fields)
    )


def request(**fields: object) -> t.ReceiveTransferV1:
    """What the neighbour is told of it."""
    usual = {
        "transfer": LATER,
        "origin": "grv_origin00",
        "origin_unit": COMMUNITY,
        "receive_by": day(4),
        "standing": standing(),
        "tracking": TRACKING,
        "channel": "counter",
        "story": STORY,
    }
    return t.ReceiveTransferV1.model_validate(usual | fields)


def received(body: t.ReceiveTransferV1, at: int = day(3), *past: Message) -> Answer:
    """What the neighbour answers at that time."""
    said = given(*past).when(body, at, by=CLOCK)
    submission = said.command.submission.model_copy(
        update={"unit": NEIGHBOUR, "subject": stream_id("grv", said.command.submission.id)}
    )
    world = given(*past)
    register = world.register.at(world.register.end)
    command = Command(submission, at, body)
    return grievances.decide(None, command, Reference(register, at, at, {}))


def test_a_case_leaves_with_the_standing_of_its_term() -> None:
    """What leaves is told with when it was lodged and which term runs until when: none is gained by moving."""
    given(lodged(), accepted()).when(MOVE, day(3), by=HANDLER).then(left())
    waiting = left(deadline="accept", due_at=day(15))
    given(lodged()).when(MOVE, day(3), by=HANDLER).then(waiting)


def test_an_overdue_case_stays_overdue_and_late() -> None:
    """A term that has passed goes along as passed."""
    passed = on(day(60), overdue("handle", day(60)))
    given(lodged(), accepted(), passed).when(MOVE, day(61), by=HANDLER).then(
        left(61, overdue=True, late=True)
    )


def test_a_missed_acceptance_is_not_forgotten() -> None:
    """A case that was accepted after its term is late wherever it goes."""
    past = Past(accepted(day(80)), day(20))
    event = left(21, due_start=day(20), due_at=day(80), late=True)
    given(lodged(), past).when(MOVE, day(21), by=HANDLER).then(event)


@pytest.mark.parametrize(
    ("unit", "reason"),
    [(COMMUNITY, "same_unit"), ("nowhere", "unknown_unit"), (STREET, "not_a_community")],
)
def test_where_a_case_cannot_go(unit: str, reason: str) -> None:
    """It goes neither to itself, nor to a unit that there is not, nor to one that is no community."""
    given(lodged()).when(t.TransferV1(to=unit, note=SEALED), by=HANDLER).refused(reason, "to")


def test_a_case_does_not_go_to_a_unit_that_is_gone() -> None:
    """A community that was merged takes nothing in; its successor does."""
    gone = r.UnitsSucceededV1(of=(NEIGHBOUR,), into=("new",), since=day(1))
    new = r.UnitDefinedV1(unit="new", name="New", tier="community", parent=STREET)
    given(lodged(), Past(new, day(0)), Past(gone, day(0))).when(MOVE, day(3), by=HANDLER).refused(
        "unit_gone", "to"
    )


def test_a_case_leaves_only_while_it_is_handled() -> None:
    """A case that has been answered, closed or not accepted does not leave, nor one whose import is open."""
    replied = g.RepliedV1(reply=SEALED)
    given(lodged(), accepted(), replied).when(MOVE, by=HANDLER).refused("answered_already")
    closed = g.ClosedV1(outcome="answered")
    given(lodged(), accepted(), replied, closed).when(MOVE, by=HANDLER).refused("already_closed")
    given(lodged(), left()).when(MOVE, day(4), by=HANDLER).refused("transferred_already")
    imported = Past(lodged(), day(0), BATCH)
    given(import_opened(), imported).when(MOVE, day(1), by=HANDLER).refused("import_open")
    world = given(import_opened(), imported, import_closed(day(1)))
    assert isinstance(world.when(MOVE, day(2), by=HANDLER).answer, Accepted)


def test_nothing_is_done_on_a_case_that_left() -> None:
    """It can be neither closed as resolved nor worked on where it was."""
    for body in (g.CloseV1(outcome="resolved"), g.ResolveV1(note=SEALED), g.AcceptV1()):
        given(lodged(), accepted(), left()).when(body, day(4), by=HANDLER).refused("transferred_already")


def test_it_is_taken_in_with_its_term() -> None:
    """The neighbour takes it in as it stood; its term ends when it would have ended."""
    answer = received(request())
    assert answer == Accepted((t.TransferredInV1(**request().__dict__),))
    event = answer.events[0]
    case = grievances.evolve(None, event, NEIGHBOUR, day(3), None)
    assert case is not None
    assert (case.status, case.lodged_at) == ("accepted", day(0))
    assert case.due is not None
    assert case.due[1:] == (day(0), day(60))


def test_an_extension_is_not_had_twice() -> None:
    """A case that was extended where it came from is not extended again."""
    answer = received(request(standing=standing(extended=True, due_at=day(90))))
    assert isinstance(answer, Accepted)
    case = grievances.evolve(None, answer.events[0], NEIGHBOUR, day(3), None)
    assert case is not None
    assert case.life.extension is not None
    assert case.life.extension.decided


def test_what_comes_too_late_is_refused() -> None:
    """A request that is recorded after its time is refused, so that every transfer ends."""
    assert received(request(), day(4) + 1) == Refused("transfer_too_late")
    assert isinstance(received(request(), day(4)), Accepted)


def test_only_the_reaction_takes_in_and_settles() -> None:
    """A clerk can neither take a case in nor answer a transfer."""
    settle = t.ConfirmTransferV1(transfer=LATER, case="grv_there0000")
    given(lodged(), left()).when(settle, day(4), by=CLERK).refused("not_entitled")
    given().when(request(), day(3), by=CLERK).refused("not_entitled")


def test_the_sender_learns_what_became_of_it() -> None:
    """That the case was taken in is on the sender's record once; said again it changes nothing."""
    settle = t.ConfirmTransferV1(transfer=LATER, case="grv_there0000")
    there = t.TransferConfirmedV1(transfer=LATER, case="grv_there0000")
    given(lodged(), left()).when(settle, day(4), by=CLOCK).then(there)
    assert given(lodged(), left(), there).when(settle, day(4), by=CLOCK).answer == NoOp("stale")


def test_a_refused_case_comes_back_with_its_term() -> None:
    """What the neighbour refuses is open again where it was, with the term that it left with."""
    settle = t.ReleaseTransferV1(transfer=LATER, reason="unit_gone")
    back = t.TransferReleasedV1(
        transfer=LATER, reason="unit_gone", deadline="handle", due_start=day(0), due_at=day(60)
    )
    given(lodged(), accepted(), left()).when(settle, day(4), by=CLOCK).then(back)
    before, after = given(lodged(), accepted()).case, given(lodged(), accepted(), left(), back).case
    assert after == before
