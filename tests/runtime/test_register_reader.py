"""The register as a service reads it: nobody gets an older one than was there when they asked."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import events_topic
from ledger.log import Draft, LogUnavailableError, Record, TopicPartition
from runtime.genesis import Ledger
from runtime.register_reader import RegisterReader
from tests.support.given import BEGINNING
from tests.support.memory_log import MemoryLog
from tests.support.partitions import GENESIS, GENESIS_HASH
from tests.support.workload import register_decisions

TOPIC = events_topic("register")
LEDGER = Ledger(GENESIS, GENESIS_HASH)


class CountedLog(MemoryLog):
    """Counts reads, each of which gives others three turns; those numbered in `failing` fail."""

    def __init__(self, failing: frozenset[int] = frozenset()) -> None:
        super().__init__("", iter(lambda: 3, None))
        self.reads = 0
        self._failing = failing

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        self.reads += 1
        fails = self.reads in self._failing
        records = await super().read(topic, partition, offset, limit)
        if fails:
            raise LogUnavailableError("told to fail")
        return records

    def decided(self, count: int) -> None:
        """Have so many more decisions on the register's topic."""
        known = len(self.partitions[TopicPartition(TOPIC, 0)])
        for value in register_decisions()[known : known + count]:
            self.put(TOPIC, 0, [Draft(BEGINNING, b"-", value)])


async def test_callers_that_wait_together_are_served_by_one_reading() -> None:
    """Ten at once: the first one's reading, and one more that began after the others had asked."""
    log = CountedLog()
    reader = RegisterReader(log, LEDGER)
    await asyncio.gather(*(reader.catch_up() for _ in range(10)))
    assert log.reads == 2


async def test_a_caller_does_not_share_a_reading_that_had_begun_before() -> None:
    """What is decided while another's reading is under way is in the register of whoever asks then."""
    log = CountedLog()
    reader = RegisterReader(log, LEDGER)
    first = asyncio.create_task(reader.catch_up())
    await asyncio.sleep(0)
    log.decided(1)
    assert (await reader.catch_up()).basis == 1
    await first


@given(
    st.lists(st.sampled_from(["ask", "decide", "turn"]), max_size=40),
    st.frozensets(st.integers(1, 12), max_size=4),
)
def test_every_register_holds_what_was_there_when_it_was_asked_for(
    steps: list[str], failing: frozenset[int]
) -> None:
    """In any order of asking and deciding, and with readings that fail for whoever began them."""
    asyncio.run(_run(steps, failing))


async def _run(steps: list[str], failing: frozenset[int]) -> None:
    log = CountedLog(failing)
    reader = RegisterReader(log, LEDGER)
    asked: list[tuple[int, asyncio.Task[int]]] = []

    async def ask() -> int:
        return (await reader.catch_up()).basis

    there = 0
    for step in steps:
        if step == "ask":
            asked.append((there, asyncio.create_task(ask())))
        elif step == "decide" and there < len(register_decisions()):
            log.decided(1)
            there += 1
        await asyncio.sleep(0)
    found = await asyncio.gather(*(task for _, task in asked), return_exceptions=True)
    for (least, _), basis in zip(asked, found, strict=True):
        assert isinstance(basis, LogUnavailableError) or (isinstance(basis, int) and basis >= least)
