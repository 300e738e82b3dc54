"""Rules of posts and of who is appointed to them. Pure."""

from __future__ import annotations

from contracts import register as r
from contracts.reference import LEDGER_UNIT, Register
from contracts.spells import FOREVER, SKEW_MS, Spell
from contracts.workflow import Answer, Refused
from services.register.answers import accept


def decide(body: r.DefinePostV1 | r.AppointV1 | r.EndAppointmentV1, register: Register, now: int) -> Answer:
    """Answer a command about a post or an appointment."""
    match body:
        case r.DefinePostV1():
            return _define_post(body, register)
        case r.AppointV1():
            return _appoint(body, register, now)
        case r.EndAppointmentV1():
            return _end(body, register, now)


def _define_post(body: r.DefinePostV1, register: Register) -> Answer:
    if register.unit(body.unit) is None:
        return Refused("unknown_unit", "unit")
    if body.zone is not None and register.zone(body.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    if body.above is None:
        return (
            Refused("unknown_post", "above") if body.above_unit is not None else _accept_post(body, register)
        )
    here, at = (body.unit, body.post), (body.above_unit or body.unit, body.above)
    seen = {here}
    if at != here and register.post(*at) is None:
        return Refused("unknown_post", "above")
    while at not in seen:
        seen.add(at)
        found = register.post(*at)
        if found is None or found.above is None:
            return _accept_post(body, register)
        at = (found.above_unit or found.unit, found.above)
    return Refused("chain_cycle", "above")


def _accept_post(body: r.DefinePostV1, register: Register) -> Answer:
    """A post keeps its role while somebody holds it: what they may do changes by appointments alone."""
    before = register.post(body.unit, body.post)
    if before is not None and (before.role, before.zone) != (body.role, body.zone):
        return Refused("post_fixed", "role" if before.role != body.role else "zone")
    return accept(r.PostDefinedV1, body)


def _appoint(body: r.AppointV1, register: Register, now: int) -> Answer:
    if register.person(body.person) is None:
        return Refused("unknown_person", "person")
    if body.unit != LEDGER_UNIT and register.unit(body.unit) is None:
        return Refused("unknown_unit", "unit")
    if body.zone is not None and register.zone(body.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    since, until = period(body.since, body.until, now)
    if since >= until:
        return Refused("ends_before_it_begins", "until")
    held = register.spells("appointment", body.person, body.role, body.unit)
    if any(spell.said.zone == body.zone and _overlaps(spell, since, until) for spell in held):
        return Refused("overlapping_appointment", "since")
    refused = None if body.post is None else _refuse_post(body, body.post, register, since, until)
    return refused or accept(r.AppointedV1, body)


def _refuse_post(body: r.AppointV1, name: str, register: Register, since: int, until: int) -> Refused | None:
    post = register.post(body.unit, name)
    if post is None:
        return Refused("unknown_post", "post")
    if post.role != body.role:
        return Refused("other_role", "role")
    if post.zone is not None and post.zone != body.zone:
        return Refused("other_zone", "zone")
    others = [
        spell
        for key, spell in register.all_spells("appointment")
        if key[3] == body.unit and spell.said.post == name and _overlaps(spell, since, until)
    ]
    if post.seats is not None and _most_at_once(others, since) >= post.seats:
        return Refused("no_seat", "post")
    return None


def _most_at_once(spells: list[Spell], since: int) -> int:
    """How many of these hold at once at most, from this time on."""
    starts = [max(spell.since, since) for spell in spells]
    return max((sum(spell.holds(start) for spell in spells) for start in starts), default=0)


def _end(body: r.EndAppointmentV1, register: Register, now: int) -> Answer:
    at = now - SKEW_MS if body.until is None else body.until
    held = register.spells("appointment", body.person, body.role, body.unit)
    meant = [spell for spell in held if body.zone in (None, spell.said.zone) and spell.until > at]
    if not meant:
        return Refused("no_appointment", "role")
    return accept(r.AppointmentEndedV1, body)


def period(since: int | None, until: int | None, now: int) -> tuple[int, int]:
    """The period that is meant: from the record on where nothing else is said, without end likewise."""
    return now - SKEW_MS if since is None else since, FOREVER if until is None else until


def _overlaps(spell: Spell, since: int, until: int) -> bool:
    return max(spell.since, since) < min(spell.until, until)
