"""Posts of the register: the chain, appointments with their times, deputies, memberships, handovers."""

from __future__ import annotations

import pytest

from contracts import register as r
from contracts.base import Message, sha256_hex
from contracts.lineage import chain, holders_by_post
from contracts.reference import Register
from tests.support.given import (
    CLERK,
    COMMUNITY,
    FORMER,
    GRID_WORKER,
    HANDLER,
    NEIGHBOUR,
    OTHER_ZONE,
    STRANGER,
    STREET,
    SUPERVISOR,
    ZONE,
    Past,
    Who,
    World,
    accepted,
    day,
    g,
    given,
    lodged,
    on,
    staff,
)

OTHER = Who("act_handler111", "handler")
DIGEST = sha256_hex(b"grv_a\n")
LEAVE = r.LeaveRecordedV1(person=HANDLER.actor, deputy=CLERK.actor, since=day(5), until=day(10))


def register_after(world: World) -> Register:
    """The register with everything folded."""
    return world.register.at(world.register.end)


def post(name: str, above: str | None = None, **more: object) -> r.PostDefinedV1:
    """A post of the community."""
    return r.PostDefinedV1.model_validate(
        {"unit": COMMUNITY, "post": name, "name": name.title(), "role": "handler", "above": above} | more
    )


def appoint(**fields: object) -> r.AppointV1:
    """Appoint the clerk as a handler in the community, unless told otherwise."""
    usual = {"person": CLERK.actor, "role": "handler", "unit": COMMUNITY}
    return r.AppointV1.model_validate(usual | fields)


CHAIN = (
    post("secretary", unit=STREET, role="supervisor"),
    post("director", "secretary", above_unit=STREET, role="supervisor"),
    post("section", "director"),
    post("group", "section", role="block_leader"),
    post("building", "group", role="block_leader", zone=ZONE),
)


def test_a_chain_leads_from_the_building_head_to_the_secretary() -> None:
    """Each rung names who holds it; a rung that nobody holds is shown empty."""
    held = r.AppointedV1(person=HANDLER.actor, role="handler", unit=COMMUNITY, post="section")
    rungs = chain(register_after(given(*CHAIN, held)), COMMUNITY, "building", None)
    assert [(rung.post.post, rung.holders) for rung in rungs] == [
        ("building", ()),
        ("group", ()),
        ("section", (HANDLER.actor,)),
        ("director", ()),
        ("secretary", ()),
    ]


def test_a_chain_makes_no_circle() -> None:
    """A post is put neither above itself nor above one that stands above it."""
    command = r.DefinePostV1(**post("section", "building").__dict__)
    given(*CHAIN).when(command).refused("chain_cycle", field="above")
    itself = r.DefinePostV1(**post("alone", "alone").__dict__)
    given().when(itself).refused("chain_cycle", field="above")


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"unit": "nowhere"}, "unknown_unit", "unit"),
        ({"zone": "n1"}, "unknown_zone", "zone"),
        ({"above": "nobody"}, "unknown_post", "above"),
        ({"above_unit": STREET}, "unknown_post", "above"),
    ],
)
def test_a_post_stands_somewhere(fields: dict[str, object], reason: str, field: str) -> None:
    """A post is of a known unit and zone, below a known post."""
    command = r.DefinePostV1(**post("new").__dict__ | fields)
    given().when(command).refused(reason, field=field)


def test_a_post_keeps_its_role() -> None:
    """What the holders of a post may do does not change behind their appointments."""
    command = r.DefinePostV1(**post("section", "director", role="clerk").__dict__)
    given(*CHAIN).when(command).refused("post_fixed", field="role")


def test_an_appointment_holds_in_its_time() -> None:
    """A role is held from its first moment on and before its last."""
    held = r.AppointedV1(**appoint(since=day(2), until=day(4)).__dict__)
    register = register_after(given(held))
    times = (day(2) - 1, day(2), day(4) - 1, day(4))
    assert [register.holds(CLERK.actor, "handler", COMMUNITY, at) for at in times] == [
        False,
        True,
        True,
        False,
    ]
    assert [a.role for a in register.roles(CLERK.actor, day(3))] == ["clerk", "handler"]
    assert [a.role for a in register.roles(CLERK.actor, day(4))] == ["clerk"]


