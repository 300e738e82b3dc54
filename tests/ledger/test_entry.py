"""The tree's entry of a record: DESIGN.md section 6."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ledger.entry import ENTRY_BYTES, entry_of, leaf_hash
from ledger.log import Record

_CONTENT = st.none() | st.binary(max_size=40)
_RECORDS = st.builds(
    Record,
    offset=st.integers(0, 2**63),
    timestamp=st.integers(-1, 2**63 - 1),
    key=_CONTENT,
    value=_CONTENT,
)


def test_an_entry_is_its_parts_in_order() -> None:
    """Version, offset, timestamp, hash of key, hash of value, big-endian."""
    entry = entry_of(Record(7, 1_000, None, b"said"))
    absent = hashlib.sha256(b"\x00").digest()
    present = hashlib.sha256(b"\x01said").digest()
    assert entry == b"\x01" + (7).to_bytes(8, "big") + (1_000).to_bytes(8, "big") + absent + present


def test_an_empty_value_is_not_a_missing_one() -> None:
    """Presence is committed to."""
    assert entry_of(Record(0, 0, b"", b"")) != entry_of(Record(0, 0, None, None))


@given(_RECORDS, _RECORDS)
def test_different_records_have_different_leaves(one: Record, other: Record) -> None:
    """Nothing of a record can change without its leaf; every entry has the same size."""
    assert len(entry_of(one)) == ENTRY_BYTES
    assert (leaf_hash(entry_of(one)) == leaf_hash(entry_of(other))) == (one == other)
