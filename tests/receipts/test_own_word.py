"""What a resident says on the tracking page, with nothing but the number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from services.intake import voice
from services.projections.queries import case_by_id, refusals
from tests.projections.pages_house import NOTE, UNIT
from tests.receipts.conftest import CSRF, Front


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is decided in this house before it is settled, so a page need not wait for it."""
    monkeypatch.setattr(voice, "VERDICT_SECONDS", 0.0)


async def say(front: Front, told: Mapping[str, Any], command: str, **fields: str) -> httpx.Response:
    """The resident sends one of the forms of the page."""
    token = CSRF.findall((await front.resident.get("/track")).text)[-1]
    data = {"csrf": token, "number": told["tracking_number"], **fields}
    answer = await front.resident.post(f"/track/{command}", data=data)
    await front.house.settle()
    return answer


async def status_of(front: Front, told: Mapping[str, Any]) -> str:
    """The case's state in the read model."""
    view = case_by_id(front.house.model, told["case_id"])
    assert view is not None
    return view.case.status


async def test_a_withdrawal_is_asked_for_and_cannot_be_confirmed_at_once(front: Front) -> None:
    """The request is on record with a time from which it can be confirmed; before, a confirmation is refused."""
    told = await front.lodged()
    await say(front, told, "ask_withdrawal", note=NOTE)
    page = (await front.track(told["tracking_number"])).text
    assert "Withdrawal can be confirmed from" in page
    assert 'id="offer-confirm_withdrawal"' not in page
    await say(front, told, "confirm_withdrawal")
    assert [row.reason for row in refusals(front.house.model, told["case_id"])] == ["withdrawal_too_early"]
    assert await status_of(front, told) == "lodged"


async def test_nothing_that_was_written_is_shown(front: Front) -> None:
    """The reason given is neither in the answer nor on the page, and neither is the case's id."""
    told = await front.lodged()
    answer = await say(front, told, "ask_withdrawal", note=NOTE)
    for text in (answer.text, (await front.track(told["tracking_number"])).text):
        assert NOTE not in text
        assert told["case_id"] not in text


async def test_what_was_asked_is_taken_back(front: Front) -> None:
    """The page offers it, and then offers to ask again."""
    told = await front.lodged()
    await say(front, told, "ask_withdrawal", note=NOTE)
    assert 'id="offer-undo_withdrawal"' in (await front.track(told["tracking_number"])).text
    await say(front, told, "undo_withdrawal")
    page = (await front.track(told["tracking_number"])).text
    assert 'id="offer-ask_withdrawal"' in page
    assert 'id="offer-undo_withdrawal"' not in page


async def test_what_staff_recorded_is_told_to_the_complainant(front: Front) -> None:
    """The page says what the office wrote down, and that nothing comes of it by itself."""
    told = await front.lodged()
    await front.house.command(told["case_id"], "ask_withdrawal", note=NOTE)
    page = (await front.track(told["tracking_number"])).text
    assert "The office recorded that you wished to withdraw" in page
    assert await status_of(front, told) == "lodged"


async def test_no_staff_confirms_through_their_own_pages(front: Front) -> None:
    """A supervisor's command is refused by the workflow, and the case stays open."""
    told = await front.lodged()
    await say(front, told, "ask_withdrawal", note=NOTE)
    await front.house.command(told["case_id"], "confirm_withdrawal", by="supervisor")
    assert await status_of(front, told) == "lodged"


async def test_a_form_sent_twice_is_recorded_once(front: Front) -> None:
    """The form's key makes a repetition the same submission."""
    told = await front.lodged()
    for _ in range(2):
        await say(front, told, "ask_withdrawal", note=NOTE, form_key="one-and-the-same")
    view = case_by_id(front.house.model, told["case_id"])
    assert view is not None
    assert [event.type for event in view.events].count("grievance.withdrawal_asked.v1") == 1


async def test_a_missing_reason_is_said_at_its_field(front: Front) -> None:
    """The form comes back open, with a sentence at the field."""
    told = await front.lodged()
    answer = await say(front, told, "ask_withdrawal")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert re.search(r'id="offer-ask_withdrawal" open', answer.text)


async def test_only_what_the_page_offers_can_be_said(front: Front) -> None:
    """Another command, though the workflow knows it, is not found here."""
    told = await front.lodged()
    assert (await say(front, told, "reply", reply=NOTE)).status_code == 404


@pytest.mark.parametrize(("number", "status"), [("0000", 422), ("0000-0000-0000-0000-0000", 404)])
async def test_without_a_good_number_nothing_is_said(front: Front, number: str, status: int) -> None:
    """A number that is none, or leads nowhere, brings back the form for the number."""
    answer = await say(front, {"tracking_number": number}, "ask_withdrawal", note=NOTE)
    assert answer.status_code == status


async def test_the_form_must_come_from_our_page(front: Front) -> None:
    """Without its token the form is refused."""
    told = await front.lodged()
    data = {"number": told["tracking_number"], "note": NOTE}
    assert (await front.resident.post("/track/ask_withdrawal", data=data)).status_code == 403


async def test_saying_much_is_slowed_down(front: Front) -> None:
    """Beyond the limit nothing is recorded, and what was typed stays in the form."""
    told = await front.lodged()
    for _ in range(voice.RATE.burst):
        await say(front, told, "undo_withdrawal")
    answer = await say(front, told, "ask_withdrawal", note=NOTE)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert NOTE in answer.text


async def test_a_merged_case_is_said_to_be_another_matter(front: Front) -> None:
    """The complainant sees that the case was merged, and undoes it."""
    told, other = await front.lodged(), await front.lodge(key="form-key-2")
    await front.house.settle()
    await front.house.command(told["case_id"], "merge", target=other.json()["case_id"], note=NOTE)
    assert await status_of(front, told) == "merged"
    assert "Merged" in (await front.track(told["tracking_number"])).text
    await say(front, told, "unmerge", note=NOTE)
    assert await status_of(front, told) == "lodged"


async def test_the_community_is_in_no_form(front: Front) -> None:
    """The case behind the number says which community it is, not the form."""
    told = await front.lodged()
    answer = await say(front, told, "ask_withdrawal", note=NOTE, unit="elsewhere", case="grv_elsewhere")
    assert answer.status_code == 200
    view = case_by_id(front.house.model, told["case_id"])
    assert view is not None
    assert view.case.unit == UNIT
    assert view.case.withdrawal_asked
