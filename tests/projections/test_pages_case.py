"""A case's page: its history with what was turned down, and what may be done next."""

from __future__ import annotations

import re

import pytest

from barograph.station import wall_clock
from contracts.base import DAY_MS
from services.intake.importing import GrievanceImport, Importer, ImportFile
from services.intake.rows import ImportRow
from tests.projections.pages_house import (
    NOTE,
    REPLY,
    STAFF,
    UNIT,
    House,
    closed_case,
    open_case,
    worked_case,
)

TITLE = re.compile(r'<p class="moment-title">\s*<span>([^<]*)</span>')
POSITION = re.compile(r"<code>grievance\.events/(\d+)/(\d+)</code>")
ACTION = re.compile(r'<details class="fold sheet" name="action" id="action-(\w+)">')


async def page_of(house: House, case: str, who: str = "handler") -> str:
    """The HTML of a case's page."""
    answer = await house.visit(who, f"/cases/{case}")
    assert answer.status_code == 200
    return answer.text


async def test_history_tells_everything_in_order(house: House) -> None:
    """The history holds every event of the case, oldest first, with its place in the log."""
    page = await page_of(house, await closed_case(house))
    assert TITLE.findall(page) == [
        "Lodged",
        "Accepted",
        "Assigned",
        "Progress recorded",
        "Replied",
        "Closed",
    ]
    positions = [(int(partition), int(offset)) for partition, offset in POSITION.findall(page)]
    assert positions == sorted(positions)
    assert len(set(positions)) == 6


async def test_history_names_actor_and_role(house: House) -> None:
    """Each event says who did it, in which role."""
    page = await page_of(house, await worked_case(house))
    assert f"{STAFF['clerk'][2]} · Clerk" in page
    assert f"{STAFF['handler'][2]} · Handler" in page


async def test_history_holds_what_was_written(house: House) -> None:
    """Notes, replies and outcomes stand in the history."""
    page = await page_of(house, await closed_case(house))
    assert all(text in page for text in (NOTE, REPLY, "Outcome: Resolved"))


async def test_refusal_stands_in_the_history(house: House) -> None:
    """A command that was refused is told between the events, with its reason."""
    case = await open_case(house)
    await house.command(case, "close", outcome="answered")
    await house.command(case, "accept")
    page = await page_of(house, case)
    assert TITLE.findall(page) == ["Lodged", "Close", "Accepted"]
    assert "The case has not been accepted. Accept it first." in page
    assert "badge-stopped" in page


async def test_conflict_stands_in_the_history(house: House) -> None:
    """Two texts under one key, through two intake processes: the second one is told as a conflict."""
    case = await worked_case(house)
    await house.command(case, "record_progress", key="same-key", note="first")
    await house.said_by(house.intake(), case, "record_progress", "handler", UNIT, "same-key", note="second")
    page = await page_of(house, case)
    assert TITLE.findall(page)[-2:] == ["Progress recorded", "Record progress"]
    assert "Another text was sent before under the same key. The first one stands." in page


async def test_late_entered_case_is_marked(house: House) -> None:
    """A case lodged long after it happened is marked in head and history; one lodged at once is not."""
    late = await open_case(house, told_at=wall_clock() - 4 * DAY_MS)
    assert (await page_of(house, late)).count("Entered late") == 2
    assert "Entered late" not in await page_of(house, await open_case(house))


async def test_imported_event_tells_both_times(house: House) -> None:
    """Of an imported case the history shows when it happened, beside when it was recorded."""
    told = wall_clock() - 400 * DAY_MS
    importer = Importer(house.people["clerk"], UNIT, house.station.register.history.end)
    job = GrievanceImport(house.station.log, house.station.ledger, house.station.submitter, importer)
    message = ImportRow(2, "000-1", "虚构网友", "虚构标题", "虚构内容", None, told, "虚构答复", told + DAY_MS)
    again = message._replace(row=3, source_id="000-2")
    await job.run(ImportFile("fictional.xlsx", "0" * 64), [message, again], lambda _rows: None)
    await house.settle()
    async with house.visitor("handler") as visitor:
        cases = re.findall(r"/cases/(grv_[0-9a-f]{32})", (await visitor.get("/cases?view=all")).text)
        pages = [(await visitor.get(f"/cases/{case}")).text for case in dict.fromkeys(cases)]
    assert all('<span class="told">happened <time' in page for page in pages)
    assert all("fictional.xlsx" in page and "Imported" in page for page in pages)
    repeats = [page for page in pages if "an earlier case" in page]
    assert len(repeats) == 1
    assert re.search(r'<a href="/cases/grv_[0-9a-f]{32}">an earlier case</a>', repeats[0])


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        (
            "clerk",
            [
                "triage",
                "accept",
                "escalate",
                "propose_risk_flag",
                "ask_withdrawal",
                "add_note",
                "record_occurrence",
                "correct",
            ],
        ),
        (
            "handler",
            [
                "triage",
                "accept",
                "not_accept",
                "transfer",
                "escalate",
                "recuse",
                "propose_risk_flag",
                "ask_withdrawal",
                "merge",
                "split",
                "add_note",
                "record_occurrence",
                "correct",
            ],
        ),
        ("auditor", []),
        ("admin", []),
    ],
)
async def test_lodged_case_offers_what_the_policy_permits(house: House, who: str, offered: list[str]) -> None:
    """The actions are those of the case's state that the reader's role may take."""
    assert ACTION.findall(await page_of(house, await open_case(house), who)) == offered


async def test_closed_case_offers_reopening(house: House) -> None:
    """A closed case offers to open it again, and no second close."""
    page = await page_of(house, await closed_case(house))
    assert ACTION.findall(page) == ["reopen", "record_service", "add_note", "record_occurrence", "correct"]


async def test_action_is_sent_to_intake_with_a_fresh_key(house: House) -> None:
    """Each action posts to intake with a key made by the server, another one on every visit."""
    case = await open_case(house)
    pages = [await page_of(house, case), await page_of(house, case)]
    keys = [re.findall(r'name="form_key" value="([^"]{20,})"', page) for page in pages]
    assert f'action="/intake/communities/{UNIT}/grievances/{case}/accept"' in pages[0]
    assert len(keys[0]) == 14
    assert len({*keys[0], *keys[1]}) == 2 * len(keys[0])


async def test_assignment_offers_the_handlers_of_the_community(house: House) -> None:
    """A case is assigned to a handler of its community; others are not offered."""
    page = await page_of(house, await worked_case(house))
    offered = [who for who in STAFF if f'<option value="{house.people[who]}"' in page]
    assert offered == ["handler", "idle"]


async def test_anonymous_case_says_so(house: House) -> None:
    """An anonymous case shows no empty fields for who lodged it."""
    case = await house.lodge(story="虚构", anonymous=True)
    page = await page_of(house, case)
    assert "<p>Anonymous</p>" in page
    assert "Telephone" not in page


async def test_a_repeat_is_not_marked_for_who_may_not_know_the_person(house: House) -> None:
    """That a confidential case is of the same person as another is told to the clerk, and to no handler."""
    await open_case(house)
    case = await open_case(house, confidential=True)
    for path in (f"/cases/{case}", "/cases?view=all"):
        assert "Repeat petition" in (await house.visit("clerk", path)).text
        assert "Repeat petition" not in (await house.visit("handler", path)).text
