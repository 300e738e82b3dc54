"""The audit replays a clean ledger and finds nothing; of each tampered one it names the first difference."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import grievance as g
from contracts import register as r
from contracts.topics import submissions_topic
from ledger.log import Draft, Record
from ledger.open import open_log
from ledger.sqlite import SqliteLog
from runtime.kernel import RulesMissingError
from services.audit.findings import Difference
from services.audit.report import AuditReport
from tests.audit.house import (
    EVENTS,
    NOW,
    PLACE,
    SUBMISSIONS,
    File,
    audit,
    audit_file,
    forged,
    make_file,
    rechained,
    renumbered,
    settle,
    small_ledger,
)
from tests.audit.record_golden import build
from tests.support.ledger import CLERK, SEALED, UNIT

Place = tuple[str | None, int | None, int | None]


@pytest.fixture
async def file(tmp_path: Path) -> File:
    """A small ledger's file."""
    return await make_file(tmp_path / "log.sqlite")


def first(report: AuditReport, check: str) -> Difference:
    """The first difference of a check, which must be there."""
    found = report.checks[check].first_difference
    assert found is not None
    assert not report.ok
    return found


def place(found: Difference) -> Place:
    """Where a difference stands."""
    return found.topic, found.partition, found.offset


def failing(report: AuditReport) -> set[str]:
    """The checks that fail."""
    return {name for name, check in report.checks.items() if not check.ok}


async def test_a_clean_ledger_has_no_difference(file: File) -> None:
    """The audit of an untouched ledger is ok."""
    report = await audit_file(file)
    assert (report.ok, failing(report), report.undecided, report.ignored) == (True, set(), 0, 0)


async def test_every_record_is_read(file: File) -> None:
    """The report counts each record of each topic once."""
    with closing(sqlite3.connect(file.path)) as connection:
        (records,) = connection.execute("SELECT count(*) FROM records").fetchone()
    assert (await audit_file(file)).records == records


async def test_every_submission_is_decided_again(file: File) -> None:
    """As many decisions are compared as there are submissions."""
    report = await audit_file(file)
    submissions = sum(report.as_of[SUBMISSIONS].values()) + report.as_of["register.submissions"]["0"]
    assert report.checks["determinism"].checked == report.checks["completeness"].checked == submissions


async def test_a_ledger_with_every_kind_of_decision_is_ok(tmp_path: Path) -> None:
    """Refused, repeated, imported, unsupported and unreadable records come out the same again."""
    assert (await audit_file(await make_file(tmp_path / "log.sqlite", build()))).ok


async def test_a_ledger_on_kafka_is_replayed(kafka_bootstrap: str) -> None:
    """The audit of an untouched ledger on Kafka is ok: every submission is decided, and the same."""
    async with open_log(f"kafka://{kafka_bootstrap}/audit-{uuid.uuid4().hex}") as log:
        await settle(log, small_ledger())
        report = await audit(log)
    assert (report.ok, report.decisions) == (True, report.checks["completeness"].checked)


@pytest.mark.parametrize("offset", [0, 4, 8])
async def test_a_changed_decision_is_named(file: File, offset: int) -> None:
    """A digit changed in a decision is the first difference, at that decision's place."""
    file.change(EVENTS, offset, lambda value: value.replace(b'"basis":', b'"basis":1'))
    report = await audit_file(file)
    found = first(report, "determinism")
    assert (place(found), found.what) == ((EVENTS, PLACE, offset), "data.basis")


async def test_what_builds_on_a_changed_decision_is_compared_too(file: File) -> None:
    """With a decision changed in its place, what follows no longer fits, and later changes are found too."""
    for offset in (2, 6):
        file.change(EVENTS, offset, lambda value: value.replace(b'"basis":', b'"basis":1'))
    report = await audit_file(file)
    found = first(report, "completeness")
    assert (place(found), found.what, found.submission) == ((EVENTS, PLACE, 3), "broken_chain", 3)
    assert (report.checks["determinism"].differences, report.undecided, report.ignored) == (2, 0, 0)


