"""From what somebody said to a durable submission record: ids, sealing, envelope, append.

The one way onto a submissions topic, for forms, API, imports, clocks and init alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel

from contracts.base import to_rfc3339
from contracts.catalogue import COMMANDS
from contracts.envelope import MAX_SUBMISSION_BYTES, Role, Submission
from contracts.evidence import MAX_MERGE_DELAY_MS, Promise, SignedReceipt, origin_of
from contracts.partition import partition_of
from contracts.personal import SubjectRole, personal_fields, plain_model
from contracts.topics import partitions_of, submissions_topic
from contracts.workflow import stream_id
from ledger.entry import entry_of, leaf_hash
from ledger.log import (
    Draft,
    EventLog,
    LogError,
    LogUnavailableError,
    Record,
    RecordTooLargeError,
    TopicPartition,
)
from ledger.receipts import sign_promise
from ledger.signing import Signer, SigningKey, sign_submission
from ledger.subject_keys import SubjectKeys, TextGoneError
from ledger.vault import Vault
from runtime.genesis import Ledger
from runtime.last_record import LastRecord

CLOCK_TOLERANCE_MS = 5_000
_REMEMBERED = 100_000
_DERIVED = frozenset({"tracking", "danger"})
"""Fields of a body that intake makes of the others."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ClockBehindError(LogError):
    """This machine's clock is more than 5 s behind the log's last record: set it right (invariant 9)."""


class SubjectErasedError(Exception):
    """Whoever this is about has been erased: nothing more can be recorded under their keys."""


class OtherBodyError(Exception):
    """The same Idempotency-Key came with another body: use a new key for a new submission."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, in plain.

    `family` names the topic, `type` the command; `body` its fields, personal ones in their plain types.
    `key` is the Idempotency-Key: with the unit, actor, type and subject it makes the submission's identity.
    `subject` is the stream, or None to create one of `kind` (three letters). `told_at` is when it happened, None for
    now. `handles` say whose the personal data are (contracts.personal); the case's own stream is known.
    `subjects` name those who are known by their id already, before any handle. `partition` is given only for
    what concerns a partition as a whole. `tagged_by` is the handle under whose tag key the body is compared:
    the stream's own unless the body is about nobody and streams are many. `carried`: personal fields that are sealed
    already, as they stand on another stream; they stay under the keys that they are under.
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
    subjects: Mapping[SubjectRole, str] = field(default_factory=dict)
    partition: int | None = None
    tagged_by: str = ""
    carried: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a submission stands, once it is durable. Times in milliseconds since the epoch.

    `sha256` is of the record's value, `leaf_hash` the tree's leaf of the record (ledger.entry).
    """

    submission_id: str
    subject: str
    topic: str
    partition: int
    offset: int
    recorded_at: int
    sha256: str
    leaf_hash: str


def receipt_of(topic: str, partition: int, record: Record, submission: Submission) -> Receipt:
    """The receipt of a submission that stands on the log as this record."""
    return Receipt(
        submission.id,
        submission.subject,
        topic,
        partition,
        record.offset,
        record.timestamp,
        sha256=hashlib.sha256(record.value or b"").hexdigest(),
        leaf_hash=leaf_hash(entry_of(record)).hex(),
    )