def test_a_command_is_decided_by_the_day_on_which_it_was_given() -> None:
    """Who was appointed for next week may not act today; who was appointed until yesterday may not act any more."""
    held = r.AppointedV1(**appoint(since=day(2), until=day(4)).__dict__)
    case: tuple[Message | Past, ...] = (held, *on(day(0), lodged()), *on(day(1), accepted()))
    reply = g.RecordProgressV1(note=lodged().story)
    as_handler = Who(CLERK.actor, "handler")
    given(*case).when(reply, at=day(1), by=as_handler).refused("not_entitled")
    given(*case).when(reply, at=day(3), by=as_handler).accepted()
    given(*case).when(reply, at=day(5), by=as_handler).refused("not_entitled")


@pytest.mark.parametrize(
    ("since", "until"), [(None, None), (day(3), None), (None, day(3)), (day(3), day(9)), (day(1), day(9))]
)
def test_appointments_do_not_overlap(since: int | None, until: int | None) -> None:
    """A person is not given a role twice in the same place at the same time."""
    held = r.AppointedV1(**appoint(since=day(2), until=day(4)).__dict__)
    given(held).when(appoint(since=since, until=until)).refused("overlapping_appointment", field="since")


def test_appointments_may_follow_each_other_or_be_of_other_zones() -> None:
    """One that begins when the other ends, and one in another zone, are no overlap."""
    held = r.AppointedV1(**appoint(since=day(2), until=day(4), zone=ZONE).__dict__)
    given(held).when(appoint(since=day(4), zone=ZONE)).accepted()
    given(held).when(appoint(since=day(2), zone=OTHER_ZONE)).accepted()


def test_an_appointment_ends_after_it_begins() -> None:
    """A period that ends when it begins, or before, is refused."""
    given().when(appoint(since=day(4), until=day(4))).refused("ends_before_it_begins", field="until")


def test_a_post_is_held_by_as_many_as_it_has_seats() -> None:
    """A second holder of a post with one seat is refused while the first holds it, and taken afterwards."""
    one = post("chief", seats=1)
    held = r.AppointedV1(person=HANDLER.actor, role="handler", unit=COMMUNITY, post="chief", until=day(9))
    ended = r.AppointmentEndedV1(person=HANDLER.actor, role="handler", unit=COMMUNITY)
    world = given(ended, one, held)
    world.when(appoint(post="chief", since=day(8))).refused("no_seat", field="post")
    world.when(appoint(post="chief", since=day(9))).accepted()


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"post": "nobody"}, "unknown_post", "post"),
        ({"post": "building"}, "other_role", "role"),
        ({"post": "building", "role": "block_leader", "zone": OTHER_ZONE}, "other_zone", "zone"),
    ],
)
def test_an_appointment_fits_its_post(fields: dict[str, object], reason: str, field: str) -> None:
    """A post gives its own role, in its own zone."""
    given(*CHAIN).when(appoint(**fields)).refused(reason, field=field)


def test_ending_one_zone_leaves_the_other() -> None:
    """Of a role that is held in two zones, one can be given up."""
    both = [r.AppointedV1(**appoint(zone=zone).__dict__) for zone in (ZONE, OTHER_ZONE)]
    end = r.AppointmentEndedV1(person=CLERK.actor, role="handler", unit=COMMUNITY, zone=ZONE)
    register = register_after(given(*both, end))
    assert not register.holds(CLERK.actor, "handler", COMMUNITY, None, ZONE)
    assert register.holds(CLERK.actor, "handler", COMMUNITY, None, OTHER_ZONE)
    assert register.holds(CLERK.actor, "handler", COMMUNITY)


