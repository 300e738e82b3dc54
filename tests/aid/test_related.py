"""A grievance leads to aid and is told what came of it, once, however often the reaction runs."""

from __future__ import annotations

import asyncio

from barograph.init import CLOCK
from barograph.relating import Relating
from services.projections import queries
from services.projections.history import event_name
from tests.aid.conftest import NEW, Helping
from tests.projections.pages_house import UNIT

NOTED = "A mediation or an aid request of this case was concluded"


async def related(helping: Helping) -> int:
    """Let the reaction look once, and fold what it said; return how much there was to say."""
    station = helping.house.station
    said = await Relating(station.submitter, station.register, helping.house.model, CLOCK).look()
    await helping.house.settle()
    return said


async def test_a_grievance_is_told_what_came_of_its_aid_request(helping: Helping) -> None:
    """Nothing while it is open; then once, and again by nobody; all three pages lead to one another."""
    case = await helping.house.lodge(story="交不起学费。（虚构）")
    at, _ = await helping.apply(grown_from=case)
    assert await related(helping) == 0
    await helping.propose(at, verdict="refuse", amount="", amount_1="", day_1="")
    await helping.say("approver", at, "reject", note="不符合条件。（虚构）")
    assert await related(helping) == 1
    assert await related(helping) == 0
    view = await asyncio.to_thread(queries.case_by_id, helping.house.model, case)
    assert view is not None
    assert [event_name(row.type) for row in view.events].count("related_noted") == 1
    page = (await helping.house.visit("supervisor", f"/cases/{case}")).text
    assert NOTED in page
    assert at in page
    assert f"/cases/{case}" in (await helping.house.visit("officer", at)).text


async def test_a_case_leads_to_one_request_of_each_programme(helping: Helping) -> None:
    """A second application under the same programme is refused at the field."""
    case = await helping.house.lodge(story="家里有病人。（虚构）")
    await helping.apply(grown_from=case)
    told = {**NEW, "grown_from": case, "form_key": "again", "story": "又一次。（虚构）"}
    async with helping.house.visitor("clerk") as visitor:
        page = await visitor.fill("/aid/new", told, f"/aid/new?unit={UNIT}&grown_from={case}")
    assert page.status_code == 409
    assert "applied for from this case already" in page.text