async def test_a_decision_in_other_bytes_is_named(file: File) -> None:
    """A decision that says the same in other bytes is not the same."""
    file.change(EVENTS, 3, lambda value: value.replace(b'"outcome":', b'"outcome": '))
    found = first(await audit_file(file), "determinism")
    assert (place(found), found.what) == ((EVENTS, PLACE, 3), "bytes")


async def test_another_reason_with_a_mended_chain_is_named_once(file: File) -> None:
    """A refusal's reason replaced, and every later hash mended: one difference, at that refusal."""
    records = file.records(EVENTS)
    at = next(n for n, record in enumerate(records) if b'"refused"' in (record.value or b""))
    records[at] = forged(records[at], reason="not_found")
    file.rewrite(EVENTS, rechained(records))
    report = await audit_file(file)
    found = first(report, "determinism")
    assert (place(found), found.what) == ((EVENTS, PLACE, at), "data.reason")
    assert (found.expected, found.found) == ("already_closed", "not_found")
    assert report.checks["determinism"].differences == 1


async def test_each_of_several_changes_is_counted(file: File) -> None:
    """After a difference the replay goes on from what is on record, and finds the next one."""
    records = file.records(EVENTS)
    changed = [forged(record, now=1) if n in {2, 5} else record for n, record in enumerate(records)]
    file.rewrite(EVENTS, rechained(changed))
    report = await audit_file(file)
    assert place(first(report, "determinism")) == (EVENTS, PLACE, 2)
    assert report.checks["determinism"].differences == 2


async def test_a_partition_changed_throughout_is_still_followed(file: File) -> None:
    """Where every decision differs the replay stops deciding, and goes on along the chain."""
    records = file.records(EVENTS)
    file.rewrite(EVENTS, rechained([forged(record, now=7) for record in records]))
    report = await audit_file(file)
    assert place(first(report, "determinism")) == (EVENTS, PLACE, 0)
    assert (report.ignored, report.undecided) == (0, 0)


async def test_a_changed_link_of_the_chain_is_named(file: File) -> None:
    """A decision that no longer follows the one before does not count, and what builds on it tells so."""
    file.change(EVENTS, 4, lambda value: re.sub(rb'"previous":"[0-9a-f]{8}', b'"previous":"00000000', value))
    report = await audit_file(file)
    found = first(report, "completeness")
    assert (place(found), found.what, found.submission) == ((EVENTS, PLACE, 4), "missing_decision", 4)


async def test_a_dropped_submission_is_named(file: File) -> None:
    """A submission taken from the file leaves a gap, which is named on the submissions topic."""
    records = file.records(SUBMISSIONS)
    file.rewrite(SUBMISSIONS, records[:5] + records[6:])
    found = first(await audit_file(file), "log")
    assert (place(found), found.what) == ((SUBMISSIONS, PLACE, 5), "missing_record")


async def test_a_submission_dropped_without_a_gap_is_named(file: File) -> None:
    """With the later submissions moved up, the decision of the dropped one is the first that differs."""
    records = file.records(SUBMISSIONS)
    file.rewrite(SUBMISSIONS, renumbered(records[:5] + records[6:]))
    assert place(first(await audit_file(file), "determinism")) == (EVENTS, PLACE, 5)


async def test_submissions_dropped_at_the_end_are_named(file: File) -> None:
    """A decision without its submission is a difference."""
    file.rewrite(SUBMISSIONS, file.records(SUBMISSIONS)[:-2])
    found = first(await audit_file(file), "completeness")
    at = len(file.records(SUBMISSIONS))
    assert (place(found), found.what) == ((EVENTS, PLACE, at), "decision_without_submission")


async def test_a_dropped_decision_is_named(file: File) -> None:
    """A decision taken from the file is missing from the log, and from the chain."""
    records = file.records(EVENTS)
    file.rewrite(EVENTS, records[:5] + records[6:])
    report = await audit_file(file)
    assert place(first(report, "log")) == (EVENTS, PLACE, 5)
    assert first(report, "completeness").submission == 5


