"""Follows the log and moves the read model on with it, and tells who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from contracts.topics import FAMILIES, events_topic, submissions_topic
from ledger.log import EventLog, LogError, TopicPartition
from runtime.genesis import Ledger
from services.projections.database import ReadModelUnavailableError
from services.projections.rows import Position
from services.projections.store import (
    GenerationChangedError,
    Place,
    PositionMovedError,
    Positions,
    ReadModel,
)

_RECORDS = 1000
"""Records folded in one transaction."""

_IDLE_SECONDS = 1.0
_FIRST_RETRY_SECONDS = 0.1
_LAST_RETRY_SECONDS = 5.0


class Projector:
    """Folds the decisions of every family into one read model. Owned by one event loop.

    Any number may follow the log into the same read model: each portion of records is folded by one of
    them, and the others go on from there (invariant 15).
    """

    def __init__(self, log: EventLog, ledger: Ledger, model: ReadModel) -> None:
        self._log = log
        self._model = model
        self._logger = structlog.get_logger("projector").bind(ledger=ledger.genesis.ledger)
        self._positions: Positions | None = None
        self._changed = asyncio.Condition()
        self._version = 0

    @property
    def version(self) -> int:
        """Counts the changes of the read model that this projector has made or noticed."""
        return self._version

    async def wait_change(self, seen: int, timeout: float) -> int:
        """Wait until `version` is not `seen`, or for `timeout` seconds; return the version."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self._version != seen)
        return self._version

    async def wait_decided(self, family: str, partition: int, submission_offset: int, timeout: float) -> bool:
        """Wait until this submission is decided and its decision is in the read model.

        False after `timeout` seconds. Somebody must `run` this projector meanwhile.
        """
        place = Place(family, partition)
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self._decided_through(place) > submission_offset)
        except TimeoutError:
            return False
        return True

    def _decided_through(self, place: Place) -> int:
        positions = self._positions
        return positions.at[place].decided_through if positions and place in positions.at else 0

    async def catch_up(self) -> int:
        """Fold all there is on the log by now; return how many records this projector folded.

        Raises LogUnavailableError, ReadModelUnavailableError, OutdatedReadModelError.
        """
        ends = await self._ends(events_topic)
        submitted = await self._ends(submissions_topic)
        folded = 0
        for place, end in ends.items():
            folded += await self._follow(place, end, submitted[place])
        await self._note(submitted)
        return folded

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the log until `stop`. A log or a database that is away is waited for.

        Raises OutdatedReadModelError where other software has rebuilt the read model.
        """
        outage: str | None = None
        pause = _FIRST_RETRY_SECONDS
        while not stop.is_set():
            try:
                await self.catch_up()
                await self._log.wait(self._seen(), _IDLE_SECONDS)
            except (LogError, ReadModelUnavailableError) as error:
                if outage is None:
                    self._logger.warning("read model waits", reason=type(error).__name__)
                outage = type(error).__name__
                # What was held may be out of date once the database answers again.
                self._positions = None if isinstance(error, ReadModelUnavailableError) else self._positions
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
                pause = min(2 * pause, _LAST_RETRY_SECONDS)
                continue
            if outage is not None:
                self._logger.info("read model goes on", reason=outage)
            outage, pause = None, _FIRST_RETRY_SECONDS

    async def _follow(self, place: Place, end: int, submitted: int) -> int:
        """Fold one partition's records below `end`; return how many."""
        folded = 0
        while (at := (await self._held()).at[place]).events_offset < end:
            topic = events_topic(place.family)
            records = await self._log.read(topic, place.partition, at.events_offset, _RECORDS)
            if not records:
                break
            try:
                generation = (await self._held()).generation
                after = await asyncio.to_thread(self._model.advance, generation, at, records, submitted)
            except (PositionMovedError, GenerationChangedError):
                await self._reload()
                continue
            await self._moved(after, submitted)
            folded += len(records)
        return folded

    async def _note(self, submitted: dict[Place, int]) -> None:
        held = await self._held()
        news = {place: end for place, end in submitted.items() if end > held.ends[place]}
        if not news:
            return
        try:
            await asyncio.to_thread(self._model.note_ends, held.generation, news)
        except GenerationChangedError:
            await self._reload()
            return
        held.ends.update(news)
        await self._tell()

    async def _held(self) -> Positions:
        if self._positions is None:
            await self._reload()
        if self._positions is None:
            raise AssertionError
        return self._positions

    async def _reload(self) -> None:
        self._positions = await asyncio.to_thread(self._model.positions)
        await self._tell()

    async def _moved(self, after: Position, submitted: int) -> None:
        held = await self._held()
        place = Place(after.family, after.partition)
        held.at[place] = after
        held.ends[place] = max(held.ends[place], submitted, after.decided_through)
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._version += 1
            self._changed.notify_all()

    async def _ends(self, topic_of: Callable[[str], str]) -> dict[Place, int]:
        families = {topic_of(family): family for family in FAMILIES}
        ends = await self._log.end_offsets(list(families))
        return {Place(families[at.topic], at.partition): end for at, end in ends.items()}

    def _seen(self) -> dict[TopicPartition, int]:
        """Where each partition ended at the last look: waiting ends when one grows beyond."""
        held = self._positions
        if held is None:
            return {}
        read = {
            TopicPartition(events_topic(place.family), place.partition): position.events_offset
            for place, position in held.at.items()
        }
        submitted = {
            TopicPartition(submissions_topic(place.family), place.partition): end
            for place, end in held.ends.items()
        }
        return read | submitted
