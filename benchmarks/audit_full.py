"""Full replay with every decision made again, against merely selecting and decoding as many events."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from statistics import median

from barograph.families import family_rules
from barograph.station import wall_clock
from benchmarks import eventsourcing_log
from benchmarks.measure import Bench, Result, in_fresh_process, in_turns
from benchmarks.workload import decided_ledger
from ledger.open import open_log
from runtime.genesis import open_ledger
from services.audit.report import AuditReport, run_audit
from tests.support.ledger import DemoLedger

SUBMISSIONS = 30_000


def audit_full(bench: Bench) -> Result:
    """Audit a ledger on Kafka, in one process, from its first record to its report."""
    address = f"kafka://{bench.kafka()}/bench-{uuid.uuid4().hex}"
    events = bench.folder / "eventsourcing.sqlite"
    size = in_fresh_process(_prepare, address, events, bench.count(SUBMISSIONS))
    reports: list[AuditReport] = []

    def audited() -> float:
        reports.append(in_fresh_process(_audit, address))
        assert reports[-1].ok, "the audit found differences in a sound ledger"
        return reports[-1].records_per_second

    sides = in_turns(bench.rounds, audited, lambda: in_fresh_process(eventsourcing_log.read, events))
    decisions = median(report.decisions / report.replay_seconds for report in reports)
    note = (
        f"per record read (submissions and decisions, {size} bytes on average); {decisions:,.0f} decisions "
        f"made again/s, {decisions / median(sides.yardsticks):.2f} of the yardstick: eventsourcing on SQLite, "
        "selecting and decoding as many events of the same content; one process each"
    )
    return sides.result("records/s", note)


def _prepare(address: str, events: Path, submissions: int) -> int:
    """Put a decided ledger on the log, and its records into the yardstick's file; return their mean size."""
    demo = decided_ledger(submissions)
    asyncio.run(_pour(demo, address))
    values = [record.value for records in demo.records.values() for record in records if record.value]
    eventsourcing_log.write(events, values)
    return sum(map(len, values)) // len(values)


async def _pour(demo: DemoLedger, address: str) -> None:
    async with open_log(address) as log:
        await demo.pour(log)


def _audit(address: str) -> AuditReport:
    return asyncio.run(_audited(address))


async def _audited(address: str) -> AuditReport:
    async with open_log(address) as log:
        return await run_audit(log, await open_ledger(log), family_rules(), wall_clock)
