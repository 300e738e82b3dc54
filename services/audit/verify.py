#!/usr/bin/env python3
"""Verify an evidence bundle of Barograph, off line and without that software.

    python3 verify.py [BUNDLE.zip | FOLDER] [--checkpoint FILE]... [--receipt FILE]... [--witness VKEY]...
                      [--genesis SHA256] [--json]

Needs Python 3.9 or later and nothing else. Where the package `cryptography` is installed, signatures are
verified too; without it, the checks that were left out are named. Exit codes: 0 everything that was
checked holds, 1 something does not, 2 this is no bundle, or wrong use.

What is claimed, and how it is checked, is in README.txt beside this file. Sources: RFC 9162 (Merkle trees),
C2SP signed-note, tlog-checkpoint and tlog-cosignature, RFC 8032 (Ed25519), CloudEvents 1.0.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import hashlib
import io
import json
import os
import re
import struct
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "barograph-bundle-1"
FIGURES = ("grievance.figures", 1, "d430f4cbad79ea196db071bde485c22a37e21c521d9e2ea99536c74ab0da74a0")
"""Id, version and hash of the definition that `Figures` computes."""

MAX_MEMBERS = 100_000
MAX_DIRECTORY = 160 * MAX_MEMBERS
MAX_LINE = 8 * 1024 * 1024
MAX_STATEMENT = 16 * 1024 * 1024
"""Of a JSON file, in bytes. With the limits above it bounds how much memory a hostile bundle can take."""

MAX_GIVEN = 64 * 1024 * 1024
"""Of a file that is named on the command line."""

MAX_NOTE = 256 * 1024
MAX_SIGNATURES = 100
MAX_TREE = 2**64 - 1
MAX_OFFSET = 2**63
LAST_MS = 253_402_300_799_999
"""The last time that a decision can state: the end of the year 9999."""

DAY_MS = 86_400_000
SHOWN = 5
"""Differences of one check that are told; the others are counted."""

HASH = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,4}")
TOPIC = re.compile(r"[a-z_.]{1,60}")
NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
ENTRY = struct.Struct(">BQq32s32s")
DIRECTORY_END = struct.Struct("<4s4H2LH")
DIRECTORY_LOCATOR = struct.Struct("<4sLQL")
DIRECTORY_END_64 = struct.Struct("<4sQ2H2L4Q")
SIGNED_TAIL = re.compile(rb',"signature":"([A-Za-z0-9+/]{86}==)"\}')
HASH_BYTES, KEY_BYTES, ID_BYTES, TIME_BYTES, SIGNATURE_BYTES = 32, 32, 4, 8, 64
PLAIN, COSIGNATURE = b"\x01", b"\x04"
DASH = "\u2014 "
UNREADABLE = (
    OSError, zipfile.BadZipFile, EOFError, RuntimeError, ValueError, struct.error, OverflowError, IndexError
)  # fmt: skip
"""What reading a damaged file or zip may raise."""

LEDGER_MEMBERS: Mapping[str, frozenset[str]] = {
    "ledger.key_rotated.v1": frozenset(
        ["type", "ledger", "at", "role", "old", "new", "public", "signatures"]
    ),
    "ledger.key_retired.v1": frozenset(
        ["type", "ledger", "at", "role", "key", "ends", "signer", "signatures"]
    ),
    "ledger.topic_added.v1": frozenset(
        ["type", "ledger", "at", "topic", "partitions", "signer", "signatures"]
    ),
}
OUTCOMES = frozenset(["accepted", "refused", "duplicate", "no_op", "conflict", "unsupported", "unreadable"])
STATEMENTS = frozenset(("figures.json", "keys.json", "prov.json", "README.txt", "verify.py"))
NOT_COMPUTED = (
    "overdue, overdue_historical, on_time, imported, by_zone, by_month: 'barograph audit' computes them"
)

TITLES: Mapping[str, tuple[str, str]] = {
    "files": ("文件与清单一致", "The files are those of the manifest"),
    "records": ("记录连续、无缺号", "Records are in order, without gaps"),
    "integrity": ("记录与日志检查点一致", "The records give the root of each checkpoint"),
    "genesis": ("创世记录与密钥", "Genesis and keys"),
    "checkpoints": ("检查点签名", "Signatures of checkpoints"),
    "witnesses": ("见证签名", "Cosignatures of the witnesses that you trust"),
    "signatures": ("提交记录签名", "Signatures of submissions"),
    "decisions": ("处理结果链", "Decisions form one chain, and each decides its submission"),
    "completeness": ("范围内无遗漏", "Nothing in scope was left out"),
    "figures": ("数字可重新计算", "The figures come out of the records again"),
    "statements": ("定义、政策与来源说明", "Definitions, policies and provenance are those of the records"),
    "held": ("与自存检查点一致", "Agrees with the checkpoints that you hold"),
    "receipts": ("回执", "Receipts are kept"),
}

Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether this public key made, of this message, this signature."""


class BundleError(Exception):
    """This is no bundle, or one that may not be read; the sentence says why."""


# --- reading ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Raise BundleError where a file turns out to be damaged."""
    try:
        yield
    except UNREADABLE as error:
        raise BundleError(f"{what} cannot be read: {error}") from None


class Source:
    """The files of a bundle, in a zip or a folder. Nothing is unpacked, and no name leads outside.

    `sizes`: name → length in bytes. Raises BundleError.
    """

    def __init__(self, path: str) -> None:
        self._root = Path(path)
        self._zip: zipfile.ZipFile | None = None
        self.sizes = self._listed() if self._root.is_dir() else self._members()

    def _listed(self) -> dict[str, int]:
        if not (self._root / "manifest.json").is_file():
            raise BundleError(f"the folder {self._root} has no manifest.json")
        sizes: dict[str, int] = {}
        with explained(str(self._root)):
            # Symbolic links are not followed: to files they count as missing.
            for folder, _, names in os.walk(self._root):
                for path in (Path(folder, name) for name in names):
                    if path.is_file() and not path.is_symlink():
                        sizes[path.relative_to(self._root).as_posix()] = path.stat().st_size
                if len(sizes) > MAX_MEMBERS:
                    raise BundleError(f"it holds more than {MAX_MEMBERS} files")
        return sizes

    def _members(self) -> dict[str, int]:
        with explained("it is no folder, and as a zip file it"):
            with self._root.open("rb") as file:
                length = check_directory(file)
            self._zip = zipfile.ZipFile(self._root)
            members = self._zip.infolist()
        sizes: dict[str, int] = {}
        for member in members:
            name = member.filename
            if not NAME.fullmatch(name) or ".." in name:
                raise BundleError(f"a file in it has a name that no bundle has: {name[:80]!r}")
            # A bundle is stored, not compressed: nothing in it can grow when it is read.
            if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
                raise BundleError(f"a file in it is compressed, which no bundle's is: {name[:80]}")
            if member.flag_bits & 1 or name in sizes:
                raise BundleError(f"a file in it is encrypted or there twice: {name[:80]}")
            sizes[name] = member.file_size
        if sum(sizes.values()) > length:
            raise BundleError("the files in it overlap, or are larger than it is itself")
        return sizes

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[io.BufferedReader]:
        """Open a file of the bundle. Raises BundleError, also for what is read inside."""
        if name not in self.sizes:
            raise BundleError(f"it has no file {name}")
        with explained(name):
            raw: Any = self._zip.open(name) if self._zip else (self._root / name).open("rb", buffering=0)
            with io.BufferedReader(raw, 1 << 16) as file:
                yield file

    def read(self, name: str, limit: int = MAX_STATEMENT) -> bytes:
        """A file's content. Raises BundleError, also where it is longer than `limit` bytes."""
        if self.sizes.get(name, 0) > limit:
            raise BundleError(f"{name} is larger than such a file may be")
        with self.open(name) as file:
            return file.read(limit + 1)

    def lines(self, name: str) -> Iterator[bytes]:
        """A file's lines; a longer one than MAX_LINE comes in pieces. Raises BundleError."""
        with self.open(name) as file:
            yield from iter(lambda: file.readline(MAX_LINE), b"")

    def digest(self, name: str) -> str:
        """SHA-256 of a file. Raises BundleError."""
        digest = hashlib.sha256()
        with self.open(name) as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
        return digest.hexdigest()


