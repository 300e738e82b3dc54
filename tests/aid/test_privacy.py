"""An applicant's and a donor's data: reported to them alone, and erased with their key."""

from __future__ import annotations

import asyncio

from barograph.people_side import find_subject, report_of
from services.people.desk import PeopleDesk
from tests.aid.conftest import NAME, Helping
from tests.aid.test_pages import GIFT
from tests.projections.pages_house import UNIT


async def test_a_person_is_told_and_erased_as_applicant_and_donor(helping: Helping) -> None:
    """A report on somebody holds what is theirs in requests and gifts; erased, no page has the name any more."""
    at, _ = await helping.apply()
    fund, telephone = "/funds/hardship", "000-0000-0401"
    await helping.send("clerk", f"{fund}/receive", fund, **{**GIFT, "donor": NAME, "telephone": telephone})
    station, model = helping.house.station, helping.house.model
    subject = await asyncio.to_thread(find_subject, station, UNIT, telephone)
    assert subject is not None
    told = await asyncio.to_thread(report_of, station, model, subject)
    assert [one["data"]["name"] for one in told["aid"]] == [NAME]
    assert [one["data"]["donor"] for one in told["gifts"]] == [NAME]
    desk = PeopleDesk(station.submitter, station.register)
    await desk.say(
        helping.house.people["dpo"], UNIT, "erase", {"reason": "consent_withdrawn"}, subject=subject
    )
    await helping.house.settle()
    await station.eraser.catch_up()
    page = (await helping.house.visit("officer", at)).text
    assert NAME not in page
    assert "Erased" in page
