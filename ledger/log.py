"""The EventLog port: what every log adapter does, in the same way, for the same bytes.

A log is a set of topics; a topic is a fixed number of partitions; a partition is a sequence of
records numbered from 0 without gaps. Records are never changed or removed (invariants 12, 13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, Self, runtime_checkable

MAX_RECORD_BYTES = 60 * 1024
"""Longest value that a writer may append (invariant 12). Readers accept longer ones."""


class Record(NamedTuple):
    """One record as the log holds it.

    `offset` counts from 0 within its partition; `timestamp` is CreateTime in milliseconds since
    the epoch, set by the appender; `key` and `value` are the bytes as written, or None.
    """

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Draft(NamedTuple):
    """A record to be appended: everything but the offset, which the log allots."""

    timestamp: int
    key: bytes | None
    value: bytes | None


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


class LogError(Exception):
    """The log could not do what was asked; the sentence says why."""


class LogUnavailableError(LogError):
    """The log cannot be reached, is full, or did not answer in time.

    An append that raises this may or may not have been kept: its outcome is unknown.
    """


class UnknownTopicError(LogError):
    """The topic or the partition does not exist."""


class RecordTooLargeError(LogError):
    """The value is longer than MAX_RECORD_BYTES; nothing was appended."""


class ForeignLogError(LogError):
    """What was found at this address is not a log of this software, or its topics differ in shape."""


@runtime_checkable
class EventLog(Protocol):
    """Append, read, tail. Every method may raise LogUnavailableError.

    Adapters are async context managers: `async with` opens and closes the connection.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def create_topics(self, topics: Mapping[str, int]) -> None:
        """Create each missing topic with its partition count.

        Existing ones of the same count stay as they are; raises ForeignLogError where the count
        of an existing one differs.
        """
        ...

    async def topics(self) -> dict[str, int]:
        """Every topic of this ledger with its partition count."""
        ...

    async def append(self, topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        """Append drafts in order; return their offsets when all are durable.

        Other appenders' records may come between them. Raises UnknownTopicError,
        RecordTooLargeError (before anything is appended), LogUnavailableError (outcome unknown).
        """
        ...

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """Return up to `limit` records from `offset` on, in order; empty at or past the end.

        Returns at least one record where one exists. Raises UnknownTopicError.
        """
        ...

    async def end_offset(self, topic: str, partition: int) -> int:
        """The offset that the next record will get."""
        ...

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The end offset of every partition of these topics."""
        ...

    async def wait(self, positions: Mapping[TopicPartition, int], timeout: float) -> bool:
        """Wait until any partition's end offset is past its given position.

        Returns True when one is (at once where one already is), False after `timeout` seconds.
        """
        ...
