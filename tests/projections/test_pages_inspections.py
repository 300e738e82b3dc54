"""The page of inspections through HTTP: coverage, recording one, putting findings right."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.growing import Growing
from barograph.init import CLOCK, decide_register, enter
from contracts.inspection_kinds import DefineInspectionV1
from services.projections.difference import compare_with_log
from services.projections.store import ReadModel
from tests.projections.pages_house import UNIT, House
from tests.support.houses import house, staffed_home

__all__ = ["house", "staffed_home"]

FINDING, HOW = "消防通道停了车（虚构）", "车已挪走（虚构）"
NEW = f"/places/{UNIT}/new/carry_out_inspection"


async def kind(house: House) -> None:
    """A kind of inspection, for each zone every quarter, is in the register."""
    body = DefineInspectionV1(unit=UNIT, inspection="round", name="季度巡查", cycle="quarter", each="zone")
    await enter(house.station, body)
    await decide_register(house.station)


async def carry_out(house: House, by: str = "clerk", **fields: str) -> int:
    """Send the form; return the status."""
    told = {"inspection": "round", "zone": "east", **fields}
    async with house.visitor(by) as visitor:
        return (await visitor.fill(NEW, told, "/inspections")).status_code


async def test_without_a_kind_nothing_is_claimed(house: House) -> None:
    """Where no kind is in force the page says so, and shows no figure."""
    assert "No kind of inspection is in force here" in (await house.visit("clerk", "/inspections")).text


async def test_an_inspection_covers_its_zone(house: House) -> None:
    """Two zones are due; after one is inspected, the other is named as missing."""
    await kind(house)
    assert "0 of 2" in (await house.visit("clerk", "/inspections")).text
    assert await carry_out(house) == 303
    shown = (await house.visit("supervisor", "/inspections")).text
    assert "1 of 2" in shown
    assert "西片" in shown
    assert "not in force" in shown


async def test_a_finding_is_put_right(house: House) -> None:
    """A finding waits on the page until how it was put right is recorded; the count says so."""
    await kind(house)
    assert await carry_out(house, finding_1=FINDING) == 303
    shown = (await house.visit("handler", "/inspections")).text
    assert FINDING in shown
    path = next(part for part in shown.split('"') if part.endswith("/put_right"))
    async with house.visitor("handler") as visitor:
        blank = await visitor.fill(path, {"finding": "1"}, "/inspections")
        early = await visitor.fill(path, {"finding": "1", "how": HOW, "day": "2020-01-01"}, "/inspections")
        sent = await visitor.fill(path, {"finding": "1", "how": HOW}, "/inspections")
    assert (blank.status_code, early.status_code, sent.status_code) == (422, 422, 303)
    assert 'id="field-how-error"' in blank.text
    assert 'id="field-day-error"' in early.text
    after = (await house.visit("handler", "/inspections")).text
    assert "1 of 1 findings were put right" in after
    assert FINDING not in after


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"inspection": ""}, "inspection"),
        ({"zone": ""}, "zone"),
        ({"day": "soon"}, "day"),
        ({"day": "2999-01-01"}, "day"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(house: House, fields: dict[str, str], field: str) -> None:
    """No kind, no zone, no day and a day to come are said at their fields."""
    await kind(house)
    async with house.visitor("clerk") as visitor:
        told = {"inspection": "round", "zone": "east", **fields}
        sent = await visitor.fill(NEW, told, "/inspections")
    assert sent.status_code == 422
    assert f'id="field-{field}-error"' in sent.text


async def test_an_auditor_sees_coverage_and_no_finding(house: House) -> None:
    """An auditor sees what was due and how many findings there are, not what was found."""
    await kind(house)
    await carry_out(house, finding_1=FINDING)
    shown = (await house.visit("auditor", "/inspections")).text
    assert "1 of 2" in shown
    assert "0 of 1 findings" in shown
    assert FINDING not in shown


async def test_a_fresh_fold_gives_the_same_rows(house: House, tmp_path: Path) -> None:
    """The audit's comparison of the read model with the log finds no difference in inspections."""
    await kind(house)
    await carry_out(house, finding_1=FINDING, finding_2=HOW)
    scratch = ReadModel.open(f"sqlite:///{tmp_path / 'scratch.sqlite'}", house.station.ledger)
    try:
        compared = await compare_with_log(house.station.log, house.model, scratch)
    finally:
        scratch.close()
    assert compared.difference is None


async def test_a_finding_becomes_a_grievance(house: House) -> None:
    """It is lodged once with the finding's words, stays to be put right, and both pages lead to each other."""
    await kind(house)
    assert await carry_out(house, finding_1=FINDING) == 303
    shown = (await house.visit("clerk", "/inspections")).text
    path = next(part for part in shown.split('"') if part.endswith("/make_finding_grievance"))
    async with house.visitor("clerk") as visitor:
        assert (await visitor.fill(path, {"finding": "1"}, "/inspections")).status_code == 303
    station = house.station
    growing = Growing(station.submitter, station.register, house.model, station.vault, CLOCK)
    for _ in range(2):
        await growing.look()
    await house.settle()
    assert await growing.look() == 0
    shown = (await house.visit("clerk", "/inspections")).text
    case = next(part for part in shown.split('"') if part.startswith("/cases/grv_"))
    assert "make_finding_grievance" not in shown
    assert "put_right" in shown
    page = (await house.visit("clerk", case)).text
    assert FINDING in page
    assert 'href="/inspections"' in page


async def test_a_joint_inspection_names_everybody(house: House) -> None:
    """The page tells who led it and who took part, each with the unit; an auditor sees no names."""
    await kind(house)
    clerk, handler = (f"{house.people[name]}@{UNIT}" for name in ("clerk", "handler"))
    assert await carry_out(house, inspector_1=handler, inspector_2=clerk) == 303
    shown = (await house.visit("supervisor", "/inspections")).text
    lately = shown[shown.index('id="lately-title"') : shown.index('id="carry-title"')]
    assert lately.index("乙承办（虚构）") < lately.index("(leads)") < lately.index("甲窗口（虚构）")
    audit = (await house.visit("auditor", "/inspections")).text
    assert "乙承办（虚构）" not in audit
    assert house.people["handler"] in audit


@pytest.mark.parametrize(
    ("second", "field"), [("", "inspector_1"), ("nobody", "inspector_2"), ("handler", "inspector_2")]
)
async def test_a_wrong_inspector_is_said_at_their_field(house: House, second: str, field: str) -> None:
    """A gap, one who is none of the choices, and one named twice."""
    await kind(house)
    handler = f"{house.people['handler']}@{UNIT}"
    told = {"inspection": "round", "zone": "east", "inspector_2": handler if second != "nobody" else second}
    if second:
        told["inspector_1"] = handler
    async with house.visitor("clerk") as visitor:
        sent = await visitor.fill(NEW, told, "/inspections")
    assert sent.status_code == 422
    assert f'id="field-{field}-error"' in sent.text
