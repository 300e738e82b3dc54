"""Mediation: sessions, reports of risk, the dossier's files, and what clocks say."""

from __future__ import annotations

import pytest

from contracts import mediation as m
from contracts import register as r
from contracts.base import Message
from tests.support.given import (
    CLERK,
    CLOCK,
    COMMUNITY,
    GRID_WORKER,
    OF_FILE,
    SEALED,
    STREET,
    SUPERVISOR,
    day,
    on,
    policy_of_mediation,
)
from tests.support.mediating import (
    AGREED,
    HELD,
    HOLD,
    MEDIATE_BY,
    MEDIATOR,
    NAME_C,
    SAT,
    UNDER_WAY,
    VISIT_BY,
    started,
    world,
)

PLAN = m.PlanSessionV1(planned_at=day(3), sitting="joint", parties=(1, 2))
PLANNED = m.SessionPlannedV1(**PLAN.__dict__, number=1)
REPORT = m.ReportRiskV1(fact="threat", to=STREET, note=SEALED)
REPORTED = m.RiskReportedV1(**REPORT.__dict__, reported_by=MEDIATOR.actor)
ACKNOWLEDGE = m.AcknowledgeRiskV1(note=SEALED)
ATTACH = m.AttachV1(
    blob="a" * 64,
    size=1000,
    media_type="application/pdf",
    whose="office",
    name=OF_FILE,
    key=OF_FILE,
    paper="identity",
)
ATTACHED = m.AttachedV1(**ATTACH.__dict__)


def test_a_session_is_planned_and_held() -> None:
    """The planned session is held under its number; who was expected and did not come is told."""
    world(*UNDER_WAY).when(PLAN, by=CLERK).then(PLANNED)
    alone = m.HoldSessionV1(session=1, sitting="separate", present=(1,), note=SEALED)
    held = m.SessionHeldV1(**alone.__dict__, number=1, absent=(2,))
    world(*UNDER_WAY, PLANNED).when(alone, by=MEDIATOR).then(held)
    world(*UNDER_WAY, PLANNED, held).when(alone, by=MEDIATOR).refused("no_such_session", "session")


def test_a_session_is_held_without_a_plan() -> None:
    """One that nobody planned gets the next number."""
    world(*UNDER_WAY).when(HOLD, by=MEDIATOR).then(HELD)
    world(*UNDER_WAY, PLANNED).when(HOLD, by=MEDIATOR).then(m.SessionHeldV1(**HOLD.__dict__, number=2))


def test_nobody_is_mediated_unasked() -> None:
    """Before every party has consented no session is held, though it may be planned."""
    world(*UNDER_WAY[:-1]).when(HOLD, by=MEDIATOR).refused("consent_missing")
    world(*UNDER_WAY[:-1]).when(PLAN, by=CLERK).accepted()


def test_mediators_alone_tell_of_sessions() -> None:
    """What was said in a session is recorded by who mediated it."""
    world(*UNDER_WAY).when(HOLD, by=CLERK).refused("not_entitled")


@pytest.mark.parametrize(
    ("sitting", "parties", "reason"),
    [
        ("joint", (1,), "joint_of_one_side"),
        ("separate", (1, 2), "separate_of_sides"),
        ("joint", (1, 2, 2), "named_twice"),
        ("joint", (1, 9), "no_such_party"),
    ],
)
def test_who_sits_together(sitting: m.Sitting, parties: tuple[int, ...], reason: str) -> None:
    """A joint session is of two sides, a separate one of one, and nobody is there twice or unknown."""
    plan = m.PlanSessionV1(planned_at=day(3), sitting=sitting, parties=parties)
    hold = m.HoldSessionV1(sitting=sitting, present=parties, note=SEALED)
    world(*UNDER_WAY).when(plan, by=CLERK).refused(reason, "parties")
    world(*UNDER_WAY).when(hold, by=MEDIATOR).refused(reason, "present")


def test_a_session_is_put_off() -> None:
    """A planned session is adjourned to a later time, and who did not come is told."""
    adjourn = m.AdjournSessionV1(session=1, planned_at=day(9), absent=(2,), note=SEALED)
    put_off = m.SessionAdjournedV1(**adjourn.__dict__)
    world(*UNDER_WAY, PLANNED).when(adjourn, day(3), by=CLERK).then(put_off)
    after = world(*UNDER_WAY, PLANNED, put_off).mediation
    assert after is not None
    assert after.sessions[0].planned_at == day(9)
    world(*UNDER_WAY).when(adjourn, by=CLERK).refused("no_such_session", "session")
    third = (m.PartyAddedV1(side="third", name=NAME_C, number=3), PLANNED)
    other = m.AdjournSessionV1(session=1, planned_at=day(9), absent=(3,), note=SEALED)
    world(started(), *third).when(other, by=CLERK).refused("not_expected", "absent")
    nobody = m.AdjournSessionV1(session=1, planned_at=day(9), absent=(4,), note=SEALED)
    world(started(), *third).when(nobody, by=CLERK).refused("no_such_party", "absent")


def test_plans_lie_ahead() -> None:
    """Nothing is planned for, or put off to, a time that has passed."""
    world(*UNDER_WAY).when(PLAN, day(4), by=CLERK).refused("planned_in_past", "planned_at")
    back = m.AdjournSessionV1(session=1, planned_at=day(1), note=SEALED)
    world(*UNDER_WAY, PLANNED).when(back, day(4), by=CLERK).refused("planned_in_past", "planned_at")


