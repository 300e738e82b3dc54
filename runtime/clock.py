"""The clock service: heartbeats and passed deadlines, said like anything else (invariant 11).

Any number of clocks may run: what they say has derived ids, and early, stale or repeated ones change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import structlog

from contracts.base import HOUR_MS
from contracts.reference import LEDGER_UNIT
from contracts.topics import FAMILIES, partitions_of
from ledger.log import LogError
from runtime.genesis import Ledger
from runtime.register_reader import RegisterReader
from runtime.streams import CLOCK_STREAM
from runtime.submit import Said, Submitter

_TICK_SECONDS = 5.0


class DueDeadline(NamedTuple):
    """A deadline that has passed and has not been said yet. `due_at` in milliseconds since the epoch."""

    unit: str
    case: str
    deadline: str
    due_at: int
    family: str = "grievance"


class Watch(Protocol):
    """What a clock asks of the read model; the composition root supplies it."""

    async def due(self, now: int) -> Sequence[DueDeadline]:
        """Some of the deadlines that passed before `now`, and are not on record as passed."""
        ...

    async def last_hour(self, family: str, partition: int) -> int:
        """The last hour (since the epoch) that has a heartbeat on this partition, -1 for none."""
        ...


class Clock:
    """One clock, speaking as `actor`. `clock` gives milliseconds since the epoch."""

    def __init__(
        self,
        submitter: Submitter,
        ledger: Ledger,
        register: RegisterReader,
        watch: Watch,
        actor: str,
        clock: Callable[[], int],
    ) -> None:
        self._submitter = submitter
        self._ledger = ledger
        self._register = register
        self._watch = watch
        self._actor = actor
        self._clock = clock
        self._said_hours: dict[tuple[str, int], int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop`; what cannot be said now is said at a later tick."""
        logger = structlog.get_logger("clock")
        while not stop.is_set():
            try:
                await self.tick()
            except (LogError, OSError) as error:
                logger.warning("clock could not tick", reason=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), _TICK_SECONDS)
            except TimeoutError:
                continue

    async def tick(self) -> None:
        """Say this hour's heartbeats and the deadlines that have passed, unless they are on record."""
        await self._register.catch_up()
        now = self._clock()
        hour = now // HOUR_MS
        for family in FAMILIES:
            for partition in range(partitions_of(family, self._ledger.genesis.partitions)):
                await self._beat(family, partition, hour)
        for due in await self._watch.due(now):
            await self._submitter.submit(self._deadline(due))

    async def _beat(self, family: str, partition: int, hour: int) -> None:
        place = (family, partition)
        if place not in self._said_hours:
            self._said_hours[place] = await self._watch.last_hour(family, partition)
        if self._said_hours[place] < hour:
            await self._submitter.submit(self._heartbeat(family, partition, hour))
            self._said_hours[place] = hour

    def _heartbeat(self, family: str, partition: int, hour: int) -> Said:
        return Said(
            family=family,
            type="control.heartbeat.v1",
            body={"hour": hour},
            actor=self._actor,
            role="clock",
            unit=LEDGER_UNIT,
            key=f"{family}/{partition}/{hour}",
            subject=CLOCK_STREAM,
            basis=self._register.history.end,
            partition=partition,
        )

    def _deadline(self, due: DueDeadline) -> Said:
        return Said(
            family=due.family,
            type=f"{due.family}.deadline_due.v1",
            body={"deadline": due.deadline, "due_at": due.due_at},
            actor=self._actor,
            role="clock",
            unit=due.unit,
            key=f"{due.case}/{due.deadline}/{due.due_at}",
            subject=due.case,
            basis=self._register.history.end,
        )
