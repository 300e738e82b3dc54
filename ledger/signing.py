"""Ed25519 signatures (RFC 8032) over bytes as they are written: nothing is serialised anew to check one.

A signed JSON text is the text that is signed with the signature put in as its last member. A verifier cuts
the tail, whose length is fixed, and puts the closing brace back.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.envelope import Submission, encode
from contracts.evidence import SIGNATURE_CHARACTERS, KeyRole, LedgerRecord, key_id

_HEAD, _TAIL = b',"signature":"', b'"}'
_LIST_HEAD, _LIST_TAIL = b',"signatures":[', b"]}"
_UNSIGNED = "A" * 86 + "=="


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key in its role. `id` names it (contracts.evidence.key_id), `public` is its other half."""

    role: KeyRole
    id: str
    public: bytes
    private: Ed25519PrivateKey

    @classmethod
    def of_seed(cls, role: KeyRole, seed: bytes) -> SigningKey:
        """The key of a seed of 32 bytes."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return cls(role, key_id(role, public), public, private)

    @property
    def public_text(self) -> str:
        """The public key in base64."""
        return base64.b64encode(self.public).decode()

    def sign(self, data: bytes) -> str:
        """The signature over these bytes, in base64: the same each time."""
        return base64.b64encode(self.private.sign(data)).decode()


class Signer(Protocol):
    """Where a process finds the key that is in force."""

    def use(self) -> AbstractContextManager[SigningKey]:
        """The key in force. It will not be retired before the context ends.

        Raises LogUnavailableError where it cannot be read: nothing can be signed then.
        """
        ...


class FixedSigner:
    """Always the same key."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key

    def use(self) -> AbstractContextManager[SigningKey]:
        """See Signer."""
        return nullcontext(self._key)


class Signed(NamedTuple):
    """The bytes that are signed, and the signatures in base64."""

    body: bytes
    signatures: tuple[str, ...]


def sign_submission(submission: Submission, key: SigningKey) -> bytes:
    """The submission's value, signed. It names the key already."""
    body = encode(submission)
    return body[:-1] + _HEAD + key.sign(body).encode() + _TAIL


def split_submission(value: bytes) -> Signed | None:
    """What a submission's signature is over; None where its last member is no signature."""
    at = len(value) - len(_HEAD) - SIGNATURE_CHARACTERS - len(_TAIL)
    if at <= 0 or not value.startswith(_HEAD, at) or not value.endswith(_TAIL):
        return None
    signature = value[at + len(_HEAD) : -len(_TAIL)].decode("ascii", "replace")
    return Signed(value[:at] + b"}", (signature,))


def sign_ledger_record(record: LedgerRecord, *keys: SigningKey) -> bytes:
    """The value of a record of the `ledger` topic, signed by these keys in this order."""
    body = orjson.dumps(record.model_dump(exclude={"signatures"}))
    signatures = ",".join(f'"{key.sign(body)}"' for key in keys)
    return body[:-1] + _LIST_HEAD + signatures.encode() + _LIST_TAIL


def split_ledger_record(value: bytes, count: int) -> Signed | None:
    """What so many signatures of a ledger record are over; None where its last member is no such list."""
    length = count * (SIGNATURE_CHARACTERS + 3) - 1
    at = len(value) - len(_LIST_HEAD) - length - len(_LIST_TAIL)
    if at <= 0 or not value.startswith(_LIST_HEAD, at) or not value.endswith(_LIST_TAIL):
        return None
    listed = value[at + len(_LIST_HEAD) : -len(_LIST_TAIL)].decode("ascii", "replace")
    return Signed(value[:at] + b"}", tuple(part.strip('"') for part in listed.split(",")))


def unsigned(count: int) -> tuple[str, ...]:
    """Signatures that stand for none, in a record that is about to be signed."""
    return (_UNSIGNED,) * count


def is_signature(public: bytes, signature: str, data: bytes) -> bool:
    """Whether this is the key's signature over these bytes, in the one way that base64 writes it."""
    try:
        plain = base64.b64decode(signature, validate=True)
        if base64.b64encode(plain).decode() != signature:
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(plain, data)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
