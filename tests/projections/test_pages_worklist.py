"""The worklist: views, filters, search by tracking number, and what it says when it is empty."""

from __future__ import annotations

import re
from html import unescape

import pytest

from contracts.base import DAY_MS
from contracts.tracking import as_printed
from services.projections.queries import case_by_id
from tests.projections.pages_house import (
    NEIGHBOUR,
    TITLE,
    UNIT,
    House,
    closed_case,
    open_case,
    worked_case,
)
from web.paging import Cursor

CASE = re.compile(r'class="case-link" href="/cases/(grv_[0-9a-f]{32})"')


async def listed(house: House, query: str = "", who: str = "handler") -> list[str]:
    """The cases that a worklist shows."""
    return CASE.findall((await house.visit(who, f"/cases{query}")).text)


async def number_of(house: House, case: str) -> str:
    """The tracking number of a case."""
    view = case_by_id(house.model, case)
    assert view is not None
    return house.number_of(view.case)


async def test_views_show_their_cases(house: House) -> None:
    """Each view shows the cases of its kind."""
    lodged, worked, closed = await open_case(house), await worked_case(house), await closed_case(house)
    found = {
        view: set(await listed(house, f"?view={view}"))
        for view in ("mine", "open", "closed", "all", "overdue")
    }
    assert found == {
        "mine": {worked},
        "open": {lodged, worked},
        "closed": {closed},
        "all": {lodged, worked, closed},
        "overdue": set(),
    }


async def test_handler_starts_with_own_cases(house: House) -> None:
    """A handler's worklist starts with the cases assigned to that handler; a clerk's with all open ones."""
    lodged, worked = await open_case(house), await worked_case(house)
    assert await listed(house) == [worked]
    assert await listed(house, who="idle") == []
    assert set(await listed(house, who="clerk")) == {lodged, worked}


async def test_open_cases_stand_by_deadline(house: House) -> None:
    """The case that is due first stands first: 15 days for acceptance come before 60 for handling."""
    worked, lodged = await worked_case(house), await open_case(house)
    assert await listed(house, "?view=open") == [lodged, worked]


async def test_zone_filter_narrows_the_list(house: House) -> None:
    """Only the chosen zone's cases are shown; a zone that is not there changes nothing."""
    east, west = await open_case(house), await open_case(house, zone="west")
    assert await listed(house, "?view=open&zone=east") == [east]
    assert set(await listed(house, "?view=open&zone=nowhere")) == {east, west}


async def test_row_says_what_one_needs_to_choose(house: House) -> None:
    """A row shows subject, category, zone, state, handler, and how many days are left."""
    await worked_case(house)
    page = (await house.visit("handler", "/cases")).text
    for shown in (TITLE, "电梯", "东片", "Accepted", "乙承办（虚构）", "60 days left"):
        assert shown in page


async def test_overdue_row_is_marked(house: House) -> None:
    """A case past its deadline, as a clock has said, is marked and stands in the view of overdue ones."""
    case = await open_case(house)
    view = case_by_id(house.model, case)
    assert view is not None
    told = {"deadline": "accept", "due_at": view.case.due_at}
    await house.said_by(house.intake(16 * DAY_MS), case, "deadline_due", "clock", UNIT, None, **told)
    page = (await house.visit("handler", "/cases?view=overdue")).text
    assert CASE.findall(page) == [case]
    assert "badge-late" in page


@pytest.mark.parametrize("view", ["mine", "open", "overdue", "closed", "all"])
async def test_empty_list_says_what_to_do(house: House, view: str) -> None:
    """An empty list says why it is empty and leads on."""
    page = (await house.visit("idle", f"/cases?view={view}")).text
    empty = page[page.index('class="empty"') :]
    assert re.search(r'<a class="button" href="/[^"]+"', empty)


