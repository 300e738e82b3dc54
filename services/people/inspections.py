"""Rules of inspections: what may be inspected, and the findings that are put right. Pure."""

from __future__ import annotations

from typing import NamedTuple

from contracts import inspections as i
from contracts.base import Message
from contracts.grown import case_of, seed_of
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, stream_id
from services.people.households import in_zone, zone_refusal


class Inspection(NamedTuple):
    """An inspection as far as decisions need it.

    `done`: the findings that were put right; `grown`: those of which a grievance was made.
    """

    unit: str
    zone: str | None
    at: int
    findings: frozenset[int]
    done: frozenset[int] = frozenset()
    grown: frozenset[int] = frozenset()


def evolve(state: object, event: Message, unit: str) -> Inspection | None:
    """The inspection after one of its events; None where there is none."""
    if isinstance(event, i.InspectionCarriedOutV1):
        return Inspection(unit, event.zone, event.at, frozenset(i.findings_in(event)))
    if not isinstance(state, Inspection):
        return None
    match event:
        case i.FindingPutRightV1():
            return state._replace(done=state.done | {event.finding})
        case i.FindingGrievanceMadeV1():
            return state._replace(grown=state.grown | {event.finding})
        case _:
            return state


def decide(state: object, command: Command, reference: Reference) -> Answer:
    """Answer a command about an inspection, who may speak in the community at all being known."""
    if isinstance(command.body, i.CarryOutInspectionV1):
        return _carry_out(state, command, reference, command.body)
    body = command.body
    if not isinstance(body, i.PutRightV1 | i.MakeFindingGrievanceV1) or not isinstance(state, Inspection):
        return Refused("no_such_inspection")
    if body.finding not in state.findings:
        return Refused("no_such_finding", "finding")
    if state.zone is not None and not in_zone(command, reference, state.zone):
        return Refused("other_zone_of_yours")
    if body.finding in state.done:
        return NoOp("put_right_already")
    if command.occurred_at < state.at:
        return Refused("before_inspection", "occurred_at")
    if isinstance(body, i.PutRightV1):
        return Accepted((i.FindingPutRightV1(**body.__dict__, at=command.occurred_at),))
    if body.finding in state.grown:
        return Refused("finding_is_grievance")
    case = case_of(seed_of(command.submission.subject, body.finding))
    return Accepted((i.FindingGrievanceMadeV1(finding=body.finding, case=case, at=command.occurred_at),))


def _carry_out(state: object, command: Command, reference: Reference, body: i.CarryOutInspectionV1) -> Answer:
    register, unit, at = reference.register, command.submission.unit, command.occurred_at
    if command.submission.subject != stream_id("isp", command.submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    kind, here = i.kind_at(register, unit, body.inspection, at), register.unit(unit)
    if kind is None or here is None:
        return Refused("no_such_kind", "inspection")
    if (kind.each == "zone") is (body.zone is None):
        return Refused("inspected_place", "zone")
    refusal = zone_refusal(command, reference, body.zone) if body.zone is not None else None
    if refusal is not None:
        return refusal
    refusal = _inspectors_refusal(reference, body, at)
    if refusal is not None:
        return refusal
    period = i.period_of(at, kind.cycle, here.time_zone)
    return Accepted((i.InspectionCarriedOutV1(**body.__dict__, at=at, period=period),))


def _inspectors_refusal(reference: Reference, body: i.CarryOutInspectionV1, at: int) -> Refused | None:
    """Why one of the inspectors cannot be named; None where all can. Who led is `inspector_1`."""
    register, seen = reference.register, set[str]()
    for number, one in enumerate(body.inspectors or (), 1):
        field = f"inspector_{number}"
        if register.person(one.person) is None:
            return Refused("unknown_person", field)
        if one.person in seen:
            return Refused("inspector_twice", field)
        if not i.is_in_post(register, one, at):
            return Refused("inspector_not_in_post", field)
        seen.add(one.person)
    return None
