"""What staff must know: who is told of what, what is unread, and that nobody is told of what they may not see."""

from __future__ import annotations

import re
from html import unescape

import pytest

from barograph.init import decide_register
from contracts.base import DAY_MS, LEDGER_UNIT
from runtime.submit import Said
from services.projections.queries import case_by_id
from services.projections.rebuild import rebuild
from tests.projections.pages_house import (
    ADDRESS,
    NAME,
    NOTE,
    STORY,
    TELEPHONE,
    TITLE,
    UNIT,
    House,
    open_case,
    worked_case,
)
from web.paging import Cursor

TOLD = re.compile(r'class="case-link" href="/cases/(grv_[0-9a-f]{32})">([^<]+)</a>')


async def told(house: House, who: str) -> list[str]:
    """What a member of staff is told, the newest first."""
    return [unescape(title) for _, title in TOLD.findall((await house.visit(who, "/notices")).text)]


async def count(house: House, who: str, path: str = "/dashboard") -> int:
    """The number beside the link in the menu."""
    found = re.search(
        r'class="count"><span class="unseen">Unread: </span>(\d+)', (await house.visit(who, path)).text
    )
    return int(found[1]) if found else 0


async def mark_read(house: House, who: str, through: str | None = None) -> int:
    """Mark all as read, as the page's form does; the status of the answer."""
    async with house.visitor(who) as visitor:
        page = (await visitor.get("/notices")).text
        found = re.search(r'name="through" value="([^"]*)"', page)
        shown = found[1] if found else ""
        fields = {"through": shown if through is None else through}
        return (await visitor.fill("/notices/read", fields, "/notices")).status_code


async def test_handler_is_told_of_what_others_did(house: House) -> None:
    """Who handles a case is told that it was assigned and urged; what they did themselves they know."""
    case = await open_case(house)
    await house.command(case, "accept")
    await house.command(case, "assign", by="supervisor", handler=house.people["handler"])
    await house.command(case, "urge", by="supervisor", note=NOTE)
    assert await told(house, "handler") == ["The supervisor urges it", "Assigned to you"]
    assert await told(house, "idle") == []
    assert await told(house, "supervisor") == []


async def test_own_step_is_no_news(house: House) -> None:
    """A handler who takes a case on is not told so."""
    await worked_case(house)
    assert await told(house, "handler") == []


async def test_second_person_is_told_and_then_the_first(house: House) -> None:
    """An extension waits for the supervisor; its decision is told to who asked for it."""
    case = await worked_case(house)
    await house.command(case, "ask_extension", note=NOTE)
    assert await told(house, "supervisor") == ["An extension waits for your decision"]
    await house.command(case, "decide_extension", by="supervisor", verdict="approve", note=NOTE)
    assert await told(house, "handler") == ["The extension was decided"]


async def test_danger_is_told_to_whoever_may_look(house: House) -> None:
    """A story that may tell of danger is told to the desk on duty."""
    await open_case(house, danger="life")
    assert await told(house, "handler") == ["May be about danger: somebody on duty must look at once"]
    assert await told(house, "neighbour") == []


async def test_danger_presses_until_somebody_looked(house: House) -> None:
    """What may be about danger is marked as pressing, and no longer once it is on record that somebody looked."""
    case = await open_case(house, danger="life")
    assert "Pressing" in (await house.visit("handler", "/notices")).text
    await house.command(case, "acknowledge_danger", by="supervisor", finding="no_danger", note=NOTE)
    page = (await house.visit("handler", "/notices")).text
    assert "May be about danger" in page
    assert "Pressing" not in page


async def test_menu_holds_while_the_read_model_is_away(house: House) -> None:
    """A page that needs no read model is shown where nobody can count what is unread."""
    case = await worked_case(house)
    await house.command(case, "urge", by="supervisor", note=NOTE)
    with house.model.engine.begin() as connection:
        connection.exec_driver_sql("update read_model set projection_version = 0")
    page = await house.visit("handler", "/intake/grievances/new")
    assert page.status_code == 200
    assert 'class="count"' not in page.text


async def test_joint_handling_is_told_to_the_units_asked(house: House) -> None:
    """The units that take part are told, and who begins it is not."""
    case = await worked_case(house)
    await house.command(case, "start_joint_handling", units=[UNIT, "next"], lead=UNIT, note=NOTE)
    assert await told(house, "clerk") == ["Joint handling asks for your unit's part"]
    assert await told(house, "handler") == []


async def test_another_community_is_told_nothing(house: House) -> None:
    """Whoever may not open a case is not told of it, even where its joint handling asks for their unit."""
    case = await worked_case(house)
    await house.command(case, "start_joint_handling", units=[UNIT, "next"], lead=UNIT, note=NOTE)
    page = await house.visit("neighbour", "/notices")
    assert case not in page.text
    assert await count(house, "neighbour") == 0


async def test_notices_hold_nothing_personal(house: House) -> None:
    """Neither the page nor the table has a word of the case: to read it needs no record."""
    case = await open_case(house, danger="life")
    await house.command(case, "accept")
    await house.command(case, "assign", by="supervisor", handler=house.people["handler"])
    page = (await house.visit("handler", "/notices")).text
    assert "电梯" in page
    assert not [text for text in (STORY[:6], TITLE, NAME, TELEPHONE, ADDRESS) if text in page]
    with house.model.engine.connect() as connection:
        rows = connection.exec_driver_sql("select * from g1_notices").all()
        readings = connection.exec_driver_sql("select count(*) from g1_readings").scalar_one()
    assert rows
    assert not [text for text in (STORY[:6], TITLE, NAME, TELEPHONE, ADDRESS) if text in str(rows)]
    assert readings == 0


