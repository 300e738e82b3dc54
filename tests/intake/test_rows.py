"""Rows of other systems' files: what they tell, and what is reported and not used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import from_rfc3339
from services.intake.mapping import DateOrder, ImportMap, read_map
from services.intake.rows import ImportRow, Known, read_rows
from services.intake.tables import Fault, ImportFileError, read_table
from services.intake.told_times import milliseconds_of

EXAMPLES = Path(__file__).parents[2] / "examples" / "maps"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = from_rfc3339("2025-01-01T00:00:00Z")
KNOWN = Known(frozenset({"safety.light"}), frozenset({"east"}), SHANGHAI, NOW)
COLUMNS = {
    "source_id": "no",
    "lodged_at": "opened",
    "closed_at": "closed",
    "target_at": "target",
    "status": "status",
    "category": "kind",
    "zone": "zone",
    "latitude": "lat",
    "longitude": "lon",
    "story": "text",
    "reply": "closing",
    "duplicate_of": "of",
}
PLAN = ImportMap.model_validate(
    {
        "name": "test",
        "channel": "web",
        "dates": "dmy",
        "columns": COLUMNS,
        "values": {"status": {"open": "open", "done": "closed"}, "category": {"lamp": "safety.light"}},
        "duplicate_pattern": r"duplicate of (?P<id>\d+)",
    }
)
GOOD: Mapping[str, Any] = dict.fromkeys(COLUMNS.values()) | {"no": 7, "opened": "1/2/2024", "text": "dark"}


def read(folder: Path, *rows: Mapping[str, Any], plan: ImportMap = PLAN) -> list[ImportRow | Fault]:
    """Read these objects as a JSON file."""
    file = folder / "rows.json"
    file.write_text(json.dumps(rows), "utf-8")
    return list(read_rows(read_table(file, plan), plan, KNOWN))


def one(folder: Path, **cells: Any) -> tuple[ImportRow | None, list[tuple[str, bool]]]:
    """A good row with other cells: the row if it is imported, and column and weight of each fault."""
    found = read(folder, {**GOOD, **cells})
    rows = [row for row in found if isinstance(row, ImportRow)]
    faults = [(fault.column, fault.left_out) for fault in found if isinstance(fault, Fault)]
    return rows[0] if rows else None, faults


@pytest.mark.parametrize(
    ("text", "order", "told"),
    [
        ("2019/4/5 9:32:09", "mdy", "2019-04-05T09:32:09+08:00"),
        ("4/5/2019", "mdy", "2019-04-05T00:00:00+08:00"),
        ("4/5/2019", "dmy", "2019-05-04T00:00:00+08:00"),
        ("4.5.2019 7:05", "dmy", "2019-05-04T07:05:00+08:00"),
        ("1/6/2023 9:15:00 PM", "mdy", "2023-01-06T21:15:00+08:00"),
        ("1/6/2023 12:00 a.m.", "mdy", "2023-01-06T00:00:00+08:00"),
        ("2024-03-01T08:00:00Z", "dmy", "2024-03-01T08:00:00+00:00"),
        ("2024-03-01 08:00:00.125-0500", "dmy", "2024-03-01T08:00:00.125-05:00"),
        ("2019年4月5日 9:32", "ymd", "2019-04-05T09:32:00+08:00"),
        ("2019年4月5日", "ymd", "2019-04-05T00:00:00+08:00"),
    ],
)
def test_dates_are_read_in_the_stated_order(text: str, order: DateOrder, told: str) -> None:
    """Padded or not, with a time and a zone or not; a year of four digits may always come first."""
    assert milliseconds_of(text, order, SHANGHAI) == from_rfc3339(told)


@pytest.mark.parametrize(
    "text",
    ["25/4/19", "31/2/2024", "4/25/2019", "45000", "13:00", "2019", "1/1/2024 25:00", "1/1/2024 13:00 PM"],
)
def test_what_is_no_date_is_none(text: str) -> None:
    """Years of two digits, days that are not, another order, numbers: nothing is guessed."""
    assert milliseconds_of(text, "dmy", SHANGHAI) is None


@given(st.text(max_size=40), st.sampled_from(["ymd", "mdy", "dmy"]))
def test_any_text_is_a_time_or_none(text: str, order: DateOrder) -> None:
    """No text makes reading a date fail."""
    found = milliseconds_of(text, order, SHANGHAI)
    assert found is None or isinstance(found, int)


def test_a_native_date_is_taken_as_it_is() -> None:
    """A cell that holds a date needs no order."""
    moment = datetime(2024, 3, 1, 8, 0)  # noqa: DTZ001 - as spreadsheets hold them
    assert milliseconds_of(moment, "dmy", SHANGHAI) == from_rfc3339("2024-03-01T08:00:00+08:00")


@pytest.mark.parametrize("target", ["1/1/2059", "31/1/2024", "soon"])
def test_a_target_that_makes_no_sense_is_reported_and_not_used(tmp_path: Path, target: str) -> None:
    """In 2059, before the opening, or no date: the row is imported without it."""
    row, faults = one(tmp_path, target=target)
    assert row is not None
    assert row.target_at is None
    assert faults == [("target", False)]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"opened": "40/1/2024"}, "opened"),
        ({"opened": None}, "opened"),
        ({"opened": "1/1/2026"}, "opened"),
        ({"opened": "1/1/1969"}, "opened"),
        ({"text": " "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "\x00"}, "text"),
        ({"no": ""}, "no"),
        ({"closed": "31/1/2024", "status": "done"}, "closed"),
        ({"closed": "never"}, "closed"),
        ({"status": "done"}, "closed"),
    ],
)
def test_a_row_that_cannot_be_true_is_left_out(tmp_path: Path, cells: dict[str, Any], column: str) -> None:
    """It is named by its column, and not imported."""
    assert one(tmp_path, **cells) == (None, [(column, True)])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"kind": "tree"}, "kind"),
        ({"status": "pending"}, "status"),
        ({"lat": "high", "lon": "1"}, "lat"),
        ({"lat": 0, "lon": 0}, "lat"),
        ({"zone": "*"}, "zone"),
        ({"zone": "①"}, "zone"),
        ({"closing": "soon"}, "closing"),
        ({"closed": "2/2/2024", "status": "open"}, "closed"),
    ],
)
def test_a_value_that_is_not_known_stays_unknown(tmp_path: Path, cells: dict[str, Any], column: str) -> None:
    """It is reported by its column; the row is imported, open, without category, zone and place."""
    row, faults = one(tmp_path, **cells)
    assert faults == [(column, False)]
    assert row is not None
    assert (row.category, row.zone, row.place, row.closed_at) == (None, None, None, None)


def test_every_fault_of_a_row_is_reported(tmp_path: Path) -> None:
    """Not the first only."""
    _, faults = one(tmp_path, opened="x", target="y", kind="tree", text=None)
    assert {column for column, _ in faults} == {"opened", "target", "kind", "text"}


def test_places(tmp_path: Path) -> None:
    """A zone of ours is one, another name is a place code, and coordinates are a cell and no more."""
    row, _ = one(tmp_path, zone="east")
    assert row is not None
    assert (row.zone, row.place) == ("east", None)
    row, _ = one(tmp_path, zone="Mock Harbor / Front")
    assert row is not None
    assert (row.zone, row.place) == (None, "Mock_Harbor_/_Front")
    row, _ = one(tmp_path, lat=30.123456, lon="120.654321")
    assert row is not None
    assert row.place == "cell_30.12_120.65"


@pytest.mark.parametrize(
    ("cells", "end"),
    [
        ({"closed": "2/2/2024", "closing": "Duplicate of 12"}, ("duplicate", "12", True)),
        ({"closed": "2/2/2024", "of": "9"}, ("duplicate", "9", False)),
        ({"closed": "2/2/2024", "closing": "Lamp changed"}, ("answered", None, True)),
        ({"closed": "2/2/2024"}, ("not_told", None, False)),
    ],
)
def test_how_a_case_was_closed(
    tmp_path: Path, cells: dict[str, Any], end: tuple[str, str | None, bool]
) -> None:
    """As a repeat of a case that is named, with words, or without: never more than the source tells."""
    row, faults = one(tmp_path, status="done", **cells)
    assert faults == []
    assert row is not None
    assert (row.outcome, row.repeats, row.reply is not None) == end
    assert row.closed_at is not None


def test_formats_tell_the_same(tmp_path: Path) -> None:
    """CSV, xlsx, JSON lines and a JSON array of the same cells give the same rows."""
    rows = [{**GOOD, "no": str(number), "closed": "2/2/2024", "closing": 'a, "b"\nc'} for number in range(3)]
    heads = list(GOOD)
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in [heads, *([row[head] for head in heads] for row in rows)]:
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    lines = [",".join(heads), *(",".join(f'"{_quoted(row[head])}"' for head in heads) for row in rows)]
    (tmp_path / "a.csv").write_text("\ufeff" + "\r\n".join(lines), "utf-8")
    found = {
        kind: [
            row._replace(row=0) if isinstance(row, ImportRow) else row
            for row in read_rows(read_table(tmp_path / f"a.{kind}", PLAN), PLAN, KNOWN)
        ]
        for kind in ("json", "jsonl", "xlsx", "csv")
    }
    assert len(found["csv"]) == 3
    assert found["csv"] == found["xlsx"] == found["json"] == found["jsonl"]


def _quoted(cell: object) -> str:
    return "" if cell is None else str(cell).replace('"', '""')


def test_a_bad_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    """A row with too many cells, a line that is no JSON, bytes of another encoding: the next is read."""
    (tmp_path / "a.csv").write_bytes(b"no,opened,text\n1,1/1/2024,a,b\n2,1/1/2024,\xff\n3,1/1/2024,c\n")
    plan = PLAN.model_copy(update={"columns": PLAN.columns.model_copy(update=_only("no", "opened", "text"))})
    found = list(read_rows(read_table(tmp_path / "a.csv", plan), plan, KNOWN))
    assert [(row.row, isinstance(row, Fault)) for row in found] == [(2, True), (3, True), (4, False)]
    (tmp_path / "a.jsonl").write_text('{"no": 1\n3\n' + json.dumps(GOOD), "utf-8")
    found = list(read_rows(read_table(tmp_path / "a.jsonl", PLAN), PLAN, KNOWN))
    assert [(row.row, isinstance(row, Fault)) for row in found] == [(1, True), (2, True), (3, False)]


def _only(*heads: str) -> dict[str, None]:
    return {name: None for name, head in COLUMNS.items() if head not in heads}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"", "ends in none of"),
        ("a.csv", b"", "has no column"),
        ("a.json", b"{", "is not JSON"),
        ("a.json", b"{}", "no array"),
        ("a.xlsx", b"PK", "is not an xlsx workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    """Its name, and what to do."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportFileError, match=sentence):
        list(read_table(tmp_path / name, PLAN))