DAMAGED = [
    "x",
    "9" * 500,
    "٣",
    "%00",
    Cursor(()).text,
    Cursor((1, "grv_x")).text,
    Cursor((1, 2, 3)).text,
    Cursor((1, 2**63, "grv_x")).text,
    Cursor((1, 2, "grv_\0")).text,
    Cursor((1, 2, "grv_x")).text[:-3],
]


@pytest.mark.parametrize("at", DAMAGED)
async def test_damaged_place_is_said(house: House, at: str) -> None:
    """An address that names no place of the list is answered by a sentence that says what to do."""
    await open_case(house)
    answer = await house.visit("handler", f"/cases?view=open&at={at}")
    assert answer.status_code == 400
    assert "Open the list anew from the menu." in answer.text


@pytest.mark.parametrize("view", ["open", "all"])
async def test_list_goes_forward_and_back(house: House, view: str) -> None:
    """By its links one gets to the end of a list of a zone and back to its beginning, with the filter kept."""
    cases = {await house.lodge(story=f"虚构 {number}", zone="east") for number in range(52)}
    await open_case(house, zone="west")
    first = (await house.visit("handler", f"/cases?view={view}&zone=east")).text
    second = (await house.visit("handler", link(first, "next"))).text
    again = (await house.visit("handler", link(second, "prev"))).text
    assert [len(CASE.findall(page)) for page in (first, second)] == [50, 2]
    assert {*CASE.findall(first), *CASE.findall(second)} == cases
    assert CASE.findall(again) == CASE.findall(first)
    assert 'rel="prev"' not in again
    assert 'rel="next"' not in second


def link(page: str, rel: str) -> str:
    """Where the link to a neighbouring page leads."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


async def test_tracking_number_leads_to_its_case(house: House) -> None:
    """The number finds its case however it is typed, and is in no address on the way."""
    case = await open_case(house)
    number = await number_of(house, case)
    async with house.visitor("clerk") as visitor:
        for typed in (number, number.lower().replace("-", ""), f"  {number.replace('-', ' ')} "):
            answer = await visitor.fill("/cases/find", {"number": typed}, form="/cases")
            assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")


@pytest.mark.parametrize(
    "typed", ["", "nonsense", "0000-0000-0000-0000-000", "U" * 20, "\u200b", "＜script＞"]
)
async def test_no_tracking_number_is_said_at_the_field(house: House, typed: str) -> None:
    """What cannot be a tracking number is answered at the field with 422, and kept there."""
    async with house.visitor("clerk") as visitor:
        answer = await visitor.fill("/cases/find", {"number": typed}, form="/cases")
    assert answer.status_code == 422
    assert 'id="find-number-error"' in answer.text
    assert f'value="{typed}"' in answer.text


async def test_unknown_and_foreign_numbers_look_the_same(house: House) -> None:
    """A number of another community's case is answered like one that nobody has."""
    foreign = await house.lodge(unit=NEIGHBOUR, by="neighbour", story="虚构")
    numbers = [await number_of(house, foreign), "0000-0000-0000-0000-0000"]
    async with house.visitor("clerk") as visitor:
        answers = [await visitor.fill("/cases/find", {"number": n}, form="/cases") for n in numbers]
    sentences = [
        re.findall(r'id="find-number-error"><p>.*?</svg>([^<]*)<', a.text, re.DOTALL) for a in answers
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert sentences[0] == sentences[1] != []


async def test_search_needs_the_token_of_the_page(house: House) -> None:
    """A search that does not come from our page is refused."""
    async with house.visitor("clerk") as visitor:
        answer = await visitor.post("/cases/find", data={"number": "0000-0000-0000-0000-0000"})
    assert answer.status_code == 403


def test_letters_that_look_like_digits_are_read_as_such() -> None:
    """O is read as 0, I and L as 1, as Crockford's base 32 has it."""
    assert as_printed("oooo-iiii-LLLL-0000-zzzz") == "0000-1111-1111-0000-ZZZZ"