def test_sessions_are_a_hundred_at_most() -> None:
    """The hundred-and-first is neither planned nor held."""
    held = [m.SessionHeldV1(**HOLD.__dict__, number=number) for number in range(1, 101)]
    world(*UNDER_WAY, *held).when(PLAN, by=CLERK).refused("too_many_sessions")
    world(*UNDER_WAY, *held).when(HOLD, by=MEDIATOR).refused("too_many_sessions")


def test_a_risk_is_reported_and_acknowledged_by_another() -> None:
    """The duty desk acknowledges what the mediator reported; whoever reported it cannot."""
    world(started()).when(REPORT, by=CLERK).accepted()
    world(*SAT).when(REPORT, by=MEDIATOR).then(REPORTED)
    world(*SAT, REPORTED).when(REPORT, by=MEDIATOR).refused("risk_reported_already")
    world(*SAT, REPORTED).when(ACKNOWLEDGE, by=GRID_WORKER).then(m.RiskAcknowledgedV1(**ACKNOWLEDGE.__dict__))
    world(*SAT).when(ACKNOWLEDGE, by=GRID_WORKER).refused("no_risk_reported")
    own = m.RiskReportedV1(**REPORT.__dict__, reported_by=GRID_WORKER.actor)
    world(*SAT, own).when(ACKNOWLEDGE, by=GRID_WORKER).refused("second_person")


def test_the_desk_on_duty_acknowledges_where_there_is_one() -> None:
    """Where somebody holds the duty desk's post nobody else acknowledges, but for a supervisor."""
    desk = r.PostDefinedV1(post="police_duty", unit=COMMUNITY, name="Duty desk", seats=1)
    holder = r.AppointedV1(person=CLERK.actor, role="clerk", unit=COMMUNITY, post="police_duty")
    here = world(desk, holder, *SAT, REPORTED)
    here.when(ACKNOWLEDGE, by=GRID_WORKER).refused("not_on_duty")
    here.when(ACKNOWLEDGE, by=CLERK).accepted()
    here.when(ACKNOWLEDGE, by=SUPERVISOR).accepted()


def test_a_report_goes_to_a_unit() -> None:
    """A report names a unit of the register, and is made while the mediation is not closed."""
    nowhere = m.ReportRiskV1(fact="threat", to="nowhere", note=SEALED)
    world(started()).when(nowhere, by=CLERK).refused("unknown_unit", "to")
    refusal = m.ConsentRecordedV1(party=1, consents=False, remedies=SEALED)
    world(started(), refusal).when(REPORT, by=CLERK).refused("mediation_ended")


def test_files_go_into_the_dossier() -> None:
    """A file is attached once, with the place in the dossier that it belongs to."""
    world(started()).when(ATTACH, by=CLERK).then(ATTACHED)
    world(started(), ATTACHED).when(ATTACH, by=CLERK).refused("attached_already", "blob")


def test_the_policy_bounds_files() -> None:
    """Too many files, or one that is too large, are refused."""
    none = policy_of_mediation(attachments=0)
    world(none, started()).when(ATTACH, by=CLERK).refused("too_many_attachments", "blob")
    small = policy_of_mediation(attachment_bytes=1)
    large = ATTACH.model_copy(update={"size": 2000})
    world(small, started()).when(large, by=CLERK).refused("attachment_too_large", "blob")


def test_notes_are_added_at_any_time() -> None:
    """A note is recorded of a mediation in any state."""
    note = m.AddNoteV1(note=SEALED)
    world(*AGREED).when(note, by=MEDIATOR).then(m.NoteAddedV1(**note.__dict__))


@pytest.mark.parametrize(
    ("events", "deadline", "due_at", "obligations"),
    [
        (UNDER_WAY, "mediate", MEDIATE_BY, ()),
        (AGREED, "perform", day(10), (1,)),
        (AGREED, "perform", day(20), (2,)),
        (AGREED, "confirm", VISIT_BY, ()),
        (AGREED, "follow_up", VISIT_BY, ()),
    ],
)
def test_terms_pass_once(
    events: tuple[Message, ...], deadline: m.Deadline, due_at: int, obligations: tuple[int, ...]
) -> None:
    """A clock says once that a term has passed; before it is early, and after it is stale."""
    due = m.DeadlineDueV1(deadline=deadline, due_at=due_at)
    passed = m.DeadlinePassedV1(deadline=deadline, due_at=due_at, obligations=obligations)
    world(*events).when(due, due_at - 1).no_op("early")
    world(*events).when(due, due_at).then(passed)
    world(*events, *on(due_at, passed)).when(due, due_at).no_op("stale")
    world(started()).when(due, due_at).no_op("stale")


def test_clocks_alone_say_that_terms_passed() -> None:
    """A clerk cannot, and a clock says nothing else."""
    due = m.DeadlineDueV1(deadline="mediate", due_at=MEDIATE_BY)
    world(*UNDER_WAY).when(due, MEDIATE_BY, by=CLERK).refused("not_entitled")
    world(*UNDER_WAY).when(HOLD, by=CLOCK).refused("not_entitled")
