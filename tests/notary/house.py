"""A log with records, and notaries over it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from ledger import merkle
from ledger.entry import entry_of, leaf_hash
from ledger.log import Draft, EventLog, TopicPartition
from ledger.notes import open_checkpoint, signer_of, verifier_of
from ledger.sqlite import SqliteLog
from ledger.tiles import Tile, entries_of, tiles_of
from ledger.tree_file import origin_of, trees_path
from ledger.tree_reader import TreeReader
from ledger.tree_store import TreeStore
from services.notary.notary import Notary

LEDGER = "led_demo0000"
TREE = TopicPartition("t", 1)
KEY = signer_of(b"\x01" * 32)
NOW = 1_767_225_600_000


def drafts(count: int, *, first: int = 0) -> list[Draft]:
    """Records that differ."""
    return [Draft(NOW + number, b"key", f"said {number}".encode()) for number in range(first, first + count)]


@contextlib.asynccontextmanager
async def opened_log(folder: Path) -> AsyncIterator[SqliteLog]:
    """The log of a folder, with topics `ledger` and `t`."""
    async with SqliteLog(folder / "log.sqlite") as log:
        await log.create_topics({"ledger": 1, "t": 3})
        yield log


@contextlib.contextmanager
def notary_over(
    log: EventLog, folder: Path, *, seed: bytes = b"\x01" * 32, ledger: str = LEDGER
) -> Iterator[Notary]:
    """A notary whose files are in a folder."""
    key = signer_of(seed)
    store = TreeStore.open(trees_path(folder), ledger, verifier_of("key", key).public, NOW)
    try:
        yield Notary(log, ledger, store, key, lambda: NOW)
    finally:
        store.close()


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[TreeReader]:
    """What the notary of a folder published."""
    reader = TreeReader(trees_path(folder))
    try:
        yield reader
    finally:
        reader.close()


async def assert_tree_is_of(log: EventLog, trees: TreeReader, at: TopicPartition) -> None:
    """The signed tree, its tiles and its entries are those of the partition's records."""
    records = [
        record for start in range(0, await log.end_offset(*at), 1000) for record in await log.read(*at, start)
    ]
    entries = list(map(entry_of, records))
    leaves = list(map(leaf_hash, entries))
    note = trees.checkpoint(at)
    assert note is not None
    checkpoint = open_checkpoint(note, trees.verifiers(at))
    assert (checkpoint.origin, checkpoint.size) == (origin_of(LEDGER, at), len(records))
    assert checkpoint.root == merkle.root(leaves)
    found = []
    for tile in tiles_of(len(records)):
        content = trees.tile(at, tile)
        assert content is not None
        if tile.level == 0:
            bundle = trees.tile(at, Tile(-1, tile.number, tile.width))
            assert bundle is not None
            found += entries_of(bundle)
    assert found == entries
    for index in {0, len(records) // 2, len(records) - 1} if records else ():
        proof = trees.inclusion(at, index)
        merkle.verify_inclusion(leaves[index], index, len(records), proof.path, checkpoint.root)


def digest(folder: Path) -> str:
    """What the notary of a folder keeps of its trees, but for how often it signed on the way."""
    with contextlib.closing(sqlite3.connect(trees_path(folder))) as file:
        tiles = file.execute("SELECT * FROM tiles ORDER BY tree, level, number").fetchall()
        last = file.execute("SELECT tree, max(size), root, note FROM checkpoints GROUP BY tree").fetchall()
    return hashlib.sha256(repr((tiles, last)).encode()).hexdigest()


def edited(folder: Path, change: str, offset: int, *, on: bool = False) -> None:
    """Change record `offset` of the tree's partition behind everybody's back; `on`: and all after it."""
    of_tree = "partition_id = (SELECT id FROM partitions WHERE topic = ? AND partition = ?)"
    # The words are this test's own.
    statement = f"{change} WHERE {of_tree} AND offset {'>=' if on else '='} ?"
    with contextlib.closing(sqlite3.connect(folder / "log.sqlite")) as file:
        changed = file.execute(statement, (*TREE, offset)).rowcount
        file.commit()
    assert changed


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the notary's own tasks sign
            await asyncio.sleep(0.01)
