"""Reads a message board's export: one row a message, with its official reply where there is one.

Columns are found by their headings. Times are in the community's time zone; dates come as text without
leading zeros, as text without a time, or as native cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from contracts.base import EPOCH, clean

COLUMNS: Mapping[str, str] = {
    "source_id": "留言编号",
    "user": "留言用户",
    "title": "留言主题",
    "lodged": "留言时间",
    "story": "留言详情",
    "reply": "答复意见",
    "replied": "答复时间",
}
"""What we call a column → its heading in the export."""

OPTIONAL = ("reply", "replied")
_LIMITS = {"source_id": 64, "user": 200, "title": 200, "story": 10_000, "reply": 10_000}
_TIME_FORMS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")
_PLACE = re.compile(r"[A-Z]\d*[区市县]")


class ImportFileError(Exception):
    """The file as a whole cannot be imported; the sentence says why and what to do."""


class Message(NamedTuple):
    """One message. `row` is its row in the sheet; times are milliseconds since the epoch; `place` a code."""

    row: int
    source_id: str
    user: str
    title: str
    story: str
    place: str | None
    lodged_at: int
    reply: str | None
    replied_at: int | None


class BadCell(NamedTuple):
    """Why a row was left out: its row in the sheet, the heading of the column, and what is wrong there."""

    row: int
    column: str
    problem: str


class BadCellError(ValueError):
    """A cell cannot be read: `name` is our name for its column."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name
        self.problem = problem


def read_messages(path: Path, zone: ZoneInfo, now: int) -> Iterator[Message | BadCell]:
    """Every row of the first sheet, read or reported, in order; blank rows are passed over.

    `now` in milliseconds: a later time is reported. Raises ImportFileError before the first row where the
    file is no workbook or lacks a column.
    """
    rows = _sheet(path)
    heads = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
    missing = [head for head in COLUMNS.values() if head not in heads]
    if missing:
        raise ImportFileError(
            f"{path.name} has no column {', '.join(missing)}: name the columns in its first row"
        )
    places = {name: heads.index(head) for name, head in COLUMNS.items()}
    for number, cells in enumerate(rows, start=2):
        if any(cell is not None and str(cell).strip() for cell in cells):
            row = {name: cells[at] if at < len(cells) else None for name, at in places.items()}
            yield _read_row(number, row, zone, now)


def _sheet(path: Path) -> Iterator[Sequence[object]]:
    if not path.is_file():
        raise ImportFileError(f"there is no file {path}")
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        yield from workbook.worksheets[0].iter_rows(values_only=True)
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, OSError, SyntaxError):
        raise ImportFileError(
            f"{path.name} is not an xlsx workbook, or it is damaged: save it as .xlsx again"
        ) from None


def _read_row(number: int, row: Mapping[str, object], zone: ZoneInfo, now: int) -> Message | BadCell:
    try:
        texts = {name: _text(name, row[name]) for name in ("source_id", "user", "title", "story", "reply")}
        lodged_at = _time("lodged", row["lodged"], zone, now)
        replied_at = _time("replied", row["replied"], zone, now) if texts["reply"] else None
        if replied_at is not None and replied_at < lodged_at:
            raise BadCellError("replied", "the reply is earlier than the message")  # noqa: TRY301 - reported below like any cell
    except BadCellError as error:
        return BadCell(number, COLUMNS[error.name], error.problem)
    place = _PLACE.search(texts["title"])
    return Message(
        row=number,
        source_id=texts["source_id"],
        user=texts["user"],
        title=texts["title"],
        story=texts["story"],
        place=place.group(0) if place else None,
        lodged_at=lodged_at,
        reply=texts["reply"] or None,
        replied_at=replied_at,
    )


def _text(name: str, cell: object) -> str:
    text = str(cell).strip() if cell is not None else ""
    if not text and name not in OPTIONAL:
        raise BadCellError(name, "nothing is entered")
    if len(text) > _LIMITS[name]:
        raise BadCellError(name, f"longer than {_LIMITS[name]} characters")
    try:
        return clean(text)
    except ValueError:
        raise BadCellError(name, "control characters") from None


def _time(name: str, cell: object, zone: ZoneInfo, now: int) -> int:
    moment = _moment(cell)
    if moment is None:
        raise BadCellError(name, "not a date such as 2019/4/25 9:32:09")
    milliseconds = (moment.replace(tzinfo=moment.tzinfo or zone) - EPOCH) // timedelta(milliseconds=1)
    if milliseconds > now:
        raise BadCellError(name, "lies in the future")
    if milliseconds < 0:
        raise BadCellError(name, "lies before 1970")
    return milliseconds


def _moment(cell: object) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - the caller knows the zone
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(str(cell).strip().replace("-", "/"), form)  # noqa: DTZ007 - likewise
        except ValueError:
            continue
    return None
