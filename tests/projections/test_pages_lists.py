"""Lists of households through HTTP: tried, confirmed, exported, and who may."""

from __future__ import annotations

import asyncio
import io
import re

import httpx
import pytest
from openpyxl import load_workbook

from barograph.init import decide_register, enter
from contracts.register import AppointV1
from services.people.household_sheet import read_rows
from services.projections import place_queries
from services.projections.people_queries import readings_of
from services.projections.place_rows import HouseholdRow, ResidentRow
from tests.projections.pages_house import NEIGHBOUR, UNIT, House
from tests.projections.test_pages_households import entered, lives, send
from tests.support.houses import house, staffed_home

__all__ = ["house", "staffed_home"]

AT = f"/places/{UNIT}/households"
HEADS = "责任区,地址,姓名,电话,出生年份"
GOOD = (
    "东片,虚构路一号,虚构居民甲,000-0000-0007,1958",
    "east,虚构路一号,虚构居民乙,,",
    "west,虚构路二号,,,",
)
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_HELD = re.compile(r'name="held" value="([^"]+)"')


def sheet(*rows: str) -> bytes:
    """A list as CSV."""
    return "\n".join((HEADS, *rows)).encode()


async def tried(house: House, content: bytes, by: str = "clerk", name: str = "list.csv") -> httpx.Response:
    """Send a list by its form; the page that tells what it comes to."""
    async with house.visitor(by) as visitor:
        token = _CSRF.findall((await visitor.get(f"{AT}/import")).text)[-1]
        return await visitor.post(f"{AT}/import", data={"csrf": token}, files={"file": (name, content)})


async def confirmed(house: House, page: str, by: str = "clerk") -> httpx.Response:
    """Confirm a list that was tried."""
    async with house.visitor(by) as visitor:
        return await visitor.fill(f"{AT}/import", {"held": _HELD.findall(page)[0]}, f"{AT}/import")


async def imported(house: House, *rows: str) -> None:
    """Try and confirm a list."""
    sent = await confirmed(house, (await tried(house, sheet(*rows))).text)
    assert sent.status_code == 303, sent.text
    await house.settle()


async def standing(house: House) -> tuple[tuple[HouseholdRow, tuple[ResidentRow, ...]], ...]:
    """The households of the community with who lives in them."""
    return (await asyncio.to_thread(place_queries.community_homes, house.model, UNIT)).homes


def problems(page: str) -> list[tuple[str, str]]:
    """The row and column of each problem that a page lists."""
    found = re.findall(r'data-label="Row"[^>]*>(\d+)</td>\s*<td data-label="Column"[^>]*>([^<]*)<', page)
    return [(row, column.strip()) for row, column in found]


async def test_a_list_is_tried_first_and_enters_nothing(house: House) -> None:
    """The preview tells what a good list comes to; until it is confirmed no household stands."""
    page = await tried(house, sheet(*GOOD))
    assert page.status_code == 200
    assert re.search(r"Households to enter</dt>\s*<dd[^>]*>\s*2", page.text)
    assert re.search(r"Residents to enter</dt>\s*<dd[^>]*>\s*2", page.text)
    await house.settle()
    assert await standing(house) == ()


async def test_a_confirmed_list_stands(house: House) -> None:
    """Its households and residents are on their pages, by the zone's name as well as by its code."""
    await imported(house, *GOOD)
    homes = await standing(house)
    assert [(row.zone, len(people)) for row, people in homes] == [("east", 2), ("west", 0)]
    page = (await house.visit("clerk", f"/households/{homes[0][0].household_id}")).text
    for said in ("虚构路一号", "虚构居民甲", "虚构居民乙", "000-0000-0007", "1958"):
        assert said in page


async def test_the_same_list_again_adds_nothing(house: House) -> None:
    """All of it stands already, and there is nothing to confirm."""
    await imported(house, *GOOD)
    page = await tried(house, sheet(*GOOD))
    assert page.status_code == 200
    assert "there is nothing to enter" in page.text
    assert _HELD.findall(page.text) == []


