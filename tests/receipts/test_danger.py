"""Words that may tell of danger, from the form to whoever is on duty."""

from __future__ import annotations

import re

import pytest

from services.projections import queries
from tests.projections.pages_house import UNIT
from tests.receipts.conftest import Front
from tests.receipts.doors import fill, open_door
from tests.receipts.test_joint import at_the_counter

STORY = "丈夫打我，已经三次。（虚构）"
MINUTE = 60_000
LOOK = "May be about danger: look first"


@pytest.fixture(autouse=True)
def _door(front: Front) -> None:
    open_door(front)


async def worklist(front: Front, who: str = "clerk") -> str:
    """The worklist as somebody sees it."""
    return (await front.house.visit(who, "/cases")).text


async def alarmed(front: Front) -> str:
    """The id of the only case."""
    return str(re.findall(r"grv_[0-9a-f]{32}", await worklist(front))[0])


async def test_the_answer_names_whom_to_call(front: Front) -> None:
    """A resident, and a clerk at the counter, see 110 and 120 at once, and within how many minutes somebody looks."""
    for page in (await fill(front, story=STORY), await at_the_counter(front, story=STORY)):
        assert page.status_code == 200
        assert 'href="tel:110"' in page.text
        assert 'href="tel:120"' in page.text
        assert "within 15 minutes" in page.text


async def test_other_stories_alarm_nobody(front: Front) -> None:
    """Without such words the answer and the worklist say nothing of danger."""
    assert "Somebody on duty" not in (await fill(front)).text
    assert LOOK not in await worklist(front)


async def test_it_stands_at_the_top_of_the_worklist(front: Front) -> None:
    """Whoever may be on duty finds it above their list, with the minutes that are left; an auditor does not."""
    await fill(front, story=STORY)
    for who in ("clerk", "handler", "supervisor"):
        page = await worklist(front, who)
        assert page.index(LOOK) < page.index('class="tabs"')
        assert "minutes left" in page
    assert LOOK not in await worklist(front, "neighbour")


async def test_whoever_looked_says_so_in_the_case(front: Front) -> None:
    """The form in the case takes it off the list and stands in the history, a false alarm too."""
    await fill(front, story=STORY)
    case = await alarmed(front)
    told = {"finding": "no_danger", "note": "误会，已当面确认。（虚构）", "form_key": "form-key-9"}
    path = f"/intake/communities/{UNIT}/grievances/{case}/acknowledge_danger"
    async with front.house.visitor("clerk") as clerk:
        await clerk.fill(path, told, f"/cases/{case}")
    await front.house.settle()
    assert LOOK not in await worklist(front)
    page = (await front.house.visit("clerk", f"/cases/{case}")).text
    assert "Possible danger: somebody has looked" in page
    assert "No danger: the words meant something else" in page
    assert "This may be about danger" not in page


async def test_where_nobody_looks_a_clock_calls_the_supervisor(front: Front) -> None:
    """The clock finds it due after its minutes, once; then the list says that nobody has looked."""
    await fill(front, story=STORY)
    case = await alarmed(front)
    house = front.house
    view = queries.case_by_id(house.model, case)
    assert view is not None
    due_at = view.case.danger_due_at or 0
    assert queries.due_deadlines(house.model, due_at - 1) == ()
    assert [one.deadline for one in queries.due_deadlines(house.model, due_at)] == ["danger_seen"]
    later = house.intake(ahead=20 * MINUTE)
    body = {"deadline": "danger_seen", "due_at": due_at}
    await house.said_by(later, case, "deadline_due", "clock", UNIT, None, **body)
    assert queries.due_deadlines(house.model, due_at) == ()
    assert "Nobody has looked in time" in await worklist(front, "supervisor")


async def test_the_record_holds_the_kind_and_not_the_words(front: Front) -> None:
    """What intake found is on the log as one word; the story is not (invariant 14)."""
    await fill(front, story=STORY)
    for record in await front.house.station.log.read("grievance.events", front.house.place().partition, 0):
        assert "丈夫".encode() not in (record.value or b"")
    view = queries.case_by_id(front.house.model, await alarmed(front))
    assert view is not None
    assert view.case.danger == "home"
