"""Signed notes, tree checkpoints and cosignatures, as the C2SP specifications have them.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (v1, Ed25519).

A checkpoint file, as an auditor keeps it, is any number of checkpoint notes one after the other; empty lines
between them do not matter. So files that were fetched or printed can simply be put together.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.merkle import HASH_BYTES, MAX_SIZE

ED25519, COSIGNATURE = 0x01, 0x04
"""Signature types: a plain signature over the text, and a witness's with its time."""

MAX_NOTE_BYTES = 256 * 1024
MAX_SIGNATURES = 100
MAX_VKEY_BYTES = 1024
MAX_FILE_BYTES = 64 * 1024 * 1024
"""Of a checkpoint file."""

_KEY_BYTES, _ID_BYTES, _SIGNATURE_BYTES, _TIME_BYTES = 32, 4, 64, 8
_MAX_TIME = 2**63 - 1
_DASH = "\u2014 "
_CONTROLS = frozenset(map(chr, range(0x20))) - {"\n"}


class NoteError(ValueError):
    """A note, key or checkpoint is malformed, or no trusted key signed it; the sentence says which."""


class Signature(NamedTuple):
    """A signature line: whose it says it is, and the bytes after the key id."""

    name: str
    key_id: bytes
    payload: bytes

    def line(self) -> str:
        """The line, its newline included."""
        return f"{_DASH}{self.name} {_base64(self.key_id + self.payload)}\n"


