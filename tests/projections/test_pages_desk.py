"""Internal notes, reply templates and corrections on a case's page; what a person's report leaves out."""

from __future__ import annotations

import asyncio

import orjson

from barograph.people_side import report_of
from barograph.subject_report import as_html
from services.grievance.reply_templates import REPLIES
from services.projections.queries import case_by_id
from tests.projections.pages_house import NAME, REPLY, House, open_case, worked_case

NOTE = "与物业经理有过节，上门前先通气。（虚构内部备注）"


async def noted_case(house: House) -> str:
    """A case with a reply and an internal note."""
    case = await worked_case(house)
    await house.command(case, "add_note", by="clerk", note=NOTE)
    return case


async def test_the_staff_see_a_note_marked_as_their_own(house: House) -> None:
    """The history shows the note, and that the complainant is never shown it."""
    page = (await house.visit("handler", f"/cases/{await noted_case(house)}")).text
    assert NOTE in page
    assert "Staff only, never shown to the complainant" in page


async def test_a_note_is_sealed_for_who_may_not_open_the_case(house: House) -> None:
    """An auditor and an administrator see that there is a note, not what it says."""
    case = await noted_case(house)
    for who in ("auditor", "admin"):
        page = (await house.visit(who, f"/cases/{case}")).text
        assert "Internal note" in page
        assert NOTE not in page


async def test_a_persons_report_holds_no_internal_note(house: House) -> None:
    """What is handed to the person has the reply, and neither the note nor that there is one."""
    case = await noted_case(house)
    view = await asyncio.to_thread(case_by_id, house.model, case)
    assert view is not None
    assert view.case.reporter is not None
    report = await asyncio.to_thread(report_of, house.station, house.model, view.case.reporter)
    for text in (orjson.dumps(report).decode(), as_html(report, house.station.register.current())):
        assert REPLY in text
        assert NOTE not in text
        assert "note_added" not in text


async def test_a_letter_holds_no_internal_note(house: House) -> None:
    """A letter says what the step said, whatever was noted beside it."""
    case = await noted_case(house)
    await house.command(case, "reply", reply=REPLY)
    page = (await house.visit("clerk", f"/cases/{case}")).text
    address = page.split('href="/cases/' + case + "/letters/CL-")[-1].split('"')[0]
    letter = await house.visit("clerk", f"/cases/{case}/letters/CL-{address}")
    assert letter.status_code == 200
    assert NOTE not in letter.text


async def test_a_reply_template_fills_in_the_reply_form(house: House) -> None:
    """A chosen template stands in the reply's field, which is open, and nothing is recorded yet."""
    case = await open_case(house)
    await house.command(case, "accept")
    plain = (await house.visit("handler", f"/cases/{case}")).text
    assert REPLIES[0].name in plain
    assert REPLIES[0].text not in plain
    page = (await house.visit("handler", f"/cases/{case}?template={REPLIES[0].code}")).text
    assert REPLIES[0].text in page
    assert 'id="action-reply" open' in page


async def test_an_unknown_template_fills_in_nothing(house: House) -> None:
    """A code that no template has leaves the form blank."""
    case = await open_case(house)
    await house.command(case, "accept")
    answer = await house.visit("handler", f"/cases/{case}?template=no-such")
    assert answer.status_code == 200
    assert 'id="action-reply" open' not in answer.text


async def corrected_case(house: House) -> str:
    """A case whose reporter's name was corrected."""
    case = await open_case(house)
    async with house.visitor("clerk") as visitor:
        fields = {"reporter_name": "虚构居民乙", "form_key": "correct-form-key-1"}
        sent = await visitor.fill(
            f"/intake/communities/demo/grievances/{case}/correct", fields, f"/cases/{case}"
        )
    assert sent.status_code == 303
    return case


async def test_a_correction_shows_both_values(house: House) -> None:
    """Who may open the case sees what stood before and what stands now."""
    page = (await house.visit("handler", f"/cases/{await corrected_case(house)}")).text
    assert f"{NAME} → 虚构居民乙" in page


async def test_a_correction_shows_no_value_to_who_may_not_open_the_case(house: House) -> None:
    """An auditor sees which field was corrected, and neither value."""
    page = (await house.visit("auditor", f"/cases/{await corrected_case(house)}")).text
    assert "sealed for your role → sealed for your role" in page
    assert NAME not in page
    assert "虚构居民乙" not in page
