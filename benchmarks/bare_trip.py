"""The yardstick of freshness: one record through the broker by aiokafka alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ledger.open import open_log

RECORD_BYTES = 500
_TOPIC = "bare"


class BareTrip:
    """Sends records to a topic and sees them come back from it."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._coming: dict[bytes, asyncio.Future[float]] = {}
        self._sent = 0

    async def once(self) -> float:
        """Milliseconds from the call that sends a record to its arrival at the consumer."""
        self._sent += 1
        key = str(self._sent).encode()
        self._coming[key] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._producer.send(self._topic, bytes(RECORD_BYTES), key=key, partition=0)
        return (await self._coming[key] - began) * 1000

    async def receive(self, consumer: AIOKafkaConsumer) -> None:
        """Note when each record arrives; runs until cancelled."""
        async for record in consumer:
            self._coming[record.key].set_result(time.perf_counter())


@asynccontextmanager
async def opened_trip(bootstrap: str, prefix: str) -> AsyncIterator[BareTrip]:
    """A producer and a consumer on a topic that the broker flushes as it does a ledger's."""
    async with open_log(f"kafka://{bootstrap}/{prefix}", one_machine=True) as log:
        await log.create_topics({_TOPIC: 1})
    topic = f"{prefix}.{_TOPIC}"
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with producer, consumer:
        consumer.assign([TopicPartition(topic, 0)])
        trip = BareTrip(producer, topic)
        receiving = asyncio.create_task(trip.receive(consumer))
        try:
            yield trip
        finally:
            receiving.cancel()
            with suppress(asyncio.CancelledError):
                await receiving