def test_a_case_is_not_given_to_a_handler_of_another_zone() -> None:
    """Somebody whose role is held in another zone, or is not held any more that day, is out of scope."""
    elsewhere = r.AppointedV1(**appoint(zone=OTHER_ZONE).__dict__)
    over = r.AppointedV1(person=SUPERVISOR.actor, role="handler", unit=COMMUNITY, until=day(1))
    world = given(elsewhere, over, *on(day(0), lodged()), *on(day(1), accepted()))
    world.when(g.AssignV1(handler=CLERK.actor), by=HANDLER).refused("unknown_handler", field="handler")
    world.when(g.AssignV1(handler=SUPERVISOR.actor), by=HANDLER).refused("unknown_handler", field="handler")
    world.when(g.AssignV1(handler=HANDLER.actor), by=HANDLER).accepted()


def test_a_deputy_holds_the_roles_of_whom_they_stand_in_for() -> None:
    """During a leave, and only then, the deputy holds the absent person's roles beside them."""
    register = register_after(given(LEAVE))
    times = (day(5) - 1, day(5), day(10) - 1, day(10))
    assert [register.holds(CLERK.actor, "handler", COMMUNITY, at) for at in times] == [
        False,
        True,
        True,
        False,
    ]
    assert all(register.holds(HANDLER.actor, "handler", COMMUNITY, at) for at in times)
    assert [(a.person, a.role) for a in register.roles(CLERK.actor, day(5))] == [
        (CLERK.actor, "clerk"),
        (CLERK.actor, "handler"),
    ]


def test_a_deputy_of_a_deputy_gains_nothing() -> None:
    """Standing in for somebody does not pass on what they hold as a deputy themselves."""
    second = r.LeaveRecordedV1(person=CLERK.actor, deputy=GRID_WORKER.actor, since=day(6), until=day(8))
    register = register_after(given(LEAVE, second))
    assert register.holds(GRID_WORKER.actor, "clerk", COMMUNITY, day(7))
    assert not register.holds(GRID_WORKER.actor, "handler", COMMUNITY, day(7))


def test_a_leave_ends_early() -> None:
    """Who comes back early ends the deputy's time."""
    back = r.LeaveEndedV1(person=HANDLER.actor, until=day(7))
    register = register_after(given(LEAVE, back))
    assert register.holds(CLERK.actor, "handler", COMMUNITY, day(7) - 1)
    assert not register.holds(CLERK.actor, "handler", COMMUNITY, day(7))
    given(LEAVE, back).when(r.EndLeaveV1(person=HANDLER.actor, until=day(8))).refused(
        "no_leave", field="person"
    )


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"deputy": HANDLER.actor}, "same_person", "deputy"),
        ({"deputy": "act_nobody0000"}, "unknown_person", "deputy"),
        ({"person": "act_nobody0000"}, "unknown_person", "person"),
        ({"until": day(5)}, "ends_before_it_begins", "until"),
        ({"since": day(9), "until": day(12), "deputy": SUPERVISOR.actor}, "overlapping_leave", "since"),
        ({"person": GRID_WORKER.actor, "deputy": HANDLER.actor}, "deputy_away", "deputy"),
    ],
)
def test_a_leave_must_make_sense(fields: dict[str, object], reason: str, field: str) -> None:
    """A deputy is another person, who is there; a leave ends after it begins and overlaps none."""
    command = r.RecordLeaveV1(**LEAVE.__dict__ | fields)
    given(LEAVE).when(command).refused(reason, field=field)


