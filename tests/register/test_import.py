"""Imports and exports of the register: problems by row and column, nothing half entered, nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook

from contracts import register as r
from contracts.reference import RegisterHistory
from services.register.category_file import category_tree, read_category_paths
from services.register.importing import Plan, Planner
from services.register.sheets import COLUMNS, Row, read_tables, write_tables
from tests.commands.test_command_line import barograph
from tests.support.given import ADMINISTRATOR, BEGINNING
from web.sheets import SheetError

CATEGORIES = Path(__file__).parents[3] / "shared" / "data" / "grievance-categories.xlsx"
ZONE = ZoneInfo("Asia/Shanghai")

GOOD = {
    "units": [["s1", "虚构街道", "street", "", "", ""], ["c1", "虚构社区", "community", "", "s1", ""]],
    "people": [["007", "虚构人员"]],
    "posts": [["c1", "chief", "片长", "grid_worker", "", "", "", "1", "five-posts"]],
    "appointments": [["007", "grid_worker", "c1", "", "chief", "2026-01-01", "2026-12-31"]],
    "zones": [["c1", "z1", "一区", "东至示例路", "007"]],
}


def book(file: Path, tables: dict[str, list[list[str]]]) -> Path:
    """A workbook with these tables under our headings."""
    made = Workbook()
    for name, rows in tables.items():
        sheet = made.create_sheet(name)
        for row in ([*COLUMNS[name]], *rows):
            sheet.append(row)
    made.save(file)
    return file


def planned(file: Path) -> Plan:
    """What a file would enter in an empty register."""
    planner = Planner(
        RegisterHistory(ADMINISTRATOR.actor), BEGINNING, ZONE, lambda number: f"act_person{number:>05}"
    )
    return planner.plan(read_tables(file))


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    """Each row is a command, and a zone with a responsible person two; their order is that of their needs."""
    plan = planned(book(tmp_path / "good.xlsx", GOOD))
    assert plan.problems == []
    assert [step.type.split(".")[1] for step in plan.steps] == [
        "define_unit",
        "define_unit",
        "define_person",
        "define_post",
        "appoint",
        "define_zone",
        "name_responsible",
    ]


def test_every_problem_is_listed_by_row_and_column(tmp_path: Path) -> None:
    """All rows are tried: what the form, the cell or a rule finds wrong is each named at its place."""
    bad = {
        "units": [
            ["s1", "虚构街道", "village", "", "", ""],
            ["c 1", "", "community", "", "", ""],
            ["c2", "虚构社区", "community", "", "nowhere", ""],
        ],
        "posts": [["c1", "chief", "片长", "grid_worker", "", "", "", "many", ""]],
        "appointments": [["007", "clerk", "c1", "", "", "2026-02-30", ""]],
        "zones": [["c1", "z1", "一区", "", "007"]],
    }
    plan = planned(book(tmp_path / "bad.xlsx", bad))
    assert {(problem.table, problem.row, problem.column) for problem in plan.problems} == {
        ("units", 2, "tier"),
        ("units", 3, "unit"),
        ("units", 3, "name"),
        ("units", 4, "parent"),
        ("posts", 2, "seats"),
        ("appointments", 2, "since"),
        ("zones", 2, "unit"),
        ("zones", 2, "zone"),
    }
    assert all(problem.sentence.endswith(".") for problem in plan.problems)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nothing.xlsx", None),
        ("text.xlsx", b"no workbook"),
        ("other.csv", b"a,b\n1,2\n"),
        ("gb.csv", "unit,name\nu,\u793e\u533a\n".encode("gb18030")),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    """What is no table of ours is refused with one sentence."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SheetError):
        read_tables(tmp_path / name)


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    """A name that begins like a formula is written as text, and read back as it was."""
    for file in (tmp_path / "u.xlsx", tmp_path / "u.csv"):
        write_tables(file, {"units": [["u", "=HYPERLINK(1)", "city", None, None, None]]})
        assert read_tables(file)[0].cells["name"] == "=HYPERLINK(1)"
    assert "'=HYPERLINK" in (tmp_path / "u.csv").read_text("utf-8-sig")


def test_on_the_command_line_nothing_is_entered_twice(tmp_path: Path) -> None:
    """A dry run enters nothing; an import enters all; a second one, and one of the export, add nothing."""
    home, good = tmp_path / "home", book(tmp_path / "good.xlsx", GOOD)
    assert barograph(home, "init").returncode == 0
    counts = []
    for options in (["--dry-run"], [], []):
        done = barograph(home, "register", "import", str(good), "--json", *options)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        counts.append((told["to_enter"], told["entered"], told["standing"]))
    assert counts == [(7, 0, 0), (7, 7, 0), (0, 0, 7)]
    out = tmp_path / "out.xlsx"
    assert barograph(home, "register", "export", str(out)).returncode == 0
    assert "虚构人员" in {row[1] for row in load_workbook(out)["people"].iter_rows(values_only=True)}
    again = barograph(home, "register", "import", str(out), "--json")
    assert json.loads(again.stdout)["to_enter"] == 0, again.stdout


