"""The servers that benchmarks need, started when the first one asks, stopped however the run ends."""

from __future__ import annotations

import fcntl
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support import broker, postgres
from tests.support.servers import ALIVE, Servers, stop_all


@contextmanager
def opened_servers() -> Iterator[Servers]:
    """A folder for servers; those started in it are stopped at the end, also after a kill."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-bench-"))
    folder.chmod(0o711)  # a database server under another user reaches its own folder through it
    with (folder / ALIVE).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield Servers(folder)
        finally:
            stop_all(folder)


def kafka(servers: Servers) -> str:
    """The "host:port" of KAFKA_BOOTSTRAP or of a broker of our own. Raises UnavailableError."""
    given = os.environ.get("KAFKA_BOOTSTRAP")
    return broker.reachable(given) if given else servers.once("kafka", broker.start_shared)


def postgresql(servers: Servers, stack: ExitStack) -> str:
    """The address of an empty database, at DATABASE_URL or on a server of our own; `stack` drops it again.

    Raises UnavailableError.
    """
    given = os.environ.get("DATABASE_URL")
    known = postgres.reachable(given) if given else make_url(servers.once("postgres", postgres.start_shared))
    name = f"bench_{uuid.uuid4().hex}"
    postgres.administer(known, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dropping = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    stack.callback(postgres.administer, known, dropping)
    return known.set(database=name).render_as_string(hide_password=False)
