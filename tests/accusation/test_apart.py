"""Whoever is named in an accusation, or stands above the accused in their unit, cannot see that it exists.

One test for each way in which it might be seen; each also shows that who is entrusted sees it, or that what
is searched holds something.
"""

from __future__ import annotations

import asyncio

import httpx
import pytest

from barograph import people_side
from contracts.figures import Scope
from services.projections import queries
from services.projections.figures import figures
from services.projections.live import mark_of
from services.projections.similar import SimilarCases
from services.projections.similar_index import SimilarIndex
from tests.accusation.conftest import HIDDEN_FROM, NAMED, STORY, Inspection
from tests.projections.pages_house import UNIT

TELEPHONE = "000-0000-0042"


@pytest.mark.parametrize("who", HIDDEN_FROM)
async def test_not_by_worklist(inspection: Inspection, who: str) -> None:
    """Neither the queue nor the worklist of anybody concerned has it; that of a clear inspector has."""
    await inspection.lodge()
    _, _, stream = inspection.record()
    for path in ("/accusations", "/cases"):
        page = await inspection.house.visit(who, path)
        assert page.status_code in (200, 403)
        assert stream[4:12] not in page.text
        assert NAMED not in page.text.replace("某被指（虚构）", "")
    assert stream in (await inspection.house.visit("clear", "/accusations")).text


@pytest.mark.parametrize("who", HIDDEN_FROM)
async def test_not_by_notice(inspection: Inspection, who: str) -> None:
    """Nobody is told of an accusation: no row, no line, no number in the menu; of a grievance they are."""
    house = inspection.house
    await inspection.lodge()
    _, _, stream = inspection.record()
    with house.model.engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from g1_notices").scalar_one() == 0
    for path in ("/notices", "/dashboard"):
        page = await house.visit(who, path)
        assert page.status_code in (200, 403)
        assert stream[4:12] not in page.text
        assert 'class="count"' not in page.text
    await house.lodge(story="路灯不亮。（虚构）", danger="life")
    assert 'class="count"' in (await house.visit("supervisor", "/dashboard")).text


async def test_not_by_search(inspection: Inspection) -> None:
    """The telephone of who lodged it finds no data subject, and its tracking number no case."""
    number = await inspection.lodge(telephone=TELEPHONE, reporter_name="虚构举报人")
    house = inspection.house
    assert people_side.find_subject(house.station, UNIT, TELEPHONE) is None
    assert people_side.find_subject(house.station, "-", TELEPHONE) is None
    assert await asyncio.to_thread(queries.case_by_tracking_number, house.model, number) is None
    await house.lodge(story="路灯不亮。（虚构）", telephone=TELEPHONE)
    assert people_side.find_subject(house.station, UNIT, TELEPHONE) is not None


async def test_not_by_duplicate_hint(inspection: Inspection) -> None:
    """A grievance with the same words and the same telephone is no repeat of anything."""
    house = inspection.house
    await inspection.lodge(telephone=TELEPHONE)
    case = await house.lodge(story=STORY, telephone=TELEPHONE)
    index = SimilarIndex(house.station.home.derived / "similar.sqlite", "ledger")
    similar = SimilarCases(house.model, house.station.vault, index)
    assert hints(inspection, similar, case) == 0
    await house.lodge(story=STORY, telephone=TELEPHONE)
    assert hints(inspection, similar, case) == 1
    index.close()


def said(page: httpx.Response) -> str:
    """What a page says in its main part."""
    return page.text.split("<main")[1].split("</main>")[0]


def hints(inspection: Inspection, similar: SimilarCases, case: str) -> int:
    """How many cases are suggested at this one, once the index is up."""
    while similar.catch_up():
        pass
    view = queries.case_by_id(inspection.house.model, case)
    assert view is not None
    return len(similar.find(view.case))


@pytest.mark.parametrize("who", HIDDEN_FROM)
async def test_not_by_drill_down(inspection: Inspection, who: str) -> None:
    """Its own address, and that of a case by its id, answer as if it had never been."""
    await inspection.lodge()
    _, _, stream = inspection.record()
    never = f"acc_{'0' * 32}"
    for path in ("/accusations/{}", "/cases/{}", "/cases/{}/people"):
        found = await inspection.house.visit(who, path.format(stream))
        other = await inspection.house.visit(who, path.format(never))
        assert found.status_code == other.status_code != 200
        assert said(found).replace(stream, never) == said(other)
    assert STORY in (await inspection.house.visit("clear", f"/accusations/{stream}")).text


async def test_not_by_notification(inspection: Inspection) -> None:
    """What open dashboards are told is the same before and after, and is another after a grievance."""
    house = inspection.house

    async def told() -> str:
        positions = await asyncio.to_thread(house.model.positions)
        return mark_of(positions, [place for place in positions.at if place.family == "grievance"])

    before = await told()
    await inspection.lodge()
    assert await told() == before
    await house.lodge(story="路灯不亮。（虚构）")
    assert await told() != before


async def test_not_by_export(inspection: Inspection) -> None:
    """Figures are the same before and after, and the records that go into bundles tell neither whom nor where."""
    house = inspection.house
    before = await asyncio.to_thread(figures, house.model, Scope())
    await inspection.lodge(telephone=TELEPHONE, reporter_name="虚构举报人")
    after = await asyncio.to_thread(figures, house.model, Scope())
    assert after.model_dump(exclude={"as_of"}) == before.model_dump(exclude={"as_of"})
    records = b"".join((record.key or b"") + (record.value or b"") for record in await inspection.records())
    assert b"accusation.lodged.v1" in records
    hidden = [STORY, NAMED, TELEPHONE, "虚构举报人", f'"{UNIT}"']
    hidden += [house.people[who] for who in ("named", "superior", "supervisor", "handler")]
    assert [text for text in hidden if text.encode() in records] == []


@pytest.mark.parametrize("who", ["named", "superior", "auditor"])
async def test_not_by_audit_page(inspection: Inspection, who: str) -> None:
    """By its place on the topic an auditor who is concerned finds what is at a place that has no record."""
    await inspection.lodge()
    partition, offset, _ = inspection.record()
    path = f"/audit/submissions/accusation/{partition}/"
    found = await inspection.house.visit(who, f"{path}{offset}")
    other = await inspection.house.visit(who, f"{path}{offset + 1000}")
    assert found.status_code == other.status_code == 404
    assert said(found) == said(other)
    shown = await inspection.house.visit("watcher", f"{path}{offset}")
    assert shown.status_code == 200
    assert STORY not in shown.text


@pytest.mark.parametrize("who", ["supervisor", "auditor", "superior"])
async def test_not_by_the_list_of_what_was_refused(inspection: Inspection, who: str) -> None:
    """What the workflow refused about one stands on no list."""
    await inspection.lodge()
    _, _, stream = inspection.record()
    async with inspection.house.visitor("clear") as clear:
        page = await clear.fill(
            f"/accusations/{stream}/close", {"form_key": "early"}, f"/accusations/{stream}"
        )
        assert page.status_code == 303
    page = await inspection.house.visit(who, "/decisions")
    assert page.status_code == 200
    assert stream not in page.text
    assert "accusation" not in page.text.replace("/accusations", "")
