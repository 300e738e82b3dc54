"""A whole installation with evidence, copied for each forger; ways to forge; the audit of what is left."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from barograph.audit_side import AuditReadSide
from barograph.families import family_rules
from barograph.init import NewCommunity, initialise
from barograph.notary_side import published, sign_now, trees_of
from barograph.station import Station, opened_log, opened_station, wall_clock
from contracts.evidence import MAX_MERGE_DELAY_MS, SignedReceipt
from contracts.partition import partition_of
from contracts.tracking import digest_of
from ledger.log import Record
from ledger.notes import split_notes
from ledger.signing import SigningKey
from ledger.tree_file import trees_path
from runtime import embedded
from runtime.genesis import open_ledger
from runtime.home import Home
from runtime.rotation import Rotation
from runtime.settings import Settings
from runtime.submit import Said
from services.audit.evidence import NOTHING, Brought
from services.audit.report import AuditReport, Signed, run_audit
from services.projections.projector import Projector
from services.projections.store import ReadModel

UNIT = "demo"
PLACE = partition_of(UNIT, 12)
SUBMISSIONS, EVENTS = "grievance.submissions", "grievance.events"
CASES = 300
"""More than one tile of the tree."""


@dataclass(slots=True)
class Installation:
    """One installation's files, and what was handed out while they were true."""

    settings: Settings
    brought: Brought = NOTHING
    later: int = 0
    receipts: list[SignedReceipt] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """The home folder."""
        return self.settings.home

    @property
    def ledger(self) -> str:
        """The ledger's id."""
        return str(orjson.loads(self.records("ledger", 0)[0].value or b"")["ledger"])

    def copy(self, to: Path) -> Installation:
        """The same files again, for a forger to work on."""
        shutil.copytree(self.home, to, dirs_exist_ok=True)
        return Installation(Settings(home=to), self.brought, self.later, self.receipts)

    def records(self, topic: str, partition: int = PLACE) -> list[Record]:
        """The records of a partition."""
        with self.log() as log:
            query = "SELECT offset, timestamp, key, value FROM records WHERE partition_id = ? ORDER BY offset"
            return [Record(*row) for row in log.execute(query, [_id(log, topic, partition)])]

    def rewrite(self, topic: str, records: Sequence[Record], partition: int = PLACE) -> None:
        """Put these records in the place of those of a partition."""
        with self.log() as log:
            number = _id(log, topic, partition)
            log.execute("DELETE FROM records WHERE partition_id = ?", [number])
            log.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", [(number, *r) for r in records])

    def change(self, topic: str, offset: int, partition: int = PLACE, **changes: Any) -> None:
        """Change fields of one record."""
        records = self.records(topic, partition)
        records[offset] = records[offset]._replace(**changes)
        self.rewrite(topic, records, partition)

    def log(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """The log's file, for one transaction."""
        return _transaction(self.home / "log.sqlite")

    def trees(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """The notary's file, for one transaction."""
        return _transaction(trees_path(self.home))

    def read_model(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """The read model's file, for one transaction."""
        return _transaction(self.home / "read-model.sqlite")

    def tree(self, topic: str, partition: int = PLACE) -> int:
        """The number of a partition's tree in the notary's file."""
        with self.trees() as trees:
            query = "SELECT id FROM trees WHERE topic = ? AND partition = ?"
            return int(trees.execute(query, [topic, partition]).fetchone()[0])

    def key(self, role: str) -> SigningKey:
        """A private key, as somebody has it who has stolen the home."""
        seed = Home(self.home).seed_path("intake" if role == "intake" else "notary").read_bytes()
        return SigningKey.of_seed("intake" if role == "intake" else "notary", seed)


class Finding(NamedTuple):
    """A check that fails, and what it says first."""

    check: str
    what: str


async def build(home: Path, halves: int = 2) -> Installation:
    """A community with cases, decided, signed, receipted; checkpoints were handed out after each half."""
    installation = Installation(Settings(home=home), later=10 * MAX_MERGE_DELAY_MS)
    await initialise(installation.settings, NewCommunity(UNIT, "虚构社区"))
    for _ in range(halves):
        await grow(installation)
    return installation


async def grow(installation: Installation) -> None:
    """Another half of the cases, decided and signed; a checkpoint and some receipts are handed out."""
    begun = len(installation.receipts)
    async with opened_station(installation.settings) as station:
        for number in range(begun, begun + CASES // 2):
            await _lodge(installation, station, number)
        await decide(station)
    await sign_now(installation.settings)
    await follow(installation)
    notes = split_notes(published(installation.settings, None, vkeys=False))
    brought = installation.brought
    installation.brought = Brought(
        (*brought.checkpoints, *notes), (*brought.receipts, *installation.receipts[begun::50])
    )


async def rewrite_history(installation: Installation) -> None:
    """Forget one case and all that was decided and signed since; decide and sign the rest anew."""
    kept = [record for record in installation.records(SUBMISSIONS) if record.offset != 17]
    installation.rewrite(SUBMISSIONS, renumbered(kept))
    installation.rewrite(EVENTS, [])
    for path in (trees_path(installation.home), installation.home / "read-model.sqlite"):
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
    async with opened_station(installation.settings) as station:
        await decide(station)
    await sign_now(installation.settings)
    await follow(installation)


async def rotate(installation: Installation) -> None:
    """Put a new intake key in force and retire the old one."""
    async with opened_station(installation.settings) as station:
        await Rotation(station.log, station.keys, station.home, "intake", wall_clock).run()


async def _lodge(installation: Installation, station: Station, number: int) -> None:
    key, operator = f"case {number}", station.ledger.genesis.administrator
    body = {
        "tracking": digest_of(station.submitter.tracking_number(key)),
        "channel": "counter",
        "story": "虚构。",
    }
    said = _said(operator, "grievance.lodge.v1", body, key, station)
    receipt = await station.submitter.submit(said)
    installation.receipts.append(station.submitter.promise(receipt))
    if number % 10 == 0:
        # Accepting is not a clerk's to do: refused, and on record.
        await station.submitter.submit(
            _said(
                operator,
                "grievance.close.v1",
                {"outcome": "resolved"},
                f"close {number}",
                station,
                receipt.subject,
            )
        )


def _said(
    actor: str, kind: str, body: dict[str, Any], key: str, station: Station, subject: str | None = None
) -> Said:
    return Said(
        family="grievance",
        type=kind,
        body=body,
        actor=actor,
        role="clerk",
        unit=UNIT,
        key=key,
        kind="grv",
        subject=subject,
        basis=station.register.history.end,
    )


async def decide(station: Station) -> None:
    """Let real workers decide what there is."""
    for rules in family_rules().values():
        await embedded.catch_up(embedded.make_workers(station.log, station.ledger, rules, wall_clock))


async def follow(installation: Installation) -> None:
    """Bring the read model to the log's end."""
    async with opened_log(installation.settings) as log:
        ledger = await open_ledger(log)
        model = await asyncio.to_thread(ReadModel.open, installation.settings.read_model_address, ledger)
        try:
            await Projector(log, ledger, model).catch_up()
        finally:
            model.close()


async def audit(installation: Installation) -> AuditReport:
    """What an auditor finds who comes later, with what was handed out. The read model stays as it is."""
    settings = installation.settings
    async with opened_log(settings) as log:
        ledger = await open_ledger(log)
        model = await asyncio.to_thread(ReadModel.open, settings.read_model_address, ledger)
        try:
            with closing(trees_of(Home(settings.home))) as trees:
                signed = Signed(trees, installation.brought)
                side = AuditReadSide(log, model)
                later = wall_clock() + installation.later
                return await run_audit(log, ledger, family_rules(), lambda: later, None, side, signed)
        finally:
            model.close()


def findings(report: AuditReport) -> list[Finding]:
    """Every check that fails, with its first difference."""
    firsts = ((name, check.first_difference) for name, check in report.checks.items())
    return [Finding(name, first.what) for name, first in firsts if first is not None]


def with_json(value: bytes | None, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A JSON value with something changed in it."""
    raw = orjson.loads(value or b"")
    change(raw)
    return orjson.dumps(raw)


def renumbered(records: Sequence[Record]) -> list[Record]:
    """The records with offsets from 0 on."""
    return [record._replace(offset=offset) for offset, record in enumerate(records)]


def rechained(records: Sequence[Record]) -> list[Record]:
    """Decisions with every `previous` mended from the first on, as a careful forger makes them."""
    chained: list[Record] = []
    for record in records:
        value = record.value or b""
        if chained:
            raw = orjson.loads(value)
            raw["data"]["previous"] = hashlib.sha256(chained[-1].value or b"").hexdigest()
            value = orjson.dumps(raw)
        chained.append(record._replace(value=value))
    return chained


def stranger(role: str = "intake") -> SigningKey:
    """A key that the ledger does not know."""
    seed = Ed25519PrivateKey.from_private_bytes(b"s" * 32).private_bytes_raw()
    return SigningKey.of_seed("intake" if role == "intake" else "notary", seed)


@contextlib.contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def _id(log: sqlite3.Connection, topic: str, partition: int) -> int:
    query = "SELECT id FROM partitions WHERE topic = ? AND partition = ?"
    return int(log.execute(query, [topic, partition]).fetchone()[0])
