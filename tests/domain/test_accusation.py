"""The rules of accusations: to whom one is entrusted, who may act on it, and how it ends."""

from __future__ import annotations

import pytest

from contracts import accusation as a
from contracts import grievance as g
from contracts import register as r
from contracts.base import LEDGER_UNIT, Message
from contracts.reference import Register
from contracts.workflow import stream_id
from tests.support.community import AUDITOR, CLERK, HANDLER, SEALED, SUPERVISOR, UNIT, Who
from tests.support.given import ACCUSATION, COMMUNITY, LODGING, STREET, TRACKING, World, day, given, staff

INSPECTOR = Who("act_inspector0", "inspector")
SECOND = Who("act_inspector1", "inspector")
OUTSIDER = Who("act_inspector2", "inspector")
RESIDENT = Who(g.RESIDENT, "resident")
NOTE = {"note": SEALED}


def lodge(**fields: object) -> a.LodgeV1:
    """Lodge through the public form, entrusted to two inspectors unless told otherwise."""
    usual = {
        "tracking": TRACKING,
        "channel": "web",
        "about": "conduct",
        "entrusted": (INSPECTOR.actor, SECOND.actor),
        "against": SEALED,
        "story": SEALED,
    }
    return a.LodgeV1.model_validate(usual | fields)


def lodged(**fields: object) -> a.LodgedV1:
    """It was lodged."""
    return a.LodgedV1(**lodge(**fields).__dict__)


def world(*events: Message) -> World:
    """Three inspectors of the whole ledger, and what happened to one accusation."""
    people = [entry for who in (INSPECTOR, SECOND, OUTSIDER) for entry in staff(who, LEDGER_UNIT)]
    return given(*people, *events)


def test_a_resident_lodges_without_an_appointment() -> None:
    """Whoever has no account speaks as a resident, and it is entrusted to those who were found."""
    world().when(lodge(), by=RESIDENT).then(lodged())


def test_a_clerk_of_another_unit_lodges_for_somebody() -> None:
    """Who types it in need hold nothing in the unit that receives it."""
    world().when(lodge(channel="counter"), by=CLERK).accepted()


def test_nobody_speaks_in_a_role_that_they_do_not_hold() -> None:
    """A clerk who says that they are a handler is refused."""
    world().when(lodge(), by=Who(CLERK.actor, "handler")).refused("not_entitled")


def test_it_is_entrusted_to_those_in_office_alone() -> None:
    """Somebody who does not hold the office in the receiving unit cannot be entrusted with it."""
    body = lodge(entrusted=(INSPECTOR.actor, HANDLER.actor))
    world().when(body, by=RESIDENT).refused("not_receiving", "entrusted")


def test_pressure_goes_to_the_office_of_the_ledger() -> None:
    """Pressure for having complained cannot be sent to a community or street."""
    body = lodge(about="pressure")
    world().when(body, by=RESIDENT, unit=STREET).refused("not_the_office", "about")


def test_a_stream_is_begun_by_its_own_lodging() -> None:
    """An id that does not come from the submission is refused."""
    world().when(lodge(), by=RESIDENT, subject=stream_id("acc", "0" * 32)).refused("wrong_stream")
    assert stream_id("acc", LODGING) == ACCUSATION


@pytest.mark.parametrize("who", [OUTSIDER, SUPERVISOR, AUDITOR, HANDLER, CLERK, RESIDENT])
@pytest.mark.parametrize(
    "body", [a.TakeUpV1(**NOTE), a.RecordReadingV1(), a.EntrustV1(person=OUTSIDER.actor)]
)
def test_to_whom_it_is_not_entrusted_it_does_not_exist(who: Who, body: Message) -> None:
    """An inspector who is not entrusted is told that there is none, and others hold no office."""
    reason = "no_such_accusation" if who is OUTSIDER else "not_entitled"
    world(lodged()).when(body, by=who).refused(reason)
    world().when(body, by=who).refused(reason)


def test_who_left_the_office_cannot_act() -> None:
    """Being entrusted is not enough once the appointment has ended."""
    ended = r.AppointmentEndedV1(person=INSPECTOR.actor, role="inspector", unit=LEDGER_UNIT)
    world(lodged(), ended).when(a.TakeUpV1(**NOTE), day(1), by=INSPECTOR).refused("not_entitled")


