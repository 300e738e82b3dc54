"""A seat: whatever is delivered, late, twice or never, its partition is decided from the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from ledger.log import Draft, LogUnavailableError, Record, TopicPartition
from runtime import seat as seats
from runtime.genesis import Ledger
from runtime.kernel import FamilyRules, RulesMissingError
from runtime.register_reader import RegisterReader
from runtime.seat import LAG, Seat
from runtime.worker import PartitionWorker
from tests.support.given import BEGINNING, day, lodge
from tests.support.memory_log import MemoryLog
from tests.support.partitions import GENESIS, GENESIS_HASH, HERE, decide_all, numbered, partition, say
from tests.support.workload import EVENTS, RULES, SUBMISSIONS, register_decisions

SAID = numbered(say(f"case {number}", lodge(), BEGINNING + number) for number in range(50))


class FailingLog(MemoryLog):
    """A log whose first appends of decisions fail, each after it was kept or before."""

    def __init__(self, *kept: bool) -> None:
        super().__init__(unreliable="", trouble=())
        self.put("register.events", 0, [Draft(BEGINNING, b"-", value) for value in register_decisions()])
        self._failures = list(kept)

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog."""
        if not self._failures:
            return await super().append(topic, partition, drafts)
        if self._failures.pop(0):
            await super().append(topic, partition, drafts)
        raise LogUnavailableError("told to fail")


def put(log: MemoryLog, records: list[Record]) -> None:
    """Append submissions."""
    log.put(SUBMISSIONS, HERE, [Draft(*record[1:]) for record in records])


@asynccontextmanager
async def seated(
    log: MemoryLog, rules: FamilyRules = RULES
) -> AsyncIterator[tuple[Seat, PartitionWorker, asyncio.Future[None]]]:
    """A seat at the community's partition, its worker, and what it fails with."""
    failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ledger = Ledger(GENESIS, GENESIS_HASH)
    worker = PartitionWorker(log, ledger, rules, HERE, RegisterReader(log, ledger), lambda: day(1000))
    seat = Seat(worker, failure.set_exception)
    try:
        yield seat, worker, failure
    finally:
        await seat.leave()


async def decided(worker: PartitionWorker, count: int) -> None:
    """Return when so many are decided; fail after ten seconds."""
    async with asyncio.timeout(10):
        while worker.next_offset != count:  # noqa: ASYNC110 - the seat's own task decides
            await asyncio.sleep(0.001)


def values(log: MemoryLog) -> list[bytes | None]:
    """What stands on the events partition."""
    return [record.value for record in log.partitions[TopicPartition(EVENTS, HERE)]]


async def test_it_begins_with_what_stands_on_the_log() -> None:
    """What was appended before the seat was taken is decided without being delivered."""
    log = FailingLog()
    put(log, SAID)
    async with seated(log) as (_, worker, _failure):
        await decided(worker, 50)
    assert values(log) == decide_all(partition(), SAID)


async def test_a_delivered_record_is_decided() -> None:
    """A record that comes next is decided as it was delivered."""
    log = FailingLog()
    async with seated(log) as (seat, worker, _):
        await decided(worker, 0)
        for record in SAID:
            put(log, [record])
            seat.deliver(record)
            await decided(worker, record.offset + 1)
    assert values(log) == decide_all(partition(), SAID)


async def test_what_is_skipped_is_read_from_the_log() -> None:
    """A record that is never delivered is decided with the next one, and one delivered again is not."""
    log = FailingLog()
    async with seated(log) as (seat, worker, _):
        await decided(worker, 0)
        put(log, SAID)
        for offset in (20, 3, 20, 49):
            seat.deliver(SAID[offset])
        await decided(worker, 50)
    assert values(log) == decide_all(partition(), SAID)


async def test_a_look_finds_what_nobody_delivered() -> None:
    """Where the log goes on and nothing is delivered, a look at its end is enough."""
    log = FailingLog()
    async with seated(log) as (seat, worker, _):
        await decided(worker, 0)
        put(log, SAID)
        seat.look(50)
        await decided(worker, 50)
    assert values(log) == decide_all(partition(), SAID)


async def test_more_than_it_holds_is_read_in_bulk() -> None:
    """When too many records wait, they are let go of and read from the log again."""
    log = FailingLog()
    many = numbered(SAID[number % 50] for number in range(LAG + 500))
    async with seated(log) as (seat, worker, _):
        await decided(worker, 0)
        put(log, many)
        for record in many:
            seat.deliver(record)
        assert len(seat._waiting) <= LAG
        await decided(worker, len(many))
    assert values(log) == decide_all(partition(), many)


async def test_a_log_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After failed and unacknowledged appends the seat tries again by itself."""
    monkeypatch.setattr(seats, "FIRST_PAUSE", 0.001)
    log = FailingLog(False, True, False, False)
    put(log, SAID)
    async with seated(log) as (_, worker, failure):
        await decided(worker, 50)
        assert not failure.done()
    assert values(log) == decide_all(partition(), SAID)


async def test_missing_rules_are_told() -> None:
    """A worker without the rules in force fails, with a sentence that names them."""
    log = FailingLog()
    put(log, SAID)
    async with seated(log, FamilyRules("grievance", {})) as (_, _worker, failure):
        with pytest.raises(RulesMissingError, match="grievance-1"):
            async with asyncio.timeout(10):
                await failure
