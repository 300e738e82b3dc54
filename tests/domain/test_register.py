"""What may be entered in the register, and by whom."""

from __future__ import annotations

import pytest

from contracts import register as r
from contracts.base import Message
from contracts.control import RULES_POLICY
from contracts.reference import LEDGER_UNIT
from services.grievance.policy import default_policy
from tests.support.community import EVENTS
from tests.support.given import (
    ADMINISTRATOR,
    CATEGORY,
    CLERK,
    COMMUNITY,
    HANDLER,
    NEIGHBOUR,
    SEALED,
    STREET,
    ZONE,
    Who,
    announced,
    given,
    policy,
    staff,
)

LOCAL = Who("act_localadmin", "administrator")
"""Administrator of the street and what is below it, not of the ledger."""

WITH_LOCAL = staff(LOCAL, STREET)
NEW = "act_newcomer00"

LEDGER_WIDE = [
    r.DefineUnitV1(unit="city", name="City", tier="city"),
    r.DefinePersonV1(person=NEW, name=SEALED),
    r.DefineCategoriesV1(version="2", categories=(r.Category(code="a", name="A"),)),
    default_policy(),
    r.AppointV1(person=CLERK.actor, role="auditor", unit=LEDGER_UNIT),
    r.EndAppointmentV1(person="act_clock0000", role="clock", unit=LEDGER_UNIT),
    # A unit of the street becomes one of the ledger.
    r.DefineUnitV1(unit=COMMUNITY, name="Demo", tier="community"),
]
LOCALLY = [
    r.DefineUnitV1(unit="new", name="New", tier="community", parent=STREET),
    r.DefineUnitV1(unit=COMMUNITY, name="Renamed", tier="community", parent=STREET),
    r.DefineZoneV1(zone="z9", unit=COMMUNITY, name="Zone 9"),
    r.AppointV1(person=CLERK.actor, role="handler", unit=COMMUNITY),
    r.EndAppointmentV1(person=CLERK.actor, role="clerk", unit=COMMUNITY),
]


def named(command: Message) -> str:
    """A test id."""
    return type(command).__name__


@pytest.mark.parametrize("command", [*LEDGER_WIDE, *LOCALLY], ids=named)
def test_the_administrator_of_the_ledger_enters_everything(command: Message) -> None:
    """Who administers the ledger may give each command, and its event says what the command said."""
    given(*WITH_LOCAL).when(command).then(EVENTS[type(command)].model_validate(command.model_dump()))


@pytest.mark.parametrize("command", LOCALLY, ids=named)
def test_an_administrator_enters_what_is_below(command: Message) -> None:
    """The administrator of a street enters its units, their zones and their posts."""
    given(*WITH_LOCAL).when(command, by=LOCAL).accepted()


@pytest.mark.parametrize("command", LEDGER_WIDE, ids=named)
def test_what_concerns_the_whole_ledger_is_not_below(command: Message) -> None:
    """The administrator of a street does not enter what holds for the whole ledger."""
    given(*WITH_LOCAL).when(command, by=LOCAL).refused("not_entitled")


@pytest.mark.parametrize("command", [*LEDGER_WIDE, *LOCALLY], ids=named)
@pytest.mark.parametrize("who", [CLERK, HANDLER, Who(ADMINISTRATOR.actor, "clerk")], ids=lambda who: who.role)
def test_no_other_role_enters_anything(command: Message, who: Who) -> None:
    """Only an administrator, speaking as one, enters anything in the register."""
    given(*WITH_LOCAL).when(command, by=who).refused("not_entitled")


def test_an_administrator_of_another_street_enters_nothing_here() -> None:
    """A local administrator's role ends at the bounds of the unit."""
    other = (r.UnitDefinedV1(unit="street2", name="Other", tier="street"), *staff(LOCAL, "street2"))
    given(*other).when(r.DefineZoneV1(zone="z9", unit=COMMUNITY, name="Z"), by=LOCAL).refused("not_entitled")


def test_a_unit_is_not_taken_from_another_street() -> None:
    """Moving a unit needs the role above its old place and above its new one."""
    other = (r.UnitDefinedV1(unit="street2", name="Other", tier="street"), *staff(LOCAL, "street2"))
    move = r.DefineUnitV1(unit=COMMUNITY, name="Demo", tier="community", parent="street2")
    given(*other).when(move, by=LOCAL).refused("not_entitled")
    both = r.AppointedV1(person=LOCAL.actor, role="administrator", unit=STREET)
    given(*other, both).when(move, by=LOCAL).accepted()


def test_a_role_claimed_but_not_held_enters_nothing() -> None:
    """Who says to be an administrator and is none is refused."""
    given().when(LOCALLY[0], by=Who(CLERK.actor, "administrator")).refused("not_entitled")


def test_the_unit_above_must_be_known() -> None:
    """A unit cannot be entered below one that is not in the register."""
    command = r.DefineUnitV1(unit="new", name="New", tier="community", parent="nowhere")
    given().when(command).refused("unknown_parent", field="parent")


