"""The register as of any basis: who may do what where, from its versions."""

from __future__ import annotations

from contracts import register as r
from contracts.reference import LEDGER_UNIT, RegisterHistory
from tests.support.given import (
    ADMINISTRATOR,
    BEGINNING,
    CLERK,
    CLOCK,
    COMMUNITY,
    FORMER,
    HANDLER,
    NEIGHBOUR,
    STREET,
    SUPERVISOR,
    community,
)


def history(*events: r.Event) -> RegisterHistory:
    """A history with one event for each decision."""
    found = RegisterHistory(ADMINISTRATOR.actor)
    for event in events:
        found.fold(BEGINNING, [event])
    return found


def register_of_community() -> RegisterHistory:
    """The community of the other tests."""
    found = RegisterHistory(ADMINISTRATOR.actor)
    for event in community():
        found.fold(BEGINNING, [event])
    return found


def unit(name: str, parent: str | None = None) -> r.UnitDefinedV1:
    """A unit."""
    return r.UnitDefinedV1(unit="u", name=name, tier="street", parent=parent)


def test_a_basis_shows_what_stood_below_it() -> None:
    """The register at basis n holds the first n decisions, whatever came later."""
    versions = history(unit("one"), unit("two"))
    names = [found.name if found else None for found in (versions.at(n).unit("u") for n in range(4))]
    assert names == [None, "one", "two", "two"]


def test_a_refused_decision_takes_its_place() -> None:
    """A decision without events counts as one, and changes nothing."""
    versions = history(unit("one"))
    versions.fold(BEGINNING + 1, [])
    assert (versions.end, versions.recorded_at) == (2, [BEGINNING, BEGINNING + 1])
    assert versions.at(2).units() == [unit("one")]


def test_an_empty_register_knows_nothing() -> None:
    """Every look-up in an empty register answers None or an empty list."""
    register = history().at(0)
    one = (register.unit("u"), register.zone("u", "z"), register.category("c"), register.policy("grievance"))
    assert one == (None,) * 4
    assert register.person("act_nobody0000") is None
    many = (register.units(), register.zones("u"), register.categories(), register.appointments())
    assert not any(many)


def test_a_role_reaches_down() -> None:
    """A role in a unit is held in every unit below it, and in none beside or above it."""
    register = register_of_community().at(1000)
    assert register.holds(SUPERVISOR.actor, "supervisor", COMMUNITY)
    assert register.holds(SUPERVISOR.actor, "supervisor", STREET)
    assert not register.holds(SUPERVISOR.actor, "supervisor", LEDGER_UNIT)
    assert register.holds(CLERK.actor, "clerk", COMMUNITY)
    assert not register.holds(CLERK.actor, "clerk", NEIGHBOUR)
    assert not register.holds(CLERK.actor, "clerk", STREET)
    assert not register.holds(CLERK.actor, "handler", COMMUNITY)
    assert register.holds(CLOCK.actor, "clock", COMMUNITY)
    assert register.holds(CLOCK.actor, "clock", "nowhere")


def test_an_ended_role_was_held_before() -> None:
    """A role that has ended is still held at a basis before its end."""
    versions = register_of_community()
    assert not versions.at(versions.end).holds(FORMER.actor, "handler", COMMUNITY)
    assert versions.at(versions.end - 1).holds(FORMER.actor, "handler", COMMUNITY)
    assert [held.role for held in versions.at(versions.end).roles(FORMER.actor)] == []


def test_the_genesis_administrator_holds_that_role_everywhere() -> None:
    """The administrator of the genesis holds that role, and no other, with an empty register."""
    register = history().at(0)
    assert register.holds(ADMINISTRATOR.actor, "administrator", "anywhere")
    assert not register.holds(ADMINISTRATOR.actor, "clerk", "anywhere")
    assert not register.holds(HANDLER.actor, "administrator", "anywhere")


def test_a_lineage_ends_at_the_ledger() -> None:
    """The units above one end with the ledger, also where they are unknown or run in a circle."""
    register = register_of_community().at(1000)
    assert register.lineage(COMMUNITY) == [COMMUNITY, STREET, LEDGER_UNIT]
    assert register.lineage("nowhere") == ["nowhere", LEDGER_UNIT]
    assert register.lineage(LEDGER_UNIT) == [LEDGER_UNIT]
    assert history(unit("a", parent="u")).at(1).lineage("u") == ["u", LEDGER_UNIT]


def test_zones_are_those_of_their_community() -> None:
    """A community's zones come in the order of entry, without those of others."""
    register = register_of_community().at(1000)
    assert [zone.zone for zone in register.zones(COMMUNITY)] == ["z1", "z2"]
    assert register.zone(NEIGHBOUR, "z1") is None


def tree(version: str, *codes: str) -> r.CategoriesDefinedV1:
    """A flat category tree."""
    categories = tuple(r.Category(code=code, name=code.upper()) for code in codes)
    return r.CategoriesDefinedV1(version=version, categories=categories)


def test_a_category_tree_replaces_the_one_before() -> None:
    """A category that the new tree leaves out is gone, and comes back with a later one."""
    versions = history(tree("1", "a", "b"), tree("2", "b", "c"), tree("3", "a"))
    found = [[category.code for category in versions.at(n).categories()] for n in (1, 2, 3)]
    assert found == [["a", "b"], ["b", "c"], ["a"]]
    assert versions.at(2).category("a") is None
    assert versions.at(3).category("a") == r.Category(code="a", name="A")


def test_a_category_tree_keeps_its_own_order() -> None:
    """The categories come in the order of the tree in force, not in that of their first appearance."""
    versions = history(tree("1", "a", "b"), tree("2", "b", "c", "a"))
    assert [category.code for category in versions.at(2).categories()] == ["b", "c", "a"]


def test_an_old_case_keeps_its_category_as_it_was() -> None:
    """A category that was renamed or retired is shown to old cases as it was when they were recorded."""
    versions = RegisterHistory(ADMINISTRATOR.actor)
    for number, name in enumerate(("Old", "New")):
        renamed = r.CategoriesDefinedV1(version=name, categories=(r.Category(code="a", name=name),))
        versions.fold(BEGINNING + number, [renamed])
    versions.fold(BEGINNING + 2, [tree("3", "b")])
    register = versions.at(3)
    found = [register.category_then("a", BEGINNING + number) for number in range(-1, 3)]
    assert [category.name if category else None for category in found] == [None, "Old", "New", None]
