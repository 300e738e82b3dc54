"""An accusation through its pages: from either door to its close, for residents and for inspectors."""

from __future__ import annotations

import asyncio
import re

import pytest

from barograph.audit_side import AuditReadSide, audit
from barograph.init import decide_register, enter
from contracts.base import LEDGER_UNIT
from contracts.register import AppointV1, EndAppointmentV1
from services.projections import queries
from services.projections.accusations import by_id
from tests.accusation.conftest import NAMED, STORY, Inspection
from tests.projections.pages_house import UNIT

NOTE = {"note": "另行核查。（虚构）"}


async def say(inspection: Inspection, who: str, command: str, **fields: str) -> int:
    """An inspector sends a command's form on the only accusation; return the status."""
    _, _, stream = inspection.record()
    base = f"/accusations/{stream}"
    async with inspection.house.visitor(who) as visitor:
        page = await visitor.fill(f"{base}/{command}", {"form_key": f"{who}-{command}", **fields}, base)
    await inspection.house.settle()
    return page.status_code


async def status(inspection: Inspection) -> str:
    """The state of the only accusation."""
    row = await asyncio.to_thread(by_id, inspection.house.model, inspection.record()[2])
    assert row is not None
    return row.status


async def test_the_number_shows_its_state_and_its_receipt(inspection: Inspection) -> None:
    """Whoever lodged it follows it by its number, with a receipt, and sees nothing that anybody wrote."""
    number = await inspection.lodge()
    page = await inspection.resident.fill("/track", {"number": number}, "/track")
    assert page.status_code == 200
    assert "Lodged" in page.text
    assert '<svg class="qr"' in page.text or "qr" in page.text
    assert NAMED not in page.text
    assert "I was pressured" not in page.text
    await say(inspection, "clear", "take_up", **NOTE)
    assert "Taken up" in (await inspection.resident.fill("/track", {"number": number}, "/track")).text


async def test_it_is_entrusted_to_who_is_clear(inspection: Inspection) -> None:
    """Of five in office two are passed over: who is named, and who stands above the accused in their unit."""
    await inspection.lodge()
    row = await asyncio.to_thread(by_id, inspection.house.model, inspection.record()[2])
    assert row is not None
    people = inspection.house.people
    assert set(row.entrusted.split()) == {people[who] for who in ("clear", "second", "watcher")}
    assert row.unit == LEDGER_UNIT


async def test_it_is_worked_to_its_close(inspection: Inspection) -> None:
    """Taken up, answered, closed."""
    await inspection.lodge()
    assert await say(inspection, "clear", "take_up", **NOTE) == 303
    assert await say(inspection, "second", "answer", answer="查实，已处理。（虚构）") == 303
    assert await say(inspection, "second", "close") == 303
    assert await status(inspection) == "closed"


async def test_not_pursuing_waits_for_a_second_person(inspection: Inspection) -> None:
    """The proposer is offered no decision; the second person's ends it."""
    await inspection.lodge()
    await say(inspection, "clear", "propose_not_pursuing", reason="no_ground", **NOTE)
    path = f"/accusations/{inspection.record()[2]}"
    assert "/decide_not_pursuing" not in (await inspection.house.visit("clear", path)).text
    assert "/decide_not_pursuing" in (await inspection.house.visit("second", path)).text
    await say(inspection, "second", "decide_not_pursuing", verdict="approve", **NOTE)
    assert await status(inspection) == "not_pursued"


@pytest.mark.parametrize("who", ["named", "superior", "supervisor"])
async def test_it_can_be_entrusted_to_nobody_concerned(inspection: Inspection, who: str) -> None:
    """Neither who is named nor a superior is offered, and a form that names one all the same is refused."""
    await inspection.lodge()
    assert await say(inspection, "clear", "entrust", person=inspection.house.people[who]) in (403, 422)


async def test_who_becomes_a_superior_sees_it_no_longer(inspection: Inspection) -> None:
    """Reading is judged anew each time: an inspector appointed in the accused's unit loses sight of it."""
    await inspection.lodge()
    house = inspection.house
    path = f"/accusations/{inspection.record()[2]}"
    assert (await house.visit("clear", path)).status_code == 200
    await enter(house.station, AppointV1(person=house.people["clear"], role="supervisor", unit=UNIT))
    await decide_register(house.station)
    assert (await house.visit("clear", path)).status_code == 404


