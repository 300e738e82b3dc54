"""Places for logs, one for each adapter, in which a test may open as many handles as it likes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ledger.kafka import KafkaLog
from ledger.kafka_reference import KafkaReferenceLog
from ledger.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from ledger.log import EventLog


@dataclass(frozen=True, slots=True)
class Place:
    """An empty ledger; `handle` returns another handle on it, not yet opened."""

    handle: Callable[[], EventLog]


@pytest.fixture
def kafka_prefix() -> str:
    """A prefix for topics that no other test has."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture(params=["sqlite", "kafka", "kafka-reference"])
def place(request: pytest.FixtureRequest, tmp_path: Path, kafka_prefix: str) -> Place:
    """A place for each adapter in turn."""
    if request.param == "sqlite":
        return Place(lambda: SqliteLog(tmp_path / "log.db"))
    adapter = KafkaLog if request.param == "kafka" else KafkaReferenceLog
    bootstrap = request.getfixturevalue("kafka_bootstrap")
    return Place(lambda: adapter(bootstrap, kafka_prefix))


@pytest.fixture
async def log(place: Place) -> AsyncIterator[EventLog]:
    """An open handle with topic "t" of three partitions."""
    async with place.handle() as opened:
        await opened.create_topics({"t": 3})
        yield opened


@pytest.fixture
async def other(place: Place, log: EventLog) -> AsyncIterator[EventLog]:
    """A second open handle on the ledger of `log`."""
    assert log is not None
    async with place.handle() as opened:
        yield opened
