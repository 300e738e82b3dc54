"""From what somebody said to a durable submission record: ids, sealing, envelope, append.

The one way onto a submissions topic, for forms, API, imports, clocks and init alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel

from contracts.base import to_rfc3339
from contracts.catalogue import COMMANDS
from contracts.envelope import MAX_SUBMISSION_BYTES, Role, Submission, encode
from contracts.partition import partition_of
from contracts.personal import SubjectRole, personal_fields, plain_model
from contracts.topics import partitions_of, submissions_topic
from contracts.workflow import stream_id
from ledger.log import Draft, EventLog, LogError, LogUnavailableError, RecordTooLargeError
from ledger.vault import SubjectKeys, Vault
from runtime.genesis import Ledger

CLOCK_TOLERANCE_MS = 5_000
_REMEMBERED = 100_000
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ClockBehindError(LogError):
    """This machine's clock is more than 5 s behind the log's last record: set it right (invariant 9)."""


class OtherBodyError(Exception):
    """The same Idempotency-Key came with another body: use a new key for a new submission."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, in plain.

    `family` names the topic, `type` the command; `body` its fields, personal ones in their plain types.
    `key` is the Idempotency-Key: with the unit, actor and type it makes the submission's identity. `subject`
    is the stream, or None to create one of `kind` (three letters). `told_at` is when it happened, None for
    now. `handles` say whose the personal data are (contracts.personal); the case's own stream is known.
    `partition` is given only for what concerns a partition as a whole. `tagged_by` is the handle under whose
    tag key the body is compared: the stream's own unless the body is about nobody and streams are many.
    """

    family: str
    type: str
    body: Mapping[str, Any]
    actor: str
    role: Role
    unit: str
    key: str
    subject: str | None = None
    kind: str = ""
    told_at: int | None = None
    basis: int = 0
    batch: str | None = None
    causation: str | None = None
    handles: Mapping[SubjectRole, str] = field(default_factory=dict)
    partition: int | None = None
    tagged_by: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a submission stands, once it is durable. Times in milliseconds since the epoch."""

    submission_id: str
    subject: str
    topic: str
    partition: int
    offset: int
    recorded_at: int
    sha256: str


