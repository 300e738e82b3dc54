"""The keys of a ledger, folded from its `ledger` topic: which is in force, and how far a retired one counts.

A record that does not verify changes nothing: it is listed among the flaws, for the audit to report.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import orjson
from pydantic import ValidationError

from contracts.evidence import (
    KEY_ROLES,
    LEDGER_RECORDS,
    KeyRetiredV1,
    KeyRole,
    KeyRotatedV1,
    LedgerRecord,
    TopicAddedV1,
    key_id,
)
from contracts.genesis import Genesis, decode_genesis
from ledger.log import Record, TopicPartition
from ledger.signing import Signed, is_signature, split_ledger_record, split_submission

SignatureVerdict = Literal["ok", "unsigned", "unknown_key", "bad_signature", "retired"]
Reason = Literal[
    "not_readable",
    "second_genesis",
    "other_ledger",
    "bad_signature",
    "not_in_force",
    "key_known",
    "not_retired",
    "not_rotated",
    "wrong_topics",
    "topic_known",
]
"""Why a record of the ledger topic counts for nothing."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that the ledger names. `since`: the offset that introduced it on the ledger topic.

    `ends`, of a retired key: topic → the end offset of each partition, below which its signatures count.
    """

    role: KeyRole
    id: str
    public: bytes
    since: int
    ends: Mapping[str, tuple[int, ...]] | None = None

    def counts_at(self, place: TopicPartition, offset: int) -> bool:
        """Whether its signature counts for what stands at this place."""
        if self.ends is None:
            return True
        ends = self.ends.get(place.topic, ())
        return place.partition < len(ends) and offset < ends[place.partition]


class Flaw(NamedTuple):
    """A record of the ledger topic that counts for nothing, and why."""

    offset: int
    reason: Reason


class SignatureFinding(NamedTuple):
    """What a signature is worth, and the key that it names, if it names one."""

    verdict: SignatureVerdict
    key: str | None = None


class NoKeysError(ValueError):
    """The ledger topic does not begin with a genesis: nothing can be verified."""


@dataclass(slots=True)
class KeyRing:
    """Every key of a ledger, every topic, and what did not count. `fold` takes the topic's records in order."""

    genesis: Genesis
    keys: dict[str, KnownKey] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    end: int = 0
    _in_force: dict[KeyRole, str] = field(default_factory=dict)
    _leaving: dict[KeyRole, str] = field(default_factory=dict)
    _folded: set[bytes] = field(default_factory=set)

    @classmethod
    def of_genesis(cls, genesis: Genesis) -> KeyRing:
        """The ring as the genesis left it."""
        ring = cls(genesis, topics=dict(genesis.topics), end=1)
        for role in KEY_ROLES:
            ring._introduce(role, base64.b64decode(genesis.keys[role]), 0)
        return ring

    def in_force(self, role: KeyRole) -> KnownKey:
        """The key that signs now in this role."""
        return self.keys[self._in_force[role]]

    def leaving(self, role: KeyRole) -> KnownKey | None:
        """The key that was rotated out of this role and has not been retired yet."""
        found = self._leaving.get(role)
        return self.keys[found] if found else None

    def find(self, role: KeyRole, key: str) -> KnownKey | None:
        """The key of this id in this role."""
        known = self.keys.get(key)
        return known if known is not None and known.role == role else None

    def fold(self, record: Record) -> None:
        """Take in the next record of the ledger topic. A byte for byte repeat changes nothing."""
        self.end = record.offset + 1
        value = record.value or b""
        if value in self._folded:
            return
        reason = self._admit(value, record.offset)
        if reason is not None:
            self.flaws.append(Flaw(record.offset, reason))
        else:
            self._folded.add(value)

    def _admit(self, value: bytes, offset: int) -> Reason | None:
        read = _read(value)
        if isinstance(read, str):
            return read
        if read.ledger != self.genesis.ledger:
            return "other_ledger"
        signed = split_ledger_record(value, len(read.signatures))
        if signed is None or signed.signatures != read.signatures:
            return "bad_signature"
        match read:
            case KeyRotatedV1():
                return self._rotate(read, signed, offset)
            case KeyRetiredV1():
                return self._retire(read, signed)
            case TopicAddedV1():
                return self._add_topic(read, signed)

    def _rotate(self, record: KeyRotatedV1, signed: Signed, offset: int) -> Reason | None:
        public = base64.b64decode(record.public)
        if record.role in self._leaving:
            return "not_retired"
        if self._in_force[record.role] != record.old:
            return "not_in_force"
        if record.new in self.keys or record.new != key_id(record.role, public):
            return "key_known" if record.new in self.keys else "bad_signature"
        pairs = zip((self.keys[record.old].public, public), signed.signatures, strict=True)
        if not all(is_signature(key, signature, signed.body) for key, signature in pairs):
            return "bad_signature"
        self._leaving[record.role] = record.old
        self._introduce(record.role, public, offset)
        return None

    def _retire(self, record: KeyRetiredV1, signed: Signed) -> Reason | None:
        if self._leaving.get(record.role) != record.key:
            return "not_rotated"
        if not self._is_signed(record.role, record.signer, signed):
            return "bad_signature"
        if {topic: len(ends) for topic, ends in record.ends.items()} != self.pinned_topics(record.role):
            return "wrong_topics"
        self.keys[record.key] = replace(self.keys[record.key], ends=record.ends)
        del self._leaving[record.role]
        return None

    def _add_topic(self, record: TopicAddedV1, signed: Signed) -> Reason | None:
        if record.topic in self.topics:
            return "topic_known"
        if not self._is_signed("intake", record.signer, signed):
            return "bad_signature"
        self.topics[record.topic] = record.partitions
        return None

    def pinned_topics(self, role: KeyRole) -> dict[str, int]:
        """Topic → partition count, of the topics whose ends a retirement in this role must name."""
        if role == "notary":
            return dict(self.topics)
        return {topic: count for topic, count in self.topics.items() if topic.endswith(".submissions")}

    def _is_signed(self, role: KeyRole, signer: str, signed: Signed) -> bool:
        key = self.in_force(role)
        return key.id == signer and is_signature(key.public, signed.signatures[0], signed.body)

    def _introduce(self, role: KeyRole, public: bytes, offset: int) -> None:
        known = KnownKey(role, key_id(role, public), public, offset)
        self.keys[known.id] = known
        self._in_force[role] = known.id


