"""When a partition's last record was recorded, told without reading it each time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from ledger.log import Draft, LogUnavailableError, Record, TopicPartition
from ledger.sqlite import SqliteLog
from runtime.last_record import LastRecord

PLACE = TopicPartition("t", 0)


class CountedLog(SqliteLog):
    """Counts what is asked of it; `deaf`, it keeps what is appended and does not hear that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reads = self.looks = 0
        self.deaf = False
        self.released = asyncio.Event()

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog. What is to be held waits until it is released."""
        if drafts[0].value == b"held":
            await self.released.wait()
        offsets = await super().append(topic, partition, drafts)
        if self.deaf:
            raise LogUnavailableError("no answer")
        return offsets

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        self.reads += 1
        return await super().read(topic, partition, offset, limit)

    async def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog. Gives way first, as a broker that is asked does."""
        self.looks += 1
        await asyncio.sleep(0)
        return await super().end_offset(topic, partition)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[CountedLog]:
    """An empty partition."""
    async with CountedLog(tmp_path / "log.sqlite") as opened:
        await opened.create_topics({"t": 1})
        yield opened


async def put(log: CountedLog, *timestamps: int) -> None:
    """Another process appends records."""
    await log.append(*PLACE, [Draft(timestamp, b"k", b"v") for timestamp in timestamps])


async def test_an_empty_partition_has_no_time(log: CountedLog) -> None:
    """Before the first record the time is 0."""
    assert await LastRecord(log, PLACE).time() == 0


async def test_each_record_of_another_process_is_noticed(log: CountedLog) -> None:
    """Between any two looks another process may have written, before, after and between our own."""
    last = LastRecord(log, PLACE)
    await put(log, 10)
    assert await last.time() == 10
    await last.append(20, b"k", b"v")
    assert await last.time() == 20
    await put(log, 30, 40)
    assert await last.time() == 40
    await last.append(35, b"k", b"v")
    await put(log, 50)
    assert await last.time() == 50


async def test_our_own_records_are_not_read_again(log: CountedLog) -> None:
    """Where nobody else writes, no record is read, in whatever order and number the appends end."""
    last = LastRecord(log, PLACE)
    for start in range(100, 1000, 100):
        await asyncio.gather(*(last.append(start + number, b"k", b"v") for number in range(20)))
        assert await last.time() == start + 19
    assert log.reads == 0


async def test_our_own_records_do_not_hide_another(log: CountedLog) -> None:
    """A record between our own is noticed as soon as ours are done."""
    last = LastRecord(log, PLACE)
    await asyncio.gather(last.append(1, b"k", b"v"), put(log, 90), last.append(2, b"k", b"v"), put(log, 80))
    assert await last.time() >= 80
    await last.append(95, b"k", b"v")
    assert (await last.time(), log.reads) == (95, 1)


async def test_what_never_ends_hides_nothing_for_ever(log: CountedLog) -> None:
    """With one of ours under way all the time, another process's record is passed after a thousand more."""
    last = LastRecord(log, PLACE)
    held = asyncio.create_task(last.append(1, b"k", b"held"))
    await asyncio.sleep(0)
    await put(log, 90)
    await last.append(2, b"k", b"v")
    assert (await last.time(), log.reads) == (2, 0)
    await asyncio.gather(*(last.append(3, b"k", b"v") for _ in range(1000)))
    assert (await last.time(), log.reads) == (3, 1)
    await put(log, 80)
    assert (await last.time(), log.reads) == (3, 1)
    await put(log, 85)
    assert (await last.time(), log.reads) == (85, 2)
    log.released.set()
    await held


async def test_who_asks_at_once_shares_an_answer(log: CountedLog) -> None:
    """Twenty that ask while one look is under way look once; one that gives up disturbs nobody."""
    await put(log, 10)
    last = LastRecord(log, PLACE)
    asking = [asyncio.create_task(last.time()) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    assert await asyncio.gather(*asking[1:]) == [10] * 19
    assert log.looks == 1


async def test_an_append_of_unknown_outcome_is_looked_for(log: CountedLog) -> None:
    """A record that was kept though its append failed counts like another process's."""
    last = LastRecord(log, PLACE)
    log.deaf = True
    with pytest.raises(LogUnavailableError):
        await last.append(70, b"k", b"v")
    assert await last.time() == 70
