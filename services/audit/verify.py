#!/usr/bin/env python3
"""Verify an evidence bundle of Barograph, off line and without that software.

    python3 verify.py [BUNDLE.zip | FOLDER] [--checkpoint FILE]... [--receipt FILE]... [--genesis SHA256] [--json]

Needs Python 3.9 or later and nothing else. Where the package `cryptography` is installed, signatures are
verified too; without it, the checks that were left out are named. Exit codes: 0 everything that was
checked holds, 1 something does not, 2 this is no bundle, or wrong use.

What is claimed, and how it is checked, is in README.txt beside this file. Sources: RFC 9162 (Merkle trees),
C2SP signed-note and tlog-checkpoint, RFC 8032 (Ed25519), CloudEvents 1.0.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import zipfile
from collections import Counter
from pathlib import Path

FORMAT = "barograph-bundle-1"
MAX_MEMBERS = 200_000
MAX_LINE = 2 * 1024 * 1024
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,4}")
ENTRY = struct.Struct(">BQq32s32s")
DAY_MS = 86_400_000
SHOWN = 5
"""Problems of one check that are told; the others are counted."""

TITLES = {
    "files": ("文件与清单一致", "The files are those of the manifest"),
    "records": ("记录连续、无缺号", "Records are in order, without gaps"),
    "integrity": ("记录与日志检查点一致", "The records give the root of each checkpoint"),
    "genesis": ("创世记录与密钥", "Genesis and keys"),
    "checkpoints": ("检查点签名", "Signatures of checkpoints"),
    "signatures": ("提交记录签名", "Signatures of submissions"),
    "decisions": ("处理结果链", "Decisions form one chain, and each decides its submission"),
    "completeness": ("范围内无遗漏", "Nothing in scope was left out"),
    "figures": ("数字可重新计算", "The figures come out of the records again"),
    "definitions": ("指标定义", "The definitions are those that the figures name"),
    "held": ("与自存检查点一致", "Agrees with the checkpoints that you hold"),
    "receipts": ("回执", "Receipts are kept"),
}


class BundleError(Exception):
    """This is no bundle, or one that may not be read; the sentence says why."""


# --- reading ----------------------------------------------------------------------------------------------


class Source:
    """The files of a bundle, in a zip or a folder. Nothing is unpacked, and no name leads outside."""

    def __init__(self, path):
        self._zip = None
        self._root = Path(path)
        if self._root.is_dir():
            found = (p for p in self._root.rglob("*") if p.is_file() and not p.is_symlink())
            self.sizes = {p.relative_to(self._root).as_posix(): p.stat().st_size for p in found}
        else:
            self.sizes = self._open_zip()
        for name in self.sizes:
            if not NAME.fullmatch(name) or ".." in name:
                raise BundleError("a file in it has a name that no bundle has: " + repr(name[:80]))

    def _open_zip(self):
        try:
            self._zip = zipfile.ZipFile(self._root)
            members = self._zip.infolist()
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise BundleError("it cannot be read as a zip file: " + str(error)) from None
        if len(members) > MAX_MEMBERS:
            raise BundleError("it holds more than %d files" % MAX_MEMBERS)
        sizes = {}
        for member in members:
            # A bundle is stored, not compressed: nothing in it can grow when it is read.
            if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
                raise BundleError("a file in it is compressed, which no bundle's is: " + member.filename[:80])
            if member.flag_bits & 1 or member.filename in sizes:
                raise BundleError("a file in it is encrypted or there twice: " + member.filename[:80])
            sizes[member.filename] = member.file_size
        return sizes

    def open(self, name):
        if name not in self.sizes:
            raise BundleError("it has no file " + name)
        try:
            return self._zip.open(name) if self._zip else (self._root / name).open("rb")
        except (OSError, zipfile.BadZipFile, RuntimeError) as error:
            raise BundleError("%s cannot be read: %s" % (name, error)) from None

    def read(self, name, limit=64 * 1024 * 1024):
        if self.sizes.get(name, 0) > limit:
            raise BundleError(name + " is larger than such a file may be")
        with self.open(name) as file:
            try:
                return file.read()
            except (OSError, zipfile.BadZipFile) as error:
                raise BundleError("%s cannot be read: %s" % (name, error)) from None

    def digest(self, name):
        digest = hashlib.sha256()
        with self.open(name) as file:
            try:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    digest.update(piece)
            except (OSError, zipfile.BadZipFile):
                return "damaged"
        return digest.hexdigest()


def parsed(data, what):
    """JSON, strictly: an object without repeated names. Raises BundleError."""
    try:
        value = json.loads(data, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError):
        raise BundleError(what + " is not JSON, or names a member twice") from None
    if not isinstance(value, dict):
        raise BundleError(what + " is not a JSON object")
    return value


def _no_repeats(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated name")
    return found


def unbase64(text, length=None):
    """Bytes of standard base64, strictly; raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise ValueError("not base64") from None
    if base64.b64encode(data).decode() != text or (length is not None and len(data) != length):
        raise ValueError("not base64 of the length expected")
    return data


