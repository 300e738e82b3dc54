"""A case of several matters is split: at the case's page, and as its complainant sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from services.intake import pages
from services.projections.queries import case_by_id, relatives
from services.projections.rows import CaseRow
from tests.projections.pages_house import NAME, NOTE, REPLY, TELEPHONE, UNIT
from tests.receipts.conftest import CSRF, Front
from tests.receipts.doors import open_door

MATTER = "井盖松动。（虚构）"


@pytest.fixture(autouse=True)
def _at_once(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is decided in this house before it is settled, so a page need not wait for it."""
    open_door(front)
    monkeypatch.setattr(pages, "VERDICT_SECONDS", 0.0)


async def split(front: Front, told: Mapping[str, Any], who: str = "handler", **fields: str) -> httpx.Response:
    """A member of staff sends the form of the case's page."""
    case = told["case_id"]
    async with front.house.visitor(who) as visitor:
        page = (await visitor.get(f"/cases/{case}")).text
        sent = {
            "csrf": CSRF.findall(page)[-1],
            "form_key": "split-1",
            "title": "井盖",
            "story": MATTER,
            **fields,
        }
        answer = await visitor.post(f"/intake/communities/{UNIT}/grievances/{case}/split", data=sent)
    await front.house.settle()
    return answer


def parts_of(front: Front, told: Mapping[str, Any]) -> tuple[CaseRow, ...]:
    """What was split off from the case."""
    return relatives(front.house.model, told["case_id"]).parts


async def test_a_matter_becomes_a_case_of_the_same_complainant(front: Front) -> None:
    """It has the reporter's data, the category and the number, its own story, and a link both ways."""
    told = await front.lodged(reporter_name=NAME, telephone=TELEPHONE)
    answer = await split(front, told, split_note=NOTE)
    assert answer.status_code == 303
    (part,) = parts_of(front, told)
    origin = case_by_id(front.house.model, told["case_id"])
    assert origin is not None
    assert (part.reporter, part.tracking) == (origin.case.reporter, origin.case.tracking)
    assert part.due_at is not None
    assert part.due_at <= (origin.case.due_at or 0)
    page = (await front.house.visit("handler", f"/cases/{part.case_id}")).text
    assert all(text in page for text in (MATTER, NAME, NOTE, f"/cases/{told['case_id']}"))
    assert f"/cases/{part.case_id}" in (await front.house.visit("handler", f"/cases/{told['case_id']}")).text


async def test_a_form_sent_twice_splits_once(front: Front) -> None:
    """The form's key makes a repetition the same submission."""
    told = await front.lodged()
    for _ in range(2):
        assert (await split(front, told, split_note=NOTE)).status_code == 303
    assert len(parts_of(front, told)) == 1


async def test_a_missing_reason_is_said_at_its_field(front: Front) -> None:
    """The form comes back with what was typed, and nothing is split off."""
    told = await front.lodged()
    answer = await split(front, told)
    assert answer.status_code == 422
    assert re.search(r'id="split-split_note"[^>]*aria-invalid="true"', answer.text)
    assert MATTER in answer.text
    assert parts_of(front, told) == ()


async def test_of_no_case_nothing_is_split_off(front: Front) -> None:
    """An id that leads nowhere is not found, and is no error of ours."""
    told = await front.lodged()
    astray = {**told, "case_id": "grv_" + "0" * 32}
    async with front.house.visitor("handler") as visitor:
        page = (await visitor.get(f"/cases/{told['case_id']}")).text
        sent = {
            "csrf": CSRF.findall(page)[-1],
            "form_key": "k",
            "title": "井盖",
            "story": MATTER,
            "split_note": NOTE,
        }
        path = f"/intake/communities/{UNIT}/grievances/{astray['case_id']}/split"
        assert (await visitor.post(path, data=sent)).status_code == 404


async def test_the_complainant_sees_both_under_one_number(front: Front) -> None:
    """The page lists them and shows each with its own letters; a part that is none leads nowhere."""
    told = await front.lodged()
    number = told["tracking_number"]
    await split(front, told, split_note=NOTE)
    (part,) = parts_of(front, told)
    await front.house.command(part.case_id, "accept")
    await front.house.command(part.case_id, "reply", reply=REPLY)
    first = (await front.track(number)).text
    assert "The matters under this number" in first
    assert REPLY not in first
    token = CSRF.findall(first)[-1]
    second = await front.resident.post("/track", data={"csrf": token, "number": number, "part": "1"})
    assert REPLY in second.text
    assert (
        await front.resident.post("/track", data={"csrf": token, "number": number, "part": "7"})
    ).status_code == 404


async def test_what_is_said_is_said_of_the_matter_shown(front: Front) -> None:
    """Information added on the second matter's page is the second case's."""
    told = await front.lodged()
    await split(front, told, split_note=NOTE)
    await front.say(told["tracking_number"], "add_information", note=NOTE, part="1")
    await front.house.settle()
    (part,) = parts_of(front, told)
    assert part.additions == 1
    view = case_by_id(front.house.model, told["case_id"])
    assert view is not None
    assert view.case.additions == 0
