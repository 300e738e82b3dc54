"""The rules of inspections: kinds by date, what may be inspected, findings put right, and coverage."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given as drawn
from hypothesis import strategies as st

from contracts import inspections as i
from contracts import register as r
from contracts.base import DAY_MS, LEDGER_UNIT
from contracts.grown import case_of
from contracts.inspection_kinds import Cycle
from contracts.reference import RegisterHistory
from contracts.workflow import stream_id
from tests.support.given import (
    ADMINISTRATOR,
    AUDITOR,
    BEGINNING,
    CLERK,
    COMMUNITY,
    HANDLER,
    LATER,
    OTHER_ZONE,
    STORY,
    STREET,
    SUPERVISOR,
    ZONE,
    community,
    day,
    given,
)

KIND = r.InspectionDefinedV1(
    unit=STREET, inspection="round", name="Zone round", cycle="quarter", each="zone", since=BEGINNING
)
WHOLE = r.InspectionDefinedV1(
    unit=COMMUNITY, inspection="frontage", name="Frontage", cycle="month", each="unit", since=day(40)
)
RETIRED = KIND.model_copy(update={"retired": True, "since": day(100)})
KINDS = [*community(), KIND, WHOLE, RETIRED]
DO = i.CarryOutInspectionV1(inspection="round", zone=ZONE, finding_1=STORY)
PERIOD = i.period_of(BEGINNING, "quarter", "Asia/Shanghai")
JOINT = (
    i.Inspector(person=HANDLER.actor, unit=COMMUNITY),
    i.Inspector(person=SUPERVISOR.actor, unit=STREET),
)
DONE = i.InspectionCarriedOutV1(**DO.__dict__, at=BEGINNING, period=PERIOD)
RIGHT = i.PutRightV1(finding=1, how=STORY)


def test_a_kind_is_entered_for_a_unit() -> None:
    """A kind of inspection stands in the register for a unit that is there."""
    body = r.DefineInspectionV1(
        unit=STREET, inspection="round", name="Zone round", cycle="quarter", each="zone"
    )
    given().when(body).then(r.InspectionDefinedV1(**body.__dict__))
    given().when(body.model_copy(update={"unit": "nowhere"})).refused("unknown_unit", "unit")


def test_an_inspection_counts_for_the_period_of_its_day() -> None:
    """The period follows from the day that is told, by the kind's cycle and the community's clock."""
    given(register=KINDS).when(DO).then(DONE)
    given(register=KINDS).when(DO, at=day(60), told=BEGINNING).then(DONE)


def test_nothing_found_is_a_result() -> None:
    """An inspection without findings is recorded as such."""
    body = i.CarryOutInspectionV1(inspection="round", zone=ZONE)
    given(register=KINDS).when(body).then(
        i.InspectionCarriedOutV1(**body.__dict__, at=BEGINNING, period=PERIOD)
    )


def test_a_kind_is_in_force_on_the_day() -> None:
    """Before a kind begins, after it was retired, and under a code that is none, nothing is inspected."""
    whole = i.CarryOutInspectionV1(inspection="frontage")
    given(register=KINDS).when(whole).refused("no_such_kind", "inspection")
    given(register=KINDS).when(whole, at=day(41)).accepted()
    given(register=KINDS).when(DO, at=day(101)).refused("no_such_kind", "inspection")
    other = DO.model_copy(update={"inspection": "weather"})
    given(register=KINDS).when(other).refused("no_such_kind", "inspection")


def test_what_is_inspected_fits_the_kind() -> None:
    """A kind for zones needs one that stands; one for the whole takes none."""
    given(register=KINDS).when(DO.model_copy(update={"zone": None})).refused("inspected_place", "zone")
    whole = i.CarryOutInspectionV1(inspection="frontage", zone=ZONE)
    given(register=KINDS).when(whole, at=day(41)).refused("inspected_place", "zone")
    given(register=KINDS).when(DO.model_copy(update={"zone": "z9"})).refused("unknown_zone", "zone")


def test_auditors_inspect_nothing() -> None:
    """Who holds none of the roles records no inspection."""
    given(register=KINDS).when(DO, by=AUDITOR).refused("not_entitled")


def test_an_inspection_begins_once_under_its_own_id() -> None:
    """Its id derives from the submission, and is taken once."""
    given(register=KINDS).when(DO, subject=stream_id("isp", LATER)[:-1] + "0").refused("wrong_stream")
    given(DONE, register=KINDS).when(DO).refused("already_exists")


def test_a_finding_is_put_right_once() -> None:
    """By its number, not before the inspection, and once."""
    given(DONE, register=KINDS).when(RIGHT, at=day(1)).then(
        i.FindingPutRightV1(finding=1, how=STORY, at=day(1))
    )
    given(DONE, register=KINDS).when(RIGHT, told=day(-1)).refused("before_inspection", "occurred_at")
    given(DONE, register=KINDS).when(RIGHT.model_copy(update={"finding": 2})).refused(
        "no_such_finding", "finding"
    )
    done = i.FindingPutRightV1(finding=1, how=STORY, at=day(1))
    given(DONE, done, register=KINDS).when(RIGHT).no_op("put_right_already")
    given(register=KINDS).when(RIGHT).refused("no_such_inspection")


@drawn(
    st.integers(0, 400),
    st.sampled_from(["month", "quarter", "year"]),
    st.sets(st.sampled_from([ZONE, OTHER_ZONE, "gone"])),
)
def test_coverage_adds_up(days: int, cycle: Cycle, inspected: set[str]) -> None:
    """Carried out and missing are together what was due; a kind not in force has no coverage at all."""
    history = RegisterHistory(ADMINISTRATOR.actor)
    kind = KIND.model_copy(update={"cycle": cycle, "since": day(30)})
    for entry in [*community(), kind]:
        history.fold(BEGINNING, [entry])
    register, now = history.at(history.end), day(days)
    periods = i.periods_between(day(0), now, cycle, "Asia/Shanghai")
    assert all(before.end + 1 == after.start for before, after in pairwise(periods))
    assert periods[-1].start <= now <= periods[-1].end
    for period in periods:
        assert period.name == i.period_of(period.start, cycle, "Asia/Shanghai")
        found = i.coverage_of(register, COMMUNITY, "round", period, frozenset(inspected), now)
        if min(period.end, now) < day(30):
            assert found is None
            continue
        assert found is not None
        assert found.due == 2
        assert set(found.done) == inspected & {ZONE, OTHER_ZONE}
        assert not set(found.done) & set(found.missing)


def test_a_month_has_a_name() -> None:
    """Periods are named `2026-11`, `2026-Q4` and `2026`."""
    at = 1_795_000_000_000 - 30 * DAY_MS
    names = [i.period_of(at, cycle, "UTC") for cycle in ("month", "quarter", "year")]
    assert names == ["2026-10", "2026-Q4", "2026"]
    assert LEDGER_UNIT not in names


def test_a_grievance_is_made_of_a_finding_once() -> None:
    """It names the case that follows from the finding, once, and not after the finding was put right."""
    make = i.MakeFindingGrievanceV1(finding=1)
    made = i.FindingGrievanceMadeV1(finding=1, case=case_of(f"{stream_id('isp', LATER)}/1"), at=day(1))
    given(DONE, register=KINDS).when(make, at=day(1)).then(made)
    given(DONE, made, register=KINDS).when(make, at=day(1)).refused("finding_is_grievance")
    given(DONE, made, register=KINDS).when(RIGHT, at=day(1)).accepted()
    right = i.FindingPutRightV1(finding=1, how=STORY, at=day(1))
    given(DONE, right, register=KINDS).when(make, at=day(1)).no_op("put_right_already")
    given(DONE, register=KINDS).when(make.model_copy(update={"finding": 2})).refused(
        "no_such_finding", "finding"
    )


def test_a_joint_inspection_names_who_led_it_and_who_took_part() -> None:
    """Each with the unit for which they did, from whatever unit they come."""
    body = DO.model_copy(update={"inspectors": JOINT})
    given(register=KINDS).when(body).then(
        i.InspectionCarriedOutV1(**body.__dict__, at=BEGINNING, period=PERIOD)
    )


def test_nobody_is_named_twice() -> None:
    """The second mention is refused, be it with another unit."""
    again = i.Inspector(person=JOINT[0].person, unit=STREET)
    body = DO.model_copy(update={"inspectors": (*JOINT, again)})
    given(register=KINDS).when(body).refused("inspector_twice", "inspector_3")


def test_an_inspector_is_in_post_in_the_unit_on_the_day() -> None:
    """Somebody in no post there, in another unit's post, or whose post has ended by then is refused; before, not."""
    elsewhere = i.Inspector(person=HANDLER.actor, unit=STREET)
    body = DO.model_copy(update={"inspectors": (JOINT[1], elsewhere)})
    given(register=KINDS).when(body).refused("inspector_not_in_post", "inspector_2")
    ended = r.AppointmentEndedV1(person=HANDLER.actor, role="handler", unit=COMMUNITY, until=day(10))
    body = DO.model_copy(update={"inspectors": JOINT})
    given(register=[*KINDS, ended]).when(body, at=day(11), by=CLERK).refused(
        "inspector_not_in_post", "inspector_1"
    )
    given(register=[*KINDS, ended]).when(body, at=day(11), told=day(5), by=CLERK).accepted()
    unknown = DO.model_copy(update={"inspectors": (i.Inspector(person="act_nobody0000", unit=COMMUNITY),)})
    given(register=KINDS).when(unknown).refused("unknown_person", "inspector_1")