def check_directory(file: io.BufferedReader) -> int:
    """Look at a zip's table of contents before it is loaded; return the zip's length. Raises BundleError.

    Stricter than zip files are in general, as an exporter writes it: no comment, nothing before or between.
    """
    length = file.seek(0, io.SEEK_END)
    if length < DIRECTORY_END.size:
        raise BundleError("it is not a zip file")
    end = length - DIRECTORY_END.size
    file.seek(end)
    mark, _, _, _, count, size, start, _ = DIRECTORY_END.unpack(file.read(DIRECTORY_END.size))
    if mark != b"PK\x05\x06":
        raise BundleError("it is not a zip file, or was cut short")
    locator = end - DIRECTORY_LOCATOR.size
    if locator >= DIRECTORY_END_64.size:
        file.seek(locator)
        mark, _, at, _ = DIRECTORY_LOCATOR.unpack(file.read(DIRECTORY_LOCATOR.size))
        if mark == b"PK\x06\x07":
            end = locator - DIRECTORY_END_64.size
            file.seek(end)
            told = DIRECTORY_END_64.unpack(file.read(DIRECTORY_END_64.size))
            count, size, start = told[7:]
            if told[0] != b"PK\x06\x06" or at != end:
                raise BundleError("its table of contents is damaged")
    if count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise BundleError(f"it holds more than {MAX_MEMBERS} files, or names too long")
    if start + size != end:
        raise BundleError("its table of contents is damaged")
    return length


