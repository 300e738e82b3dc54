"""Waiting for new records on Kafka: one long poll at the brokers for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from ledger.kafka_admin import Cluster, unreachable
from ledger.kafka_read import new_consumer, on_brokers, start
from ledger.log import TopicPartition

_POLL_SECONDS = 1.0
"""How long to wait for news before looking whether anybody still waits for it."""

_HOLD_SECONDS = 0.05
"""How long the brokers hold a request open while there is nothing new.

aiokafka has one request under way, and it leaves out the partitions whose news have not been taken yet: what
comes next in those is seen after the request only.
"""


class Watch:
    """Knows the end offsets of the partitions that anybody waits for; belongs to one event loop.

    While nobody waits nothing is polled. The polls bring one batch at a time: only the end offset
    that comes with it counts.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._ends: dict[TopicPartition, int] = {}
        self._changed = asyncio.Event()
        self._covering = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._failure: KafkaError | None = None
        self._polling: asyncio.Task[None] | None = None
        self._waiters = 0

    async def wait(self, positions: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> None:
        """Return once an end offset is past its position; `ends` are those just read.

        Raises LogUnavailableError. The caller sets the deadline, by cancelling.
        """
        self._waiters += 1
        try:
            # Shielded: a consumer must not be left half connected or half closed.
            await asyncio.shield(asyncio.get_running_loop().create_task(self._cover(ends)))
            while not any(self._ends[tp] > position for tp, position in positions.items()):
                await self._changed.wait()
                if self._failure is not None:
                    raise self._failure
        except (KafkaError, OSError) as error:
            raise unreachable(self._cluster.bootstrap, error) from error
        finally:
            self._waiters -= 1

    async def close(self) -> None:
        """Disconnect."""
        async with self._covering:
            await self._disconnect()

    async def _cover(self, ends: Mapping[TopicPartition, int]) -> None:
        """See that these partitions are polled, from these end offsets on or later ones."""
        async with self._covering:
            if not ends.keys() <= self._ends.keys() or self._failure is not None:
                # A new consumer, as the poll under way would keep the old one's connection busy.
                await self._disconnect()
            for tp, end in ends.items():
                self._ends[tp] = max(end, self._ends.get(tp, 0))
            if self._consumer is None:
                self._consumer = await self._started_consumer()
            if self._polling is None or self._polling.done():
                self._polling = asyncio.get_running_loop().create_task(self._poll(self._consumer))

    async def _started_consumer(self) -> AIOKafkaConsumer:
        consumer = new_consumer(self._cluster, fetch_wait_ms=int(_HOLD_SECONDS * 1000), fetch_bytes=1)
        await start(consumer)
        names = {on_brokers(self._cluster, tp): end for tp, end in self._ends.items()}
        consumer.assign(list(names))
        for name, end in names.items():
            consumer.seek(name, end)
        return consumer

    async def _disconnect(self) -> None:
        polling, self._polling = self._polling, None
        if polling is not None:
            polling.cancel()
            await asyncio.wait([polling])
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()
        if self._failure is not None:
            self._failure = None
            self._ends.clear()

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        names = {on_brokers(self._cluster, tp): tp for tp in self._ends}
        try:
            while self._waiters:
                found = await consumer.getmany(timeout_ms=int(_POLL_SECONDS * 1000))
                for name, tp in names.items():
                    end = max(consumer.highwater(name) or 0, self._ends[tp])
                    if name in found or end > self._ends[tp]:
                        self._ends[tp] = end
                        consumer.seek(name, end)
                if found:
                    self._announce()
        except KafkaError as error:
            self._failure = error
            self._announce()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
