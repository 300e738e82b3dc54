"""An EventLog of lists, which loses, delays and forgets to acknowledge as a test tells it to.

The real logs have a conformance suite of their own; this one is for races that they cannot be told to run.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from ledger.log import Draft, LogUnavailableError, Record, TopicPartition

Trouble = Iterable[int]
"""What goes wrong, call by call: 0 is nothing. Once these are used up, nothing does any more."""

_FATES = ("kept", "kept", "unacknowledged", "lost")


class MemoryLog:
    """Partitions as lists; appends to `unreliable` may be lost or not acknowledged, and reads lag behind.

    Every call gives others so many turns as `trouble` says.
    """

    def __init__(self, unreliable: str, trouble: Trouble) -> None:
        self.partitions: defaultdict[TopicPartition, list[Record]] = defaultdict(list)
        self._unreliable = unreliable
        self._trouble = iter(trouble)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing to close."""

    def put(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """Append at once, without anything going wrong."""
        records = self.partitions[TopicPartition(topic, partition)]
        offsets = list(range(len(records), len(records) + len(drafts)))
        records += [Record(offset, *draft) for offset, draft in zip(offsets, drafts, strict=True)]
        return offsets

    async def create_topics(self, topics: Mapping[str, int]) -> None:
        """See EventLog."""

    async def topics(self) -> dict[str, int]:
        """See EventLog."""
        return {}

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog."""
        fate = _FATES[self._next() % 4] if topic == self._unreliable else "kept"
        await self._others()
        if fate == "lost":
            raise LogUnavailableError("told to lose this")
        offsets = self.put(topic, partition, drafts)
        await self._others()
        if fate == "unacknowledged":
            raise LogUnavailableError("told not to say that this was kept")
        return offsets

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog. What is not visible yet is not returned."""
        records = self.partitions[TopicPartition(topic, partition)]
        hidden = self._next() % 2 if topic == self._unreliable else 0
        shown = len(records) - hidden
        found = records[offset : max(offset, min(offset + limit, shown))]
        await self._others()
        return found

    async def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog."""
        end = len(self.partitions[TopicPartition(topic, partition)])
        await self._others()
        return end

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """See EventLog."""
        return {tp: len(records) for tp, records in self.partitions.items() if tp.topic in topics}

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """See EventLog. Answers at once, whatever the timeout: what was appended is there."""
        del timeout
        await asyncio.sleep(0)
        return any(len(self.partitions[tp]) > position for tp, position in positions.items())

    async def _others(self) -> None:
        for _ in range(self._next() % 4):
            await asyncio.sleep(0)

    def _next(self) -> int:
        return next(self._trouble, 0)
