"""From what somebody said to a durable record: one intent, one submission, in as many tries as it takes."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.envelope import decode_submission
from contracts.partition import partition_of
from runtime.submit import OtherBodyError
from tests.support.given import BEGINNING, CASE, HANDLER
from tests.support.intake import INTAKE_KEY, STORY, Intake, lodging, open_intake, same


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    """One intake process."""
    async with open_intake(tmp_path) as opened:
        yield opened


async def test_a_receipt_says_where_the_record_stands(intake: Intake) -> None:
    """The receipt names topic, partition, offset, time and hash of the record that is on the log."""
    receipt = await intake.submitter.submit(lodging())
    (record,) = await intake.records()
    assert (receipt.topic, receipt.partition) == ("grievance.submissions", partition_of("demo", 12))
    assert (receipt.offset, receipt.recorded_at) == (record.offset, record.timestamp) == (0, BEGINNING)
    assert receipt.sha256 == hashlib.sha256(record.value or b"").hexdigest()
    said = decode_submission(record.value, record.key)
    assert (said.id, said.subject) == (receipt.submission_id, receipt.subject)
    assert said.subject == f"grv_{said.id.replace('-', '')}"


async def test_a_retry_gets_the_first_receipt(intake: Intake) -> None:
    """The same key again, later and with the same body, gives the same receipt and appends nothing."""
    first = await intake.submitter.submit(lodging())
    intake.clock.now += 60_000
    assert await intake.submitter.submit(lodging()) == first
    assert len(await intake.records()) == 1


async def test_retries_at_once_get_one_receipt(intake: Intake) -> None:
    """Twenty at the same time with the same key make one record, and all get its receipt."""
    receipts = await asyncio.gather(*(intake.submitter.submit(lodging()) for _ in range(20)))
    assert same(receipts)
    assert len(await intake.records()) == 1


async def test_other_keys_are_other_submissions(intake: Intake) -> None:
    """The same body under two keys is two submissions."""
    receipts = [await intake.submitter.submit(lodging(key)) for key in ("form-1", "form-2")]
    assert receipts[0].submission_id != receipts[1].submission_id
    assert len(await intake.records()) == 2


async def test_two_processes_make_one_submission(tmp_path: Path) -> None:
    """The same key in two intake processes may be two records; it has one id and is decided once."""
    async with open_intake(tmp_path) as one, open_intake(tmp_path) as other:
        await one.enter_community()
        receipts = [await process.submitter.submit(lodging()) for process in (one, other)]
        assert receipts[0].submission_id == receipts[1].submission_id
        assert receipts[0].subject == receipts[1].subject
        first, second = await one.decide()
    assert (first.outcome, second.outcome, second.duplicate_of) == ("accepted", "duplicate", 0)


async def test_processes_that_race_make_one_submission(tmp_path: Path) -> None:
    """Two processes at the same time, several tries each: one submission is decided, the rest duplicates."""
    async with open_intake(tmp_path) as one, open_intake(tmp_path) as other:
        await one.enter_community()
        tries = [process.submitter.submit(lodging()) for process in (one, other) for _ in range(5)]
        receipts = await asyncio.gather(*tries)
        outcomes = sorted(decision.outcome for decision in await one.decide())
    assert len({receipt.submission_id for receipt in receipts}) == 1
    assert outcomes == ["accepted", "duplicate"]


async def test_a_restart_changes_no_identity(tmp_path: Path) -> None:
    """The same key after a restart has the same submission id, stream and tracking number."""
    found = []
    for _ in range(2):
        async with open_intake(tmp_path) as process:
            receipt = await process.submitter.submit(lodging())
            number = process.submitter.tracking_number(receipt.submission_id)
            found.append((receipt.submission_id, receipt.subject, number))
    assert found[0] == found[1]


async def test_another_body_is_refused(intake: Intake) -> None:
    """The same key with another body is an error, before and after a retry, and appends nothing."""
    await intake.submitter.submit(lodging())
    for changed in (lodging(body=STORY | {"story": "其他"}), lodging(told_at=BEGINNING - 1)):
        with pytest.raises(OtherBodyError):
            await intake.submitter.submit(changed)
    await intake.submitter.submit(lodging())
    assert len(await intake.records()) == 1


async def test_another_body_at_once_is_refused(intake: Intake) -> None:
    """Two bodies with the same key at the same time: the first is taken, the other is an error."""
    first, second = await asyncio.gather(
        intake.submitter.submit(lodging()),
        intake.submitter.submit(lodging(body=STORY | {"story": "其他"})),
        return_exceptions=True,
    )
    assert not isinstance(first, BaseException)
    assert isinstance(second, OtherBodyError)
    assert len(await intake.records()) == 1


async def test_another_body_in_another_process_is_a_conflict(tmp_path: Path) -> None:
    """Where two processes race, the same key with another body is decided `conflict`."""
    async with open_intake(tmp_path) as one, open_intake(tmp_path) as other:
        await one.enter_community()
        await one.submitter.submit(lodging())
        await other.submitter.submit(lodging(body=STORY | {"story": "其他"}))
        first, second = await one.decide()
    assert (first.outcome, second.outcome, second.duplicate_of) == ("accepted", "conflict", 0)


@pytest.mark.parametrize("processes", [1, 2])
async def test_the_same_key_for_two_cases_is_two_submissions(tmp_path: Path, processes: int) -> None:
    """The same key and command about two cases is two intents, in one process as in two, each decided once."""
    async with open_intake(tmp_path) as one, open_intake(tmp_path) as other:
        await one.enter_community()
        cases = [(await one.submitter.submit(lodging(key))).subject for key in ("form-1", "form-2")]
        progress = replace(lodging("k", {"note": "现场看过"}), type="grievance.record_progress.v1", kind="")
        of_handler = replace(progress, actor=HANDLER.actor, role=HANDLER.role)
        for case in cases:
            accept = replace(of_handler, type="grievance.accept.v1", body={}, subject=case)
            await one.submitter.submit(accept)
        for process in (one, other)[:processes]:
            for case in cases:
                await process.submitter.submit(replace(of_handler, subject=case))
        outcomes = [decision.outcome for decision in await one.decide()]
    assert outcomes == ["accepted"] * 6 + ["duplicate"] * 2 * (processes - 1)


async def test_an_id_is_a_uuid_of_version_8(intake: Intake) -> None:
    """A submission's id is a UUID of version 8 in the variant of RFC 9562."""
    found = uuid.UUID(intake.submitter.submission_id(lodging()))
    assert (found.version, found.variant) == (8, uuid.RFC_4122)


