"""Rules of places: units and zones, who answers for a zone, mergers and splits. Pure.

A change may be told for a later day, or late for an earlier one; it is never told for a time before the
beginning of what it changes has been replaced. No change may make a circle, on any day.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts import register as r
from contracts.lineage import lineage
from contracts.places import TIERS
from contracts.reference import LEDGER_UNIT, Register
from contracts.spells import SKEW_MS
from contracts.workflow import Answer, Refused
from services.register.answers import accept

_Place = tuple[str, ...]


def decide(
    body: r.DefineUnitV1 | r.DefineZoneV1 | r.NameResponsibleV1 | r.DefineInspectionV1,
    register: Register,
    now: int,
) -> Answer:
    """Answer a command about one unit or zone, or what is inspected there."""
    match body:
        case r.DefineUnitV1():
            return _define_unit(body, register, now)
        case r.DefineZoneV1() | r.DefineInspectionV1():
            event = r.ZoneDefinedV1 if isinstance(body, r.DefineZoneV1) else r.InspectionDefinedV1
            known = register.unit(body.unit) is not None
            return accept(event, body) if known else Refused("unknown_unit", "unit")
        case r.NameResponsibleV1():
            return _name_responsible(body, register, now)


def _define_unit(body: r.DefineUnitV1, register: Register, now: int) -> Answer:
    if body.unit == LEDGER_UNIT:
        return Refused("already_exists", "unit")
    if (body.tier == "organisation") is (body.kind is None):
        return Refused("organisation_kind", "kind")
    parent = body.parent
    if parent is not None and parent != body.unit and register.unit(parent) is None:
        return Refused("unknown_parent", "parent")
    if parent is not None and _stands_above(body.unit, parent, register):
        return Refused("cycle", "parent")
    if any(spell.said.tier != body.tier for spell in register.spells("unit", body.unit)):
        return Refused("other_tier", "tier")
    if parent is not None and not _is_higher(body, parent, register):
        return Refused("wrong_tier", "parent")
    since = now - SKEW_MS if body.since is None else body.since
    if any(spell.since <= since for spell in register.spells("unit-succession", body.unit)):
        return Refused("unit_gone", "unit")
    return accept(r.UnitDefinedV1, body)


def _stands_above(unit: str, other: str, register: Register) -> bool:
    """Whether the unit stands above the other on any day, or is the same."""
    times = {0, *(spell.since for _, spell in register.all_spells("unit", "unit-succession"))}
    return unit == other or any(unit in lineage(register, other, at) for at in times)


def _is_higher(body: r.DefineUnitV1, parent: str, register: Register) -> bool:
    tier = register.spells("unit", parent)[0].said.tier
    if body.tier == "organisation":
        return True
    return tier != "organisation" and TIERS.index(tier) < TIERS.index(body.tier)


def _name_responsible(body: r.NameResponsibleV1, register: Register, now: int) -> Answer:
    if register.zone(body.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    if body.person is None:
        return accept(r.ResponsibleNamedV1, body)
    if register.person(body.person) is None:
        return Refused("unknown_person", "person")
    at = now if body.since is None else max(body.since, now)
    if not register.serves(body.person, body.unit, at, body.zone):
        return Refused("out_of_scope", "person")
    return accept(r.ResponsibleNamedV1, body)


def succeed(body: r.SucceedUnitsV1 | r.SucceedZonesV1, register: Register) -> Answer:
    """Answer a merger or a split."""
    units = isinstance(body, r.SucceedUnitsV1)
    of, into = _places(body.of), _places(body.into)
    if len(set(of)) != len(of):
        return Refused("named_twice", "of")
    if len(set(into)) != len(into):
        return Refused("named_twice", "into")
    if set(of) & set(into):
        return Refused("succeeds_itself", "into")
    kind, unknown = ("unit", "unknown_unit") if units else ("zone", "unknown_zone")
    for name, places in (("of", of), ("into", into)):
        if not all(register.spells(kind, *place) for place in places):
            return Refused(unknown, name)
    if len(of) > 1 and len(into) > 1:
        return Refused("many_into_many", "into")
    if any(register.spells(f"{kind}-succession", *place) for place in of):
        return Refused("already_succeeded", "of")
    if units and len({register.spells("unit", *place)[0].said.tier for place in (*of, *into)}) > 1:
        return Refused("other_tier", "into")
    if set(of) & _followers(kind, into, register):
        return Refused("succession_cycle", "into")
    return accept(r.UnitsSucceededV1 if units else r.ZonesSucceededV1, body)


def _places(places: Iterable[str | r.Place]) -> list[_Place]:
    return [(place,) if isinstance(place, str) else (place.unit, place.zone) for place in places]


def _followers(kind: str, places: Iterable[_Place], register: Register) -> set[_Place]:
    """These places and all that succeed them, on any day."""
    found: set[_Place] = set()
    waiting = list(places)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            for spell in register.spells(f"{kind}-succession", *here):
                waiting += _places(spell.said.into)
    return found
