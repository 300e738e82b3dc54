"""Extensions, returned referrals, urging, and the way up the chain."""

from __future__ import annotations

import pytest

from contracts import casework as w
from contracts import grievance as g
from contracts import register as r
from contracts.base import HOUR_MS, Message
from contracts.reference import CALENDAR
from contracts.working_days import CalendarDefinedV1
from tests.support.given import (
    BATCH,
    HANDLER,
    OTHER_ZONE,
    SEALED,
    STREET,
    SUPERVISOR,
    ZONE,
    Past,
    Who,
    accepted,
    day,
    given,
    import_closed,
    import_opened,
    lodge,
    lodged,
    on,
    policy,
    staff,
)

ASK = w.AskExtensionV1(note=SEALED)
ASKED = w.ExtensionAskedV1(note=SEALED, asked_by=HANDLER.actor)
APPROVE = w.DecideExtensionV1(verdict="approve", note=SEALED)
REFUSE = w.DecideExtensionV1(verdict="refuse", note=SEALED)
APPROVED = w.ExtensionDecidedV1(verdict="approve", note=SEALED, handle_due_at=day(90))
RUNNING = (lodged(), accepted())
REFERRED = g.ReferredV1(zone=OTHER_ZONE, note=SEALED)
RETURN = w.ReturnV1(note=SEALED)
ESCALATE = w.EscalateV1(note=SEALED)
OVERDUE = g.OverdueV1(deadline="handle", due_at=day(60), escalate_at=day(65))
TICK = g.DeadlineDueV1(deadline="escalate", due_at=day(65))
CITY = (
    r.UnitDefinedV1(unit="city", name="Example City", tier="city"),
    r.UnitDefinedV1(unit=STREET, name="Example Street", tier="street", parent="city"),
)
"""A further unit above the street."""


def test_asking_for_an_extension_moves_no_deadline() -> None:
    """An extension is asked for by name, and the event holds no new deadline."""
    given(*RUNNING).when(ASK, day(50)).then(ASKED)


def test_approval_by_a_second_person_moves_the_deadline() -> None:
    """The handling term ends thirty days later once a second person approves."""
    given(*RUNNING, ASKED).when(APPROVE, day(55), by=SUPERVISOR).then(APPROVED)
    moved = given(*RUNNING, ASKED, APPROVED)
    moved.when(g.DeadlineDueV1(deadline="handle", due_at=day(60)), day(61)).no_op("stale")
    moved.when(g.DeadlineDueV1(deadline="handle", due_at=day(90)), day(91)).accepted()


def test_whoever_asked_cannot_decide() -> None:
    """The second person is another one, whatever posts the first holds."""
    both = Who(HANDLER.actor, "supervisor")
    given(*staff(both, "demo"), *RUNNING, ASKED).when(APPROVE, by=both).refused("second_person")


def test_an_extension_refused_leaves_the_deadline() -> None:
    """After a refusal the term ends when it did, and no second request is taken."""
    given(*RUNNING, ASKED).when(REFUSE, by=SUPERVISOR).then(
        w.ExtensionDecidedV1(verdict="refuse", note=SEALED)
    )
    after = given(*RUNNING, ASKED, w.ExtensionDecidedV1(verdict="refuse", note=SEALED))
    after.when(g.DeadlineDueV1(deadline="handle", due_at=day(60)), day(60)).accepted()
    after.when(ASK, day(10)).refused("extension_asked_already")
    after.when(APPROVE, day(10), by=SUPERVISOR).refused("no_extension_asked")


def test_an_extension_comes_before_the_end_of_the_term() -> None:
    """After the handling term has ended nobody asks for an extension, and none is approved."""
    given(*RUNNING).when(ASK, day(60)).accepted()
    given(*RUNNING).when(ASK, day(60) + 1).refused("term_has_ended")
    given(*RUNNING, ASKED).when(APPROVE, day(60) + 1, by=SUPERVISOR).refused("term_has_ended")


