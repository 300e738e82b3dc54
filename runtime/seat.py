"""A partition that this process decides for the time being: what is delivered for it, and its task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from ledger.log import LogError, Record
from runtime.worker import PartitionWorker

LAG = 1000
"""With more than so many records waiting, they are read from the log again, in bulk."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before another try while the log is away; each pause is twice the one before."""


class Seat:
    """Decides what is delivered, in batches of all that waits; begins with what stands on the log.

    `failed` hears of any error but a log that is away, which is waited for.
    """

    def __init__(self, worker: PartitionWorker, failed: Callable[[BaseException], None]) -> None:
        self._worker = worker
        self._failed = failed
        self._waiting: list[Record] = []
        self._behind = True
        self._called = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def deliver(self, record: Record) -> None:
        """A record of the submissions partition has come."""
        if len(self._waiting) < LAG:
            self._waiting.append(record)
            self._called.set()
        else:
            self.read_log()

    def read_log(self) -> None:
        """Something may stand on the log that was not delivered."""
        self._waiting.clear()
        self._behind = True
        self._called.set()

    def look(self, end: int) -> None:
        """Compare what has been decided with the end of the submissions partition."""
        known = self._worker.next_offset
        if known is not None and known < end:
            self.read_log()

    async def leave(self) -> None:
        """Stop at once; nothing that has been decided is lost."""
        self._task.cancel()
        await asyncio.wait([self._task])
        self._worker.close()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        try:
            while True:
                try:
                    await self._work()
                except LogError as error:
                    self._report(error)
                    self._behind = True
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                else:
                    pause = FIRST_PAUSE
                    await self._called.wait()
        except Exception as error:  # noqa: BLE001 - the host stops with it, whatever it is
            self._failed(error)

    async def _work(self) -> None:
        """Decide until nothing waits."""
        while self._behind or self._waiting:
            if self._behind:
                self._behind = False
                await self._worker.catch_up()
            records, self._waiting = self._waiting, []
            await self._worker.decide(records)
        self._called.clear()

    def _report(self, error: LogError) -> None:
        worker = self._worker
        structlog.get_logger("worker").warning(
            "log unavailable",
            topic=worker.submissions,
            partition=worker.partition,
            reason=type(error).__name__,
        )
