"""Which log an address names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.kafka import KafkaLog
from ledger.kafka_admin import Cluster
from ledger.log import LogUnavailableError
from ledger.open import open_log
from ledger.sqlite import SqliteLog


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///log.db", Path("log.db")),
        ("sqlite:///folder/log.db", Path("folder/log.db")),
        ("sqlite:////srv/a log/log.db", Path("/srv/a log/log.db")),
    ],
)
def test_sqlite_addresses(url: str, path: Path) -> None:
    """Three slashes start a relative path, four an absolute one."""
    log = open_log(url)
    assert isinstance(log, SqliteLog)
    assert log._path == path


@pytest.mark.parametrize(
    ("url", "cluster"),
    [
        ("kafka://localhost:9092", Cluster("localhost:9092")),
        ("kafka://localhost:9092/", Cluster("localhost:9092")),
        ("kafka://10.0.0.1:9092,b.example:19092/city-1", Cluster("10.0.0.1:9092,b.example:19092", "city-1")),
        ("kafka://[::1]:9092/x", Cluster("[::1]:9092", "x")),
    ],
)
async def test_kafka_addresses(url: str, cluster: Cluster) -> None:
    """A Kafka address gives the servers and, after a slash, the prefix of the topics."""
    log = open_log(url)
    assert isinstance(log, KafkaLog)
    assert log._cluster == cluster


async def test_kafka_topic_settings_are_passed_on() -> None:
    """How topics are kept is told beside the address."""
    log = open_log("kafka://localhost:9092", replication_factor=3, one_machine=True)
    assert isinstance(log, KafkaLog)
    assert log._cluster == Cluster("localhost:9092", "", 3, one_machine=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "log.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///folder/",
        "sqlite:///:memory:",
        "sqlite://log.db",
        "sqlite:///log.db?mode=ro",
        "kafka://",
        "kafka://localhost",
        "kafka://localhost:port",
        "kafka://localhost:9092,",
        "kafka://localhost:9092/a/b",
        "kafka://localhost:9092/a.b",
        "kafka://user:word@localhost:9092",
        "postgresql://localhost/log",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    """Anything else raises ValueError with a sentence that gives the forms."""
    with pytest.raises(ValueError, match=r"sqlite:///.*kafka://host:port"):
        open_log(url)


@pytest.mark.parametrize("arguments", [("h:1", "a.b"), ("h:1", "__a"), ("h:1", "", 0)])
def test_impossible_clusters_are_refused(arguments: tuple[str, str]) -> None:
    """A prefix that would make topics of two ledgers look alike, or no replicas, raises ValueError."""
    with pytest.raises(ValueError, match=r"prefix|replicas"):
        Cluster(*arguments)


async def test_an_impossible_port_is_unreachable() -> None:
    """A port that no machine has gives LogUnavailableError, like any address that does not answer."""
    with pytest.raises(LogUnavailableError, match="cannot be reached"):
        async with open_log("kafka://127.0.0.1:99999"):
            pass
