"""The rules of households and residents: who may speak of which zone, who lives where, and moves."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from contracts import households as h
from contracts import register as r
from contracts.base import Message
from contracts.workflow import stream_id
from services.people import domain
from services.people.households import Household
from tests.support.given import (
    AUDITOR,
    CLERK,
    COMMUNITY,
    GRID_WORKER,
    LATER,
    NEIGHBOUR,
    OTHER_ZONE,
    SEALED,
    STRANGER,
    SUPERVISOR,
    ZONE,
    Who,
    community,
    day,
    given,
)

HERE = stream_id("hsh", LATER)
ELSEWHERE = "hsh_" + "0" * 32
RESIDENT = "res_" + "1" * 32
NEW_RESIDENT = stream_id("res", LATER)
ENTER = h.EnterHouseholdV1(zone=ZONE, address=SEALED)
ENTERED = h.HouseholdEnteredV1(zone=ZONE, address=SEALED)
LIVES = h.ResidentEnteredV1(resident_name=SEALED, telephone=SEALED, resident=RESIDENT)
AWAY = h.MoveResidentV1(resident=RESIDENT)
OF_ZONE = Who("act_zoneworker", "grid_worker")


def one_zone() -> list[Message]:
    """The community, with a grid worker who is appointed in zone 1 alone."""
    person = r.PersonDefinedV1(person=OF_ZONE.actor, name=SEALED)
    return [
        *community(),
        person,
        r.AppointedV1(person=OF_ZONE.actor, role="grid_worker", unit=COMMUNITY, zone=ZONE),
    ]


@pytest.mark.parametrize("by", [CLERK, GRID_WORKER, SUPERVISOR])
def test_a_household_is_entered(by: Who) -> None:
    """Clerks, grid workers and supervisors of the community enter households."""
    given().when(ENTER, by=by).then(ENTERED)


@pytest.mark.parametrize("by", [AUDITOR, STRANGER])
def test_others_enter_none(by: Who) -> None:
    """Who holds none of these roles here enters no household."""
    given().when(ENTER, by=by).refused("not_entitled")


def test_a_household_is_of_a_zone_that_stands() -> None:
    """A zone that is not in the register, or was merged away, takes no household."""
    given().when(ENTER.model_copy(update={"zone": "z9"})).refused("unknown_zone", "zone")
    gone = r.ZonesSucceededV1(
        of=(r.Place(unit=COMMUNITY, zone=ZONE),), into=(r.Place(unit=COMMUNITY, zone=OTHER_ZONE),), since=0
    )
    given(register=[*community(), gone]).when(ENTER).refused("zone_gone", "zone")


def test_a_household_begins_once_under_its_own_id() -> None:
    """The stream's id derives from the submission, and is taken once."""
    given().when(ENTER, subject=ELSEWHERE).refused("wrong_stream")
    given(ENTERED).when(ENTER).refused("already_exists")


def test_a_grid_worker_speaks_of_their_own_zone() -> None:
    """Who is appointed in one zone enters and changes households of that zone, and of no other."""
    given(register=one_zone()).when(ENTER, by=OF_ZONE).then(ENTERED)
    other = ENTER.model_copy(update={"zone": OTHER_ZONE})
    given(register=one_zone()).when(other, by=OF_ZONE).refused("other_zone_of_yours", "zone")
    there = h.HouseholdEnteredV1(zone=OTHER_ZONE, address=SEALED)
    given(there, register=one_zone()).when(h.EndHouseholdV1(), by=OF_ZONE).refused("other_zone_of_yours")
    move = h.CorrectHouseholdV1(zone=OTHER_ZONE)
    given(ENTERED, register=one_zone()).when(move, by=OF_ZONE).refused("other_zone_of_yours", "zone")


def test_a_household_is_corrected() -> None:
    """Its address and its zone may be corrected; what is not told, or is as it was, stays."""
    given(ENTERED).when(h.CorrectHouseholdV1(zone=OTHER_ZONE)).then(h.HouseholdCorrectedV1(zone=OTHER_ZONE))
    given(ENTERED).when(h.CorrectHouseholdV1(zone=ZONE, address=SEALED)).then(
        h.HouseholdCorrectedV1(address=SEALED)
    )
    given(ENTERED).when(h.CorrectHouseholdV1(zone=ZONE)).refused("nothing_to_correct")
    given(ENTERED).when(h.CorrectHouseholdV1(zone="z9")).refused("unknown_zone", "zone")


def test_a_resident_is_entered_with_a_name_at_least() -> None:
    """A resident gets an id that derives from the submission; telephone and year of birth may be left out."""
    body = h.EnterResidentV1(resident_name=SEALED)
    given(ENTERED).when(body).then(h.ResidentEnteredV1(resident_name=SEALED, resident=NEW_RESIDENT))


