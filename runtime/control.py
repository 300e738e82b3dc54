"""Decisions about a partition itself: heartbeats, import batches, rules in force. Pure, like a domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts import control as c
from contracts.base import HOUR_MS, Message
from contracts.reference import LEDGER_UNIT, Register
from contracts.workflow import Accepted, Answer, Batch, Command, NoOp, Reference, Refused, stream_id

IMPORTERS = ("clerk", "administrator")
"""Roles that may open an import (DESIGN.md section 1: clerks import spreadsheets)."""


@dataclass(frozen=True, slots=True)
class Control:
    """What holds for a whole partition: the last watched hour, import batches, rules in force."""

    rules: str
    heartbeat_hour: int = -1
    batches: dict[str, Batch] = field(default_factory=dict)


def decide(state: Control, command: Command, reference: Reference, family: str) -> Answer:
    """Answer one control command about a partition of this family."""
    match command.body:
        case c.HeartbeatV1(hour=hour):
            if not _holds(command, reference, ("clock",)):
                return Refused("not_entitled")
            if hour > reference.now // HOUR_MS:
                return Refused("occurred_in_future", "hour")
            late = hour <= state.heartbeat_hour
            return NoOp("hour_passed") if late else Accepted((c.HeartbeatRecordedV1(hour=hour),))
        case c.OpenImportV1():
            return _open(state, command, command.body, reference)
        case c.CloseImportV1():
            return _close(state, command, command.body, reference)
        case c.ActivateRulesV1(rules=rules):
            if command.submission.unit != LEDGER_UNIT or not _holds(command, reference, ("administrator",)):
                return Refused("not_entitled")
            if rules != state.rules and rules not in announced_rules(reference.register).get(family, ()):
                return Refused("unknown_rules", "rules")
            return Accepted((c.RulesActivatedV1(rules=rules),))
        case _:
            return Refused("not_entitled")


def evolve(state: Control, event: Message, stream: str, actor: str, unit: str) -> Control:
    """The partition's control state after an event of this stream, actor and unit. Total: it never raises."""
    match event:
        case c.HeartbeatRecordedV1(hour=hour):
            return replace(state, heartbeat_hour=hour)
        case c.ImportOpenedV1():
            return replace(state, batches=state.batches | {stream: Batch(actor, unit, None)})
        case c.ImportClosedV1(closed_at=closed_at) if stream in state.batches:
            closed = state.batches[stream]._replace(closed_at=closed_at)
            return replace(state, batches=state.batches | {stream: closed})
        case c.RulesActivatedV1(rules=rules):
            return replace(state, rules=rules)
        case _:
            return state


def refuse_batch(state: Control, command: Command) -> Refused | None:
    """Why the command may not use the import batch that it names; None where it may, or names none."""
    submission = command.submission
    if submission.batch is None:
        return None
    batch = state.batches.get(submission.batch)
    if batch is None or batch.closed_at is not None:
        return Refused("batch_not_open")
    if batch.unit != submission.unit:
        return Refused("batch_other_unit")
    return None if batch.actor == submission.actor else Refused("not_entitled")


def announced_rules(register: Register) -> Mapping[str, Sequence[str]]:
    """Family → the versions of its rules that may be put in force."""
    return register.derived(_announced).versions


def _announced(register: Register) -> c.AnnouncedRules:
    entry = register.policy(c.RULES_POLICY)
    return c.AnnouncedRules.model_validate(entry.terms) if entry else c.AnnouncedRules(versions={})


def _holds(command: Command, reference: Reference, roles: Collection[str]) -> bool:
    submission = command.submission
    held = reference.register.holds(submission.actor, submission.role, submission.unit, reference.now)
    return submission.role in roles and held


def _open(state: Control, command: Command, body: c.OpenImportV1, reference: Reference) -> Answer:
    submission = command.submission
    if not _holds(command, reference, IMPORTERS):
        return Refused("not_entitled")
    if reference.register.unit(submission.unit) is None:
        return Refused("unknown_unit", "unit")
    if submission.subject != stream_id("imp", submission.id):
        return Refused("wrong_stream")
    if submission.subject in state.batches:
        return Refused("batch_exists")
    return Accepted((c.ImportOpenedV1.model_construct(**body.__dict__),))


def _close(state: Control, command: Command, body: c.CloseImportV1, reference: Reference) -> Answer:
    submission = command.submission
    batch = state.batches.get(submission.subject)
    if batch is None or batch.closed_at is not None:
        return Refused("batch_not_open")
    if batch.actor != submission.actor or batch.unit != submission.unit:
        return Refused("not_entitled")
    return Accepted((c.ImportClosedV1(rows=body.rows, bad_rows=body.bad_rows, closed_at=reference.now),))