class Submitter:
    """Turns what was said into submission records. One for each process and event loop."""

    def __init__(
        self, log: EventLog, ledger: Ledger, vault: Vault, intake_key: bytes, clock: Callable[[], int]
    ) -> None:
        """`clock`: milliseconds since the epoch. `intake_key`: the same in every intake process."""
        self._log = log
        self._ledger = ledger
        self._vault = vault
        self._key = intake_key
        self._clock = clock
        self._recent: OrderedDict[str, asyncio.Future[tuple[str, Receipt]]] = OrderedDict()
        self._last: dict[tuple[str, int], int] = {}

    def submission_id(self, said: Said) -> str:
        """The identity of this intent (invariant 5): the same for every retry, in every process."""
        intent = f"{said.unit}\0{said.actor}\0{said.type}\0{said.key}".encode()
        digest = bytearray(hmac.digest(self._key, b"submission\0" + intent, "sha256")[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return str(uuid.UUID(bytes=bytes(digest)))

    def subject_of(self, said: Said) -> str:
        """The stream that this is about."""
        return said.subject or stream_id(said.kind, self.submission_id(said))

    def tracking_number(self, submission_id: str) -> str:
        """Twenty base-32 digits (100 bits), which only a holder of the intake key could guess."""
        digest = hmac.digest(self._key, b"tracking\0" + submission_id.encode(), "sha256")
        bits = int.from_bytes(digest[:13], "big")
        digits = [_CROCKFORD[bits >> 5 * place & 31] for place in range(20)]
        return "-".join("".join(digits[at : at + 4]) for at in range(0, 20, 4))

    async def submit(self, said: Said) -> Receipt:
        """Append the submission; return its receipt when it is durable.

        A retry that this process remembers gets the first one's receipt and appends nothing. Raises
        OtherBodyError, pydantic.ValidationError (the body is not of its type), RecordTooLargeError (nothing
        was appended), LogError (nothing is known to be durable).
        """
        _plain_form(said.type).model_validate(dict(said.body))
        submission_id = self.submission_id(said)
        keys = await self._vault.subject(said.tagged_by or f"stream:{self.subject_of(said)}", said.unit)
        tag = keys.tag(_canonical(said))
        first = self._recent.get(submission_id)
        if first is None:
            return await self._submit_first(said, submission_id, tag, keys)
        known_tag, receipt = await asyncio.shield(first)
        if known_tag != tag:
            raise OtherBodyError("this Idempotency-Key has been used for another submission")
        return receipt

    async def _submit_first(self, said: Said, submission_id: str, tag: str, keys: SubjectKeys) -> Receipt:
        """Append while retries of the same intent wait for the outcome, whatever it is."""
        outcome: asyncio.Future[tuple[str, Receipt]] = asyncio.get_running_loop().create_future()
        self._remember(submission_id, outcome)
        try:
            receipt = await self._append(said, submission_id, tag, keys)
        except BaseException as error:
            self._recent.pop(submission_id, None)
            heard = error if isinstance(error, Exception) else LogUnavailableError("the append was cut short")
            outcome.set_exception(heard)
            outcome.exception()
            raise
        outcome.set_result((tag, receipt))
        return receipt

    def _remember(self, submission_id: str, first: asyncio.Future[tuple[str, Receipt]]) -> None:
        self._recent[submission_id] = first
        if len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    async def _append(self, said: Said, submission_id: str, tag: str, keys: SubjectKeys) -> Receipt:
        data = await self._seal(said, keys)
        topic = submissions_topic(said.family)
        partition = self._partition(said)
        recorded_at = await self._time(topic, partition)
        submission = Submission(
            id=submission_id,
            source=f"/ledgers/{self._ledger.genesis.ledger}/intake",
            type=said.type,
            subject=self.subject_of(said),
            time=to_rfc3339(recorded_at if said.told_at is None else said.told_at),
            actor=said.actor,
            role=said.role,
            unit=said.unit,
            basis=said.basis,
            bodytag=tag,
            batch=said.batch,
            causationid=said.causation,
            data=data,
        )
        value = encode(submission)
        if len(value) > MAX_SUBMISSION_BYTES:
            raise RecordTooLargeError(f"{len(value)} bytes: a submission has at most {MAX_SUBMISSION_BYTES}")
        draft = Draft(recorded_at, said.unit.encode(), value)
        (offset,) = await self._log.append(topic, partition, [draft])
        digest = hashlib.sha256(value).hexdigest()
        return Receipt(submission_id, submission.subject, topic, partition, offset, recorded_at, digest)

    async def _seal(self, said: Said, stream_keys: SubjectKeys) -> dict[str, Any]:
        """The body as it may reach a topic: checked against its type, personal fields sealed."""
        model = COMMANDS[said.type]
        sealed = dict(said.body)
        for name, mark in personal_fields(model).items():
            plain = sealed.get(name)
            if plain is not None:
                handle = said.handles.get(mark.subject)
                keys = stream_keys if handle is None else await self._vault.subject(handle, said.unit)
                sealed[name] = keys.seal(plain, name)
        message = model.model_validate({name: value for name, value in sealed.items() if value is not None})
        return message.model_dump(exclude_none=True)

    def _partition(self, said: Said) -> int:
        if said.partition is not None:
            return said.partition
        return partition_of(said.unit, partitions_of(said.family, self._ledger.genesis.partitions))

    async def _time(self, topic: str, partition: int) -> int:
        """This machine's time, if it is not behind the partition's last record (invariant 9)."""
        now = self._clock()
        last = self._last.get((topic, partition))
        if last is None:
            end = await self._log.end_offset(topic, partition)
            records = await self._log.read(topic, partition, end - 1, 1) if end else []
            last = records[0].timestamp if records else 0
        if now < last - CLOCK_TOLERANCE_MS:
            raise ClockBehindError("this machine's clock is behind the log's last record: set it right")
        self._last[topic, partition] = max(last, now)
        return now


@cache
def _plain_form(command: str) -> type[BaseModel]:
    """A command's body before sealing: its personal fields in their plain types."""
    return plain_model(COMMANDS[command])


def _canonical(said: Said) -> bytes:
    """What makes one body differ from another; derived fields do not."""
    body = {name: value for name, value in said.body.items() if name != "tracking_number"}
    return orjson.dumps([said.type, said.told_at, body], option=orjson.OPT_SORT_KEYS, default=str)
