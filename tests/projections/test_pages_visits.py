"""The pages of three-level visits through HTTP: recording, the ends of opinions, and the figures that add up."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from barograph.growing import Growing
from barograph.init import CLOCK
from contracts.figures import Scope
from contracts.grown import case_of
from services.projections import visits
from services.projections.difference import compare_with_log
from services.projections.queries import case_by_id
from services.projections.store import ReadModel
from tests.projections.pages_house import UNIT, House
from tests.support.houses import house, staffed_home

__all__ = ["house", "staffed_home"]

NEW = f"/places/{UNIT}/new/record_visit"
SAID = ["三单元水压低。（虚构）", "东门路灯不亮。（虚构）", "希望加开早班车。（虚构）"]
NOTE = "已请物业修好。（虚构）"


async def record(house: House, by: str = "clerk", **fields: str) -> httpx.Response:
    """Send the form of a visit with three opinions, unless told otherwise."""
    told = {
        "visitor": house.people["supervisor"],
        "rank": "section",
        "visitor_unit": UNIT,
        "zone": "east",
        "persons": "5",
        **{f"opinion_{number}": text for number, text in enumerate(SAID, 1)},
        **fields,
    }
    async with house.visitor(by) as visitor:
        return await visitor.fill(NEW, told, "/visits")


async def recorded(house: House, **fields: str) -> str:
    """A visit, by its id."""
    answer = await record(house, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rpartition("/")[2]


async def end(house: House, visit: str, name: str, number: int, by: str = "clerk", **fields: str) -> int:
    """Send a form of an opinion; return the status."""
    path = f"/places/{UNIT}/{visit}/{name}"
    async with house.visitor(by) as visitor:
        told = {"number": str(number), **fields}
        return (await visitor.fill(path, told, f"/visits/{visit}")).status_code


def grown(house: House) -> Growing:
    """The reaction that lodges what grew."""
    station = house.station
    return Growing(station.submitter, station.register, house.model, station.vault, CLOCK)


async def test_a_visit_and_its_opinions_are_shown(house: House) -> None:
    """Who visited, and what was said, stand on its page for those of the zone; an auditor sees the ends alone."""
    visit = await recorded(house)
    page = (await house.visit("clerk", f"/visits/{visit}")).text
    assert all(text in page for text in SAID)
    seen = await house.visit("auditor", f"/visits/{visit}")
    assert seen.status_code == 200
    assert not any(text in seen.text for text in SAID)
    assert "open" in seen.text


async def test_each_opinion_comes_to_its_end_and_the_figures_add_up(house: House) -> None:
    """One is solved, one becomes a grievance, one stays open: three collected, by themselves."""
    visit = await recorded(house)
    assert await end(house, visit, "solve_opinion", 1, note=NOTE) == 303
    assert await end(house, visit, "make_grievance", 2) == 303
    figures = visits.total(visits.figures_in(house.model, Scope(unit=UNIT)))
    assert (figures.collected, figures.solved, figures.grievance, figures.passed_up, figures.open) == (
        3,
        1,
        1,
        0,
        1,
    )
    assert (figures.visits, figures.persons) == (1, 5)
    other = visits.total(visits.figures_in(house.model, Scope(unit=UNIT), "district"))
    assert (other.visits, other.collected) == (0, 0)


async def test_a_grievance_grows_once_whatever_is_repeated(house: House) -> None:
    """The reaction lodges one case with the opinion's words, however often it looks, and both pages lead to each other."""
    visit = await recorded(house)
    assert await end(house, visit, "make_grievance", 2) == 303
    case = case_of(f"{visit}/2")
    assert case_by_id(house.model, case) is None
    for _ in range(2):
        await grown(house).look()
    await house.settle()
    assert await grown(house).look() == 0
    page = (await house.visit("clerk", f"/cases/{case}")).text
    assert SAID[1] in page
    assert f"/visits/{visit}" in page
    assert f"/cases/{case}" in (await house.visit("clerk", f"/visits/{visit}")).text
    view = case_by_id(house.model, case)
    assert view is not None
    assert (len(view.events), view.case.channel, view.case.zone) == (1, "officer_visit", "east")


