"""The log on Kafka: aiokafka for records, kafka-python for topics."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self

from ledger.check import check_drafts, check_span, check_topics
from ledger.kafka_admin import Cluster, count_partitions, create_topics
from ledger.kafka_append import Appender
from ledger.kafka_read import Ends, Readers
from ledger.kafka_watch import Watch
from ledger.log import Draft, LogUnavailableError, Record, TopicPartition, UnknownTopicError


class KafkaLog:
    """EventLog on the brokers of one Kafka cluster.

    Records go to the partition named, with the time given; no client's partitioner, group or
    committed position is used. A handle belongs to the event loop that opened it.
    """

    def __init__(
        self, bootstrap: str, prefix: str = "", *, replication_factor: int = 1, one_machine: bool = False
    ) -> None:
        """See Cluster for the meaning of the arguments; raises ValueError where one cannot be."""
        self._cluster = Cluster(bootstrap, prefix, replication_factor, one_machine)
        self._counts: dict[str, int] = {}
        self._session: _Session | None = None

    async def __aenter__(self) -> Self:
        self._counts = await asyncio.to_thread(count_partitions, self._cluster)
        session = _Session(self._cluster)
        await session.ends.open()
        self._session = session
        return self

    async def __aexit__(self, *exc: object) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def create_topics(self, topics: Mapping[str, int]) -> None:
        """See EventLog."""
        check_topics(topics)
        self._opened()
        self._counts = await asyncio.to_thread(create_topics, self._cluster, topics)

    async def topics(self) -> dict[str, int]:
        """See EventLog. Without a prefix, every topic that is not Kafka's own counts as this ledger's."""
        self._opened()
        self._counts = await asyncio.to_thread(count_partitions, self._cluster)
        return dict(self._counts)

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog. Drafts of more than some 900 KB together travel in several batches."""
        tp = TopicPartition(topic, partition)
        await self._check_exists(tp)
        check_drafts(drafts)
        if not drafts:
            return []
        return await self._opened().appender.append(tp, drafts)

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog. Raises ForeignLogError where records have been removed from the partition.

        Fewer records than `limit` do not mean that the end is reached.
        """
        check_span(offset, limit)
        tp = TopicPartition(topic, partition)
        await self._check_exists(tp)
        return await self._opened().readers.read(tp, offset, limit)

    async def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog."""
        tp = TopicPartition(topic, partition)
        await self._check_exists(tp)
        return (await self._opened().ends.of([tp]))[tp]

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """See EventLog."""
        for topic in topics:
            await self._check_exists(TopicPartition(topic, 0))
        return await self._opened().ends.of(
            [TopicPartition(topic, number) for topic in topics for number in range(self._counts[topic])]
        )

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """See EventLog."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        for tp in positions:
            await self._check_exists(tp)
        session = self._opened()
        ends = await session.ends.of(positions)
        if any(ends[tp] > position for tp, position in positions.items()):
            return True
        try:
            async with asyncio.timeout_at(deadline):
                await session.watch.wait(positions, ends)
        except TimeoutError:
            return False
        return True

    async def _check_exists(self, tp: TopicPartition) -> None:
        self._opened()
        if tp.topic not in self._counts:
            self._counts = await asyncio.to_thread(count_partitions, self._cluster)
        if not 0 <= tp.partition < self._counts.get(tp.topic, 0):
            raise UnknownTopicError(
                f"There is no partition {tp.partition} of topic {self._cluster.full_name(tp.topic)} "
                f"at {self._cluster.bootstrap}."
            )

    def _opened(self) -> _Session:
        if self._session is None:
            raise LogUnavailableError(
                f"The log at {self._cluster.bootstrap} is not open; use it inside `async with`."
            )
        return self._session


class _Session:
    """What an open handle holds."""

    def __init__(self, cluster: Cluster) -> None:
        self.ends = Ends(cluster)
        self.appender = Appender(cluster)
        self.readers = Readers(cluster, self.ends)
        self.watch = Watch(cluster)

    async def close(self) -> None:
        await self.appender.close()
        await self.watch.close()
        await self.readers.close()
        await self.ends.close()