class Note(NamedTuple):
    """A text with signature lines, in order; nothing says yet that any is valid."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> str:
        """The note as it is published."""
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public Ed25519 key under a name. Raises NoteError where name, type or key cannot be."""

    name: str
    key_type: int
    public: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise NoteError("a key's name is empty, or has spaces, control characters or '+'")
        if self.key_type not in (ED25519, COSIGNATURE):
            raise NoteError(f"signatures of type {self.key_type} are not known here")
        if len(self.public) != _KEY_BYTES:
            raise NoteError("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + bytes([self.key_type]) + self.public
        return hashlib.sha256(named).digest()[:_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one line: name, id and key."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.key_type]) + self.public)}"

    def verify(self, text: str, signature: Signature) -> None:
        """Check a signature of this key. Raises NoteError."""
        payload, message = signature.payload, text.encode()
        if self.key_type == COSIGNATURE:
            message = _cosigned(text, cosigned_at(signature))
            payload = payload[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(payload, message)
        except InvalidSignature:
            raise NoteError(f"the signature of {self.name} is not valid") from None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's origin, its size in leaves and its root. Raises NoteError where they cannot be."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line or _has_controls(line) for line in lines):
            raise NoteError("a line of the checkpoint is empty or has control characters")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise NoteError("the checkpoint's size or root is impossible")

    def encode(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), _base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def signer_of(seed: bytes) -> Ed25519PrivateKey:
    """The private key of a seed of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def verifier_of(name: str, key: Ed25519PrivateKey, key_type: int = ED25519) -> Verifier:
    """The public half of a key, under a name."""
    return Verifier(name, key_type, key.public_key().public_bytes_raw())


def parse_vkey(line: str) -> Verifier:
    """Read a verifier key. Raises NoteError."""
    if len(line) > MAX_VKEY_BYTES:
        raise NoteError("the verifier key is too long")
    name, _, rest = line.partition("+")
    key_id, _, key = rest.partition("+")
    content = _unbase64(key)
    verifier = Verifier(name, content[0] if content else 0, content[1:])
    if verifier.key_id.hex() != key_id:
        raise NoteError("the verifier key's id is not that of its key")
    return verifier


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """A note with one signature. Raises NoteError where the text cannot be a note's."""
    signature = Signature(name, verifier_of(name, key).key_id, key.sign(text.encode()))
    return parse_note(Note(text, (signature,)).encode()).encode()


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: int) -> Signature:
    """A witness's cosignature over a checkpoint's text; `at` is in seconds since the epoch."""
    signed = key.sign(_cosigned(text, at))
    return Signature(
        name, verifier_of(name, key, COSIGNATURE).key_id, at.to_bytes(_TIME_BYTES, "big") + signed
    )


def cosigned_at(signature: Signature) -> int:
    """When a witness says it cosigned, in seconds since the epoch. Raises NoteError."""
    if len(signature.payload) != _TIME_BYTES + _SIGNATURE_BYTES:
        raise NoteError(f"the cosignature of {signature.name} is not 72 bytes long")
    at = int.from_bytes(signature.payload[:_TIME_BYTES], "big")
    if at > _MAX_TIME:
        raise NoteError(f"the cosignature of {signature.name} has an impossible time")
    return at


def parse_note(message: str | bytes) -> Note:
    """Split a note into text and signatures; none is verified. Raises NoteError."""
    text, empty, signed = _text_of(message, MAX_NOTE_BYTES, "the note").rpartition("\n\n")
    if not empty or not signed.endswith("\n"):
        raise NoteError("the note has no text, or no signature lines after an empty line")
    return Note(text + "\n", parse_signatures(signed))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read signature lines, at least one. Raises NoteError."""
    if not lines.endswith("\n") or lines.count("\n") > MAX_SIGNATURES:
        raise NoteError(f"there are no signature lines, or more than {MAX_SIGNATURES}")
    return tuple(_signature(line) for line in lines[:-1].split("\n"))


def open_note(message: str | bytes, verifiers: Iterable[Verifier]) -> Note:
    """The note with only those signatures that trusted keys made, each verified.

    Raises NoteError where the note is malformed, none is by a trusted key, or one by a trusted key is wrong.
    """
    note = parse_note(message)
    trusted = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[tuple[str, bytes], Signature] = {}
    for signature in note.signatures:
        known = trusted.get((signature.name, signature.key_id))
        if known is not None:
            known.verify(note.text, signature)
            verified.setdefault((signature.name, signature.key_id), signature)
    if not verified:
        raise NoteError("no trusted key signed the note")
    return Note(note.text, tuple(verified.values()))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text, without signatures. Raises NoteError."""
    lines = text.split("\n")
    if lines.pop() or len(lines) < len(("origin", "size", "root")):
        raise NoteError("a checkpoint has an origin, a size and a root, each on a line")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, parse_size(size), _unbase64(root), tuple(extensions))


def open_checkpoint(message: str | bytes, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint of a note that a trusted key signed. Raises NoteError."""
    return parse_checkpoint(open_note(message, verifiers).text)


def parse_size(text: str) -> int:
    """A size as checkpoints write it: decimal digits, no leading zero. Raises NoteError."""
    if len(text) > len(str(MAX_SIZE)) or not (text.isascii() and text.isdigit()) or str(int(text)) != text:
        raise NoteError("the size is not a decimal number without leading zeroes")
    return int(text)


def parse_hash(line: str) -> bytes:
    """A hash as one line of base64. Raises NoteError."""
    hash_ = _unbase64(line)
    if len(hash_) != HASH_BYTES:
        raise NoteError("a hash is not 32 bytes long")
    return hash_


def hash_lines(hashes: Sequence[bytes]) -> str:
    """Hashes, each on a line."""
    return "".join(f"{_base64(hash_)}\n" for hash_ in hashes)


def join_notes(notes: Iterable[str]) -> str:
    """A checkpoint file of these notes."""
    return "\n".join(notes)


def split_notes(content: str | bytes) -> list[str]:
    """The notes of a checkpoint file, in order; none is verified. Raises NoteError."""
    notes: list[list[str]] = []
    signed = True
    for line in _text_of(content, MAX_FILE_BYTES, "the checkpoint file").split("\n"):
        if not line:
            continue
        if line.startswith(_DASH):
            if not notes:
                raise NoteError("the checkpoint file begins with a signature line")
            if not signed:
                notes[-1].append("")
            signed = True
        elif signed:
            notes.append([])
            signed = False
        notes[-1].append(line)
    if not signed:
        raise NoteError("the last checkpoint of the file has no signature lines: the file is cut short")
    return [parse_note("\n".join([*lines, ""])).encode() for lines in notes]


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    content = _unbase64(encoded)
    if not line.startswith(_DASH) or not space or not _is_name(name) or len(content) <= _ID_BYTES:
        raise NoteError("a signature line is not '\u2014 name base64'")
    return Signature(name, content[:_ID_BYTES], content[_ID_BYTES:])


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _text_of(message: str | bytes, limit: int, what: str) -> str:
    try:
        content = message.encode() if isinstance(message, str) else message
        text = content.decode()
    except UnicodeError:
        raise NoteError(f"{what} is not UTF-8") from None
    if len(content) > limit:
        raise NoteError(f"{what} is longer than {limit // 1024} KiB")
    if _has_controls(text):
        raise NoteError(f"{what} has control characters")
    return text


def _has_controls(text: str) -> bool:
    return not _CONTROLS.isdisjoint(text)


def _is_name(name: str) -> bool:
    odd = any(char.isspace() or char == "+" or char < " " or "\ud800" <= char <= "\udfff" for char in name)
    return bool(name) and not odd


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _unbase64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("a part that should be base64 is not") from None
    if _base64(content) != text:
        raise NoteError("a part is base64 in another form than the usual one")
    return content
