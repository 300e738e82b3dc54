"""What is particular to the logs on Kafka: two clients, foreign producers, and brokers that go away."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka import KafkaAdminClient, KafkaProducer
from kafka import TopicPartition as KafkaPartition
from kafka.admin import ConfigResource, ConfigResourceType

from ledger.kafka import KafkaLog
from ledger.kafka_reference import KafkaReferenceLog
from ledger.log import Draft, EventLog, ForeignLogError, LogUnavailableError, TopicPartition
from tests.ledger.drafts import DRAFTS, draft, read_all, records

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.support.broker import Broker

LONG = 60.0

ADAPTERS = pytest.mark.parametrize("adapter", [KafkaLog, KafkaReferenceLog])


@pytest.fixture
async def log(kafka_bootstrap: str, kafka_prefix: str) -> AsyncIterator[KafkaLog]:
    """An open log with topic "t" of two partitions."""
    async with KafkaLog(kafka_bootstrap, kafka_prefix) as opened:
        await opened.create_topics({"t": 2})
        yield opened


@pytest.fixture
async def reference(kafka_bootstrap: str, kafka_prefix: str) -> AsyncIterator[KafkaReferenceLog]:
    """The reference adapter on the same ledger."""
    async with KafkaReferenceLog(kafka_bootstrap, kafka_prefix) as opened:
        yield opened


@pytest.fixture
def admin(kafka_bootstrap: str) -> Iterator[Any]:
    """An administrator of the broker."""
    with KafkaAdminClient(bootstrap_servers=kafka_bootstrap) as client:
        yield client


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.tuples(st.booleans(), st.lists(DRAFTS, min_size=1, max_size=5)), max_size=4))
async def test_both_clients_mean_the_same_bytes(
    log: KafkaLog, reference: KafkaReferenceLog, batches: list[tuple[bool, list[Draft]]]
) -> None:
    """What either client writes, both read alike: offsets without gaps, bytes, None and timestamps."""
    start = end = await log.end_offset("t", 0)
    written: list[Draft] = []
    for by_reference, drafts in batches:
        writer: EventLog = reference if by_reference else log
        assert await writer.append("t", 0, drafts) == list(range(end, end + len(drafts)))
        written += drafts
        end += len(drafts)
    for reader in (log, reference):
        assert await reader.end_offset("t", 0) == end
        assert await read_all(reader, "t", 0, start=start) == records(start, written)


@ADAPTERS
async def test_foreign_records_are_read(
    log: KafkaLog, kafka_bootstrap: str, kafka_prefix: str, adapter: type[KafkaLog | KafkaReferenceLog]
) -> None:
    """Records with headers, compressed, without key and value, or longer than ours are read as they are."""
    topic = f"{kafka_prefix}.t"
    long = Draft(7, b"long", b"x" * 900_000)
    with KafkaProducer(bootstrap_servers=kafka_bootstrap, compression_type="gzip") as gzip:
        for number in range(50):
            gzip.send(topic, b"gzip", b"key", [("name", b"v")], partition=0, timestamp_ms=number)
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
        batch = producer.create_batch()
        batch.append(timestamp=5, key=None, value=None)
        await (await producer.send_batch(batch, topic, partition=0))
        await producer.send_and_wait(topic, long.value, long.key, partition=0, timestamp_ms=long.timestamp)
    expected = [*(Draft(number, b"key", b"gzip") for number in range(50)), Draft(5, None, None), long]
    async with adapter(kafka_bootstrap, kafka_prefix) as reader:
        assert await read_all(reader, "t", 0, limit=20) == records(0, expected)
    assert await log.append("t", 0, [draft("after")]) == [len(expected)]


async def test_prefixes_keep_ledgers_apart(log: KafkaLog, kafka_bootstrap: str, kafka_prefix: str) -> None:
    """Ledgers under other prefixes see nothing of each other; one without a prefix sees the full names."""
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(KafkaLog(kafka_bootstrap, f"{kafka_prefix}-2"))
        bare = await stack.enter_async_context(KafkaLog(kafka_bootstrap))
        await other.create_topics({"t": 1, "a.b": 1})
        assert await other.topics() == {"a.b": 1, "t": 1}
        assert await log.topics() == {"t": 2}
        topics = await bare.topics()
        assert topics[f"{kafka_prefix}.t"] == 2
        assert not any(topic.startswith("__") for topic in topics)
        await log.append("t", 0, [draft("a")])
        assert await other.read("t", 0, 0) == []


async def test_topics_are_kept_for_ever(log: KafkaLog, kafka_prefix: str, admin: Any) -> None:
    """Topics are created so that nothing is removed or refused for its time, and each record is flushed."""
    assert await log.topics()
    resource = ConfigResource(ConfigResourceType.TOPIC, f"{kafka_prefix}.t")
    (found,) = admin.describe_configs([resource], config_filter="all")[
        ConfigResourceType.TOPIC.name.lower()
    ].values()
    wanted = {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "segment.ms": str(2**63 - 1),
        "message.timestamp.type": "CreateTime",
        "message.timestamp.before.max.ms": str(2**63 - 1),
        "message.timestamp.after.max.ms": str(2**63 - 1),
        "min.insync.replicas": "1",
        "unclean.leader.election.enable": "false",
        "flush.messages": "1",
    }
    assert {name: found[name]["value"] for name in wanted} == wanted


async def test_too_many_replicas_are_refused(kafka_bootstrap: str, kafka_prefix: str) -> None:
    """Topics with more replicas than there are brokers raise LogUnavailableError with the broker's reason."""
    async with KafkaLog(kafka_bootstrap, kafka_prefix, replication_factor=30) as log:
        with pytest.raises(LogUnavailableError, match="30 replicas"):
            await log.create_topics({"t": 1})


