"""Evidence bundles of a fictional ledger, ways to forge them, and what verify.py says of them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from contracts import grievance as g
from contracts.base import sha256_hex
from ledger.entry import entry_of, leaf_hash
from ledger.log import EventLog, Record, TopicPartition
from ledger.merkle import root
from ledger.notes import Checkpoint, cosign, sign_note
from ledger.signing import SigningKey
from ledger.sqlite import SqliteLog
from ledger.tree_file import origin_of, trees_path
from ledger.tree_reader import TreeReader
from ledger.tree_store import TreeStore
from runtime.genesis import open_ledger
from services.audit import verify
from services.audit.bundle import BundleExport, BundleScope
from services.audit.bundle_zip import record_line
from services.notary.notary import Notary
from tests.audit.house import settle
from tests.support.keys import INTAKE, NOTARY, key_of, retirement, rotation, topic_added
from tests.support.ledger import NEIGHBOUR, SEALED, DemoLedger

VERIFIER = Path(verify.__file__)
SECOND = key_of("intake", "second")
WITNESS = key_of("notary", "a witness").private
WITNESS_NAME = "witness.example/w1"

Files = dict[str, bytes]
"""The files of a bundle: name → content."""


def rich_ledger() -> DemoLedger:
    """Cases of two communities in three partitions, an occurrence, a key rotated and retired, a topic added."""
    demo = DemoLedger(partitions=3)
    cases = []
    for unit in ("demo", NEIGHBOUR, "demo"):
        demo.now += 1000
        zone = "n1" if unit == NEIGHBOUR else "z1"
        cases.append(demo.lodge(category="roads", unit=unit, zone=zone))
    steps = (g.AcceptV1(), g.ReplyV1(reply=SEALED), g.CloseV1(outcome="answered"), g.AcceptV1())
    for step in steps:
        demo.now += 86_400_000
        demo.submit(step, subject=cases[0])
    demo.submit(g.RecordOccurrenceV1(kind="mass_incident", note=SEALED), subject=cases[2])
    demo.submit(g.NotAcceptV1(reason="not_specific", remedy=SEALED), subject=cases[1], unit=NEIGHBOUR)
    demo.heartbeat()
    name = demo.genesis.ledger
    ends = {
        topic: tuple(len(demo.records[TopicPartition(topic, number)]) for number in range(count))
        for topic, count in demo.genesis.topics.items()
        if topic.endswith(".submissions")
    }
    for value in (
        rotation(name, INTAKE, SECOND),
        retirement(name, INTAKE, SECOND, ends),
        topic_added(name, SECOND, "patrol.submissions"),
    ):
        demo.put("ledger", 0, value)
    return demo


@asynccontextmanager
async def signed_log(
    folder: Path, log: EventLog | None = None, demo: DemoLedger | None = None
) -> AsyncIterator[tuple[EventLog, TreeReader]]:
    """A settled log, every tree of which the notary has signed and a witness cosigned."""
    demo = demo or rich_ledger()
    async with log or SqliteLog(folder / "log.sqlite") as opened:
        await opened.create_topics({"patrol.submissions": 12})
        await settle(opened, demo)
        await sign(folder, opened, demo.genesis.ledger)
        reader = TreeReader(trees_path(folder))
        try:
            yield opened, reader
        finally:
            reader.close()


async def sign(folder: Path, log: EventLog, ledger: str) -> None:
    """Let the notary sign all that the log holds, and the witness cosign."""
    store = TreeStore.open(trees_path(folder), ledger, NOTARY.public, 0)
    try:
        await Notary(log, ledger, store, NOTARY.private, lambda: 0).catch_up()
        for at in store.trees():
            tree = store.latest(at)
            assert tree is not None
            line = cosign(tree.note.rpartition("\n\n")[0] + "\n", WITNESS_NAME, WITNESS, 1_790_000_000).line()
            store.add_cosignature(at, tree.size, "a witness", line)
    finally:
        store.close()


async def export(
    log: EventLog, trees: TreeReader, output: Path, scope: BundleScope | None = None
) -> tuple[int, list[tuple[int, int]]]:
    """Write a bundle; return how many records are in it, and what was reported on the way."""
    reports: list[tuple[int, int]] = []
    ledger = await open_ledger(log)
    job = BundleExport(log, ledger, trees, "0.0", lambda done, total: reports.append((done, total)))
    done = await job.write(output, scope or BundleScope())
    return done.records, reports


async def exported(folder: Path, scope: BundleScope | None = None, demo: DemoLedger | None = None) -> Path:
    """A bundle of the rich ledger, or of another one."""
    async with signed_log(folder, demo=demo) as (log, trees):
        await export(log, trees, folder / "bundle.zip", scope)
    return folder / "bundle.zip"


def files_of(bundle: Path) -> Files:
    """What is in a bundle."""
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files, path: Path) -> Path:
    """The files as a bundle."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def records(files: Files, place: str) -> list[Record]:
    """The records of a partition in a bundle."""
    lines = files[f"records/{place}.jsonl"].splitlines(keepends=True)
    return [Record(*verify.record_of(line, "a record")) for line in lines]


def told(files: Files, name: str, change: Callable[[Any], object]) -> Files:
    """The files with one statement changed."""
    statement = json.loads(files[name])
    change(statement)
    return {**files, name: json.dumps(statement, ensure_ascii=False).encode()}


def put(files: Files, place: str, changed: Iterable[Record]) -> Files:
    """The files with other records in one partition."""
    return {**files, f"records/{place}.jsonl": b"".join(map(record_line, changed))}


def rehashed(files: Files) -> Files:
    """The files with a manifest that names them: what any forger can do."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"bytes": len(content), "sha256": sha256_hex(content)}
        for name, content in files.items()
        if name != "manifest.json"
    }
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def resigned(files: Files, place: str, changed: Sequence[Record], key: SigningKey = NOTARY) -> Files:
    """The files with other records in one partition, all of it stated and signed: with the stolen key."""
    found = root(leaf_hash(entry_of(record)) for record in changed)
    topic, _, number = place.rpartition("/")
    manifest = json.loads(files["manifest.json"])
    manifest["as_of"][topic][number] = len(changed)
    origin = origin_of(manifest["ledger"], TopicPartition(topic, int(number)))
    note = sign_note(Checkpoint(origin, len(changed), found).encode(), origin, key.private)
    provenance = json.loads(files["prov.json"])
    provenance["entity"][f"b:{place}"]["b:root"] = found.hex()
    return put(files, place, changed) | {
        f"checkpoints/{place}.txt": note.encode(),
        "manifest.json": json.dumps(manifest).encode(),
        "prov.json": json.dumps(provenance).encode(),
    }


class Verdict(NamedTuple):
    """What verify.py came to: its exit code, the report, and what it complained of."""

    code: int
    report: Any
    complaint: str

    @property
    def differing(self) -> set[str]:
        """The checks that found differences."""
        return {name for name, check in self.report["checks"].items() if not check["ok"]}


def judge(bundle: Path, *options: str) -> Verdict:
    """Run verify.py in this process."""
    out, complaint = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(complaint):
        code = verify.main([str(bundle), "--json", *options])
    return Verdict(code, orjson.loads(out.getvalue() or "null"), complaint.getvalue())


def run(
    *options: str, python: str = sys.executable, program: Path = VERIFIER
) -> subprocess.CompletedProcess[str]:
    """Run verify.py as an auditor does: another process, without this project on its path."""
    command = [python, "-I", str(program), *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