class Submitter:
    """Turns what was said into submission records. One for each process and event loop."""

    def __init__(
        self,
        log: EventLog,
        ledger: Ledger,
        vault: Vault,
        intake_key: bytes,
        clock: Callable[[], int],
        signer: Signer,
    ) -> None:
        """`clock`: milliseconds since the epoch. `intake_key`: the same in every intake process."""
        self._log = log
        self._signer = signer
        self._ledger = ledger
        self._vault = vault
        self._key = intake_key
        self._clock = clock
        self._recent: OrderedDict[str, asyncio.Future[tuple[str, Receipt]]] = OrderedDict()
        self._last: dict[TopicPartition, LastRecord] = {}

    def submission_id(self, said: Said) -> str:
        """The identity of this intent (invariant 5): the same for every retry, in every process."""
        operation = said.type if said.subject is None else f"{said.type}@{said.subject}"
        intent = f"{said.unit}\0{said.actor}\0{operation}\0{said.key}".encode()
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

    def promise(self, receipt: Receipt) -> SignedReceipt:
        """Sign what intake promises of a durable submission: the same bytes each time under one key.

        Raises LogUnavailableError where the key cannot be read.
        """
        with self._signer.use() as key:
            promise = Promise(
                origin=origin_of(self._ledger.genesis.ledger, receipt.topic, receipt.partition),
                topic=receipt.topic,
                partition=receipt.partition,
                offset=receipt.offset,
                recorded_at=receipt.recorded_at,
                submission_id=receipt.submission_id,
                leaf_hash=receipt.leaf_hash,
                max_merge_delay_ms=MAX_MERGE_DELAY_MS,
                key_id=key.id,
            )
            return sign_promise(promise, key)

    async def submit(self, said: Said) -> Receipt:
        """Append the submission; return its receipt when it is durable.

        A retry that this process remembers gets the first one's receipt and appends nothing. Raises
        OtherBodyError, SubjectErasedError, pydantic.ValidationError (the body is not of its type),
        RecordTooLargeError (nothing was appended), LogError (nothing is known to be durable).
        """
        _check_form(said)
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

    async def submit_many(self, said: Sequence[Said]) -> None:
        """Append submissions of one family and unit in their order; return when all are durable.

        For who knows that they are not on the log yet: none is remembered, and an intent that is there already
        is decided as a duplicate. Where it fails, those on the log are the first so many. Raises as `submit`;
        nothing was appended where a body is not of its type, or too large.
        """
        if not said:
            return
        last = self._last_of(TopicPartition(submissions_topic(said[0].family), self._partition(said[0])))
        unit = said[0].unit
        streams = await self._vault.subjects_of([f"stream:{self.subject_of(one)}" for one in said], unit)
        others = {handle for one in said for handle in one.handles.values()}
        known = dict(zip(others, await self._vault.subjects_of(list(others), unit), strict=True))
        recorded_at = await self._time(last)
        drafts = []
        with self._signer.use() as key:
            for one, stream in zip(said, streams, strict=True):
                _check_form(one)
                owners = {role: known[handle] for role, handle in one.handles.items()}
                identity = self.submission_id(one)
                data = _sealed(one, identity, stream, owners)
                tag = stream.tag(_canonical(one))
                value = _signed(self._submission(one, identity, tag, recorded_at, data, key.id), key)
                drafts.append(Draft(recorded_at, one.unit.encode(), value))
            await last.append_all(drafts)

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
        owners = {role: await self._owner(said, role) for role in {*said.handles, *said.subjects}}
        data = _sealed(said, submission_id, keys, owners)
        topic = submissions_topic(said.family)
        partition = self._partition(said)
        last = self._last_of(TopicPartition(topic, partition))
        recorded_at = await self._time(last)
        # Until the record is durable, the key that signs it cannot be retired.
        with self._signer.use() as key:
            submission = self._submission(said, submission_id, tag, recorded_at, data, key.id)
            value = _signed(submission, key)
            unit = said.unit.encode()
            offset = await last.append(recorded_at, unit, value)
        return receipt_of(topic, partition, Record(offset, recorded_at, unit, value), submission)

    def _submission(
        self, said: Said, submission_id: str, tag: str, recorded_at: int, data: dict[str, Any], signer: str
    ) -> Submission:
        return Submission(
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
            signer=signer,
        )

    async def _owner(self, said: Said, role: SubjectRole) -> SubjectKeys:
        """The keys of whoever the data of this role are about. Raises SubjectErasedError."""
        subject = said.subjects.get(role)
        if subject is None:
            return await self._vault.subject(said.handles[role], said.unit)
        keys = self._vault.known(subject)
        if keys is None:
            raise SubjectErasedError("this person has been erased")
        return keys

    async def derived_key(self, said: Said, label: bytes) -> bytes:
        """A key of 32 bytes for what is stored beside this submission: the same for every retry of it."""
        keys = await self._vault.subject(f"stream:{self.subject_of(said)}", said.unit)
        return keys.derived(self.submission_id(said).encode() + b"\0" + label)

    def _partition(self, said: Said) -> int:
        if said.partition is not None:
            return said.partition
        return partition_of(said.unit, partitions_of(said.family, self._ledger.genesis.partitions))

    def _last_of(self, place: TopicPartition) -> LastRecord:
        known = self._last.get(place)
        if known is None:
            known = self._last[place] = LastRecord(self._log, place)
        return known

    async def _time(self, last: LastRecord) -> int:
        """This machine's time, if it is not behind the partition's last record (invariant 9)."""
        latest = await last.time()
        now = self._clock()
        if now < latest - CLOCK_TOLERANCE_MS:
            raise ClockBehindError("this machine's clock is behind the log's last record: set it right")
        return now


def _sealed(
    said: Said, submission_id: str, stream: SubjectKeys, owners: Mapping[SubjectRole, SubjectKeys]
) -> dict[str, Any]:
    """The body as it may reach a topic: checked against its type, personal fields sealed.

    Under the keys of their owner, where it is known; else under those of the stream. Raises OtherBodyError.
    """
    model = COMMANDS[said.type]
    sealed = {name: value for name, value in said.body.items() if value is not None}
    sealed |= said.carried
    for name, mark in personal_fields(model).items():
        plain = sealed.get(name)
        if plain is None or name in said.carried:
            continue
        keys = owners.get(mark.subject, stream)
        if not mark.apart:
            sealed[name] = keys.seal(plain, name)
            continue
        try:
            sealed[name] = keys.seal_apart(plain, name, keys.text_id(f"{submission_id}/{mark.apart}"))
        except TextGoneError:
            raise OtherBodyError("what was said under this Idempotency-Key was redacted since") from None
    return model.model_validate(sealed).model_dump(exclude_none=True)


def _signed(submission: Submission, key: SigningKey) -> bytes:
    """The record's value. Raises RecordTooLargeError."""
    value = sign_submission(submission, key)
    if len(value) > MAX_SUBMISSION_BYTES:
        raise RecordTooLargeError(f"{len(value)} bytes: a submission has at most {MAX_SUBMISSION_BYTES}")
    return value


def _check_form(said: Said) -> None:
    """Raise pydantic.ValidationError where the body is not of its type."""
    _plain_form(said.type, frozenset(said.carried)).model_validate({**said.body, **said.carried})


@cache
def _plain_form(command: str, carried: frozenset[str]) -> type[BaseModel]:
    """A command's body before sealing: its personal fields in their plain types, but for those carried."""
    return plain_model(COMMANDS[command], carried)


def _canonical(said: Said) -> bytes:
    """What makes one body differ from another; derived fields do not."""
    body = {name: value for name, value in said.body.items() if name not in _DERIVED}
    if said.carried:
        body |= said.carried
    return orjson.dumps([said.type, said.told_at, body], option=orjson.OPT_SORT_KEYS, default=str)