@pytest.mark.parametrize("dropped", [1, 2, 3])
async def test_decisions_dropped_without_a_gap_are_named(file: File, dropped: int) -> None:
    """With the later decisions moved up, those that build on the dropped ones tell of it."""
    records = file.records(EVENTS)
    file.rewrite(EVENTS, renumbered(records[:5] + records[5 + dropped :]))
    found = first(await audit_file(file), "completeness")
    assert (place(found), found.what) == ((EVENTS, PLACE, 5), "missing_decision")


async def test_swapped_decisions_are_named(file: File) -> None:
    """Two decisions in each other's place: the later one came before it could."""
    records = file.records(EVENTS)
    records[3:5] = [records[4], records[3]]
    file.rewrite(EVENTS, renumbered(records))
    found = first(await audit_file(file), "completeness")
    assert (place(found), found.submission) == ((EVENTS, PLACE, 3), 3)


async def test_a_decision_appended_without_a_submission_is_named(file: File) -> None:
    """A forged decision that fits the chain but no submission is a difference at its place."""
    records = file.records(EVENTS)
    end = len(records)
    extra = forged(records[0], submission_offset=end)._replace(offset=end)
    file.rewrite(EVENTS, rechained([*records, extra]))
    found = first(await audit_file(file), "completeness")
    assert (place(found), found.what) == ((EVENTS, PLACE, end), "decision_without_submission")


async def test_a_forged_decision_of_a_waiting_submission_is_named(file: File) -> None:
    """Whoever decides before the workers, and otherwise than the rules, is found out."""
    records, submissions = file.records(EVENTS), file.records(SUBMISSIONS)
    last = records[-1].offset
    file.rewrite(
        EVENTS,
        rechained([*records[:-1], forged(records[-1], outcome="refused", reason="not_found", events=[])]),
    )
    found = first(await audit_file(file), "determinism")
    assert (place(found), found.what, len(submissions)) == ((EVENTS, PLACE, last), "data.outcome", last + 1)


@pytest.mark.parametrize("change", ["garbled", "impossible"])
async def test_a_last_decision_that_is_none_is_named(file: File, change: str) -> None:
    """Bytes that no worker wrote, in the place of the last decision, are a difference and no mere delay."""
    records = file.records(EVENTS)
    last = records[-1]
    value = b"garbled" if change == "garbled" else forged(last, outcome="refused").value
    file.rewrite(EVENTS, [*records[:-1], last._replace(value=value)])
    report = await audit_file(file)
    found = first(report, "completeness")
    assert (place(found), found.what) == ((EVENTS, PLACE, last.offset), "no_decision")
    assert (found.submission, report.undecided, report.ignored) == (last.offset, 1, 1)


async def test_what_is_foreign_after_the_last_decision_is_no_difference(file: File) -> None:
    """Garbage on the events topic that stands in no decision's place is ignored and counted."""
    records = file.records(EVENTS)
    garbage = records[-1]._replace(offset=records[-1].offset + 1, value=b"garbage")
    file.rewrite(EVENTS, [*records, garbage])
    report = await audit_file(file)
    assert (report.ok, report.ignored) == (True, 1)


async def test_a_version_to_come_ends_the_replay_of_its_partition(file: File) -> None:
    """A decision of a type that is not known is a difference; what comes after it counts as undecided."""
    records = file.records(EVENTS)
    shouted = {"type": "grievance.shouted.v1", "data": {}}
    records[2] = forged(records[2], events=[shouted])
    file.rewrite(EVENTS, rechained(records))
    report = await audit_file(file)
    found = first(report, "determinism")
    assert (place(found), found.what) == ((EVENTS, PLACE, 2), "unknown_version")
    assert (report.checks["determinism"].differences, report.undecided) == (1, len(records) - 2)


async def test_what_rules_cannot_fold_is_named_and_followed(file: File) -> None:
    """A forged event about a case that never was stops the deciding, not the audit."""
    records = file.records(EVENTS)
    impossible = {"type": "grievance.accepted.v1", "data": {"handle_due_at": 1}}
    records[0] = forged(records[0], events=[impossible])
    file.rewrite(EVENTS, rechained(records))
    report = await audit_file(file)
    assert place(first(report, "determinism")) == (EVENTS, PLACE, 0)
    assert report.undecided == 0


