"""The log as an audit reads it: each partition once, in bulk, the next portion asked for in advance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ledger.log import EventLog, ForeignLogError, Record, TopicPartition
from services.audit.findings import Difference, Findings

PORTION = 4000
"""Records of one read: some 2 MB of common ones."""


class PartitionReading:
    """Reads one partition up to `end`, and checks that its offsets go from 0 on without gaps."""

    def __init__(
        self,
        log: EventLog,
        topic: str,
        partition: int,
        end: int,
        findings: Findings,
        take: Callable[[TopicPartition, list[Record]], None],
    ) -> None:
        """`take` is given what has been read, portion by portion."""
        self._log = log
        self._topic = topic
        self._partition = partition
        self._position = 0
        self._end = end
        self._findings = findings
        self._give = take
        self._ahead: asyncio.Task[list[Record]] | None = None

    async def next(self) -> list[Record]:
        """The next portion; empty at the end. Raises LogUnavailableError."""
        if self._position >= self._end:
            return []
        reading = self._ahead or self._start()
        self._ahead = None
        try:
            records = [record for record in await reading if record.offset < self._end]
        except ForeignLogError:
            records = []
        if records:
            self._take(records)
        else:
            self._missing(self._position)
            self._position = self._end
        if self._position < self._end:
            self._ahead = self._start()
            # Lets the request out before the caller keeps the event loop busy.
            await asyncio.sleep(0)
        return records

    async def aclose(self) -> None:
        """Give up what was asked for in advance."""
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.wait([self._ahead])
            self._ahead = None

    def _start(self) -> asyncio.Task[list[Record]]:
        limit = min(PORTION, self._end - self._position)
        return asyncio.create_task(self._log.read(self._topic, self._partition, self._position, limit))

    def _take(self, records: list[Record]) -> None:
        for record in records if self._has_gap(records) else ():
            if record.offset != self._position:
                self._missing(self._position, record.offset)
            self._position = record.offset + 1
        self._position = records[-1].offset + 1
        self._findings.checked["log"] += len(records)
        self._give(TopicPartition(self._topic, self._partition), records)

    def _has_gap(self, records: list[Record]) -> bool:
        return records[0].offset != self._position or records[-1].offset != self._position + len(records) - 1

    def _missing(self, offset: int, found: int | None = None) -> None:
        difference = Difference(
            topic=self._topic,
            partition=self._partition,
            offset=offset,
            what="missing_record",
            expected=offset,
            found=found,
        )
        self._findings.differ("log", difference)
