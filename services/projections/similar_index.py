"""Which cases share tags: a file beside the vault that can be deleted at any time (docs/adr/0022).

Derived from the log and the vault. It holds tags under keys that only the vault's holder can make, and case
ids; a case whose keys are gone is dropped when it is met.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_SHAPE = """
CREATE TABLE cases (number INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tags (
    tag INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (tag, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE positions (partition INTEGER PRIMARY KEY, submission_offset INTEGER NOT NULL) STRICT;
CREATE TABLE owner (name TEXT NOT NULL) STRICT;
PRAGMA user_version = 1;
"""
_VERSION = 1
_BUSY_SECONDS = 5.0


class SimilarIndexError(Exception):
    """The index cannot be read or written now."""


class Tagged(NamedTuple):
    """A case of a partition, lodged by the submission at this offset, with the tags of its story."""

    submission_offset: int
    case_id: str
    tags: Sequence[int]


class SimilarIndex:
    """The index in one file; any number of processes may share it. Every method may raise SimilarIndexError."""

    def __init__(self, path: Path, owner: str) -> None:
        """`owner` names the ledger: an index of another one is made anew."""
        self._path = path
        self._owner = owner
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def position(self, partition: int) -> int:
        """The submission from which on cases of this partition are not in the index yet."""
        with self._locked() as connection:
            query = "SELECT submission_offset FROM positions WHERE partition = ?"
            found = connection.execute(query, (partition,)).fetchone()
            return int(found[0]) if found else 0

    def add(self, partition: int, after: int, cases: Sequence[Tagged]) -> None:
        """Add cases, and move the position to `after`. Cases that are there already stay as they are."""
        with self._locked() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for case in cases:
                made = connection.execute("INSERT OR IGNORE INTO cases (case_id) VALUES (?)", (case.case_id,))
                if made.rowcount:
                    rows = [(tag, made.lastrowid) for tag in case.tags]
                    connection.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", rows)
            connection.execute(
                "INSERT INTO positions VALUES (?, ?) ON CONFLICT (partition) DO UPDATE "
                "SET submission_offset = max(submission_offset, excluded.submission_offset)",
                (partition, after),
            )
            connection.execute("COMMIT")

    def sharing(self, tags: Sequence[int], limit: int) -> list[str]:
        """The cases that share one of these tags, those first that share most."""
        if not tags:
            return []
        marks = ", ".join("?" * len(tags))
        query = (
            f"SELECT case_id FROM tags JOIN cases USING (number) WHERE tag IN ({marks}) "  # noqa: S608 - marks only
            "GROUP BY number ORDER BY count(*) DESC, number DESC LIMIT ?"
        )
        with self._locked() as connection:
            return [row[0] for row in connection.execute(query, (*tags, limit))]

    def forget(self, tags: Sequence[int], cases: Collection[str]) -> None:
        """Drop these cases from what these tags lead to."""
        with self._locked() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for case in cases:
                found = connection.execute("SELECT number FROM cases WHERE case_id = ?", (case,)).fetchone()
                if found:
                    rows = [(tag, found[0]) for tag in tags]
                    connection.executemany("DELETE FROM tags WHERE tag = ? AND number = ?", rows)
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                yield self._connection
            except sqlite3.DatabaseError as error:
                self._close()
                if not isinstance(error, sqlite3.OperationalError):
                    # Damaged: it is made again from the log.
                    self._remove()
                raise SimilarIndexError(str(error)) from error

    def _open(self) -> sqlite3.Connection:
        connection = self._connect()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == _VERSION and connection.execute("SELECT name FROM owner").fetchone() == (self._owner,):
            return connection
        if version:
            connection.close()
            self._remove()
            connection = self._connect()
        connection.executescript(f"BEGIN IMMEDIATE; {_SHAPE}")
        connection.execute("INSERT INTO owner VALUES (?)", (self._owner,))
        connection.execute("COMMIT")
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
