"""Places of the register: tiers, boundaries, who answers for a zone, and what becomes of what is merged."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from contracts import register as r
from contracts.base import DAY_MS
from contracts.lineage import is_gone, origins, responsible, stands_as
from contracts.places import TIERS_POLICY
from contracts.reference import LEDGER_UNIT, Register
from tests.support.given import (
    BEGINNING,
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
    Who,
    World,
    day,
    given,
    lodge,
    staff,
)

MERGED = r.UnitDefinedV1(unit="merged", name="Merged", tier="community", parent=STREET)
MERGER = r.UnitsSucceededV1(of=(COMMUNITY, NEIGHBOUR), into=("merged",), since=day(10))
SQUARE = {"type": "Polygon", "coordinates": [[[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]]}


def register_after(world: World) -> Register:
    """The register with everything folded."""
    return world.register.at(world.register.end)


def test_an_organisation_has_a_kind() -> None:
    """An organisation says of what kind it is, and may stand below any unit."""
    post = r.DefineUnitV1(
        unit="police", name="Police post", tier="organisation", kind="police_post", parent=COMMUNITY
    )
    given().when(post).accepted()
    bare = r.DefineUnitV1(unit="police", name="Police post", tier="organisation", parent=COMMUNITY)
    given().when(bare).refused("organisation_kind", field="kind")


def test_a_unit_of_the_tiers_has_no_kind() -> None:
    """A community is no school."""
    command = r.DefineUnitV1(unit="new", name="New", tier="community", kind="school", parent=STREET)
    given().when(command).refused("organisation_kind", field="kind")


@pytest.mark.parametrize("above", [NEIGHBOUR, "police"])
def test_a_unit_stands_below_a_higher_tier(above: str) -> None:
    """A community does not stand below a community, nor below an organisation."""
    police = r.UnitDefinedV1(unit="police", name="P", tier="organisation", kind="police_post")
    command = r.DefineUnitV1(unit="new", name="New", tier="community", parent=above)
    given(police).when(command).refused("wrong_tier", field="parent")


def test_a_unit_keeps_its_tier() -> None:
    """A community does not become a street."""
    command = r.DefineUnitV1(unit=COMMUNITY, name="Demo", tier="street")
    given().when(command).refused("other_tier", field="tier")


def test_a_rename_holds_from_its_day() -> None:
    """A unit bears its old name until the day that was told, and its new one from then on."""
    rename = r.UnitDefinedV1(unit=COMMUNITY, name="New name", tier="community", parent=STREET, since=day(5))
    register = register_after(given(rename))
    found = [register.unit(COMMUNITY, at) for at in (0, day(5) - 1, day(5))]
    assert [unit.name if unit else None for unit in found] == ["Demo", "Demo", "New name"]


def test_a_role_above_reaches_down_from_the_day_of_the_move() -> None:
    """Who supervises the new street supervises the community from the day on which it moves there."""
    street = r.UnitDefinedV1(unit="street2", name="Other", tier="street")
    new = Who("act_newsuper00", "supervisor")
    move = r.UnitDefinedV1(unit=COMMUNITY, name="Demo", tier="community", parent="street2", since=day(5))
    register = register_after(given(street, *staff(new, "street2"), move))
    for at, old_holds in ((day(4), True), (day(5), False)):
        assert register.holds(SUPERVISOR.actor, "supervisor", COMMUNITY, at) is old_holds
        assert register.holds(new.actor, "supervisor", COMMUNITY, at) is not old_holds


def test_a_move_that_makes_a_circle_on_a_later_day_is_refused() -> None:
    """Moves told for later days count when a circle is looked for."""
    district = r.UnitDefinedV1(unit="district", name="D", tier="organisation", kind="office")
    below = r.UnitDefinedV1(unit="office", name="O", tier="organisation", kind="office")
    later = below.model_copy(update={"parent": "district", "since": day(9)})
    circle = r.DefineUnitV1(unit="district", name="D", tier="organisation", kind="office", parent="office")
    given(district, below, later).when(circle).refused("cycle", field="parent")


def test_tiers_may_be_called_otherwise() -> None:
    """An administrator of the ledger says what the tiers are called here; an empty list says nothing."""
    terms = {"names": {"district": {"zh": "公司", "en": "Company"}}}
    said = r.DefinePolicyV1(policy=TIERS_POLICY, version="1", source="Here", terms=terms)
    given().when(said).accepted()
    empty = said.model_copy(update={"terms": {"names": {}}})
    given().when(empty).refused("bad_policy", field="terms")


def test_a_zone_has_a_boundary_in_words_or_on_a_map() -> None:
    """A zone takes a description and a polygon."""
    zone = r.DefineZoneV1(
        zone="z3", unit=COMMUNITY, name="Z", boundary="From the river to the road", area=SQUARE
    )
    given().when(zone).then(r.ZoneDefinedV1(**zone.__dict__))


@pytest.mark.parametrize(
    "area",
    [
        {"type": "Point", "coordinates": [120.0, 30.0]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[120.0, 30.0], [120.1, 30.0], [120.1, 30.1]]]},
        {"type": "Polygon", "coordinates": [[[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.1]]]},
        {"type": "Polygon", "coordinates": [[[200.0, 30.0], [120.1, 30.0], [120.1, 30.1], [200.0, 30.0]]]},
        {"type": "Polygon", "coordinates": [[["a", 30.0], [120.1, 30.0], [120.1, 30.1], ["a", 30.0]]]},
        {"type": "Polygon", "coordinates": [[[0.0, float("nan")]] * 4]},
        {"type": "Polygon", "coordinates": [[[n / 1000, 0.0] for n in range(1200)] + [[0.0, 0.0]]]},
        SQUARE | {"name": "somebody's house"},
        {"type": "Polygon"},
        {"type": "MultiPolygon", "coordinates": [None]},
    ],
    ids=[
        "point",
        "empty",
        "short",
        "open",
        "off the earth",
        "text",
        "nan",
        "too many",
        "more",
        "none",
        "null",
    ],
)
def test_a_boundary_is_checked_as_data(area: dict[str, object]) -> None:
    """What is no closed ring of few enough points on the earth, or says more than that, is no boundary."""
    with pytest.raises(ValidationError):
        r.DefineZoneV1.model_validate({"zone": "z", "unit": "u", "name": "Z", "area": area})


def test_a_zone_without_a_responsible_person_is_a_gap() -> None:
    """Nobody answers for a zone until somebody is named, and nobody again once a gap is entered."""
    assert responsible(register_after(given()), COMMUNITY, ZONE, None) is None
    named = r.ResponsibleNamedV1(unit=COMMUNITY, zone=ZONE, person=GRID_WORKER.actor)
    register = register_after(given(named))
    assert responsible(register, COMMUNITY, ZONE, None) == (GRID_WORKER.actor, ())
    gap = r.ResponsibleNamedV1(unit=COMMUNITY, zone=ZONE, since=day(3))
    register = register_after(given(named, gap))
    assert responsible(register, COMMUNITY, ZONE, day(2)) == (GRID_WORKER.actor, ())
    assert responsible(register, COMMUNITY, ZONE, day(3)) is None


def test_who_leaves_their_post_leaves_a_gap() -> None:
    """Who was named and holds no post here any more answers for the zone no longer."""
    named = r.ResponsibleNamedV1(unit=COMMUNITY, zone=ZONE, person=GRID_WORKER.actor)
    end = r.AppointmentEndedV1(person=GRID_WORKER.actor, role=GRID_WORKER.role, unit=COMMUNITY, until=day(4))
    register = register_after(given(named, end))
    assert responsible(register, COMMUNITY, ZONE, day(4) - 1) is not None
    assert responsible(register, COMMUNITY, ZONE, day(4)) is None


@pytest.mark.parametrize(
    ("person", "reason"),
    [("act_nobody0000", "unknown_person"), (STRANGER.actor, "out_of_scope"), (FORMER.actor, "out_of_scope")],
)
def test_who_answers_for_a_zone_serves_there(person: str, reason: str) -> None:
    """Nobody unknown, nobody of another community and nobody who has left answers for a zone."""
    command = r.NameResponsibleV1(unit=COMMUNITY, zone=ZONE, person=person)
    given().when(command).refused(reason, field="person")


def test_a_zone_must_be_known_to_be_answered_for() -> None:
    """Nobody is named for a zone that is not there."""
    command = r.NameResponsibleV1(unit=COMMUNITY, zone="n1", person=CLERK.actor)
    given().when(command).refused("unknown_zone", field="zone")


def test_two_communities_become_one() -> None:
    """From the day of a merger on, both are gone, each shown as its successor, whose origins they are."""
    register = register_after(given(MERGED, MERGER))
    for old in (COMMUNITY, NEIGHBOUR):
        assert not is_gone(register, old, day(10) - 1)
        assert is_gone(register, old, day(10))
        assert stands_as(register, old, ZONE, day(9)) == (old, ZONE)
        assert stands_as(register, old, ZONE, day(10)) == ("merged", ZONE)
        assert register.unit(old) is not None
    assert origins(register, "merged", day(10)) == [COMMUNITY, NEIGHBOUR]
    assert origins(register, "merged", day(9)) == []


def test_staff_of_the_successor_work_on_with_open_cases() -> None:
    """A handler of the merged community may handle what the old ones left, from that day on."""
    new = Who("act_newhandler", "handler")
    register = register_after(given(MERGED, MERGER, *staff(new, "merged")))
    assert not register.holds(new.actor, "handler", COMMUNITY, day(9))
    assert register.holds(new.actor, "handler", COMMUNITY, day(10))
    assert register.holds(HANDLER.actor, "handler", COMMUNITY, day(10))
    assert not register.holds(HANDLER.actor, "handler", "merged", day(10))


def test_nothing_new_is_lodged_in_a_community_that_is_gone() -> None:
    """A grievance is lodged with the successor once the old community is gone, and before with the old one."""
    given(MERGED, MERGER).when(lodge(), at=day(9)).accepted()
    given(MERGED, MERGER).when(lodge(), at=day(10)).refused("unit_gone", field="unit")


def test_a_split_leaves_what_names_no_part_where_it_was() -> None:
    """After a split a case is shown in the part that its zone fell to; without a zone it stays."""
    parts = [r.UnitDefinedV1(unit=name, name=name, tier="community", parent=STREET) for name in ("p1", "p2")]
    zones = [r.ZoneDefinedV1(unit="p1", zone="a", name="A"), r.ZoneDefinedV1(unit="p2", zone="b", name="B")]
    split = r.UnitsSucceededV1(of=(COMMUNITY,), into=("p1", "p2"), since=day(1))
    moves = [
        r.ZonesSucceededV1(
            of=(r.Place(unit=COMMUNITY, zone=old),), into=(r.Place(unit=unit, zone=new),), since=day(1)
        )
        for old, unit, new in ((ZONE, "p1", "a"), (OTHER_ZONE, "p2", "b"))
    ]
    register = register_after(given(*parts, *zones, split, *moves))
    assert stands_as(register, COMMUNITY, ZONE, day(1)) == ("p1", "a")
    assert stands_as(register, COMMUNITY, OTHER_ZONE, day(1)) == ("p2", "b")
    assert stands_as(register, COMMUNITY, None, day(1)) == (COMMUNITY, None)
    assert origins(register, "p1", day(1)) == []


@pytest.mark.parametrize(
    ("command", "reason", "field"),
    [
        (r.SucceedUnitsV1(of=(COMMUNITY,), into=(COMMUNITY,), since=0), "succeeds_itself", "into"),
        (r.SucceedUnitsV1(of=(COMMUNITY, COMMUNITY), into=("merged",), since=0), "named_twice", "of"),
        (r.SucceedUnitsV1(of=(COMMUNITY,), into=("merged", "merged"), since=0), "named_twice", "into"),
        (r.SucceedUnitsV1(of=("nowhere",), into=("merged",), since=0), "unknown_unit", "of"),
        (r.SucceedUnitsV1(of=(COMMUNITY,), into=("nowhere",), since=0), "unknown_unit", "into"),
        (r.SucceedUnitsV1(of=(COMMUNITY,), into=(STREET,), since=0), "other_tier", "into"),
        (
            r.SucceedUnitsV1(of=(COMMUNITY, NEIGHBOUR), into=("merged", "gone"), since=0),
            "many_into_many",
            "into",
        ),
        (r.SucceedUnitsV1(of=("gone",), into=(COMMUNITY,), since=0), "already_succeeded", "of"),
        (r.SucceedUnitsV1(of=("merged",), into=("gone",), since=0), "succession_cycle", "into"),
        (
            r.SucceedZonesV1(
                of=(r.Place(unit=COMMUNITY, zone="nowhere"),),
                into=(r.Place(unit=COMMUNITY, zone=ZONE),),
                since=0,
            ),
            "unknown_zone",
            "of",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_succession_must_make_sense(
    command: r.SucceedUnitsV1 | r.SucceedZonesV1, reason: str, field: str
) -> None:
    """No merger into itself, into what is unknown or of another tier, twice over, or round in a circle."""
    gone = r.UnitDefinedV1(unit="gone", name="Gone", tier="community", parent=STREET)
    before = r.UnitsSucceededV1(of=("gone",), into=("merged",), since=day(1))
    given(MERGED, gone, before).when(command).refused(reason, field=field)


def test_only_who_administers_what_is_above_merges() -> None:
    """The administrator of one of the communities cannot merge it away; that of the street can."""
    command = r.SucceedUnitsV1(of=(COMMUNITY, NEIGHBOUR), into=("merged",), since=day(1))
    local, upper = Who("act_localadmin", "administrator"), Who("act_upperadmin", "administrator")
    world = given(MERGED, *staff(local, COMMUNITY), *staff(upper, STREET))
    world.when(command, by=local).refused("not_entitled")
    world.when(command, by=upper).then(r.UnitsSucceededV1(**command.__dict__))


def test_a_unit_that_is_gone_changes_no_more() -> None:
    """What has been merged is not renamed for a day after its end; a late entry for a day before is taken."""
    rename = r.DefineUnitV1(unit=COMMUNITY, name="New", tier="community", parent=STREET, since=day(10))
    given(MERGED, MERGER).when(rename).refused("unit_gone", field="unit")
    given(MERGED, MERGER).when(rename.model_copy(update={"since": day(9)})).accepted()


def test_an_administrator_of_one_zone_administers_no_unit() -> None:
    """Whoever is an administrator in one zone enters nothing for the whole unit."""
    local = Who("act_zoneadmin0", "administrator")
    person, post = staff(local, COMMUNITY)
    post = post.model_copy(update={"zone": ZONE})
    given(person, post).when(r.DefineZoneV1(zone="z9", unit=COMMUNITY, name="Z"), by=local).refused(
        "not_entitled"
    )


def test_the_register_as_it_could_be_known_on_a_day() -> None:
    """An auditor may ask for the register as of a day: what was entered later is not in it."""
    world = given(MERGED)
    world.register.fold(BEGINNING + DAY_MS, [r.UnitDefinedV1(unit="late", name="Late", tier="community")])
    assert world.register.as_recorded(BEGINNING).unit("late") is None
    assert world.register.as_recorded(BEGINNING + DAY_MS).unit("late") is not None
    assert world.register.as_recorded(0).lineage(COMMUNITY) == [COMMUNITY, LEDGER_UNIT]
