"""The administrator's page of funds and programmes, and their files: what is entered, changed, and wrong at its field."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from contracts import register as r
from contracts.reference import RegisterHistory
from services.register.importing import Plan, Planner, exported
from services.register.sheets import COLUMNS, Row, read_tables, write_tables
from tests.projections.pages_house import UNIT, House
from tests.support.given import ADMINISTRATOR, BEGINNING

PATH = f"/register/units/{UNIT}"
EXAMPLES = Path(__file__).parents[2] / "examples" / "aid"
FUND = {"fund": "hardship", "name": "虚构专项资金", "kind": "hardship"}
PROGRAMME = {
    "programme": "illness",
    "name": "虚构大病救助",
    "kind": "illness",
    "criteria": "虚构标准",
    "fund": "hardship",
    "method": "share",
    "amount": "30,000",
    "percent": "40",
    "threshold": "5000.50",
    "income_limit": "1400",
    "documents": "bills 医疗费用结算单\nidentity：身份证明",
    "months": "1",
    "notice_days": "7",
    "source": "虚构规定",
}


async def send(house: House, command: str, **fields: str) -> httpx.Response:
    """Send one of the page's forms as the administrator."""
    async with house.visitor("admin") as visitor:
        return await visitor.fill(f"/register/{command}", {"here": UNIT, **fields}, PATH)


async def test_a_fund_and_a_programme_are_entered_and_shown(house: House) -> None:
    """What an administrator enters stands on the page, with its sums in yuan."""
    assert (await send(house, "define_fund", **FUND)).status_code == 303
    assert (await send(house, "define_programme", **PROGRAMME)).status_code == 303
    page = (await house.visit("admin", PATH)).text
    assert "虚构专项资金" in page
    assert "40% of the cost above 5,000.50 yuan, at most 30,000.00 yuan" in page
    assert "Income up to 1,400.00 yuan a person and month" in page
    assert "身份证明" in page
    register = await house.station.register.catch_up()
    held = register.programme("illness")
    assert held is not None
    assert (held.benefit.amount, held.benefit.threshold, held.income_limit) == (3_000_000, 500_050, 140_000)
    assert [one.document for one in held.documents] == ["bills", "identity"]


async def test_a_change_begins_with_what_holds(house: House) -> None:
    """The form to change a programme is filled in; sent back closed it is version 2."""
    await send(house, "define_fund", **FUND)
    await send(house, "define_programme", **PROGRAMME)
    page = (await house.visit("admin", f"{PATH}?programme=illness")).text
    assert 'id="change-define_programme" open' in page
    assert 'value="30000.00"' in page
    assert 'value="5000.50"' in page
    assert "bills 医疗费用结算单" in page
    assert (await send(house, "define_programme", **PROGRAMME, retired="yes")).status_code == 303
    page = (await house.visit("admin", PATH)).text
    assert "No longer open" in page
    assert (await house.station.register.catch_up()).programme("illness").version == 2  # type: ignore[union-attr]
    assert (await house.visit("admin", f"{PATH}?programme=none")).status_code == 404
    assert (await house.visit("admin", f"{PATH}?fund=none")).status_code == 404


async def test_what_is_wrong_stands_at_its_field(house: House) -> None:
    """A sum that is none, a percent too many, a document without a name, and no kind are each named where they are."""
    await send(house, "define_fund", **FUND)
    wrong = {"amount": "-5", "percent": "140", "documents": "bills", "kind": "", "notice_days": "soon"}
    sent = await send(house, "define_programme", **{**PROGRAMME, **wrong})
    assert sent.status_code == 422
    for field in wrong:
        assert f'id="define_programme-{field}-error"' in sent.text, field
    assert "虚构大病救助" in sent.text


async def test_what_the_rules_refuse_stands_at_its_field(house: House) -> None:
    """A share without its percent is said at the percent, and a fund that keeps its kind at the kind."""
    await send(house, "define_fund", **FUND)
    sent = await send(house, "define_programme", **{**PROGRAMME, "percent": ""})
    assert sent.status_code == 422
    assert 'id="define_programme-percent-error"' in sent.text
    sent = await send(house, "define_fund", **{**FUND, "kind": "donations"})
    assert 'id="define_fund-kind-error"' in sent.text


def planned(*files: Path) -> tuple[Plan, RegisterHistory]:
    """What these files would enter in a register with one community, and the register then."""
    history = RegisterHistory(ADMINISTRATOR.actor)
    history.fold(BEGINNING, [r.UnitDefinedV1(unit="demo", name="虚构社区", tier="community")])
    planner = Planner(history, BEGINNING, ZoneInfo("Asia/Shanghai"), str)
    rows: list[Row] = [row for file in files for row in read_tables(file)]
    return planner.plan(rows), planner.history


def test_the_example_enters_the_nine_programmes() -> None:
    """The files of the examples are taken as they are: three funds, and a programme of each kind."""
    plan, history = planned(EXAMPLES / "funds.csv", EXAMPLES / "programmes.csv")
    assert plan.problems == []
    assert len(plan.steps) == 3 + 9
    assert len({one.kind for one in history.at(history.end).programmes()}) == 9


def test_an_export_is_taken_back_and_adds_nothing(tmp_path: Path) -> None:
    """What is exported stands already when it is imported again."""
    files = (EXAMPLES / "funds.csv", EXAMPLES / "programmes.csv")
    _, history = planned(*files)
    zone = ZoneInfo("Asia/Shanghai")
    tables = exported(history.at(history.end), BEGINNING, zone, str, ("funds", "programmes"))
    out = tmp_path / "out.xlsx"
    write_tables(out, tables)
    again = Planner(history, BEGINNING, zone, str).plan(read_tables(out))
    assert (again.steps, again.standing, again.problems) == ([], 12, [])


def test_a_bad_row_is_named_by_its_column(tmp_path: Path) -> None:
    """A sum, a tick, a document and a way of working out a grant are each named where they are wrong."""
    good = {**PROGRAMME, "unit": "demo"}
    bad = (
        {"amount": "many"},
        {"retired": "maybe"},
        {"documents": "bills"},
        {"method": "magic"},
        {"percent": ""},
    )
    rows = [[{**good, **one}.get(column) for column in COLUMNS["programmes"]] for one in bad]
    file = tmp_path / "bad.csv"
    write_tables(file, {"programmes": rows})
    plan, _ = planned(EXAMPLES / "funds.csv", file)
    assert [problem.column for problem in plan.problems] == [next(iter(one)) for one in bad]
