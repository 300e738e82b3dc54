"""What evidence costs: the notary beside an import, sealing and signing at intake, proofs in large trees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from barograph.station import opened_station, wall_clock
from benchmarks.installation import COMMUNITY, prepare
from benchmarks.measure import Bench, Result, in_fresh_process, in_turns
from contracts.topics import submissions_topic
from contracts.tracking import digest_of
from ledger.entry import entry_of, leaf_hash
from ledger.log import Draft, Record, TopicPartition
from ledger.merkle import inclusion_path
from ledger.sqlite import SqliteLog
from ledger.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, TiledTree, TileNodes
from ledger.tree_file import trees_path
from ledger.tree_store import TreeStore
from runtime.settings import Settings
from runtime.submit import Said
from services.notary.notary import Notary
from tests.support.keys import NOTARY

LODGINGS = 3_000
FEW, MANY = 10_000, 10_000_000
PROOFS = 200
AT = TopicPartition(submissions_topic("grievance"), 0)


def notary_rate(bench: Bench) -> Result:
    """Records signed per second, against submissions made and recorded per second as a bulk import does."""
    settings = Settings(home=bench.folder / "home")
    asyncio.run(prepare(settings))
    records = [
        Record(number, 1_790_000_000_000, b"demo", bytes(500)) for number in range(bench.count(30_000))
    ]
    rounds = iter(range(bench.rounds))

    def signed() -> float:
        folder = bench.folder / f"round-{next(rounds)}"
        folder.mkdir()
        return len(records) / in_fresh_process(_sign, folder, records)

    imported = iter(range(bench.rounds))

    def imports() -> float:
        count = bench.count(LODGINGS)
        return count / in_fresh_process(_submit, settings, f"import {next(imported)}", count)

    sides = in_turns(bench.rounds, signed, imports)
    note = "SQLite; yardstick: lodgings sealed, signed and recorded, 500 at a time, as an import makes them"
    return sides.result("records/s", note)


def _sign(folder: Path, records: Sequence[Record]) -> float:
    return asyncio.run(_signed(folder, records))


async def _signed(folder: Path, records: Sequence[Record]) -> float:
    async with SqliteLog(folder / "log.sqlite") as log:
        await log.create_topics({AT.topic: 1})
        await log.append(*AT, [Draft(*record[1:]) for record in records])
        with closing(TreeStore.open(trees_path(folder), "led_bench0000", NOTARY.public, 0)) as store:
            began = time.perf_counter()
            await Notary(log, "led_bench0000", store, NOTARY.private, wall_clock).catch_up()
            return time.perf_counter() - began


def _submit(settings: Settings, name: str, count: int) -> float:
    return asyncio.run(_submitted(settings, name, count))


async def _submitted(settings: Settings, name: str, count: int) -> float:
    async with opened_station(settings) as station:
        operator, submitter = station.ledger.genesis.administrator, station.submitter
        said = [
            Said(
                family="grievance",
                type="grievance.lodge.v1",
                body={
                    "tracking": digest_of(submitter.tracking_number(f"{name} {number}")),
                    "channel": "counter",
                    "title": "路灯",
                    "story": "路灯不亮。（虚构）" * 8,
                    "reporter_name": "虚构居民",
                },
                actor=operator,
                role="clerk",
                unit=COMMUNITY.unit,
                key=f"{name} {number}",
                kind="grv",
                basis=station.register.history.end,
            )
            for number in range(count)
        ]
        began = time.perf_counter()
        for start in range(0, count, 500):
            await asyncio.gather(*map(submitter.submit, said[start : start + 500]))
        return time.perf_counter() - began


class _Proofs(NamedTuple):
    """What proofs in one tree take: seconds each, and tiles read for each."""

    seconds: float
    reads: float


def proof_flat(bench: Bench) -> Result:
    """Proofs for records among ten million, against proofs among ten thousand: tiles read, time beside."""
    many = in_fresh_process(_prove, bench.count(MANY))
    few = in_fresh_process(_prove, FEW)
    note = (
        f"tiles read for each inclusion proof; {many.seconds * 1e6:,.0f} us among {bench.count(MANY):,} "
        f"records, {few.seconds * 1e6:,.0f} us among {FEW:,}; tiles in memory"
    )
    return Result(few.reads, "tiles", many.reads, note)


def _prove(size: int) -> _Proofs:
    tiles: dict[tuple[int, int], bytes] = {}
    tree = TiledTree()
    for leaves in _leaves(size):
        tree.extend(leaves)
        tiles |= tree.take_changed()

    def fetch(tile: Tile) -> bytes:
        return tiles[tile.level, tile.number]

    reads, began = 0, time.perf_counter()
    for number in range(PROOFS):
        nodes = TileNodes(fetch, size)
        inclusion_path(nodes.node, (number * 7919) % size, size)
        reads += nodes.reads
    return _Proofs((time.perf_counter() - began) / PROOFS, reads / PROOFS)


def _leaves(size: int) -> Iterator[list[bytes]]:
    """Leaf hashes of one entry, a bundle of tiles at a time: what they are hashes of does not matter here."""
    leaf = leaf_hash(entry_of(Record(0, 0, None, b"")))
    portion = TILE_WIDTH << TILE_HEIGHT
    for start in range(0, size, portion):
        yield [leaf] * min(portion, size - start)
