"""A case that moves to another community: both ends of it, whatever crashes in between."""

from __future__ import annotations

import asyncio

import orjson

from barograph.audit_side import audit
from barograph.init import CLOCK, decide_register, enter
from barograph.read_side import ReadTracking
from barograph.transfers import Transfers
from contracts.figures import Scope
from contracts.register import DefineUnitV1, SucceedUnitsV1
from runtime.submit import Submitter
from services.people.desk import PeopleDesk
from services.projections import queries
from services.projections.figures import figures, recomputed
from services.projections.rows import CaseRow
from tests.projections.pages_house import (
    ADDRESS,
    NAME,
    NEIGHBOUR,
    NOTE,
    STORY,
    TELEPHONE,
    TITLE,
    UNIT,
    House,
    open_case,
)


def tracking_of(house: House) -> ReadTracking:
    """What the tracking page reads."""
    people = PeopleDesk(house.station.submitter, house.station.register)
    return ReadTracking(house.model, house.station.vault, people)


async def step(house: House, submitter: Submitter | None = None) -> int:
    """The reaction looks once, in a process of its own, and what it says is decided."""
    said = submitter or house.intake()
    waiting = await Transfers(said, house.station.register, house.model, CLOCK).look()
    await house.settle()
    return waiting


async def row(house: House, case: str) -> CaseRow:
    """The case as the read model has it."""
    view = await asyncio.to_thread(queries.case_by_id, house.model, case)
    assert view is not None
    return view.case


async def sent(house: House, *, accepted: bool = True) -> str:
    """A case that left for the neighbour, who has not heard of it yet."""
    case = await open_case(house)
    if accepted:
        await house.command(case, "accept")
    await house.command(case, "transfer", to=NEIGHBOUR, note=NOTE)
    return case


async def moved(house: House) -> tuple[str, str]:
    """A case that was taken in next door: its id here, and there."""
    case = await sent(house)
    while await step(house):
        pass
    became = (await row(house, case)).became
    assert became is not None
    return case, became


async def test_a_case_goes_on_in_the_other_community(house: House) -> None:
    """It ends here as transferred, never as closed, and goes on there as it stood, linked both ways by one cause."""
    case = await sent(house)
    before = (await row(house, case)).lodged_at
    assert (await row(house, case)).in_transit
    while await step(house):
        pass
    here = await row(house, case)
    there = await row(house, here.became or "")
    assert (here.status, here.outcome, here.in_transit, here.transferred_to) == (
        "transferred",
        None,
        False,
        NEIGHBOUR,
    )
    assert (there.unit, there.status, there.came_from, there.transferred_from) == (
        NEIGHBOUR,
        "accepted",
        case,
        UNIT,
    )
    assert (there.lodged_at, there.tracking) == (before, here.tracking)
    assert there.transfer == here.transfer is not None


async def test_the_term_runs_on(house: House) -> None:
    """The term of the case there ends when it would have ended here."""
    case = await open_case(house)
    await house.command(case, "accept")
    due_at = (await row(house, case)).due_at
    await house.command(case, "transfer", to=NEIGHBOUR, note=NOTE)
    while await step(house):
        pass
    here = await row(house, case)
    there = await row(house, here.became or "")
    assert here.due_at is None
    assert there.due_at == due_at is not None


async def test_a_crash_anywhere_is_healed(house: House) -> None:
    """Each step done by a process that dies at once, and done twice by two, leaves one case there."""
    case = await sent(house)
    for _ in range(3):
        first, second = house.intake(), house.intake()
        for submitter in (first, second):
            await Transfers(submitter, house.station.register, house.model, CLOCK).look()
        await house.settle()
    assert await step(house) == 0
    total = await asyncio.to_thread(figures, house.model)
    assert (total.received, total.transferred_in, total.transferred_out, total.open) == (1, 1, 1, 1)
    assert (await row(house, case)).became is not None


async def test_every_case_counts_once(house: House) -> None:
    """The whole is what was lodged; each community shows what came and what went; both ways of counting agree."""
    await moved(house)
    await house.lodge(unit=NEIGHBOUR, by="neighbour", story=STORY)
    await open_case(house)
    for scope in (Scope(), Scope(unit=UNIT), Scope(unit=NEIGHBOUR)):
        found = await asyncio.to_thread(figures, house.model, scope)
        assert found == await asyncio.to_thread(recomputed, house.model, scope)
        assert found.received + found.transferred_in == found.open + found.closed + found.transferred_out
    whole = await asyncio.to_thread(figures, house.model)
    here = await asyncio.to_thread(figures, house.model, Scope(unit=UNIT))
    there = await asyncio.to_thread(figures, house.model, Scope(unit=NEIGHBOUR))
    assert whole.received == here.received + there.received == 3
    assert (here.transferred_out, there.transferred_in, there.late_entered.received) == (1, 1, 0)


async def test_a_refused_case_comes_back(house: House) -> None:
    """Where the neighbour is gone before it hears, the case is open here again with its term; the page says why."""
    case = await open_case(house)
    await house.command(case, "accept")
    due_at = (await row(house, case)).due_at
    await house.command(case, "transfer", to=NEIGHBOUR, note=NOTE)
    station = house.station
    await enter(station, DefineUnitV1(unit="new", name="新社区", tier="community"))
    await enter(station, SucceedUnitsV1(of=(NEIGHBOUR,), into=("new",), since=0))
    await decide_register(station)
    while await step(house):
        pass
    back = await row(house, case)
    assert (back.status, back.due_at, back.in_transit, back.transferred_to) == (
        "accepted",
        due_at,
        False,
        None,
    )
    page = (await house.visit("handler", f"/cases/{case}")).text
    assert "The transfer was refused; the case is back" in page
    assert "This unit has been merged or split by then" in page


