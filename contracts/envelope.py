"""Submissions and decisions as records: CloudEvents 1.0, structured JSON, written once.

Source: CloudEvents 1.0.2, sections "Required attributes" and "JSON event format".
The bytes are the evidence (invariant 12): `encode` is called by the writer, once; readers hash and
decode what they were given and never encode it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import Field, ValidationError

from contracts.base import LAST_MS, Code, Hash, Identifier, Message, Milliseconds, from_rfc3339
from contracts.evidence import KeyId, Signature

TYPE_PATTERN = r"^[a-z]+\.[a-z_]+\.v[1-9][0-9]?$"
MAX_SUBMISSION_BYTES = 59 * 1024
"""Longest submission that is decided on its merits: its decision, which repeats its data, must fit too."""

Outcome = Literal["accepted", "refused", "duplicate", "no_op", "conflict", "unsupported", "unreadable"]
Role = Literal[
    "resident",
    "clerk",
    "grid_worker",
    "block_leader",
    "handler",
    "mediator",
    "aid_officer",
    "aid_approver",
    "patroller",
    "supervisor",
    "auditor",
    "administrator",
    "data_protection_officer",
    "inspector",
    "clock",
]


class Submission(Message):
    """What somebody said, at a time, in a role.

    `id` is the identity of the intent (a UUIDv8); `subject` the stream it is about; `time` when it
    happened as told (RFC 3339); `unit` the home unit, which is also the record's key; `basis` how many
    register decisions intake had folded; `bodytag` an HMAC of the plain body, so that the same key
    with another body shows; `batch` the import batch, if any; `causationid` the event that led to it.
    `signer` is the key of intake's that vouches for all of it, the actor inside; `signature`, always the
    last member, is over the text without it (ledger.signing). Whoever decides does not ask whether it is
    right: the audit does.
    """

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    source: str
    type: Annotated[str, Field(pattern=TYPE_PATTERN)]
    subject: Code
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
    actor: Identifier
    role: Role
    unit: Code
    basis: Annotated[int, Field(ge=0)]
    bodytag: Annotated[str, Field(max_length=64)] = ""
    batch: Identifier | None = None
    causationid: str | None = None
    data: dict[str, Any]
    signer: KeyId | None = None
    signature: Signature | None = None

    @property
    def occurred_at(self) -> int:
        """When it happened as told, in milliseconds since the epoch."""
        return from_rfc3339(self.time)


_validated: Callable[[dict[str, Any]], Submission] = Submission.__pydantic_validator__.validate_python
"""What `model_validate` calls, without its other options: a log is read by the million."""


class EventBody(Message):
    """One event of a decision: its type with version, and its data as that version defines."""

    type: Annotated[str, Field(pattern=TYPE_PATTERN)]
    data: dict[str, Any]


class DecisionBody(Message):
    """What the workflow made of one submission record (section 2, invariants 1 to 3).

    Times are in milliseconds. `now` is the partition's clock after this record; `effective_at` the
    time that rules ran on; `basis` the effective register basis; `duplicate_of` the offset of the
    submission that was decided first; `sha256` of the record's value where it could not be read.
    """

    submission_offset: Annotated[int, Field(ge=0)]
    previous: Hash
    rules: str
    outcome: Outcome
    now: Milliseconds
    basis: Annotated[int, Field(ge=0)]
    recorded_at: Milliseconds
    occurred_at: Milliseconds | None = None
    effective_at: Milliseconds | None = None
    submission_id: str | None = None
    submission_type: str | None = None
    actor: str | None = None
    role: str | None = None
    unit: str | None = None
    batch: str | None = None
    bodytag: str | None = None
    reason: str | None = None
    field: str | None = None
    duplicate_of: int | None = None
    sha256: str | None = None
    events: Annotated[tuple[EventBody, ...], Field(strict=False)] = ()


class Decision(Message):
    """A decision record. `id` is the submission's offset: unique under `source`, the partition."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: Annotated[str, Field(pattern=TYPE_PATTERN)]
    subject: str | None = None
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
    data: DecisionBody


class UnreadableError(Exception):
    """The bytes are no submission. `reason` is a short code that the decision records."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(message: Message) -> bytes:
    """Write a submission once, leaving out what is None."""
    return orjson.dumps(message.model_dump(exclude_none=True))


class Reading(NamedTuple):
    """A submission as read, and when it happened as told, in milliseconds since the epoch."""

    submission: Submission
    occurred_at: int


def decode_submission(value: bytes | None, key: bytes | None) -> Submission:
    """Read a submission record; raise UnreadableError where it is none: see `read_submission`."""
    return read_submission(value, key).submission


def read_submission(value: bytes | None, key: bytes | None) -> Reading:
    """Read a submission record; raise UnreadableError with a reason where it is none.

    Reasons: `empty`, `oversized`, `not_json`, `not_an_object`, `bad_envelope`, `bad_time`,
    `key_mismatch` (the record's key is not the unit that the envelope names).
    """
    if value is None:
        raise UnreadableError("empty")
    if len(value) > MAX_SUBMISSION_BYTES:
        raise UnreadableError("oversized")
    try:
        raw = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise UnreadableError("not_json") from None
    if not isinstance(raw, dict):
        raise UnreadableError("not_an_object")
    try:
        submission = _validated(raw)
    except ValidationError:
        raise UnreadableError("bad_envelope") from None
    try:
        occurred_at = submission.occurred_at
    except ValueError:
        raise UnreadableError("bad_time") from None
    if not 0 <= occurred_at <= LAST_MS:
        raise UnreadableError("bad_time")
    if key != submission.unit.encode():
        raise UnreadableError("key_mismatch")
    return Reading(submission, occurred_at)


def decode_decision(value: bytes | None) -> Decision | None:
    """Read a decision record; None where the bytes are no decision (readers then ignore it)."""
    if value is None:
        return None
    try:
        return Decision.model_validate(orjson.loads(value))
    except (orjson.JSONDecodeError, ValidationError):
        return None
