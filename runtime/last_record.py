"""When the last record of a partition was recorded, whoever appended it: asked for with every append."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ledger.log import Draft, EventLog, TopicPartition

_HIDDEN = 1000
"""Own appends beyond another process's record after which the last one is read, whatever is under way."""


class LastRecord:
    """Follows a partition's last record beside this process's own appends to it.

    Only the partition's end is asked for, by all that wait at once; a record is read where the end lies
    beyond what this process has appended and is appending. Behind its own appends under way another
    process's record may hide, until they are done, or `_HIDDEN` more are.
    """

    def __init__(self, log: EventLog, place: TopicPartition) -> None:
        self._log = log
        self._place = place
        self._end = 0
        self._time = 0
        self._ours: set[int] = set()
        self._under_way = 0
        self._look: asyncio.Task[None] | None = None

    async def time(self) -> int:
        """When it was recorded, or one before it that is known and later; 0 where there is none.

        In milliseconds since the epoch. Raises LogError.
        """
        if self._look is None:
            self._look = asyncio.get_running_loop().create_task(self._look_up())
        await asyncio.shield(self._look)
        return self._time

    async def append(self, timestamp: int, key: bytes, value: bytes) -> int:
        """Append a record of our own; return its offset. Raises LogError."""
        (offset,) = await self.append_all([Draft(timestamp, key, value)])
        return offset

    async def append_all(self, drafts: Sequence[Draft]) -> list[int]:
        """Append records of our own, in order; return their offsets. Raises LogError."""
        self._under_way += len(drafts)
        try:
            offsets = await self._log.append(*self._place, drafts)
        finally:
            self._under_way -= len(drafts)
        self._ours.update(offsets)
        self._time = max([self._time, *(draft.timestamp for draft in drafts)])
        self._pass_ours()
        return offsets

    async def _look_up(self) -> None:
        try:
            end = await self._log.end_offset(*self._place)
            unknown = end - self._end > len(self._ours) + self._under_way
            if unknown or len(self._ours) > _HIDDEN:
                records = await self._log.read(*self._place, end - 1, 1)
                self._time = max([self._time, *(record.timestamp for record in records)])
                self._end = max(self._end, end)
                self._ours = {offset for offset in self._ours if offset >= self._end}
                self._pass_ours()
        finally:
            self._look = None

    def _pass_ours(self) -> None:
        """Our own records that come next are known."""
        while self._end in self._ours:
            self._ours.remove(self._end)
            self._end += 1
