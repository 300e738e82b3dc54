"""A small ledger on a log, decided by real workers; ways to tamper with its file; and its audit."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from barograph.audit_side import AuditReadSide
from barograph.families import family_rules
from contracts import grievance as g
from contracts.base import DAY_MS
from ledger.log import Draft, EventLog, Record
from ledger.sqlite import SqliteLog
from runtime import embedded
from runtime.genesis import open_ledger
from services.audit.report import AuditReport, ReadSide, run_audit
from services.projections.projector import Projector
from services.projections.store import ReadModel
from tests.support.ledger import BEGINNING, SEALED, DemoLedger

NOW = BEGINNING + 1000 * DAY_MS
"""When the audits of tests are made: long after the records."""

SUBMISSIONS, EVENTS = "grievance.submissions", "grievance.events"


def small_ledger() -> DemoLedger:
    """Three cases, one of them closed and one refused a step, in one partition; a heartbeat in between."""
    demo = DemoLedger()
    cases = []
    for _ in range(3):
        demo.now += 1000
        cases.append(demo.lodge(category="roads"))
    for step in (g.AcceptV1(), g.ReplyV1(reply=SEALED), g.CloseV1(outcome="answered"), g.AcceptV1()):
        demo.now += 1000
        demo.submit(step, subject=cases[0])
    demo.heartbeat()
    demo.submit(g.AcceptV1(), subject=cases[1])
    return demo


PLACE = DemoLedger().place_of("grievance")
"""The partition that the community's cases are in."""


async def settle(log: EventLog, demo: DemoLedger) -> None:
    """Put the ledger's submissions on the log, and let real workers decide them."""
    await log.create_topics(demo.genesis.topics)
    for at, records in demo.records.items():
        drafts = [Draft(*record[1:]) for record in records]
        if not at.topic.endswith(".events") and drafts:
            await log.append(at.topic, at.partition, drafts)
    await decide(log, demo)


async def decide(log: EventLog, demo: DemoLedger) -> None:
    """Let real workers decide what there is."""
    for rules in family_rules().values():
        workers = embedded.make_workers(log, demo.ledger, rules, lambda: demo.now + 10**9)
        await embedded.catch_up(workers)


async def audit(log: EventLog, read_side: ReadSide | None = None) -> AuditReport:
    """Audit a log."""
    ledger = await open_ledger(log)
    return await run_audit(log, ledger, family_rules(), lambda: NOW, read_side=read_side)


@asynccontextmanager
async def read_side(log: EventLog, folder: Path) -> AsyncIterator[tuple[Path, ReadSide]]:
    """A read model that follows the log to its end: its file, and what an audit asks of it."""
    path = folder / "read-model.sqlite"
    ledger = await open_ledger(log)
    model = ReadModel.open(f"sqlite:///{path}", ledger)
    try:
        await Projector(log, ledger, model).catch_up()
        yield path, AuditReadSide(log, model)
    finally:
        model.close()


class File(NamedTuple):
    """The file of an SQLite log that nobody has open, for somebody who means no good."""

    path: Path

    def records(self, topic: str, partition: int = PLACE) -> list[Record]:
        """The records of a partition."""
        query = "SELECT offset, timestamp, key, value FROM records WHERE partition_id = ? ORDER BY offset"
        with closing(sqlite3.connect(self.path)) as connection:
            return [Record(*row) for row in connection.execute(query, [self._id(topic, partition)])]

    def rewrite(self, topic: str, records: list[Record], partition: int = PLACE) -> None:
        """Put these records in the place of those of a partition."""
        number = self._id(topic, partition)
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("DELETE FROM records WHERE partition_id = ?", [number])
            rows = [(number, *record) for record in records]
            connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)

    def change(
        self, topic: str, offset: int, change: Callable[[bytes], bytes], partition: int = PLACE
    ) -> None:
        """Change the value of one record."""
        records = self.records(topic, partition)
        records[offset] = records[offset]._replace(value=change(records[offset].value or b""))
        self.rewrite(topic, records, partition)

    def _id(self, topic: str, partition: int) -> int:
        query = "SELECT id FROM partitions WHERE topic = ? AND partition = ?"
        with closing(sqlite3.connect(self.path)) as connection:
            return int(connection.execute(query, [topic, partition]).fetchone()[0])


def renumbered(records: list[Record]) -> list[Record]:
    """The records with offsets from 0 on."""
    return [record._replace(offset=offset) for offset, record in enumerate(records)]


def rechained(records: list[Record]) -> list[Record]:
    """Decisions with every `previous` mended from the first on, as a careful forger makes them."""
    chained: list[Record] = []
    for record in records:
        decision = orjson.loads(record.value or b"")
        if chained:
            before = hashlib.sha256(chained[-1].value or b"").hexdigest()
            decision["data"]["previous"] = before
        chained.append(record._replace(value=orjson.dumps(decision)))
    return chained


def forged(record: Record, **changes: Any) -> Record:
    """A decision record with other data."""
    decision = orjson.loads(record.value or b"")
    decision["data"].update(changes)
    return record._replace(value=orjson.dumps(decision))


async def make_file(path: Path, demo: DemoLedger | None = None) -> File:
    """The file of a settled ledger."""
    async with SqliteLog(path) as log:
        await settle(log, demo or small_ledger())
    return File(path)


async def audit_file(file: File) -> AuditReport:
    """Audit the log in a file."""
    async with SqliteLog(file.path) as log:
        return await audit(log)
