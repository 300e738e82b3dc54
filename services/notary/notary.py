"""The notary: a tree over every partition of the log, signed as it grows, never in two ways.

It reads the log as the log gives it. Where the log is not what was signed, that tree is signed no further.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.entry import entry_of, leaf_hash
from ledger.log import EventLog, ForeignLogError, Record, TopicPartition
from ledger.merkle import EMPTY_ROOT, Frontier
from ledger.notes import Checkpoint, NoteError, open_checkpoint, parse_note, sign_note, verifier_of
from ledger.tiles import ENTRIES, TILE_WIDTH, Tile, TiledTree, TileError, bundle_of, edge_widths
from ledger.tree_file import origin_of
from ledger.tree_reader import SignedTree
from ledger.tree_store import Growth, TreeStore

BATCH = 4096
"""Records read, hashed and signed at a time."""

TAIL = 1024
"""So many of the last signed records are compared at each start, before anything is signed."""

_TOPICS_SECONDS = 5.0
"""How often new topics are looked for."""

_log = structlog.get_logger(__name__)


class LogChangedError(Exception):
    """The log is not what was signed; the sentence says where."""


class _Growing(NamedTuple):
    """A tree in memory: its right edge, the last leaf, and the beginning of the last entry bundle."""

    tree: TiledTree
    last: bytes
    bundle: bytes


class Notary:
    """Follows every partition of a log and signs its trees. One at a time (see ledger.tree_store)."""

    def __init__(
        self,
        log: EventLog,
        ledger: str,
        store: TreeStore,
        key: Ed25519PrivateKey,
        clock: Callable[[], int],
    ) -> None:
        """`ledger` is the ledger's id; `clock` tells milliseconds since the epoch."""
        self.store = store
        self.refused: dict[TopicPartition, str] = {}
        self._log = log
        self._ledger = ledger
        self._key = key
        self._clock = clock
        self._growing: dict[TopicPartition, _Growing] = {}
        self._topics: list[str] = []
        self._topics_until = 0.0

    def positions(self) -> dict[TopicPartition, int]:
        """How far each tree is signed that is not refused."""
        return {at: growing.tree.size for at, growing in self._growing.items() if at not in self.refused}

    async def catch_up(self) -> int:
        """Sign all that the log holds now; return how many records that were.

        Raises LogError where the log is away, TreeStoreError. A tree whose log changed is refused instead.
        """
        ends = await self._log.end_offsets(await self._known_topics())
        for at in sorted(ends.keys() - self._growing.keys() - self.refused.keys()):
            with self._judging(at):
                self._growing[at] = await self._begun(at)
        # A tree that is longer than its log is looked at too: growing it finds that the log changed.
        added, behind = 0, [at for at in ends if self._size(at) not in (None, ends[at])]
        while behind:
            for at in behind:
                # A check may have refused it meanwhile.
                if self._size(at) is not None:
                    with self._judging(at):
                        added += await self._grow(at)
            # What came after the look at the ends may have been signed with the rest.
            behind = [at for at in behind if (size := self._size(at)) is not None and size < ends[at]]
        return added

    async def check(self, at: TopicPartition) -> None:
        """Compare every record that was signed with the log, and the root with the signature.

        Raises LogChangedError, LogError, TreeStoreError.
        """
        signed = self.store.latest(at)
        frontier = Frontier()
        while signed is not None and frontier.size < signed.size:
            await self._compare(at, frontier.size, min(frontier.size + BATCH, signed.size), frontier)
        if signed is not None and frontier.root() != signed.root:
            raise LogChangedError("the records lead to another root than the one that was signed")

    async def check_all(self) -> None:
        """Check every tree that is not refused, and refuse those whose log changed."""
        for at in self.store.trees():
            if at not in self.refused:
                try:
                    await self.check(at)
                except (LogChangedError, ForeignLogError) as error:
                    self._refuse(at, str(error))

    def _size(self, at: TopicPartition) -> int | None:
        """How many records are signed; None where the tree is refused, or has not begun."""
        return None if at in self.refused or at not in self._growing else self._growing[at].tree.size

    @contextlib.contextmanager
    def _judging(self, at: TopicPartition) -> Iterator[None]:
        """Refuse the tree where what is done inside finds that its log changed."""
        try:
            yield
        except (LogChangedError, ForeignLogError) as error:
            self._refuse(at, str(error))
        except BaseException:
            # What is in memory may be ahead of what was kept.
            self._growing.pop(at, None)
            raise

    def _refuse(self, at: TopicPartition, reason: str) -> None:
        self.refused[at] = reason
        self.store.refuse(at, reason, self._clock())
        _log.error("notary.refuses_to_sign", topic=at.topic, partition=at.partition, reason=reason)

    async def _known_topics(self) -> list[str]:
        """The log's topics; a tree whose topic is gone is refused."""
        now = asyncio.get_running_loop().time()
        if now >= self._topics_until:
            counts = await self._log.topics()
            for at in self.store.trees():
                if at not in self.refused and at.partition >= counts.get(at.topic, 0):
                    self._refuse(at, "the log has no such partition any more")
            self._topics, self._topics_until = sorted(counts), now + _TOPICS_SECONDS
        return self._topics

    async def _begun(self, at: TopicPartition) -> _Growing:
        """The tree as it was signed last, compared with the log's tail, or with all of it after a refusal."""
        growing, signed = await asyncio.to_thread(self._restored, at)
        if at in self.store.refusals():
            await self.check(at)
            self.store.relent(at)
        await self._compare(at, max(0, signed.size - TAIL), signed.size)
        if not self._signed_by_current_key(at, signed):
            self.store.sign_again(at, self._signed_anew(at, signed))
        return growing

    def _restored(self, at: TopicPartition) -> tuple[_Growing, SignedTree]:
        self.store.add(at, self._signed(at, 0, EMPTY_ROOT))
        signed = self.store.latest(at)
        if signed is None:
            raise LogChangedError("the notary's file has lost what was signed: restore it from a copy")
        nodes, end = self.store.nodes(at, signed.size), signed.size // TILE_WIDTH
        try:
            said = open_checkpoint(signed.note, self.store.verifiers(at))
            if nodes.root() != signed.root or (said.size, said.root) != (signed.size, signed.root):
                raise LogChangedError("the notary's own tiles do not lead to the root that it signed")
            edge = {
                level: nodes.tile(Tile(level, signed.size >> 8 * (level + 1), width))
                for level, width in edge_widths(signed.size).items()
            }
            last = nodes.node(0, signed.size - 1) if signed.size else b""
        except (TileError, NoteError) as error:
            raise LogChangedError(f"the notary's own tiles or checkpoint are damaged: {error}") from error
        width = signed.size % TILE_WIDTH
        bundle = self.store.tile(at, Tile(ENTRIES, end, width)) if width else b""
        if bundle is None:
            raise LogChangedError("the notary's own entries are damaged")
        return _Growing(TiledTree(signed.size, edge), last, bundle), signed

    async def _grow(self, at: TopicPartition) -> int:
        """Sign one batch more. It begins with the last record signed, which must be the same still."""
        growing = self._growing[at]
        before = growing.tree.size
        records = await self._read(at, max(0, before - 1), before + BATCH)
        if before and (not records or leaf_hash(entry_of(records[0])) != growing.last):
            raise LogChangedError(f"record {before - 1} is not the one that was signed, or is gone")
        fresh = records[1:] if before else records
        if fresh:
            self._growing[at] = await asyncio.to_thread(self._kept, at, growing, fresh)
        return len(fresh)

    def _kept(self, at: TopicPartition, growing: _Growing, records: Sequence[Record]) -> _Growing:
        entries = list(map(entry_of, records))
        leaves = list(map(leaf_hash, entries))
        tree, before = growing.tree, growing.tree.size
        tree.extend(leaves)
        tiles = tree.take_changed()
        bundle, full = growing.bundle + bundle_of(entries), TILE_WIDTH * (len(bundle_of(entries[:1])))
        for index, start in enumerate(range(0, len(bundle), full), before // TILE_WIDTH):
            tiles[ENTRIES, index] = bundle[start : start + full]
        self.store.grow(at, before, Growth(tiles, self._signed(at, tree.size, tree.root())))
        return _Growing(tree, leaves[-1], bundle[len(bundle) - len(bundle) % full :])

    async def _compare(
        self, at: TopicPartition, start: int, end: int, frontier: Frontier | None = None
    ) -> None:
        """Compare records with the leaves that were signed."""
        while start < end:
            records = await self._read(at, start, min(end, start + BATCH))
            if not records:
                raise LogChangedError(f"the log ends at {start}, and {end} records were signed")
            leaves = await asyncio.to_thread(self._leaves, at, records)
            if frontier is not None:
                frontier.extend(leaves)
            start += len(records)

    def _leaves(self, at: TopicPartition, records: Sequence[Record]) -> list[bytes]:
        leaves = [leaf_hash(entry_of(record)) for record in records]
        nodes = self.store.nodes(at, records[-1].offset + 1)
        for record, leaf in zip(records, leaves, strict=True):
            try:
                signed = nodes.node(0, record.offset)
            except TileError as error:
                raise LogChangedError(f"the notary's own tiles are damaged: {error}") from error
            if signed != leaf:
                raise LogChangedError(f"record {record.offset} is not the one that was signed")
        return leaves

    async def _read(self, at: TopicPartition, start: int, end: int) -> list[Record]:
        """The records from `start` on, up to `end`, without a gap."""
        records = await self._log.read(at.topic, at.partition, start, end - start)
        for expected, record in enumerate(records, start):
            if record.offset != expected:
                raise LogChangedError(f"record {expected} is missing from the log")
        return records

    def _signed(self, at: TopicPartition, size: int, root: bytes) -> SignedTree:
        origin = origin_of(self._ledger, at)
        note = sign_note(Checkpoint(origin, size, root).encode(), origin, self._key)
        return SignedTree(size, root, note, self._clock())

    def _signed_anew(self, at: TopicPartition, tree: SignedTree) -> SignedTree:
        """The same tree with the signature of the key in force before those that it has."""
        anew = self._signed(at, tree.size, tree.root)
        lines = (signature.line() for signature in parse_note(tree.note).signatures)
        return anew._replace(note=anew.note + "".join(lines))

    def _signed_by_current_key(self, at: TopicPartition, signed: SignedTree) -> bool:
        try:
            open_checkpoint(signed.note, [verifier_of(origin_of(self._ledger, at), self._key)])
        except NoteError:
            return False
        return True
