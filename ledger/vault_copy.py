"""Copies of the key vault as files: written from an open vault, and read back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote


class CopyError(Exception):
    """A copy cannot be written or read; the sentence says why."""


class Copy(NamedTuple):
    """What a copy holds: (handle, subject, wrapped keys) of each subject, and the tombstones."""

    subjects: list[tuple[bytes, str, bytes]]
    tombstones: list[tuple[str]]


def write_copy(connection: sqlite3.Connection, path: Path) -> int:
    """Write what the connection sees to a new file for its owner alone; return how many subjects it holds.

    Raises CopyError; a file that is there already stays as it is.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise CopyError(f"{path} cannot be written ({error.strerror}): name a new file.") from None
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        return int(copy.execute("SELECT count(*) FROM subjects").fetchone()[0])


def read_copy(path: Path) -> Copy:
    """Read a copy, which stays as it is. Raises CopyError."""
    if not path.is_file():
        raise CopyError(f"There is no file {path}.")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as copy:
            return Copy(
                copy.execute("SELECT handle, subject, keys FROM subjects").fetchall(),
                copy.execute("SELECT subject FROM tombstones").fetchall(),
            )
    except sqlite3.Error as error:
        raise CopyError(f"{path} is no copy of a vault ({error}).") from None