def test_it_is_worked_from_lodging_to_close() -> None:
    """Taken up, answered and closed, each step once."""
    taken, answered = a.TakenUpV1(**NOTE), a.AnsweredV1(answer=SEALED)
    world(lodged()).when(a.TakeUpV1(**NOTE), by=INSPECTOR).then(taken)
    world(lodged(), taken).when(a.TakeUpV1(**NOTE), by=INSPECTOR).refused("wrong_state")
    world(lodged(), taken).when(a.CloseV1(), by=INSPECTOR).refused("wrong_state")
    world(lodged(), taken).when(a.AnswerV1(answer=SEALED), by=SECOND).then(answered)
    world(lodged(), taken, answered).when(a.CloseV1(), by=SECOND).then(a.ClosedV1())


def test_it_is_passed_to_a_named_authority_and_answered() -> None:
    """What was passed on is answered before it is closed."""
    passed = a.PassedOnV1(authority=SEALED, **NOTE)
    world(lodged()).when(a.PassOnV1(authority=SEALED, **NOTE), by=INSPECTOR).then(passed)
    world(lodged(), passed).when(a.AnswerV1(answer=SEALED), by=INSPECTOR).accepted()


def test_not_pursuing_needs_a_second_person() -> None:
    """Whoever proposed it cannot decide; the second person's approval ends it, a refusal does not."""
    proposed = a.NotPursuingProposedV1(reason="no_ground", proposed_by=INSPECTOR.actor, **NOTE)
    propose = a.ProposeNotPursuingV1(reason="no_ground", **NOTE)
    approve = a.DecideNotPursuingV1(verdict="approve", **NOTE)
    world(lodged()).when(propose, by=INSPECTOR).then(proposed)
    world(lodged()).when(approve, by=SECOND).refused("no_such_proposal")
    waiting = world(lodged(), proposed)
    waiting.when(propose, by=SECOND).refused("already_proposed")
    waiting.when(a.AnswerV1(answer=SEALED), by=SECOND).refused("wrong_state")
    waiting.when(approve, by=INSPECTOR).refused("second_person")
    waiting.when(approve, by=SECOND).then(a.NotPursuingDecidedV1(verdict="approve", **NOTE))
    refused = a.NotPursuingDecidedV1(verdict="refuse", **NOTE)
    world(lodged(), proposed, refused).when(a.TakeUpV1(**NOTE), by=INSPECTOR).accepted()


def test_a_further_person_in_office_can_be_entrusted() -> None:
    """Once; and nobody who holds no office."""
    given_to = a.EntrustedV1(person=OUTSIDER.actor)
    world(lodged()).when(a.EntrustV1(person=OUTSIDER.actor), by=INSPECTOR).then(given_to)
    world(lodged(), given_to).when(a.TakeUpV1(**NOTE), by=OUTSIDER).accepted()
    again = world(lodged(), given_to).when(a.EntrustV1(person=OUTSIDER.actor), by=INSPECTOR)
    again.no_op("already_entrusted")
    world(lodged()).when(a.EntrustV1(person=HANDLER.actor), by=INSPECTOR).refused("not_receiving", "person")


def register(*posts: tuple[Who, str]) -> Register:
    """The usual register with further people in posts."""
    history = given(*(entry for who, unit in posts for entry in staff(who, unit))).register
    return history.at(history.end)


def test_the_receiving_unit_lies_above_the_accused() -> None:
    """Never the unit itself: the street first, then the whole ledger; pressure skips the street."""
    found = register()
    assert a.homes(found, COMMUNITY, "conduct", day(1)) == [STREET, LEDGER_UNIT]
    assert a.homes(found, COMMUNITY, "pressure", day(1)) == [LEDGER_UNIT]


def test_who_belongs_to_the_accused_unit_or_directs_it_is_concerned() -> None:
    """A post in the unit, or a working role above it, keeps somebody out; another office above does not."""
    double = Who(INSPECTOR.actor, "supervisor")
    found = register((INSPECTOR, LEDGER_UNIT), (double, STREET), (SECOND, LEDGER_UNIT), (OUTSIDER, UNIT))
    assert a.is_concerned(found, INSPECTOR.actor, COMMUNITY, day(1))
    assert a.is_concerned(found, OUTSIDER.actor, COMMUNITY, day(1))
    assert not a.is_concerned(found, SECOND.actor, COMMUNITY, day(1))
    assert set(a.candidates(found, STREET, day(1))) == {INSPECTOR.actor, SECOND.actor}
