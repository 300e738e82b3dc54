"""Reading from Kafka in bulk: one consumer per partition, which stays where the last read ended."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import aiokafka
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from ledger.kafka_admin import REQUEST_SECONDS, Cluster, unreachable
from ledger.log import ForeignLogError, Record, TopicPartition

_FETCH_BYTES = 4 * 1024 * 1024
"""How much of a partition one fetch brings: some 8,000 records of 500 bytes."""

_MAX_READERS = 64
"""Consumers kept open; the one unused for longest makes room."""

_RETRY_MS = 20
"""The pause before aiokafka asks again; it makes one for each topic of which ends are asked for at first."""

_READ_SECONDS = 8.0
"""How long a read may take for its first record, the connection to the brokers included."""


def new_consumer(cluster: Cluster, fetch_wait_ms: int, fetch_bytes: int = _FETCH_BYTES) -> AIOKafkaConsumer:
    """A consumer without a group: it has no position but those it is told."""
    return AIOKafkaConsumer(
        bootstrap_servers=cluster.bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        check_crcs=True,
        fetch_max_wait_ms=fetch_wait_ms,
        max_partition_fetch_bytes=fetch_bytes,
        request_timeout_ms=int(REQUEST_SECONDS * 1000),
        retry_backoff_ms=_RETRY_MS,
    )


async def start(consumer: AIOKafkaConsumer) -> None:
    """Connect it, or leave nothing of it behind."""
    try:
        await consumer.start()
    except BaseException:
        await consumer.stop()
        raise


def on_brokers(cluster: Cluster, tp: TopicPartition) -> aiokafka.TopicPartition:
    """The partition as the client library names it."""
    return aiokafka.TopicPartition(cluster.full_name(tp.topic), tp.partition)


class Ends:
    """Asks the brokers for end offsets, on a connection that no fetch keeps waiting."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._consumer = new_consumer(cluster, fetch_wait_ms=100)

    async def open(self) -> None:
        """Connect. Raises LogUnavailableError."""
        try:
            await start(self._consumer)
        except (KafkaError, OSError) as error:
            raise unreachable(self._cluster.bootstrap, error) from error

    async def close(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def of(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """End offsets of existing partitions, as of this call. Raises LogUnavailableError."""
        names = {on_brokers(self._cluster, tp): tp for tp in partitions}
        try:
            ends = await self._consumer.end_offsets(list(names))
        except (KafkaError, OSError) as error:
            raise unreachable(self._cluster.bootstrap, error) from error
        return {tp: ends[name] for name, tp in names.items()}


class Readers:
    """Reads the partitions of a cluster; belongs to one event loop."""

    def __init__(self, cluster: Cluster, ends: Ends) -> None:
        self._cluster = cluster
        self._ends = ends
        self._readers: OrderedDict[TopicPartition, _Reader] = OrderedDict()

    async def read(self, tp: TopicPartition, offset: int, limit: int) -> list[Record]:
        """Read from an existing partition. Raises LogUnavailableError, ForeignLogError."""
        if tp not in self._readers:
            self._readers[tp] = _Reader(self._cluster, self._ends, tp)
        reader = self._readers[tp]
        self._readers.move_to_end(tp)
        reader.users += 1
        try:
            async with reader.turn:
                return await reader.read(offset, limit)
        finally:
            reader.users -= 1
            await self._make_room()

    async def close(self) -> None:
        """Disconnect."""
        while self._readers:
            _, reader = self._readers.popitem()
            async with reader.turn:
                await reader.close()

    async def _make_room(self) -> None:
        while len(self._readers) > _MAX_READERS:
            # Looked up anew after every wait: others make room and read meanwhile.
            idle = next((tp for tp, reader in self._readers.items() if not reader.users), None)
            if idle is None:
                return
            await self._readers.pop(idle).close()


class _Reader:
    """Reads one partition; the caller holds `turn`.

    The partition is paused whenever the known end is reached, so that no fetch waits at the brokers
    for records to come and keeps a later one, at another offset, waiting behind it.
    """

    def __init__(self, cluster: Cluster, ends: Ends, tp: TopicPartition) -> None:
        self.turn = asyncio.Lock()
        self.users = 0
        self._cluster = cluster
        self._ends = ends
        self._tp = tp
        self._name = on_brokers(cluster, tp)
        self._consumer: AIOKafkaConsumer | None = None
        self._position = 0

    async def read(self, offset: int, limit: int) -> list[Record]:
        try:
            async with asyncio.timeout(_READ_SECONDS):
                consumed = await self._consume(offset, limit)
        except OffsetOutOfRangeError as error:
            await self.close()
            raise self._incomplete(offset) from error
        except (KafkaError, OSError) as error:
            await self.close()
            raise unreachable(self._cluster.bootstrap, error) from error
        except BaseException:
            await self.close()
            raise
        if not consumed:
            return []
        self._position = offset + len(consumed)
        if consumed[0].offset != offset or consumed[-1].offset != self._position - 1:
            await self.close()
            raise self._incomplete(offset)
        return [Record(record.offset, record.timestamp, record.key, record.value) for record in consumed]

    async def close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _consume(self, offset: int, limit: int) -> list[Any]:
        consumer = await self._started_consumer()
        if offset != self._position:
            # Paused as well: where the new offset is past the end, a fetch from there would fail.
            consumer.pause(self._name)
            consumer.seek(self._name, offset)
            self._position = offset
        found = await consumer.getmany(self._name, max_records=limit)
        if not found:
            if (await self._ends.of([self._tp]))[self._tp] <= offset:
                return []
            consumer.resume(self._name)
            while not found:
                found = await consumer.getmany(self._name, timeout_ms=1000, max_records=limit)
        consumed: list[Any] = found[self._name]
        # Before anything is awaited: else the fetch of what follows would be under way.
        if consumed[-1].offset + 1 >= consumer.highwater(self._name):
            consumer.pause(self._name)
        return consumed

    async def _started_consumer(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = new_consumer(self._cluster, fetch_wait_ms=100)
            await start(consumer)
            consumer.assign([self._name])
            consumer.seek(self._name, 0)
            consumer.pause(self._name)
            self._position = 0
            self._consumer = consumer
        return self._consumer

    def _incomplete(self, offset: int) -> ForeignLogError:
        return ForeignLogError(
            f"Records are missing from offset {offset} on in partition {self._tp.partition} of topic "
            f"{self._name.topic} at {self._cluster.bootstrap}: they were removed, or their offsets were used "
            "for something else. Check the topic's retention settings and restore it from a copy."
        )
