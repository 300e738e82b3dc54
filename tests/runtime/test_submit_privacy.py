"""Nothing that a person says about themselves stands in plain on any topic."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from contracts import grievance as g
from contracts.envelope import Submission, decode_submission
from contracts.personal import Sealed
from tests.support.intake import STORY, Intake, all_bytes, lodging, open_intake

TOLD = {
    "title": "三号楼的虚构标题",
    "story": "这是一个完全虚构的故事，讲的是路灯。",
    "reporter_name": "虚构人物甲",
    "telephone": "13800004321",
    "address": "虚构路一号二零三室",
}
HANDLES = {"reporter": "telephone:13800004321"}
BODY = STORY | TOLD


def spellings(text: str) -> list[bytes]:
    """How a text could stand in a file without being encrypted."""
    utf_8, utf_16 = text.encode(), text.encode("utf-16-le")
    return [
        utf_8,
        utf_16,
        json.dumps(text).strip('"').encode(),
        base64.b64encode(utf_8)[:-4],
        utf_8.hex().encode(),
    ]


async def submissions(intake: Intake) -> list[Submission]:
    """The community's submissions."""
    return [decode_submission(record.value, record.key) for record in await intake.records()]


async def sealed_fields(intake: Intake) -> list[dict[str, Sealed]]:
    """The sealed fields of each lodging on the log."""
    bodies = [g.LodgeV1.model_validate(said.data) for said in await submissions(intake)]
    return [
        {name: value for name, value in body.__dict__.items() if isinstance(value, Sealed)} for body in bodies
    ]


async def test_no_plain_word_reaches_the_log(tmp_path: Path) -> None:
    """No record and no file of the log holds a name, telephone, address, title or story."""
    async with open_intake(tmp_path) as intake:
        await intake.enter_community()
        await intake.submitter.submit(lodging(body=BODY, handles=HANDLES))
        (decision,) = await intake.decide()
        content = all_bytes(tmp_path)
    assert decision.outcome == "accepted"
    assert decision.submission_id is not None
    assert decision.submission_id.encode() in content
    for text in (*TOLD.values(), "Fictional Person", HANDLES["reporter"]):
        for spelling in spellings(text):
            assert spelling not in content


async def test_what_was_sealed_can_be_read(tmp_path: Path) -> None:
    """Every sealed field of the record opens to what was said, by any process with the vault."""
    async with open_intake(tmp_path) as intake:
        await intake.submitter.submit(lodging(body=BODY, handles=HANDLES))
    async with open_intake(tmp_path) as later:
        (sealed,) = await sealed_fields(later)
        assert {name: later.vault.read(value, name) for name, value in sealed.items()} == TOLD


async def test_each_field_is_sealed_for_whose_it_is(tmp_path: Path) -> None:
    """The case's texts are under the case's subject, the reporter's under the reporter's."""
    async with open_intake(tmp_path) as intake:
        await intake.submitter.submit(lodging(body=BODY, handles=HANDLES))
        (sealed,) = await sealed_fields(intake)
    assert sealed["title"].subject == sealed["story"].subject
    assert sealed["reporter_name"].subject == sealed["telephone"].subject == sealed["address"].subject
    assert sealed["title"].subject != sealed["telephone"].subject


async def test_one_reporter_is_one_subject(tmp_path: Path) -> None:
    """Two cases of one reporter share the reporter's subject, and that of two reporters do not."""
    async with open_intake(tmp_path) as intake:
        for key, handle in (("a", "telephone:1"), ("b", "telephone:1"), ("c", "telephone:2")):
            await intake.submitter.submit(lodging(key, BODY, handles={"reporter": handle}))
        found = await sealed_fields(intake)
    reporters = [sealed["telephone"].subject for sealed in found]
    assert reporters[0] == reporters[1] != reporters[2]
    assert len({sealed["story"].subject for sealed in found}) == 3


async def test_equal_stories_do_not_look_alike(tmp_path: Path) -> None:
    """The same story in two cases has other ciphertext and another body tag: nothing on the log is equal."""
    async with open_intake(tmp_path) as intake:
        for key in ("a", "b"):
            await intake.submitter.submit(lodging(key, BODY, handles=HANDLES))
        one, other = await submissions(intake)
    assert one.bodytag != other.bodytag
    assert one.data["story"]["sealed"] != other.data["story"]["sealed"]
    assert one.data["telephone"]["sealed"] != other.data["telephone"]["sealed"]


@pytest.mark.parametrize("name", TOLD)
async def test_a_missing_field_stays_missing(tmp_path: Path, name: str) -> None:
    """What was not told is not sealed either; only the story must be there."""
    body = {field: value for field, value in BODY.items() if field != name} | {"story": BODY["story"]}
    async with open_intake(tmp_path) as intake:
        await intake.submitter.submit(lodging(body=body, handles=HANDLES))
        (sealed,) = await sealed_fields(intake)
    assert sealed.keys() == (TOLD.keys() - {name}) | {"story"}
