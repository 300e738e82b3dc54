"""Exporting an evidence bundle: what is in it, that it is the same each time, and when none is made."""

from __future__ import annotations

import json
import resource
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.log import Draft, Record, TopicPartition
from ledger.open import open_log
from ledger.sqlite import SqliteLog
from ledger.tree_file import trees_path
from ledger.tree_reader import SignedTree, TreeReader
from services.audit import bundle as bundles
from services.audit.bundle import BundleScope
from services.audit.bundle_zip import BundleError, new_zip, record_line
from services.audit.verify import record_of
from tests.audit.bundles import export, exported, files_of, judge, records, rich_ledger, sign, signed_log
from tests.audit.house import File
from tests.support.keys import INTAKE, topic_added
from tests.support.ledger import BEGINNING, NEIGHBOUR, DemoLedger

HERE = rich_ledger().place_of("grievance")
SUBMISSIONS, EVENTS = f"grievance.submissions/{HERE}", f"grievance.events/{HERE}"


async def test_two_exports_are_the_same_bytes(tmp_path: Path) -> None:
    """The same checkpoints give the same bundle, byte for byte."""
    async with signed_log(tmp_path) as (log, trees):
        await export(log, trees, tmp_path / "one.zip")
        await export(log, trees, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


async def test_a_copy_on_kafka_gives_the_same_bundle(tmp_path: Path, kafka_bootstrap: str) -> None:
    """A log copied to Kafka record by record, signed there, gives the bytes that the SQLite log gave."""
    ours = await exported(tmp_path)
    async with (
        SqliteLog(tmp_path / "log.sqlite") as log,
        open_log(f"kafka://{kafka_bootstrap}/test-{uuid.uuid4().hex}") as copy,
    ):
        topics = await log.topics()
        await copy.create_topics(topics)
        for at, end in (await log.end_offsets(list(topics))).items():
            if end:
                await copy.append(*at, [Draft(*record[1:]) for record in await log.read(*at, 0, end)])
        (tmp_path / "copy").mkdir()
        await sign(tmp_path / "copy", copy, rich_ledger().genesis.ledger)
        trees = TreeReader(trees_path(tmp_path / "copy"))
        await export(copy, trees, tmp_path / "copy.zip")
        trees.close()
    assert (tmp_path / "copy.zip").read_bytes() == ours.read_bytes()


async def test_everything_goes_in_by_default(tmp_path: Path) -> None:
    """A whole bundle holds each record of each partition, the figures and the keys, and no entries."""
    files = files_of(await exported(tmp_path))
    kept = File(tmp_path / "log.sqlite")
    assert records(files, SUBMISSIONS) == kept.records("grievance.submissions", HERE)
    assert records(files, EVENTS) == kept.records("grievance.events", HERE)
    assert json.loads(files["figures.json"])["received"] == 3
    assert [key["role"] for key in json.loads(files["keys.json"])["keys"]] == ["intake", "notary", "intake"]
    assert not [name for name in files if name.startswith("entries/")]


async def test_a_scope_holds_its_units_alone(tmp_path: Path) -> None:
    """A bundle of one community has no record of the other's, the register whole, and no figures."""
    files = files_of(await exported(tmp_path, BundleScope(units=(NEIGHBOUR,))))
    ours = [r for number in range(3) for r in records(files, f"grievance.submissions/{number}")]
    assert {record.key for record in ours} == {NEIGHBOUR.encode()}
    assert records(files, "register.events/0") == File(tmp_path / "log.sqlite").records("register.events", 0)
    assert "figures.json" not in files


async def test_times_bound_what_goes_in(tmp_path: Path) -> None:
    """From the one time on, and before the other."""
    scope = BundleScope(since=BEGINNING + 1000, until=BEGINNING + 3000)
    files = files_of(await exported(tmp_path, scope))
    found = [r.timestamp for number in range(3) for r in records(files, f"grievance.submissions/{number}")]
    assert sorted(found) == [BEGINNING + 1000, BEGINNING + 2000]


async def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits is told how many records were written, of how many."""
    monkeypatch.setattr(bundles, "PORTION", 10)
    async with signed_log(tmp_path) as (log, trees):
        written, reports = await export(log, trees, tmp_path / "bundle.zip")
    assert reports[0] == (10, written)
    assert [done for done, _ in reports] == list(range(10, written + 1, 10))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda all_: [*all_[:2], all_[2]._replace(value=b"{}"), *all_[3:]], "record 2 is another"),
        (lambda all_: [*all_[:2], all_[2]._replace(timestamp=1), *all_[3:]], "record 2 is another"),
        (lambda all_: all_[:-1], "is missing"),
        (lambda all_: [*all_[:2], *all_[3:]], "is missing"),
        (lambda _: [], "record 0 is missing"),
    ],
    ids=["changed", "backdated", "cut", "gap", "emptied"],
)
@pytest.mark.parametrize("place", [SUBMISSIONS, EVENTS, "register.events/0"])
async def test_a_log_that_is_not_what_was_signed_gives_no_bundle(
    tmp_path: Path, place: str, change: Callable[[list[Record]], list[Record]], said: str
) -> None:
    """A record changed or lost since it was signed: a sentence that names the place, and no file."""
    async with signed_log(tmp_path):
        pass
    topic, _, number = place.partition("/")
    file = File(tmp_path / "log.sqlite")
    file.rewrite(topic, change(file.records(topic, int(number))), int(number))
    trees = TreeReader(trees_path(tmp_path))
    async with SqliteLog(file.path) as log:
        with pytest.raises(BundleError) as caught:
            await export(log, trees, tmp_path / "bundle.zip")
    trees.close()
    assert place in str(caught.value)
    assert said in str(caught.value)
    assert not _bundles(tmp_path)


def _bundles(folder: Path) -> list[Path]:
    return list(folder.glob("bundle.zip*"))


async def test_without_a_notary_there_is_no_bundle(tmp_path: Path) -> None:
    """Nothing signed yet: a sentence that says what to do."""
    async with signed_log(tmp_path) as (log, _):
        with pytest.raises(BundleError, match="let it work"):
            await export(log, TreeReader(tmp_path / "none"), tmp_path / "bundle.zip")


async def test_decisions_of_submissions_not_yet_signed_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decisions are signed and their submissions are not: it waits, and then says so."""
    monkeypatch.setattr(bundles, "SIGNED_SECONDS", 0.0)
    async with signed_log(tmp_path) as (log, trees):

        class Behind(TreeReader):
            def latest(self, at: TopicPartition) -> SignedTree | None:
                topic, number = SUBMISSIONS.split("/")
                behind = at == TopicPartition(topic, int(number))
                return trees.signed(at, 0) if behind else trees.latest(at)

        with pytest.raises(BundleError, match=f"not signed all of {SUBMISSIONS}"):
            await export(log, Behind(trees_path(tmp_path)), tmp_path / "bundle.zip")


def _there(output: Path) -> None:
    output.write_bytes(b"something dear")


def _draft_there(output: Path) -> None:
    output.with_name("bundle.zip.part").write_bytes(b"something dear")


def _folder_missing(output: Path) -> None:
    shutil.rmtree(output.parent)


def _folder_is_a_file(output: Path) -> None:
    shutil.rmtree(output.parent)
    output.parent.write_bytes(b"something dear")


@pytest.mark.parametrize("trouble", [_there, _draft_there, _folder_missing, _folder_is_a_file])
def test_an_output_that_cannot_be_is_refused(tmp_path: Path, trouble: Callable[[Path], None]) -> None:
    """Something is there already, or no file can be: a sentence, and what was there stays."""
    output = tmp_path / "out" / "bundle.zip"
    output.parent.mkdir()
    trouble(output)
    with pytest.raises(BundleError, match=r"bundle\.zip"), new_zip(output):
        pytest.fail("it was opened")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.read_bytes() == b"something dear" for path in kept)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """Where the disk takes no more, a sentence says so, and no half of a bundle stays."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(BundleError, match="cannot be written"), new_zip(tmp_path / "b.zip") as writer:
            writer.add("large", bytes(1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [None, b"", b"text", "字".encode(), b"\x00\x1f\xff", b'"\\\n'])
def test_any_bytes_come_through_a_line(content: bytes | None) -> None:
    """A key or value of any bytes, or none, is read as it was written."""
    record = Record(7, -1, content, content)
    assert Record(*record_of(record_line(record), "a line")) == record


async def test_an_empty_ledger_gives_a_bundle_that_holds(tmp_path: Path) -> None:
    """A ledger in which nothing was lodged yet: the bundle verifies."""
    assert judge(await exported(tmp_path, demo=_with_people(DemoLedger(partitions=1)))).code == 0


def _with_people(demo: DemoLedger) -> DemoLedger:
    demo.put("ledger", 0, topic_added(demo.genesis.ledger, INTAKE))
    return demo