async def test_a_figure_leads_to_its_visits(house: House) -> None:
    """Each figure leads to the visits with an opinion of that end, and to no other."""
    visit = await recorded(house)
    assert await end(house, visit, "solve_opinion", 1, note=NOTE) == 303
    for ended, is_there in (("solved", True), ("open", True), ("grievance", False), ("passed_up", False)):
        page = (await house.visit("auditor", f"/visits?end={ended}")).text
        assert (f"/visits/{visit}" in page) is is_there
        assert f"&amp;end={ended}#visits-title" in page


async def test_an_opinion_that_tells_of_danger_is_seen_to(house: House) -> None:
    """A case that grew from words of danger has the time by which somebody on duty looks."""
    visit = await recorded(house, opinion_1="隔壁有人要自杀。（虚构）")
    assert await end(house, visit, "make_grievance", 1) == 303
    await grown(house).look()
    await house.settle()
    view = case_by_id(house.model, case_of(f"{visit}/1"))
    assert view is not None
    assert view.case.danger_due_at is not None


async def test_what_is_over_is_offered_no_more(house: House) -> None:
    """A solved opinion has no forms, and a second end is refused at the form."""
    visit = await recorded(house)
    assert await end(house, visit, "solve_opinion", 1, note=NOTE) == 303
    page = (await house.visit("clerk", f"/visits/{visit}")).text
    assert 'id="solve_opinion-1"' not in page
    assert 'id="solve_opinion-2"' in page
    assert await end(house, visit, "make_grievance", 1) == 422


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"persons": "none"}, "persons"),
        ({"persons": "0"}, "persons"),
        ({"rank": ""}, "rank"),
        ({"visitor": ""}, "visitor"),
        ({"day": "2026-13-40"}, "day"),
        ({"zone": "nowhere"}, "zone"),
    ],
)
async def test_mistakes_are_said_at_the_field(house: House, fields: dict[str, str], at: str) -> None:
    """The form comes back with what was typed and a sentence at the field; nothing is recorded."""
    answer = await record(house, **fields)
    assert answer.status_code == 422
    assert re.search(rf'id="field-{at}"[^>]*aria-invalid="true"', answer.text)
    assert SAID[0] in answer.text
    assert visits.visits_in(house.model, Scope(unit=UNIT)) == ()


async def test_the_list_filters_by_month_rank_and_zone(house: House) -> None:
    """A visit stands in its month, rank and zone, and in no other."""
    visit = await recorded(house)
    for query, is_there in (
        ("", True),
        ("?rank=section", True),
        ("?rank=community", False),
        ("?zone=west", False),
        ("?month=2020-01", False),
    ):
        assert (f"/visits/{visit}" in (await house.visit("supervisor", f"/visits{query}")).text) is is_there
    assert (await house.visit("supervisor", "/visits?month=July")).status_code == 422


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("neighbour", 403), ("handler", 200)])
async def test_who_sees_a_visit(house: House, who: str, status: int) -> None:
    """Staff of the community and auditors see it; others do not."""
    visit = await recorded(house)
    assert (await house.visit(who, f"/visits/{visit}")).status_code == status


async def test_a_visit_that_is_none_is_not_found(house: House) -> None:
    """An id that is none, or leads nowhere, is not found."""
    for visit in ("none", f"vst_{'0' * 32}"):
        assert (await house.visit("clerk", f"/visits/{visit}")).status_code == 404


async def test_a_rebuild_gives_the_same(house: House, tmp_path: Path) -> None:
    """Folded anew from the log, visits and opinions are the same rows."""
    visit = await recorded(house)
    await end(house, visit, "add_opinion", 1, opinion=NOTE)
    await end(house, visit, "solve_opinion", 4, note=NOTE)
    scratch = ReadModel.open(f"sqlite:///{tmp_path / 'scratch.sqlite'}", house.station.ledger)
    try:
        found = await compare_with_log(house.station.log, house.model, scratch)
    finally:
        scratch.close()
    assert found.difference is None