def loads(data: bytes) -> Any:
    """JSON in UTF-8; of names that are there twice the last counts. Raises ValueError."""
    try:
        return json.loads(data.decode(), parse_constant=no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parsed(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object, strictly: no name is there twice. Raises BundleError."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=no_repeats, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise BundleError(f"{what} is not JSON, or names a member twice") from None
    if isinstance(value, dict):
        return value
    raise BundleError(f"{what} is not a JSON object")


def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these members. Raises ValueError where a name is there twice."""
    found = dict(pairs)
    need(len(found) == len(pairs))
    return found


def no_number(_: str) -> None:
    """Refuse NaN and infinities. Raises ValueError."""
    need(holds=False)


def need(holds: object) -> None:
    """Raise ValueError where something does not hold."""
    if not holds:
        raise ValueError("not as it should be")


def is_whole(number: object) -> bool:
    """Whether this is an integer, and not True or False."""
    return isinstance(number, int) and not isinstance(number, bool)


def unbase64(text: object, length: int | None = None) -> bytes:
    """Bytes of standard base64, strictly, of this length where one is given. Raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if base64.b64encode(data).decode() != text or (length is not None and len(data) != length):
        raise ValueError("not base64 of the length expected")
    return data


def shown(text: str) -> str:
    """A text that may be hostile, for a terminal: no control characters, not too long."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:300])


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"

    @property
    def family(self) -> str:
        """The family that the topic is of; the ledger topic is of none."""
        return self.topic.partition(".")[0]

    @property
    def always_whole(self) -> bool:
        """Whether even a partial bundle holds all of it."""
        return self.topic == "ledger" or self.topic.startswith("register.")


class Scope:
    """What a bundle covers: records of these units, from one time on and before another."""

    def __init__(self, told: dict[str, Any]) -> None:
        """`told`: as the manifest has it; empty for everything. Raises ValueError."""
        units, self._since, self._until = told.get("units"), told.get("from"), told.get("to")
        need(told.keys() <= {"units", "from", "to"})
        need(units is None or (isinstance(units, list) and all(isinstance(unit, str) for unit in units)))
        need(all(bound is None or is_whole(bound) for bound in (self._since, self._until)))
        self.is_whole = not told
        self._keys = None if units is None else frozenset(presence(unit.encode()) for unit in units)

    def covers(self, key_hash: bytes, timestamp: int) -> bool:
        """Whether a record with this hash of its key, of this time, is in scope."""
        return (
            (self._keys is None or key_hash in self._keys)
            and (self._since is None or timestamp >= self._since)
            and (self._until is None or timestamp < self._until)
        )


class Manifest(NamedTuple):
    """What a bundle says of itself. `sizes`: how many records each partition's checkpoint covers."""

    ledger: str
    scope: Scope
    sizes: Mapping[Place, int]
    files: Mapping[str, Mapping[str, Any]]


def manifest_of(data: bytes) -> Manifest:
    """Read manifest.json. Raises BundleError."""
    raw = parsed(data, "manifest.json")
    sizes: dict[Place, int] = {}
    try:
        need(raw["format"] == FORMAT and isinstance(raw["ledger"], str) and isinstance(raw["scope"], dict))
        for topic, partitions in raw["as_of"].items():
            for partition, size in partitions.items():
                need(TOPIC.fullmatch(topic) is not None and NUMBER.fullmatch(partition) is not None)
                need(is_whole(size) and 0 <= size < MAX_OFFSET)
                sizes[Place(topic, int(partition))] = size
        for told in raw["files"].values():
            need(HASH.fullmatch(told["sha256"]) is not None and is_whole(told["bytes"]))
        return Manifest(raw["ledger"], Scope(raw["scope"]), sizes, raw["files"])
    except (KeyError, TypeError, AttributeError, ValueError):
        raise BundleError("manifest.json is not that of a bundle that this program knows") from None


class Record(NamedTuple):
    """A record of the log, as the bundle gives it; `timestamp` in milliseconds since the epoch."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None

    def entry(self) -> bytes:
        """The tree's entry: version, offset, time, hash of the key, hash of the value."""
        return ENTRY.pack(1, self.offset, self.timestamp, presence(self.key), presence(self.value))


def presence(content: bytes | None) -> bytes:
    """SHA-256 of what a record holds, or of its absence."""
    return hashlib.sha256(b"\x00" if content is None else b"\x01" + content).digest()


def records_of(source: Source, name: str) -> Iterator[Record]:
    """The records of one partition, one line each. Raises BundleError."""
    for number, line in enumerate(source.lines(name), 1):
        if not line.endswith(b"\n"):
            raise BundleError(f"{name}, line {number}: cut short, or too long")
        yield record_of(line, f"{name}, line {number}")


def record_of(line: bytes, what: str) -> Record:
    """Read one line. Raises BundleError."""
    raw = parsed(line, what)
    try:
        offset, timestamp = raw.pop("offset"), raw.pop("timestamp")
        key, value = content(raw, "key"), content(raw, "value")
        need(not raw and is_whole(offset) and is_whole(timestamp))
        need(0 <= offset < MAX_OFFSET and -MAX_OFFSET <= timestamp < MAX_OFFSET)
    except (KeyError, ValueError, AttributeError):
        raise BundleError(f"{what}: not a record") from None
    return Record(offset, timestamp, key, value)


def content(raw: dict[str, Any], name: str) -> bytes | None:
    """A key or value: text as it is, other bytes in base64 under the name with 64 behind it, or null."""
    if f"{name}64" in raw:
        return unbase64(raw.pop(f"{name}64"))
    text = raw.pop(name)
    return None if text is None else bytes(text.encode())


# --- Merkle trees, notes, signatures ---------------------------------------------------------------------


def leaf_of(entry: bytes) -> bytes:
    """The leaf hash of an entry (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """An append-only tree: the roots of its perfect subtrees, largest first (RFC 9162, section 2.1)."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf hash."""
        self.size += 1
        rest = self.size
        while rest & 1 == 0:
            leaf = node_of(self._peaks.pop(), leaf)
            rest >>= 1
        self._peaks.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        root = self._peaks[-1]
        for left in reversed(self._peaks[:-1]):
            root = node_of(left, root)
        return root


class Signature(NamedTuple):
    """A signature line: whose it says it is, and the bytes after the key id."""

    name: str
    key_id: bytes
    payload: bytes


class Note(NamedTuple):
    """A checkpoint with its signature lines; nothing says yet that any is valid."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]


def note_of(message: str) -> Note:
    """Read a signed checkpoint (C2SP signed-note, tlog-checkpoint). Raises ValueError for anything else."""
    text, empty, signed = message.rpartition("\n\n")
    if len(message.encode()) > MAX_NOTE or any(char < " " and char != "\n" for char in message):
        raise ValueError("too long for a signed note, or with control characters")
    if not empty or not signed.endswith("\n") or signed.count("\n") > MAX_SIGNATURES:
        raise ValueError("not a signed note: an empty line, then signature lines")
    lines = text.split("\n")
    if len(lines) < len(("origin", "size", "root")) or not all(lines):
        raise ValueError("not a checkpoint: an origin, a size and a root, each on a line")
    if not NUMBER.fullmatch(lines[1]) or int(lines[1]) > MAX_TREE:
        raise ValueError("the checkpoint's size is not a number")
    signatures = tuple(signature_of(line) for line in signed[:-1].split("\n"))
    return Note(text + "\n", lines[0], int(lines[1]), unbase64(lines[2], HASH_BYTES), signatures)


def signature_of(line: str) -> Signature:
    """Read a signature line. Raises ValueError."""
    name, space, encoded = line[len(DASH) :].partition(" ")
    data = unbase64(encoded)
    odd = any(char.isspace() or char == "+" or char < " " for char in name)
    if not line.startswith(DASH) or not space or not name or odd or len(data) <= ID_BYTES:
        raise ValueError("not a signature line")
    return Signature(name, data[:ID_BYTES], data[ID_BYTES:])


def notes_in(text: str, what: str) -> list[Note]:
    """The notes of a checkpoint file, one after the other; empty lines between them mean nothing.

    Raises BundleError.
    """
    notes: list[tuple[list[str], list[str]]] = []
    for line in filter(None, text.split("\n")):
        is_signature = line.startswith(DASH)
        if not is_signature and (not notes or notes[-1][1]):
            notes.append(([], []))
        if not notes:
            raise BundleError(f"{what} begins with a signature line")
        notes[-1][is_signature].append(line)
    try:
        return [note_of("\n".join([*text, "", *signatures, ""])) for text, signatures in notes]
    except ValueError as error:
        raise BundleError(f"{what} holds no checkpoints as they should be: {error}") from None


class Witness(NamedTuple):
    """A witness whose cosignatures the auditor trusts."""

    name: str
    key_id: bytes
    public: bytes


def witness_of(vkey: str) -> Witness:
    """Read a witness's verifier key: name, id and key. Raises BundleError."""
    name, _, rest = vkey.partition("+")
    known, _, encoded = rest.partition("+")
    try:
        key = unbase64(encoded, 1 + KEY_BYTES)
        need(bool(name) and key[:1] == COSIGNATURE and note_key_id(name, COSIGNATURE, key[1:]).hex() == known)
    except ValueError:
        raise BundleError("what follows --witness is not the verifier key of a witness") from None
    return Witness(name, bytes.fromhex(known), key[1:])


def note_key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """Four bytes that tell keys of one name apart (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:ID_BYTES]


def cosigns(witness: Witness, signature: Signature, text: str, verify: Verify) -> bool:
    """Whether this is the witness's cosignature over a checkpoint's text (C2SP tlog-cosignature, v1)."""
    payload = signature.payload
    if len(payload) != TIME_BYTES + SIGNATURE_BYTES:
        return False
    at = int.from_bytes(payload[:TIME_BYTES], "big")
    message = f"cosignature/v1\ntime {at}\n{text}".encode()
    return at < MAX_OFFSET and verify(witness.public, message, payload[TIME_BYTES:])


def ed25519() -> Verify | None:
    """How to verify a signature; None where `cryptography` is not installed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None

    def verify(public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return verify


def key_id(role: str, public: bytes) -> str:
    """The id of a key in its role."""
    return hashlib.sha256(role.encode() + b"\n" + public).hexdigest()[:16]


class Signed(NamedTuple):
    """The bytes that are signed, and the signatures."""

    body: bytes
    signatures: tuple[bytes, ...]


def split_submission(value: bytes) -> Signed | None:
    """What a submission's signature is over; None where its last member is no signature."""
    length = len(b',"signature":""}') + 88
    found = SIGNED_TAIL.fullmatch(value[-length:])
    return None if found is None else Signed(value[:-length] + b"}", (base64.b64decode(found[1]),))


def split_ledger_record(value: bytes, count: int) -> Signed | None:
    """What so many signatures of a ledger record are over; None where its last member is no such list."""
    listed = b",".join([rb'"([A-Za-z0-9+/]{86}==)"'] * count)
    length = len(b',"signatures":[]}') + count * 91 - 1
    found = re.fullmatch(rb',"signatures":\[' + listed + rb"\]\}", value[-length:])
    if found is None:
        return None
    return Signed(value[:-length] + b"}", tuple(map(base64.b64decode, found.groups())))


@dataclass
class Key:
    """A key that the ledger names. `ends`, of a retired one: topic → end offsets below which it counts."""

    role: str
    public: bytes
    since: int
    ends: dict[str, list[int]] | None = None

    def counts(self, place: Place, offset: int) -> bool:
        """Whether its signature counts for what stands at this place."""
        if self.ends is None:
            return True
        ends = self.ends.get(place.topic, [])
        return place.partition < len(ends) and offset < ends[place.partition]


class KeyRing:
    """The keys and topics of the ledger, from the records of its `ledger` topic."""

    def __init__(self, verify: Verify | None) -> None:
        self.keys: dict[str, Key] = {}
        self.topics: dict[str, int] = {}
        self.rules: dict[str, str] = {}
        self.ledger: str | None = None
        self.genesis_hash = ""
        self._verify = verify
        self._in_force: dict[str, str] = {}
        self._leaving: dict[str, str] = {}
        self._folded: set[bytes] = set()

    def take(self, record: Record) -> str | None:
        """Take in the next record of the topic; return what is wrong with it. A repeat changes nothing."""
        value = record.value or b""
        known = hashlib.sha256(value).digest()
        if known in self._folded:
            return None
        try:
            wrong = self._take(parsed(value, "it"), value, record.offset)
        except BundleError as error:
            return str(error)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return "it cannot be read"
        if wrong is None:
            self._folded.add(known)
        return wrong

    def _take(self, raw: dict[str, Any], value: bytes, offset: int) -> str | None:
        kind = raw["type"]
        if offset == 0:
            return self._begin(raw, value)
        if kind == "ledger.genesis.v1":
            # Two that made the ledger at once both wrote one: the first is the genesis.
            return None
        if raw.keys() != LEDGER_MEMBERS[kind] or raw["ledger"] != self.ledger:
            return "it is of another ledger, or of an unknown shape"
        signed = split_ledger_record(value, len(raw["signatures"]))
        if signed is None:
            return "it is not signed"
        if kind == "ledger.key_rotated.v1":
            return self._rotate(raw, signed, offset)
        return self._retire(raw, signed) if kind == "ledger.key_retired.v1" else self._add_topic(raw, signed)

    def _begin(self, raw: dict[str, Any], value: bytes) -> str | None:
        keys = {role: unbase64(raw["keys"][role], KEY_BYTES) for role in ("intake", "notary")}
        topics, rules = dict(raw["topics"]), dict(raw["rules"])
        need(raw["type"] == "ledger.genesis.v1" and isinstance(raw["ledger"], str))
        need(all(TOPIC.fullmatch(topic) and is_whole(count) and count > 0 for topic, count in topics.items()))
        need(sum(topics.values()) <= MAX_MEMBERS)
        need(all(isinstance(name, str) for name in rules.values()))
        self.ledger, self.topics, self.rules = raw["ledger"], topics, rules
        self.genesis_hash = hashlib.sha256(value).hexdigest()
        for role, public in keys.items():
            self._introduce(role, public, 0)
        return None

    def _rotate(self, raw: dict[str, Any], signed: Signed, offset: int) -> str | None:
        role, public = raw["role"], unbase64(raw["public"], KEY_BYTES)
        if self._in_force[role] != raw["old"] or role in self._leaving:
            return "it rotates a key that is not in force"
        if raw["new"] != key_id(role, public) or raw["new"] in self.keys:
            return "it names its new key wrongly"
        if not self._is_signed(signed, self.keys[raw["old"]].public, public):
            return "it is not signed by both keys"
        self._leaving[role] = raw["old"]
        self._introduce(role, public, offset)
        return None

    def _retire(self, raw: dict[str, Any], signed: Signed) -> str | None:
        role, ends = raw["role"], {topic: list(ends) for topic, ends in raw["ends"].items()}
        if self._leaving.get(role) != raw["key"] or self._in_force[role] != raw["signer"]:
            return "it retires a key that was not rotated out"
        need(all(is_whole(end) for each in ends.values() for end in each))
        pinned = {
            topic: count
            for topic, count in self.topics.items()
            if role == "notary" or topic.endswith(".submissions")
        }
        if {topic: len(each) for topic, each in ends.items()} != pinned:
            return "it does not name every partition"
        if not self._is_signed(signed, self.keys[raw["signer"]].public):
            return "it is not signed by the key in force"
        self.keys[raw["key"]].ends = ends
        del self._leaving[role]
        return None

    def _add_topic(self, raw: dict[str, Any], signed: Signed) -> str | None:
        topic, count = raw["topic"], raw["partitions"]
        need(TOPIC.fullmatch(topic) is not None and is_whole(count) and count > 0)
        need(sum(self.topics.values()) + count <= MAX_MEMBERS)
        if topic in self.topics:
            return "it adds a topic that is there"
        if self._in_force["intake"] != raw["signer"]:
            return "it adds a topic and is not of the key in force"
        if not self._is_signed(signed, self.keys[raw["signer"]].public):
            return "it adds a topic and is not signed by the key in force"
        self.topics[topic] = count
        return None

    def _is_signed(self, signed: Signed, *publics: bytes) -> bool:
        if len(signed.signatures) != len(publics):
            return False
        pairs = zip(publics, signed.signatures)
        return self._verify is None or all(self._verify(key, signed.body, each) for key, each in pairs)

    def _introduce(self, role: str, public: bytes, since: int) -> None:
        known = key_id(role, public)
        self.keys[known] = Key(role, public, since)
        self._in_force[role] = known

    def submission(self, record: Record, place: Place, verify: Verify) -> str | None:
        """None where intake signed this submission; else what is wrong with its signature."""
        signed = split_submission(record.value or b"")
        if signed is None:
            return "unsigned"
        try:
            signer = loads(signed.body)["signer"]
            key = self.keys.get(signer)
        except (ValueError, KeyError, TypeError):
            return "unsigned"
        if key is None or key.role != "intake":
            return "signed by an unknown key"
        if not verify(key.public, signed.body, signed.signatures[0]):
            return "the signature is not valid"
        return None if key.counts(place, record.offset) else "signed by a retired key"

    def signs(self, note: Note, place: Place, verify: Verify) -> bool:
        """Whether a notary key of this ledger signed the checkpoint."""
        notaries = [key for key in self.keys.values() if key.role == "notary"]
        return any(
            signature.name == note.origin
            and signature.key_id == note_key_id(note.origin, PLAIN, key.public)
            and key.counts(place, note.size - 1)
            and verify(key.public, note.text.encode(), signature.payload)
            for key in notaries
            for signature in note.signatures
        )


# --- decisions, policies, figures ------------------------------------------------------------------------


class Chain:
    """The decisions of one partition: each names the one before, and is of the next submission.

    What is decided is not decided again here: 'barograph audit' does that.
    """

    def __init__(self, place: Place, ring: KeyRing) -> None:
        self.type = f"{place.family}.decision.v1"
        self.next_offset = 0
        self._previous = ring.genesis_hash
        self._rules = ring.rules.get(place.family)
        self._is_register = place.family == "register"
        self._now = self._basis = 0

    def match(self, value: bytes | None) -> dict[str, Any] | None:
        """The decision in this record; None unless it is the one that comes next."""
        try:
            decision = loads(value or b"")
            data = decision["data"]
            expected = (self.type, self.next_offset, self._previous)
            found = (decision["type"], data["submission_offset"], data["previous"])
        except (ValueError, KeyError, TypeError, IndexError):
            return None
        return decision if found == expected and isinstance(data, dict) else None

    def take(self, record: Record, decision: dict[str, Any], said: Record | None) -> str | None:
        """Move past a decision; return what is wrong with it."""
        self.next_offset += 1
        self._previous = hashlib.sha256(record.value or b"").hexdigest()
        if said is None:
            return "decides a submission that is not there"
        try:
            return self._wrong(record, decision, said)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "cannot be read"

    def _wrong(self, record: Record, decision: dict[str, Any], said: Record) -> str | None:
        data = decision["data"]
        readable, offset = data["outcome"] != "unreadable", data["submission_offset"]
        recorded_at = min(max(said.timestamp, 0), LAST_MS)
        told = loads(said.value or b"") if readable else {}
        if readable:
            # What cannot be read moves neither the clock nor the basis.
            self._now = max(self._now, recorded_at)
            self._basis = offset if self._is_register else max(self._basis, told["basis"])
        expected = {
            "recorded_at": recorded_at,
            "now": self._now,
            "basis": self._basis,
            "rules": self._rules,
            "submission_id": told.get("id"),
            "submission_type": told.get("type"),
            "actor": told.get("actor"),
            "role": told.get("role"),
            "unit": told.get("unit"),
            "sha256": None if readable else hashlib.sha256(said.value or b"").hexdigest(),
        }
        wrong = [name for name, value in expected.items() if data.get(name) != value]
        events = data.get("events", [])
        if bool(events) != (data["outcome"] == "accepted") or data["outcome"] not in OUTCOMES:
            wrong.append("outcome")
        if record.timestamp != max(said.timestamp, 0) or (readable and record.key != said.key):
            wrong.append("key or time of the record")
        if readable and data["effective_at"] not in (data["now"], data["occurred_at"]):
            wrong.append("effective_at")
        for event in events:
            if event["type"] == "control.rules_activated.v1":
                self._rules = event["data"]["rules"]
        return f"is not what its submission and the chain ask for: {', '.join(wrong)}" if wrong else None


class Policies:
    """The policies in force, from the register's decisions."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def take(self, decision: dict[str, Any]) -> None:
        """Fold a decision of the register. Raises KeyError, TypeError."""
        for event in decision["data"].get("events", []):
            if event["type"] == "register.policy_defined.v1":
                self.found[event["data"]["policy"]] = event["data"]

    def files(self) -> dict[str, Any]:
        """Name of its file → each policy."""
        return {f"definitions/policy.{p['policy']}.{p['version']}.json": p for p in self.found.values()}


@dataclass
class Case:
    """What the figures look at in one case; times in milliseconds since the epoch."""

    lodged_at: int
    is_duplicate: bool
    status: str = "open"
    before: str = "open"
    replied_at: int | None = None
    came: bool = False
    persons: int | None = None
    present: int = 0
    in_person: bool = False

    def stand_for(self, representatives: int | None) -> None:
        """So many speak for the petitioners; None: it was not told. Raises ValueError."""
        need(representatives is None or is_whole(representatives))
        self.present = (representatives or 0) if self.in_person else 0


class Figures:
    """The figures of the grievance family that follow from its decisions without a calendar."""

    def __init__(self) -> None:
        self._cases: dict[tuple[int, str], Case] = {}
        self._occurred: Counter[str] = Counter()

    def take(self, partition: int, decision: dict[str, Any]) -> None:
        """Fold a decision. Raises KeyError, TypeError, ValueError."""
        data = decision["data"]
        for event in data.get("events", []):
            need(is_whole(data["effective_at"]) and isinstance(decision["subject"], str))
            self._fold((partition, decision["subject"]), data["effective_at"], event["type"], event["data"])

    def _fold(self, which: tuple[int, str], at: int, kind: str, data: dict[str, Any]) -> None:
        case = self._cases.get(which)
        if kind == "grievance.lodged.v1":
            case = self._cases[which] = Case(at, data.get("duplicate_of") is not None)
            case.in_person = data.get("channel") in ("counter", "visit")
            case.persons = None if "split_from" in data else data.get("petitioners")
            need(case.persons is None or is_whole(case.persons))
            case.stand_for(data.get("representatives"))
        elif kind == "grievance.transferred_in.v1":
            stood = data["standing"]
            case = Case(stood["lodged_at"], is_duplicate=False, replied_at=stood.get("replied_at"), came=True)
            need(is_whole(case.lodged_at) and (case.replied_at is None or is_whole(case.replied_at)))
            self._cases[which] = case
        elif kind == "grievance.occurrence_recorded.v1":
            self._occurred[data["kind"]] += 1
        elif case is not None:
            after = {
                "not_accepted": "not_accepted",
                "closed": "closed",
                "reopened": "open",
                "review_requested": "open",
                "review_answered": "closed",
                "accepted": "open",
                "transferred_out": "transferred",
                "transfer_released": "open",
                "handed_to_inspection": "to_inspection",
            }
            name = kind.split(".")[1]
            if name in ("withdrawn", "merged"):
                case.before, case.status = case.status, name
            elif name in ("withdrawal_undone", "unmerged") and case.status in ("withdrawn", "merged"):
                case.status = case.before
            case.status = after.get(name, case.status)
            if name == "representatives_named":
                case.stand_for(data["representatives"])
            if kind == "grievance.replied.v1" and case.replied_at is None:
                case.replied_at = at

    def compute(self) -> dict[str, Any]:
        """Name → value, as figures.json states them."""
        cases = list(self._cases.values())
        stayed = [case for case in cases if case.status != "transferred"]
        delays = sorted(case.replied_at - case.lodged_at for case in stayed if case.replied_at is not None)
        petitions = [case for case in cases if case.persons is not None]
        claims = ("collective_petition", "mass_incident", "heinous_crime")
        return {
            "received": sum(not case.came for case in cases),
            "open": sum(case.status == "open" for case in cases),
            "closed": sum(case.status in ("closed", "not_accepted") for case in cases),
            "not_accepted": sum(case.status == "not_accepted" for case in cases),
            "withdrawn": sum(case.status == "withdrawn" for case in cases),
            "merged": sum(case.status == "merged" for case in cases),
            "transferred_in": sum(case.came for case in cases),
            "transferred_out": len(cases) - len(stayed),
            "duplicates": sum(case.is_duplicate for case in cases),
            "replied": len(delays),
            "reply_days": reply_days(delays),
            "replied_after_days": {str(d): sum(x > d * DAY_MS for x in delays) for d in (15, 30, 60)},
            "petitions": {
                "cases": len(petitions),
                "representatives_present": sum(case.present for case in petitions),
                "persons": sum(case.persons or 0 for case in petitions),
            },
            "stability": {kind: self._occurred[kind] for kind in claims},
        }


def reply_days(delays: Sequence[int]) -> dict[str, float | None]:
    """Median, 90th percentile (nearest rank) and maximum of sorted delays, in days with two decimals."""
    n = len(delays)
    if not n:
        return {"median": None, "p90": None, "max": None}
    median = (delays[(n - 1) // 2] + delays[n // 2]) / (2 * DAY_MS)
    found = {"median": median, "p90": delays[(9 * n + 9) // 10 - 1] / DAY_MS, "max": delays[-1] / DAY_MS}
    return {name: round(days, 2) for name, days in found.items()}


# --- what the auditor holds -------------------------------------------------------------------------------


class Receipt(NamedTuple):
    """A receipt: what intake promised of one submission."""

    place: Place
    offset: int
    origin: str
    submission_id: str
    leaf_hash: str
    key_id: str
    text: bytes
    signature: bytes


def receipt_text(raw: Mapping[str, Any]) -> bytes:
    """The lines that intake signed."""
    names = [
        "type",
        "origin",
        "offset",
        "recorded_at",
        "submission_id",
        "leaf_hash",
        "max_merge_delay_ms",
        "key_id",
    ]
    return "".join(f"{raw[name]}\n" for name in names).encode()


def receipt_of(data: bytes, what: str) -> tuple[Receipt, list[Note]]:
    """Read a receipt; one with its proof comes with a checkpoint that is held. Raises BundleError."""
    outer = parsed(data, what)
    raw = outer.get("receipt", outer)
    try:
        need(raw["type"] == "barograph.receipt.v1")
        need(
            all(is_whole(raw[name]) for name in ("partition", "offset", "recorded_at", "max_merge_delay_ms"))
        )
        names = ("origin", "topic", "submission_id", "leaf_hash", "key_id")
        need(all(isinstance(raw[name], str) and raw[name].isprintable() for name in names))
        need(HASH.fullmatch(raw["leaf_hash"]) is not None)
        place, signature = Place(raw["topic"], raw["partition"]), unbase64(raw["signature"], SIGNATURE_BYTES)
        need(raw["origin"].endswith(f"/{place}"))
        held = [note_of(outer["checkpoint"])] if "receipt" in outer else []
        need(all(note.origin == raw["origin"] for note in held))
        told = (raw["origin"], raw["submission_id"], raw["leaf_hash"], raw["key_id"])
        return Receipt(place, raw["offset"], *told, receipt_text(raw), signature), held
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BundleError(f"{what} is no receipt of Barograph, or not a complete one") from None


class Given(NamedTuple):
    """What the auditor brings along."""

    held: Sequence[Note] = ()
    receipts: Sequence[Receipt] = ()
    witnesses: Sequence[Witness] = ()
    genesis: str | None = None


# --- the checks -------------------------------------------------------------------------------------------


@dataclass
class Check:
    """What one check came to; of many differences only the first are kept."""

    checked: int = 0
    differences: int = 0
    first: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: str | None = None

    def differs(self, text: str) -> None:
        """Note a difference."""
        self.differences += 1
        if len(self.first) < SHOWN:
            self.first.append(shown(text))

    def note(self, text: str) -> None:
        """Note something that is no difference."""
        if len(self.notes) < SHOWN:
            self.notes.append(shown(text))


class Keeper:
    """The tree of one partition, and what of it will be asked for: roots at sizes, leaves at offsets."""

    def __init__(self, sizes: Iterable[int], offsets: Iterable[int]) -> None:
        self.tree = Tree()
        self.roots = {0: self.tree.root()}
        self.leaves: dict[int, str] = {}
        self.note: Note | None = None
        self._sizes, self._offsets = frozenset(sizes), frozenset(offsets)

    def take(self, entry: bytes) -> None:
        """Append an entry."""
        leaf = leaf_of(entry)
        if self.tree.size in self._offsets:
            self.leaves[self.tree.size] = leaf.hex()
        self.tree.add(leaf)
        if self.tree.size in self._sizes:
            self.roots[self.tree.size] = self.tree.root()


class Verification:
    """One verification of one bundle. Raises BundleError where it is none."""

    def __init__(self, source: Source, given: Given, verify: Verify | None) -> None:
        self.checks = {name: Check() for name in TITLES}
        self.ring = KeyRing(verify)
        self.manifest = manifest_of(source.read("manifest.json"))
        self._source = source
        self._given = given
        self._verify = verify
        self._keepers: dict[Place, Keeper] = {}
        self._figures = Figures()
        self._policies = Policies()
        self._undecided = 0

    @property
    def ok(self) -> bool:
        """Whether everything that was checked holds."""
        return not any(check.differences for check in self.checks.values())

    def run(self) -> None:
        """Check everything. Raises BundleError where the bundle has no genesis."""
        self._check_files()
        sizes = self.manifest.sizes
        for place in sorted(sizes, key=lambda place: (place.topic != "ledger", place)):
            self._check_partition(place, sizes[place])
            if place.topic == "ledger":
                self._check_genesis()
        if not self.ring.genesis_hash:
            raise BundleError("it has no genesis: the ledger topic, or its first record, is missing")
        self._check_topics()
        self._check_checkpoints()
        self._check_decisions()
        self._check_figures()
        self._check_statements()
        self._check_held()
        self._check_receipts()
        self._say_what_was_left_out()

    def _check_files(self) -> None:
        check, files = self.checks["files"], self.manifest.files
        for name in sorted(files.keys() | self._source.sizes.keys() - {"manifest.json"}):
            check.checked += 1
            if name not in self._source.sizes:
                check.differs(f"{name}: is missing")
            elif name not in files:
                check.differs(f"{name}: is not in the manifest")
            elif not self._is_as_told(name):
                check.differs(f"{name}: is not the file that the manifest names")
            elif not self._belongs(name):
                check.differs(f"{name}: is no part of such a bundle")
        with contextlib.suppress(OSError):
            own = hashlib.sha256(own_file().read_bytes()).hexdigest()
            if "verify.py" in files and files["verify.py"]["sha256"] != own:
                check.note("the verify.py inside is another than the one at work")

    def _is_as_told(self, name: str) -> bool:
        told = self.manifest.files[name]
        try:
            same = told["bytes"] == self._source.sizes[name]
            return bool(same and told["sha256"] == self._source.digest(name))
        except BundleError:
            return False

    def _belongs(self, name: str) -> bool:
        kind, _, rest = name.partition("/")
        topic, _, file = rest.rpartition("/")
        number, _, suffix = file.rpartition(".")
        if kind == "definitions" and not topic:
            return suffix == "json"
        suffixes = {"records": "jsonl", "entries": "bin", "checkpoints": "txt"}
        if name in STATEMENTS or suffixes.get(kind) != suffix or not NUMBER.fullmatch(number):
            return name in STATEMENTS
        place = Place(topic, int(number))
        return place in self.manifest.sizes and (kind != "entries" or self._is_part(place))

    def _is_part(self, place: Place) -> bool:
        """Whether the bundle may leave out records of this partition."""
        return not self.manifest.scope.is_whole and not place.always_whole

    def _check_partition(self, place: Place, size: int) -> None:
        """Read one partition once: places, entries, root, signatures of submissions, keys."""
        origin = f"barograph/{self.manifest.ledger}/{place}"
        keeper = self._keepers[place] = Keeper(
            (note.size for note in self._given.held if note.origin == origin),
            (receipt.offset for receipt in self._given.receipts if receipt.origin == origin),
        )
        try:
            if self._is_part(place):
                self._take_part(place, keeper)
            else:
                self._take_whole(place, keeper)
        except BundleError as error:
            self.checks["records"].differs(str(error))
        if keeper.tree.size != size:
            told = f"{place}: the manifest says {size} records, the bundle shows {keeper.tree.size}"
            self.checks["records"].differs(told)
        self._check_root(place, keeper)

    def _records(self, place: Place) -> Iterator[Record]:
        return records_of(self._source, f"records/{place}.jsonl")

    def _take_whole(self, place: Place, keeper: Keeper) -> None:
        for record in self._records(place):
            if record.offset != keeper.tree.size:
                raise BundleError(f"{place}/{record.offset}: stands where {keeper.tree.size} should")
            keeper.take(record.entry())
            self._take(place, record)

    def _take_part(self, place: Place, keeper: Keeper) -> None:
        entries = self._entries(place)
        for record in self._records(place):
            self._skip_to(record, entries, place, keeper)
            self._take(place, record)
        self._skip_to(None, entries, place, keeper)

    def _entries(self, place: Place) -> Iterator[bytes]:
        with self._source.open(f"entries/{place}.bin") as file:
            for entry in iter(lambda: file.read(ENTRY.size), b""):
                if len(entry) != ENTRY.size:
                    raise BundleError(f"entries/{place}.bin is cut short")
                yield entry

    def _skip_to(self, record: Record | None, entries: Iterator[bytes], place: Place, keeper: Keeper) -> None:
        """Go on to the record's entry, or to the end. Those in between must be of records out of scope."""
        integrity, completeness = self.checks["integrity"], self.checks["completeness"]
        for entry in entries:
            version, offset, timestamp, key_hash, _ = ENTRY.unpack(entry)
            if (version, offset) != (1, keeper.tree.size):
                integrity.differs(f"{place}/{keeper.tree.size}: its entry names another offset")
            keeper.take(entry)
            completeness.checked += 1
            if record is not None and offset == record.offset:
                if entry != record.entry():
                    integrity.differs(f"{place}/{offset}: the record is not that of its entry")
                return
            if self.manifest.scope.covers(key_hash, timestamp):
                completeness.differs(f"{place}/{offset}: is in scope, and was left out")
        if record is not None:
            raise BundleError(f"{place}/{record.offset}: the record has no entry after those before it")

    def _take(self, place: Place, record: Record) -> None:
        """Look into a record that has its place."""
        self.checks["records"].checked += 1
        if place.topic == "ledger":
            self.checks["genesis"].checked += 1
            wrong = self.ring.take(record)
            if wrong:
                self.checks["genesis"].differs(f"{place}/{record.offset}: {wrong}")
        elif place.topic.endswith(".submissions") and self._verify is not None:
            self.checks["signatures"].checked += 1
            wrong = self.ring.submission(record, place, self._verify)
            if wrong:
                self.checks["signatures"].differs(f"{place}/{record.offset}: {wrong}")

    def _check_root(self, place: Place, keeper: Keeper) -> None:
        check, size = self.checks["integrity"], self.manifest.sizes[place]
        check.checked += 1
        try:
            text = self._source.read(f"checkpoints/{place}.txt", MAX_NOTE).decode()
            keeper.note = note = note_of(text)
        except (BundleError, ValueError) as error:
            check.differs(f"{place}: its checkpoint cannot be read: {error}")
            return
        if note.origin != f"barograph/{self.manifest.ledger}/{place}":
            check.differs(f"{place}: the checkpoint is of another tree")
        elif note.size != size or note.root != keeper.tree.root():
            check.differs(f"{place}: the records do not give the root of the checkpoint")

    def _check_genesis(self) -> None:
        check, known = self.checks["genesis"], self._given.genesis
        if self.ring.ledger != self.manifest.ledger:
            check.differs("the genesis is of another ledger than the manifest says")
        if known is not None and known != self.ring.genesis_hash:
            check.differs("the genesis is not the one that you know")
        try:
            stated = parsed(self._source.read("keys.json"), "keys.json")
        except BundleError as error:
            check.differs(str(error))
            return
        keys = [
            {
                "id": known_id,
                "role": key.role,
                "public": base64.b64encode(key.public).decode(),
                "since": key.since,
                "ends": key.ends,
            }
            for known_id, key in self.ring.keys.items()
        ]
        if stated != {"genesis": self.ring.genesis_hash, "keys": keys}:
            check.differs("keys.json does not state the keys that the ledger topic tells of")

    def _check_topics(self) -> None:
        """Every partition of every topic that the ledger names is there, and no other."""
        named = {Place(topic, number) for topic, count in self.ring.topics.items() for number in range(count)}
        check, told = self.checks["completeness"], self.manifest.sizes.keys()
        check.checked += len(named)
        for place in sorted(named - told):
            check.differs(f"{place}: the ledger names it, and it was left out")
        for place in sorted(told - named):
            check.differs(f"{place}: the ledger names no such partition")

    def _check_checkpoints(self) -> None:
        if self._verify is None:
            return
        for place, keeper in sorted(self._keepers.items()):
            if keeper.note is not None:
                self.checks["checkpoints"].checked += 1
                if not self.ring.signs(keeper.note, place, self._verify):
                    told = f"{place}: no notary key of this ledger signed the checkpoint"
                    self.checks["checkpoints"].differs(told)
                self._check_witnesses(place, keeper.note, self._verify)

    def _check_witnesses(self, place: Place, note: Note, verify: Verify) -> None:
        for witness in self._given.witnesses:
            self.checks["witnesses"].checked += 1
            lines = [line for line in note.signatures if line[:2] == (witness.name, witness.key_id)]
            if not lines:
                self.checks["witnesses"].differs(f"{place}: {witness.name} has not cosigned the checkpoint")
            elif not all(cosigns(witness, line, note.text, verify) for line in lines):
                self.checks["witnesses"].differs(f"{place}: the cosignature of {witness.name} is not valid")

    def _check_decisions(self) -> None:
        for place in sorted(self.manifest.sizes):
            if place.topic.endswith(".events") and not self._is_part(place):
                try:
                    self._follow(place)
                except BundleError as error:
                    self.checks["decisions"].differs(f"{place}: {error}")
        if not self.manifest.scope.is_whole:
            self.checks["decisions"].note("only those of the register: a chain needs a whole partition")

    def _follow(self, place: Place) -> None:
        """Follow the chain of one partition. Raises BundleError."""
        check, chain, ignored = self.checks["decisions"], Chain(place, self.ring), 0
        said = Place(f"{place.family}.submissions", place.partition)
        submissions = self._records(said)
        for record in self._records(place):
            decision = chain.match(record.value)
            if decision is None:
                ignored += 1
                continue
            check.checked += 1
            wrong = chain.take(record, decision, next(submissions, None)) or self._fold(place, decision)
            if wrong:
                check.differs(f"{place}/{record.offset}: {wrong}")
        left = self.manifest.sizes.get(said, 0) - chain.next_offset
        self._undecided += left if place.family == "grievance" else 0
        if left or ignored:
            check.note(f"{place}: {left} submissions without a decision, {ignored} records count for nothing")

    def _fold(self, place: Place, decision: dict[str, Any]) -> str | None:
        try:
            if place.family == "register":
                self._policies.take(decision)
            elif place.family == "grievance":
                self._figures.take(place.partition, decision)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return "its events cannot be read"
        return None

    def _check_figures(self) -> None:
        check, stated = self.checks["figures"], self._statement("figures.json", "figures")
        if not self.manifest.scope.is_whole:
            check.left_out = "only a whole bundle states figures"
            return
        if stated is None:
            return
        definition = stated.get("definition")
        if definition != dict(zip(("id", "version", "hash"), FIGURES)):
            check.differs(f"they follow a definition that this program does not know: {definition}")
            return
        as_of: dict[str, dict[str, int]] = {}
        for place, size in self.manifest.sizes.items():
            if place.family == "grievance":
                as_of.setdefault(place.topic, {})[str(place.partition)] = size
        expected = {**self._figures.compute(), "as_of": as_of, "undecided": self._undecided}
        for name, ours in expected.items():
            check.checked += 1
            found = stated.get(name)
            if name == "stability" and isinstance(found, dict):
                found = {kind: claim.get("count") for kind, claim in found.items() if isinstance(claim, dict)}
            if found != ours:
                check.differs(f"{name}: stated {found}, from the records {ours}")
        check.note(NOT_COMPUTED)

    def _statement(self, name: str, check: str) -> dict[str, Any] | None:
        """A statement of the bundle; None where it is missing, which is a difference in a whole one."""
        if name == "figures.json" and not self.manifest.scope.is_whole:
            return None
        try:
            return parsed(self._source.read(name), name)
        except BundleError as error:
            self.checks[check].differs(str(error))
            return None

    def _check_statements(self) -> None:
        check, policies = self.checks["statements"], self._policies.files()
        files = {name for name in self._source.sizes if name.startswith("definitions/")}
        definition = f"definitions/{FIGURES[0]}.v{FIGURES[1]}.json"
        for name in sorted(files | policies.keys() | {definition}):
            check.checked += 1
            if name not in files:
                check.differs(f"{name}: is missing")
            elif name == definition:
                if self._source.sizes[name] > MAX_STATEMENT or self._source.digest(name) != FIGURES[2]:
                    check.differs(f"{name}: the definition is not the one that the figures name")
            elif name not in policies:
                check.differs(f"{name}: no such policy is in force")
            elif self._statement(name, "statements") not in (None, policies[name]):
                check.differs(f"{name}: the policy is not the one in the register")
        self._check_provenance(check)

    def _check_provenance(self, check: Check) -> None:
        """Check the hashes in prov.json: each partition's root, and that of the figures."""
        check.checked += 1
        stated = self._statement("prov.json", "statements")
        if stated is None:
            return
        expected = {f"b:{place}": keeper.tree.root().hex() for place, keeper in self._keepers.items()}
        found = {}
        entities = stated.get("entity")
        for name, entity in entities.items() if isinstance(entities, dict) else ():
            if isinstance(entity, dict) and entity.get("prov:type") == "b:partition":
                found[name] = entity.get("b:root")
            elif name == "b:figures" and isinstance(entity, dict):
                told = self.manifest.files.get("figures.json", {})
                if entity.get("b:sha256") != told.get("sha256"):
                    check.differs("prov.json: the figures are others than those of figures.json")
        if found != expected:
            check.differs("prov.json: does not name the trees that the records give")

    def _check_held(self) -> None:
        check = self.checks["held"]
        if not self._given.held:
            check.left_out = "none was given (--checkpoint FILE)"
        for note in self._given.held:
            check.checked += 1
            wrong = self._unlike(note)
            if wrong:
                check.differs(f"{note.origin} at {note.size}: {wrong}")

    def _unlike(self, note: Note) -> str | None:
        """How a checkpoint that the auditor holds differs from the bundle; None where it does not."""
        places = {f"barograph/{self.manifest.ledger}/{place}": place for place in self._keepers}
        if note.origin not in places:
            return "the bundle has no such tree"
        keeper = self._keepers[places[note.origin]]
        if note.size > keeper.tree.size:
            return f"the bundle ends at {keeper.tree.size}, before the checkpoint that you hold"
        if keeper.roots.get(note.size) != note.root:
            return "the log was another when it was signed"
        if self._verify is not None and not self.ring.signs(note, places[note.origin], self._verify):
            return "no notary key of this ledger signed it"
        return None

    def _check_receipts(self) -> None:
        check = self.checks["receipts"]
        if not self._given.receipts:
            check.left_out = "none was given (--receipt FILE)"
        for receipt in self._given.receipts:
            check.checked += 1
            wrong = self._unkept(receipt)
            if wrong:
                check.differs(f"{receipt.submission_id}: {wrong}")

    def _unkept(self, receipt: Receipt) -> str | None:
        """Why a receipt is not kept; None where it is."""
        if receipt.origin != f"barograph/{self.manifest.ledger}/{receipt.place}":
            return "it is of another ledger"
        key = self.ring.keys.get(receipt.key_id)
        if key is None or key.role != "intake":
            return "no intake key of this ledger signed it"
        if self._verify is not None and not self._verify(key.public, receipt.text, receipt.signature):
            return "its signature is not valid"
        if not key.counts(receipt.place, receipt.offset):
            return "its key had been retired"
        keeper = self._keepers.get(receipt.place)
        if keeper is None or not 0 <= receipt.offset < keeper.tree.size:
            return "its record is not in the bundle, which ends before it"
        if keeper.leaves.get(receipt.offset) != receipt.leaf_hash:
            return "another record stands in its place: the promise was broken"
        return None

    def _say_what_was_left_out(self) -> None:
        if not self._given.witnesses:
            self.checks["witnesses"].left_out = "none was named (--witness VKEY)"
        if self._verify is None:
            for name in ("checkpoints", "signatures", "witnesses"):
                told = "the package cryptography is not installed: pip install cryptography"
                self.checks[name].left_out = told
            for name in ("genesis", "held", "receipts"):
                if self.checks[name].left_out is None:
                    self.checks[name].note("signatures were not verified: see above")


# --- the command ------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verifier; return its exit code."""
    told = options().parse_args(arguments)
    try:
        verification = Verification(Source(told.bundle), brought(told), ed25519())
        verification.run()
    except BundleError as error:
        sys.stderr.write(f"verify: {shown(str(error))}\n")
        return 2
    except RecursionError:
        sys.stderr.write("verify: it is nested too deeply to be read\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("verify: stopped\n")
        return 130
    tell(as_json(verification) if told.json else as_text(verification))
    return 0 if verification.ok else 1


def options() -> argparse.ArgumentParser:
    """What the command line takes."""
    parser = argparse.ArgumentParser(description="Verify an evidence bundle of Barograph.")
    add, own = parser.add_argument, str(own_file().resolve().parent)
    add("bundle", nargs="?", default=own, help="a zip or a folder; by default the folder of this program")
    add("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints that you hold")
    add("--receipt", action="append", default=[], metavar="FILE", help="a resident's receipt")
    add("--witness", action="append", default=[], metavar="VKEY", help="a witness that must have cosigned")
    add("--genesis", metavar="SHA256", help="the hash of the genesis that you know")
    add("--json", action="store_true", help="print one JSON object")
    return parser


def own_file() -> Path:
    """This program's file; one that came through a pipe has none, and counts as in the working folder."""
    return Path(globals().get("__file__", "verify.py"))


def brought(told: argparse.Namespace) -> Given:
    """Read what the auditor brings along. Raises BundleError."""
    if told.genesis is not None and not HASH.fullmatch(told.genesis.lower()):
        raise BundleError("what follows --genesis is not a SHA-256 in hexadecimal")
    receipts = [receipt_of(file_of(name), name) for name in told.receipt]
    held = [note for _, notes in receipts for note in notes]
    for name in told.checkpoint:
        with explained(name):
            held += notes_in(file_of(name).decode(), name)
    return Given(
        held,
        [receipt for receipt, _ in receipts],
        [witness_of(vkey) for vkey in told.witness],
        told.genesis and told.genesis.lower(),
    )


def file_of(name: str) -> bytes:
    """A file that was named on the command line. Raises BundleError."""
    with explained(name), Path(name).open("rb") as file:
        data = file.read(MAX_GIVEN + 1)
    if len(data) > MAX_GIVEN:
        raise BundleError(f"{name} is larger than such a file may be")
    return data


def as_text(verification: Verification) -> str:
    """The report for people."""
    lines = [
        f"ledger   {shown(verification.manifest.ledger)}",
        f"genesis  {verification.ring.genesis_hash}",
    ]
    for name, check in verification.checks.items():
        state = "left out 未查" if check.left_out else "ok 一致"
        if check.differences:
            state = "DIFFERS 不一致"
        lines.append(f"{state:<18} {' / '.join(TITLES[name])} ({check.checked})")
        lines += [f"    {line}" for line in [*check.first, *check.notes]]
        if check.differences > len(check.first):
            lines.append(
                f"    and {check.differences - len(check.first)} more / 另有 {check.differences - len(check.first)} 处"
            )
        if check.left_out:
            lines.append(f"    {check.left_out}")
    holds = "Everything that was checked holds. 已查各项全部一致。"
    lines.append(holds if verification.ok else "Differences were found. 发现不一致。")
    return "\n".join(lines)


def as_json(verification: Verification) -> str:
    """The report for programs."""
    found = {
        "ok": verification.ok,
        "ledger": verification.manifest.ledger,
        "genesis": verification.ring.genesis_hash,
        "checks": {
            name: {
                "ok": not check.differences,
                "checked": check.checked,
                "left_out": check.left_out,
                "differences": check.differences,
                "first": check.first[0] if check.first else None,
                "notes": check.notes,
            }
            for name, check in verification.checks.items()
        },
    }
    return json.dumps(found, indent=2)


def tell(text: str) -> None:
    """Print the report. Where nobody reads any more, the exit code still tells."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no Chinese shows question marks rather than nothing.
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
