"""Rules of households and residents. Pure. A household and all who live in it are one stream (`hsh_`).

Who may speak of a household is decided by the zone it is in: a grid worker's own, or any for a role over the
whole community.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from contracts import households as h
from contracts.base import Message
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, stream_id


class Household(NamedTuple):
    """A household as far as decisions need it; `residents`: who lives in it now."""

    unit: str
    zone: str
    residents: frozenset[str] = frozenset()
    ended: bool = False


def evolve(state: object, event: Message, unit: str) -> Household | None:
    """The household after one of its events; None where there is none."""
    if isinstance(event, h.HouseholdEnteredV1):
        return Household(unit, event.zone)
    if not isinstance(state, Household):
        return None
    match event:
        case h.HouseholdCorrectedV1():
            return state._replace(zone=event.zone or state.zone)
        case h.HouseholdEndedV1():
            return state._replace(ended=True)
        case h.ResidentEnteredV1() | h.ResidentReceivedV1():
            return state._replace(residents=state.residents | {event.resident})
        case h.ResidentMovedV1():
            return state._replace(residents=state.residents - {event.resident})
        case _:
            return state


def decide(state: object, command: Command, reference: Reference) -> Answer:
    """Answer a command about a household, who may speak in the community at all being known."""
    if isinstance(command.body, h.EnterHouseholdV1):
        return _enter(state, command, reference, command.body)
    if not isinstance(state, Household):
        return Refused("no_such_household")
    if not in_zone(command, reference, state.zone):
        return Refused("other_zone_of_yours")
    if state.ended:
        return (
            NoOp("household_ended")
            if isinstance(command.body, h.EndHouseholdV1)
            else Refused("household_ended")
        )
    return _HANDLERS[type(command.body)](_Asked(state, command, reference), command.body)


class _Asked(NamedTuple):
    state: Household
    command: Command
    reference: Reference


def in_zone(command: Command, reference: Reference, zone: str) -> bool:
    """Whether the speaker holds the role in which they speak over this zone."""
    said = command.submission
    return reference.register.holds(said.actor, said.role, said.unit, reference.now, zone)


def zone_refusal(command: Command, reference: Reference, zone: str) -> Refused | None:
    """Why this zone cannot be named; None where it stands and the speaker may speak of it."""
    register, unit = reference.register, command.submission.unit
    if register.zone(unit, zone, reference.now) is None:
        return Refused("unknown_zone", "zone")
    if register.said(reference.now, "zone-succession", unit, zone) is not None:
        return Refused("zone_gone", "zone")
    return None if in_zone(command, reference, zone) else Refused("other_zone_of_yours", "zone")


def _enter(state: object, command: Command, reference: Reference, body: h.EnterHouseholdV1) -> Answer:
    if command.submission.subject != stream_id("hsh", command.submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    return zone_refusal(command, reference, body.zone) or Accepted((h.HouseholdEnteredV1(**body.__dict__),))


def _correct(asked: _Asked, body: h.CorrectHouseholdV1) -> Answer:
    moved = body.zone is not None and body.zone != asked.state.zone
    refusal = zone_refusal(asked.command, asked.reference, body.zone) if moved and body.zone else None
    if refusal is not None:
        return refusal
    if not moved and body.address is None:
        return Refused("nothing_to_correct")
    return Accepted((h.HouseholdCorrectedV1(zone=body.zone if moved else None, address=body.address),))


def _end(asked: _Asked, _body: h.EndHouseholdV1) -> Answer:
    return Refused("residents_remain") if asked.state.residents else Accepted((h.HouseholdEndedV1(),))


def _enter_resident(asked: _Asked, body: h.EnterResidentV1) -> Answer:
    if len(asked.state.residents) >= h.MOST_RESIDENTS:
        return Refused("household_full")
    resident = stream_id("res", asked.command.submission.id)
    return Accepted((h.ResidentEnteredV1(**body.__dict__, resident=resident),))


def _correct_resident(asked: _Asked, body: h.CorrectResidentV1) -> Answer:
    if body.resident not in asked.state.residents:
        return Refused("not_a_resident")
    if body.resident_name is None and body.birth_year is None:
        return Refused("nothing_to_correct")
    return Accepted((h.ResidentCorrectedV1(**body.__dict__),))


def _move_resident(asked: _Asked, body: h.MoveResidentV1) -> Answer:
    if body.resident not in asked.state.residents:
        return Refused("not_a_resident")
    if body.household == asked.command.submission.subject:
        return Refused("same_household", "household")
    return Accepted((h.ResidentMovedV1(**body.__dict__),))


def _receive_resident(asked: _Asked, body: h.ReceiveResidentV1) -> Answer:
    if body.resident in asked.state.residents:
        return NoOp("resident_here")
    if len(asked.state.residents) >= h.MOST_RESIDENTS:
        return Refused("household_full")
    return Accepted((h.ResidentReceivedV1(resident=body.resident),))


_HANDLERS: dict[type[Message], Callable[[_Asked, Any], Answer]] = {
    h.CorrectHouseholdV1: _correct,
    h.EndHouseholdV1: _end,
    h.EnterResidentV1: _enter_resident,
    h.CorrectResidentV1: _correct_resident,
    h.MoveResidentV1: _move_resident,
    h.ReceiveResidentV1: _receive_resident,
}
