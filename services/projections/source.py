"""The log as a worker thread reads it: the reads run in the event loop that owns the log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future

from contracts.topics import events_topic
from ledger.log import EventLog, Record
from services.projections.store import Place

_RECORDS = 2000


class StoppedError(Exception):
    """Whoever asked for the work wants it no more."""


class LogSource:
    """Reads of one log, asked for by another thread than that of its event loop."""

    def __init__(self, log: EventLog, loop: asyncio.AbstractEventLoop) -> None:
        self._log = log
        self._loop = loop
        self._stopped = False

    def stop(self) -> None:
        """Let every further read raise StoppedError."""
        self._stopped = True

    def end(self, place: Place) -> int:
        """Where the events partition ends. Raises LogUnavailableError."""
        topic = events_topic(place.family)
        ended = asyncio.run_coroutine_threadsafe(self._log.end_offset(topic, place.partition), self._loop)
        return ended.result()

    def portions(self, place: Place, start: int, end: int) -> Iterator[list[Record]]:
        """The records from offset `start` up to `end`, in portions; the next is read ahead.

        Ends earlier where the log does. Raises LogUnavailableError.
        """
        reading = self._read(place, start, end)
        while reading is not None:
            records = reading.result()
            if not records:
                return
            reading = self._read(place, records[-1].offset + 1, end)
            yield records

    def _read(self, place: Place, start: int, end: int) -> Future[list[Record]] | None:
        if self._stopped:
            raise StoppedError
        if start >= end:
            return None
        read = self._log.read(events_topic(place.family), place.partition, start, min(_RECORDS, end - start))
        return asyncio.run_coroutine_threadsafe(read, self._loop)
