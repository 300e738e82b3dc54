"""What proves a record to a stranger: keys and topics as the `ledger` topic tells of them, and receipts.

Signatures are Ed25519 (RFC 8032), public keys and signatures in base64 (RFC 4648, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from contracts.base import Hash, Identifier, Message, Milliseconds, sha256_hex

MAX_MERGE_DELAY_MS = 60_000
"""How long after its recording a record may be missing from the tree that the notary signs."""

SIGNATURE_CHARACTERS = 88
"""A signature of 64 bytes in base64."""

KeyRole = Literal["intake", "notary"]
"""`intake` signs submissions and receipts; `notary` signs checkpoints. Neither can stand for the other."""

KEY_ROLES: tuple[KeyRole, ...] = get_args(KeyRole)

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
"""The first 16 hexadecimal digits of SHA-256(role ‖ 0x0A ‖ public key)."""

PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""An Ed25519 public key: 32 bytes in base64."""

Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]
"""An Ed25519 signature: 64 bytes in base64."""

TopicName = Annotated[str, Field(pattern=r"^[a-z_.]{1,60}$")]
"""A topic's name, such as `grievance.submissions`."""

Offset = Annotated[int, Field(ge=0, lt=2**63)]
"""The number of a record in its partition, from 0."""

SubmissionId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")]
"""The identity of an intent: a UUID in lower case."""


def _both_roles(keys: Mapping[str, str]) -> Mapping[str, str]:
    if set(keys) != set(KEY_ROLES):
        raise ValueError("keys_of_other_roles")
    return keys


RoleKeys = Annotated[dict[str, PublicKey], AfterValidator(_both_roles)]
"""Role → public key, for each of the roles `intake` and `notary`."""


def key_id(role: str, public: bytes) -> str:
    """The id of a public key in a role: the same key in another role has another id."""
    return sha256_hex(role.encode() + b"\n" + public)[:16]


def origin_of(ledger: str, topic: str, partition: int) -> str:
    """The origin line of a partition's tree, which is also the name of its note key."""
    return f"barograph/{ledger}/{topic}/{partition}"


class KeyRotatedV1(Message):
    """From here on `new` signs in this role; `old` may still do so until it is retired.

    Both keys sign it: `signatures` holds the old one's, then the new one's, and is the last member.
    """

    type: Literal["ledger.key_rotated.v1"] = "ledger.key_rotated.v1"
    ledger: Identifier
    at: Milliseconds
    role: KeyRole
    old: KeyId
    new: KeyId
    public: PublicKey
    signatures: Annotated[tuple[Signature, ...], Field(strict=False, min_length=2, max_length=2)]


class KeyRetiredV1(Message):
    """What `key` signed counts only below these end offsets, by topic and partition.

    For intake's keys every submissions topic is named, for the notary's every topic. The key in force
    signs it; `signatures`, of one signature, is the last member.
    """

    type: Literal["ledger.key_retired.v1"] = "ledger.key_retired.v1"
    ledger: Identifier
    at: Milliseconds
    role: KeyRole
    key: KeyId
    ends: dict[TopicName, Annotated[tuple[Offset, ...], Field(strict=False)]]
    signer: KeyId
    signatures: Annotated[tuple[Signature, ...], Field(strict=False, min_length=1, max_length=1)]


class TopicAddedV1(Message):
    """A topic that the genesis did not name. Intake's key in force signs it, as with `KeyRetiredV1`."""

    type: Literal["ledger.topic_added.v1"] = "ledger.topic_added.v1"
    ledger: Identifier
    at: Milliseconds
    topic: TopicName
    partitions: Annotated[int, Field(ge=1, le=1000)]
    signer: KeyId
    signatures: Annotated[tuple[Signature, ...], Field(strict=False, min_length=1, max_length=1)]


LedgerRecord = KeyRotatedV1 | KeyRetiredV1 | TopicAddedV1
LEDGER_RECORDS: Mapping[str, type[LedgerRecord]] = {
    str(model.model_fields["type"].default): model for model in get_args(LedgerRecord)
}
"""Every type that may follow the genesis on the `ledger` topic."""

_ORIGIN = re.compile(r"barograph/[a-z]{3}_[0-9a-z]{8,40}/([a-z_.]{1,60})/(0|[1-9][0-9]{0,3})")


class Promise(Message):
    """What a receipt promises: a submission stands at this place, and will be in the signed tree in time.

    `leaf_hash` is the RFC 9162 leaf of the record's entry (ledger.entry); `recorded_at` in milliseconds
    since the epoch; at the latest `max_merge_delay_ms` after it the tree of `origin` holds the leaf at
    `offset`. `key_id` is intake's key.
    """

    type: Literal["barograph.receipt.v1"] = "barograph.receipt.v1"
    origin: Annotated[str, Field(max_length=200)]
    topic: TopicName
    partition: Annotated[int, Field(ge=0, le=999)]
    offset: Offset
    recorded_at: Milliseconds
    submission_id: SubmissionId
    leaf_hash: Hash
    max_merge_delay_ms: Annotated[int, Field(ge=0, le=86_400_000)]
    key_id: KeyId

    @model_validator(mode="after")
    def _is_of_one_place(self) -> Self:
        match = _ORIGIN.fullmatch(self.origin)
        if match is None or match.groups() != (self.topic, str(self.partition)):
            raise ValueError("origin_mismatch")
        return self

    @property
    def ledger(self) -> str:
        """The id of the ledger that this receipt is of."""
        return self.origin.split("/")[1]

    @property
    def due_at(self) -> int:
        """The time from which the record must be in the tree, in milliseconds since the epoch."""
        return self.recorded_at + self.max_merge_delay_ms

    def signed_text(self) -> bytes:
        """What is signed: eight lines of ASCII, each ended by a line feed, numbers in decimal.

        The type, origin, offset, time of recording, submission id, leaf hash, merge delay and key id.
        Topic and partition are the end of the origin.
        """
        lines = (
            self.type,
            self.origin,
            self.offset,
            self.recorded_at,
            self.submission_id,
            self.leaf_hash,
            self.max_merge_delay_ms,
            self.key_id,
        )
        return "".join(f"{line}\n" for line in lines).encode("ascii")


class SignedReceipt(Promise):
    """A promise with `signature`, that of `key_id` over the promise's `signed_text`."""

    signature: Signature


class ProvenReceipt(Message):
    """A receipt with the proof that its promise was kept.

    `checkpoint` is the text of a signed note (C2SP) over a tree of the receipt's origin, `inclusion` the
    RFC 9162 inclusion proof of the receipt's leaf in it, from the leaf upwards.
    """

    type: Literal["barograph.proven_receipt.v1"] = "barograph.proven_receipt.v1"
    receipt: SignedReceipt
    checkpoint: Annotated[str, Field(max_length=20_000)]
    inclusion: Annotated[tuple[Hash, ...], Field(strict=False, max_length=63)]
