"""Drafts for tests: arbitrary ones, and ones that say where they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ledger.check import MAX_TIMESTAMP
from ledger.log import Draft, Record

if TYPE_CHECKING:
    from ledger.log import EventLog

_CONTENT = st.none() | st.binary(max_size=40) | st.binary(min_size=200, max_size=200)

DRAFTS = st.builds(
    Draft,
    timestamp=st.integers(0, MAX_TIMESTAMP) | st.sampled_from([0, 1, MAX_TIMESTAMP]),
    key=_CONTENT,
    value=_CONTENT,
).filter(lambda draft: draft.key is not None or draft.value is not None)


def draft(text: str) -> Draft:
    """A draft whose value is this text."""
    return Draft(1_700_000_000_000, b"key", text.encode())


def records(first_offset: int, drafts: list[Draft]) -> list[Record]:
    """What a log holds after these drafts were appended from this offset on."""
    return [Record(offset, *draft) for offset, draft in enumerate(drafts, first_offset)]


async def read_all(
    log: EventLog, topic: str, partition: int, *, start: int = 0, limit: int = 1000
) -> list[Record]:
    """Every record of a partition from offset `start` on, in reads of at most `limit`."""
    found: list[Record] = []
    while more := await log.read(topic, partition, start + len(found), limit):
        assert len(more) <= limit
        found += more
    return found
