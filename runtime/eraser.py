"""Destroys the keys of whom the log says is erased: before anything is read, and as it is said.

Any number may run, and each finishes what another left: destroying keys again changes nothing. How far the
log has been looked through is noted in the vault, with the tombstones: an older copy of the vault, or one
whose tombstones are missing, is looked through anew, so no copy brings an erased person back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from contracts.people import ErasedV1
from contracts.topics import events_topic
from ledger.log import EventLog, LogError, TopicPartition
from ledger.vault import Vault
from runtime.chain import Chain, ChainPosition, beginning
from runtime.genesis import Ledger

FAMILY = "people"
TOPIC = events_topic(FAMILY)
_NOTE_EVERY = 1_000
"""Records looked through before it is noted, where nobody was erased: a note costs a write to the disk."""

_IDLE_SECONDS = 1.0
_RETRY_SECONDS = 1.0


@dataclass(slots=True)
class _At:
    """How far one partition has been looked through, and how far that is noted in the vault."""

    position: int
    chain: Chain
    noted: int


class Eraser:
    """Follows the erasures of one log for one vault. Owned by one event loop."""

    def __init__(self, log: EventLog, ledger: Ledger, vault: Vault) -> None:
        self._log = log
        self._ledger = ledger
        self._vault = vault
        self._lock = asyncio.Lock()
        self._marks: Mapping[str, str] | None = None
        self._at: dict[int, _At] = {}

    async def catch_up(self) -> frozenset[str]:
        """Destroy the keys of everybody erased since; return whom.

        Raises LogUnavailableError, also where the vault cannot be written.
        """
        async with self._lock:
            return await self._catch_up()

    async def _catch_up(self) -> frozenset[str]:
        marks = self._vault.marks()
        if marks != self._marks:
            self._marks, self._at = marks, {}
        erased: set[str] = set()
        for place, end in (await self._log.end_offsets([TOPIC])).items():
            erased |= await self._look_through(place, end)
        due = sum(at.position - at.noted for at in self._at.values()) >= _NOTE_EVERY
        if erased or due:
            self._vault.destroy(erased, {_name(number): _mark(at) for number, at in self._at.items()})
            self._marks = self._vault.marks()
            for at in self._at.values():
                at.noted = at.position
        return frozenset(erased)

    async def run(self, stop: asyncio.Event) -> None:
        """Do so until `stop`; a log or a vault that is away is waited for."""
        logger = structlog.get_logger("eraser")
        while not stop.is_set():
            try:
                erased = await self.catch_up()
                if erased:
                    logger.info("keys destroyed", count=len(erased))
                ends = {TopicPartition(TOPIC, number): at.position for number, at in self._at.items()}
                await self._log.wait(ends, _IDLE_SECONDS)
            except LogError as error:
                logger.warning("erasures wait", reason=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _look_through(self, place: TopicPartition, end: int) -> set[str]:
        at = self._at.get(place.partition)
        if at is None:
            at = self._at[place.partition] = self._noted(place.partition, end)
        erased: set[str] = set()
        while at.position < end:
            records = await self._log.read(TOPIC, place.partition, at.position)
            for record in records:
                admitted = at.chain.take(record.value)
                at.position = record.offset + 1
                if admitted is None:
                    continue
                if any(isinstance(event, ErasedV1) for event in admitted.events):
                    erased.add(admitted.decision.subject or "")
            if not records:
                break
        return erased

    def _noted(self, number: int, end: int) -> _At:
        """Where the vault says that this partition was left; its beginning where it says nothing."""
        noted = (self._marks or {}).get(_name(number), "").split()
        if len(noted) == len(("position", *ChainPosition._fields)):
            position = int(noted[0])
            if position <= end:
                return _At(
                    position, Chain(FAMILY, ChainPosition(int(noted[1]), noted[2], noted[3])), position
                )
        return _At(0, Chain(FAMILY, beginning(FAMILY, self._ledger.genesis, self._ledger.hash)), 0)


def _name(number: int) -> str:
    return f"{TOPIC}/{number}"


def _mark(at: _At) -> str:
    next_offset, previous, rules = at.chain.position()
    return f"{at.position} {next_offset} {previous} {rules}"