def ring_of(records: Iterable[Record]) -> KeyRing:
    """The ring of a whole `ledger` topic, from its record 0. Raises NoKeysError."""
    ring = None
    for record in records:
        if ring is not None:
            ring.fold(record)
            continue
        try:
            ring = KeyRing.of_genesis(decode_genesis(record.value))
        except ValueError as error:
            raise NoKeysError(str(error)) from None
    if ring is None:
        raise NoKeysError("the ledger topic is empty")
    return ring


def verify_submission(
    value: bytes | None, ring: KeyRing, place: TopicPartition | None = None, offset: int = 0
) -> SignatureFinding:
    """What the signature of a submission's value is worth, at its place on the log.

    Without a place, a retired key's signature is `retired` wherever it stands.
    """
    signed = split_submission(value or b"")
    signer = _signer(signed.body) if signed is not None else None
    if signed is None or signer is None:
        return SignatureFinding("unsigned")
    key = ring.find("intake", signer)
    if key is None:
        return SignatureFinding("unknown_key", signer)
    if not is_signature(key.public, signed.signatures[0], signed.body):
        return SignatureFinding("bad_signature", signer)
    counts = key.ends is None if place is None else key.counts_at(place, offset)
    return SignatureFinding("ok" if counts else "retired", signer)


def _signer(body: bytes) -> str | None:
    try:
        signer = orjson.loads(body).get("signer")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return signer if isinstance(signer, str) else None


def _read(value: bytes) -> LedgerRecord | Reason:
    try:
        raw = orjson.loads(value)
        kind = raw["type"]
        if kind == Genesis.model_fields["type"].default:
            return "second_genesis"
        return LEDGER_RECORDS[kind].model_validate(raw)
    except (orjson.JSONDecodeError, ValidationError, TypeError, KeyError):
        return "not_readable"
