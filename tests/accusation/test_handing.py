"""A grievance that turns out to accuse somebody goes on as an accusation, out of the sight of the accused's chain."""

from __future__ import annotations

import asyncio
import re

import pytest

from contracts.figures import Scope
from services.projections import queries
from services.projections.disappearances import ledger
from services.projections.figures import figures
from services.projections.monthly import cases_behind
from services.projections.similar import SimilarCases
from services.projections.similar_index import SimilarIndex
from tests.accusation.conftest import NAMED, STORY, Inspection
from tests.projections.pages_house import UNIT
from web.paging import Page

TELEPHONE = "000-0000-0042"


async def handed(inspection: Inspection, who: str = "clerk", **fields: str) -> tuple[str, int]:
    """Lodge a grievance at the counter and hand it over; its id, and the status of the form."""
    house = inspection.house
    case = await house.lodge(story=STORY, telephone=TELEPHONE, reporter_name="虚构反映人")
    return case, await hand(inspection, case, who, **fields)


async def hand(inspection: Inspection, case: str, who: str = "clerk", **fields: str) -> int:
    """Send the form for this case."""
    path = f"/accusations/from/{case}"
    async with inspection.house.visitor(who) as visitor:
        answer = await visitor.fill(path, {"against": UNIT, "named": NAMED, **fields}, path)
    await inspection.house.settle()
    return answer.status_code


async def test_it_goes_on_as_an_accusation(inspection: Inspection) -> None:
    """Who is clear reads it with what was told; the superior of the accused unit has no such accusation."""
    _, status = await handed(inspection)
    assert status == 303
    _, _, stream = inspection.record()
    page = await inspection.house.visit("clear", f"/accusations/{stream}")
    assert page.status_code == 200
    assert STORY in page.text
    assert (await inspection.house.visit("superior", f"/accusations/{stream}")).status_code == 404


async def test_the_number_leads_on(inspection: Inspection) -> None:
    """Whoever lodged it follows the accusation by the number that they have, and reads no letter there."""
    house = inspection.house
    case = await house.lodge(story=STORY)
    view = queries.case_by_id(house.model, case)
    assert view is not None
    number = house.number_of(view.case)
    assert await hand(inspection, case) == 303
    page = await inspection.resident.fill("/track", {"number": number}, "/track")
    assert page.status_code == 200
    assert "I was pressured" not in page.text
    assert STORY not in page.text


@pytest.mark.parametrize("who", ["clerk", "handler", "supervisor", "superior"])
async def test_no_list_and_no_page_has_it(inspection: Inspection, who: str) -> None:
    """Neither a worklist, nor its page, nor a search by its number, nor the list of what was refused."""
    case, _ = await handed(inspection)
    house = inspection.house
    await house.command(case, "accept")
    for view in ("open", "overdue", "closed", "all", "transferred", "soon"):
        assert case not in (await house.visit(who, f"/cases?unit={UNIT}&view={view}")).text
    for path in (f"/cases/{case}", f"/cases/{case}/people", f"/accusations/from/{case}"):
        assert (await house.visit(who, path)).status_code in (403, 404)
    found = queries.case_by_id(house.model, case)
    assert found is not None
    async with house.visitor(who) as visitor:
        answer = await visitor.fill("/cases/find", {"number": house.number_of(found.case)}, "/cases")
    assert answer.status_code == 422
    assert case not in (await house.visit("supervisor", "/decisions")).text


async def test_no_hint_has_it(inspection: Inspection) -> None:
    """A case with the same words of the same person is no repeat of it."""
    house = inspection.house
    case, _ = await handed(inspection)
    other = await house.lodge(story=STORY, telephone=TELEPHONE)
    index = SimilarIndex(house.station.home.derived / "similar.sqlite", "ledger")
    similar = SimilarCases(house.model, house.station.vault, index)
    while similar.catch_up():
        pass
    view = queries.case_by_id(house.model, other)
    assert view is not None
    assert [one.case.case_id for one in similar.find(view.case)] == []
    assert case not in (await house.visit("handler", f"/cases/{other}")).text


async def test_no_drill_down_and_no_ledger_has_it(inspection: Inspection) -> None:
    """It is received, and in no list behind a figure; the ledger of disappearances does not name it."""
    case, _ = await handed(inspection)
    model = inspection.house.model
    found = await asyncio.to_thread(figures, model, Scope(unit=UNIT))
    assert (found.received, found.open, found.closed) == (1, 0, 0)
    for name in ("repeated", "accepted_in_time"):
        for part in ("met", "rest"):
            behind = cases_behind(model, Scope(unit=UNIT), name, part, Page())
            assert case not in [row.case_id for row in behind.cases]
    assert ledger(model, Scope(unit=UNIT)).lines == ()


async def test_no_notice_tells_of_it(inspection: Inspection) -> None:
    """What was told of it before it was handed over is told no more, and is not among the unread."""
    house = inspection.house
    case = await house.lodge(story=STORY, danger="life")
    assert case in (await house.visit("supervisor", "/notices")).text
    assert await hand(inspection, case) == 303
    assert case not in (await house.visit("supervisor", "/notices")).text
    assert "may be about danger" not in (await house.visit("supervisor", "/dashboard")).text


async def test_the_audits_page_of_the_record_has_it_not(inspection: Inspection) -> None:
    """By its place on the topic an auditor finds what is at a place that has no record."""
    await handed(inspection)
    house = inspection.house
    place = house.place()
    records = await house.station.log.read("grievance.submissions", place.partition, 0, 100)
    offset = next(at.offset for at in records if b"hand_to_inspection" in (at.value or b""))
    path = f"/audit/submissions/grievance/{place.partition}/"
    assert (await house.visit("auditor", f"{path}{offset}")).status_code == 404
    assert (await house.visit("auditor", f"{path}{offset - 1}")).status_code == 200


async def test_cut_off_in_between_the_same_form_does_the_rest(inspection: Inspection) -> None:
    """With the accusation lodged and the case not ended, the form is sent again: one accusation, and the case ends."""
    house = inspection.house
    case, status = await handed(inspection, named="某人甲")
    assert status == 303
    assert await hand(inspection, case) == 404
    with house.model.engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from g1_accusations").scalar_one() == 1


@pytest.mark.parametrize(("fields", "at"), [({"against": ""}, "against"), ({"named": "甲" * 300}, "named")])
async def test_mistakes_are_said_at_the_field(
    inspection: Inspection, fields: dict[str, str], at: str
) -> None:
    """Nothing is recorded, and what was entered stays."""
    case = await inspection.house.lodge(story=STORY)
    path = f"/accusations/from/{case}"
    async with inspection.house.visitor("clerk") as visitor:
        page = await visitor.fill(path, {"against": UNIT, "named": NAMED, **fields}, path)
    assert page.status_code == 422
    assert re.search(rf'id="field-{at}"[^>]*aria-invalid="true"', page.text)
    assert queries.shown_case(inspection.house.model, case) is not None


async def test_a_triaged_case_is_not_handed_over(inspection: Inspection) -> None:
    """Once it was taken for a request, the accusation is lodged by its own form; others may not hand over."""
    house = inspection.house
    case = await house.lodge(story=STORY)
    assert (await house.visit("neighbour", f"/accusations/from/{case}")).status_code in (403, 404)
    await house.command(case, "triage", by="clerk", kind="request", severity="ordinary")
    assert (await house.visit("clerk", f"/accusations/from/{case}")).status_code == 409
