"""Joint handling (联合办理): several units, one lead; the case and its terms stay with its home community. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import joint as j
from contracts.base import Message
from contracts.lineage import is_gone
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import (
    Case,
    Joint,
    in_open_import,
    made,
    refused_by_status,
    with_life,
)


def refuse_answering(state: Case) -> Refused | None:
    """Why the case cannot be replied to or closed: it is being handled jointly."""
    return Refused("joint_open") if state.life.joint is not None else None


def _start(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if state.status != "accepted":
        return refused_by_status(state, "not_accepted_yet")
    if in_open_import(state, reference):
        return Refused("import_open")
    if state.life.joint is not None:
        return Refused("joint_already")
    if not isinstance(body, j.StartJointHandlingV1) or len(set(body.units)) < len(body.units):
        return Refused("named_twice", "units")
    if body.lead not in body.units:
        return Refused("lead_takes_no_part", "lead")
    register, now = reference.register, reference.now
    if any(register.unit(unit, now) is None for unit in body.units):
        return Refused("unknown_unit", "units")
    if any(is_gone(register, unit, now) for unit in body.units):
        return Refused("unit_gone", "units")
    return Accepted((made(j.JointHandlingStartedV1, body),))


def _record_part(state: Case, command: Command, _reference: Reference) -> Answer:
    body, joint = command.body, state.life.joint
    if not isinstance(body, j.RecordJointPartV1) or joint is None:
        return Refused("not_joint")
    if body.unit not in joint.units:
        return Refused("takes_no_part", "unit")
    return Accepted((made(j.JointPartRecordedV1, body),))


def _end(state: Case, command: Command, reference: Reference) -> Answer:
    joint, submission = state.life.joint, command.submission
    if joint is None:
        return Refused("not_joint")
    # A lead without staff in the register cannot speak for itself: a supervisor ends it.
    if submission.role != "supervisor" and not reference.register.serves(
        submission.actor, joint.lead, reference.now
    ):
        return Refused("not_lead_side")
    if joint.lead not in joint.done:
        return Refused("lead_part_missing")
    missing = tuple(unit for unit in joint.units if unit not in joint.done)
    return Accepted((made(j.JointHandlingEndedV1, command.body, missing=missing),))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    j.StartJointHandlingV1: _start,
    j.RecordJointPartV1: _record_part,
    j.EndJointHandlingV1: _end,
}
"""Command → its rule."""


def _started(state: Case, event: j.JointHandlingStartedV1, _at: int) -> Case:
    return with_life(state, joint=Joint(event.lead, event.units))


def _part_recorded(state: Case, event: j.JointPartRecordedV1, _at: int) -> Case:
    joint = state.life.joint
    return state if joint is None else with_life(state, joint=joint._replace(done=joint.done | {event.unit}))


def _ended(state: Case, _event: j.JointHandlingEndedV1, _at: int) -> Case:
    return with_life(state, joint=None)


STEPS: dict[type[Message], Callable[[Case, Any, int], Case]] = {
    j.JointHandlingStartedV1: _started,
    j.JointPartRecordedV1: _part_recorded,
    j.JointHandlingEndedV1: _ended,
}
"""Event → the case after it."""