def test_the_examples_come_in_without_code() -> None:
    """Boston's columns and Open311's: what each row tells, and what is reported."""
    known = Known(frozenset({"safety.light", "environment.waste"}), frozenset(), SHANGHAI, NOW)
    plan = read_map(EXAMPLES / "boston-311-style.yaml")
    found = list(read_rows(read_table(EXAMPLES / "boston-311-style.csv", plan), plan, known))
    rows = [row for row in found if isinstance(row, ImportRow)]
    faults = [(row.row, row.column, row.left_out) for row in found if isinstance(row, Fault)]
    assert [row.row for row in rows] == [2, 3, 4, 7]
    assert [row.outcome for row in rows] == ["answered", "duplicate", "not_told", "not_told"]
    assert rows[1].repeats == rows[0].source_id
    assert faults == [
        (3, "target_dt", False),
        (4, "target_dt", False),
        (5, "open_dt", True),
        (6, "closed_dt", True),
        (6, "reason", False),
        (7, "reason", False),
    ]
    plan = read_map(EXAMPLES / "open311.yaml")
    found = list(read_rows(read_table(EXAMPLES / "open311.json", plan), plan, known))
    assert [(row.row, type(row).__name__) for row in found] == [
        (1, "ImportRow"),
        (2, "Fault"),
        (2, "ImportRow"),
        (3, "ImportRow"),
    ]