def test_only_a_handling_term_is_extended() -> None:
    """A case that waits for acceptance, or is closed, has no term that could be extended."""
    given(lodged()).when(ASK).refused("not_accepted_yet")
    closed = (*RUNNING, ASKED, g.RepliedV1(reply=SEALED), g.ClosedV1(outcome="answered"))
    given(*closed).when(APPROVE, by=SUPERVISOR).refused("no_extension_asked")


def test_a_new_term_may_be_extended_anew() -> None:
    """A case that was opened again has a term that was not extended yet."""
    again = g.ReopenedV1(note=SEALED, handle_due_at=day(120))
    given(*RUNNING, ASKED, APPROVED, g.ClosedV1(outcome="answered"), again).when(ASK, day(70)).accepted()


def test_an_extension_of_an_imported_case_counts_from_its_own_end() -> None:
    """The term of an imported case, which starts at the end of the import, is moved by as much."""
    old = on(day(-400), lodged(accept_due_at=day(-385)), accepted(day(-340)), batch=BATCH)
    world = given(import_opened(), *old, import_closed(day(1)), ASKED)
    world.when(APPROVE, day(20), by=SUPERVISOR).then(
        w.ExtensionDecidedV1(verdict="approve", note=SEALED, handle_due_at=day(-310))
    )
    open_one = given(import_opened(), *old)
    open_one.when(ASK, day(1)).refused("import_open")


def test_a_referral_can_be_returned() -> None:
    """A case that was referred by mistake goes back to the zone that it came from."""
    given(*RUNNING, REFERRED).when(RETURN, day(7)).then(w.ReturnedV1(note=SEALED, zone=ZONE))


def test_a_referral_is_returned_within_five_working_days() -> None:
    """Referred on a Thursday, it can be returned until midnight after the next Thursday, where days begin."""
    end = day(7) + 16 * HOUR_MS
    given(*RUNNING, REFERRED).when(RETURN, end).then(w.ReturnedV1(note=SEALED, zone=ZONE))
    given(*RUNNING, REFERRED).when(RETURN, end + 1).refused("return_too_late")


def test_days_off_do_not_count_for_a_return() -> None:
    """Two days off of the register's calendar move the end over the weekend."""
    calendar = CalendarDefinedV1(
        calendar=CALENDAR, year=2026, source="A notice", days_off=("2026-01-02", "2026-01-05")
    )
    end = day(11) + 16 * HOUR_MS
    given(*RUNNING, REFERRED, calendar).when(RETURN, end).then(w.ReturnedV1(note=SEALED, zone=ZONE))
    given(*RUNNING, REFERRED, calendar).when(RETURN, end + 1).refused("return_too_late")


def test_a_term_ends_with_the_next_working_day_where_the_policy_says_so() -> None:
    """A term that would end on a Saturday ends with the Monday; one that ends on a working day stays."""
    rolled = policy(accept_days=2, ends_on_working_day=True)
    given(rolled).when(lodge()).then(lodged(accept_due_at=day(4) + 16 * HOUR_MS))
    given(policy(accept_days=1, ends_on_working_day=True)).when(lodge()).then(lodged(accept_due_at=day(1)))


def test_a_referral_is_returned_once() -> None:
    """What was returned, or never referred, is not returned."""
    given(*RUNNING).when(RETURN).refused("not_referred")
    returned = w.ReturnedV1(note=SEALED, zone=ZONE)
    given(*RUNNING, REFERRED, returned).when(RETURN).refused("not_referred")
    given(*RUNNING, REFERRED, returned).when(g.ReferV1(zone=ZONE, note=SEALED)).refused("same_zone", "zone")


def test_a_case_without_a_zone_goes_back_to_none() -> None:
    """A case that was lodged without a zone has none again after its return."""
    given(lodged(zone=None), accepted(), REFERRED).when(RETURN).then(w.ReturnedV1(note=SEALED))


