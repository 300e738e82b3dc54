"""What every EventLog adapter does, in the same way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.log import (
    MAX_RECORD_BYTES,
    Draft,
    EventLog,
    ForeignLogError,
    LogUnavailableError,
    RecordTooLargeError,
    TopicPartition,
    UnknownTopicError,
)
from tests.ledger.drafts import DRAFTS, draft, read_all, records

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.ledger.conftest import Place

LONG = 30.0
"""Seconds that a wait may take which is sure to be answered."""

few_examples = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_adapters_are_event_logs(place: Place) -> None:
    """Every adapter has the methods of the port."""
    assert isinstance(place.handle(), EventLog)


async def test_new_topics_are_empty(log: EventLog) -> None:
    """A topic just created has the partitions asked for, each ending at 0, with nothing to read."""
    assert await log.topics() == {"t": 3}
    assert await log.end_offsets(["t"]) == {TopicPartition("t", number): 0 for number in range(3)}
    assert await log.end_offset("t", 2) == 0
    assert await log.read("t", 2, 0) == []


@few_examples
@given(drafts=st.lists(DRAFTS, min_size=1, max_size=8), limit=st.integers(1, 10))
async def test_records_come_back_as_written(log: EventLog, drafts: list[Draft], limit: int) -> None:
    """Bytes, None and timestamps are read as they were appended, in order, at the offsets returned."""
    end = await log.end_offset("t", 0)
    offsets = await log.append("t", 0, drafts)
    assert offsets == list(range(end, end + len(drafts)))
    assert await read_all(log, "t", 0, start=end, limit=limit) == records(end, drafts)


async def test_append_of_nothing_appends_nothing(log: EventLog) -> None:
    """An append without drafts returns no offsets and leaves the end where it is."""
    assert await log.append("t", 0, []) == []
    assert await log.end_offset("t", 0) == 0


async def test_partitions_are_apart(log: EventLog) -> None:
    """Records of one partition do not show, or take offsets, in another."""
    await log.append("t", 0, [draft("zero")])
    assert await log.append("t", 2, [draft("two")]) == [0]
    assert await read_all(log, "t", 2) == records(0, [draft("two")])
    ends = await log.end_offsets(["t"])
    assert [ends[TopicPartition("t", number)] for number in range(3)] == [1, 0, 1]


async def test_concurrent_appenders_leave_no_gap(log: EventLog, other: EventLog) -> None:
    """Many appenders on two handles get every offset from 0 on once, each its own drafts in order."""

    async def append(handle: EventLog, name: str) -> dict[int, Draft]:
        kept: dict[int, Draft] = {}
        for turn in range(5):
            drafts = [draft(f"{name} {turn} {number}") for number in range(3)]
            offsets = await handle.append("t", 0, drafts)
            assert offsets == sorted(offsets)
            kept.update(zip(offsets, drafts, strict=True))
        return kept

    work = [append(handle, f"{handle!r} {number}") for handle in (log, other) for number in range(8)]
    kept: dict[int, Draft] = {}
    for result in await asyncio.gather(*work):
        assert not kept.keys() & result.keys()
        kept |= result
    assert sorted(kept) == list(range(8 * 2 * 5 * 3))
    assert await read_all(log, "t", 0) == records(0, [kept[offset] for offset in sorted(kept)])


@pytest.mark.parametrize("limit", [1, 2, 7, 24, 25, 26, 1000, 5000])
async def test_reads_keep_to_their_limit(log: EventLog, limit: int) -> None:
    """Reading on with any limit gives each record once, at most `limit` at a time."""
    drafts = [draft(f"number {number}") for number in range(25)]
    await log.append("t", 0, drafts)
    assert await read_all(log, "t", 0, limit=limit) == records(0, drafts)


@few_examples
@given(spans=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=6))
async def test_reads_may_jump(log: EventLog, spans: list[tuple[int, int]]) -> None:
    """A read from any offset gives what is there, or nothing past the end, whatever was read before."""
    drafts = [draft(f"number {number}") for number in range(30)]
    if not await log.end_offset("t", 0):
        await log.append("t", 0, drafts)
    for offset, limit in spans:
        found = await log.read("t", 0, offset, limit)
        assert found == records(0, drafts)[offset : offset + len(found)]
        assert len(found) <= limit
        assert bool(found) == (offset < len(drafts))


async def test_readers_at_once(log: EventLog) -> None:
    """Readers of one partition on one handle do not disturb each other."""
    drafts = [draft(f"number {number}") for number in range(60)]
    await log.append("t", 0, drafts)
    found = await asyncio.gather(*(read_all(log, "t", 0, limit=limit) for limit in (3, 7, 20)))
    assert found == [records(0, drafts)] * 3


async def test_appends_show_at_once_to_other_handles(log: EventLog, other: EventLog) -> None:
    """What one handle has appended, another reads as soon as the append has returned."""
    for number, (writer, reader) in enumerate([(log, other), (other, log)] * 10):
        await writer.append("t", 1, [draft(f"number {number}")])
        assert await reader.end_offset("t", 1) == number + 1
        assert await reader.read("t", 1, number) == records(number, [draft(f"number {number}")])


async def test_wait_for_what_is_there(log: EventLog) -> None:
    """A wait for a position that the end is past returns at once, even without any time."""
    await log.append("t", 1, [draft("a")])
    assert await log.wait({TopicPartition("t", 0): 0, TopicPartition("t", 1): 0}, 0)


async def test_wait_runs_out(log: EventLog) -> None:
    """A wait at the end, or for a position beyond it, returns False when its time is over."""
    await log.append("t", 1, [draft("a")])
    assert not await log.wait({TopicPartition("t", 1): 1}, 0)
    assert not await log.wait({TopicPartition("t", 0): 0, TopicPartition("t", 1): 1}, 0.2)
    assert not await log.wait({TopicPartition("t", 1): 5}, 0.2)


@pytest.mark.parametrize("by_other", [False, True])
async def test_wait_is_ended_by_an_append(log: EventLog, other: EventLog, by_other: bool) -> None:
    """An append to any partition waited for ends the wait, whichever handle made it."""
    writer = other if by_other else log
    ends = dict.fromkeys([TopicPartition("t", 0), TopicPartition("t", 2)], 0)
    for partition in (2, 0, 2):
        waiting = asyncio.create_task(log.wait(ends, LONG))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        (offset,) = await writer.append("t", partition, [draft("news")])
        assert await waiting
        ends[TopicPartition("t", partition)] = offset + 1


async def test_waiters_at_once(log: EventLog) -> None:
    """Each of many waiters hears of its own partition only."""
    waits = [asyncio.create_task(log.wait({TopicPartition("t", n % 3): 0}, LONG)) for n in range(12)]
    await asyncio.sleep(0.05)
    await log.append("t", 1, [draft("a")])
    assert await asyncio.gather(*waits[1::3]) == [True] * 4
    assert not any(waiting.done() for waiting in waits[0::3] + waits[2::3])
    await log.append("t", 0, [draft("a")])
    await log.append("t", 2, [draft("a")])
    assert await asyncio.gather(*waits) == [True] * 12


@pytest.mark.parametrize(("topic", "partition"), [("unknown", 0), ("t", 3), ("t", -1)])
@pytest.mark.parametrize(
    "call",
    [
        lambda log, topic, partition: log.append(topic, partition, [draft("a")]),
        lambda log, topic, partition: log.read(topic, partition, 0),
        lambda log, topic, partition: log.end_offset(topic, partition),
        lambda log, topic, partition: log.wait({TopicPartition(topic, partition): 0}, 0),
    ],
    ids=["append", "read", "end_offset", "wait"],
)
async def test_unknown_partitions_are_refused(
    log: EventLog, call: Callable[[EventLog, str, int], Awaitable[object]], topic: str, partition: int
) -> None:
    """Any use of a topic or partition that does not exist raises UnknownTopicError naming it."""
    with pytest.raises(UnknownTopicError, match=topic):
        await call(log, topic, partition)


async def test_end_offsets_of_an_unknown_topic(log: EventLog) -> None:
    """End offsets asked for several topics, one of them unknown, raise UnknownTopicError."""
    with pytest.raises(UnknownTopicError, match="unknown"):
        await log.end_offsets(["t", "unknown"])


@pytest.mark.parametrize("content", [{"key": b"k"}, {"value": b"v"}], ids=["value", "key"])
async def test_too_large_records_are_refused(log: EventLog, content: dict[str, bytes]) -> None:
    """A draft above the limit is refused with all that came with it; one at the limit is kept."""
    name = "value" if "key" in content else "key"
    fitting = Draft(1, **{"key": None, "value": None, **content, name: b"x" * MAX_RECORD_BYTES})
    too_large = Draft(1, **{"key": None, "value": None, **content, name: b"x" * (MAX_RECORD_BYTES + 1)})
    with pytest.raises(RecordTooLargeError, match=str(MAX_RECORD_BYTES)):
        await log.append("t", 0, [fitting, too_large])
    assert await log.append("t", 0, [fitting]) == [0]
    assert await read_all(log, "t", 0) == records(0, [fitting])


@pytest.mark.parametrize(
    "bad",
    [Draft(1, None, None), Draft(-1, b"k", b"v"), Draft(2**63, b"k", b"v")],
    ids=["empty", "early", "late"],
)
async def test_impossible_drafts_are_refused(log: EventLog, bad: Draft) -> None:
    """A draft without key and value, or with a time that no log can hold, is refused before appending."""
    with pytest.raises(ValueError, match="Draft 1"):
        await log.append("t", 0, [draft("a"), bad])
    assert await log.end_offset("t", 0) == 0


@pytest.mark.parametrize(("offset", "limit"), [(-1, 1), (0, 0)])
async def test_impossible_reads_are_refused(log: EventLog, offset: int, limit: int) -> None:
    """A read from before the first record, or of no record, raises ValueError."""
    with pytest.raises(ValueError, match=r"from offset"):
        await log.read("t", 0, offset, limit)


async def test_an_append_of_many_megabytes(log: EventLog) -> None:
    """An append larger than any batch keeps its order and gets one offset for each draft."""
    drafts = [Draft(number, b"k", bytes([number]) * MAX_RECORD_BYTES) for number in range(50)]
    assert await log.append("t", 0, drafts) == list(range(50))
    assert await read_all(log, "t", 0) == records(0, drafts)


async def test_cancelled_appends_cost_nobody_else(log: EventLog) -> None:
    """Where appends are cancelled, each other one still gets its offset, and no gap is left."""
    names = [f"number {number}" for number in range(40)]
    tasks = [asyncio.create_task(log.append("t", 0, [draft(name)])) for name in names]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await log.append("t", 0, [draft("last")])
    found = await read_all(log, "t", 0)
    assert [record.offset for record in found] == list(range(len(found)))
    for name, result in zip(names, results, strict=True):
        if not isinstance(result, asyncio.CancelledError):
            assert isinstance(result, list)
            assert found[result[0]].value == name.encode()


async def test_topics_are_created_once(log: EventLog, other: EventLog) -> None:
    """Creating again what exists leaves it as it is, records included, and adds what is missing."""
    await log.append("t", 0, [draft("a")])
    await other.create_topics({"t": 3, "u": 1})
    assert await log.topics() == {"t": 3, "u": 1}
    assert await other.append("t", 0, [draft("b")]) == [1]
    assert await log.append("u", 0, [draft("c")]) == [0]


async def test_topics_are_created_by_several_at_once(log: EventLog, other: EventLog) -> None:
    """Handles that create the same topics at the same time all succeed."""
    await asyncio.gather(*(handle.create_topics({"u": 2, "v": 1}) for handle in (log, other, log, other)))
    assert await log.topics() == {"t": 3, "u": 2, "v": 1}


async def test_partition_counts_do_not_change(log: EventLog) -> None:
    """Creating a topic with another partition count raises ForeignLogError and creates nothing."""
    with pytest.raises(ForeignLogError, match="3 partitions, not 4"):
        await log.create_topics({"u": 1, "t": 4})
    assert await log.topics() == {"t": 3}


@pytest.mark.parametrize("topics", [{"": 1}, {"a b": 1}, {"__consumer_offsets": 1}, {"..": 1}, {"u": 0}])
async def test_impossible_topics_are_refused(log: EventLog, topics: dict[str, int]) -> None:
    """A name or a count that one of the logs could not hold is refused by all."""
    with pytest.raises(ValueError, match=r"topic|partitions"):
        await log.create_topics(topics)


async def test_records_outlast_the_handle(place: Place) -> None:
    """A handle opened later goes on where the closed one ended."""
    async with place.handle() as log:
        await log.create_topics({"t": 1})
        await log.append("t", 0, [draft("a")])
    async with place.handle() as log:
        assert await log.topics() == {"t": 1}
        assert await log.append("t", 0, [draft("b")]) == [1]
        assert await read_all(log, "t", 0) == records(0, [draft("a"), draft("b")])


async def test_closing_finishes_what_was_begun(place: Place) -> None:
    """Appends that are under way when the handle is closed are kept and answered."""
    async with place.handle() as log:
        await log.create_topics({"t": 1})
        tasks = [asyncio.create_task(log.append("t", 0, [draft(f"number {n}")])) for n in range(20)]
        await asyncio.sleep(0)
    offsets = [offset for (offset,) in await asyncio.gather(*tasks)]
    assert sorted(offsets) == list(range(20))


async def test_a_closed_handle_says_so(place: Place) -> None:
    """A handle that is not open raises LogUnavailableError with a sentence, whatever is asked of it."""
    log = place.handle()
    with pytest.raises(LogUnavailableError, match="not open"):
        await log.read("t", 0, 0)
    async with log:
        await log.create_topics({"t": 1})
    with pytest.raises(LogUnavailableError, match="not open"):
        await log.append("t", 0, [draft("a")])


OPERATIONS = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(0, 1),
        st.lists(DRAFTS, min_size=1, max_size=4) | st.tuples(st.integers(0, 12), st.integers(1, 6)),
    ),
    max_size=12,
)


@settings(few_examples, max_examples=10)
@given(operations=OPERATIONS)
async def test_any_sequence_of_calls(
    log: EventLog,
    other: EventLog,
    operations: list[tuple[bool, int, list[Draft] | tuple[int, int]]],
) -> None:
    """Appends and reads in any order, by two handles, give what lists in memory would."""
    topic = f"topic-{len(await log.topics())}"
    await log.create_topics({topic: 2})
    model: list[list[Draft]] = [[], []]
    for first, partition, what in operations:
        handle = log if first else other
        kept = model[partition]
        if isinstance(what, list):
            expected = list(range(len(kept), len(kept) + len(what)))
            assert await handle.append(topic, partition, what) == expected
            kept += what
        else:
            offset, limit = what
            found = await handle.read(topic, partition, offset, limit)
            assert found == records(0, kept)[offset : offset + len(found)]
            assert bool(found) == (offset < len(kept))
            assert len(found) <= limit
    ends = await other.end_offsets([topic])
    assert [ends[TopicPartition(topic, partition)] for partition in (0, 1)] == [len(kept) for kept in model]
