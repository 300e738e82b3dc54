"""The SQLite file behind the embedded log: its shape, how it is opened, what its errors mean."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from ledger.log import ForeignLogError, LogError, LogUnavailableError

APPLICATION_ID = 0x4261726F
"""Marks the file as a log of this software in its header: "Baro" in ASCII."""

SHAPE_VERSION = 1
"""Kept in the header's user_version; a file with a higher one was written by newer software."""

PAGE_BYTES = 16384
"""A record of up to about 4 KB stays within one page of this size."""

_SHAPE = """
CREATE TABLE partitions (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    UNIQUE (topic, partition)
) STRICT;
CREATE TABLE records (
    partition_id INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    key BLOB,
    value BLOB,
    PRIMARY KEY (partition_id, offset)
) STRICT, WITHOUT ROWID;
"""


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Connect in autocommit mode; a commit returns after its fsync. Raises sqlite3.Error."""
    # The threads that share a connection take turns: SQLite is built in serialised mode.
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def prepare(path: Path, busy_seconds: float) -> None:
    """Create the file where it is missing, and see to it that it is a log of this software.

    Raises ForeignLogError, LogUnavailableError.
    """
    try:
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        try:
            _create_or_check(connection, path)
            _use_write_ahead_log(connection, path, busy_seconds)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _create_or_check(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    if not _is_empty(connection):
        _check_header(connection, path)
        return
    connection.execute("BEGIN IMMEDIATE")
    if _is_empty(connection):
        for statement in filter(str.strip, _SHAPE.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SHAPE_VERSION}")
    connection.execute("COMMIT")
    _check_header(connection, path)


def _is_empty(connection: sqlite3.Connection) -> bool:
    tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    return tables == 0 and _number(connection, "PRAGMA application_id") == 0


def _check_header(connection: sqlite3.Connection, path: Path) -> None:
    if _number(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise ForeignLogError(
            f"{path} is an SQLite file of other software, not a log; give the address of a log, "
            "or of a file that does not exist yet."
        )
    version = _number(connection, "PRAGMA user_version")
    if version != SHAPE_VERSION:
        raise ForeignLogError(
            f"{path} is a log in shape {version}, this software reads shape {SHAPE_VERSION}; "
            "use the version of the software that wrote it, or a newer one."
        )


def _use_write_ahead_log(connection: sqlite3.Connection, path: Path, busy_seconds: float) -> None:
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # SQLite does not call its busy handler while it changes the journal mode.
            if _primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise LogUnavailableError(
                f"{path} is on a file system that cannot share memory between processes; "
                "put it on a local disk."
            )
        return


def end_offset(connection: sqlite3.Connection, partition_id: int) -> int:
    """The offset that the partition's next record will get. Raises sqlite3.Error."""
    query = "SELECT ifnull(max(offset), -1) + 1 FROM records WHERE partition_id = ?"
    (offset,) = connection.execute(query, (partition_id,)).fetchone()
    return int(offset)


def end_offsets(connection: sqlite3.Connection) -> dict[int, int]:
    """The same of every partition, by its id, in one statement. Raises sqlite3.Error."""
    ends = "(SELECT ifnull(max(offset), -1) + 1 FROM records WHERE partition_id = id)"
    return dict(connection.execute(f"SELECT id, {ends} FROM partitions").fetchall())  # noqa: S608 - a constant


def _number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)


def _primary_code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def explain(error: sqlite3.Error, path: Path) -> LogError:
    """Return the LogError to raise for an error of SQLite: its sentence says what to do."""
    code = _primary_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return ForeignLogError(
            f"{path} is not an SQLite file; give the address of a log, or of a file that does not exist yet."
        )
    sentence = _SENTENCES.get(code, "The log {path} cannot be used; see the reason.")
    return LogUnavailableError(f"{sentence.format(path=path)} ({error})")


_LOCKED = "Another process has kept {path} locked; wait for it or stop it, and try again."

_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full; free some space and try again.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_IOERR: "The disk of {path} fails to read or write; check it and its free space.",
    sqlite3.SQLITE_READONLY: "{path} may not be written to; change its permissions, or its folder's.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; check that its folder exists and may be written to.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged; stop everything that uses it and restore it from a copy.",
}
