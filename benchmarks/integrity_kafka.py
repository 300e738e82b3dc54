"""The audit of integrity alone over Kafka, against a bare aiokafka read of the same topics."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import closing
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from barograph.station import wall_clock
from benchmarks.measure import Bench, Result, in_fresh_process, in_turns
from benchmarks.workload import decided_ledger
from ledger.open import open_log
from ledger.tree_reader import TreeReader
from ledger.tree_store import TreeStore
from runtime.genesis import open_ledger
from services.audit.integrity import run_integrity
from services.audit.report import Signed
from services.notary.notary import Notary
from tests.support.keys import NOTARY

SUBMISSIONS = 30_000


def integrity_kafka(bench: Bench) -> Result:
    """Read every record, hash it, build the trees and hold them against what the notary signed."""
    bootstrap, prefix, trees = bench.kafka(), f"bench-{uuid.uuid4().hex}", bench.folder / "trees.sqlite"
    records = in_fresh_process(_prepare, bootstrap, prefix, trees, bench.count(SUBMISSIONS))

    def audited() -> float:
        checked, seconds = in_fresh_process(_audit, bootstrap, prefix, trees)
        assert checked == records, f"{checked} records of {records}"
        return records / seconds

    def read() -> float:
        return records / in_fresh_process(_read, bootstrap, prefix, records)

    sides = in_turns(bench.rounds, audited, read)
    note = f"{records} records; yardstick: an aiokafka consumer that fetches the same partitions and counts"
    return sides.result("records/s", note)


def _prepare(bootstrap: str, prefix: str, trees: Path, submissions: int) -> int:
    return asyncio.run(_prepared(bootstrap, prefix, trees, submissions))


async def _prepared(bootstrap: str, prefix: str, trees: Path, submissions: int) -> int:
    demo = decided_ledger(submissions)
    async with open_log(f"kafka://{bootstrap}/{prefix}") as log:
        await demo.pour(log)
        ledger = demo.genesis.ledger
        with closing(TreeStore.open(trees, ledger, NOTARY.public, wall_clock())) as store:
            await Notary(log, ledger, store, NOTARY.private, wall_clock).catch_up()
    return sum(map(len, demo.records.values()))


def _audit(bootstrap: str, prefix: str, trees: Path) -> tuple[int, float]:
    return asyncio.run(_audited(bootstrap, prefix, trees))


async def _audited(bootstrap: str, prefix: str, trees: Path) -> tuple[int, float]:
    async with open_log(f"kafka://{bootstrap}/{prefix}") as log:
        ledger = await open_ledger(log)
        with closing(TreeReader(trees)) as reader:
            began = time.perf_counter()
            report = await run_integrity(log, ledger, wall_clock, Signed(reader))
            seconds = time.perf_counter() - began
    assert report.ok, "the audit found differences in a sound ledger"
    return report.checks["integrity"].checked, seconds


def _read(bootstrap: str, prefix: str, records: int) -> float:
    return asyncio.run(_fetched(bootstrap, prefix, records))


async def _fetched(bootstrap: str, prefix: str, records: int) -> float:
    async with open_log(f"kafka://{bootstrap}/{prefix}") as log:
        topics = await log.topics()
    places = [TopicPartition(f"{prefix}.{topic}", n) for topic, count in topics.items() for n in range(count)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", check_crcs=True)
    async with consumer:
        consumer.assign(places)
        began, read = time.perf_counter(), 0
        while read < records:
            read += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
        return time.perf_counter() - began
