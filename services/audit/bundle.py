"""The evidence bundle: one deterministic zip that a third party verifies off line with its own verify.py.

What is in it is told by its README.txt; verify.py beside this module reads it. Records end at the last signed
checkpoint of each partition, so the same checkpoints give the same bytes.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from contracts.figures_definition import DEFINITION
from contracts.reference import RegisterHistory
from contracts.topics import LEDGER_TOPIC, submissions_topic
from ledger.entry import entry_of, leaf_hash
from ledger.keys import KeyRing, KnownKey, ring_of
from ledger.log import EventLog, Record, TopicPartition
from ledger.merkle import Frontier
from ledger.stored_zip import StoredZip, indented
from ledger.tiles import TileError
from ledger.tree_reader import SignedTree, TreeReader
from runtime.chain import Chain, beginning
from runtime.genesis import Ledger
from services.audit.bundle_parts import FAMILY_OF_FIGURES, policies, provenance, readme, stated_figures
from services.audit.bundle_zip import LogDiffersError, NotSignedError, new_zip, record_line
from services.audit.cases import Books
from services.audit.happened import Collector

FORMAT = "barograph-bundle-1"
PORTION = 2000
SIGNED_SECONDS = 30.0
"""How long to wait for the notary to sign what decisions rest on."""

_LOOK_SECONDS = 0.2


class BundleScope(NamedTuple):
    """What goes in: records of these units, from one time on and before another; None is no bound.

    Times in milliseconds since the epoch. The ledger and register topics always go in whole.
    """

    units: tuple[str, ...] | None = None
    since: int | None = None
    until: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self == BundleScope()

    def covers(self, record: Record) -> bool:
        """Whether this record of a family's topic goes in."""
        return (
            (self.units is None or (record.key or b"").decode(errors="replace") in self.units)
            and (self.since is None or record.timestamp >= self.since)
            and (self.until is None or record.timestamp < self.until)
        )

    def as_json(self) -> dict[str, object]:
        """As the manifest states it; empty for everything."""
        units = None if self.units is None else sorted(self.units)
        told = {"units": units, "from": self.since, "to": self.until}
        return {name: value for name, value in told.items() if value is not None}


class Exported(NamedTuple):
    """What went into a bundle: records, and how many each partition's checkpoint covers."""

    records: int
    as_of: dict[str, dict[str, int]]


Report = Callable[[int, int], None]
"""Is told how many records have been read, of how many."""