async def test_other_partitions_are_checked_after_a_difference(tmp_path: Path) -> None:
    """A difference in the register is the first, and does not hide one in a later partition."""
    file = await make_file(tmp_path / "log.sqlite")
    register = file.records("register.events", 0)
    register[2] = forged(register[2], now=3)
    file.rewrite("register.events", rechained(register), 0)
    file.change(EVENTS, 1, lambda value: value.replace(b'"basis":', b'"basis":1'))
    report = await audit_file(file)
    assert place(first(report, "determinism")) == ("register.events", 0, 2)
    assert report.checks["determinism"].differences == 2


async def test_a_register_changed_throughout_is_taken_as_it_stands(file: File) -> None:
    """Where the register cannot be decided from, the other families are held against the recorded one."""
    register = [forged(record, now=7) for record in file.records("register.events", 0)]
    file.rewrite("register.events", rechained(register), 0)
    report = await audit_file(file)
    assert place(first(report, "determinism")) == ("register.events", 0, 0)
    assert report.checks["determinism"].differences == 5


async def test_a_decision_at_another_time_is_named(file: File) -> None:
    """A decision record bears its submission's timestamp."""
    records = file.records(EVENTS)
    records[6] = records[6]._replace(timestamp=records[6].timestamp + 1)
    file.rewrite(EVENTS, records)
    found = first(await audit_file(file), "log")
    assert (place(found), found.what) == ((EVENTS, PLACE, 6), "timestamp")


async def test_a_topic_of_another_shape_is_named(file: File) -> None:
    """A topic that has not as many partitions as the genesis says is a difference."""
    with closing(sqlite3.connect(file.path)) as connection, connection:
        connection.execute("INSERT INTO partitions (topic, partition) VALUES (?, 12)", [EVENTS])
    found = first(await audit_file(file), "log")
    assert (found.topic, found.what, found.expected, found.found) == (EVENTS, "partitions", 12, 13)


async def append(file: File, topic: str, *records: Record) -> None:
    """Append records as any writer may."""
    async with SqliteLog(file.path) as log:
        await log.append(topic, PLACE, [Draft(*record[1:]) for record in records])


@pytest.mark.parametrize("value", [b"", b"garbage", b"{}", b"\xff", b'{"data":{"submission_offset":99}}'])
async def test_garbage_among_the_decisions_is_counted(file: File, value: bytes) -> None:
    """A record on the events topic that is no decision is ignored, counted, and no difference."""
    await append(file, EVENTS, Record(0, 5, None, value))
    report = await audit_file(file)
    assert (report.ok, report.ignored) == (True, 1)


@pytest.mark.parametrize("at", [0, 3, 8])
async def test_a_repeated_decision_is_counted(file: File, at: int) -> None:
    """A decision that a second worker wrote again is ignored and counted."""
    await append(file, EVENTS, file.records(EVENTS)[at])
    report = await audit_file(file)
    assert (report.ok, report.ignored) == (True, 1)


async def test_garbage_in_the_middle_is_counted(file: File) -> None:
    """What is decided after a foreign record is compared as before."""
    records = file.records(EVENTS)
    records.insert(4, Record(4, 5, None, b"garbage"))
    file.rewrite(EVENTS, renumbered(records))
    report = await audit_file(file)
    assert (report.ok, report.ignored, report.undecided) == (True, 1, 0)


async def test_a_decision_of_another_chain_is_counted(file: File) -> None:
    """A decision that names the right submission and another `previous` never counted."""
    records = file.records(EVENTS)
    records.insert(4, forged(records[4], previous="0" * 64))
    file.rewrite(EVENTS, renumbered(records))
    report = await audit_file(file)
    assert (report.ok, report.ignored) == (True, 1)


async def test_an_unreadable_record_is_listed(tmp_path: Path) -> None:
    """A record that is no submission is named with its reason and hash, and is no difference."""
    demo = small_ledger()
    offset = demo.put(SUBMISSIONS, PLACE, b"not json", UNIT.encode())
    demo.decide("grievance", PLACE)
    report = await audit_file(await make_file(tmp_path / "log.sqlite", demo))
    (listed,) = report.checks["unreadable"].listed
    assert report.ok
    assert (listed.topic, listed.partition, listed.offset, listed.what) == (
        SUBMISSIONS,
        PLACE,
        offset,
        "not_json",
    )
    assert listed.sha256 == hashlib.sha256(b"not json").hexdigest()


