"""The log that an address names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.sqlite import SqliteLog

if TYPE_CHECKING:
    from ledger.log import EventLog

_SQLITE = re.compile(r"sqlite:///(?P<path>[^?#]*[^?#/])")
_SERVER = r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}"
_SERVERS = rf"(?P<servers>{_SERVER}(?:,{_SERVER})*)"
_KAFKA = re.compile(rf"kafka://{_SERVERS}(?:/(?P<prefix>[A-Za-z0-9_-]*))?", re.ASCII)

_FORMS = (
    "sqlite:///folder/file for a file below the current folder, sqlite:////folder/file for one from "
    "the root, or kafka://host:port[,host:port][/prefix]"
)


def open_log(url: str, *, replication_factor: int = 1, one_machine: bool = False) -> EventLog:
    """Return the log at this address; `async with` opens it.

    Address forms: `sqlite:///relative/path`, `sqlite:////absolute/path`,
    `kafka://host:port[,host:port][/prefix]`. The other arguments say how topics are created on Kafka
    (see ledger.kafka_admin.Cluster). Raises ValueError where the address has another form.
    """
    sqlite = _SQLITE.fullmatch(url)
    if sqlite and sqlite["path"] != ":memory:":
        return SqliteLog(Path(sqlite["path"]))
    kafka = _KAFKA.fullmatch(url)
    if kafka:
        # Imported here, as the embedded log does without it.
        from ledger.kafka import KafkaLog

        return KafkaLog(
            kafka["servers"],
            kafka["prefix"] or "",
            replication_factor=replication_factor,
            one_machine=one_machine,
        )
    raise ValueError(f"{url!r} is not the address of a log; use {_FORMS}.")