class BundleExport:
    """One export. `trees` is what the notary has published; `version` that of this software."""

    def __init__(
        self, log: EventLog, ledger: Ledger, trees: TreeReader, version: str, report: Report
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._trees = trees
        self._version = version
        self._report = report
        self._signed: dict[TopicPartition, SignedTree] = {}
        self._books = Books(None)
        self._register = RegisterHistory(ledger.genesis.administrator)
        self._done = 0

    async def write(self, output: Path, scope: BundleScope) -> Exported:
        """Write the bundle, or nothing. Raises BundleError, LogError, TreeStoreError."""
        records = 0
        with new_zip(output) as writer:
            ring = await self._keys()
            decided = await self._note_events(ring)
            await self._note_others(ring, decided)
            for at in sorted(self._signed):
                records += await self._write_partition(writer, at, scope)
            self._write_statements(writer, ring, scope, self._undecided(decided))
            writer.add("manifest.json", indented(self._manifest(writer, scope)))
        return Exported(records, self._as_of())

    async def _keys(self) -> KeyRing:
        at = TopicPartition(LEDGER_TOPIC, 0)
        if self._sign(at).size == 0:
            raise NotSignedError(_behind(at))
        return ring_of([record async for record in self._records(at)])

    async def _note_events(self, ring: KeyRing) -> dict[TopicPartition, int]:
        """Note how far the decisions are signed; return where the submissions must reach to at least."""
        decided: dict[TopicPartition, int] = {}
        for topic in [name for name in ring.topics if name.endswith(".events")]:
            family = topic.partition(".")[0]
            for number in range(ring.topics[topic]):
                at = TopicPartition(topic, number)
                self._sign(at)
                chain = await self._fold(family, at)
                decided[TopicPartition(submissions_topic(family), number)] = chain.next_offset
        return decided

    async def _fold(self, family: str, at: TopicPartition) -> Chain:
        chain = Chain(family, beginning(family, self._ledger.genesis, self._ledger.hash))
        collector = Collector(family, at.partition, self._books.take)
        async for record in self._records(at):
            admitted = chain.take(record.value)
            if admitted is None:
                continue
            collector.on_record(record.offset, admitted)
            if family == "register":
                self._register.fold(admitted.decision.data.recorded_at, admitted.events)
        return chain

    async def _note_others(self, ring: KeyRing, decided: Mapping[TopicPartition, int]) -> None:
        """Note how far everything else is signed. What decisions rest on is waited for."""
        deadline = asyncio.get_running_loop().time() + SIGNED_SECONDS
        for at, least in decided.items():
            while self._sign(at).size < least:
                if asyncio.get_running_loop().time() > deadline:
                    raise NotSignedError(_behind(at))
                await asyncio.sleep(_LOOK_SECONDS)
        for topic, count in ring.topics.items():
            for number in range(count):
                at = TopicPartition(topic, number)
                if at not in self._signed:
                    self._sign(at)

    def _sign(self, at: TopicPartition) -> SignedTree:
        """Note the tree signed last. Raises NotSignedError where there is none."""
        tree = self._trees.latest(at)
        if tree is None:
            raise NotSignedError(_behind(at))
        self._signed[at] = tree
        return tree

    async def _records(self, at: TopicPartition) -> AsyncIterator[Record]:
        """The partition's records below its signed size: those that were signed, and all of them.

        Raises LogDiffersError, at the latest after the last record, where they are not.
        """
        tree, frontier = self._signed[at], Frontier()
        while frontier.size < tree.size:
            position = frontier.size
            portion = await self._log.read(*at, position, min(PORTION, tree.size - position))
            if [record.offset for record in portion] != list(range(position, position + len(portion))):
                raise LogDiffersError(_changed(at, f"a record from {position} on is missing"))
            if not portion:
                raise LogDiffersError(_changed(at, f"record {position} is missing"))
            frontier.extend(leaf_hash(entry_of(record)) for record in portion)
            for record in portion:
                yield record
        if frontier.root() != tree.root:
            raise LogDiffersError(_changed(at, await self._first_other(at)))

    async def _first_other(self, at: TopicPartition) -> str:
        """Which record is the first that is not the one that was signed."""
        size = self._signed[at].size
        nodes = self._trees.nodes(at, size)
        with contextlib.suppress(TileError):
            for position in range(0, size, PORTION):
                for record in await self._log.read(*at, position, min(PORTION, size - position)):
                    if nodes.node(0, record.offset) != leaf_hash(entry_of(record)):
                        return f"record {record.offset} is another"
        return "its records lead to another root, and the notary's tiles do not tell which is wrong"

    async def _write_partition(self, writer: StoredZip, at: TopicPartition, scope: BundleScope) -> int:
        """Write the records in scope, the entries of all where some are left out, and the checkpoint."""
        place, tree, count = f"{at.topic}/{at.partition}", self._signed[at], 0
        in_part = not scope.is_whole and at.topic != LEDGER_TOPIC and not at.topic.startswith("register.")
        with writer.open(f"records/{place}.jsonl") as write:
            async for record in self._records(at):
                if not in_part or scope.covers(record):
                    write(record_line(record))
                    count += 1
                self._count()
        if in_part:
            with writer.open(f"entries/{place}.bin") as write:
                async for record in self._records(at):
                    write(entry_of(record))
        cosigned = self._trees.cosignatures(at, tree.size).values()
        writer.add(f"checkpoints/{place}.txt", (tree.note + "".join(cosigned)).encode())
        return count

    def _write_statements(self, writer: StoredZip, ring: KeyRing, scope: BundleScope, undecided: int) -> None:
        for name, content in policies(self._register.at(self._register.end)).items():
            writer.add(f"definitions/{name}.json", content)
        writer.add(f"definitions/{DEFINITION.id}.v{DEFINITION.version}.json", DEFINITION.canonical)
        figures = stated_figures(self._books, self._as_of(), undecided) if scope.is_whole else None
        if figures is not None:
            writer.add("figures.json", figures)
        keys = [_key(known) for known in ring.keys.values()]
        writer.add("keys.json", indented({"genesis": self._ledger.hash, "keys": keys}))
        places = {f"{at.topic}/{at.partition}": tree.root.hex() for at, tree in sorted(self._signed.items())}
        writer.add("prov.json", provenance(self._ledger.genesis.ledger, places, self._version, figures))
        writer.add("README.txt", readme(self._ledger.genesis.ledger, self._ledger.hash))
        writer.add("verify.py", files("services.audit").joinpath("verify.py").read_bytes())

    def _undecided(self, decided: Mapping[TopicPartition, int]) -> int:
        """How many submissions of the family that figures are of are signed, and have no signed decision."""
        of_figures = submissions_topic(FAMILY_OF_FIGURES)
        return sum(self._signed[at].size - end for at, end in decided.items() if at.topic == of_figures)

    def _count(self) -> None:
        self._done += 1
        if self._done % PORTION == 0:
            self._report(self._done, sum(tree.size for tree in self._signed.values()))

    def _manifest(self, writer: StoredZip, scope: BundleScope) -> dict[str, object]:
        return {
            "format": FORMAT,
            "ledger": self._ledger.genesis.ledger,
            "simulated": self._ledger.genesis.simulated,
            "software": self._version,
            "scope": scope.as_json(),
            "as_of": self._as_of(),
            "files": writer.files,
        }

    def _as_of(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for at in sorted(self._signed):
            found.setdefault(at.topic, {})[str(at.partition)] = self._signed[at].size
        return found


def _key(known: KnownKey) -> dict[str, object]:
    ends = None if known.ends is None else {topic: list(each) for topic, each in known.ends.items()}
    public = base64.b64encode(known.public).decode()
    return {"id": known.id, "role": known.role, "public": public, "since": known.since, "ends": ends}


def _behind(at: TopicPartition) -> str:
    return (
        f"the notary has not signed all of {at.topic}/{at.partition}: let it work ('barograph up', or "
        "'barograph serve notary'), then export again"
    )


def _changed(at: TopicPartition, what: str) -> str:
    return (
        f"{at.topic}/{at.partition} is not what the notary signed: {what}. No bundle was written; run "
        "'barograph audit', and export again once the right log is back"
    )