async def test_a_list_confirmed_twice_enters_once(house: House) -> None:
    """Two pages that were shown before either was confirmed: the second finds that everything stands."""
    first, second = [await tried(house, sheet(*GOOD)) for _ in range(2)]
    assert (await confirmed(house, first.text)).status_code == 303
    await house.settle()
    assert (await confirmed(house, second.text)).status_code == 303
    await house.settle()
    assert [len(people) for _, people in await standing(house)] == [2, 0]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("nowhere,虚构路一号,虚构居民甲,,", "Zone"),
        (",虚构路一号,虚构居民甲,,", "Zone"),
        ("east,,虚构居民甲,,", "Address"),
        ("east,虚构路一号,,000-0000-0007,", "Name"),
        ("east,虚构路一号,虚构居民甲,none,", "Telephone"),
        ("east,虚构路一号,虚构居民甲,,58", "Year of birth"),
    ],
)
async def test_a_wrong_cell_is_named_by_row_and_column(house: House, row: str, column: str) -> None:
    """What is wrong with the third row is said there, and nothing can be confirmed."""
    page = await tried(house, sheet(GOOD[2], row))
    assert page.status_code == 422
    assert problems(page.text) == [("3", column)]
    assert _HELD.findall(page.text) == []


async def test_every_problem_of_a_list_is_listed(house: House) -> None:
    """One wrong row hides no other."""
    page = await tried(house, sheet("nowhere,虚构路一号,甲,none,", "east,虚构路一号,乙,none,58", GOOD[2]))
    assert problems(page.text) == [
        ("2", "Zone"),
        ("2", "Telephone"),
        ("3", "Telephone"),
        ("3", "Year of birth"),
    ]


async def test_one_person_twice_in_a_list_is_a_problem(house: House) -> None:
    """In one household by name, in two by name and telephone: the second row is named."""
    other = "west,虚构路二号,虚构居民甲,000 0000 0007,1958"
    page = await tried(house, sheet(*GOOD, GOOD[1], other))
    assert problems(page.text) == [("5", "Name"), ("6", "Telephone")]


async def test_a_list_corrects_and_moves_nobody(house: House) -> None:
    """Another year for who stands, and who stands elsewhere, are problems with the page to go to."""
    await imported(house, *GOOD)
    year = "east,虚构路一号,虚构居民甲,000-0000-0007,1959"
    moved = "west,虚构路二号,虚构居民甲,000-0000-0007,1958"
    page = await tried(house, sheet(year, moved))
    assert problems(page.text) == [("2", "Name"), ("3", "Telephone")]


async def test_a_new_resident_joins_a_household_that_stands(house: House) -> None:
    """By its address, however spaced; no second household is entered for it."""
    household = await entered(house, "east", "虚构路一号")
    await imported(house, "east,虚构路 一号,虚构居民甲,,")
    homes = await standing(house)
    assert [(row.household_id, len(people)) for row, people in homes] == [(household, 1)]


async def test_who_left_can_be_entered_again(house: House) -> None:
    """A list enters anew who moved away since it was imported, and a household that has ended."""
    await imported(house, GOOD[1])
    row, people = (await standing(house))[0]
    assert await send(house, row.household_id, "move_away", resident=people[0].resident_id) == 303
    await imported(house, GOOD[1])
    row, people = (await standing(house))[0]
    assert [one.state for one in people].count("here") == 1
    here = next(one for one in people if one.state == "here")
    assert await send(house, row.household_id, "move_away", resident=here.resident_id) == 303
    assert await send(house, row.household_id, "end_household") == 303
    await imported(house, GOOD[1])
    assert [row.residents for row, _ in await standing(house)] == [1]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_an_export_comes_back_as_nothing_new(house: House, kind: str) -> None:
    """What was exported has every value that was entered, and imports as standing already."""
    await imported(house, *GOOD)
    saved = await house.visit("clerk", f"{AT}/export?kind={kind}")
    assert saved.headers["content-disposition"].startswith("attachment")
    cells = [row.cells for row in read_rows(f"list.{kind}", saved.content)]
    told = [(one["zone"], one["address"], one.get("name"), one.get("telephone")) for one in cells]
    assert sorted(told, key=str) == [
        ("east", "虚构路一号", "虚构居民乙", None),
        ("east", "虚构路一号", "虚构居民甲", "000-0000-0007"),
        ("west", "虚构路二号", None, None),
    ]
    page = await tried(house, saved.content, name=f"list.{kind}")
    assert "there is nothing to enter" in page.text