def test_a_bad_file_ends_the_command(tmp_path: Path) -> None:
    """Wrong rows end with 1 and enter nothing, another kind of file with 2 and a sentence."""
    home = tmp_path / "home"
    assert barograph(home, "init").returncode == 0
    bad = book(
        tmp_path / "bad.xlsx", {"units": [["s1", "S", "street", "", "", ""], ["c", "", "", "", "", ""]]}
    )
    done = barograph(home, "register", "import", str(bad))
    assert done.returncode == 1
    assert "units, row 3, name: Fill in this field." in done.stdout
    assert "0 entered" in done.stdout
    other = barograph(home, "register", "import", str(tmp_path / "none.xlsx"))
    assert (other.returncode, other.stderr) == (2, f"barograph: there is no file {tmp_path / 'none.xlsx'}\n")


def test_a_template_has_the_headings(tmp_path: Path) -> None:
    """A template holds each table's headings; one table may be had as CSV."""
    home = tmp_path / "home"
    assert barograph(home, "register", "template", str(tmp_path / "t.xlsx")).returncode == 0
    held = load_workbook(tmp_path / "t.xlsx")
    assert {name: tuple(c.value for c in held[name][1]) for name in held.sheetnames} == dict(COLUMNS)
    assert barograph(home, "register", "template", str(tmp_path / "t.csv")).returncode == 2
    assert (
        barograph(home, "register", "template", str(tmp_path / "t.csv"), "--table", "zones").returncode == 0
    )


@pytest.mark.parametrize("scheme", ["five-posts", "chain"])
def test_a_scheme_of_posts_is_data(tmp_path: Path, scheme: str) -> None:
    """A scheme's posts come in a template that an import takes as it is; an unknown scheme is named."""
    home, file = tmp_path / "home", tmp_path / "posts.csv"
    options = ("--table", "posts", "--unit", "c1", "--scheme")
    assert barograph(home, "register", "template", str(file), *options, scheme).returncode == 0
    unit = Row("units", 2, {"unit": "c1", "name": "虚构社区", "tier": "community"})
    planner = Planner(RegisterHistory(ADMINISTRATOR.actor), BEGINNING, ZONE, str)
    plan = planner.plan([unit, *read_tables(file)])
    assert plan.problems == []
    assert len(plan.steps) == 6
    other = barograph(home, "register", "template", str(tmp_path / "o.csv"), *options, "weather")
    assert (other.returncode, "schemes are five-posts, chain" in other.stderr) == (2, True)


def tree_file(file: Path, *rows: tuple[str, ...]) -> Path:
    """A workbook with a column for each level."""
    made = Workbook()
    for row in (("一级", "二级", "三级"), *rows):
        made.worksheets[0].append(row)
    made.save(file)
    return file


def test_codes_stay_from_one_version_to_the_next(tmp_path: Path) -> None:
    """A category that both versions have keeps its code; a retired one keeps its name at its time."""
    history = RegisterHistory(ADMINISTRATOR.actor)
    for rows in ([("甲", "乙", "丙"), ("甲", "丁")], [("新",), ("甲", "丁"), ("甲", "戊")]):
        paths = read_category_paths(tree_file(tmp_path / f"{len(rows)}.xlsx", *rows))
        tree = category_tree(paths, history.at(history.end))
        history.fold(BEGINNING, [r.CategoriesDefinedV1(version=str(history.end), categories=tree)])
    first, second = ({c.name: c.code for c in history.at(n).categories()} for n in (1, 2))
    assert (first["甲"], first["丁"]) == (second["甲"], second["丁"])
    assert second["戊"] not in first.values()
    retired = first["丙"]
    assert history.at(2).category(retired) is None
    old = history.at(1).category(retired)
    assert old is not None
    assert old.name == "丙"


@pytest.mark.skipif(not CATEGORIES.exists(), reason="../shared/data is not here")
def test_the_real_tree() -> None:
    """The tree at hand has 517 rows with 15, 103 and 390 different names, and fits one record."""
    paths = read_category_paths(CATEGORIES)
    assert len(paths) == 517
    assert [len({path[level] for path in paths}) for level in range(3)] == [15, 103, 390]
    empty = RegisterHistory(ADMINISTRATOR.actor)
    tree = category_tree(paths, empty.at(0))
    said = r.DefineCategoriesV1(version="1", categories=tree)
    assert len(said.model_dump_json(exclude_none=True).encode()) < 57 * 1024
    empty.fold(BEGINNING, [r.CategoriesDefinedV1(**said.__dict__)])
    assert category_tree(paths, empty.at(1)) == tree
