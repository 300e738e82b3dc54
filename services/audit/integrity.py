"""The audit of integrity alone: every record is read and hashed, and held against what was signed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from ledger.log import EventLog, Record, TopicPartition
from runtime.genesis import Ledger
from runtime.key_reader import KeyReader
from services.audit.checks import CHECKS
from services.audit.evidence import Evidence
from services.audit.findings import CheckName, Findings
from services.audit.reading import PartitionReading
from services.audit.replay import Replayed, as_of
from services.audit.report import AuditReport, Signed, Watch, report_of, unasked

_LOOKED_AT: frozenset[CheckName] = frozenset({"log", "integrity", "checkpoints", "receipts", "unsigned"})


async def run_integrity(
    log: EventLog, ledger: Ledger, clock: Callable[[], int], signed: Signed
) -> AuditReport:
    """Read the log whole and hold it against what was signed. Signatures of submissions are left out.

    `clock` gives milliseconds since the epoch. Raises LogUnavailableError, NoteError, TreeStoreError.
    """
    findings, watch = Findings(), Watch(clock())
    ring = await KeyReader(log, ledger).catch_up()
    evidence = Evidence(ring, signed.trees, signed.brought, findings, signatures=False)
    ends = await log.end_offsets(sorted(ring.topics))
    records = 0

    def take(at: TopicPartition, portion: list[Record]) -> None:
        nonlocal records
        records += len(portion)
        evidence.take(at, portion)

    watch.begin_replay()
    for at, end in ends.items():
        async with aclosing(PartitionReading(log, *at, end, findings, take)) as reading:
            while await reading.next():
                pass
    watch.end_replay(0.0)
    evidence.finish(list(ends), watch.started_at)
    names = [name for name in CHECKS if name in _LOOKED_AT - unasked(signed)]
    return report_of(ledger, findings.checks(names), Replayed(as_of(ends), records, 0, 0, 0, {}), watch)
