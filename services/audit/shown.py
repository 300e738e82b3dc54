"""Records as an auditor may see them: as the log has them, without what is personal or might be.

What a known, valid message declares is shown, ciphertext shortened. Of everything else only length and
hash: whoever can write to a topic can write anything.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from contracts.base import LAST_MS, sha256_hex
from contracts.catalogue import COMMANDS, EVENTS
from contracts.envelope import (
    Decision,
    Submission,
    UnreadableError,
    decode_decision,
    decode_submission,
)
from contracts.topics import events_topic, submissions_topic
from ledger.log import EventLog, Record
from services.audit.comparing import shown

_SEARCHED = 5000
"""How many decisions are looked through for those of one submission."""

_SEALED = (frozenset({"subject", "sealed"}), frozenset({"subject", "text", "sealed"}))
_SHORT = 12
_FREE_TEXT = ("source", "causationid")
_ADDRESS = re.compile(r"/[a-z0-9_./\-]{0,200}")


class ShownRecord(NamedTuple):
    """A record: where it stands, its time, length and hash; `content` is JSON, None where it is withheld.

    `recorded_at` is None where its timestamp is no time.
    """

    position: str
    recorded_at: int | None
    length: int
    sha256: str
    content: str | None


class ShownDecision(NamedTuple):
    """A decision of a submission. `built_on`: whether the next one follows it; None if none is there."""

    record: ShownRecord
    decision: Decision
    built_on: bool | None


class ShownSubmission(NamedTuple):
    """A submission, why it cannot be read if so, and the decisions about it that stand on the log."""

    record: ShownRecord
    submission: Submission | None
    reason: str | None
    decisions: tuple[ShownDecision, ...]


async def find(log: EventLog, family: str, partition: int, offset: int) -> ShownSubmission | None:
    """The submission at this place with its decisions; None where there is no such record.

    Raises UnknownTopicError, LogUnavailableError.
    """
    topic = submissions_topic(family)
    records = await log.read(topic, partition, offset, 1)
    if not records:
        return None
    # Each decision that counts has a record of its own, so none stands before its submission's offset.
    decisions = await log.read(events_topic(family), partition, offset, _SEARCHED)
    found = _decisions_of(offset, decisions, f"{events_topic(family)}/{partition}")
    return _submission(records[0], f"{topic}/{partition}", found)


def _submission(record: Record, place: str, decisions: tuple[ShownDecision, ...]) -> ShownSubmission:
    try:
        submission = decode_submission(record.value, record.key)
    except UnreadableError as error:
        return ShownSubmission(_record(record, place, None), None, error.reason, decisions)
    told = submission.model_dump(exclude_none=True)
    for name in _FREE_TEXT:
        if name in told and not _ADDRESS.fullmatch(told[name]):
            told[name] = shown(told[name])
    model = COMMANDS.get(submission.type)
    told["data"] = _body(model, told["data"]) if model else shown(told["data"])
    return ShownSubmission(_record(record, place, told), submission, None, decisions)


def _decisions_of(offset: int, records: list[Record], place: str) -> tuple[ShownDecision, ...]:
    """The decisions that name this submission, and whether the chain goes on from each."""
    read = [(record, decode_decision(record.value)) for record in records]
    follows = {d.data.previous for _, d in read if d is not None and d.data.submission_offset == offset + 1}
    found = []
    for record, decision in read:
        if decision is not None and decision.data.submission_offset == offset:
            built_on = sha256_hex(record.value or b"") in follows if follows else None
            found.append(ShownDecision(_record(record, place, _decision(decision)), decision, built_on))
    return tuple(found)


def _decision(decision: Decision) -> dict[str, Any]:
    told = decision.model_dump(exclude_none=True, exclude_unset=True)
    data = told["data"]
    for name in ("reason", "field", "rules"):
        if name in data:
            data[name] = shown(data[name])
    for event in data.get("events", ()):
        model = EVENTS.get(event["type"])
        event["data"] = _body(model, event["data"]) if model else shown(event["data"])
    return told


def _body(model: type[Any], data: Any) -> Any:
    """The data of a message whose model declares them so; else only how many fields there are."""
    try:
        model.model_validate(data)
    except ValidationError:
        return shown(data)
    return _shortened(data)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() in _SEALED:
            sealed = str(value["sealed"])
            return {**value, "sealed": f"{sealed[:_SHORT]}… ({len(sealed)})"}
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(inner) for inner in value]
    return value


def _record(record: Record, place: str, content: dict[str, Any] | None) -> ShownRecord:
    value = record.value or b""
    text = None if content is None else orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    recorded_at = record.timestamp if 0 <= record.timestamp <= LAST_MS else None
    return ShownRecord(f"{place}/{record.offset}", recorded_at, len(value), sha256_hex(value), text)
