"""Receipts as intake gives them: through the API, on the page, as a file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.envelope import decode_submission
from contracts.evidence import SignedReceipt
from ledger.judging import is_of, judge_receipt
from ledger.log import Draft, LogUnavailableError
from ledger.receipts import qr_text, read_receipt
from services.intake.promises import Issued, qr_picture, standing
from tests.projections.pages_house import STORY
from tests.receipts.conftest import Front


async def test_the_api_answers_with_a_signed_receipt(front: Front) -> None:
    """The receipt is genuine, and the record that it promises stands at its place."""
    told = (await front.lodge()).json()
    receipt = SignedReceipt.model_validate(told["receipt"])
    (record,) = await front.house.station.log.read(receipt.topic, receipt.partition, receipt.offset, 1)
    assert is_of(receipt, record)
    judged = judge_receipt(receipt, await front.ring(), record, receipt.offset + 1, receipt.due_at)
    assert judged.standing == "kept"
    assert (told["offset"], told["submission_id"]) == (receipt.offset, receipt.submission_id)


async def test_a_retry_gets_the_same_bytes(front: Front) -> None:
    """The same key again answers with the first answer, byte for byte."""
    assert (await front.lodge()).content == (await front.lodge()).content


async def test_an_unknown_outcome_gives_no_receipt(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the log does not acknowledge, the answer is 503 and promises nothing, though the record may stand."""
    log, append = front.house.station.log, front.house.station.log.append

    async def unacknowledged(topic: str, partition: int, drafts: Sequence[Draft]) -> list[int]:
        await append(topic, partition, drafts)
        raise LogUnavailableError("no answer in time")

    monkeypatch.setattr(log, "append", unacknowledged)
    answer = await front.lodge()
    assert answer.status_code == 503
    assert "signature" not in answer.text


async def test_a_key_that_is_gone_records_nothing(front: Front) -> None:
    """Without its signing key intake answers 503, and nothing reaches the log."""
    station = front.house.station
    before = await station.log.end_offsets(["grievance.submissions"])
    station.home.seed_path("intake").unlink()
    assert (await front.lodge()).status_code == 503
    assert await station.log.end_offsets(["grievance.submissions"]) == before


async def test_the_page_shows_the_code_and_gives_the_file(front: Front) -> None:
    """The page holds the receipt's QR code; the file is the receipt of the API's answer."""
    told = await front.lodged()
    place = f"/intake/receipts/{told['partition']}/{told['offset']}"
    receipt = SignedReceipt.model_validate(told["receipt"])
    page = await front.clerk.get(place)
    assert qr_picture(receipt) in page.text
    file = await front.clerk.get(f"{place}.json")
    assert read_receipt(file.content) == receipt
    assert file.headers["content-disposition"].startswith("attachment")


async def test_a_receipt_is_for_those_who_serve_the_community(front: Front) -> None:
    """Staff of another community get neither page nor file; who is not signed in is sent to sign in."""
    told = await front.lodged()
    place = f"/intake/receipts/{told['partition']}/{told['offset']}"
    for path in (place, f"{place}.json"):
        assert (await front.house.visit("neighbour", path)).status_code == 403
        assert (await front.resident.get(path)).status_code == 303


async def test_the_number_is_printed_for_who_recorded_the_case(front: Front) -> None:
    """Who handles the case reads its receipt without the number, with which one speaks as the complainant."""
    told = await front.lodged()
    place = f"/intake/receipts/{told['partition']}/{told['offset']}"
    assert told["tracking_number"] in (await front.clerk.get(place)).text
    page = await front.house.visit("handler", place)
    assert page.status_code == 200
    assert told["tracking_number"] not in page.text


async def test_there_is_no_receipt_where_nothing_stands(front: Front) -> None:
    """A place past the end, or one that is no place, is not found or refused, and never an error of ours."""
    for place, status in (("0/0", 404), ("7/99", 404), ("7/x", 422), ("1000/0", 422)):
        for path in (f"/intake/receipts/{place}", f"/intake/receipts/{place}.json"):
            assert (await front.clerk.get(path)).status_code == status, path


async def test_nothing_is_promised_of_a_record_that_intake_did_not_sign(front: Front) -> None:
    """Whoever writes to the log past intake gets no receipt from it."""
    told = await front.lodged()
    log, partition = front.house.station.log, told["partition"]
    (record,) = await log.read(told["topic"], partition, told["offset"], 1)
    forged = (record.value or b"").replace(b'"role":"clerk"', b'"role":"patroller"')
    (offset,) = await log.append(told["topic"], partition, [Draft(record.timestamp, record.key, forged)])
    page = await front.clerk.get(f"/intake/receipts/{partition}/{offset}")
    assert "does not bear intake" in page.text
    assert '<svg class="qr"' not in page.text
    assert (await front.clerk.get(f"/intake/receipts/{partition}/{offset}.json")).status_code == 404


async def test_a_receipt_holds_no_personal_data(front: Front) -> None:
    """Neither file nor code has anything of what was written, nor the tracking number."""
    told = await front.lodged(story=STORY, reporter_name="虚构居民甲")
    file = await front.clerk.get(f"/intake/receipts/{told['partition']}/{told['offset']}.json")
    text = file.text + qr_text(SignedReceipt.model_validate(told["receipt"]))
    assert not any(
        secret in text for secret in (STORY, "虚构居民甲", told["tracking_number"], told["case_id"])
    )


async def test_how_far_a_promise_is(front: Front) -> None:
    """Before it is due it waits; then it is overdue, unless no tree is published at all."""
    told = await front.lodged()
    receipt = SignedReceipt.model_validate(told["receipt"])
    (record,) = await front.house.station.log.read(receipt.topic, receipt.partition, receipt.offset, 1)
    issued = Issued(record, decode_submission(record.value, record.key), receipt, None)
    assert standing(issued, receipt.due_at - 1, has_tree=True) == "waiting"
    assert standing(issued, receipt.due_at, has_tree=True) == "overdue"
    assert standing(issued, receipt.due_at, has_tree=False) == "no_tree"
    assert standing(issued._replace(receipt=None), receipt.due_at, has_tree=True) == "unsigned"
