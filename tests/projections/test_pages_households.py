"""Pages of households through HTTP: entering, finding, moving, erasing, and who sees what."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from barograph.init import decide_register, enter
from contracts.households import household_code
from contracts.register import AppointV1
from services.projections import place_queries
from services.projections.difference import compare_with_log
from services.projections.people_queries import readings_of
from services.projections.store import ReadModel
from tests.projections.pages_house import NEIGHBOUR, TELEPHONE, UNIT, House, open_case
from tests.support.houses import house, staffed_home
from web.paging import Page

__all__ = ["house", "staffed_home"]

ADDRESS, RESIDENT = "虚构路一号三单元", "虚构居民乙"
NEW = f"/places/{UNIT}/new/enter_household"


async def entered(house: House, zone: str = "east", address: str = ADDRESS, by: str = "clerk") -> str:
    """Enter a household by its form; return its id."""
    async with house.visitor(by) as visitor:
        sent = await visitor.fill(NEW, {"zone": zone, "address": address}, "/households")
    assert sent.status_code == 303, sent.text
    return sent.headers["location"].removeprefix("/households/")


async def send(house: House, household: str, name: str, /, by: str = "clerk", **fields: str) -> int:
    """Send a form of a household's page; return the status."""
    async with house.visitor(by) as visitor:
        page = f"/households/{household}"
        return (await visitor.fill(f"/places/{UNIT}/{household}/{name}", fields, page)).status_code


async def lives(house: House, household: str, name: str = RESIDENT, **more: str) -> str:
    """Enter a resident by the form; return their id."""
    assert await send(house, household, "enter_resident", resident_name=name, **more) == 303
    view = await asyncio.to_thread(place_queries.household_by_id, house.model, household)
    assert view is not None
    return view.residents[-1].resident_id


async def page(house: House, household: str, by: str = "clerk") -> str:
    """A household's page as this member of staff sees it."""
    return (await house.visit(by, f"/households/{household}")).text


async def test_a_household_with_its_residents_is_entered(house: House) -> None:
    """What the forms told stands on the household's page, and its address in the list of its zone."""
    household = await entered(house)
    await lives(house, household, telephone="000-0000-0007", birth_year="1958")
    shown = await page(house, household)
    for said in (ADDRESS, RESIDENT, "000-0000-0007", "1958", household_code(household)):
        assert said in shown
    assert ADDRESS in (await house.visit("clerk", "/households?zone=east")).text
    assert ADDRESS not in (await house.visit("clerk", "/households?zone=west")).text


async def test_what_is_wrong_stands_at_its_field(house: House) -> None:
    """A blank address, a telephone and a year that are none come back with what was typed."""
    async with house.visitor("clerk") as visitor:
        blank = await visitor.fill(NEW, {"zone": "east", "address": " "}, "/households")
        unknown = await visitor.fill(NEW, {"zone": "nowhere", "address": ADDRESS}, "/households")
    assert (blank.status_code, unknown.status_code) == (422, 422)
    assert 'id="field-address-error"' in blank.text
    assert 'id="field-zone-error"' in unknown.text
    household = await entered(house)
    path = f"/places/{UNIT}/{household}/enter_resident"
    async with house.visitor("clerk") as visitor:
        fields = {"resident_name": RESIDENT, "telephone": "none", "birth_year": "58"}
        sent = await visitor.fill(path, fields, f"/households/{household}")
    assert sent.status_code == 422
    assert RESIDENT in sent.text
    for field in ("telephone", "birth_year"):
        assert f'id="field-{field}-error"' in sent.text


async def test_a_household_is_found_by_telephone(house: House) -> None:
    """The telephone goes in the body of a form and leads to the household; nobody else's does."""
    household = await entered(house)
    await lives(house, household, telephone="000 0000 0007")
    async with house.visitor("clerk") as visitor:
        found = await visitor.fill("/households/find", {"telephone": "000-0000-0007"}, "/households")
        nobody = await visitor.fill("/households/find", {"telephone": "13800000000"}, "/households")
        blank = await visitor.fill("/households/find", {}, "/households")
    assert found.headers["location"] == f"/households/{household}"
    assert (nobody.status_code, blank.status_code) == (422, 422)
    assert "Nobody with this telephone" in nobody.text