async def test_what_is_sealed_opens_there_and_goes_with_its_person(house: House) -> None:
    """The new home reads story and reporter; erasing the person here erases them there, as it is one key."""
    _, there = await moved(house)
    page = (await house.visit("neighbour", f"/cases/{there}")).text
    for told in (TITLE, NAME, TELEPHONE, ADDRESS, "三单元电梯"):
        assert told in page
    found = await row(house, there)
    assert found.reporter is not None
    house.station.vault.destroy([found.reporter, str(orjson.loads(found.story)["subject"])])
    page = (await house.visit("neighbour", f"/cases/{there}")).text
    for told in (TITLE, NAME, TELEPHONE, ADDRESS, "三单元电梯"):
        assert told not in page


async def test_no_plain_text_is_carried(house: House) -> None:
    """The request that carries the case holds its texts as they were sealed, byte for byte."""
    case, there = await moved(house)
    views = [await asyncio.to_thread(queries.case_by_id, house.model, one) for one in (case, there)]
    here, away = (orjson.loads(view.events[0].data) if view else {} for view in views)
    for name in ("title", "story", "reporter_name", "telephone", "address"):
        assert here[name] == away[name]


async def test_the_number_leads_on(house: House) -> None:
    """The resident's number leads to the case where it is now, and to the receipt of the lodging."""
    case, _ = await moved(house)
    number = house.number_of(await row(house, case))
    found = await tracking_of(house).find(number)
    assert found is not None
    assert (found.unit, found.status, found.partition) == (NEIGHBOUR, "accepted", house.place(UNIT).partition)


async def test_a_case_can_move_on_and_come_home(house: House) -> None:
    """Next door it is worked on as any other; sent back it is a third stream, and still one case in the whole."""
    case, there = await moved(house)
    await house.command(there, "assign", by="neighbour", unit=NEIGHBOUR, handler=house.people["neighbour"])
    await house.command(there, "transfer", by="neighbour", unit=NEIGHBOUR, to=UNIT, note=NOTE)
    while await step(house):
        pass
    home = (await row(house, there)).became
    assert len({case, there, home}) == 3
    whole = await asyncio.to_thread(figures, house.model)
    assert (whole.received, whole.open, whole.transferred_in, whole.transferred_out) == (1, 1, 2, 2)
    found = await tracking_of(house).find(house.number_of(await row(house, case)))
    assert found is not None
    assert (found.unit, found.status) == (UNIT, "accepted")


async def test_the_neighbour_cannot_take_a_case_away(house: House) -> None:
    """Only who handles a case here can send it on."""
    case = await open_case(house)
    await house.command(case, "transfer", by="neighbour", to=NEIGHBOUR, note=NOTE)
    assert (await row(house, case)).status == "lodged"


async def test_the_form_transfers(house: House) -> None:
    """The handler chooses the community on the case's page, and both pages say what became of it."""
    case = await open_case(house)
    form = f"/cases/{case}"
    path = f"/intake/communities/{UNIT}/grievances/{case}/transfer"
    async with house.visitor("handler") as visitor:
        missing = await visitor.fill(path, {"form_key": "a-form-key-0001", "to": NEIGHBOUR}, form)
        assert missing.status_code == 422
        sent_form = {"form_key": "a-form-key-0002", "to": NEIGHBOUR, "note": NOTE}
        assert (await visitor.fill(path, sent_form, form)).status_code == 303
        assert "not taken in yet" in (await visitor.get(form)).text
        while await step(house):
            pass
        page = (await visitor.get(form)).text
        assert "taken in there" in page
        assert "Transferred to another community" in page
        listed = (await visitor.get(f"/cases?unit={UNIT}&view=transferred")).text
        assert case in listed
        assert case not in (await visitor.get(f"/cases?unit={UNIT}&view=open")).text
    there = (await row(house, case)).became
    assert "云溪社区" in (await house.visit("neighbour", f"/cases/{there}")).text


async def test_the_audit_agrees(house: House) -> None:
    """An audit replays both ends, and finds the read model and its figures as they must be."""
    await moved(house)
    report = await audit(house.station.settings)
    assert report.ok, report


async def test_who_asked_for_confidence_keeps_it_next_door(house: House) -> None:
    """A joint petition in confidence is one there too: no handler of the other community learns who lodged it."""
    names = "虚构代表一\n虚构代表二"
    case = await open_case(
        house, confidential=True, petitioners=9, representatives=2, representative_names=names
    )
    await house.command(case, "transfer", to=NEIGHBOUR, note=NOTE)
    while await step(house):
        pass
    there = await row(house, (await row(house, case)).became or "")
    assert (there.confidential, there.petitioners, there.representatives) == (True, 9, 2)
    page = (await house.visit("neighbour", f"/cases/{there.case_id}")).text
    assert "9 persons, one case" in page
    for person in (NAME, TELEPHONE, ADDRESS, "虚构代表一"):
        assert person not in page
