"""What the notary has published: checkpoints, tiles, and proofs out of tiles. For every service, and the audit."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ledger import merkle
from ledger.entry import ENTRY_BYTES
from ledger.log import TopicPartition
from ledger.notes import ED25519, Verifier
from ledger.tiles import ENTRIES, Tile, TileError, TileNodes
from ledger.tree_file import TreeStoreError, check_header, connect, explained, origin_of

BUNDLED_BYTES = 2 + ENTRY_BYTES
"""What an entry takes in an entry bundle."""


class SignedTree(NamedTuple):
    """A tree that was signed: `note` is the checkpoint; `signed_at` is in milliseconds since the epoch."""

    size: int
    root: bytes
    note: str
    signed_at: int


class Proof(NamedTuple):
    """An inclusion or consistency proof that leads to `tree`; `reads` counts the tiles that it took."""

    tree: SignedTree
    path: list[bytes]
    reads: int


class TreeReader:
    """Reads the trees' file; there need not be one yet. Threads may share it.

    Every method may raise TreeStoreError. A proof that does not verify is never given out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self._ids: dict[TopicPartition, int] = {}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()

    def ledger(self) -> str | None:
        """The id of the ledger that the trees are of; None where there are none."""
        rows = self._rows("SELECT id FROM ledger")
        return rows[0][0] if rows else None

    def trees(self) -> list[TopicPartition]:
        """Every tree, in order."""
        rows = self._rows("SELECT topic, partition FROM trees ORDER BY topic, partition")
        return [TopicPartition(*row) for row in rows]

    def public_keys(self) -> list[bytes]:
        """The notary's public keys, the one in force last."""
        return [row[0] for row in self._rows("SELECT public FROM keys ORDER BY since, rowid")]

    def verifiers(self, at: TopicPartition) -> list[Verifier]:
        """The keys that sign this tree's checkpoints, the one in force last."""
        origin = origin_of(self.ledger() or "", at)
        return [Verifier(origin, ED25519, public) for public in self.public_keys()]

    def latest(self, at: TopicPartition) -> SignedTree | None:
        """The tree signed last; None where there is none."""
        return self._signed(at, "1 ORDER BY size DESC LIMIT 1")

    def signed(self, at: TopicPartition, size: int) -> SignedTree | None:
        """The tree signed at this size; None where that size never was."""
        return self._signed(at, "size = ?", size)

    def sizes(self, at: TopicPartition) -> list[int]:
        """The sizes at which the tree was signed, in order."""
        return [
            size
            for (size,) in self._rows(
                "SELECT size FROM checkpoints WHERE tree = ? ORDER BY size", self._id(at)
            )
        ]

    def first_over(self, at: TopicPartition, offset: int) -> SignedTree | None:
        """The first signed tree that holds this offset; None where none does yet."""
        return self._signed(at, "size > ? ORDER BY size LIMIT 1", offset)

    def checkpoint(self, at: TopicPartition) -> str | None:
        """The note to publish: the tree signed last, with the cosignatures it has so far."""
        latest = self.latest(at)
        return None if latest is None else latest.note + "".join(self.cosignatures(at, latest.size).values())

    def cosignatures(self, at: TopicPartition, size: int) -> dict[str, str]:
        """Witness's vkey → its signature line over the tree of this size."""
        query = "SELECT witness, line FROM cosignatures WHERE tree = ? AND size = ? ORDER BY witness"
        return dict(self._rows(query, self._id(at), size))

    def last_cosigned(self, at: TopicPartition, witness: str) -> int:
        """The largest size that the witness of this vkey cosigned; 0 where it has none."""
        query = "SELECT ifnull(max(size), 0) FROM cosignatures WHERE tree = ? AND witness = ?"
        return int(self._rows(query, self._id(at), witness)[0][0]) if self._id(at) else 0

    def refusals(self) -> dict[TopicPartition, str]:
        """The trees that the notary refuses to sign, each with the reason."""
        rows = self._rows("SELECT topic, partition, reason FROM refusals JOIN trees ON id = tree ORDER BY id")
        return {TopicPartition(topic, partition): reason for topic, partition, reason in rows}

    def tile(self, at: TopicPartition, tile: Tile) -> bytes | None:
        """A tile or entry bundle, as wide as asked; None where the tree has none so wide.

        A tile only grows at its end, so a narrower one is the beginning of what is kept.
        """
        query = "SELECT content FROM tiles WHERE tree = ? AND level = ? AND number = ?"
        rows = self._rows(query, self._id(at), tile.level, min(tile.number, 2**62))
        wanted = tile.width * (BUNDLED_BYTES if tile.level == ENTRIES else merkle.HASH_BYTES)
        return rows[0][0][:wanted] if rows and len(rows[0][0]) >= wanted else None

    def nodes(self, at: TopicPartition, size: int) -> TileNodes:
        """Reads the nodes of the tree of this size out of its tiles."""

        def fetch(tile: Tile) -> bytes:
            content = self.tile(at, tile)
            if content is None:
                raise TileError(f"tile {tile.path} of {at.topic}/{at.partition} is missing or cut")
            return content

        return TileNodes(fetch, size)

    def inclusion(self, at: TopicPartition, offset: int, size: int | None = None) -> Proof:
        """The proof that the record at `offset` is in the signed tree of `size`, the last one by default.

        Raises ProofError where that tree does not reach so far or was never signed, TreeStoreError.
        """
        tree = self._tree(at, size)
        nodes = self.nodes(at, tree.size)
        with _sound(at):
            path = merkle.inclusion_path(nodes.node, offset, tree.size)
        reads = nodes.reads
        with _sound(at, made=True):
            merkle.verify_inclusion(nodes.node(0, offset), offset, tree.size, path, tree.root)
        return Proof(tree, path, reads)

    def consistency(self, at: TopicPartition, size1: int, size2: int | None = None) -> Proof:
        """The proof that the tree of `size1` is how the signed tree of `size2`, or the last one, began.

        Raises ProofError where no such proof can be, TreeStoreError.
        """
        tree = self._tree(at, size2)
        nodes = self.nodes(at, tree.size)
        with _sound(at):
            path = merkle.consistency_path(nodes.node, size1, tree.size)
        reads = nodes.reads
        with _sound(at, made=True):
            old = self.nodes(at, size1).root()
            merkle.verify_consistency(size1, tree.size, path, old, tree.root)
        return Proof(tree, path, reads)

    def _tree(self, at: TopicPartition, size: int | None) -> SignedTree:
        tree = self.latest(at) if size is None else self.signed(at, size)
        if tree is None:
            raise merkle.ProofError(f"no checkpoint of {at.topic}/{at.partition} at this size was signed yet")
        return tree

    def _signed(self, at: TopicPartition, where: str, *values: int) -> SignedTree | None:
        # `where` is one of this module's own words.
        query = f"SELECT size, root, note, signed_at FROM checkpoints WHERE tree = ? AND {where}"  # noqa: S608
        rows = self._rows(query, self._id(at), *values) if max(values, default=0) < 2**63 else []
        return SignedTree(*rows[0]) if rows else None

    def _id(self, at: TopicPartition) -> int:
        """The tree's number; 0, which none has, where there is no such tree."""
        if at not in self._ids:
            rows = self._rows("SELECT topic, partition, id FROM trees")
            self._ids = {TopicPartition(topic, partition): number for topic, partition, number in rows}
        return self._ids.get(at, 0)

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock, explained(self._path):
            connection = self._connected()
            return [] if connection is None else connection.execute(query, values).fetchall()

    def _connected(self) -> sqlite3.Connection | None:
        """The connection; None where there is no file yet. The caller holds the lock."""
        if self._closed:
            raise TreeStoreError(f"{self._path} is closed")
        if self._connection is None and self._path.is_file():
            connection = connect(self._path)
            check_header(connection, self._path)
            self._connection = connection
        return self._connection


@contextlib.contextmanager
def _sound(at: TopicPartition, *, made: bool = False) -> Iterator[None]:
    """Raise TreeStoreError where the tiles are damaged, or a proof `made` from them does not verify."""
    try:
        yield
    except (TileError, merkle.ProofError) as error:
        if isinstance(error, merkle.ProofError) and not made:
            raise
        raise TreeStoreError(
            f"the tiles of {at.topic}/{at.partition} do not lead to the root that was signed ({error}): "
            "restore the notary's folder from a copy"
        ) from error