@pytest.mark.parametrize("events", [(lodged(),), RUNNING])
def test_a_supervisor_urges_an_open_case(events: tuple[Message, ...]) -> None:
    """A supervision notice is on record, as often as it is given."""
    given(*events, w.UrgedV1(note=SEALED)).when(w.UrgeV1(note=SEALED), by=SUPERVISOR).then(
        w.UrgedV1(note=SEALED)
    )


def test_a_closed_case_is_not_urged() -> None:
    """Nothing is expected of a case that is closed."""
    closed = (*RUNNING, g.RepliedV1(reply=SEALED), g.ClosedV1(outcome="answered"))
    given(*closed).when(w.UrgeV1(note=SEALED), by=SUPERVISOR).refused("already_closed")


def test_a_case_is_passed_up_step_by_step() -> None:
    """By hand a case goes to the unit above, then to the one above that, and no further."""
    first = w.EscalatedV1(to=STREET, note=SEALED)
    second = w.EscalatedV1(to="city", note=SEALED)
    given(*CITY, *RUNNING).when(ESCALATE).then(first)
    given(*CITY, *RUNNING, first).when(ESCALATE).then(second)
    given(*CITY, *RUNNING, first, second).when(ESCALATE).refused("nobody_above")


def test_an_overdue_case_says_when_it_is_passed_up() -> None:
    """The overdue event holds the time of escalation by the policy of that day."""
    tick = g.DeadlineDueV1(deadline="handle", due_at=day(60))
    given(*RUNNING).when(tick, day(60)).then(OVERDUE)
    given(policy(escalate_days=0), *RUNNING).when(tick, day(60)).then(
        g.OverdueV1(deadline="handle", due_at=day(60))
    )


def test_a_case_that_stays_overdue_is_passed_up_by_rule() -> None:
    """At its time, and no earlier, the unit above is called upon, and the time of the next step is said."""
    world = given(*CITY, *RUNNING, *on(day(60), OVERDUE))
    world.when(TICK, day(65) - 1).no_op("early")
    world.when(TICK, day(65)).then(w.EscalatedV1(to=STREET, by_rule=True, next_at=day(70)))
    world.when(g.DeadlineDueV1(deadline="escalate", due_at=day(64)), day(65)).no_op("stale")


def test_the_rule_ends_at_the_top() -> None:
    """Where nobody stands further up, no further time is said, and the same tick again changes nothing."""
    world = given(*RUNNING, *on(day(60), OVERDUE))
    last = w.EscalatedV1(to=STREET, by_rule=True)
    world.when(TICK, day(65)).then(last)
    given(*RUNNING, *on(day(60), OVERDUE, last)).when(TICK, day(66)).no_op("stale")


@pytest.mark.parametrize(
    "met",
    [
        (g.RepliedV1(reply=SEALED), g.ClosedV1(outcome="answered")),
        (g.ClosedV1(outcome="answered"), g.ReopenedV1(note=SEALED, handle_due_at=day(150))),
    ],
)
def test_a_term_that_was_met_is_passed_up_no_more(met: tuple[Message, ...]) -> None:
    """A case that was closed, or opened again, is not passed up for what it missed before."""
    given(*RUNNING, *on(day(60), OVERDUE), *on(day(61), *met)).when(TICK, day(66)).no_op("stale")


def test_escalation_by_hand_goes_before_the_rule() -> None:
    """By hand a step is taken early: the rule goes on with the unit above that, or ends."""
    world = given(*CITY, *RUNNING, *on(day(60), OVERDUE))
    world.when(ESCALATE, day(61)).then(w.EscalatedV1(to=STREET, note=SEALED, next_at=day(65)))
    top: list[Past] = list(on(day(61), w.EscalatedV1(to=STREET, note=SEALED, next_at=day(65))))
    given(*CITY, *RUNNING, *on(day(60), OVERDUE), *top).when(TICK, day(65)).then(
        w.EscalatedV1(to="city", by_rule=True)
    )
