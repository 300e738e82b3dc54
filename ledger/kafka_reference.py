"""The reference adapter: the log on Kafka by kafka-python alone, plain and slow.

It shares no record code with ledger.kafka, so that what one writes and the other reads shows
whether both do as the protocol says.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Self, TypeVar

import kafka
from kafka.errors import KafkaError

from ledger.check import check_drafts, check_span, check_topics
from ledger.kafka_admin import REQUEST_SECONDS, Cluster, connect, count_partitions, create_topics, unreachable
from ledger.log import Draft, LogUnavailableError, Record, TopicPartition, UnknownTopicError

_DELIVERY_SECONDS = 8.0
_POLL_SECONDS = 0.05

Answer = TypeVar("Answer")


class KafkaReferenceLog:
    """EventLog on Kafka for conformance tests: one call at a time, each in a thread."""

    def __init__(self, bootstrap: str, prefix: str = "") -> None:
        self._cluster = Cluster(bootstrap, prefix)
        self._session: _Session | None = None

    async def __aenter__(self) -> Self:
        self._session = await asyncio.to_thread(self._connect)
        return self

    async def __aexit__(self, *exc: object) -> None:
        session, self._session = self._session, None
        if session is not None:
            await asyncio.to_thread(session.close)

    async def create_topics(self, topics: Mapping[str, int]) -> None:
        """See EventLog."""
        check_topics(topics)
        await asyncio.to_thread(create_topics, self._cluster, topics)

    async def topics(self) -> dict[str, int]:
        """See EventLog."""
        return await asyncio.to_thread(count_partitions, self._cluster)

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog."""
        return await self._in_turn(lambda session: session.append(TopicPartition(topic, partition), drafts))

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        check_span(offset, limit)
        return await self._in_turn(
            lambda session: session.read(TopicPartition(topic, partition), offset, limit)
        )

    async def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog."""
        tp = TopicPartition(topic, partition)
        return (await self._in_turn(lambda session: session.ends([tp])))[tp]

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """See EventLog."""
        counts = await self.topics()
        partitions = [TopicPartition(topic, n) for topic in topics for n in range(counts.get(topic, 1))]
        return await self._in_turn(lambda session: session.ends(partitions))

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """See EventLog."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            ends = await self._in_turn(lambda session: session.ends(positions))
            if any(ends[tp] > position for tp, position in positions.items()):
                return True
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(min(_POLL_SECONDS, max(0.0, deadline - loop.time())))

    async def _in_turn(self, call: Callable[[_Session], Answer]) -> Answer:
        session = self._session
        if session is None:
            raise LogUnavailableError(
                f"The log at {self._cluster.bootstrap} is not open; use it inside `async with`."
            )
        with self._explained():
            return await asyncio.get_running_loop().run_in_executor(session.thread, call, session)

    def _connect(self) -> _Session:
        bootstrap = self._cluster.bootstrap
        with self._explained(), contextlib.ExitStack() as undo:
            producer = connect(
                kafka.KafkaProducer,
                bootstrap,
                acks="all",
                enable_idempotence=True,
                max_block_ms=int(REQUEST_SECONDS * 1000),
                delivery_timeout_ms=int(_DELIVERY_SECONDS * 1000),
            )
            undo.callback(producer.close)
            consumer = connect(
                kafka.KafkaConsumer,
                bootstrap,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                check_crcs=True,
                fetch_max_wait_ms=50,
            )
            undo.pop_all()
        return _Session(self._cluster, ThreadPoolExecutor(1), producer, consumer)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (KafkaError, OSError) as error:
            raise unreachable(self._cluster.bootstrap, error) from error


class _Session(NamedTuple):
    """What an open handle holds; all but `close` runs in its one thread."""

    cluster: Cluster
    thread: ThreadPoolExecutor
    producer: Any
    consumer: Any

    def close(self) -> None:
        self.thread.shutdown()
        self.producer.close()
        self.consumer.close()

    def append(self, tp: TopicPartition, drafts: Sequence[Draft]) -> list[int]:
        (name,) = self._names([tp])
        check_drafts(drafts)
        sent = [
            self.producer.send(
                name.topic,
                partition=name.partition,
                timestamp_ms=draft.timestamp,
                key=draft.key,
                value=draft.value,
            )
            for draft in drafts
        ]
        return [one.get(timeout=_DELIVERY_SECONDS).offset for one in sent]

    def read(self, tp: TopicPartition, offset: int, limit: int) -> list[Record]:
        end = self.ends([tp])[tp]
        (name,) = self._names([tp])
        self.consumer.assign([name])
        self.consumer.seek(name, offset)
        records: list[Record] = []
        wanted = min(limit, end - offset)
        deadline = time.monotonic() + _DELIVERY_SECONDS
        while len(records) < wanted:
            found = self.consumer.poll(timeout_ms=200, max_records=wanted - len(records)).get(name, [])
            records.extend(Record(one.offset, one.timestamp, one.key, one.value) for one in found)
            if time.monotonic() > deadline:
                raise TimeoutError(f"no records of {name} came")
        return records

    def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        names = self._names(partitions)
        ends = self.consumer.end_offsets(list(names)) if names else {}
        return {tp: ends[name] for name, tp in names.items()}

    def _names(self, partitions: Iterable[TopicPartition]) -> dict[kafka.TopicPartition, TopicPartition]:
        names = {}
        for tp in partitions:
            topic = self.cluster.full_name(tp.topic)
            if tp.partition not in (self.consumer.partitions_for_topic(topic) or ()):
                raise UnknownTopicError(
                    f"There is no partition {tp.partition} of topic {topic} at {self.cluster.bootstrap}."
                )
            names[kafka.TopicPartition(topic, tp.partition)] = tp
        return names
