"""The embedded log: one SQLite file that any number of processes append to and read from."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Self

from ledger.check import check_drafts, check_span, check_topics
from ledger.log import (
    Draft,
    ForeignLogError,
    LogUnavailableError,
    Record,
    TopicPartition,
    UnknownTopicError,
)
from ledger.sqlite_file import connect, end_offset, end_offsets, explain, prepare
from ledger.sqlite_writer import Job, Writer

_SHORT_READ = 1000
"""Up to so many records are read in the event loop (under 1 ms); more, in a thread."""

_POLL_SECONDS = 0.025
"""How often a waiter looks whether another process has committed."""


class SqliteLog:
    """EventLog on an SQLite file, in WAL mode with an fsync for each commit.

    A handle belongs to the event loop that opened it. Appends that wait together share a commit.
    """

    def __init__(self, path: str | Path, *, busy_seconds: float = 5.0) -> None:
        """`busy_seconds`: how long to wait for another process that holds the write lock."""
        self._path = Path(path)
        self._busy_seconds = busy_seconds
        self._session: _Session | None = None
        self._partition_ids: dict[TopicPartition, int] = {}
        self._committed = asyncio.Event()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(prepare, self._path, self._busy_seconds)
        with self._explained():
            self._session = _Session(
                short_reads=connect(self._path, self._busy_seconds),
                bulk_reads=connect(self._path, self._busy_seconds),
                bulk_thread=ThreadPoolExecutor(1, thread_name_prefix=f"read {self._path.name}"),
                writer=Writer(self._path, self._busy_seconds, asyncio.get_running_loop(), self._wake_waiters),
            )
        return self

    async def __aexit__(self, *exc: object) -> None:
        session, self._session = self._session, None
        if session is not None:
            await asyncio.to_thread(session.close)

    async def create_topics(self, topics: Mapping[str, int]) -> None:
        """See EventLog."""
        check_topics(topics)
        self._opened()
        await asyncio.to_thread(self._create_topics, topics)

    def _create_topics(self, topics: Mapping[str, int]) -> None:
        with self._explained(), contextlib.closing(connect(self._path, self._busy_seconds)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            existing = _partition_counts(connection)
            for topic, count in topics.items():
                if existing.get(topic, count) != count:
                    raise ForeignLogError(
                        f"Topic {topic} in {self._path} has {existing[topic]} partitions, not {count}; "
                        "the partition count of a topic cannot change."
                    )
            connection.executemany(
                "INSERT INTO partitions (topic, partition) VALUES (?, ?)",
                [
                    (topic, partition)
                    for topic, count in topics.items()
                    if topic not in existing
                    for partition in range(count)
                ],
            )
            connection.execute("COMMIT")

    async def topics(self) -> dict[str, int]:
        """See EventLog."""
        with self._explained():
            return _partition_counts(self._opened().short_reads)

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """See EventLog. All drafts of one call are kept, or none, and no other record is between them."""
        session = self._opened()
        partition_id = self._partition_id(session, TopicPartition(topic, partition))
        check_drafts(drafts)
        if not drafts:
            return []
        offsets: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        session.writer.submit(Job(partition_id, tuple(drafts), offsets))
        return await offsets

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        check_span(offset, limit)
        session = self._opened()
        span = (self._partition_id(session, TopicPartition(topic, partition)), offset, limit)
        with self._explained():
            if limit <= _SHORT_READ:
                return _read(session.short_reads, span)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(session.bulk_thread, _read, session.bulk_reads, span)

    async def end_offset(self, topic: str, partition: int) -> int:
        """See EventLog."""
        return self._end_offset(self._opened(), TopicPartition(topic, partition))

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """See EventLog."""
        session = self._opened()
        with self._explained():
            counts = _partition_counts(session.short_reads)
        unknown = sorted(set(topics) - counts.keys())
        if unknown:
            raise UnknownTopicError(f"There is no topic {', '.join(unknown)} in {self._path}.")
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(counts[topic])]
        return self._end_offsets(session, partitions)

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """See EventLog. Appends by this handle are seen at once, those by others within some 25 ms."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            # Both are taken before the look, so that a commit during the look is not missed.
            committed, version = self._committed, self._data_version()
            session = self._opened()
            ends = self._end_offsets(session, positions)
            if any(ends[tp] > position for tp, position in positions.items()):
                return True
            while not committed.is_set() and self._data_version() == version:
                remaining = deadline - loop.time()
                if remaining <= 0:
                    return False
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(committed.wait(), min(remaining, _POLL_SECONDS))

    def _wake_waiters(self) -> None:
        self._committed.set()
        self._committed = asyncio.Event()

    def _data_version(self) -> int:
        """A number that differs after a commit by any other connection, in this process or not."""
        with self._explained():
            (version,) = self._opened().short_reads.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _end_offset(self, session: _Session, tp: TopicPartition) -> int:
        partition_id = self._partition_id(session, tp)
        with self._explained():
            return end_offset(session.short_reads, partition_id)

    def _end_offsets(
        self, session: _Session, partitions: Collection[TopicPartition]
    ) -> dict[TopicPartition, int]:
        if len(partitions) == 1:
            return {tp: self._end_offset(session, tp) for tp in partitions}
        ids = {tp: self._partition_id(session, tp) for tp in partitions}
        with self._explained():
            ends = end_offsets(session.short_reads)
        return {tp: ends[partition_id] for tp, partition_id in ids.items()}

    def _partition_id(self, session: _Session, tp: TopicPartition) -> int:
        if tp not in self._partition_ids:
            with self._explained():
                rows = session.short_reads.execute("SELECT topic, partition, id FROM partitions").fetchall()
            self._partition_ids = {TopicPartition(*row[:2]): row[2] for row in rows}
        if tp not in self._partition_ids:
            raise UnknownTopicError(
                f"There is no partition {tp.partition} of topic {tp.topic} in {self._path}."
            )
        return self._partition_ids[tp]

    def _opened(self) -> _Session:
        if self._session is None:
            raise LogUnavailableError(f"The log {self._path} is not open; use it inside `async with`.")
        return self._session

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, self._path) from error


class _Session(NamedTuple):
    """What an open handle holds."""

    short_reads: sqlite3.Connection
    bulk_reads: sqlite3.Connection
    bulk_thread: ThreadPoolExecutor
    writer: Writer

    def close(self) -> None:
        self.writer.close()
        self.bulk_thread.shutdown()
        self.bulk_reads.close()
        self.short_reads.close()


def _partition_counts(connection: sqlite3.Connection) -> dict[str, int]:
    rows = connection.execute("SELECT topic, count(*) FROM partitions GROUP BY topic ORDER BY topic")
    return dict(rows.fetchall())


def _read(connection: sqlite3.Connection, span: tuple[int, int, int]) -> list[Record]:
    rows = connection.execute(
        "SELECT offset, timestamp, key, value FROM records"
        " WHERE partition_id = ? AND offset >= ? ORDER BY offset LIMIT ?",
        span,
    ).fetchall()
    return list(map(Record._make, rows))