async def test_an_identity_is_of_unit_actor_operation_and_key(intake: Intake) -> None:
    """The id follows from unit, actor, command, case and key, and from nothing else."""
    plain = intake.submitter.submission_id(lodging())
    others = [
        lodging(unit="next"),
        lodging(actor=HANDLER.actor),
        lodging(type="grievance.accept.v1"),
        lodging(type="grievance.accept.v1", subject=CASE),
        lodging("form-2"),
    ]
    assert len({plain, *(intake.submitter.submission_id(said) for said in others)}) == 6
    for said in (lodging(body={}), lodging(told_at=1), lodging(role="handler"), lodging(basis=0)):
        assert intake.submitter.submission_id(said) == plain


async def test_ids_and_tracking_numbers_need_the_intake_key(tmp_path: Path) -> None:
    """Another intake key gives other ids and other tracking numbers: nobody else can make them."""
    async with open_intake(tmp_path) as ours, open_intake(tmp_path, key=b"x" * 32) as theirs:
        mine = ours.submitter.submission_id(lodging())
        assert theirs.submitter.submission_id(lodging()) != mine
        assert theirs.submitter.tracking_number(mine) != ours.submitter.tracking_number(mine)
    assert INTAKE_KEY not in mine.encode()


async def test_a_tracking_number_stays(intake: Intake) -> None:
    """A submission's tracking number is the same at every try, has its form, and is no other's."""
    ids = [intake.submitter.submission_id(lodging(f"form-{n}")) for n in range(50)]
    numbers = [intake.submitter.tracking_number(each) for each in ids]
    assert numbers == [intake.submitter.tracking_number(each) for each in ids]
    assert len(set(numbers)) == 50
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}", each) for each in numbers)


async def test_a_tracking_number_does_not_make_another_body(intake: Intake) -> None:
    """A retry whose tracking number was made anew is the same submission."""
    first = await intake.submitter.submit(lodging())
    again = lodging(body=STORY | {"tracking": "f" * 64})
    assert await intake.submitter.submit(again) == first


async def test_a_told_time_is_the_events_and_not_the_records(intake: Intake) -> None:
    """The record's time is this machine's; when it happened stands in the envelope as told."""
    await intake.submitter.submit(lodging(told_at=BEGINNING - 86_400_000))
    (record,) = await intake.records()
    assert record.timestamp == BEGINNING
    assert decode_submission(record.value, record.key).occurred_at == BEGINNING - 86_400_000


async def test_a_submission_may_name_its_partition(intake: Intake) -> None:
    """What concerns a partition as a whole goes to the partition that is named."""
    beat = replace(lodging("beat", {"hour": 1}), type="control.heartbeat.v1", subject=CASE, partition=3)
    assert (await intake.submitter.submit(beat)).partition == 3
    assert len(await intake.records(partition=3)) == 1


async def test_many_are_appended_in_their_order(intake: Intake) -> None:
    """What is submitted together stands on the log as if it had been submitted one after the other."""
    said = [lodging(f"row-{number}") for number in range(5)]
    await intake.submitter.submit_many(said)
    records = await intake.records()
    found = [decode_submission(record.value, record.key).id for record in records]
    assert found == [intake.submitter.submission_id(one) for one in said]


async def test_many_and_one_seal_under_the_same_subjects(intake: Intake) -> None:
    """A text that came in bulk is under the keys of its case and its reporter, as any other."""
    one = lodging("row")
    handled = replace(one, body={**one.body, "reporter_name": "虚构居民"}, handles={"reporter": "test:甲"})
    await intake.submitter.submit(handled)
    await intake.submitter.submit_many([handled])
    first, second = [decode_submission(record.value, record.key) for record in await intake.records()]
    assert (first.id, first.bodytag) == (second.id, second.bodytag)
    for field in ("story", "reporter_name"):
        assert first.data[field]["subject"] == second.data[field]["subject"]
    assert first.data["story"]["subject"] != first.data["reporter_name"]["subject"]


async def test_many_with_a_bad_one_append_nothing(intake: Intake) -> None:
    """A body that is not of its type stops all of them before anything is on the log."""
    bad = replace(lodging("bad"), body={"channel": "smoke"})
    with pytest.raises(ValidationError):
        await intake.submitter.submit_many([lodging("good"), bad])
    assert await intake.records() == []
