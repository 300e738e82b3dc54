"""What a decision is made of before it is bytes, and those bytes: written once, here (invariant 12)."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from contracts.base import Message, to_rfc3339
from contracts.catalogue import TYPE_OF
from contracts.envelope import Outcome, Submission, UnreadableError
from ledger.log import MAX_RECORD_BYTES


class Told(NamedTuple):
    """A submission that could be read, and where it leaves its partition.

    `now` and `basis`: the partition's clock and effective register basis from this record on;
    `effective_at` the time that rules run on. Times in milliseconds since the epoch.
    """

    submission: Submission
    occurred_at: int
    effective_at: int
    now: int
    basis: int


class Verdict(NamedTuple):
    """What became of a submission that could be read: see contracts.envelope.DecisionBody."""

    outcome: Outcome
    events: tuple[Message, ...] = ()
    reason: str | None = None
    field: str | None = None
    duplicate_of: int | None = None


class Decided(NamedTuple):
    """A decision: its value, and what is in it. `told` is None where the record is no submission."""

    value: bytes
    told: Told | None
    verdict: Verdict


class Place(NamedTuple):
    """Where a decision stands: its submission's offset and time, the chain before it, the rules in force."""

    offset: int
    recorded_at: int
    previous: str
    rules: str


class DecisionWriter:
    """Writes the decisions of one events partition. What is None is left out."""

    def __init__(self, source: str, decision_type: str) -> None:
        self._source = source
        self._type = decision_type

    def readable(self, place: Place, told: Told, verdict: Verdict) -> bytes:
        """The value of a decision about a submission that could be read.

        Raises UnreadableError where no record could hold it.
        """
        submission = told.submission
        data: dict[str, Any] = {
            "submission_offset": place.offset,
            "previous": place.previous,
            "rules": place.rules,
            "outcome": verdict.outcome,
            "now": told.now,
            "basis": told.basis,
            "recorded_at": place.recorded_at,
            "occurred_at": told.occurred_at,
            "effective_at": told.effective_at,
            "submission_id": submission.id,
            "submission_type": submission.type,
            "actor": submission.actor,
            "role": submission.role,
            "unit": submission.unit,
        }
        if submission.batch is not None:
            data["batch"] = submission.batch
        data["bodytag"] = submission.bodytag
        if verdict.reason is not None:
            data["reason"] = verdict.reason
        if verdict.field is not None:
            data["field"] = verdict.field
        if verdict.duplicate_of is not None:
            data["duplicate_of"] = verdict.duplicate_of
        if verdict.events:
            data["events"] = [{"type": TYPE_OF[type(e)], "data": _present(e)} for e in verdict.events]
        value = self._written(place, submission.subject, data)
        if len(value) > MAX_RECORD_BYTES:
            raise UnreadableError("oversized")
        return value

    def unreadable(self, place: Place, now: int, basis: int, reason: str, value: bytes | None) -> bytes:
        """The value of a decision about a record that is no submission; `value` is that record's."""
        data = {
            "submission_offset": place.offset,
            "previous": place.previous,
            "rules": place.rules,
            "outcome": "unreadable",
            "now": now,
            "basis": basis,
            "recorded_at": place.recorded_at,
            "reason": reason,
            "sha256": hashlib.sha256(value or b"").hexdigest(),
        }
        return self._written(place, None, data)

    def _written(self, place: Place, subject: str | None, data: dict[str, Any]) -> bytes:
        second, millisecond = divmod(place.recorded_at, 1000)
        decision: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(place.offset),
            "source": self._source,
            "type": self._type,
        }
        if subject is not None:
            decision["subject"] = subject
        decision["time"] = f"{_rfc3339_second(second)}.{millisecond:03d}Z"
        decision["datacontenttype"] = "application/json"
        decision["data"] = data
        return orjson.dumps(decision, default=_present)


@lru_cache(maxsize=16)
def _rfc3339_second(second: int) -> str:
    """A time to the second, without its zone: a partition's records come many to a second, in order."""
    return to_rfc3339(second * 1000).removesuffix(".000Z")


def _present(message: object) -> dict[str, Any]:
    """A message's fields that hold something, for the encoder; nested messages come back here."""
    if not isinstance(message, Message):
        raise TypeError(f"not a message: {type(message).__name__}")
    return {name: value for name, value in message.__dict__.items() if value is not None}
