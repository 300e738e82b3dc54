"""What is sealed apart, for whom, and what can no longer be said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import decode_submission
from runtime.submit import OtherBodyError, SubjectErasedError
from tests.support.intake import STORY, Intake, lodging, open_intake

BODY = STORY | {"title": "虚构标题", "reporter_name": "虚构甲"}


async def data_of(intake: Intake, number: int = 0) -> dict[str, Any]:
    """The data of a submission on the log."""
    record = (await intake.records())[number]
    return decode_submission(record.value, record.key).data


async def test_each_text_of_a_case_is_apart(tmp_path: Path) -> None:
    """Title and story have a text key each, under one subject; the reporter's data have none."""
    async with open_intake(tmp_path) as intake:
        await intake.submitter.submit(lodging(body=BODY))
        data = await data_of(intake)
    assert data["title"]["subject"] == data["story"]["subject"]
    assert data["title"]["text"] != data["story"]["text"]
    assert "text" not in data["reporter_name"]


async def test_a_redacted_text_is_not_said_again(tmp_path: Path) -> None:
    """A form that is sent again after its text was redacted is refused, and nothing is appended."""
    async with open_intake(tmp_path) as intake:
        await intake.submitter.submit(lodging(body=BODY))
        story = (await data_of(intake))["story"]
        assert intake.vault.destroy_text(story["subject"], story["text"])
    async with open_intake(tmp_path) as later:
        with pytest.raises(OtherBodyError, match="redacted"):
            await later.submitter.submit(lodging(body=BODY))
        assert len(await later.records()) == 1


async def test_a_known_subject_is_named_by_its_id(tmp_path: Path) -> None:
    """Data of somebody who is known already go under that subject, whatever the handles say."""
    async with open_intake(tmp_path) as intake:
        known = await intake.vault.subject("telephone:1")
        said = lodging(body=BODY, handles={"reporter": "telephone:2"}, subjects={"reporter": known.subject})
        await intake.submitter.submit(said)
        assert (await data_of(intake))["reporter_name"]["subject"] == known.subject


async def test_nothing_is_recorded_about_the_erased(tmp_path: Path) -> None:
    """Data of a subject whose keys are gone are refused, and nothing is appended."""
    async with open_intake(tmp_path) as intake:
        with pytest.raises(SubjectErasedError):
            await intake.submitter.submit(lodging(body=BODY, subjects={"reporter": "sub_nobody000000"}))
        assert await intake.records() == []


async def test_a_files_key_is_the_same_for_a_retry_only(tmp_path: Path) -> None:
    """The key of a file depends on case, form and content, and not on the process."""
    async with open_intake(tmp_path) as intake:
        said, other = lodging("a"), lodging("b")
        keys = [
            await intake.submitter.derived_key(said, b"one"),
            await intake.submitter.derived_key(said, b"other"),
            await intake.submitter.derived_key(other, b"one"),
        ]
    async with open_intake(tmp_path) as later:
        assert await later.submitter.derived_key(said, b"one") == keys[0]
    assert len(set(keys)) == 3
