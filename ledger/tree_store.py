"""Writing the trees' file: what the notary alone does. A checkpoint and its tiles are kept in one commit."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from ledger.log import TopicPartition
from ledger.tree_file import TreeStoreError, create, explained, transaction
from ledger.tree_reader import SignedTree, TreeReader

_Run = Callable[..., list[Any]]
"""Runs one statement and returns its rows."""


class Growth(NamedTuple):
    """What a tree grew by: changed tiles and bundles ((level, index) → content), and the tree as signed."""

    tiles: Mapping[tuple[int, int], bytes]
    tree: SignedTree


@contextlib.contextmanager
def only_notary(path: Path) -> Iterator[None]:
    """Hold the lock of the trees' file: one notary at a time. Raises TreeStoreError while another has it."""
    with explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TreeStoreError(
                f"another notary works in {path.parent}: only one may sign, so stop it first"
            ) from None
        yield
    finally:
        os.close(lock)


class TreeStore(TreeReader):
    """Reads and writes the trees' file. Every method may raise TreeStoreError. Threads may share it."""

    @classmethod
    def open(cls, path: Path, ledger: str, public_key: bytes, now: int) -> Self:
        """Open the file for a ledger and a key in force; made where missing.

        Raises TreeStoreError where it holds the trees of another ledger.
        """
        store = cls(path)
        store._connection = connection = create(path)
        with explained(path), transaction(connection):
            rows = connection.execute("SELECT id FROM ledger").fetchall()
            if not rows:
                connection.execute("INSERT INTO ledger VALUES (?)", (ledger,))
            elif rows != [(ledger,)]:
                raise TreeStoreError(
                    f"{path} holds the trees of ledger {rows[0][0]}, and the log is of ledger {ledger}: "
                    "each ledger needs a home of its own"
                )
            connection.execute("INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING", (public_key, now))
        return store

    def add(self, at: TopicPartition, empty: SignedTree) -> None:
        """Begin a tree, signed while it is empty; one that exists stays as it is."""
        with self._writing() as run:
            run("INSERT INTO trees (topic, partition) VALUES (?, ?) ON CONFLICT DO NOTHING", *at)
            run(
                "INSERT INTO checkpoints SELECT id, ?, ?, ?, ? FROM trees WHERE topic = ? AND partition = ?"
                " ON CONFLICT DO NOTHING",
                *(*empty, *at),
            )

    def grow(self, at: TopicPartition, before: int, growth: Growth) -> None:
        """Keep what a tree of size `before` grew by. Raises TreeStoreError where it has another size by now."""
        tree, number = growth.tree, self._id(at)
        with self._writing() as run:
            (last,) = run("SELECT max(size) FROM checkpoints WHERE tree = ?", number)[0]
            if last != before or tree.size <= before:
                raise TreeStoreError(
                    f"the tree of {at.topic}/{at.partition} is signed at size {last} already: another notary "
                    "works with this key"
                )
            for (level, index), content in growth.tiles.items():
                run("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", number, level, index, content)
            run("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)", number, *tree)

    def sign_again(self, at: TopicPartition, tree: SignedTree) -> None:
        """Replace the note of a signed tree by one over the same root, of the key now in force."""
        number = self._id(at)
        with self._writing() as run:
            kept = run(
                "UPDATE checkpoints SET note = ?, signed_at = ? WHERE tree = ? AND size = ? AND root = ?"
                " RETURNING size",
                *(tree.note, tree.signed_at, number, tree.size, tree.root),
            )
            if not kept:
                raise TreeStoreError(
                    f"another tree of size {tree.size} was signed for {at.topic}/{at.partition}"
                )

    def add_cosignature(self, at: TopicPartition, size: int, witness: str, line: str) -> None:
        """Keep a witness's verified signature line."""
        number = self._id(at)
        with self._writing() as run:
            run("INSERT OR REPLACE INTO cosignatures VALUES (?, ?, ?, ?)", number, size, witness, line)

    def refuse(self, at: TopicPartition, reason: str, now: int) -> None:
        """Remember that a tree is not signed any more, and why."""
        number = self._id(at)
        with self._writing() as run:
            run("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)", number, reason, now)

    def relent(self, at: TopicPartition) -> None:
        """Forget a refusal: the log was found as it was signed."""
        number = self._id(at)
        with self._writing() as run:
            run("DELETE FROM refusals WHERE tree = ?", number)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[_Run]:
        with self._lock, explained(self._path):
            connection = self._connected()
            if connection is None:
                raise TreeStoreError(f"{self._path} is gone")
            with transaction(connection):
                yield lambda query, *values: connection.execute(query, values).fetchall()
