"""Pairs through their pages: from the form to the end, and what cannot be said on the way."""

from __future__ import annotations

import asyncio
import re

import pytest

from barograph.demo_places import enter_households
from barograph.people_side import report_of, unit_of
from services.people.desk import PeopleDesk
from services.projections.place_queries import households_of
from tests.helping.conftest import HELPED, HELPER, PAIR, STORY, Helping
from tests.projections.pages_house import UNIT
from web.paging import Page

SECRETS = (HELPED, HELPER, STORY, "000-0000-0301", "000-0000-0302")
PLAN = {"due_at": "2099-12-31", "note": "每月第一周买米面。（虚构）"}


async def test_a_pair_goes_to_its_end(helping: Helping) -> None:
    """Paired, planned, visited, a result as they say it, and an end with its reason; all stands on its page."""
    at = await helping.pair("grid")
    await helping.say("grid", at, "plan_help", **PLAN)
    await helping.say("grid", at, "record_pair_visit", met="yes", plan="1", note="送到了。（虚构）")
    await helping.say("officer", at, "record_pair_visit", met="no")
    await helping.say("clerk", at, "record_pair_result", plan="1", done="yes", note="都收到了。（虚构）")
    row = await helping.pair_row(at)
    assert (row.plans, row.done, row.visits, row.met, row.due_at) == (1, 1, 2, 1, None)
    page = await helping.say("clerk", at, "end_pair", reason="need_met", note="子女接走了。（虚构）")
    assert (await helping.pair_row(at)).ended == "need_met"
    for text in ("They were paired", "Help was planned", "A visit was made", "The pair ended", PLAN["note"]):
        assert text in page
    assert 'id="action-plan_help"' not in page


async def test_its_page_shows_names_to_who_works_on_it(helping: Helping) -> None:
    """Both names, telephones and the story stand on it, and the list leads to it without naming anybody."""
    at = await helping.pair()
    page = (await helping.house.visit("officer", at)).text
    assert all(text in page for text in SECRETS)
    listed = (await helping.house.visit("officer", f"/pairs?unit={UNIT}")).text
    assert f'href="{at}"' in listed
    assert not [text for text in SECRETS if text in listed]


async def test_an_auditor_reads_nothing_that_was_said(helping: Helping) -> None:
    """They see that it exists and how it stands, and no name or text."""
    at = await helping.pair()
    page = await helping.house.visit("auditor", at)
    assert page.status_code == 200
    assert "Standing" in page.text
    assert not [text for text in SECRETS if text in page.text]


@pytest.mark.parametrize("who", ["handler", "patroller", "neighbour"])
async def test_others_do_not_see_it(helping: Helping, who: str) -> None:
    """Who has no part in help of this community is turned away."""
    at = await helping.pair()
    for path in (at, "/pairs", "/pairs/new", "/pairs/figures"):
        assert (await helping.house.visit(who, path)).status_code == 403


async def test_a_reading_is_on_record(helping: Helping) -> None:
    """Whoever is shown the names stands on the record of readings."""
    at = await helping.pair()
    await helping.house.visit("supervisor", at)
    await helping.house.settle()
    with helping.house.model.engine.connect() as connection:
        query = "select actor from g1_readings where about = ?"
        found = connection.exec_driver_sql(query, (at.rsplit("/", 1)[1],)).scalars().all()
    assert helping.house.people["supervisor"] in found


async def test_a_form_sent_twice_makes_one(helping: Helping) -> None:
    """The same form under the same key is the same pair."""
    assert await helping.pair() == await helping.pair()


async def test_two_who_share_a_telephone_are_two(helping: Helping) -> None:
    """A helper reached by the telephone of who is helped is another person; the same name with it is not."""
    at = await helping.pair(helper_telephone=PAIR["telephone"])
    row = await helping.pair_row(at)
    assert row.helper != row.helped
    page = await helping.send(
        "clerk", "/pairs/new", **{**PAIR, "helper_name": HELPED, "helper_telephone": PAIR["telephone"]}
    )
    assert page.status_code == 422
    assert "Nobody is paired with themselves." in page.text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"need": ""}, "need"),
        ({"need": "war"}, "need"),
        ({"name": " "}, "name"),
        ({"helper_name": ""}, "helper_name"),
        ({"telephone": "call me"}, "telephone"),
        ({"helper_telephone": "call me"}, "helper_telephone"),
        ({"helper_staff": "act_nobody0000"}, "helper_staff"),
        ({"household": "the red house"}, "household"),
        ({"story": ""}, "story"),
    ],
)
async def test_a_pair_that_cannot_be_is_said_at_its_field(
    helping: Helping, fields: dict[str, str], at: str
) -> None:
    """A bad entry comes back at its field with what was typed, and nobody is paired."""
    page = await helping.send("clerk", "/pairs/new", **{**PAIR, **fields})
    assert page.status_code in (409, 422)
    assert f'<a href="#field-{at}">' in page.text
    listed = (await helping.house.visit("clerk", "/pairs")).text
    assert "There are none of these." in listed


