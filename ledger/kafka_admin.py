"""The topics of a ledger on Kafka: what they are called there, how they are made and counted.

Every function blocks; async callers run them in a thread.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import kafka.errors
from kafka import KafkaAdminClient

from ledger.log import ForeignLogError, LogUnavailableError

REQUEST_SECONDS = 5.0
"""How long any one request to a broker may take."""

MAX_MESSAGE_BYTES = 1024 * 1024
"""Longest batch that a broker takes from any client: room for foreign records above our own limit."""

_FOR_EVER = "-1"
_ANY_TIME = str(2**63 - 1)
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,60}")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a ledger's topics are, and how they are kept there.

    `bootstrap` is "host:port[,host:port]"; each topic's name starts with "<prefix>." where there is
    a prefix. With one broker, or all on one machine, each record is flushed to the disk before it
    is acknowledged.
    """

    bootstrap: str
    prefix: str = ""
    replication_factor: int = 1
    one_machine: bool = False

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix) or self.prefix.startswith("__"):
            raise ValueError(
                f"{self.prefix!r} cannot be the prefix of topics: use up to 60 letters, digits, hyphens and "
                "underscores, without two underscores at the start."
            )
        if self.replication_factor < 1:
            raise ValueError(f"{self.replication_factor} replicas keep nothing; use 1 or more.")

    def full_name(self, topic: str) -> str:
        """The topic's name on the brokers."""
        return f"{self.prefix}.{topic}" if self.prefix else topic

    def own_name(self, full_name: str) -> str | None:
        """The topic's name in this ledger, or None where it belongs to another, or to Kafka."""
        if full_name.startswith("__"):
            return None
        if not self.prefix:
            return full_name
        start = f"{self.prefix}."
        return full_name.removeprefix(start) if full_name.startswith(start) else None

    def settings(self) -> dict[str, str]:
        """The settings of each topic: kept for ever, with the time its appender gave (invariants 9, 13)."""
        settings = {
            "cleanup.policy": "delete",
            "retention.ms": _FOR_EVER,
            "retention.bytes": _FOR_EVER,
            # Else each week of a quiet topic, or of imported times, would be a set of open files for ever.
            "segment.ms": _ANY_TIME,
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "CreateTime",
            "message.timestamp.before.max.ms": _ANY_TIME,
            "message.timestamp.after.max.ms": _ANY_TIME,
            "min.insync.replicas": str(self.replication_factor // 2 + 1),
            "unclean.leader.election.enable": "false",
        }
        if self.replication_factor == 1 or self.one_machine:
            settings["flush.messages"] = "1"
        return settings


def count_partitions(cluster: Cluster) -> dict[str, int]:
    """Every topic of this ledger with its partition count. Raises LogUnavailableError."""
    with _connected(cluster.bootstrap) as admin:
        return _counts(admin, cluster)


def create_topics(cluster: Cluster, topics: Mapping[str, int]) -> dict[str, int]:
    """Create the missing ones of `topics` (name to partition count); return all of this ledger.

    Returns once every partition has a leader. Raises ForeignLogError where an existing one has
    another count, LogUnavailableError.
    """
    with _connected(cluster.bootstrap) as admin:
        existing = _counts(admin, cluster)
        _check_counts(cluster, topics, existing)
        missing = {topic: count for topic, count in topics.items() if topic not in existing}
        if not missing:
            return existing
        _create(admin, cluster, missing)
        counts = _counts(admin, cluster)
        _check_counts(cluster, topics, counts)
        return counts


def _create(admin: Any, cluster: Cluster, topics: Mapping[str, int]) -> None:
    settings = cluster.settings()
    wanted = {
        cluster.full_name(topic): {
            "num_partitions": count,
            "replication_factor": cluster.replication_factor,
            "configs": settings,
        }
        for topic, count in topics.items()
    }
    answer = admin.create_topics(wanted, raise_errors=False)
    for topic in answer["topics"]:
        error = kafka.errors.for_code(topic["error_code"])
        # Another process may have made it in the meantime: the counts are compared afterwards.
        if error not in (kafka.errors.NoError, kafka.errors.TopicAlreadyExistsError):
            reason = topic.get("error_message") or error.__name__
            raise LogUnavailableError(
                f"The brokers at {cluster.bootstrap} refuse topic {topic['name']} with "
                f"{cluster.replication_factor} replicas: {reason} Start the missing brokers, "
                "or correct what is named here."
            )
    admin.wait_for_topics(list(wanted))


def _counts(admin: Any, cluster: Cluster) -> dict[str, int]:
    counts = {}
    for topic in admin.describe_topics():
        name = cluster.own_name(topic["name"])
        if name is not None and not topic["is_internal"]:
            counts[name] = len(topic["partitions"])
    return dict(sorted(counts.items()))


def _check_counts(cluster: Cluster, wanted: Mapping[str, int], existing: Mapping[str, int]) -> None:
    for topic, count in wanted.items():
        if existing.get(topic, count) != count:
            raise ForeignLogError(
                f"Topic {cluster.full_name(topic)} at {cluster.bootstrap} has {existing[topic]} partitions, "
                f"not {count}; the partition count of a topic cannot change. "
                "Use another prefix for another ledger."
            )


@contextlib.contextmanager
def _connected(bootstrap: str) -> Iterator[Any]:
    """A KafkaAdminClient; errors of its library inside the block become LogUnavailableError."""
    try:
        with connect(KafkaAdminClient, bootstrap) as admin:
            yield admin
    except (kafka.errors.KafkaError, OSError) as error:
        raise unreachable(bootstrap, error) from error


def connect(kind: Any, bootstrap: str, **settings: Any) -> Any:
    """A connected client of one of kafka-python's kinds.

    Raises KafkaError and OSError as the library does; LogUnavailableError where nothing listens.
    """
    probe(bootstrap)
    networks: list[Any] = []

    def network(**given: Any) -> Any:
        networks.append(kind.DEFAULT_CONFIG["kafka_client"](**given))
        return networks[-1]

    try:
        return kind(
            bootstrap_servers=bootstrap.split(","),
            bootstrap_timeout_ms=int(REQUEST_SECONDS * 1000),
            request_timeout_ms=int(REQUEST_SECONDS * 1000),
            kafka_client=network,
            **settings,
        )
    except BaseException:
        # The library leaves the thread and the sockets of a client that could not connect behind.
        for made in networks:
            made.close()
        raise


def probe(bootstrap: str) -> None:
    """Raise LogUnavailableError unless one of the addresses accepts a connection."""
    refusals = []
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=REQUEST_SECONDS):
                return
        except (OSError, ValueError) as error:
            refusals.append(error)
    raise unreachable(bootstrap, refusals[0])


def unreachable(bootstrap: str, error: BaseException) -> LogUnavailableError:
    """The error to raise where the brokers do not answer as they should."""
    reason = str(error) or type(error).__name__
    return LogUnavailableError(
        f"The Kafka brokers at {bootstrap} cannot be reached or do not answer; check that they run and that "
        f"the address is right. ({reason})"
    )
