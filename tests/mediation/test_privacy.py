"""A party's data: found by their telephone, reported to them alone, and erased with their key."""

from __future__ import annotations

import asyncio
import re

from barograph.people_side import find_subject, report_of, unit_of
from services.people.desk import PeopleDesk
from tests.mediation.conftest import PARTY_A, PARTY_B, STORY, Mediating
from tests.projections.pages_house import UNIT


async def test_a_party_is_told_what_is_theirs(mediating: Mediating) -> None:
    """The report names the mediation and the party's own name and number, and neither the other party nor what was said."""
    at = await mediating.start()
    house = mediating.house
    subject = await asyncio.to_thread(find_subject, house.station, UNIT, "000-0000-0201")
    assert subject is not None
    assert await asyncio.to_thread(unit_of, house.model, subject) == UNIT
    report = await asyncio.to_thread(report_of, house.station, house.model, subject)
    (told,) = report["mediations"]
    assert told["mediation_id"] == at.rsplit("/", 1)[1]
    assert told["data"] == {"name_a": PARTY_A, "telephone_a": "000-0000-0201"}
    assert PARTY_B not in str(report)
    assert STORY not in str(report)


async def test_an_erased_party_is_erased_there(mediating: Mediating) -> None:
    """Once the key is gone the page says so in place of the name; the other party and the texts stay."""
    at = await mediating.start()
    house = mediating.house
    subject = await asyncio.to_thread(find_subject, house.station, UNIT, "000-0000-0201")
    assert subject is not None
    desk = PeopleDesk(house.station.submitter, house.station.register)
    await desk.say(house.people["dpo"], UNIT, "erase", {"reason": "consent_withdrawn"}, subject=subject)
    await house.settle()
    await house.station.eraser.catch_up()
    page = (await house.visit("clerk", at)).text
    assert PARTY_A not in page
    assert "Erased" in page
    assert PARTY_B in page
    assert STORY in page


async def test_a_party_is_erased_on_the_web(mediating: Mediating) -> None:
    """A guard's page tells each party by its side, without a name, and offers to erase it; then it says erased."""
    at = await mediating.start()
    house = mediating.house
    assert f'href="{at}/people"' in (await house.visit("supervisor", at)).text
    assert f'href="{at}/people"' not in (await house.visit("clerk", at)).text
    for who in ("supervisor", "dpo"):
        page = (await house.visit(who, f"{at}/people")).text
        assert re.findall(r'<h2 id="subject-[0-9]">(.*?)</h2>', page) == ["Party A", "Party B"]
        assert PARTY_A not in page
    subject = await asyncio.to_thread(find_subject, house.station, UNIT, "000-0000-0201")
    path = f"/people/communities/{UNIT}/{subject}/erase"
    told = {"reason": "consent_withdrawn", "form_key": "erase-1", "back": f"{at}/people"}
    async with house.visitor("dpo") as visitor:
        sent = await visitor.fill(path, told, f"{at}/people")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{at}/people")
    page = (await house.visit("dpo", f"{at}/people")).text
    assert page.count('/erase"') == 1
    assert PARTY_A not in (await house.visit("clerk", at)).text


async def test_the_page_of_personal_data_is_for_guards(mediating: Mediating) -> None:
    """Clerks, mediators, auditors and guards of elsewhere are kept out; what there is not is not found."""
    at = await mediating.start()
    for who in ("clerk", "mediator", "auditor", "neighbour"):
        assert (await mediating.house.visit(who, f"{at}/people")).status_code == 403
    assert (await mediating.house.visit("dpo", "/mediations/med_0/people")).status_code == 404
