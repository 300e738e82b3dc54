"""The structural register as a service reads it: tailed from the register's events topic."""

from __future__ import annotations

import asyncio

from contracts.reference import Register, RegisterHistory
from contracts.topics import events_topic
from ledger.log import EventLog, TopicPartition
from runtime.chain import Chain, beginning
from runtime.genesis import Ledger

TOPIC = events_topic("register")


class RegisterReader:
    """Keeps a `RegisterHistory` up to date with the admitted decisions of the register."""

    def __init__(self, log: EventLog, ledger: Ledger) -> None:
        self.history = RegisterHistory(ledger.genesis.administrator)
        self._log = log
        self._chain = Chain("register", beginning("register", ledger.genesis, ledger.hash))
        self._position = 0
        self._current = self.history.at(0)
        self._lock = asyncio.Lock()
        self._begun = 0
        self._whole = 0

    async def catch_up(self) -> Register:
        """Fold what has been decided since; return the register as of now.

        Callers that wait together are served by one reading that began after each of them had asked.
        Raises LogUnavailableError, UnknownVersionError.
        """
        asked = self._begun
        async with self._lock:
            if self._whole <= asked:
                await self._read_on()
        return self.current()

    async def _read_on(self) -> None:
        self._begun = number = self._begun + 1
        while records := await self._log.read(TOPIC, 0, self._position):
            for record in records:
                admitted = self._chain.take(record.value)
                if admitted is not None:
                    self.history.fold(admitted.decision.data.recorded_at, admitted.events)
            self._position = records[-1].offset + 1
        self._whole = number

    async def wait(self, timeout: float) -> bool:
        """Wait until the register's events topic has more; False after `timeout` seconds."""
        return await self._log.wait({TopicPartition(TOPIC, 0): self._position}, timeout)

    def current(self) -> Register:
        """The register as last folded: the same object, with what it has answered, until more is folded."""
        if self._current.basis != self.history.end:
            self._current = self.history.at(self.history.end)
        return self._current
