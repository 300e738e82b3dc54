"""Employment help through its pages: from the registration to whether they are still in work."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.helping.conftest import SEEKER, WORK, Helping
from tests.projections.pages_house import UNIT

POST = "超市理货员，步行十分钟。（虚构）"
SECRETS = (SEEKER, WORK["story"], "000-0000-0303", POST)


def today() -> str:
    """The day on the community's clock."""
    return datetime.now(UTC).astimezone(timezone(timedelta(hours=8))).date().isoformat()


async def placed(helping: Helping) -> str:
    """Somebody who took a post that was offered; return the page's address."""
    at = await helping.register("grid")
    await helping.say("grid", at, "offer_post", kind="vacancy", note=POST)
    await helping.say("clerk", at, "place", offer="1", kind="vacancy", began_at=today())
    return at


async def test_they_are_registered_offered_a_post_and_placed(helping: Helping) -> None:
    """An offer that came to nothing, one that was taken, and the days on which it is to be asked after."""
    at = await helping.register("grid")
    await helping.say("officer", at, "offer_post", kind="public_benefit", note="保洁岗。（虚构）")
    await helping.say("officer", at, "decline_post", offer="1", note="太远。（虚构）")
    await helping.say("grid", at, "offer_post", kind="vacancy", note=POST)
    page = await helping.say("clerk", at, "place", offer="2", kind="vacancy", began_at=today())
    row = await helping.seeker_row(at)
    assert (row.offers, row.placements, row.kind, row.due_months) == (2, 1, "vacancy", 3)
    for text in ("Came to nothing", "Taken", "after 3 months", "after 12 months", POST, "Work began"):
        assert text in page
    assert 'id="action-place"' not in page
    assert 'name="months"' in page
    assert 'value="3"' in page


async def test_who_lost_the_work_looks_again(helping: Helping) -> None:
    """An answer of no in the first month takes them back to the list of those who look."""
    at = await placed(helping)
    await helping.say("clerk", at, "ask_after_work", months="1", in_work="no")
    assert at in (await helping.house.visit("clerk", "/employment?view=looking")).text
    assert at not in (await helping.house.visit("clerk", "/employment?view=in_work")).text
    page = (await helping.house.visit("clerk", at)).text
    assert "No longer in work" in page
    assert 'id="action-place"' in page


async def test_lists_are_by_how_it_stands(helping: Helping) -> None:
    """In work and not to be asked yet; the list names nobody."""
    at = await placed(helping)
    for view, there in (("looking", False), ("in_work", True), ("asking_due", False), ("ended", False)):
        listed = (await helping.house.visit("grid", f"/employment?unit={UNIT}&view={view}")).text
        assert (at in listed) == there, view
        assert not [text for text in SECRETS if text in listed]
    assert at not in (await helping.house.visit("grid", "/employment?view=any")).text


async def test_its_page_shows_the_name_to_who_works_on_it(helping: Helping) -> None:
    """Name, telephone, story and offers stand on it for the desk, and not for an auditor."""
    at = await placed(helping)
    page = (await helping.house.visit("officer", at)).text
    assert all(text in page for text in SECRETS)
    audited = await helping.house.visit("auditor", at)
    assert audited.status_code == 200
    assert not [text for text in SECRETS if text in audited.text]
    assert (await helping.house.visit("neighbour", at)).status_code == 403


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"need": ""}, "need"),
        ({"name": ""}, "name"),
        ({"telephone": "call me"}, "telephone"),
        ({"story": " "}, "story"),
    ],
)
async def test_a_registration_that_cannot_be_is_said_at_its_field(
    helping: Helping, fields: dict[str, str], at: str
) -> None:
    """A bad entry comes back at its field with what was typed, and nobody is registered."""
    page = await helping.send("clerk", "/employment/new", **{**WORK, **fields})
    assert page.status_code == 422
    assert f'<a href="#field-{at}">' in page.text
    assert "There are none of these." in (await helping.house.visit("clerk", "/employment")).text


@pytest.mark.parametrize(
    ("command", "fields", "at"),
    [
        ("place", {"offer": "1", "kind": "own_business", "began_at": "today"}, "kind"),
        ("place", {"offer": "7", "kind": "vacancy", "began_at": "today"}, "offer"),
        ("place", {"kind": "vacancy", "began_at": "2099-01-01"}, "began_at"),
        ("place", {"kind": "vacancy", "began_at": "2001-01-01"}, "began_at"),
        ("place", {"kind": "vacancy", "began_at": "31.12."}, "began_at"),
        ("place", {"kind": "vacancy", "began_at": "0001-01-01"}, "began_at"),
        ("decline_post", {"offer": "7"}, "offer"),
        ("end_help", {"reason": "in_work", "note": "x"}, "reason"),
        ("offer_post", {"kind": "", "note": "x"}, "kind"),
    ],
)
async def test_what_cannot_be_said_is_said_at_its_field(
    helping: Helping, command: str, fields: dict[str, str], at: str
) -> None:
    """A form that cannot be taken comes back open, with a sentence at the field."""
    seeker = await helping.register()
    await helping.say("clerk", seeker, "offer_post", kind="vacancy", note=POST)
    told = {name: today() if value == "today" else value for name, value in fields.items()}
    page = await helping.say("clerk", seeker, command, **told)
    assert re.search(rf'id="{command}-{at}-error"', page)
    assert (await helping.seeker_row(seeker)).placements == 0


async def test_nobody_is_in_work_ahead_of_time(helping: Helping) -> None:
    """An answer for months that have not passed is refused at its field; so is an end before it was asked."""
    at = await placed(helping)
    page = await helping.say("clerk", at, "ask_after_work", months="3", in_work="yes")
    assert "So many months have not passed since they began." in page
    ended = await helping.say("clerk", at, "end_help", reason="in_work", note="x")
    assert "It is still to be asked whether they stay in work." in ended


async def test_persons_and_placements_stand_apart(helping: Helping) -> None:
    """Who was placed twice is one person and two placements on the page of figures."""
    at = await placed(helping)
    await helping.say("clerk", at, "ask_after_work", months="1", in_work="no")
    await helping.say("clerk", at, "place", kind="elsewhere", began_at=today())
    assert (await helping.seeker_row(at)).placements == 2
    page = (await helping.house.visit("supervisor", f"/employment/figures?unit={UNIT}")).text
    shown = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"Persons placed\s+1\s", shown)
    assert re.search(r"Placements\s+2\s", shown)
    assert "Work outside the place" in page
    assert "Told by an import" not in page