async def test_unread_are_counted_until_they_are_read(house: House) -> None:
    """The menu counts what is new on every page; reading takes it away, and what happens later counts again."""
    case = await open_case(house)
    await house.command(case, "accept")
    await house.command(case, "assign", by="supervisor", handler=house.people["handler"])
    assert [await count(house, "handler", path) for path in ("/dashboard", "/cases", "/notices")] == [1, 1, 1]
    assert await mark_read(house, "handler") == 303
    assert await count(house, "handler") == 0
    assert await told(house, "handler") == ["Assigned to you"]
    await house.command(case, "urge", by="supervisor", note=NOTE)
    assert await count(house, "handler") == 1


async def test_what_came_after_the_page_stays_unread(house: House) -> None:
    """Marking as read what a page showed leaves unread what happened since it was shown."""
    case = await open_case(house)
    await house.command(case, "accept")
    await house.command(case, "assign", by="supervisor", handler=house.people["handler"])
    page = (await house.visit("handler", "/notices")).text
    through = re.findall(r'name="through" value="([^"]*)"', page)[0]
    await house.command(case, "urge", by="supervisor", note=NOTE)
    await mark_read(house, "handler", through)
    assert await count(house, "handler") == 1


async def test_nothing_is_read_that_is_not_decided(house: House) -> None:
    """A form that claims to have read the future hides nothing that happens then."""
    case = await worked_case(house)
    await house.command(case, "urge", by="supervisor", note=NOTE)
    partition = house.place().partition
    assert await mark_read(house, "handler", f"{partition}-{10**17}") == 303
    await house.command(case, "urge", by="supervisor", note=NOTE)
    assert await count(house, "handler") == 1


@pytest.mark.parametrize("through", ["", "x", "1", "1-", "-1-1", "1-1.", "٣-1", "1-" + "9" * 30])
async def test_damaged_form_is_said(house: House, through: str) -> None:
    """What a form says that it did not get from the page is answered by a sentence."""
    case = await worked_case(house)
    await house.command(case, "urge", by="supervisor", note=NOTE)
    assert await mark_read(house, "handler", through) == 400


async def test_marks_outlive_a_rebuild(house: House) -> None:
    """What was read stays read when the read model is built anew."""
    case = await worked_case(house)
    await house.command(case, "urge", by="supervisor", note=NOTE)
    await mark_read(house, "handler")
    await rebuild(house.station.log, house.model)
    assert await count(house, "handler") == 0
    assert await told(house, "handler") == ["The supervisor urges it"]


async def test_own_case_past_its_term_stands_on_the_page(house: House) -> None:
    """A case of one's own that is overdue stands above what happened, for its handler alone."""
    case = await worked_case(house)
    view = case_by_id(house.model, case)
    assert view is not None
    due = {"deadline": "handle", "due_at": view.case.due_at}
    await house.said_by(house.intake(61 * DAY_MS), case, "deadline_due", "clock", UNIT, None, **due)
    heading = "Your cases whose term ends soon, or has passed"
    assert heading in (await house.visit("handler", "/notices")).text
    assert heading not in (await house.visit("idle", "/notices")).text


async def test_long_list_goes_on(house: House) -> None:
    """Fifty stand on a page and the rest follows; a damaged place is said."""
    case = await worked_case(house)
    for _ in range(52):
        await house.command(case, "urge", by="supervisor", note=NOTE)
    page = (await house.visit("handler", "/notices")).text
    following = re.findall(r'rel="next" href="([^"]+)"', page)[0]
    rest = (await house.visit("handler", following)).text
    assert (len(TOLD.findall(page)), len(TOLD.findall(rest))) == (50, 2)
    assert (await house.visit("handler", f"/notices?at={Cursor((1,)).text}")).status_code == 400


@pytest.mark.parametrize("who", ["auditor", "admin", "dpo", "patroller"])
async def test_only_caseworkers_have_notices(house: House, who: str) -> None:
    """Who works on no case has no such page, and no link to it."""
    assert (await house.visit(who, "/notices")).status_code == 403
    assert 'href="/notices"' not in (await house.visit(who, "/dashboard")).text


async def test_handover_waits_for_the_taker(house: House) -> None:
    """Work that was signed over is told to who must sign for it, until they have; to nobody else."""
    await sign(house, "handler", "offer_handover", taker=house.people["idle"], open_work=3)
    asked = "signed over the open work to you as Handler: your signature is missing."
    page = (await house.visit("idle", "/notices")).text
    assert f"乙承办（虚构） {asked}" in page
    assert "open cases: 3" in page
    assert asked not in (await house.visit("handler", "/notices")).text
    await sign(house, "idle", "accept_handover", giver=house.people["handler"])
    assert asked not in (await house.visit("idle", "/notices")).text


async def sign(house: House, who: str, name: str, **fields: object) -> None:
    """Sign a handover of open work, and have it decided."""
    said = Said(
        family="register",
        type=f"register.{name}.v1",
        body={"role": "handler", "unit": UNIT, "digest": "0" * 64, **fields},
        actor=house.people[who],
        role="handler",
        unit=LEDGER_UNIT,
        key=f"key-of-{name}",
        kind="reg",
        basis=house.station.register.history.end,
    )
    await house.station.submitter.submit(said)
    await decide_register(house.station)
