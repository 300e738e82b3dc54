"""The database behind a read model: how it is opened, and what its errors mean."""

from __future__ import annotations

import sqlite3
import time

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}

_LOCK = 0x4261726F
"""The key of the lock under which PostgreSQL's tables are made or dropped: "Baro" in ASCII."""

APPLICATION_ID = 0x42617252
"""Marks an SQLite file as a read model in its header: "BarR" in ASCII."""

_BUSY_SECONDS = 10
_RETRY_SECONDS = 0.01


# One statement, so that both numbers are of one moment.
_CONTENT = "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id"


class ReadModelError(Exception):
    """The read model cannot be used as it is; the sentence says what to do."""


class ReadModelUnavailableError(ReadModelError):
    """The database cannot be reached, or did not answer: trying again may help."""


def open_engine(address: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql+psycopg://…`. Connects to nothing yet.

    Raises ReadModelError where the address is neither.
    """
    url = _checked(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    # What a crash of the server may lose, whole transactions, is folded again from the log.
    options = "-c synchronous_commit=off -c timezone=UTC"
    settings = {"connect_timeout": 10, "options": options}
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=settings)


def _checked(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise ReadModelError(
            "The read model's address is none: use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."
        ) from None
    driver = DRIVERS.get(url.get_backend_name())
    if driver is None or (driver.startswith("sqlite") and not url.database):
        raise ReadModelError(
            f"A read model cannot be kept in {url.drivername}: use sqlite:///FILE or postgresql+psycopg://…"
        )
    return url.set(drivername=driver)


def _open_sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        _claim(connection, url.database or "")
        # What a power failure may lose, whole transactions, is folded again from the log.
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _claim(connection: sqlite3.Connection, path: str) -> None:
    """See to it that the file is a read model or empty, and in WAL mode.

    Raises ReadModelError, and sqlite3.OperationalError where another process keeps it locked.
    """
    try:
        found, tables = connection.execute(_CONTENT).fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB:
            raise
        raise ReadModelError(f"{path} is no SQLite database: give the address of a new file.") from None
    if found == APPLICATION_ID:
        return
    if found or tables:
        raise ReadModelError(f"{path} is a database of other software: give the address of a new file.")
    _mark(connection)


def _mark(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        except sqlite3.OperationalError:
            # SQLite waits for no other process while it changes the journal mode.
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def writing(engine: Engine) -> Engine:
    """The same engine, for transactions that write: SQLite's take the write lock at their start."""
    return engine.execution_options(writes=True)


def snapshot(engine: Engine) -> Engine:
    """The same engine, for transactions whose every statement reads the same state."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def lock_shape(connection: Connection) -> None:
    """Be the only one, until the transaction ends, who makes or drops tables."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def is_outage(error: BaseException) -> bool:
    """Whether a database error may be gone when one tries again."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, ReadModelUnavailableError)
    if _sqlite_code(error) == sqlite3.SQLITE_ERROR:
        return False
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def is_damage(error: DBAPIError) -> bool:
    """Whether the database file itself is damaged."""
    return _sqlite_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _sqlite_code(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def cause(error: BaseException) -> str:
    """What the driver says where it could not connect; else the name of its error only.

    An error of a statement may hold what was to be written, and stays out of logs and sentences.
    """
    original = getattr(error, "orig", None)
    if original is None:
        return type(error).__name__
    connecting = isinstance(error, DBAPIError) and error.statement is None
    told = str(original).strip().splitlines() if connecting else []
    return told[0] if told else type(original).__name__
