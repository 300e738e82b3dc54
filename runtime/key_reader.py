"""The keys of the ledger as a service reads them: tailed from the `ledger` topic."""

from __future__ import annotations

import asyncio

from contracts.topics import LEDGER_TOPIC
from ledger.keys import KeyRing
from ledger.log import EventLog
from runtime.genesis import Ledger


class KeyReader:
    """Keeps a KeyRing up to date with the records that follow the genesis."""

    def __init__(self, log: EventLog, ledger: Ledger) -> None:
        self.ring = KeyRing.of_genesis(ledger.genesis)
        self._log = log
        self._lock = asyncio.Lock()

    async def catch_up(self) -> KeyRing:
        """Fold what has been recorded since. Raises LogUnavailableError."""
        async with self._lock:
            while records := await self._log.read(LEDGER_TOPIC, 0, self.ring.end):
                for record in records:
                    self.ring.fold(record)
        return self.ring