def test_people_belong_to_units_without_a_role() -> None:
    """A post without a role is held by membership, and gives no right."""
    helper = post("helper", role=None)
    enter = r.EnterMembershipV1(person=STRANGER.actor, unit=COMMUNITY, post="helper")
    given(helper).when(enter).accepted()
    register = register_after(given(helper, r.MembershipEnteredV1(**enter.__dict__)))
    assert holders_by_post(register, None) == {(COMMUNITY, "helper"): (STRANGER.actor,)}
    assert register.serves(STRANGER.actor, COMMUNITY)
    assert not register.holds(STRANGER.actor, "handler", COMMUNITY)
    ended = r.MembershipEndedV1(person=STRANGER.actor, unit=COMMUNITY)
    register = register_after(given(helper, r.MembershipEnteredV1(**enter.__dict__), ended))
    assert not register.serves(STRANGER.actor, COMMUNITY)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"person": "act_nobody0000"}, "unknown_person", "person"),
        ({"unit": "nowhere"}, "unknown_unit", "unit"),
        ({"post": "nobody"}, "unknown_post", "post"),
        ({"post": "section"}, "post_has_role", "post"),
        ({"since": day(1), "until": day(1)}, "ends_before_it_begins", "until"),
        ({"unit": NEIGHBOUR}, "overlapping_membership", "since"),
    ],
)
def test_a_membership_must_make_sense(fields: dict[str, object], reason: str, field: str) -> None:
    """Somebody known belongs to a known unit, once at a time; a post with a role is given by appointment."""
    held = r.MembershipEnteredV1(person=STRANGER.actor, unit=NEIGHBOUR)
    command = r.EnterMembershipV1.model_validate({"person": STRANGER.actor, "unit": COMMUNITY} | fields)
    given(*CHAIN, held).when(command).refused(reason, field=field)


def test_what_was_not_entered_is_not_ended() -> None:
    """Nobody leaves a unit to which they do not belong."""
    command = r.EndMembershipV1(person=STRANGER.actor, unit=COMMUNITY)
    given().when(command).refused("no_membership", field="unit")


OFFER = r.OfferHandoverV1(taker=OTHER.actor, role="handler", unit=COMMUNITY, open_work=1, digest=DIGEST)
OFFERED = r.HandoverOfferedV1(**OFFER.__dict__, giver=HANDLER.actor)
ACCEPT = r.AcceptHandoverV1(giver=HANDLER.actor, role="handler", unit=COMMUNITY, digest=DIGEST)


def test_open_work_is_handed_over_by_two_signatures() -> None:
    """The giver signs the list of open work, the taker accepts it; each speaks for themself."""
    world = given(*staff(OTHER, COMMUNITY))
    world.when(OFFER, by=HANDLER).then(OFFERED)
    after = given(*staff(OTHER, COMMUNITY), OFFERED)
    after.when(ACCEPT, by=OTHER).then(r.HandoverAcceptedV1(**ACCEPT.__dict__, taker=OTHER.actor))


def test_nobody_signs_for_another() -> None:
    """Neither an administrator nor somebody without the role gives or takes work."""
    world = given(*staff(OTHER, COMMUNITY), OFFERED)
    world.when(OFFER).refused("not_entitled")
    world.when(OFFER, by=FORMER).refused("not_entitled")
    world.when(ACCEPT, by=STRANGER).refused("not_entitled")


def test_a_second_signature_is_of_a_second_person() -> None:
    """Nobody hands over to themself, nor accepts their own offer."""
    world = given(*staff(OTHER, COMMUNITY), OFFERED)
    own = OFFER.model_copy(update={"taker": HANDLER.actor})
    world.when(own, by=HANDLER).refused("same_person", field="taker")
    world.when(ACCEPT, by=HANDLER).refused("same_person", field="giver")


def test_work_goes_to_who_may_do_it() -> None:
    """A taker holds the role in the unit."""
    command = OFFER.model_copy(update={"taker": STRANGER.actor})
    given().when(command, by=HANDLER).refused("out_of_scope", field="taker")


def test_what_was_not_offered_is_not_accepted() -> None:
    """Nothing is accepted without an offer to this taker, of this list."""
    world = given(*staff(OTHER, COMMUNITY))
    world.when(ACCEPT, by=OTHER).refused("no_handover", field="giver")
    changed = OFFERED.model_copy(update={"digest": sha256_hex(b"other")})
    given(*staff(OTHER, COMMUNITY), changed).when(ACCEPT, by=OTHER).refused(
        "handover_changed", field="digest"
    )
