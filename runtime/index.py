"""Where each stream's decisions stand on an events partition: a file that can be deleted at any time.

Derived from the log, so that a worker starts with the open streams and not with all. SQLite keeps it whole
when a process or the machine dies; a count and a checksum over all rows tell any other damage at the start.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from contracts.workflow import Batch
from runtime.control import Control
from runtime.genesis import Ledger

EVERY = 200
"""After so many decisions the index is written: no more are folded again at the next start."""

_SHAPE = """
CREATE TABLE decisions (
    stream TEXT NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (stream, offset)
) STRICT, WITHOUT ROWID;
CREATE TABLE open_streams (stream TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL, sha256 BLOB NOT NULL
) STRICT;
PRAGMA user_version = 1;
"""
_VERSION = 1


class IndexLostError(Exception):
    """The index cannot be used, or does not fit the log: go on without it."""


class IndexInUseError(IndexLostError):
    """Another worker has the file open."""


class Checkpoint(NamedTuple):
    """A partition's state beside its streams, after the decision at `position` - 1 on the events partition.

    `previous` is the SHA-256 of that decision's value; the rest is as in `runtime.kernel.Partition`.
    `activations` holds (first offset on the events partition, rules) for each change of rules.
    """

    position: int
    previous: str
    next_offset: int
    now: int
    basis: int
    control: Control
    activations: tuple[tuple[int, str], ...] = ()


class Entry(NamedTuple):
    """A decision that moved a stream stands at this offset of the events partition."""

    stream: str
    offset: int


class StreamIndex:
    """The index of one partition. One worker at a time has it open; not safe to share.

    Every method but `close` and `discard` raises IndexLostError.
    """

    def __init__(self, path: Path, owner: str, every: int = EVERY) -> None:
        """`owner` names ledger, family and partition: an index of another owner is not used."""
        self.every = every
        self._path = path
        self._owner = owner
        self._connection: sqlite3.Connection | None = None
        self._checkpoint: Checkpoint | None = None
        self._rows = 0
        self._sum = 0

    def open(self) -> Checkpoint | None:
        """Open the file, unless it is, and say how far it goes; None where it is new.

        All of it is checked: a damaged file, or one of another owner, is replaced by a new one. Raises
        IndexInUseError.
        """
        if self._connection is None:
            try:
                self._checkpoint = self._open()
            except IndexInUseError:
                self.close()
                raise
            except IndexLostError:
                self.discard()
                self._checkpoint = self._open()
        return self._checkpoint

    def close(self) -> None:
        """Let go of the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def discard(self) -> None:
        """Delete the file."""
        self.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink()

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as connection:
            for table in ("decisions", "open_streams", "state"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are our own
        self._checkpoint = None
        self._rows = self._sum = 0

    def add(
        self, checkpoint: Checkpoint, entries: Collection[Entry], opened: Iterable[str], closed: Iterable[str]
    ) -> None:
        """Go on to this checkpoint: entries below its position, and which of their streams are open."""
        rows = self._rows + len(entries)
        total = self._sum + sum(map(_checksum, entries))
        content = orjson.dumps([self._owner, rows, total, *_plain(checkpoint)])
        with self._writing() as connection:
            connection.executemany("INSERT INTO decisions VALUES (?, ?)", entries)
            connection.executemany("INSERT OR IGNORE INTO open_streams VALUES (?)", zip(opened))
            connection.executemany("DELETE FROM open_streams WHERE stream = ?", zip(closed))
            digest = hashlib.sha256(content).digest()
            connection.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?)", (content, digest))
        self._checkpoint, self._rows, self._sum = checkpoint, rows, total

    def offsets(self, streams: Iterable[str]) -> dict[str, list[int]]:
        """Where the decisions of these streams stand, in order; streams without any are left out."""
        query = "SELECT offset FROM decisions WHERE stream = ? ORDER BY offset"
        found: dict[str, list[int]] = {}
        with self._explained() as connection:
            for stream in streams:
                offsets = [row[0] for row in connection.execute(query, (stream,))]
                if offsets:
                    found[stream] = offsets
        return found

    def open_streams(self) -> list[str]:
        """The streams of which more is expected."""
        with self._explained() as connection:
            return [row[0] for row in connection.execute("SELECT stream FROM open_streams")]

    def _open(self) -> Checkpoint | None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
        except (sqlite3.Error, OSError) as error:
            raise IndexLostError(str(error)) from error
        with self._explained() as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            # In WAL mode this loses the last transactions with the power, but keeps the file whole.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                connection.executescript(f"BEGIN; {_SHAPE} COMMIT;")
            elif version != _VERSION:
                raise IndexLostError("the index is of another version")
            return self._checked(connection)

    def _checked(self, connection: sqlite3.Connection) -> Checkpoint | None:
        """The checkpoint, if every row that was written with it is there, as it was written."""
        self._rows = self._sum = 0
        for row in connection.execute("SELECT stream, offset FROM decisions"):
            self._rows += 1
            self._sum += _checksum(row)
        state = connection.execute("SELECT content, sha256 FROM state").fetchone()
        if state is None and self._rows == 0:
            return None
        if state is None or hashlib.sha256(state[0]).digest() != state[1]:
            raise IndexLostError("the index is damaged")
        owner, rows, total, *plain = orjson.loads(state[0])
        if (owner, rows, total) != (self._owner, self._rows, self._sum):
            raise IndexLostError("the index is damaged, or of another partition")
        return _from_plain(*plain)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._explained() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _explained(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is None:
                raise IndexLostError("the index is not open")
            yield self._connection
        except (sqlite3.Error, TypeError, ValueError) as error:
            # A damaged file may give text that is none, and values of any type.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            kind = IndexInUseError if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else IndexLostError
            raise kind(str(error)) from error


def index_of(folder: Path, ledger: Ledger, family: str, partition: int) -> StreamIndex:
    """The index of one partition among the derived files in `folder`."""
    return StreamIndex(folder / f"{family}-{partition}.sqlite", f"{ledger.hash}/{family}/{partition}")


def _checksum(entry: tuple[str, int]) -> int:
    return zlib.crc32(f"{entry[1]} {entry[0]}".encode())


def _plain(checkpoint: Checkpoint) -> list[object]:
    held = checkpoint.control
    batches = {stream: list(batch) for stream, batch in held.batches.items()}
    return [checkpoint[:5], [held.rules, held.heartbeat_hour, batches], checkpoint.activations]


def _from_plain(numbers: list[Any], held: list[Any], activations: list[list[Any]]) -> Checkpoint:
    rules, heartbeat_hour, batches = held
    control = Control(rules, heartbeat_hour, {stream: Batch(*batch) for stream, batch in batches.items()})
    position, previous, next_offset, now, basis = numbers
    changes = tuple((since, version) for since, version in activations)
    return Checkpoint(position, previous, next_offset, now, basis, control, changes)
