"""The SQLite file that holds the trees over the log: tiles, signed checkpoints, cosignatures, refusals.

It is `notary/trees.sqlite` in the home, written by the notary alone and read by whoever shows or checks a proof.
It must be kept: what it says was signed can be signed in no other way again.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ledger.log import TopicPartition

FOLDER, FILE = "notary", "trees.sqlite"
APPLICATION_ID = 0x42617254
"""Marks the file in its header: "BarT" in ASCII."""

SHAPE_VERSION = 1
_BUSY_SECONDS = 10.0

_SHAPE = """
CREATE TABLE ledger (id TEXT NOT NULL) STRICT;
CREATE TABLE keys (public BLOB PRIMARY KEY, since INTEGER NOT NULL) STRICT;
CREATE TABLE trees (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, UNIQUE (topic, partition)
) STRICT;
CREATE TABLE tiles (
    tree INTEGER NOT NULL, level INTEGER NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL,
    UNIQUE (tree, level, number)
) STRICT;
CREATE TABLE checkpoints (
    tree INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    signed_at INTEGER NOT NULL, PRIMARY KEY (tree, size)
) STRICT;
CREATE TABLE cosignatures (
    tree INTEGER NOT NULL, size INTEGER NOT NULL, witness TEXT NOT NULL, line TEXT NOT NULL,
    PRIMARY KEY (tree, size, witness)
) STRICT;
CREATE TABLE refusals (tree INTEGER PRIMARY KEY, reason TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
"""
# checkpoints.root never changes: the store replaces a note only by one over the same root (another key's).


class TreeStoreError(Exception):
    """The trees' file cannot be used, or does not hold what it should; the sentence says what to do."""


def trees_path(home: Path) -> Path:
    """Where the file is in a home folder."""
    return home / FOLDER / FILE


def origin_of(ledger: str, at: TopicPartition) -> str:
    """The origin line of a partition's tree, which is also its key's name."""
    return f"barograph/{ledger}/{at.topic}/{at.partition}"


def connect(path: Path) -> sqlite3.Connection:
    """Connect in autocommit mode; a commit returns after its fsync. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def create(path: Path) -> sqlite3.Connection:
    """Connect to the file, made where it is missing. Raises TreeStoreError."""
    with explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = connect(path)
        connection.execute("PRAGMA page_size = 16384")
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _SHAPE.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SHAPE_VERSION}")
        check_header(connection, path)
        return connection


def check_header(connection: sqlite3.Connection, path: Path) -> None:
    """Raise TreeStoreError where the file is another."""
    found = connection.execute("SELECT * FROM pragma_application_id, pragma_user_version").fetchone()
    if found != (APPLICATION_ID, SHAPE_VERSION):
        raise TreeStoreError(f"{path} is not the file of trees that this version of the software writes")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise TreeStoreError for an error of SQLite or of the file system."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise TreeStoreError(
            f"the trees in {path} cannot be used ({error}): restore them from a copy"
        ) from error
