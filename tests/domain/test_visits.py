"""The rules of three-level visits: who is recorded, and how each opinion comes to its one end."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from contracts import grievance as g
from contracts import visits as v
from contracts.base import Message
from contracts.grown import case_of
from contracts.workflow import Accepted, stream_id
from services.people import visits
from tests.support.given import (
    AUDITOR,
    BEGINNING,
    CLERK,
    CLOCK,
    COMMUNITY,
    HANDLER,
    LATER,
    NEIGHBOUR,
    STORY,
    STREET,
    SUPERVISOR,
    ZONE,
    day,
    given,
    lodge,
)

RECORD = v.RecordVisitV1(
    zone=ZONE,
    rank="section",
    visitor=HANDLER.actor,
    visitor_unit=STREET,
    persons=6,
    opinion_1=STORY,
    opinion_3=STORY,
)
RECORDED = v.VisitRecordedV1(**RECORD.__dict__, at=BEGINNING)
SOLVE, MAKE = v.SolveOpinionV1(number=1, note=STORY), v.MakeGrievanceV1(number=2)
UP = v.PassUpOpinionV1(number=1, to=STREET, note=STORY)
SOLVED = v.OpinionSolvedV1(number=1, note=STORY, at=day(1))
PASSED = v.OpinionPassedUpV1(number=1, to=STREET, note=STORY, at=day(1))
VISIT = stream_id("vst", LATER)
SEED = f"vst_{'0' * 32}/1"


def test_a_visit_is_recorded_with_what_was_said() -> None:
    """The opinions are numbered in their order, without a gap, and the day may be told."""
    given().when(RECORD).then(RECORDED)
    given().when(RECORD, at=day(3), told=BEGINNING).then(RECORDED)
    assert list(v.opinions_in(RECORDED)) == [1, 2]


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"zone": "z9"}, "unknown_zone", "zone"),
        ({"visitor": "act_nobody0000"}, "unknown_person", "visitor"),
        ({"visitor_unit": NEIGHBOUR}, "visitor_from_elsewhere", "visitor_unit"),
        ({"visitor_unit": "-"}, "visitor_from_elsewhere", "visitor_unit"),
    ],
)
def test_who_visits_comes_from_here_or_above(change: dict[str, str], reason: str, field: str) -> None:
    """The zone stands, the visitor is a member of staff, and their unit is the community or above it."""
    given().when(RECORD.model_copy(update=change)).refused(reason, field)


def test_who_records_it() -> None:
    """Auditors record none, and a visit begins once, under its own id."""
    given().when(RECORD, by=AUDITOR).refused("not_entitled")
    given().when(RECORD, subject=VISIT[:-1] + "0").refused("wrong_stream")
    given(RECORDED).when(RECORD).refused("already_exists")


def test_an_opinion_has_one_end() -> None:
    """It is solved, made a grievance, or passed up; what is solved or a grievance has no other end."""
    given(RECORDED).when(SOLVE, at=day(1)).then(SOLVED)
    given(RECORDED, SOLVED).when(SOLVE, at=day(2)).refused("opinion_solved")
    given(RECORDED, SOLVED).when(UP, at=day(2)).refused("opinion_solved")
    made = v.GrievanceMadeV1(number=2, case=case_of(f"{VISIT}/2"), at=day(1))
    given(RECORDED).when(MAKE, at=day(1)).then(made)
    given(RECORDED, made).when(MAKE, at=day(2)).refused("opinion_is_grievance")
    given(RECORDED).when(SOLVE.model_copy(update={"number": 3})).refused("no_such_opinion", "number")
    given().when(SOLVE).refused("no_such_visit")
    given(RECORDED).when(SOLVE, at=day(1), told=day(-1)).refused("before_visit", "occurred_at")


def test_what_was_passed_up_is_solved_there() -> None:
    """It goes to a unit above the one that it is with, and can then be solved or become a grievance."""
    given(RECORDED).when(UP, at=day(1)).then(PASSED)
    given(RECORDED, PASSED).when(UP, by=SUPERVISOR, at=day(2)).refused("not_above", "to")
    given(RECORDED).when(UP.model_copy(update={"to": COMMUNITY})).refused("not_above", "to")
    given(RECORDED, PASSED).when(SOLVE, by=SUPERVISOR, at=day(1)).then(SOLVED)


def test_only_the_unit_above_goes_on_with_what_was_passed_up() -> None:
    """The community that passed an opinion up neither solves it nor makes a grievance of it."""
    for command in (SOLVE, v.MakeGrievanceV1(number=1), UP):
        given(RECORDED, PASSED).when(command, by=CLERK, at=day(2)).refused("opinion_is_above")


def test_opinions_are_added() -> None:
    """What was left out is added under the next number."""
    added = v.OpinionAddedV1(opinion=STORY, number=3)
    given(RECORDED).when(v.AddOpinionV1(opinion=STORY)).then(added)
    full = [v.OpinionAddedV1(opinion=STORY, number=number) for number in range(3, v.MOST_OPINIONS + 1)]
    given(RECORDED, *full).when(v.AddOpinionV1(opinion=STORY)).refused("too_many_opinions", "opinion")


def test_a_case_grows_from_an_opinion_once() -> None:
    """The clock lodges what grew, under the id that follows from it, and nothing else; nobody else lodges that."""
    body = lodge(grown_from=SEED)
    assert isinstance(given().when(body, by=CLOCK, subject=case_of(SEED)).answer, Accepted)
    given().when(body, by=CLOCK, subject="grv_other0000").refused("wrong_stream")
    given().when(body, by=CLERK, subject=case_of(SEED)).refused("clock_lodges_what_grew")
    given().when(lodge(), by=CLOCK).refused("clock_lodges_what_grew")
    lodged = g.LodgedV1(**body.__dict__, accept_due_at=day(15))
    given(lodged).when(body, by=CLOCK, subject=case_of(SEED)).refused("already_exists")


EVENTS: list[Message] = [
    v.OpinionAddedV1(opinion=STORY, number=3),
    SOLVED,
    PASSED,
    v.GrievanceMadeV1(number=2, case=case_of(f"{VISIT}/2"), at=day(1)),
    v.OpinionSolvedV1(number=9, note=STORY, at=day(1)),
]


@drawn(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_no_opinion_is_lost(events: list[Message]) -> None:
    """Whatever happens, the ends of a visit's opinions add up to the opinions that were heard."""
    state: visits.Visit | None = visits.evolve(None, RECORDED, COMMUNITY)
    heard = 2
    for event in events:
        heard += isinstance(event, v.OpinionAddedV1)
        state = visits.evolve(state, event, COMMUNITY)
    assert state is not None
    ends = [opinion.end for opinion in state.opinions]
    told = {end: ends.count(end) for end in ("open", "solved", "grievance", "passed_up")}
    assert v.VisitFigures(**told).collected == heard == len(ends)
