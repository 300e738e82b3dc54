"""What each register event makes of the entries that it is about: values with the times that they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from contracts import register as r
from contracts.base import LAST_MS, Message

ALWAYS = 0
FOREVER = LAST_MS + 1
SKEW_MS = 60_000
"""How much later than a submission a register record may bear a time, when its basis names it.

What a record says without a date holds from its own time less this, so that whoever has seen the record is
bound by it whatever their clock: within a minute the records of two machines have no other order.
"""

Key = tuple[str, ...]
Folded = list[tuple[Key, Any]]


class Spell(NamedTuple):
    """What was said, and the time in which it holds: from `since` on and before `until`."""

    since: int
    until: int
    said: Any

    def holds(self, at: int) -> bool:
        """Whether it holds at this time."""
        return self.since <= at < self.until


Spells = tuple[Spell, ...]
Before = Callable[[Key], Any]
"""The value of an entry before the event; None where there is none."""


def folded(event: Message, recorded_at: int, before: Before) -> Folded:
    """The entries that an event of this time changes, with their new values."""
    here = recorded_at - SKEW_MS
    match event:
        case r.UnitDefinedV1():
            return [_version(("unit", event.unit), event, here, before)]
        case r.ZoneDefinedV1():
            return [_version(("zone", event.unit, event.zone), event, here, before)]
        case r.ResponsibleNamedV1() | r.InspectionDefinedV1():
            key = _key_in_unit(event)
            return [(key, _ordered(before(key) or (), Spell(_or(event.since, here), FOREVER, event)))]
        case r.ProgrammeDefinedV1():
            return [_version(("programme", event.programme), event, here, before)]
        case r.UnitsSucceededV1() | r.ZonesSucceededV1():
            return _successions(event, before)
        case r.AppointedV1() | r.MembershipEnteredV1():
            return [_begun(_key_of(event), event, here, before)]
        case r.AppointmentEndedV1() | r.MembershipEndedV1():
            return [_cut(_key_of(event), event, _or(event.until, here), before)]
        case r.LeaveRecordedV1() | r.LeaveEndedV1():
            return _leave(event, here, before)
        case r.HandoverOfferedV1() | r.HandoverAcceptedV1():
            return [(("handover", event.giver, event.role, event.unit), event)]
        case _:
            entry = _plain_key(event)
            return [] if entry is None else [(entry, event)]


def _key_in_unit(event: r.ResponsibleNamedV1 | r.InspectionDefinedV1) -> Key:
    if isinstance(event, r.ResponsibleNamedV1):
        return ("responsible", event.unit, event.zone)
    return ("inspection", event.unit, event.inspection)


def _plain_key(event: Message) -> Key | None:
    """The entry of an event that simply replaces what stood there."""
    match event:
        case r.PersonDefinedV1():
            return ("person", event.person)
        case r.PostDefinedV1():
            return ("post", event.unit, event.post)
        case r.FundDefinedV1():
            return ("fund", event.fund)
        case r.CategoriesDefinedV1():
            return ("categories",)
        case r.PolicyDefinedV1():
            return ("policy", event.policy)
        case r.CalendarDefinedV1():
            return ("calendar", event.calendar, str(event.year))
        case _:
            return None


def _key_of(
    event: r.AppointedV1 | r.AppointmentEndedV1 | r.MembershipEnteredV1 | r.MembershipEndedV1,
) -> Key:
    if isinstance(event, r.AppointedV1 | r.AppointmentEndedV1):
        return ("appointment", event.person, event.role, event.unit)
    return ("membership", event.person, event.unit)


def _or(told: int | None, otherwise: int) -> int:
    return otherwise if told is None else told


def _version(
    key: Key, event: r.UnitDefinedV1 | r.ZoneDefinedV1 | r.ProgrammeDefinedV1, here: int, before: Before
) -> tuple[Key, Spells]:
    """A unit's, zone's or programme's versions in the order in which they take effect.

    The first holds from ever on, unless it is of a programme that opens on a day.
    """
    versions: Spells = before(key) or ()
    opens = event.since if isinstance(event, r.ProgrammeDefinedV1) else None
    since = _or(event.since, here) if versions else _or(opens, ALWAYS)
    return key, _ordered(versions, Spell(since, FOREVER, event))


def _ordered(spells: Spells, new: Spell) -> Spells:
    """The spells with the new one in its place: each holds until the next; of two at once the later said."""
    kept = sorted((*spells, new), key=lambda spell: spell.since)
    ends = [spell.since for spell in kept[1:]] + [FOREVER]
    return tuple(spell._replace(until=end) for spell, end in zip(kept, ends, strict=True))


def _successions(event: r.UnitsSucceededV1 | r.ZonesSucceededV1, before: Before) -> Folded:
    kind = "unit" if isinstance(event, r.UnitsSucceededV1) else "zone"
    spell = Spell(event.since, FOREVER, event)
    found: Folded = [((f"{kind}-succession", *_names(place)), (spell,)) for place in event.of]
    for place in event.into:
        key = (f"{kind}-origin", *_names(place))
        found.append((key, (*(before(key) or ()), spell)))
    return found


def _names(place: str | r.Place) -> Key:
    return (place,) if isinstance(place, str) else (place.unit, place.zone)


def _begun(
    key: Key, event: r.AppointedV1 | r.MembershipEnteredV1, here: int, before: Before
) -> tuple[Key, Spells]:
    spell = Spell(_or(event.since, here), _or(event.until, FOREVER), event)
    return key, (*(before(key) or ()), spell)


def _cut(
    key: Key, event: r.AppointmentEndedV1 | r.MembershipEndedV1, at: int, before: Before
) -> tuple[Key, Spells]:
    """What is left of the spells when those that are meant end at this time."""
    part, name = ("zone", event.zone) if isinstance(event, r.AppointmentEndedV1) else ("post", event.post)
    spells: Spells = before(key) or ()
    meant = [name is None or getattr(spell.said, part) == name for spell in spells]
    cut = [_ended(spell, at) if is_meant else spell for spell, is_meant in zip(spells, meant, strict=True)]
    return key, tuple(spell for spell in cut if spell.since < spell.until)


def _ended(spell: Spell, at: int) -> Spell:
    return spell._replace(until=min(spell.until, max(at, spell.since)))


def _leave(event: r.LeaveRecordedV1 | r.LeaveEndedV1, here: int, before: Before) -> Folded:
    key = ("leave", event.person)
    spells: Spells = before(key) or ()
    if isinstance(event, r.LeaveRecordedV1):
        new = Spell(event.since, event.until, event)
        held = ("deputy", event.deputy)
        return [(key, (*spells, new)), (held, (*(before(held) or ()), new))]
    at = _or(event.until, here)
    found: Folded = [(key, _back(spells, event.person, at))]
    for deputy in dict.fromkeys(spell.said.deputy for spell in spells):
        held = ("deputy", deputy)
        found.append((held, _back(before(held) or (), event.person, at)))
    return found


def _back(spells: Spells, person: str, at: int) -> Spells:
    cut = [_ended(spell, at) if spell.said.person == person else spell for spell in spells]
    return tuple(spell for spell in cut if spell.since < spell.until)