async def test_removed_records_are_noticed(log: KafkaLog, kafka_prefix: str, admin: Any) -> None:
    """Where records have been removed from a partition, reading there raises ForeignLogError."""
    await log.append("t", 0, [draft("a"), draft("b"), draft("c")])
    admin.delete_records({KafkaPartition(f"{kafka_prefix}.t", 0): 2})
    with pytest.raises(ForeignLogError, match="Records are missing from offset 0"):
        await log.read("t", 0, 0)
    assert await log.read("t", 0, 2) == records(2, [draft("c")])


async def test_a_refused_batch_does_not_end_appending(log: KafkaLog, kafka_prefix: str, admin: Any) -> None:
    """After the broker has refused a batch for good, the partition takes later ones."""
    await log.append("t", 0, [draft("a")])
    limit(admin, f"{kafka_prefix}.t", 100)
    with pytest.raises(LogUnavailableError):
        await log.append("t", 0, [draft("b" * 1000)])
    limit(admin, f"{kafka_prefix}.t", 1_000_000)
    for number in range(3):
        assert await log.append("t", 0, [draft(f"number {number}")]) == [number + 1]
        assert await log.append("t", 1, [draft(f"number {number}")]) == [number]


def limit(admin: Any, topic: str, size: int) -> None:
    """Set the longest batch that the broker takes for a topic, in bytes."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(size)})
    admin.alter_configs([resource])


@ADAPTERS
async def test_where_nothing_listens(adapter: type[KafkaLog | KafkaReferenceLog]) -> None:
    """Opening a log at an address where nothing listens raises LogUnavailableError with the address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(LogUnavailableError, match=f"{address} cannot be reached"):
            async with adapter(address):
                pass


@ADAPTERS
async def test_where_something_else_listens(adapter: type[KafkaLog | KafkaReferenceLog]) -> None:
    """Opening a log at an address that accepts connections and stays silent raises LogUnavailableError."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(LogUnavailableError, match=f"{address} cannot be reached"):
            async with asyncio.timeout(LONG), adapter(address):
                pass


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_a_handle_outlasts_its_broker(private_broker: Callable[[], Broker], kill: bool) -> None:
    """With the broker gone every call raises LogUnavailableError; when it is back the handle goes on."""
    broker = private_broker()
    tp = TopicPartition("t", 0)
    async with asyncio.timeout(LONG * 3), KafkaLog(broker.bootstrap, "ledger") as log:
        await log.create_topics({"t": 1})
        drafts = [draft(f"number {number}") for number in range(20)]
        await log.append("t", 0, drafts)
        assert await log.read("t", 0, 0, 5) == records(0, drafts[:5])
        assert not await log.wait({tp: 20}, 0.1)
        await asyncio.to_thread(broker.kill if kill else broker.stop)
        results = await asyncio.gather(
            log.append("t", 0, [draft("lost")]),
            log.read("t", 0, 20),
            log.end_offset("t", 0),
            log.wait({tp: 20}, 1),
            log.create_topics({"u": 1}),
            return_exceptions=True,
        )
        assert all(isinstance(result, LogUnavailableError) for result in results), results
        assert all("cannot be reached" in str(result) for result in results), results
        await asyncio.to_thread(broker.start)
        (offset,) = await log.append("t", 0, [draft("back")])
        assert await log.wait({tp: 20}, LONG)
        found = await read_all(log, "t", 0)
        assert found[:20] == records(0, drafts)
        assert found[offset] == records(offset, [draft("back")])[0]
        waiting = asyncio.create_task(log.wait({tp: len(found)}, LONG))
        await log.append("t", 0, [draft("news")])
        assert await waiting


async def test_a_killed_broker_loses_nothing_acknowledged(private_broker: Callable[[], Broker]) -> None:
    """Where the broker is killed under many appenders, each acknowledged record stays at its offset."""
    broker = private_broker()
    kept: dict[int, Draft] = {}
    async with asyncio.timeout(LONG * 3), KafkaLog(broker.bootstrap, "ledger") as log:
        await log.create_topics({"t": 1})
        enough = asyncio.Event()

        async def append(name: str) -> None:
            for number in range(1_000_000):
                drafts = [draft(f"{name}-{number}-{n}") for n in range(2)]
                kept.update(zip(await log.append("t", 0, drafts), drafts, strict=True))
                if len(kept) > 500:
                    enough.set()

        tasks = [asyncio.create_task(append(f"appender{n}")) for n in range(8)]
        await enough.wait()
        await asyncio.to_thread(broker.kill)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, LogUnavailableError) for result in results)
        await asyncio.to_thread(broker.start)
        (last,) = await log.append("t", 0, [draft("last")])
        found = await read_all(log, "t", 0)
    assert [record.offset for record in found] == list(range(last + 1))
    for offset, kept_draft in kept.items():
        assert found[offset] == records(offset, [kept_draft])[0]