async def test_a_reading_is_on_record_before_it_is_shown(inspection: Inspection) -> None:
    """Who opened it stands on its page for the next reader."""
    await inspection.lodge()
    path = f"/accusations/{inspection.record()[2]}"
    assert "Nobody before you." in (await inspection.house.visit("clear", path)).text
    await inspection.house.settle()
    page = (await inspection.house.visit("second", path)).text
    assert "某明（虚构） ·" in page


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"against": ""}, "against"),
        ({"against": "nowhere"}, "against"),
        ({"story": " "}, "story"),
        ({"story": "字" * 10_001}, "story"),
        ({"telephone": "call me"}, "telephone"),
        ({"named": "名" * 201}, "named"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(
    inspection: Inspection, fields: dict[str, str], at: str
) -> None:
    """Nothing is recorded, and what was entered stays."""
    told = {"against": UNIT, "named": NAMED, "story": STORY, "form_key": "k", **fields}
    page = await inspection.resident.fill("/accusations/new", told, "/accusations/new")
    assert page.status_code == 422
    assert f'id="field-{at}"' in page.text
    assert re.search(rf'id="field-{at}"[^>]*aria-invalid="true"', page.text)


async def test_where_nobody_is_clear_another_door_is_named(inspection: Inspection) -> None:
    """Who names everybody in office is told where else to go, and nothing is recorded."""
    names = "某明、某清、某被指、某审计"
    told = {"against": UNIT, "named": names, "story": STORY, "form_key": "k"}
    page = await inspection.resident.fill("/accusations/new", told, "/accusations/new")
    assert page.status_code == 422
    assert "12388" in page.text


async def test_the_same_form_sent_twice_is_recorded_once(inspection: Inspection) -> None:
    """A second press of the button gives the same number."""
    assert await inspection.lodge() == await inspection.lodge()


async def test_pressure_is_lodged_from_the_tracking_page(inspection: Inspection) -> None:
    """From a case's page by number, to the ledger's office; nothing of it is on the case or its page."""
    house, resident = inspection.house, inspection.resident
    case = await house.lodge(story="路灯不亮。（虚构）")
    view = queries.case_by_id(house.model, case)
    assert view is not None
    number = house.number_of(view.case)
    before = (await house.visit("handler", f"/cases/{case}")).text
    page = await resident.fill("/track", {"number": number}, "/track")
    assert "/accusations/pressure" in page.text
    form = await resident.fill("/accusations/pressure", {"number": number}, "/track")
    assert form.status_code == 200
    told = {"number": number, "story": "让我撤回投诉，否则停我的停车位。（虚构）", "form_key": "k"}
    page = await resident.fill("/accusations/pressure", told, "/track")
    assert page.status_code == 200
    await house.settle()
    records = b"".join(record.value or b"" for record in await inspection.records())
    assert case.encode() not in records
    shown = (await house.visit("watcher", f"/accusations/{inspection.record()[2]}")).text
    assert case in shown
    strip = re.compile(r'name="(csrf|form_key)" value="[^"]*"')
    assert strip.sub("", (await house.visit("handler", f"/cases/{case}")).text) == strip.sub("", before)


async def test_a_number_that_leads_nowhere_opens_no_pressure_form(inspection: Inspection) -> None:
    """It is said, with 404."""
    page = await inspection.resident.fill("/accusations/pressure", {"number": "0000"}, "/track")
    assert page.status_code == 404


async def test_erasing_its_subject_leaves_the_record_and_no_words(inspection: Inspection) -> None:
    """With the key gone its page shows that it was erased; that it was lodged stays."""
    await inspection.lodge()
    house = inspection.house
    row = await asyncio.to_thread(by_id, house.model, inspection.record()[2])
    assert row is not None
    subject = re.findall(r'"subject":"(sub_[0-9a-f]+)"', row.against)[0]
    house.station.vault.destroy([subject])
    page = await house.visit("clear", f"/accusations/{row.accusation_id}")
    assert page.status_code in (200, 503)
    assert STORY not in page.text


async def test_the_read_model_is_what_a_fresh_fold_gives(inspection: Inspection) -> None:
    """An audit's comparison finds no difference after an accusation was worked on."""
    await inspection.lodge()
    await say(inspection, "clear", "propose_not_pursuing", reason="no_ground", **NOTE)
    side = AuditReadSide(inspection.house.station.log, inspection.house.model)
    assert (await side.compare()).difference is None


async def test_who_left_the_office_sees_nothing(inspection: Inspection) -> None:
    """The appointment over, the page answers as to anybody else."""
    await inspection.lodge()
    house = inspection.house
    ended = EndAppointmentV1(person=house.people["watcher"], role="auditor", unit=LEDGER_UNIT)
    await enter(house.station, ended)
    await decide_register(house.station)
    page = await house.visit("watcher", f"/accusations/{inspection.record()[2]}")
    assert page.status_code in (303, 401, 403, 404)


async def test_an_audit_decides_it_anew(inspection: Inspection) -> None:
    """A replay of the whole log finds the decisions about an accusation as they stand."""
    await inspection.lodge()
    await say(inspection, "clear", "take_up", **NOTE)
    report = await audit(inspection.house.station.settings)
    assert report.ok, report.as_json()
    assert sum(report.as_of["accusation.events"].values()) >= len(("lodged", "read", "taken up"))