async def test_a_resident_is_the_reporter_with_the_same_telephone(house: House) -> None:
    """The open grievance of who lives here stands on the page: one person, one subject."""
    household = await entered(house)
    case = await open_case(house)
    await lives(house, household, telephone=TELEPHONE)
    assert f"/cases/{case}" in await page(house, household)


async def test_an_erased_resident_vanishes_and_still_counts(house: House) -> None:
    """Erased from the household's page: no page shows the name again, and the count stays."""
    household = await entered(house)
    await lives(house, household, telephone=TELEPHONE)
    async with house.visitor("supervisor") as visitor:
        shown = (await visitor.get(f"/households/{household}")).text
        path = re.findall(r'action="(/people/communities/[^"]+/erase)"', shown)[0]
        fields = {"reason": "consent_withdrawn", "back": f"/households/{household}"}
        sent = await visitor.fill(path, fields, f"/households/{household}")
    assert sent.headers["location"] == f"/households/{household}"
    await house.station.eraser.catch_up()
    after = await page(house, household)
    assert RESIDENT not in after
    assert "erased" in after
    assert "1 resident" in (await house.visit("clerk", "/households")).text


async def test_a_resident_moves_to_another_household(house: House) -> None:
    """By its number; they live there then, and are counted once."""
    here, there = await entered(house), await entered(house, "west", "虚构路二号")
    resident = await lives(house, here)
    assert await send(house, here, "move_resident", resident=resident, household=household_code(there)) == 303
    assert RESIDENT in await page(house, there)
    assert RESIDENT not in await page(house, here)
    found = await asyncio.to_thread(place_queries.households_of, house.model, UNIT, ["east", "west"], Page())
    assert (found.total, found.residents) == (2, 1)


async def test_a_number_that_is_none_moves_nobody(house: House) -> None:
    """A blank, a wrong and an unknown number are said at the field."""
    household = await entered(house)
    resident = await lives(house, household)
    for number in ("", "abc", "0000-0000"):
        assert await send(house, household, "move_resident", resident=resident, household=number) == 422
    own = household_code(household)
    assert await send(house, household, "move_resident", resident=resident, household=own) == 422
    assert RESIDENT in await page(house, household)


async def test_who_is_on_the_way_is_shown_and_can_be_received(house: House) -> None:
    """A move cut off half way is listed, and the other household's page offers to end it."""
    here, there = await entered(house), await entered(house, "west", "虚构路二号")
    resident = await lives(house, here)
    submitter = house.station.submitter
    from runtime.submit import Said

    said = Said(
        family="people",
        type="people.move_resident.v1",
        body={"resident": resident, "household": there},
        actor=house.people["clerk"],
        role="clerk",
        unit=UNIT,
        key="cut-off",
        subject=here,
        basis=house.station.register.history.end,
    )
    await submitter.submit(said)
    await house.settle()
    assert household_code(there) in (await house.visit("clerk", "/households")).text
    assert RESIDENT in await page(house, there)
    assert await send(house, there, "receive_resident", resident=resident) == 303
    assert "On the way here" not in await page(house, there)


async def test_somebody_moves_away_and_the_household_ends(house: House) -> None:
    """Who moved away stands under those who lived here; an empty household ends and leaves the list."""
    household = await entered(house)
    resident = await lives(house, household)
    assert await send(house, household, "end_household") == 422
    assert await send(house, household, "move_away", resident=resident) == 303
    assert "moved away" in await page(house, household)
    assert await send(house, household, "end_household") == 303
    assert ADDRESS not in (await house.visit("clerk", "/households")).text


async def test_a_correction_stands(house: House) -> None:
    """A corrected name and address are shown in place of the old ones."""
    household = await entered(house)
    resident = await lives(house, household)
    assert (
        await send(house, household, "correct_resident", resident=resident, resident_name="虚构居民丙") == 303
    )
    assert await send(house, household, "correct_household", address="虚构路九号") == 303
    shown = await page(house, household)
    assert "虚构居民丙" in shown
    assert "虚构路九号" in shown
    assert RESIDENT not in shown
    assert await send(house, household, "correct_resident", resident=resident) == 422