class Record:
    """A record of the log, as the bundle gives it."""

    __slots__ = ("key", "offset", "timestamp", "value")

    def __init__(self, offset, timestamp, key, value):
        self.offset, self.timestamp, self.key, self.value = offset, timestamp, key, value

    def entry(self):
        """The tree's entry: version, offset, time, hash of the key, hash of the value."""
        return ENTRY.pack(1, self.offset, self.timestamp, presence(self.key), presence(self.value))


def presence(content):
    return hashlib.sha256(b"\x00" if content is None else b"\x01" + content).digest()


def leaf_of(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def records_of(source, name):
    """The records of one partition, one line each. Raises BundleError."""
    with source.open(name) as file:
        number = 0
        while True:
            line = file.readline(MAX_LINE)
            if not line:
                return
            number += 1
            if not line.endswith(b"\n"):
                raise BundleError("%s, line %d: cut short, or too long" % (name, number))
            yield record_of(line, "%s, line %d" % (name, number))


def record_of(line, what):
    raw = parsed(line, what)
    try:
        offset, timestamp = raw.pop("offset"), raw.pop("timestamp")
        key, value = content(raw, "key"), content(raw, "value")
    except (KeyError, ValueError, AttributeError):
        raise BundleError(what + ": not a record") from None
    whole = all(type(n) is int for n in (offset, timestamp))
    if raw or not whole or not 0 <= offset < 2**63 or not -(2**63) <= timestamp < 2**63:
        raise BundleError(what + ": not a record")
    return Record(offset, timestamp, key, value)


def content(raw, name):
    """A key or value: text as it is, other bytes in base64 under the name with 64 behind it, or null."""
    if name + "64" in raw:
        return unbase64(raw.pop(name + "64"))
    text = raw.pop(name)
    return None if text is None else text.encode()


# --- Merkle trees, notes, signatures ---------------------------------------------------------------------


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """An append-only tree: the roots of its perfect subtrees, largest first (RFC 9162, section 2.1)."""

    def __init__(self):
        self.size = 0
        self._stack = []

    def add(self, leaf):
        self.size += 1
        at = self.size
        while at & 1 == 0:
            leaf = node(self._stack.pop(), leaf)
            at >>= 1
        self._stack.append(leaf)

    def root(self):
        if not self._stack:
            return hashlib.sha256(b"").digest()
        root = self._stack[-1]
        for left in reversed(self._stack[:-1]):
            root = node(left, root)
        return root


def inclusion_root(leaf, index, size, path):
    """The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2); raises ValueError."""
    if not 0 <= index < size:
        raise ValueError("index outside the tree")
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            raise ValueError("proof too long")
        if at & 1 or at == last:
            found = node(step, found)
            while at & 1 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("proof too short")
    return found


class Note:
    """A signed checkpoint (C2SP signed-note and tlog-checkpoint). Raises ValueError for anything else."""

    def __init__(self, text):
        if len(text) > 100_000 or not text.endswith("\n") or "\n\n" not in text:
            raise ValueError("not a signed note")
        if any(ord(c) < 32 and c != "\n" for c in text):
            raise ValueError("not a signed note")
        body, _, signatures = text.rpartition("\n\n")
        self.text = body + "\n"
        lines = self.text.split("\n")
        if len(lines) < 4 or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise ValueError("not a checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), unbase64(lines[2], 32)
        self.signatures = [self._signature(line) for line in signatures[:-1].split("\n")]

    @staticmethod
    def _signature(line):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not parts[1]:
            raise ValueError("not a signature line")
        data = unbase64(parts[2])
        if len(data) < 5:
            raise ValueError("not a signature line")
        return parts[1], data[:4], data[4:]


def notes_in(text):
    """The notes of a checkpoint file: any number, one after the other. Empty lines between mean nothing."""
    notes, signed = [], True
    for line in filter(None, text.split("\n")):
        is_signature = line.startswith("\u2014 ")
        if not is_signature and signed:
            notes.append([[], []])
        if not notes:
            raise BundleError("the checkpoint file begins with a signature line")
        notes[-1][is_signature].append(line)
        signed = is_signature
    try:
        return [Note("\n".join([*text, "", *signatures, ""])) for text, signatures in notes]
    except ValueError as error:
        raise BundleError("the checkpoint file: " + str(error)) from None


def ed25519():
    """A function (public, message, signature) -> bool, or None where `cryptography` is not installed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None

    def verify(public, message, signature):
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return verify


def key_id(role, public):
    return hashlib.sha256(role.encode() + b"\n" + public).hexdigest()[:16]


def signed_body(value, count, name):
    """The bytes that the signatures at the end of a JSON text are over, and the signatures; None if none."""
    if count is None:
        found = re.fullmatch(rb'(.+),"' + name + rb'":"([A-Za-z0-9+/]{86}==)"\}', value, re.DOTALL)
        return found and (found[1] + b"}", [found[2].decode()])
    one = rb'"[A-Za-z0-9+/]{86}=="'
    listed = rb",".join([one] * count)
    found = re.fullmatch(rb'(.+),"' + name + rb'":\[(' + listed + rb")\]\}", value, re.DOTALL)
    return found and (found[1] + b"}", [part.decode()[1:-1] for part in found[2].split(b",")])


class KeyRing:
    """The keys of the ledger, from the records of its `ledger` topic."""

    def __init__(self, verify):
        self._verify = verify
        self.keys = {}
        self.in_force = {}
        self.leaving = {}
        self.problems = []
        self.genesis = {}
        self.genesis_hash = ""

    def take_genesis(self, value):
        """Record 0. Raises BundleError where it is no genesis."""
        self.genesis = parsed(value or b"", "record 0 of the ledger topic")
        self.genesis_hash = hashlib.sha256(value or b"").hexdigest()
        if self.genesis.get("type") != "ledger.genesis.v1":
            raise BundleError("record 0 of the ledger topic is not a genesis")
        try:
            for role in ("intake", "notary"):
                self._introduce(role, unbase64(self.genesis["keys"][role], 32))
        except (KeyError, TypeError, ValueError):
            raise BundleError("the genesis does not name its keys") from None

    def take(self, record):
        """A later record of the ledger topic; one that does not verify changes nothing and is a problem."""
        try:
            raw = parsed(record.value or b"", "a ledger record")
            take = {"ledger.key_rotated.v1": self._rotate, "ledger.key_retired.v1": self._retire}.get(
                raw.get("type")
            )
            problem = take(raw, record.value) if take else None
        except (BundleError, KeyError, TypeError, ValueError):
            problem = "cannot be read"
        if problem:
            self.problems.append("ledger/0/%d: %s" % (record.offset, problem))

    def _rotate(self, raw, value):
        role, public = raw["role"], unbase64(raw["public"], 32)
        old = self.keys.get(raw["old"])
        if old is None or self.in_force.get(role) != raw["old"] or role in self.leaving:
            return "rotates a key that is not in force"
        if raw["new"] != key_id(role, public) or raw["new"] in self.keys:
            return "names its new key wrongly"
        if not self._signed(value, [old["public"], public]):
            return "is not signed by both keys"
        self.leaving[role] = raw["old"]
        self._introduce(role, public)
        return None

    def _retire(self, raw, value):
        role = raw["role"]
        if self.leaving.get(role) != raw["key"] or self.in_force[role] != raw["signer"]:
            return "retires a key that was not rotated out"
        if not self._signed(value, [self.keys[raw["signer"]]["public"]]):
            return "is not signed by the key in force"
        self.keys[raw["key"]]["ends"] = {topic: list(ends) for topic, ends in raw["ends"].items()}
        del self.leaving[role]
        return None

    def _signed(self, value, publics):
        found = signed_body(value, len(publics), b"signatures")
        if not found:
            return False
        pairs = zip(publics, found[1])
        return self._verify is None or all(self._verify(key, found[0], unbase64(sig)) for key, sig in pairs)

    def _introduce(self, role, public):
        known = key_id(role, public)
        self.keys[known] = {"role": role, "public": public, "ends": None}
        self.in_force[role] = known

    def counts(self, key, topic, partition, offset):
        """Whether a key's signature counts for what stands there: a retired one's only below its end."""
        ends = key["ends"]
        return ends is None or (partition < len(ends.get(topic, ())) and offset < ends[topic][partition])

    def submission(self, value, topic, partition, offset):
        """None where intake signed this submission; else what is wrong with its signature."""
        found = signed_body(value or b"", None, b"signature")
        if not found:
            return "unsigned"
        try:
            signer = json.loads(found[0]).get("signer")
        except (ValueError, AttributeError, RecursionError):
            return "unsigned"
        key = self.keys.get(signer) if isinstance(signer, str) else None
        if key is None or key["role"] != "intake":
            return "signed by an unknown key"
        if not self._verify(key["public"], found[0], unbase64(found[1][0])):
            return "the signature is not valid"
        return None if self.counts(key, topic, partition, offset) else "signed by a retired key"


# --- the checks -------------------------------------------------------------------------------------------


class Check:
    """What one check came to."""

    def __init__(self):
        self.checked = 0
        self.problems = []
        self.left_out = None
        self.notes = []


class Verification:
    """One verification of one bundle."""

    def __init__(self, source, held=(), receipts=()):
        self.source = source
        self.checks = {name: Check() for name in TITLES}
        self.verify = ed25519()
        self.manifest = self._manifest()
        self.ledger = self.manifest["ledger"]
        self.scope = self.manifest["scope"]
        self.whole = not self.scope
        self.held = list(held)
        self.receipts = list(receipts)
        self.ring = KeyRing(self.verify)
        self.keepers = {}
        self.occurred = Counter()
        self.figures = Figures()

    def _manifest(self):
        manifest = parsed(self.source.read("manifest.json"), "manifest.json")
        try:
            assert manifest["format"] == FORMAT
            assert isinstance(manifest["ledger"], str) and isinstance(manifest["scope"], dict)
            for topic, partitions in manifest["as_of"].items():
                for partition, size in partitions.items():
                    assert re.fullmatch(r"[a-z_.]{1,60}", topic) and re.fullmatch(r"[0-9]{1,4}", partition)
                    assert type(size) is int and 0 <= size < 2**63
            for told in manifest["files"].values():
                assert re.fullmatch(r"[0-9a-f]{64}", told["sha256"]) and type(told["bytes"]) is int
        except (AssertionError, KeyError, TypeError, AttributeError):
            raise BundleError(
                "manifest.json is not the manifest of a bundle that this program knows"
            ) from None
        return manifest

    def run(self):
        """Check everything; return the checks by name."""
        self._files()
        places = [(t, int(p), n) for t, ps in self.manifest["as_of"].items() for p, n in ps.items()]
        places.sort(key=lambda place: (place[0] != "ledger", place))
        for place in places:
            self._partition(*place)
        self._signatures_of_checkpoints()
        if self.whole:
            for topic, partition, _ in places:
                if topic.endswith(".events"):
                    self._decisions(topic, partition)
        else:
            self.checks["decisions"].left_out = "the bundle holds only a part; a chain needs the whole"
        self._figures()
        self._held()
        self._receipts()
        if self.verify is None:
            why = "the package cryptography is not installed: pip install cryptography"
            for name in ("checkpoints", "signatures"):
                self.checks[name].left_out = why
            self.checks["genesis"].notes.append("signatures of key rotations were not verified")
        return self.checks

    def problem(self, name, text):
        self.checks[name].problems.append(text)

    def _files(self):
        files = self.manifest["files"]
        for name in sorted(set(files) | set(self.source.sizes) - {"manifest.json"}):
            self.checks["files"].checked += 1
            if name not in files:
                self.problem("files", name + ": is not in the manifest")
            elif name not in self.source.sizes:
                self.problem("files", name + ": is missing")
            elif self.source.digest(name) != files[name]["sha256"]:
                self.problem("files", name + ": is not the file that the manifest names")

    def _partition(self, topic, partition, size):
        """Read one partition once: places, entries, roots, signatures of submissions, keys."""
        place = "%s/%d" % (topic, partition)
        keeper = self.keepers[place] = Keeper(self._wanted(place))
        partial = "entries/%s.bin" % place in self.source.sizes
        if not partial and not self.whole and self._in_part(topic):
            self.problem("completeness", place + ": the entries of a partial bundle are missing")
        entries = self._entries(place, size) if partial else None
        offset = 0
        try:
            for record in self._records(place):
                if entries is None:
                    if record.offset != offset:
                        self.problem("records", "%s/%d: a record is missing before it" % (place, offset))
                    offset = record.offset + 1
                    keeper.take(record.offset, leaf_of(record.entry()))
                else:
                    self._skip_to(entries, record, place, keeper)
                self.checks["records"].checked += 1
                self._look_into(topic, partition, record)
        except BundleError as error:
            self.problem("records", str(error))
        if entries is not None:
            self._skip_to(entries, None, place, keeper)
        if keeper.tree.size != size:
            told = "%s: the manifest says %d records, the bundle shows %d" % (place, size, keeper.tree.size)
            self.problem("records", told)
        self._root(place, size, keeper)

    def _records(self, place):
        name = "records/%s.jsonl" % place
        return records_of(self.source, name) if name in self.source.sizes else iter(())

    def _in_part(self, topic):
        """Whether a partial bundle may leave out records of this topic."""
        return topic != "ledger" and not topic.startswith("register.")

    def _entries(self, place, size):
        with self.source.open("entries/%s.bin" % place) as file:
            for _ in range(size):
                entry = file.read(ENTRY.size)
                if len(entry) != ENTRY.size:
                    self.problem("integrity", place + ": the file of entries is cut short")
                    return
                yield entry
            if file.read(1):
                self.problem("integrity", place + ": the file of entries is too long")

    def _skip_to(self, entries, record, place, keeper):
        """Go on to the record's entry. Those in between must be of records outside the scope."""
        for entry in entries:
            _, offset, timestamp, key_hash, _ = ENTRY.unpack(entry)
            if offset != keeper.tree.size:
                self.problem("integrity", "%s/%d: the entry names another offset" % (place, keeper.tree.size))
            keeper.take(keeper.tree.size, leaf_of(entry))
            self.checks["completeness"].checked += 1
            if record is not None and offset == record.offset:
                if entry != record.entry():
                    self.problem("integrity", "%s/%d: the record is not that of its entry" % (place, offset))
                return
            if self._covers(key_hash, timestamp):
                self.problem("completeness", "%s/%d: is in scope, and was left out" % (place, offset))
        if record is not None:
            self.problem("integrity", "%s/%d: the record has no entry" % (place, record.offset))

    def _covers(self, key_hash, timestamp):
        units = self.scope.get("units")
        hashes = None if units is None else {presence(unit.encode()) for unit in units}
        return (
            (hashes is None or key_hash in hashes)
            and timestamp >= self.scope.get("from", 0)
            and timestamp < self.scope.get("to", 2**64)
        )

    def _look_into(self, topic, partition, record):
        if topic == "ledger":
            self.checks["genesis"].checked += 1
            self.ring.take(record) if record.offset else self.ring.take_genesis(record.value)
            if not record.offset and self.ring.genesis.get("ledger") != self.ledger:
                self.problem("genesis", "the genesis is of another ledger than the manifest says")
        elif topic.endswith(".submissions") and self.verify is not None:
            self.checks["signatures"].checked += 1
            wrong = self.ring.submission(record.value, topic, partition, record.offset)
            if wrong:
                self.problem("signatures", "%s/%d/%d: %s" % (topic, partition, record.offset, wrong))

    def _wanted(self, place):
        """Sizes at which the tree's root, and offsets of which the leaf, will be asked for."""
        origin = "barograph/%s/%s" % (self.ledger, place)
        sizes = {note.size for note in self.held if note.origin == origin}
        offsets = {receipt["offset"] for receipt in self.receipts if receipt.get("origin") == origin}
        return sizes, offsets

    def _root(self, place, size, keeper):
        check = self.checks["integrity"]
        check.checked += 1
        try:
            notes = notes_in(self.source.read("checkpoints/%s.txt" % place, 1 << 20).decode())
            (note,) = notes
        except (BundleError, ValueError, UnicodeDecodeError) as error:
            self.problem("integrity", "%s: its checkpoint cannot be read: %s" % (place, error))
            return
        keeper.note = note
        if note.origin != "barograph/%s/%s" % (self.ledger, place):
            self.problem("integrity", place + ": the checkpoint is of another tree")
        elif note.size != size or note.root != keeper.tree.root():
            self.problem("integrity", place + ": the records do not give the root of the checkpoint")

    def _signatures_of_checkpoints(self):
        for flaw in self.ring.problems:
            self.problem("genesis", flaw)
        if not self.ring.genesis:
            self.problem("genesis", "the bundle has no genesis")
        for place, keeper in sorted(self.keepers.items()):
            if keeper.note is not None and self.verify is not None:
                self.checks["checkpoints"].checked += 1
                if not self._is_signed(keeper.note):
                    self.problem(
                        "checkpoints", place + ": no notary key of this ledger signed the checkpoint"
                    )

    def _is_signed(self, note):
        topic, _, partition = note.origin.split("/", 2)[-1].rpartition("/")
        for key in self.ring.keys.values():
            if key["role"] == "notary":
                name = note.origin.encode() + b"\n\x01" + key["public"]
                known = hashlib.sha256(name).digest()[:4]
                for signer, identity, signature in note.signatures:
                    if signer == note.origin and identity == known:
                        if self.verify(key["public"], note.text.encode(), signature):
                            return self.ring.counts(key, topic, int(partition), note.size - 1)
        return False

    def _decisions(self, topic, partition):
        """Follow the chain: each admitted decision names the one before, and is of the next submission."""
        family = topic.split(".")[0]
        submissions = self._records("%s.submissions/%d" % (family, partition))
        at, previous, ignored = 0, self.ring.genesis_hash, 0
        check = self.checks["decisions"]
        try:
            for record in self._records("%s/%d" % (topic, partition)):
                data = decision_of(record.value, family)
                if data is None or data.get("submission_offset") != at or data.get("previous") != previous:
                    ignored += 1
                    continue
                said = next(submissions, None)
                check.checked += 1
                wrong = unlike(record, data, said)
                if wrong:
                    self.problem("decisions", "%s/%d/%d: %s" % (topic, partition, record.offset, wrong))
                at, previous = at + 1, hashlib.sha256(record.value).hexdigest()
                if family == "grievance":
                    self.figures.take(partition, record.offset, record.value)
        except BundleError:
            return
        left = sum(1 for _ in submissions)
        if left or ignored:
            told = "%s/%d: %d submissions without a decision, %d records that count for nothing"
            check.notes.append(told % (topic, partition, left, ignored))

    def _figures(self):
        check = self.checks["figures"]
        if not self.whole or "figures.json" not in self.source.sizes:
            check.left_out = "only a whole bundle states figures"
            self.checks["definitions"].left_out = check.left_out
            return
        try:
            stated = parsed(self.source.read("figures.json"), "figures.json")
            definition = self.source.read(
                "definitions/%s.v%d.json" % (stated["definition"]["id"], stated["definition"]["version"])
            )
            self.checks["definitions"].checked += 1
            if hashlib.sha256(definition).hexdigest() != stated["definition"]["hash"]:
                self.problem("definitions", "the definition is not the one that the figures name")
            for name, ours in self.figures.compute().items():
                check.checked += 1
                found = (
                    stated["stability"][name[10:]]["count"] if name.startswith("stability.") else stated[name]
                )
                if found != ours:
                    self.problem("figures", "%s: stated %s, from the records %s" % (name, found, ours))
        except (BundleError, KeyError, TypeError, ValueError) as error:
            self.problem("figures", "the figures cannot be read: %s" % error)

    def _held(self):
        check = self.checks["held"]
        if not self.held:
            check.left_out = "none was given (--checkpoint FILE)"
        for note in self.held:
            check.checked += 1
            keeper = self.keepers.get(note.origin.removeprefix("barograph/%s/" % self.ledger))
            if keeper is None:
                self.problem("held", note.origin + ": the bundle has no such tree")
            elif note.size > keeper.tree.size:
                told = "%s: you hold a checkpoint of %d records, the bundle ends at %d"
                self.problem("held", told % (note.origin, note.size, keeper.tree.size))
            elif keeper.roots.get(note.size) != note.root:
                self.problem(
                    "held", "%s at %d: the log was another when it was signed" % (note.origin, note.size)
                )
            elif self.verify is not None and not self._is_signed(note):
                self.problem(
                    "held", "%s at %d: no notary key of this ledger signed it" % (note.origin, note.size)
                )

    def _receipts(self):
        check = self.checks["receipts"]
        if not self.receipts:
            check.left_out = "none was given (--receipt FILE)"
        for receipt in self.receipts:
            check.checked += 1
            wrong = self._unkept(receipt)
            if wrong:
                self.problem("receipts", "%s: %s" % (receipt.get("submission_id"), wrong))

    def _unkept(self, receipt):
        place = "%s/%d" % (receipt["topic"], receipt["partition"])
        if receipt["origin"] != "barograph/%s/%s" % (self.ledger, place):
            return "it is of another ledger"
        key = self.ring.keys.get(receipt["key_id"])
        if key is None or key["role"] != "intake":
            return "no intake key of this ledger signed it"
        if self.verify is not None:
            if not self.verify(key["public"], receipt_text(receipt), unbase64(receipt["signature"])):
                return "its signature is not valid"
            if not self.ring.counts(key, receipt["topic"], receipt["partition"], receipt["offset"]):
                return "its key had been retired"
        keeper = self.keepers.get(place)
        if keeper is None or receipt["offset"] >= keeper.tree.size:
            return "its record is not in the bundle, which ends before it"
        if keeper.leaves.get(receipt["offset"]) != receipt["leaf_hash"]:
            return "another record stands in its place: the promise was broken"
        return None


class Keeper:
    """The tree of one partition, and what of it will be asked for."""

    def __init__(self, wanted):
        self._sizes, self._offsets = wanted
        self.tree = Tree()
        self.roots = {0: self.tree.root()}
        self.leaves = {}
        self.note = None

    def take(self, offset, leaf):
        self.tree.add(leaf)
        if offset in self._offsets:
            self.leaves[offset] = leaf.hex()
        if self.tree.size in self._sizes:
            self.roots[self.tree.size] = self.tree.root()


def decision_of(value, family):
    """The data of a decision of this family; None for anything else."""
    try:
        raw = json.loads(value or b"")
        return (
            raw["data"] if raw["type"] == family + ".decision.v1" and isinstance(raw["data"], dict) else None
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def unlike(record, data, said):
    """How a decision differs from the submission that it decides; None where it does not."""
    if said is None:
        return "decides a submission that is not there"
    if record.timestamp != max(said.timestamp, 0):
        return "does not bear its submission's time"
    if data.get("outcome") == "unreadable":
        same = data.get("sha256") == hashlib.sha256(said.value or b"").hexdigest()
        return None if same else "names another unreadable record"
    try:
        told = json.loads(said.value or b"")
        pairs = [
            ("submission_id", "id"),
            ("submission_type", "type"),
            ("actor", "actor"),
            ("role", "role"),
            ("unit", "unit"),
        ]
        wrong = [ours for ours, theirs in pairs if data.get(ours) != told.get(theirs)]
    except (ValueError, AttributeError, RecursionError):
        return "treats as readable what is not"
    if record.key != said.key or data.get("recorded_at") != said.timestamp:
        wrong.append("key or time")
    return "does not say the same as its submission: " + ", ".join(wrong) if wrong else None


class Figures:
    """The first figures of the grievance family, from admitted decisions. Overdue ones need the calendar."""

    def __init__(self):
        self._cases = {}
        self._occurred = Counter()

    def take(self, partition, offset, value):
        raw = json.loads(value)
        case, at = (partition, raw.get("subject")), raw["data"].get("effective_at")
        for event in raw["data"].get("events", ()):
            self._fold(case, at, event["type"], event["data"])

    def _fold(self, case, at, kind, data):
        if kind == "grievance.lodged.v1":
            self._cases[case] = {"at": at, "status": "open", "reply": None, "again": "duplicate_of" in data}
        elif kind == "grievance.occurrence_recorded.v1":
            self._occurred[data["kind"]] += 1
        elif case in self._cases:
            known = self._cases[case]
            status = {"not_accepted": "not_accepted", "closed": "closed", "reopened": "open"}
            known["status"] = status.get(kind.split(".")[1], known["status"])
            if kind == "grievance.replied.v1" and known["reply"] is None:
                known["reply"] = at

    def compute(self):
        """Name → value, as figures.json states it."""
        cases = list(self._cases.values())
        delays = sorted(case["reply"] - case["at"] for case in cases if case["reply"] is not None)
        n = len(delays)
        days = {"median": None, "p90": None, "max": None}
        if n:
            middle = (delays[(n - 1) // 2] + delays[n // 2]) / (2 * DAY_MS)
            days = {
                "median": middle,
                "p90": delays[(9 * n + 9) // 10 - 1] / DAY_MS,
                "max": delays[-1] / DAY_MS,
            }
        found = {
            "received": len(cases),
            "open": sum(case["status"] == "open" for case in cases),
            "closed": sum(case["status"] != "open" for case in cases),
            "not_accepted": sum(case["status"] == "not_accepted" for case in cases),
            "duplicates": sum(case["again"] for case in cases),
            "replied": n,
            "reply_days": {name: None if day is None else round(day, 2) for name, day in days.items()},
            "replied_after_days": {str(d): sum(x > d * DAY_MS for x in delays) for d in (15, 30, 60)},
        }
        for kind in ("collective_petition", "mass_incident", "heinous_crime"):
            found["stability." + kind] = self._occurred[kind]
        return found


def receipt_text(receipt):
    """The lines that intake signed."""
    names = (
        "type",
        "origin",
        "offset",
        "recorded_at",
        "submission_id",
        "leaf_hash",
        "max_merge_delay_ms",
        "key_id",
    )
    return "".join("%s\n" % receipt[name] for name in names).encode()


def receipt_of(data):
    """A receipt from a file: as it was downloaded, or with its proof. Raises BundleError."""
    raw = parsed(data, "the receipt")
    raw = raw.get("receipt", raw)
    texts = ("type", "origin", "topic", "submission_id", "leaf_hash", "key_id", "signature")
    numbers = ("partition", "offset", "recorded_at", "max_merge_delay_ms")
    if not isinstance(raw, dict) or raw.get("type") != "barograph.receipt.v1":
        raise BundleError("this is no receipt of Barograph")
    if not all(isinstance(raw.get(n), str) for n in texts) or not all(
        type(raw.get(n)) is int for n in numbers
    ):
        raise BundleError("the receipt is not complete")
    try:
        unbase64(raw["signature"], 64)
    except ValueError:
        raise BundleError("the receipt's signature is not one") from None
    return raw


# --- the command ------------------------------------------------------------------------------------------


def main(arguments=None):
    """Run the verifier; return its exit code."""
    parser = argparse.ArgumentParser(description="Verify an evidence bundle of Barograph.")
    parser.add_argument("bundle", nargs="?", default=str(Path(__file__).resolve().parent))
    parser.add_argument(
        "--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints that you hold"
    )
    parser.add_argument("--receipt", action="append", default=[], metavar="FILE", help="a resident's receipt")
    parser.add_argument("--genesis", metavar="SHA256", help="the hash of the genesis that you know")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    told = parser.parse_args(arguments)
    try:
        held = [note for name in told.checkpoint for note in notes_in(given(name).decode())]
        receipts = [receipt_of(given(name)) for name in told.receipt]
        verification = Verification(Source(told.bundle), held, receipts)
        checks = verification.run()
    except (BundleError, UnicodeDecodeError) as error:
        print("verify: %s" % error, file=sys.stderr)
        return 2
    if told.genesis and told.genesis.lower() != verification.ring.genesis_hash:
        verification.problem("genesis", "the genesis is not the one that you know")
    ok = not any(check.problems for check in checks.values())
    print_json(verification, checks, ok) if told.json else print_text(verification, checks, ok)
    return 0 if ok else 1


def given(name):
    """A file that was named on the command line. Raises BundleError."""
    try:
        with open(name, "rb") as file:
            data = file.read((64 << 20) + 1)
    except OSError as error:
        raise BundleError("%s cannot be read: %s" % (name, error.strerror)) from None
    if len(data) > 64 << 20:
        raise BundleError(name + " is larger than such a file may be")
    return data


def print_text(verification, checks, ok):
    print("ledger   %s" % verification.ledger)
    print("genesis  %s" % verification.ring.genesis_hash)
    for name, check in checks.items():
        zh, en = TITLES[name]
        state = "DIFFERS 不一致" if check.problems else ("left out 未查" if check.left_out else "ok 一致")
        print("%-18s %s / %s (%d)" % (state, zh, en, check.checked))
        for line in [*check.problems[:SHOWN], *check.notes[:SHOWN]]:
            print("    " + line)
        if len(check.problems) > SHOWN:
            print("    and %d more" % (len(check.problems) - SHOWN))
        if check.left_out:
            print("    " + check.left_out)
    print(
        "Everything that was checked holds. 已查各项全部一致。"
        if ok
        else "Differences were found. 发现不一致。"
    )


def print_json(verification, checks, ok):
    found = {
        "ok": ok,
        "ledger": verification.ledger,
        "genesis": verification.ring.genesis_hash,
        "checks": {
            name: {
                "ok": not check.problems,
                "checked": check.checked,
                "left_out": check.left_out,
                "differences": len(check.problems),
                "first": check.problems[0] if check.problems else None,
            }
            for name, check in checks.items()
        },
    }
    print(json.dumps(found, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    sys.exit(main())