async def test_an_export_is_on_record(house: House) -> None:
    """Who exports reads every household and resident of it, and that is on record."""
    household = await entered(house)
    await lives(house, household)
    await house.settle()
    resident = (await standing(house))[0][1][0]
    before = (await asyncio.to_thread(readings_of, house.model, [household, resident.subject], 9)).total
    await house.visit("supervisor", f"{AT}/export")
    await house.settle()
    readings = await asyncio.to_thread(readings_of, house.model, [household, resident.subject], 9)
    assert readings.total == before + 2
    assert {row.actor for row in readings.rows[:2]} == {house.people["supervisor"]}


async def test_a_grid_worker_lists_their_zone_alone(house: House) -> None:
    """They export no other zone's households, and a row of another zone is refused."""
    await imported(house, *GOOD)
    appoint = AppointV1(person=house.people["patroller"], role="grid_worker", unit=UNIT, zone="west")
    await enter(house.station, appoint)
    await decide_register(house.station)
    saved = (await house.visit("patroller", f"{AT}/export?kind=csv")).text
    assert "虚构路二号" in saved
    assert "虚构路一号" not in saved
    assert (await house.visit("patroller", f"{AT}/export?zone=east")).status_code == 403
    page = await tried(house, sheet("west,虚构路三号,,,", "east,虚构路一号,虚构居民甲,,"), "patroller")
    assert problems(page.text) == [("3", "Zone")]


@pytest.mark.parametrize("who", ["auditor", "handler", "admin", "neighbour"])
async def test_others_have_no_lists(house: House, who: str) -> None:
    """Who sees no household neither imports nor exports a list of them."""
    for path in (f"{AT}/import", f"{AT}/export"):
        assert (await house.visit(who, path)).status_code == 403


async def test_who_guards_personal_data_enters_none(house: House) -> None:
    """A data protection officer may export, and is not offered an import."""
    assert (await house.visit("dpo", f"{AT}/export")).status_code == 200
    assert (await house.visit("dpo", f"{AT}/import")).status_code == 403
    assert f"{AT}/import" not in (await house.visit("dpo", "/households")).text
    assert f"{AT}/import" in (await house.visit("clerk", "/households")).text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.xlsx", b"no workbook"),
        ("list.csv", "姓名\n甲\n".encode()),
        ("list.csv", f"{HEADS},身份证号\n".encode()),
        ("list.csv", f"{HEADS},zone\n".encode()),
        ("list.csv", HEADS.encode("gb18030")),
        ("list.csv", b""),
        ("list.csv", HEADS.encode()),
        ("", b""),
    ],
)
async def test_a_file_that_is_no_list_is_said_at_the_field(house: House, name: str, content: bytes) -> None:
    """No workbook, a column that is missing, unknown or there twice, another encoding, nothing: a sentence."""
    page = await tried(house, content, name=name)
    assert page.status_code == 422
    assert 'id="field-file-error"' in page.text


async def test_only_who_tried_a_list_confirms_it(house: House) -> None:
    """Another person's list, or one that is no longer at hand, is chosen again."""
    page = await tried(house, sheet(*GOOD))
    other = await confirmed(house, page.text, by="supervisor")
    assert other.status_code == 422
    assert "choose it again" in other.text
    assert (await house.visit("clerk", f"/places/{NEIGHBOUR}/households/import")).status_code == 403


async def test_a_template_has_the_visitors_headings(house: House) -> None:
    """In Chinese for who reads Chinese; an import reads either."""
    english = (await house.visit("clerk", f"{AT}/template?kind=csv")).content.decode("utf-8-sig")
    assert english.strip() == "household,zone,address,name,telephone,birth_year"
    chinese = await house.visit("clerk", f"{AT}/template", **{"accept-language": "zh-CN"})
    heads = [cell.value for cell in load_workbook(io.BytesIO(chinese.content)).active[1]]  # type: ignore[index]
    assert heads == ["住户编号", "责任区", "地址", "姓名", "电话", "出生年份"]
    assert read_rows("list.xlsx", chinese.content) == []


async def test_nothing_of_a_list_reaches_the_log_in_plain(house: House) -> None:
    """Addresses, names and telephones of a list are sealed before the topic."""
    await imported(house, *GOOD)
    for topic in ("people.submissions", "people.events"):
        for partition in range(house.station.ledger.genesis.partitions):
            for record in await house.station.log.read(topic, partition, 0, 1000):
                for secret in ("虚构路一号", "虚构居民甲", "000-0000-0007"):
                    assert secret.encode() not in (record.value or b"")
