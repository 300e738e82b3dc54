"""Two real workers on one partition, on a log that loses, delays and does not acknowledge."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ledger.log import Draft, LogUnavailableError, Record, TopicPartition
from runtime.genesis import Ledger
from runtime.register_reader import RegisterReader
from runtime.worker import PartitionWorker
from tests.support.given import BEGINNING, day
from tests.support.histories import histories
from tests.support.memory_log import MemoryLog
from tests.support.partitions import (
    GENESIS,
    GENESIS_HASH,
    GRIEVANCES,
    HERE,
    chain,
    decide_all,
    look,
    partition,
)
from tests.support.workload import register_decisions

SUBMISSIONS = TopicPartition("grievance.submissions", HERE)
EVENTS = TopicPartition("grievance.events", HERE)
LEDGER = Ledger(GENESIS, GENESIS_HASH)


TROUBLE = st.lists(st.integers(0, 3), max_size=150)


def log_of(records: Sequence[Record], trouble: Iterable[int]) -> MemoryLog:
    """A log with these submissions, on whose events this goes wrong."""
    log = MemoryLog(EVENTS.topic, trouble)
    log.put("register.events", 0, [Draft(BEGINNING, b"-", value) for value in register_decisions()])
    log.put(*SUBMISSIONS, [Draft(*record[1:]) for record in records])
    return log


def worker_of(log: MemoryLog) -> PartitionWorker:
    """A worker of the community's partition, with its own reader of the register."""
    return PartitionWorker(log, LEDGER, GRIEVANCES, HERE, RegisterReader(log, LEDGER), lambda: day(1000))


async def work(worker: PartitionWorker, failures: int) -> None:
    """Work to the end, starting again after each failure up to so many, as a host does."""
    for _ in range(failures + 1):
        with contextlib.suppress(LogUnavailableError):
            await worker.catch_up()
            break


@given(histories(max_size=10), TROUBLE)
def test_two_workers_make_the_chain_of_one(records: list[Record], trouble: list[int]) -> None:
    """Two workers on an unreliable log admit exactly the single worker's decisions, and end in one state."""
    expected = partition()
    values = decide_all(expected, records)
    log = log_of(records, trouble)
    workers = [worker_of(log), worker_of(log)]

    async def race() -> None:
        await asyncio.gather(*(work(worker, failures=1000) for worker in workers))

    asyncio.run(race())
    reader = chain()
    assert [record.value for record in log.partitions[EVENTS] if reader.take(record.value)] == values
    for worker in workers:
        assert worker.next_offset == len(records)
        state = asyncio.run(worker.open())
        assert look(state)[0] == look(expected)[0]
        assert state.chain.position() == expected.chain.position()


@given(histories(max_size=10), TROUBLE, st.integers(0, 60))
def test_what_was_interrupted_is_finished(records: list[Record], trouble: list[int], turns: int) -> None:
    """After a worker was cut short anywhere, a fresh one finishes with the same decisions."""
    values = decide_all(partition(), records)
    log = log_of(records, trouble)

    async def cut_short() -> None:
        task = asyncio.create_task(work(worker_of(log), failures=3))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await work(worker_of(log), failures=1000)

    asyncio.run(cut_short())
    reader = chain()
    assert [record.value for record in log.partitions[EVENTS] if reader.take(record.value)] == values
