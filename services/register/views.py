"""What the register's pages show: units in their tree, zones with who answers for them, posts, people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from contracts.lineage import chain, holders_by_post, is_gone, responsible
from contracts.reference import Register
from contracts.register import AppointedV1, PostDefinedV1, UnitDefinedV1, ZoneDefinedV1
from contracts.spells import FOREVER, Spell

NameOf = Callable[[str], str]


class UnitLine(NamedTuple):
    """A unit in the tree: how deep it stands, how many zones it has and how many lack a responsible person."""

    unit: UnitDefinedV1
    depth: int
    zones: int
    gaps: int
    into: tuple[str, ...]


class ZoneLine(NamedTuple):
    """A zone with who answers for it; nobody: a gap. `into`: the names of what it became."""

    zone: ZoneDefinedV1
    person: str | None
    deputies: tuple[str, ...]
    into: tuple[str, ...]


class PostLine(NamedTuple):
    """A post with its holders, and the chain above it as names of posts."""

    post: PostDefinedV1
    holders: tuple[str, ...]
    above: tuple[str, ...]


class Period(NamedTuple):
    """An appointment, and its first and last moment in milliseconds; None where it has none."""

    person: str
    said: AppointedV1
    since: int
    until: int | None


class PersonLine(NamedTuple):
    """A person with the roles they hold, and until when somebody stands in for them."""

    person: str
    name: str
    roles: tuple[tuple[str, str], ...]
    away: tuple[tuple[int, int, str], ...]


def tree(register: Register, now: int) -> list[UnitLine]:
    """Every unit below the one that it stands under, what is gone last among its like."""
    below: dict[str | None, list[UnitDefinedV1]] = defaultdict(list)
    units = register.units(now)
    known = {unit.unit for unit in units}
    for unit in units:
        below[unit.parent if unit.parent in known else None].append(unit)
    zones: dict[str, list[ZoneLine]] = defaultdict(list)
    for unit in units:
        zones[unit.unit] = zone_lines(register, unit.unit, now, str)
    lines: list[UnitLine] = []
    waiting = [(unit, 0) for unit in reversed(_ordered(below[None], register, now))]
    while waiting:
        unit, depth = waiting.pop()
        live = [line for line in zones[unit.unit] if not line.into]
        gaps = sum(line.person is None for line in live)
        lines.append(UnitLine(unit, depth, len(live), gaps, successors(register, unit.unit, now)))
        waiting += [(child, depth + 1) for child in reversed(_ordered(below[unit.unit], register, now))]
    return lines


def _ordered(units: list[UnitDefinedV1], register: Register, now: int) -> list[UnitDefinedV1]:
    return sorted(units, key=lambda unit: is_gone(register, unit.unit, now))


def successors(register: Register, unit: str, now: int) -> tuple[str, ...]:
    """The names of the units that succeed one; empty while it stands."""
    gone = register.said(now, "unit-succession", unit)
    names = [(found := register.unit(into, now)) and found.name for into in (gone.into if gone else ())]
    return tuple(name for name in names if name)


def zone_lines(register: Register, unit: str, now: int, name_of: NameOf) -> list[ZoneLine]:
    """The zones of a unit with who answers for them."""
    lines = []
    for zone in register.zones(unit, now):
        found = responsible(register, unit, zone.zone, now)
        gone = register.said(now, "zone-succession", unit, zone.zone)
        into = [register.zone(place.unit, place.zone, now) for place in (gone.into if gone else ())]
        lines.append(
            ZoneLine(
                zone,
                name_of(found.person) if found else None,
                tuple(name_of(deputy) for deputy in found.deputies) if found else (),
                tuple(place.name for place in into if place),
            )
        )
    return lines


def post_lines(register: Register, unit: str, now: int, name_of: NameOf) -> list[PostLine]:
    """The posts of a unit with their holders and the chain above."""
    held = holders_by_post(register, now)
    return [
        PostLine(
            post,
            tuple(name_of(person) for person in held.get((unit, post.post), ())),
            tuple(rung.post.name for rung in chain(register, unit, post.post, now)[1:]),
        )
        for post in register.posts(unit)
    ]


def periods(register: Register, unit: str, now: int, name_of: NameOf) -> list[Period]:
    """The appointments in a unit that have not ended, those to come too."""
    spells = (spell for key, spell in register.all_spells("appointment") if key[3] == unit)
    return [_period(spell, name_of) for spell in spells if spell.until > now]


def _period(spell: Spell, name_of: NameOf) -> Period:
    until = None if spell.until >= FOREVER else spell.until - 1
    return Period(name_of(spell.said.person), spell.said, spell.since, until)


def spans(days: Iterable[str]) -> list[str]:
    """Days, of which those that follow one another stand as one span: `2026-01-01 – 01-03`."""
    found: list[list[date]] = []
    for day in sorted(map(date.fromisoformat, days)):
        if found and (day - found[-1][-1]).days == 1:
            found[-1].append(day)
        else:
            found.append([day])
    return [f"{run[0]}" if len(run) == 1 else f"{run[0]} – {run[-1]:%m-%d}" for run in found]


def person_lines(register: Register, now: int, name_of: NameOf) -> list[PersonLine]:
    """Every person with the roles they hold now, and leave that is not over."""
    roles: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for held in register.appointments(now):
        unit = register.unit(held.unit, now)
        roles[held.person].append((held.role, unit.name if unit else ""))
    lines = []
    for person in register.people():
        away = [spell for spell in register.spells("leave", person.person) if spell.until > now]
        told = tuple((spell.since, spell.until - 1, name_of(spell.said.deputy)) for spell in away)
        lines.append(PersonLine(person.person, name_of(person.person), tuple(roles[person.person]), told))
    return lines
