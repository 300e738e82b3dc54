"""The tree's entry for one record: a commitment of fixed size to its place, time, key and value.

Source: DESIGN.md section 6; the leaf hash is RFC 9162, section 2.1.1.
"""

from __future__ import annotations

import hashlib
import struct

from ledger.log import Record

ENTRY_VERSION = 1
ENTRY_BYTES = 81
_HEAD = struct.Struct(">BQQ")
_U64 = 2**64 - 1


def entry_of(record: Record) -> bytes:
    """The 81 bytes: version ‖ offset u64 ‖ timestamp u64 ‖ SHA-256 of the key ‖ SHA-256 of the value.

    Numbers are big-endian; a time before the epoch (a foreign record's) is in two's complement.
    """
    head = _HEAD.pack(ENTRY_VERSION, record.offset, record.timestamp & _U64)
    return head + presence_hash(record.key) + presence_hash(record.value)


def leaf_hash(entry: bytes) -> bytes:
    """The leaf of an entry: SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def presence_hash(content: bytes | None) -> bytes:
    """SHA-256 of what a record holds, or of its absence: an empty value is not a missing one."""
    return hashlib.sha256(b"\x00" if content is None else b"\x01" + content).digest()
