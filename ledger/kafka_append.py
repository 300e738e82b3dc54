"""Appending to Kafka: per partition one batch on its way, and everything that waits in the next.

aiokafka retries a batch of an idempotent producer for ever, and after a batch that failed for good
the broker refuses the producer's later ones on that partition, because their sequence has a gap.
So each batch has a deadline here, and a producer that missed one is given up for a new one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed

from ledger.kafka_admin import REQUEST_SECONDS, Cluster, unreachable
from ledger.log import Draft, LogError, LogUnavailableError, TopicPartition

_BATCH_BYTES = 900_000
"""A batch takes no further record beyond this size: below what the brokers accept."""

_BATCH_SECONDS = 8.0
"""How long a batch may take, the connection to the brokers included."""

_GRACE_SECONDS = 2.0
"""How long the other partitions of a producer that is given up have for what is on its way."""


@dataclass(slots=True)
class _Append:
    """One call of append: its drafts, the offsets of those that are kept, and who waits for all."""

    drafts: Sequence[Draft]
    done: asyncio.Future[list[int]]
    offsets: list[int] = field(default_factory=list)


class Appender:
    """Appends to the partitions of a cluster; belongs to one event loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._waiting: dict[TopicPartition, deque[_Append]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def append(self, tp: TopicPartition, drafts: Sequence[Draft]) -> list[int]:
        """Append to an existing partition; return the offsets. Raises LogUnavailableError."""
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        idle = tp not in self._waiting
        self._waiting.setdefault(tp, deque()).append(_Append(tuple(drafts), done))
        if idle:
            self._spawn(self._drain(tp))
        return await done

    async def close(self) -> None:
        """Wait for what is on its way (at most a batch's deadline), then disconnect."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, tp: TopicPartition) -> None:
        """Send batches until nothing waits for this partition; a failure fails all that wait."""
        waiting = self._waiting[tp]
        try:
            while waiting:
                await self._send_batch(tp, waiting)
        except Exception as error:  # noqa: BLE001 -- whatever it is, nobody may wait in vain.
            sentence = str(error) if isinstance(error, LogError) else f"Appending to {tp} failed: {error!r}"
            for append in waiting:
                if not append.done.done():
                    append.done.set_exception(LogUnavailableError(sentence))
        finally:
            # No await since `waiting` was last looked at: whoever comes next starts a new task.
            del self._waiting[tp]

    async def _send_batch(self, tp: TopicPartition, waiting: deque[_Append]) -> None:
        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(_BATCH_SECONDS):
                producer = await self._started_producer()
                batch = producer.create_batch()
                counts = _fill(batch, waiting)
                topic = self._cluster.full_name(tp.topic)
                sent = await (await producer.send_batch(batch, topic, partition=tp.partition))
        except ProducerClosed:
            # Another partition has given the producer up; nothing was sent, and the next is new.
            return
        except (KafkaError, OSError) as error:
            self._give_up(producer)
            raise unreachable(self._cluster.bootstrap, error) from error
        if sent is None or sent.offset < 0:
            # The broker has the batch twice, and says so without saying where.
            self._give_up(producer)
            raise LogUnavailableError(
                f"The brokers have kept a batch of partition {tp.partition} of topic {tp.topic} without "
                "telling its offsets; read the log to find them."
            )
        _settle(waiting, counts, sent.offset)

    async def _started_producer(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._cluster.bootstrap,
                    acks="all",
                    enable_idempotence=True,
                    max_batch_size=_BATCH_BYTES,
                    request_timeout_ms=int(REQUEST_SECONDS * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    def _give_up(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None and producer is self._producer:
            self._producer = None
            self._spawn(_stop(producer))


def _fill(batch: Any, waiting: deque[_Append]) -> list[int]:
    """Add the drafts that wait, in order, until the batch is full; return how many of each append."""
    counts: list[int] = []
    for append in waiting:
        count = 0
        for draft in append.drafts[len(append.offsets) :]:
            if batch.append(timestamp=draft.timestamp, key=draft.key, value=draft.value) is None:
                return [*counts, count]
            count += 1
        counts.append(count)
    batch.close()
    return counts


def _settle(waiting: deque[_Append], counts: list[int], offset: int) -> None:
    """Note the offsets of a batch that starts at `offset`; answer the appends that are complete."""
    for count in counts:
        append = waiting[0]
        append.offsets.extend(range(offset, offset + count))
        offset += count
        if len(append.offsets) == len(append.drafts):
            waiting.popleft()
            if not append.done.done():
                append.done.set_result(append.offsets)


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(_GRACE_SECONDS):
            await producer.flush()
    except TimeoutError:
        # stop() would wait for batches that are retried for ever: do the rest of its work without it.
        producer._closed = True  # noqa: SLF001
        await producer._sender.close()  # noqa: SLF001
        await producer.client.close()
    else:
        await producer.stop()