@pytest.mark.parametrize(
    "body",
    [
        h.EnterResidentV1(resident_name=SEALED),
        h.EndHouseholdV1(),
        AWAY,
        h.ReceiveResidentV1(resident=RESIDENT),
    ],
)
def test_without_a_household_nobody_lives_in_it(body: Message) -> None:
    """What is said of a household that was never entered is refused."""
    given().when(body).refused("no_such_household")


def test_a_household_takes_so_many() -> None:
    """Two hundred residents at most."""
    many = [LIVES.model_copy(update={"resident": f"res_{n:032x}"}) for n in range(h.MOST_RESIDENTS)]
    given(ENTERED, *many).when(h.EnterResidentV1(resident_name=SEALED)).refused("household_full")
    given(ENTERED, *many).when(h.ReceiveResidentV1(resident=RESIDENT)).refused("household_full")


def test_a_resident_is_corrected_where_they_live() -> None:
    """Name and year may be corrected while the person lives here, if something is said."""
    body = h.CorrectResidentV1(resident=RESIDENT, resident_name=SEALED)
    given(ENTERED, LIVES).when(body).then(h.ResidentCorrectedV1(**body.__dict__))
    given(ENTERED).when(body).refused("not_a_resident")
    given(ENTERED, LIVES).when(h.CorrectResidentV1(resident=RESIDENT)).refused("nothing_to_correct")


def test_a_resident_moves_away_or_to_another_household() -> None:
    """Whoever lives here may move, not to where they are, and not twice."""
    given(ENTERED, LIVES).when(AWAY).then(h.ResidentMovedV1(resident=RESIDENT))
    there = h.MoveResidentV1(resident=RESIDENT, household=ELSEWHERE)
    given(ENTERED, LIVES).when(there).then(h.ResidentMovedV1(**there.__dict__))
    here = h.MoveResidentV1(resident=RESIDENT, household=HERE)
    given(ENTERED, LIVES).when(here).refused("same_household", "household")
    given(ENTERED, LIVES, h.ResidentMovedV1(resident=RESIDENT)).when(AWAY).refused("not_a_resident")


def test_a_resident_is_received_once() -> None:
    """Receiving who lives here already changes nothing."""
    body = h.ReceiveResidentV1(resident=RESIDENT)
    given(ENTERED).when(body).then(h.ResidentReceivedV1(resident=RESIDENT))
    given(ENTERED, h.ResidentReceivedV1(resident=RESIDENT)).when(body).no_op("resident_here")


def test_a_household_ends_empty_and_once() -> None:
    """It ends when nobody lives in it; then nothing more is said of it."""
    given(ENTERED, LIVES).when(h.EndHouseholdV1()).refused("residents_remain")
    given(ENTERED).when(h.EndHouseholdV1()).then(h.HouseholdEndedV1())
    given(ENTERED, h.HouseholdEndedV1()).when(h.EndHouseholdV1()).no_op("household_ended")
    given(ENTERED, h.HouseholdEndedV1()).when(h.EnterResidentV1(resident_name=SEALED)).refused(
        "household_ended"
    )


def test_another_community_has_no_say() -> None:
    """A household is spoken of in its own community alone."""
    elsewhere = r.AppointedV1(person=CLERK.actor, role="clerk", unit=NEIGHBOUR)
    given(ENTERED, register=[*community(), elsewhere]).when(h.EndHouseholdV1(), unit=NEIGHBOUR).refused(
        "other_unit"
    )


def test_what_is_told_is_not_in_the_future() -> None:
    """A move told for tomorrow is refused."""
    given(ENTERED, LIVES).when(AWAY, told=day(1)).refused("occurred_in_future", "occurred_at")


PEOPLE = st.sampled_from([f"res_{n:032x}" for n in range(4)])
STEPS = st.lists(
    st.one_of(
        st.builds(h.EnterResidentV1, resident_name=st.just(SEALED)),
        st.builds(h.MoveResidentV1, resident=PEOPLE, household=st.sampled_from([None, ELSEWHERE])),
        st.builds(h.ReceiveResidentV1, resident=PEOPLE),
        st.just(h.EndHouseholdV1()),
    ),
    max_size=12,
)


@drawn(STEPS)
def test_a_household_counts_who_lives_in_it(steps: list[Message]) -> None:
    """Whatever is said, arrivals less departures are who lives there, and nobody lives in an ended household."""
    past: list[Message] = [ENTERED]
    for number, body in enumerate(steps):
        said = given(*past).when(body)
        events = getattr(said.answer, "events", ())
        past += [
            event.model_copy(update={"resident": f"res_{100 + number:032x}"})
            if isinstance(event, h.ResidentEnteredV1)
            else event
            for event in events
        ]
    state: domain.State | None = None
    for event in past:
        state = domain.evolve(state, event, COMMUNITY, 0, None)
    assert isinstance(state, Household)
    came = sum(isinstance(event, h.ResidentEnteredV1 | h.ResidentReceivedV1) for event in past)
    left = sum(isinstance(event, h.ResidentMovedV1) for event in past)
    assert len(state.residents) == came - left
    assert not (state.ended and state.residents)
