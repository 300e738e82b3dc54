"""What was signed, held against the log: trees, checkpoints that an auditor holds, receipts, signatures.

Everything is computed from the records that the replay reads; nothing that the notary keeps is believed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from contracts.evidence import SignedReceipt, origin_of
from ledger.entry import entry_of, leaf_hash
from ledger.judging import is_notarised, judge_receipt
from ledger.keys import KeyRing, verify_submission
from ledger.log import Record, TopicPartition
from ledger.merkle import HASH_BYTES
from ledger.notes import Checkpoint, NoteError, parse_checkpoint, parse_note
from ledger.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Tile, TiledTree, bundle_of
from ledger.tree_reader import BUNDLED_BYTES, TreeReader
from services.audit.findings import CheckName, Difference, Findings, Listed, Scalar


class Brought(NamedTuple):
    """What an auditor brings from elsewhere: checkpoint notes as text, and residents' receipts."""

    checkpoints: tuple[str, ...] = ()
    receipts: tuple[SignedReceipt, ...] = ()


NOTHING = Brought()
"""Nothing was brought."""


class Evidence:
    """Takes in the records of every partition, and says where they are not what was signed."""

    def __init__(
        self,
        ring: KeyRing,
        trees: TreeReader,
        brought: Brought,
        findings: Findings,
        *,
        signatures: bool = True,
    ) -> None:
        """`ring`: the keys as the whole `ledger` topic tells of them. `signatures`: also of each submission.

        Raises NoteError where a checkpoint that was brought is none.
        """
        self._ring = ring
        self._trees = trees
        self._published = {at: trees.sizes(at) for at in trees.trees()}
        self.seconds = 0.0
        self._findings = findings
        self._receipts = brought.receipts
        self._signatures = signatures
        self._held = [(note, parse_checkpoint(parse_note(note).text)) for note in brought.checkpoints]
        self._growing: dict[TopicPartition, _Tree] = {}
        self._promised: defaultdict[TopicPartition, set[int]] = defaultdict(set)
        for receipt in brought.receipts:
            self._promised[TopicPartition(receipt.topic, receipt.partition)].add(receipt.offset)

    def take(self, at: TopicPartition, records: Sequence[Record]) -> None:
        """The next records of a partition, in order from offset 0."""
        start = time.perf_counter()
        tree = self._growing.get(at) or self._begin(at)
        tree.take(records, self._findings)
        if self._signatures and at.topic.endswith(".submissions"):
            self._check_signatures(at, records)
        self.seconds += time.perf_counter() - start

    def finish(self, places: Sequence[TopicPartition], as_of: int) -> None:
        """Conclude. `places`: every partition of the log; `as_of`: the time of the audit, in milliseconds."""
        for at in places:
            tree = self._growing.get(at) or self._begin(at)
            tree.finish(self._findings)
        for at in self._published:
            if at not in places:
                self._differ("integrity", at, 0, "signed_partition")
        for flaw in self._ring.flaws:
            self._differ("signatures", TopicPartition("ledger", 0), flaw.offset, flaw.reason)
        for note, checkpoint in self._held:
            self._check_held(note, checkpoint)
        for receipt in self._receipts:
            self._check_receipt(receipt, as_of)

    def _begin(self, at: TopicPartition) -> _Tree:
        origin = origin_of(self._ring.genesis.ledger, *at)
        held = {checkpoint.size for _, checkpoint in self._held if checkpoint.origin == origin}
        published = Published(at, self._trees, self._ring, self._published.get(at, []))
        tree = self._growing[at] = _Tree(published, held, self._promised.get(at, set()))
        return tree

    def _check_signatures(self, at: TopicPartition, records: Sequence[Record]) -> None:
        self._findings.checked["signatures"] += len(records)
        for record in records:
            found = verify_submission(record.value, self._ring, at, record.offset)
            if found.verdict != "ok":
                self._differ("signatures", at, record.offset, found.verdict, (None, found.key))

    def _check_held(self, note: str, checkpoint: Checkpoint) -> None:
        self._findings.checked["checkpoints"] += 1
        at = _place_of(checkpoint.origin, self._ring)
        if at is None:
            self._differ("checkpoints", None, None, "other_origin", (None, checkpoint.origin[:120]))
            return
        tree = self._growing.get(at) or self._begin(at)
        if not is_signed(note, at, self._ring):
            self._differ("checkpoints", at, None, "held_not_signed", (None, checkpoint.size))
        elif checkpoint.size > tree.size:
            self._differ("checkpoints", at, tree.size, "rolled_back", (checkpoint.size, tree.size))
        elif tree.roots[checkpoint.size] != checkpoint.root:
            unlike = (checkpoint.root.hex(), tree.roots[checkpoint.size].hex())
            self._differ("checkpoints", at, checkpoint.size - 1, "other_history", unlike)

    def _check_receipt(self, receipt: SignedReceipt, as_of: int) -> None:
        self._findings.checked["receipts"] += 1
        at = TopicPartition(receipt.topic, receipt.partition)
        tree = self._growing.get(at)
        record = tree.promised.get(receipt.offset) if tree else None
        judged = judge_receipt(receipt, self._ring, record, tree.signed_size if tree else 0, as_of)
        if judged.standing not in ("kept", "not_yet_due"):
            self._differ("receipts", at, receipt.offset, judged.standing, (receipt.submission_id, None))
        elif judged.standing == "not_yet_due":
            self._findings.name(
                "receipts",
                Listed(topic=at.topic, partition=at.partition, offset=receipt.offset, what="not_yet_due"),
            )

    def _differ(
        self,
        check: CheckName,
        at: TopicPartition | None,
        offset: int | None,
        what: str,
        unlike: tuple[Scalar, Scalar] = (None, None),
    ) -> None:
        self._findings.differ(check, difference(at, offset, what, unlike))