async def test_submissions_without_a_decision_are_counted(file: File) -> None:
    """What nobody has decided yet is counted, and is no difference."""
    last = file.records(SUBMISSIONS)[-1]
    await append(file, SUBMISSIONS, last, last)
    report = await audit_file(file)
    assert (report.ok, report.undecided) == (True, 2)


async def test_a_submission_with_a_stale_basis_is_listed(tmp_path: Path) -> None:
    """Who had not seen a register entry of a minute before is named, and it is no difference."""
    demo = small_ledger()
    seen = demo.register.end
    demo.submit(r.DefineZoneV1(zone="z4", unit=UNIT, name="Zone"))
    demo.now += 60_001
    fresh = demo.lodge()
    stale = demo.submit(g.AcceptV1(), subject=fresh, by=CLERK).submission
    demo.put(SUBMISSIONS, PLACE, orjson.dumps(stale.model_dump(exclude_none=True) | {"basis": seen}), b"demo")
    demo.decide("grievance", PLACE)
    report = await audit_file(await make_file(tmp_path / "log.sqlite", demo))
    (listed,) = report.checks["basis"].listed
    end = report.as_of[submissions_topic("grievance")][str(PLACE)]
    assert (report.ok, listed.offset, listed.what) == (True, end - 1, 60)


async def test_a_record_that_lies_ahead_is_named(tmp_path: Path) -> None:
    """A foreign record of the future is listed once, and the records that its clock dates are not."""
    demo = small_ledger()
    present = demo.now
    demo.now += 61_000
    ahead = demo.submit(g.AcceptV1(), subject=demo.lodge(), by=CLERK)
    demo.now = present
    for _ in range(3):
        demo.lodge()
    report = await audit_file(await make_file(tmp_path / "log.sqlite", demo))
    (listed,) = report.checks["clock"].listed
    assert (report.ok, listed.offset, listed.what) == (True, ahead.offset, 61)


async def test_a_last_record_that_lies_ahead_is_named(tmp_path: Path) -> None:
    """The last record of a partition is held against the time of the audit."""
    demo = small_ledger()
    demo.lodge()
    demo.now = NOW + 60_000
    demo.lodge()
    assert (await audit_file(await make_file(tmp_path / "punctual.sqlite", demo))).checks["clock"].count == 0
    demo.now += 1000
    offset = demo.submit(g.AcceptV1(), subject=demo.lodge(), by=CLERK).offset
    report = await audit_file(await make_file(tmp_path / "log.sqlite", demo))
    (listed,) = report.checks["clock"].listed
    assert (listed.partition, listed.offset, listed.what) == (PLACE, offset, 61)


async def test_a_partition_under_unknown_rules_is_not_passed_over(file: File) -> None:
    """Without the rules on record the audit says so, and does not call anything ok."""
    file.change("ledger", 0, lambda value: value.replace(b"grievance-1", b"grievance-9"), partition=0)
    with pytest.raises(RulesMissingError):
        await audit_file(file)


async def test_a_forgers_words_are_not_shown(file: File) -> None:
    """What a difference shows is known words, ids and numbers; of other text only length and hash."""
    records = file.records(EVENTS)
    records[3] = forged(records[3], reason="王小明 139 0000 0000", unit="虚构")
    file.rewrite(EVENTS, rechained(records))
    shown = orjson.dumps((await audit_file(file)).as_json()).decode()
    assert "王小明" not in shown
    assert "虚构" not in shown


async def test_sealed_texts_are_not_shown(file: File) -> None:
    """Of ciphertext that was replaced, neither the old nor the new is shown."""
    old, new = SEALED.sealed, "WFlaWFlaWFla"
    file.change(EVENTS, 0, lambda value: value.replace(old.encode(), new.encode()))
    report = await audit_file(file)
    found: Any = first(report, "determinism")
    assert found.what == "data.events.0.data.story.sealed"
    assert old not in str(found)
    assert new not in str(found)
