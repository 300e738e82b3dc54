"""A city rearranges itself: 25 sub-districts become 22, 310 committees 128 communities, 37 more in county towns.

Modelled on a report (docs say which); every name is invented.
"""

from __future__ import annotations

import pytest

from contracts import grievance as g
from contracts import register as r
from contracts.base import Message
from contracts.figures import CaseFacts, Scope, compute
from contracts.lineage import is_gone, origins, stands_as
from contracts.reference import Register
from contracts.workflow import Accepted
from services.grievance import domain as grievances
from services.grievance.policy import default_policy
from tests.support.given import (
    BEGINNING,
    SEALED,
    Who,
    World,
    day,
    given,
    lodge,
)

STREETS, NEW_STREETS, COMMITTEES, COMMUNITIES, TOWNS = 25, 22, 310, 128, 37
CHANGE = day(30)
CLERK_OF_ALL, NEW_HANDLER = Who("act_cityclerk0", "clerk"), Who("act_newhandler", "handler")


def street(number: int) -> str:
    """The new sub-district of an old one: the last three are joined to the first three."""
    return f"new-street-{number % NEW_STREETS}"


def community(number: int) -> str:
    """The new community of an old committee."""
    return f"community-{number % COMMUNITIES}"


def before() -> list[Message]:
    """The city as it was: 25 sub-districts over 310 committees."""
    units: list[Message] = [r.DefineUnitV1(unit="city", name="虚构市", tier="city")]
    units += [
        r.DefineUnitV1(unit=f"street-{n}", name=f"虚构{n}街道", tier="street", parent="city")
        for n in range(STREETS)
    ]
    units += [
        r.DefineUnitV1(
            unit=f"committee-{n}", name=f"虚构{n}居委会", tier="community", parent=f"street-{n % STREETS}"
        )
        for n in range(COMMITTEES)
    ]
    people = [r.DefinePersonV1(person=who.actor, name=SEALED) for who in (CLERK_OF_ALL, NEW_HANDLER)]
    post = r.AppointV1(person=CLERK_OF_ALL.actor, role="clerk", unit="city")
    norm = default_policy()
    return [*units, *people, post, norm]


def change() -> list[Message]:
    """What the rearrangement enters: the new units, then who succeeds whom."""
    said: list[Message] = [
        r.DefineUnitV1(unit=f"new-street-{n}", name=f"虚构新{n}街道", tier="street", parent="city")
        for n in range(NEW_STREETS)
    ]
    said += [
        r.DefineUnitV1(unit=f"community-{n}", name=f"虚构{n}社区", tier="community", parent=street(n))
        for n in range(COMMUNITIES)
    ]
    said += [
        r.DefineUnitV1(unit=f"town-{n}", name=f"虚构{n}镇区社区", tier="community", parent="city")
        for n in range(TOWNS)
    ]
    for name, old, new, succeeds in (
        ("street", STREETS, NEW_STREETS, street),
        ("committee", COMMITTEES, COMMUNITIES, community),
    ):
        joined: dict[str, list[str]] = {}
        for number in range(old):
            joined.setdefault(succeeds(number), []).append(f"{name}-{number}")
        assert len(joined) == new
        said += [
            r.SucceedUnitsV1(of=tuple(units), into=(into,), since=CHANGE) for into, units in joined.items()
        ]
    said.append(r.AppointV1(person=NEW_HANDLER.actor, role="handler", unit=community(200)))
    return said


def told(world: World, commands: list[Message]) -> World:
    """The world after commands that are all accepted, each with one event."""
    for command in commands:
        answer = world.when(command).answer
        assert isinstance(answer, Accepted), command
        world.register.fold(BEGINNING, answer.events)
    return world


@pytest.fixture(scope="module")
def city() -> World:
    """The city after its rearrangement."""
    return told(told(given(register=()), before()), change())


def register_of(city: World) -> Register:
    """The register at its end."""
    return city.register.at(city.register.end)


def standing(register: Register, tier: str, at: int) -> int:
    """How many units of a tier stand on a day, of those with a part in the rearrangement or left alone."""
    return sum(unit.tier == tier and not is_gone(register, unit.unit, at) for unit in register.units(at))


def test_the_city_has_as_many_units_as_the_report_says(city: World) -> None:
    """After the day of the change 22 sub-districts and 165 communities stand; all old ids are still there."""
    register = register_of(city)
    assert standing(register, "street", CHANGE) == NEW_STREETS
    assert standing(register, "community", CHANGE) == COMMUNITIES + TOWNS == 165
    assert all(register.unit(f"committee-{n}") is not None for n in range(COMMITTEES))


def test_each_committee_is_shown_as_one_community(city: World) -> None:
    """Every committee ends in one community, and the communities' origins are the committees, each once."""
    register = register_of(city)
    for number in range(COMMITTEES):
        assert stands_as(register, f"committee-{number}", None, CHANGE) == (community(number), None)
    found = [unit for n in range(COMMUNITIES) for unit in origins(register, f"community-{n}", CHANGE)]
    assert sorted(found) == sorted(f"committee-{n}" for n in range(COMMITTEES))


def test_figures_add_up_on_old_and_on_new_boundaries(city: World) -> None:
    """310 open cases are 310 by committee, and 310 by community; none is counted twice or lost."""
    register = register_of(city)
    cases = [
        CaseFacts(
            unit=f"committee-{number}",
            zone=None,
            status="lodged",
            lodged_at=day(1),
            replied_at=None,
            closed_at=None,
            overdue=False,
            overdue_historical=False,
            late=False,
            duplicate_of=None,
            imported=False,
            late_entered=False,
        )
        for number in range(COMMITTEES)
    ]

    def counted(unit: str, of: tuple[str, ...] = ()) -> int:
        return compute(cases, [], Scope(unit=unit, origins=of)).received

    old = [counted(f"committee-{number}") for number in range(COMMITTEES)]
    names = [f"community-{number}" for number in range(COMMUNITIES)]
    new = [counted(name, tuple(origins(register, name, CHANGE))) for name in names]
    assert (sum(old), sum(new)) == (COMMITTEES, COMMITTEES)
    assert sum(counted(name) for name in names) == 0
    assert set(new) == {2, 3}


def test_an_open_case_is_handled_on_where_it_stands(city: World) -> None:
    """The new community's handler works on the old committee's case from the day of the change, not before."""
    lodged = city.when(lodge(zone=None), at=day(1), by=CLERK_OF_ALL, unit="committee-200").answer
    assert isinstance(lodged, Accepted)
    case = grievances.evolve(None, lodged.events[0], "committee-200", day(1), None)
    world = World(city.register, city.control, case, None, day(1))
    accept = g.AcceptV1()
    world.when(accept, at=CHANGE - 1, by=NEW_HANDLER, unit="committee-200").refused("not_entitled")
    world.when(accept, at=CHANGE, by=NEW_HANDLER, unit="committee-200").accepted()
    register = register_of(city)
    assert not register.holds(NEW_HANDLER.actor, "handler", "committee-200", CHANGE - 1)
    assert register.holds(NEW_HANDLER.actor, "handler", "committee-200", CHANGE)
    assert not register.holds(NEW_HANDLER.actor, "handler", "committee-199", CHANGE)


def test_nothing_new_is_lodged_with_a_committee_that_is_gone(city: World) -> None:
    """From the day of the change on, a grievance is lodged with the community."""
    city.when(lodge(zone=None), at=CHANGE, by=CLERK_OF_ALL, unit="committee-7").refused("unit_gone", "unit")
    city.when(lodge(zone=None), at=CHANGE, by=CLERK_OF_ALL, unit=community(7)).accepted()
