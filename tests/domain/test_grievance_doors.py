"""How a grievance comes in: by residents without an account, for many, for others, in confidence."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import doors as d
from contracts import grievance as g
from tests.support.given import (
    CLERK,
    HANDLER,
    SEALED,
    Who,
    accepted,
    community,
    day,
    given,
    lodge,
    lodged,
    policy,
)

RESIDENT = Who(g.RESIDENT, "resident")
"""Whoever speaks through the public pages."""


def test_a_resident_lodges_without_an_appointment() -> None:
    """The public pages' actor may lodge as a resident, though it holds no appointment."""
    given(*community()).when(lodge(channel="poster"), day(0), by=RESIDENT).then(lodged(channel="poster"))


def test_nobody_else_speaks_as_a_resident() -> None:
    """A member of staff who says that they are a resident is refused."""
    given(*community()).when(lodge(), day(0), by=Who(HANDLER.actor, "resident")).refused("not_entitled")


def test_a_resident_handles_nothing() -> None:
    """What the policy does not let residents do is refused to the public pages' actor."""
    case = given(*community(), lodged(), accepted())
    case.when(g.ReplyV1(reply=SEALED), day(1), by=RESIDENT).refused("not_entitled")


def test_the_public_pages_hold_no_other_role() -> None:
    """The public pages' actor is refused in any role but the resident's."""
    given(*community()).when(lodge(), day(0), by=Who(g.RESIDENT, "clerk")).refused("not_entitled")


JOINT: dict[str, Any] = {"petitioners": 30, "representatives": 6, "representative_names": SEALED}


def test_a_joint_petition_is_one_case() -> None:
    """A lodging of thirty persons with five representatives is one case, which says so."""
    told = {**JOINT, "representatives": 5}
    given(*community()).when(lodge(**told), day(0)).then(lodged(**told))


@pytest.mark.parametrize("channel", ["counter", "visit", "letter", "web"])
def test_a_sixth_representative_is_recorded(channel: str) -> None:
    """More than five representatives are recorded by every channel, in person too."""
    said = lodge(**JOINT, channel=channel)
    given(*community()).when(said, day(0)).then(lodged(**JOINT, channel=channel))


@pytest.mark.parametrize(
    ("told", "reason", "field"),
    [
        ({"representatives": 2}, "not_petition", "petitioners"),
        (
            {"petitioners": 2, "representative_names": SEALED},
            "representatives_uncounted",
            "representatives",
        ),
        ({"petitioners": 2, "representatives": 3}, "more_representatives", "representatives"),
        ({**JOINT, "anonymous": True}, "anonymous_case", "representative_names"),
        ({"person_concerned": SEALED}, "relation_missing", "on_behalf_of"),
    ],
)
def test_a_lodging_that_contradicts_itself(told: dict[str, Any], reason: str, field: str) -> None:
    """What cannot be is refused at the field that can mend it."""
    given(*community()).when(lodge(**told), day(0)).refused(reason, field)


def test_somebody_lodges_on_behalf_of_a_person_who_is_not_named() -> None:
    """The relation alone is enough, and it may be said in confidence."""
    told: dict[str, Any] = {"on_behalf_of": "ward", "confidential": True}
    given(*community()).when(lodge(**told), day(0)).then(lodged(**told))


def named(count: int) -> d.NameRepresentativesV1:
    """So many representatives are named."""
    return d.NameRepresentativesV1(representatives=count, representative_names=SEALED)


def test_the_petitioners_choose_five() -> None:
    """Those whom the petitioners chose take the place of the first named."""
    then = d.RepresentativesNamedV1(representatives=5, representative_names=SEALED)
    given(*community(), lodged(**JOINT)).when(named(5), day(1), by=CLERK).then(then)


def test_six_are_not_chosen_in_person() -> None:
    """Of those who came in person no more than the policy's five are chosen."""
    case = given(*community(), lodged(**JOINT))
    case.when(named(6), day(1), by=CLERK).refused("choose_representatives", "representative_names")


def test_the_policy_says_how_many_speak_in_person() -> None:
    """A community whose policy lets six speak may have six chosen."""
    given(*community(), policy(representatives_in_person=6), lodged(**JOINT)).when(
        named(6), day(1), by=CLERK
    ).accepted()


def test_any_number_signs_a_letter() -> None:
    """Representatives of a petition by letter are not limited but by the petitioners."""
    case = given(*community(), lodged(**JOINT, channel="letter"))
    case.when(named(30), day(1), by=CLERK).accepted()
    case.when(named(31), day(1), by=CLERK).refused("more_representatives", "representatives")


def test_a_case_of_one_person_has_no_representatives() -> None:
    """Nobody is named for a case that is no joint petition."""
    given(*community(), lodged()).when(named(2), day(1), by=CLERK).refused("not_petition")
