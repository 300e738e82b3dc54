"""Two workers on the same partitions of a real log, at once: together they make what one makes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson
import pytest

from contracts import register as r
from ledger.kafka import KafkaLog
from ledger.log import Draft, EventLog, LogUnavailableError, Record, TopicPartition
from ledger.sqlite import SqliteLog
from runtime import embedded
from runtime.genesis import Ledger
from runtime.worker import BATCH, PartitionWorker
from tests.support.given import ADMINISTRATOR, BEGINNING, COMMUNITY, day, lodge
from tests.support.partitions import HERE, REGISTERS, body_of, decide_all, partition, say
from tests.support.workload import (
    EVENTS,
    RULES,
    SUBMISSIONS,
    admitted,
    append,
    check,
    found_ledger,
    register_submissions,
    submissions,
)

Append = Callable[[], Awaitable[list[int]]]
Around = Callable[[Append], Awaitable[list[int]]]


@dataclass(frozen=True, slots=True)
class World:
    """A ledger on a real log, with two handles: the second is another process's."""

    log: EventLog
    other: EventLog
    ledger: Ledger

    def workers(self, log: EventLog) -> list[PartitionWorker]:
        """Workers of every partition, on this handle or on one that wraps it."""
        return embedded.make_workers(log, self.ledger, RULES, lambda: day(1000))


class Wrapped:
    """A log whose appends go through `around`, and whose every answer takes `seconds` longer."""

    def __init__(self, log: EventLog, around: Around, seconds: float = 0) -> None:
        self._log = log
        self._around = around
        self._seconds = seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """The wrapped log is closed by who opened it."""

    async def create_topics(self, topics: Mapping[str, int]) -> None:
        """See EventLog."""
        await self._log.create_topics(topics)

    async def topics(self) -> dict[str, int]:
        """See EventLog."""
        return await self._log.topics()

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog; what becomes of it is for `around` to say."""
        return await self._around(lambda: self._log.append(topic, partition, drafts))

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        await asyncio.sleep(self._seconds)
        return await self._log.read(topic, partition, offset, limit)

    async def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog."""
        return await self._log.end_offset(topic, partition)

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """See EventLog."""
        return await self._log.end_offsets(topics)

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """See EventLog."""
        return await self._log.wait(positions, timeout)


