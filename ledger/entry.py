"""The tree's entry for one record: a commitment of fixed size to its place, time, key and value.

Source: DESIGN.md section 6; the leaf hash is RFC 9162, section 2.1.1.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from hashlib import sha256

from ledger.log import Record

ENTRY_VERSION = 1
ENTRY_BYTES = 81
_ENTRY = struct.Struct(">BQQ32s32s")
_U64 = 2**64 - 1
_ABSENT, _PRESENT = b"\x00", b"\x01"


def entry_of(record: Record) -> bytes:
    """The 81 bytes: version ‖ offset u64 ‖ timestamp u64 ‖ SHA-256 of the key ‖ SHA-256 of the value.

    Numbers are big-endian; a time before the epoch (a foreign record's) is in two's complement.
    """
    offset, timestamp, key, value = record
    content = sha256(_ABSENT if value is None else _PRESENT + value).digest()
    return _ENTRY.pack(ENTRY_VERSION, offset, timestamp & _U64, _key_hash(key), content)


def leaf_hash(entry: bytes) -> bytes:
    """The leaf of an entry: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def presence_hash(content: bytes | None) -> bytes:
    """SHA-256 of what a record holds, or of its absence: an empty value is not a missing one."""
    return sha256(_ABSENT if content is None else _PRESENT + content).digest()


@lru_cache(maxsize=1024)
def _key_hash(key: bytes | None) -> bytes:
    """A partition's records share few keys, and an import's records one."""
    return presence_hash(key)
