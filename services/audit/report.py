"""An audit from its start to its report, and the report in text and JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.base import Message
from contracts.figures import Figures
from ledger.log import EventLog
from ledger.tree_reader import TreeReader
from runtime.genesis import Ledger
from runtime.kernel import FamilyRules
from runtime.key_reader import KeyReader
from services.audit.cases import Books
from services.audit.checks import CHECKS, place, sentence
from services.audit.evidence import NOTHING, Brought, Evidence
from services.audit.figures import check_figures, marks
from services.audit.findings import Check, CheckName, Difference, Findings
from services.audit.happened import Happened
from services.audit.money import Money
from services.audit.replay import AsOf, Progress, Replay, Replayed, Report


class Stated(NamedTuple):
    """What a read model states, and how its rows compare with a fresh fold of the log.

    `rows`: how many were compared; `difference`: the first that differs; `figures` as of that position.
    """

    rows: int
    difference: Difference | None
    figures: Figures


class Signed(NamedTuple):
    """What was signed: the trees that the notary published, and what the auditor brings from elsewhere."""

    trees: TreeReader
    brought: Brought = NOTHING


class ReadSide(Protocol):
    """The read model, as an audit sees it; the composition root supplies it."""

    async def compare(self) -> Stated:
        """Fold the log afresh up to where the read model stands, and compare its rows."""
        ...


class AuditReport(Message):
    """What an audit found. `as_of`: topic → partition → records looked at.

    `records` are those read (submissions, decisions and the rest); `seconds` the whole audit,
    `replay_seconds` the reading and deciding anew, `evidence_seconds` the hashing and the signatures;
    `records_per_second` is of the replay.
    """

    ledger: str
    started_at: int
    ok: bool
    as_of: AsOf
    records: int
    decisions: int
    ignored: int
    undecided: int
    checks: dict[str, Check]
    seconds: float
    replay_seconds: float
    evidence_seconds: float
    records_per_second: float

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return self.model_dump(mode="json")

    def show(self, console: Console) -> None:
        """Print the report at a terminal."""
        show(self, console)


async def run_audit(
    log: EventLog,
    ledger: Ledger,
    families: Mapping[str, FamilyRules],
    clock: Callable[[], int],
    progress: Report | None = None,
    read_side: ReadSide | None = None,
    signed: Signed | None = None,
) -> AuditReport:
    """Replay the log from offset 0 and check everything; `clock` gives milliseconds since the epoch.

    Without a read side, nothing is said about rows and figures; without `signed`, nothing about evidence.
    Keeps the event loop busy while it decides. Raises LogUnavailableError, RulesMissingError, NoteError
    where a checkpoint that was brought is none, TreeStoreError, and whatever the read side raises.
    """
    findings, watch = Findings(), Watch(clock())
    stated = None if read_side is None else await _compared(read_side, findings)
    marked = {} if stated is None else marks(stated.figures)
    books = Books(None if stated is None else {place.partition: at for place, at in marked.items()})
    evidence = None if signed is None else await _evidence(log, ledger, signed, findings)
    watch.begin_replay()
    take = None if evidence is None else evidence.take
    money = Money()

    def collect(happened: Happened) -> None:
        books.take(happened)
        money.take(happened)

    replay = Replay(log, ledger, families, findings, collect, progress or _silent, marked, take)
    replayed = await replay.run(watch.started_at)
    money.finish(findings)
    watch.end_replay(evidence.seconds if evidence else 0.0)
    if evidence is not None:
        evidence.finish(replayed.places, watch.started_at)
    if stated is not None:
        check_figures(stated.figures, books, replayed, findings)
    for name in ("unreadable", "basis", "clock"):
        findings.checked[name] += replayed.decisions
    left_out = {*(() if stated else _OF_READ_SIDE), *unasked(signed)}
    names = [name for name in CHECKS if name not in left_out]
    return report_of(ledger, findings.checks(names), replayed, watch)


async def _evidence(log: EventLog, ledger: Ledger, signed: Signed, findings: Findings) -> Evidence:
    ring = await KeyReader(log, ledger).catch_up()
    return Evidence(ring, signed.trees, signed.brought, findings)


def unasked(signed: Signed | None) -> frozenset[CheckName]:
    """The checks that have nothing to look at."""
    if signed is None:
        return OF_EVIDENCE
    held = () if signed.brought.checkpoints else ("checkpoints",)
    receipts = () if signed.brought.receipts else ("receipts",)
    return frozenset({*held, *receipts})


async def _compared(read_side: ReadSide, findings: Findings) -> Stated:
    stated = await read_side.compare()
    findings.checked["read_model"] += stated.rows
    if stated.difference is not None:
        findings.differ("read_model", stated.difference)
    return stated


_OF_READ_SIDE: frozenset[CheckName] = frozenset({"read_model", "figures"})
OF_EVIDENCE: frozenset[CheckName] = frozenset(
    {"integrity", "signatures", "checkpoints", "receipts", "unsigned"}
)


class Watch:
    """How long an audit and its replay take, in seconds."""

    def __init__(self, started_at: int) -> None:
        self.started_at = started_at
        self._start = time.monotonic()
        self._replay_start = 0.0
        self.replay_seconds = 0.0
        self.evidence_seconds = 0.0

    def begin_replay(self) -> None:
        """The log is read from here on."""
        self._replay_start = time.monotonic()

    def end_replay(self, evidence: float) -> None:
        """All of it has been read; `evidence`: the seconds that hashes and signatures took meanwhile."""
        self.evidence_seconds = evidence
        self.replay_seconds = time.monotonic() - self._replay_start - evidence

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start


def report_of(
    ledger: Ledger, checks: Mapping[CheckName, Check], replayed: Replayed, watch: Watch
) -> AuditReport:
    """The report of an audit that has ended."""
    return AuditReport(
        ledger=ledger.genesis.ledger,
        started_at=watch.started_at,
        ok=all(check.ok for check in checks.values()),
        as_of=replayed.as_of,
        records=replayed.records,
        decisions=replayed.decisions,
        ignored=replayed.ignored,
        undecided=replayed.undecided,
        checks={name: checks[name] for name in CHECKS if name in checks},
        seconds=round(watch.seconds, 3),
        replay_seconds=round(watch.replay_seconds, 3),
        evidence_seconds=round(watch.evidence_seconds, 3),
        records_per_second=round(replayed.records / max(watch.replay_seconds, 1e-6), 1),
    )


def _silent(_progress: Progress) -> None:
    pass


def show(report: AuditReport, console: Console) -> None:
    """Print a report at a terminal."""
    table = Table("check", "result", "checked", "found", box=None, pad_edge=False)
    for name, check in report.checks.items():
        result = "[green]ok[/]" if check.ok else "[bold red]DIFFERS[/]"
        table.add_row(name, result, f"{check.checked:,}", _found(check))
    console.print(table)
    verdict = "[green]no difference found[/]" if report.ok else "[bold red]differences found[/]"
    console.print(
        f"{verdict}: {report.records:,} records, {report.decisions:,} decisions made again, "
        f"{report.ignored:,} records ignored, {report.undecided:,} submissions undecided; "
        f"{report.seconds:,.1f} s, of which the evidence {report.evidence_seconds:,.1f} s and the replay "
        f"{report.replay_seconds:,.1f} s "
        f"({report.records_per_second:,.0f} records/s)"
    )


def _found(check: Check) -> str:
    first = check.first_difference
    if first is not None:
        told = (
            f"{place(first)}: {sentence(first)} {first.what}: expected {first.expected}, found {first.found}"
        )
        return escape(f"{told} ({check.differences:,} in all)")
    return f"{check.count:,} listed" if check.count else ""