@pytest.mark.parametrize(
    ("command", "fields", "at"),
    [
        ("plan_help", {"due_at": "", "note": "x"}, "due_at"),
        ("plan_help", {"due_at": "yesterday", "note": "x"}, "due_at"),
        ("plan_help", {"due_at": "2020-01-01", "note": "x"}, "due_at"),
        ("plan_help", {"due_at": "2099-01-01", "note": ""}, "note"),
        ("record_pair_visit", {"met": ""}, "met"),
        ("record_pair_visit", {"met": "yes", "plan": "7"}, "plan"),
        ("record_pair_visit", {"met": "yes", "plan": "the first"}, "plan"),
        ("record_pair_visit", {"met": "yes", "plan": "²"}, "plan"),
        ("record_pair_result", {"plan": "1", "done": "", "note": "x"}, "done"),
        ("end_pair", {"reason": "war", "note": "x"}, "reason"),
    ],
)
async def test_what_cannot_be_said_is_said_at_its_field(
    helping: Helping, command: str, fields: dict[str, str], at: str
) -> None:
    """A form that cannot be taken comes back open, with a sentence at the field."""
    pair = await helping.pair()
    page = await helping.say("clerk", pair, command, **fields)
    assert re.search(rf'id="{command}-{at}-error"', page)
    assert (await helping.pair_row(pair)).visits == 0


async def test_nothing_is_said_of_a_pair_that_there_is_not(helping: Helping) -> None:
    """An unknown number, one of another kind and an unknown command are not found."""
    at = await helping.pair()
    seeker = await helping.register()
    for path in ("/pairs/pai_0123456789abcdef0123456789abcdef", "/pairs/x", f"/pairs/{seeker[12:]}"):
        assert (await helping.house.visit("clerk", path)).status_code == 404
    async with helping.house.visitor("clerk") as visitor:
        assert (await visitor.fill(f"{at}/place", {}, at)).status_code == 404


async def test_figures_are_of_a_period(helping: Helping) -> None:
    """Visits and pairs of this year are counted, of another year none; a plan that is not due counts in neither."""
    at = await helping.pair()
    await helping.say("clerk", at, "plan_help", **PLAN)
    await helping.say("clerk", at, "record_pair_visit", met="yes")
    now = (await helping.house.visit("supervisor", f"/pairs/figures?unit={UNIT}")).text
    then = (await helping.house.visit("supervisor", "/pairs/figures?since=2001-01-01&until=2001-12-31")).text
    assert "Met: 1" in now
    assert "Met: 0" in then
    assert "Of 0 plans" in now
    assert (await helping.house.visit("supervisor", "/pairs/figures?since=never&until=x")).status_code == 200


async def test_an_ended_pair_is_in_another_list(helping: Helping) -> None:
    """The list of standing pairs does not show it, and that of ended ones does."""
    at = await helping.pair()
    await helping.say("clerk", at, "end_pair", reason="moved", note="搬走了。（虚构）")
    assert at not in (await helping.house.visit("clerk", "/pairs")).text
    assert at in (await helping.house.visit("clerk", "/pairs?view=ended")).text


async def test_a_person_is_told_what_is_theirs(helping: Helping) -> None:
    """The report on who is helped names the pair and their own data, and neither the helper nor what was said."""
    at = await helping.pair()
    house, subject = helping.house, await helping.subject("000-0000-0301")
    assert await asyncio.to_thread(unit_of, house.model, subject) == UNIT
    report = await asyncio.to_thread(report_of, house.station, house.model, subject)
    (told,) = report["pairs_and_employment"]
    assert told["stream_id"] == at.rsplit("/", 1)[1]
    assert told["data"] == {"name": HELPED, "telephone": "000-0000-0301"}
    assert HELPER not in str(report)
    assert STORY not in str(report)


async def test_an_erased_helper_is_erased_there(helping: Helping) -> None:
    """Once the key is gone the page says so in place of the name; who is helped stays."""
    at = await helping.pair()
    house, subject = helping.house, await helping.subject("000-0000-0302")
    desk = PeopleDesk(house.station.submitter, house.station.register)
    await desk.say(house.people["dpo"], UNIT, "erase", {"reason": "consent_withdrawn"}, subject=subject)
    await house.settle()
    await house.station.eraser.catch_up()
    page = (await house.visit("clerk", at)).text
    assert HELPER not in page
    assert "Erased" in page
    assert HELPED in page


async def test_a_household_shows_its_help(helping: Helping) -> None:
    """Standing pairs and open employment cases of a household and who lives in it, for those who work on them."""
    house = helping.house
    await enter_households(house.station, UNIT, ["east"])
    await house.settle()
    (row,) = households_of(house.model, UNIT, ["east"], Page()).rows
    home, page = row.household_id, f"/households/{row.household_id}"
    assert f"/pairs/new?unit={UNIT}&amp;household={home}" in (await house.visit("clerk", page)).text
    pair, ended = await helping.pair(household=home), await helping.pair("officer", household=home)
    seeker = await helping.register(telephone="000-0000-0000")
    await helping.say("clerk", ended, "end_pair", reason="moved", note="x")
    shown = (await house.visit("clerk", page)).text
    assert f'href="{pair}"' in shown
    assert f'href="{seeker}"' in shown
    assert f'href="{ended}"' not in shown
    assert HELPED not in shown
    assert f'href="{pair}"' not in (await house.visit("dpo", page)).text
