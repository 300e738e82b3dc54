"""Tables as files, read and written: xlsx with a sheet for each, or CSV of one.

A cell that a spreadsheet would read as a formula is written as text, and read as it stands.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from web.i18n import N_, Gettext

MAX_ROWS = 20_000
"""Rows of one file, headings among them."""

MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes that a workbook may hold once it is unpacked: far more than so many rows need."""

_RISKY = ("=", "+", "-", "@", "\t", "\r")
_TOO_MANY = N_("A file has at most %(most)s rows: split it.")
_TOO_LARGE = N_("%(name)s is too large: split it.")
_NOT_CSV = N_("%(name)s is not CSV in UTF-8: save it as that.")
_NOT_A_TABLE = N_("%(name)s is neither an xlsx workbook nor a CSV file.")

Table = Iterable[Sequence[str | None]]


class SheetError(Exception):
    """The file as a whole cannot be read; the sentence says why and what to do.

    `sentence` is a message id, `values` what it names.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values

    def told(self, gettext: Gettext) -> str:
        """The sentence in a visitor's language."""
        return gettext(self.sentence) % self.values if self.values else gettext(self.sentence)


class Sheet(NamedTuple):
    """One sheet: its name, and its lines as trimmed text."""

    name: str
    lines: list[list[str]]


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a file, told by the ending of its name. Raises SheetError."""
    if name.lower().endswith(".csv"):
        return [Sheet(name, _csv_lines(name, content))]
    return _workbook(name, content)


def _csv_lines(name: str, content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        return _few(csv.reader(io.StringIO(text, newline="")), MAX_ROWS)
    except (UnicodeDecodeError, csv.Error):
        raise SheetError(_NOT_CSV, name=name) from None


def _workbook(name: str, content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise SheetError(_TOO_LARGE, name=name)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return list(_sheets_of(book))
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        OSError,
        ValueError,
        SyntaxError,
        NotImplementedError,
    ):
        raise SheetError(_NOT_A_TABLE, name=name) from None


def _sheets_of(book: Workbook) -> Iterator[Sheet]:
    left = MAX_ROWS
    for sheet in book.worksheets:
        lines = _few(sheet.iter_rows(values_only=True), left)
        left -= len(lines)
        yield Sheet(sheet.title, lines)


def _few(rows: Iterable[Sequence[Any]], most: int) -> list[list[str]]:
    lines: list[list[str]] = []
    for row in rows:
        if len(lines) >= most:
            raise SheetError(_TOO_MANY, most=f"{MAX_ROWS:,}")
        lines.append([_text(cell) for cell in row])
    return lines


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if hasattr(cell, "date"):
        return str(cell.date())
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_RISKY) else text


def as_csv(columns: Sequence[str], rows: Table) -> bytes:
    """One table as CSV in UTF-8, with the mark by which spreadsheets tell it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_workbook(tables: Mapping[str, tuple[Sequence[str], Table]]) -> bytes:
    """Tables as xlsx, a sheet for each: sheet → its columns and rows. Every cell is text."""
    book = Workbook(write_only=True)
    for name, (columns, rows) in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for row in rows:
            sheet.append([_safe(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _safe(cell: str | None) -> str:
    text = cell or ""
    return f"'{text}" if text.startswith(_RISKY) else text
