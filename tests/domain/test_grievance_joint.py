"""Joint handling: one lead, everybody's part on record, and the case answered for at home."""

from __future__ import annotations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts import casework as w
from contracts import grievance as g
from contracts import joint as j
from contracts import register as r
from contracts import transfer as t
from contracts.base import Message
from contracts.workflow import Accepted
from tests.support.given import (
    CLERK,
    COMMUNITY,
    HANDLER,
    NEIGHBOUR,
    SEALED,
    STREET,
    SUPERVISOR,
    Who,
    accepted,
    day,
    given,
    lodged,
    staff,
)

SCHOOL = r.UnitDefinedV1(unit="school", name="School", tier="organisation", kind="school", parent=COMMUNITY)
ACCEPTED: tuple[Message, ...] = (SCHOOL, lodged(), accepted())
UNITS = (COMMUNITY, "school", STREET)
START = j.StartJointHandlingV1(units=UNITS, lead=COMMUNITY, note=SEALED)
STARTED = j.JointHandlingStartedV1(units=UNITS, lead=COMMUNITY, note=SEALED)
JOINT: tuple[Message, ...] = (*ACCEPTED, STARTED)
END = j.EndJointHandlingV1(note=SEALED)


def part(unit: str) -> j.JointPartRecordedV1:
    """The part of a unit was recorded."""
    return j.JointPartRecordedV1(unit=unit, note=SEALED)


def test_offices_areas_and_enterprises_handle_a_case_under_one_lead() -> None:
    """Units of any kind take part, organisations too, and one of them leads."""
    given(*ACCEPTED).when(START).then(STARTED)


def test_the_clock_stays_at_home() -> None:
    """The case's term runs on as it did."""
    assert given(*JOINT).case is not None
    before, after = given(*ACCEPTED).case, given(*JOINT).case
    assert before is not None
    assert after is not None
    assert (after.due, after.unit, after.status) == (before.due, before.unit, before.status)


@pytest.mark.parametrize(
    ("units", "lead", "reason", "field"),
    [
        ((COMMUNITY, "school", "school"), COMMUNITY, "named_twice", "units"),
        ((COMMUNITY, "school"), STREET, "lead_takes_no_part", "lead"),
        ((COMMUNITY, "nowhere"), COMMUNITY, "unknown_unit", "units"),
    ],
)
def test_units_that_cannot_take_part(units: tuple[str, ...], lead: str, reason: str, field: str) -> None:
    """Each unit is in the register and named once, and the lead is among them."""
    start = j.StartJointHandlingV1(units=units, lead=lead, note=SEALED)
    given(*ACCEPTED).when(start).refused(reason, field)


def test_a_unit_that_is_gone_takes_no_part() -> None:
    """A unit that was merged away leaves the part to its successor."""
    gone = r.UnitsSucceededV1(of=(NEIGHBOUR,), into=(COMMUNITY,), since=0)
    start = j.StartJointHandlingV1(units=(COMMUNITY, NEIGHBOUR), lead=COMMUNITY, note=SEALED)
    given(gone, *ACCEPTED).when(start).refused("unit_gone", "units")


def test_a_case_is_handled_jointly_once_it_is_accepted() -> None:
    """Nor twice at a time."""
    given(SCHOOL, lodged()).when(START).refused("not_accepted_yet")
    given(*JOINT).when(START).refused("joint_already")


def test_a_part_is_recorded_for_a_unit_that_takes_part() -> None:
    """And only while the case is handled jointly."""
    given(*JOINT).when(j.RecordJointPartV1(unit="school", note=SEALED), by=CLERK).then(part("school"))
    given(*JOINT).when(j.RecordJointPartV1(unit=NEIGHBOUR, note=SEALED)).refused("takes_no_part", "unit")
    given(*ACCEPTED).when(j.RecordJointPartV1(unit="school", note=SEALED)).refused("not_joint")


def test_units_that_gave_no_part_are_named_at_the_end() -> None:
    """In the order in which they were asked."""
    ended = j.JointHandlingEndedV1(note=SEALED, missing=("school", STREET))
    given(*JOINT, part(COMMUNITY)).when(END).then(ended)
    given(*ACCEPTED).when(END).refused("not_joint")


def test_the_lead_gives_its_part_before_the_end() -> None:
    """Others' parts do not stand for it."""
    given(*JOINT, part("school")).when(END).refused("lead_part_missing")


def test_the_leads_side_ends_it() -> None:
    """A handler who serves another unit does not; a supervisor does where the lead has no staff of its own."""
    led = j.JointHandlingStartedV1(units=UNITS, lead="school", note=SEALED)
    done = (*ACCEPTED, led, part("school"))
    ended = j.JointHandlingEndedV1(note=SEALED, missing=(COMMUNITY, STREET))
    elsewhere = Who("act_elsewhere00", "handler")
    by_street = j.JointHandlingStartedV1(units=(STREET, "school"), lead=STREET, note=SEALED)
    given(*done).when(END, by=SUPERVISOR).then(ended)
    given(*ACCEPTED, by_street, part(STREET)).when(END, by=HANDLER).refused("not_lead_side")
    given(*staff(elsewhere, STREET), *ACCEPTED, by_street, part(STREET)).when(END, by=elsewhere).then(
        j.JointHandlingEndedV1(note=SEALED, missing=("school",))
    )


def test_a_case_that_is_handled_jointly_is_neither_replied_to_nor_closed() -> None:
    """The parts come first; after the end it is answered as any other."""
    given(*JOINT).when(g.ReplyV1(reply=SEALED)).refused("joint_open")
    resolved = g.ResolvedV1(note=SEALED)
    given(*JOINT, resolved).when(g.CloseV1(outcome="resolved")).refused("joint_open")
    ended = j.JointHandlingEndedV1(note=SEALED)
    given(*JOINT, part(COMMUNITY), ended, resolved).when(g.CloseV1(outcome="resolved")).then(
        g.ClosedV1(outcome="resolved")
    )


def test_a_case_that_is_handled_jointly_is_not_transferred() -> None:
    """Its parts would be left behind: they are brought to an end first."""
    given(*JOINT).when(t.TransferV1(to=NEIGHBOUR, note=SEALED)).refused("joint_open")


def test_a_review_ends_what_was_handled_jointly() -> None:
    """The complainant's right to a review waits for nobody's part."""
    asked = w.ReviewRequestedV1(note=SEALED, stage="review", answer_due_at=day(90))
    given(*JOINT, asked).when(END).refused("not_joint")


SAID = st.lists(
    st.sampled_from(
        [START, END, *(j.RecordJointPartV1(unit=unit, note=SEALED) for unit in (*UNITS, NEIGHBOUR))]
    ),
    max_size=12,
)


@for_all(SAID)
def test_every_unit_of_an_ended_joint_handling_gave_its_part_or_is_named(said: list[Message]) -> None:
    """Whatever is said in whatever order: parts and missing are the units, and nothing is counted twice."""
    events, units, gave = list(ACCEPTED), set[str](), set[str]()
    for body in said:
        answer = given(*events).when(body).answer
        if not isinstance(answer, Accepted):
            continue
        (event,) = answer.events
        events.append(event)
        match event:
            case j.JointHandlingStartedV1():
                units, gave = set(event.units), set()
            case j.JointPartRecordedV1():
                gave.add(event.unit)
            case j.JointHandlingEndedV1():
                assert sorted((*gave, *event.missing)) == sorted(units)
                assert COMMUNITY in gave
