"""How places follow one another and who stands in them: pure functions of a register and a time.

Times are in milliseconds since the epoch; None is that of the register's last record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from contracts.base import LEDGER_UNIT
from contracts.register import AppointedV1, MembershipEnteredV1, PostDefinedV1
from contracts.spells import FOREVER, Spell

if TYPE_CHECKING:
    from contracts.reference import Register
    from contracts.register import ZoneDefinedV1


class Reach(NamedTuple):
    """A period in which a role is held in a unit, in one of its zones or in all of it (None)."""

    since: int
    until: int
    zone: str | None


class Responsible(NamedTuple):
    """Who answers for a zone, and who stands in for them while they are away."""

    person: str
    deputies: tuple[str, ...]


class Rung(NamedTuple):
    """One post of a chain and the persons who hold it; nobody: a gap."""

    post: PostDefinedV1
    holders: tuple[str, ...]


def above(register: Register, unit: str, at: int | None) -> tuple[str, ...]:
    """What stands right above a unit: its successors where it is gone, or else its parent."""
    gone = register.said(at, "unit-succession", unit)
    if gone is not None:
        into: tuple[str, ...] = gone.into
        return into
    found = register.unit(unit, at)
    return (found.parent,) if found is not None and found.parent is not None else ()


def lineage(register: Register, unit: str, at: int | None) -> list[str]:
    """The unit, what stands above it, nearest first, and the ledger.

    A unit that is gone stands below its successors: their staff work on with what it left.
    """
    line: list[str] = []
    waiting = [unit]
    while waiting:
        here = waiting.pop(0)
        if here != LEDGER_UNIT and here not in line:
            line.append(here)
            waiting.extend(above(register, here, at))
    return [*line, LEDGER_UNIT]


def changes(register: Register, unit: str) -> list[int]:
    """The times, 0 first, at which what stands above a unit may change."""
    found: set[int] = {0}
    seen: set[str] = set()
    waiting = [unit]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            versions = register.spells("unit", here)
            gone = register.spells("unit-succession", here)
            found.update(spell.since for spell in (*versions, *gone))
            waiting.extend(spell.said.parent for spell in versions if spell.said.parent is not None)
            waiting.extend(into for spell in gone for into in spell.said.into)
    return sorted(found)


def reaches(register: Register, person: str, role: str, unit: str) -> tuple[Reach, ...]:
    """When the person holds the role in this unit or above it, of their own or as a deputy."""
    starts = changes(register, unit)
    found = []
    for start, end in zip(starts, [*starts[1:], FOREVER], strict=True):
        for here in lineage(register, unit, start):
            for since, until, said in in_post(register, person, role, here):
                first, last = max(since, start), min(until, end)
                if first < last:
                    # A zone's name means that zone in its own unit alone.
                    found.append(Reach(first, last, said.zone if here == unit else None))
    return tuple(found)


def in_post(register: Register, person: str, role: str, unit: str) -> list[Spell]:
    """When the person holds the role in exactly this unit, of their own or during another's leave."""
    found = list(register.spells("appointment", person, role, unit))
    for leave in register.spells("deputy", person):
        for held in register.spells("appointment", leave.said.person, role, unit):
            since, until = max(leave.since, held.since), min(leave.until, held.until)
            if since < until:
                found.append(Spell(since, until, held.said))
    return found


def is_gone(register: Register, unit: str, at: int | None) -> bool:
    """Whether the unit has been merged or split."""
    return register.said(at, "unit-succession", unit) is not None


def stands_as(register: Register, unit: str, zone: str | None, at: int | None) -> tuple[str, str | None]:
    """The unit and zone under which something of this unit and zone is shown: followed to the end.

    Where a place was split, what does not say into which part it fell stays where it was.
    """
    seen: set[tuple[str, str | None]] = set()
    here = (unit, zone)
    while here not in seen:
        seen.add(here)
        moved = None if here[1] is None else register.said(at, "zone-succession", here[0], here[1])
        gone = register.said(at, "unit-succession", here[0])
        if moved is not None and len(moved.into) == 1:
            here = (moved.into[0].unit, moved.into[0].zone)
        elif moved is None and gone is not None and len(gone.into) == 1:
            here = (gone.into[0], here[1])
    return here


def origins(register: Register, unit: str, at: int | None) -> list[str]:
    """The units that went into this one whole, and those that went into them, in the order of entry."""
    found: list[str] = []
    waiting = [unit]
    when = register.latest if at is None else at
    while waiting:
        for spell in register.spells("unit-origin", waiting.pop(0)):
            if spell.holds(when) and len(spell.said.into) == 1:
                fresh = [place for place in spell.said.of if place not in found and place != unit]
                found += fresh
                waiting += fresh
    return found


def responsible(register: Register, unit: str, zone: str, at: int | None) -> Responsible | None:
    """Who answers for a zone; None, a gap, where nobody was named or who was named serves here no longer."""
    named = register.said(at, "responsible", unit, zone)
    if named is None or named.person is None or not serves(register, named.person, unit, at, zone):
        return None
    when = register.latest if at is None else at
    away = [spell.said.deputy for spell in register.spells("leave", named.person) if spell.holds(when)]
    return Responsible(named.person, tuple(dict.fromkeys(away)))


def serves(register: Register, person: str, unit: str, at: int | None, zone: str | None = None) -> bool:
    """Whether the person holds any role in this unit or above it, or belongs to it."""
    line = lineage(register, unit, at)
    posts = register.own_appointments(person, at)
    if any(held.unit in line and zone in (None, held.zone or zone) for held in posts):
        return True
    when = register.latest if at is None else at
    return any(spell.holds(when) for here in line for spell in register.spells("membership", person, here))


def holders_by_post(register: Register, at: int | None) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Unit and post → the persons who hold it."""
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    serving: list[AppointedV1 | MembershipEnteredV1] = [
        *register.appointments(at),
        *register.memberships(at),
    ]
    for held in serving:
        if held.post is not None:
            found[held.unit, held.post][held.person] = None
    return {key: tuple(persons) for key, persons in found.items()}


def on_duty(register: Register, person: str, unit: str, post: str, at: int | None) -> bool:
    """Whether the person holds this post in the unit or above it, or nobody does."""
    held = holders_by_post(register, at)
    holders = {one for above in register.lineage(unit, at) for one in held.get((above, post), ())}
    return not holders or person in holders


def chain(register: Register, unit: str, post: str, at: int | None) -> list[Rung]:
    """The post and those above it, the first to be asked first, each with its holders."""
    held = holders_by_post(register, at)
    rungs: list[Rung] = []
    seen: set[tuple[str, str]] = set()
    here: tuple[str, str] | None = (unit, post)
    while here is not None and here not in seen:
        seen.add(here)
        found = register.post(*here)
        if found is None:
            break
        rungs.append(Rung(found, held.get(here, ())))
        here = None if found.above is None else (found.above_unit or found.unit, found.above)
    return rungs


def standing_zones(register: Register, unit: str, at: int | None = None) -> list[ZoneDefinedV1]:
    """The zones of a community that are there at a time and have not been merged, split or moved by then."""
    when = register.latest if at is None else at
    return [zone for zone in register.zones(unit, when) if not zone_is_gone(register, unit, zone.zone, when)]


def zone_is_gone(register: Register, unit: str, zone: str, at: int | None = None) -> bool:
    """Whether the zone has been merged, split or moved by then."""
    return register.said(at, "zone-succession", unit, zone) is not None