@pytest.mark.parametrize("above", [STREET, COMMUNITY])
def test_a_unit_does_not_stand_above_itself(above: str) -> None:
    """A unit cannot be put below itself or below one of those under it."""
    command = r.DefineUnitV1(unit=STREET, name="Street", tier="street", parent=above)
    given().when(command).refused("cycle", field="parent")


def test_the_ledger_is_no_unit() -> None:
    """The name that stands for the ledger itself cannot be given to a unit."""
    command = r.DefineUnitV1(unit=LEDGER_UNIT, name="Everything", tier="city")
    given().when(command).refused("already_exists", field="unit")


def test_a_zone_needs_its_community() -> None:
    """A zone cannot be entered for a unit that is not in the register."""
    command = r.DefineZoneV1(zone="z1", unit="nowhere", name="Z")
    given().when(command).refused("unknown_unit", field="unit")


def test_a_post_needs_its_person_unit_and_zone() -> None:
    """Nobody unknown is appointed, nobody in an unknown unit, and nobody in an unknown zone."""
    given().when(r.AppointV1(person=NEW, role="clerk", unit=COMMUNITY)).refused(
        "unknown_person", field="person"
    )
    given().when(r.AppointV1(person=CLERK.actor, role="clerk", unit="nowhere")).refused(
        "unknown_unit", field="unit"
    )
    here = {"person": CLERK.actor, "role": "grid_worker", "unit": COMMUNITY}
    given().when(r.AppointV1.model_validate(here | {"zone": "n1"})).refused("unknown_zone", field="zone")
    given().when(r.AppointV1.model_validate(here | {"zone": ZONE})).accepted()


@pytest.mark.parametrize(
    "end",
    [
        r.EndAppointmentV1(person=CLERK.actor, role="handler", unit=COMMUNITY),
        r.EndAppointmentV1(person=CLERK.actor, role="clerk", unit=NEIGHBOUR),
        r.EndAppointmentV1(person=NEW, role="clerk", unit=COMMUNITY),
        r.EndAppointmentV1(person="act_former0000", role="handler", unit=COMMUNITY),
    ],
    ids=["other role", "other unit", "unknown person", "ended"],
)
def test_an_appointment_must_be_held_to_end(end: r.EndAppointmentV1) -> None:
    """What is not held cannot be ended, and nothing is ended twice."""
    given().when(end).refused("no_appointment", field="role")


@pytest.mark.parametrize(
    "categories",
    [
        (r.Category(code="a", name="A", parent="b"),),
        (r.Category(code="a", name="A"), r.Category(code="a", name="B")),
        (r.Category(code="a", name="A", parent=CATEGORY),),
    ],
    ids=["orphan", "twice", "parent in the version before"],
)
def test_a_category_tree_is_whole(categories: tuple[r.Category, ...]) -> None:
    """A tree in which a category's parent is missing, or a code stands twice, is refused."""
    command = r.DefineCategoriesV1(version="2", categories=categories)
    given().when(command).refused("unknown_category", field="categories")


def test_a_child_may_stand_before_its_parent() -> None:
    """The order in a category tree is its own: a parent may come after its children."""
    children = (r.Category(code="b", name="B", parent="a"), r.Category(code="a", name="A"))
    given().when(r.DefineCategoriesV1(version="2", categories=children)).accepted()


def test_a_policy_of_an_unknown_family_is_refused() -> None:
    """A policy that no family reads is refused."""
    command = r.DefinePolicyV1(policy="weather", version="1", source="none", terms={})
    given().when(command).refused("bad_policy", field="policy")


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"accept_days": 0, "handle_days": 60, "permissions": {}},
        {"accept_days": "15", "handle_days": 60, "permissions": {}},
        {"accept_days": 15, "handle_days": 60, "permissions": {}, "other": 1},
    ],
    ids=["empty", "no days", "text for a number", "unknown term"],
)
def test_a_policy_is_of_the_form_that_its_family_reads(terms: dict[str, object]) -> None:
    """Terms that the grievance rules could not read are refused."""
    command = r.DefinePolicyV1(policy="grievance", version="1", source="none", terms=terms)
    given().when(command).refused("bad_policy", field="terms")


def test_a_policy_may_be_changed() -> None:
    """A community's own terms replace the norm's."""
    held = policy(accept_days=7)
    given().when(r.DefinePolicyV1.model_validate(held.model_dump())).then(held)


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"versions": ["grievance-1"]},
        {"versions": {"grievance": ["grievance 2"]}},
        {"versions": {}, "more": 1},
    ],
    ids=str,
)
def test_an_announcement_names_versions_of_families(terms: dict[str, object]) -> None:
    """An announcement of rules in another form, or of what is no version's name, is refused."""
    command = r.DefinePolicyV1(policy=RULES_POLICY, version="1", source="A release", terms=terms)
    given().when(command).refused("bad_policy", field="terms")


def test_rules_are_announced() -> None:
    """The administrator of the ledger announces the rules that a release brings."""
    held = announced("grievance-1", "grievance-2")
    given().when(r.DefinePolicyV1.model_validate(held.model_dump())).then(held)
