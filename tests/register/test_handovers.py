"""The page on which open work is handed over: signed by both, and then assigned."""

from __future__ import annotations

import re
from functools import partial

import pytest

from barograph import staff
from barograph.handover_side import HandledCases
from barograph.init import decide_register
from barograph.station import wall_clock
from barograph.web_app import make_app
from services.projections.queries import open_cases_of
from services.register import handovers
from services.register.handovers import HandoverPages
from services.register.office import Office
from tests.projections.pages_house import UNIT, House, Verdicts, open_case
from tests.support.houses import house, staffed_home

__all__ = ["house", "staffed_home"]


@pytest.fixture
def desk(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose handlers can hand their work over; nothing is decided before it is settled."""
    monkeypatch.setattr(handovers, "VERDICT_SECONDS", 0.0)
    station = house.station
    office = Office(
        station.submitter, station.register, Verdicts(station, house.model, house.projector), wall_clock
    )
    work = HandledCases(station.submitter, station.register, house.model)
    pages = HandoverPages(house.kit, office, work, partial(staff.display_name, station))
    house.app = make_app(station, house.kit, [house.pages.router(), pages.router()])
    return house


async def assigned(house: House) -> str:
    """A case that the handler works on."""
    case = await open_case(house)
    await house.command(case, "accept")
    await house.command(case, "assign", handler=house.people["handler"])
    return case


async def send(house: House, who: str, path: str, **fields: str) -> int:
    """Send a form of the page, and have it decided; return the status."""
    async with house.visitor(who) as visitor:
        answer = await visitor.fill(f"/handovers/{path}", {"unit": UNIT, **fields}, "/handovers")
    await decide_register(house.station)
    await house.settle()
    return answer.status_code


async def test_open_work_goes_over_once_both_have_signed(desk: House) -> None:
    """Offered, it stays with the giver; signed by the taker, every open case is assigned to them, by themself."""
    case = await assigned(desk)
    giver, taker = desk.people["handler"], desk.people["idle"]
    assert await send(desk, "handler", "offer", taker=taker, form_key="offer-1") == 303
    assert open_cases_of(desk.model, giver, UNIT) == (case,)
    assert "1 open case" in (await desk.visit("idle", "/handovers")).text
    assert await send(desk, "idle", "take", giver=giver) == 303
    assert open_cases_of(desk.model, giver, UNIT) == ()
    assert open_cases_of(desk.model, taker, UNIT) == (case,)
    page = (await desk.visit("idle", f"/cases/{case}")).text
    assert page.count("Assigned") >= 2


async def test_cut_off_in_between_the_rest_is_taken_over_later(
    desk: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed, but not assigned: the page still shows it, and the same button does the rest."""
    case = await assigned(desk)
    giver, taker = desk.people["handler"], desk.people["idle"]
    await send(desk, "handler", "offer", taker=taker, form_key="offer-1")

    async def nobody(*_: object) -> tuple[str, ...]:
        return ()

    with monkeypatch.context() as cut:
        cut.setattr(HandledCases, "of", nobody)
        assert await send(desk, "idle", "take", giver=giver) == 303
    assert open_cases_of(desk.model, giver, UNIT) == (case,)
    assert "Take over the rest" in (await desk.visit("idle", "/handovers")).text
    assert await send(desk, "idle", "take", giver=giver) == 303
    assert open_cases_of(desk.model, taker, UNIT) == (case,)


async def test_what_was_not_offered_is_not_taken(desk: House) -> None:
    """Without an offer to them nobody takes anything over."""
    case = await assigned(desk)
    giver = desk.people["handler"]
    assert await send(desk, "idle", "take", giver=giver) == 409
    assert open_cases_of(desk.model, giver, UNIT) == (case,)


async def test_a_taker_who_is_none_is_said_at_the_field(desk: House) -> None:
    """Only another handler of the unit can be chosen."""
    async with desk.visitor("handler") as visitor:
        answer = await visitor.fill(
            "/handovers/offer", {"unit": UNIT, "taker": desk.people["clerk"]}, "/handovers"
        )
    assert answer.status_code == 422
    assert re.search(r'aria-invalid="true"', answer.text)


async def test_it_is_for_handlers(desk: House) -> None:
    """Others have no such page."""
    assert (await desk.visit("clerk", "/handovers")).status_code == 403