async def test_a_grid_worker_sees_their_zone_alone(house: House) -> None:
    """Who is appointed in one zone sees its households and no other's."""
    east, west = await entered(house), await entered(house, "west", "虚构路二号")
    appoint = AppointV1(person=house.people["patroller"], role="grid_worker", unit=UNIT, zone="west")
    await enter(house.station, appoint)
    await decide_register(house.station)
    listed = (await house.visit("patroller", "/households")).text
    assert "虚构路二号" in listed
    assert ADDRESS not in listed
    assert (await house.visit("patroller", f"/households/{east}")).status_code == 403
    assert (await house.visit("patroller", f"/households/{west}")).status_code == 200
    assert (await house.visit("patroller", "/households?zone=east")).status_code == 403


@pytest.mark.parametrize("who", ["auditor", "handler", "admin", "neighbour"])
async def test_others_see_no_household(house: House, who: str) -> None:
    """Who is no clerk, grid worker, supervisor or data protection officer here sees neither list nor page."""
    household = await entered(house)
    assert (await house.visit(who, f"/households/{household}")).status_code == 403
    assert (await house.visit(who, f"/households?unit={UNIT}")).status_code == 403


async def test_there_is_nothing_at_other_numbers(house: House) -> None:
    """An unknown household, a form of none, and a household of another community are not found."""
    household = await entered(house)
    for path in (
        "/households/hsh_x",
        f"/households/hsh_{0:032x}",
        f"/places/{NEIGHBOUR}/{household}/end_household",
        f"/places/{UNIT}/new/end_household",
        f"/places/{UNIT}/{household}/paint",
    ):
        assert (await house.visit("clerk", path)).status_code == 404


async def test_every_look_is_on_record(house: House) -> None:
    """Showing a household puts its reading, and its residents', on record."""
    household = await entered(house)
    await lives(house, household)
    await house.settle()
    before = (await asyncio.to_thread(readings_of, house.model, [household], 9)).total
    await page(house, household)
    await house.settle()
    readings = await asyncio.to_thread(readings_of, house.model, [household], 9)
    assert readings.total == before + 1
    assert readings.rows[0].purpose == "household"


async def test_nothing_personal_reaches_the_log(house: House) -> None:
    """Addresses, names and telephones are on no record in plain."""
    household = await entered(house)
    await lives(house, household, telephone="000-0000-0007")
    for topic in ("people.submissions", "people.events"):
        for partition in range(house.station.ledger.genesis.partitions):
            for record in await house.station.log.read(topic, partition, 0, 1000):
                for secret in (ADDRESS, RESIDENT, "000-0000-0007"):
                    assert secret.encode() not in (record.value or b"")


async def test_a_fresh_fold_gives_the_same_rows(house: House, tmp_path: Path) -> None:
    """The audit's comparison of the read model with the log finds no difference in households."""
    here, there = await entered(house), await entered(house, "west", "虚构路二号")
    resident = await lives(house, here)
    await lives(house, here, "虚构居民丁")
    await send(house, here, "move_resident", resident=resident, household=household_code(there))
    scratch = ReadModel.open(f"sqlite:///{tmp_path / 'scratch.sqlite'}", house.station.ledger)
    try:
        compared = await compare_with_log(house.station.log, house.model, scratch)
    finally:
        scratch.close()
    assert compared.difference is None


async def test_a_household_does_not_tell_a_grid_worker_who_asked_for_confidence(house: House) -> None:
    """The confidential grievance of who lives here is on the clerk's page, not on a grid worker's."""
    appoint = AppointV1(person=house.people["patroller"], role="grid_worker", unit=UNIT)
    await enter(house.station, appoint)
    await decide_register(house.station)
    household = await entered(house)
    case = await open_case(house, confidential=True)
    await lives(house, household, telephone=TELEPHONE)
    assert f"/cases/{case}" in await page(house, household)
    assert f"/cases/{case}" not in await page(house, household, by="patroller")