@pytest.fixture(params=["sqlite", "kafka"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A ledger on each log in turn."""
    if request.param == "sqlite":
        handles: list[EventLog] = [SqliteLog(tmp_path / "log"), SqliteLog(tmp_path / "log")]
    else:
        bootstrap, prefix = request.getfixturevalue("kafka_bootstrap"), f"test-{uuid.uuid4().hex}"
        handles = [KafkaLog(bootstrap, prefix), KafkaLog(bootstrap, prefix)]
    async with handles[0] as log:
        ledger = await found_ledger(log)
        async with handles[1] as other:
            yield World(log, other, ledger)


async def plainly(append_it: Append) -> list[int]:
    """Append, and say so."""
    return await append_it()


def fates(seed: int) -> Around:
    """Appends of which some are lost and some not acknowledged, by chance with this seed."""
    chance = random.Random(seed)

    async def around(append_it: Append) -> list[int]:
        fate = chance.choices(["kept", "lost", "unacknowledged"], [4, 1, 1])[0]
        if fate == "lost":
            raise LogUnavailableError("told to lose this")
        offsets = await append_it()
        if fate == "unacknowledged":
            raise LogUnavailableError("told not to say that this was kept")
        return offsets

    return around


async def persist(workers: Sequence[PartitionWorker]) -> None:
    """Catch up, again after each failure, as a host does."""
    for worker in workers:
        for _ in range(1000):
            with contextlib.suppress(LogUnavailableError):
                await worker.catch_up()
                break


async def test_two_at_once_make_the_chain_of_one(world: World) -> None:
    """Two workers of different speed, both with lost sends and acknowledgements, and nothing is undecided."""
    puts = submissions(700, seed=1)
    await append(world.log, puts[:400])
    slow = Wrapped(world.other, fates(2), seconds=0.002)
    quick = Wrapped(world.log, fates(3))

    async def feed() -> None:
        for at in range(400, 700, 20):
            await append(world.log, puts[at : at + 20])

    ones, others = world.workers(quick), world.workers(slow)
    await asyncio.gather(feed(), persist(ones), persist(others))
    await asyncio.gather(persist(ones), persist(others))
    chains = await check(world.log)
    assert sum(map(len, chains.hashes.values())) == 700
    assert all(worker.next_offset == other.next_offset for worker, other in zip(ones, others, strict=True))


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_paused_worker_wakes_in_another_world(world: World, moment: str) -> None:
    """Paused around its append while another decided on, a worker loses nothing and breaks nothing."""
    await append(world.log, submissions(2 * BATCH, seed=4))
    paused, awake = asyncio.Event(), asyncio.Event()

    async def around(append_it: Append) -> list[int]:
        offsets = await append_it() if moment == "after" else None
        paused.set()
        await awake.wait()
        return await append_it() if offsets is None else offsets

    sleeper = asyncio.create_task(persist(world.workers(Wrapped(world.other, around))))
    await paused.wait()
    await persist(world.workers(world.log))
    await append(world.log, submissions(50, seed=5))
    await persist(world.workers(world.log))
    awake.set()
    await sleeper
    await check(world.log)


async def test_a_lost_acknowledgement_costs_nothing(world: World) -> None:
    """A worker that is not told that its decisions were kept finds them, and does not write them twice."""
    await append(world.log, submissions(20, seed=6))
    answers: Iterator[bool] = iter([False])

    async def around(append_it: Append) -> list[int]:
        offsets = await append_it()
        if not next(answers, True):
            raise LogUnavailableError("told not to say that this was kept")
        return offsets

    await persist(world.workers(Wrapped(world.log, around)))
    assert (await check(world.log)).ignored == 0


async def test_what_is_foreign_on_the_events_is_passed_over(world: World) -> None:
    """Garbage and decisions that do not fit, under whatever rules, change neither chain nor worker."""
    said = [say(f"case {number}", lodge(), BEGINNING + number) for number in range(6)]
    decisions = decide_all(partition(), said)
    raw = orjson.loads(decisions[0])
    strange = {"rules": "grievance-9"}
    foreign = [
        b"garbage",
        b"{}",
        orjson.dumps(raw | {"data": raw["data"] | strange}),
        orjson.dumps(raw | {"type": "register.decision.v1"}),
        decisions[3],
    ]
    await world.log.append(EVENTS, HERE, [Draft(BEGINNING, b"-", value) for value in foreign])
    workers = world.workers(world.log)
    for at in range(0, 6, 2):
        await world.log.append(SUBMISSIONS, HERE, [Draft(*record[1:]) for record in said[at : at + 2]])
        await persist(workers)
        await world.other.append(EVENTS, HERE, [Draft(BEGINNING, None, value) for value in foreign])
    chains = await check(world.log)
    assert len(chains.hashes[HERE]) == 6
    assert chains.ignored == 4 * len(foreign)


async def test_all_go_on_from_another_decision_that_fits(world: World) -> None:
    """A decision in the right place is admitted, whoever made it: two workers go on from it as one does."""
    said = [say(f"case {number}", lodge(), BEGINNING + number) for number in range(6)]
    single = partition()
    raw = orjson.loads(partition().decide(said[0]))
    refusal = {"outcome": "refused", "reason": "no_policy", "events": []}
    other = orjson.dumps(raw | {"data": raw["data"] | refusal})
    assert single.admit(other) is not None
    expected = [other, *decide_all(single, said[1:])]

    await world.log.append(SUBMISSIONS, HERE, [Draft(*record[1:]) for record in said])

    async def around(append_it: Append) -> list[int]:
        await world.other.append(EVENTS, HERE, [Draft(BEGINNING, None, other)])
        return await append_it()

    ones, others = (world.workers(Wrapped(log, around)) for log in (world.log, world.other))
    await asyncio.gather(persist(ones), persist(others))
    assert admitted(await world.log.read(EVENTS, HERE, 0)) == expected


async def test_delivered_records_may_come_anyhow(world: World) -> None:
    """Records that come late, twice, or with gaps between are decided in the order of the log, once each."""
    await append(world.log, submissions(500, seed=7))
    records = await world.log.read(SUBMISSIONS, HERE, 0, 500)
    worker = next(worker for worker in world.workers(world.log) if worker.partition == HERE)
    chance = random.Random(8)
    while (worker.next_offset or 0) < len(records):
        at = max(0, (worker.next_offset or 0) + chance.randint(-20, 20))
        delivered = [record for record in records[at : at + 60] if chance.random() < 0.9]
        await worker.decide(delivered)
        if not delivered:
            break
    await persist(world.workers(world.log))
    chains = await check(world.log)
    assert chains.ignored == 0


async def test_a_register_that_is_late_is_waited_for(world: World) -> None:
    """A basis that is said but not decided yet is judged by what the register's worker makes of it."""
    entries = register_submissions()
    later = say("later", r.DefineZoneV1(zone="z9", unit=COMMUNITY, name="Zone 9"), by=ADMINISTRATOR, unit="-")
    said = [*entries, later._replace(offset=len(entries))]
    await world.log.append("register.submissions", 0, [Draft(*record[1:]) for record in said])
    ahead = say("a", lodge(zone="z9"), basis=len(said))
    await world.log.append(SUBMISSIONS, HERE, [Draft(*ahead[1:])])
    waiting = asyncio.create_task(persist(world.workers(world.other)))
    await asyncio.wait([waiting], timeout=0.3)
    assert not waiting.done()
    for worker in embedded.make_workers(world.log, world.ledger, REGISTERS, lambda: day(1000)):
        await worker.catch_up()
    await waiting
    (decided,) = await world.log.read(EVENTS, HERE, 0)
    assert body_of(decided.value or b"").outcome == "accepted"