class _Unlike(NamedTuple):
    """A tile that is not what the records make; the lowest level names the record."""

    level: int
    offset: int
    difference: Difference


class Published:
    """What the notary had published of one partition's tree when the audit began: `sizes` of its checkpoints."""

    def __init__(self, at: TopicPartition, trees: TreeReader, ring: KeyRing, sizes: Sequence[int]) -> None:
        self.at = at
        self.sizes = sizes
        self._trees = trees
        self._ring = ring
        self._is_sound = True

    @property
    def size(self) -> int:
        """How many records the last checkpoint covers."""
        return self.sizes[-1] if self.sizes else 0

    def check_tiles(self, tree: TiledTree, before: int, entries: Sequence[bytes]) -> Difference | None:
        """Hold the tiles and entries, up to the published size, against what the records have made since."""
        found = list(
            filter(None, (self._tile(*place, content) for place, content in tree.take_changed().items()))
        )
        bundles = _tiles_over(before, before + len(entries))
        found += filter(None, (self._bundle(before, entries, index) for index in bundles))
        if not found or not self._is_sound:
            return None
        self._is_sound = False
        return min(found, key=lambda unlike: unlike[:2]).difference

    def check_root(self, size: int, root: bytes) -> Difference | None:
        """Hold the checkpoint of this size against the root that the records lead to."""
        tree = self._trees.signed(self.at, size)
        said = None if tree is None else _said(tree.note)
        if tree is None or said is None or (said.size, said.root, tree.root) != (size, root, root):
            unlike = (root.hex(), said.root.hex() if said else None)
            return difference(self.at, max(0, size - 1), "root", unlike)
        if not is_signed(tree.note, self.at, self._ring):
            return difference(self.at, max(0, size - 1), "checkpoint_signature", (None, size))
        return None

    def _tile(self, level: int, index: int, content: bytes) -> _Unlike | None:
        width = min(len(content) // HASH_BYTES, (self.size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
        if width < 1:
            return None
        published = self._trees.tile(self.at, Tile(level, index, width))
        at = _first_unlike(content[: HASH_BYTES * width], published, HASH_BYTES)
        if at is None:
            return None
        offset = (index * TILE_WIDTH + at) << TILE_HEIGHT * level
        return _Unlike(level, offset, difference(self.at, offset, f"tile/{level}"))

    def _bundle(self, before: int, entries: Sequence[bytes], index: int) -> _Unlike | None:
        start = max(before, index * TILE_WIDTH)
        end = min(before + len(entries), (index + 1) * TILE_WIDTH, self.size)
        if start >= end:
            return None
        published = self._trees.tile(self.at, Tile(ENTRIES, index, end - index * TILE_WIDTH))
        skipped = (start - index * TILE_WIDTH) * BUNDLED_BYTES
        ours = bundle_of(entries[start - before : end - before])
        at = _first_unlike(ours, published and published[skipped:], BUNDLED_BYTES)
        if at is None:
            return None
        return _Unlike(0, start + at, difference(self.at, start + at, "tile/entries"))


class _Tree:
    """The tree of one partition as its records make it."""

    def __init__(self, published: Published, held: set[int], promised: set[int]) -> None:
        self._published = published
        self._tiled = TiledTree()
        self._wanted = sorted({*held, *published.sizes})
        self._next = 0
        self._promised = promised
        self.roots: dict[int, bytes] = {}
        self.promised: dict[int, Record] = {}
        self._note_roots(())

    @property
    def size(self) -> int:
        """How many records were taken in."""
        return self._tiled.size

    @property
    def signed_size(self) -> int:
        """How many records the last published checkpoint covers."""
        return self._published.size

    def take(self, records: Sequence[Record], findings: Findings) -> None:
        """Append records; note the roots that will be asked for, and compare the tiles."""
        entries = [entry_of(record) for record in records]
        if self._promised:
            self.promised |= {r.offset: r for r in records if r.offset in self._promised}
        before = self.size
        self._note_roots([leaf_hash(entry) for entry in entries])
        unlike = self._published.check_tiles(self._tiled, before, entries)
        if unlike is not None:
            findings.differ("integrity", unlike)

    def finish(self, findings: Findings) -> None:
        """Compare every checkpoint that was published."""
        at = self._published.at
        findings.checked["integrity"] += self.size
        for size in self._published.sizes:
            if size > self.size:
                findings.differ("integrity", difference(at, self.size, "signed_record", (size, self.size)))
                return
            unlike = self._published.check_root(size, self.roots[size])
            if unlike is not None:
                findings.differ("integrity", unlike)
                return
        unsigned = self.size - self.signed_size
        if unsigned:
            listed = Listed(topic=at.topic, partition=at.partition, offset=self.signed_size, what=unsigned)
            findings.name("unsigned", listed)

    def _note_roots(self, leaves: Sequence[bytes]) -> None:
        before, done = self.size, 0
        while self._next < len(self._wanted) and self._wanted[self._next] <= before + len(leaves):
            size = self._wanted[self._next]
            self._tiled.extend(leaves[done : size - before])
            done = size - before
            self.roots[size] = self._tiled.root()
            self._next += 1
        self._tiled.extend(leaves[done:])


def is_signed(note: str, at: TopicPartition, ring: KeyRing) -> bool:
    """Whether a notary key of this ledger, whose word counts at its size, signed a partition's checkpoint."""
    return is_notarised(note, origin_of(ring.genesis.ledger, *at), at, ring.keys.values())


def difference(
    at: TopicPartition | None, offset: int | None, what: str, unlike: tuple[Scalar, Scalar] = (None, None)
) -> Difference:
    """A difference at a place of the log; `unlike`: expected and found."""
    return Difference(
        topic=at.topic if at else None,
        partition=at.partition if at else None,
        offset=offset,
        what=what,
        expected=unlike[0],
        found=unlike[1],
    )


def _said(note: str) -> Checkpoint | None:
    try:
        return parse_checkpoint(parse_note(note).text)
    except NoteError:
        return None


def _place_of(origin: str, ring: KeyRing) -> TopicPartition | None:
    """The partition that an origin names, if the ledger has it."""
    for topic, count in ring.topics.items():
        for number in range(count):
            if origin == origin_of(ring.genesis.ledger, topic, number):
                return TopicPartition(topic, number)
    return None


def _tiles_over(start: int, end: int) -> range:
    return range(start // TILE_WIDTH, -(-end // TILE_WIDTH))


def _first_unlike(ours: bytes, published: bytes | None, step: int) -> int | None:
    """Which piece of `step` bytes is another, or missing; None where all are the same."""
    theirs = published or b""
    if ours == theirs:
        return None
    places = range(0, len(ours), step)
    return next((n for n, at in enumerate(places) if ours[at : at + step] != theirs[at : at + step]), None)
