"""Tables of the register as files: xlsx with a sheet for each, or CSV of one; headings are our own.

A cell that a spreadsheet would read as a formula is written as text, and read as it stands.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "units": ("unit", "name", "tier", "kind", "parent", "time_zone"),
        "people": ("number", "name"),
        "posts": ("unit", "post", "name", "role", "zone", "above", "above_unit", "seats", "scheme"),
        "appointments": ("number", "role", "unit", "zone", "post", "since", "until"),
        "zones": ("unit", "zone", "name", "boundary", "responsible"),
    }
)
"""Table → its columns, in the order in which they are entered. `number`: a person's staff number."""

MAX_ROWS, MAX_CELL = 20_000, 4_000
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class SheetError(Exception):
    """The file as a whole cannot be read; the sentence says why and what to do."""


class Row(NamedTuple):
    """One row: its table, its number in the sheet, and its filled cells by column."""

    table: str
    number: int
    cells: Mapping[str, str]


def scheme_posts(scheme: str, unit: str) -> list[list[str | None]]:
    """The rows of the table `posts` that enter a scheme of posts in a unit. Raises SheetError."""
    text = resources.files("services.register").joinpath("data/post-schemes.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found = [row for row in rows if row["scheme"] == scheme]
    if not found:
        known = ", ".join(dict.fromkeys(row["scheme"] for row in rows))
        raise SheetError(f"there is no scheme {scheme}; schemes are {known}")
    return [[{**row, "unit": unit}.get(column) for column in COLUMNS["posts"]] for row in found]


def read_tables(file: Path) -> list[Row]:
    """The rows of a file, table by table, in the order of COLUMNS. Raises SheetError."""
    if not file.is_file():
        raise SheetError(f"there is no file {file}")
    rows: list[Row] = []
    for name, lines in _sheets(file):
        heading, *body = lines or [[]]
        table = next((t for t, columns in COLUMNS.items() if columns[:2] == tuple(heading[:2])), None)
        if table is None or set(filter(None, heading)) - set(COLUMNS[table]):
            if not any(heading):
                continue
            raise SheetError(
                f"sheet {name}: the headings are those of no table; see 'barograph register template'"
            )
        for number, line in enumerate(body, start=2):
            cells = {key: text for key, text in zip(heading, line, strict=False) if key and text}
            if cells:
                rows.append(Row(table, number, cells))
    if len(rows) > MAX_ROWS:
        raise SheetError(f"a file has at most {MAX_ROWS:,} rows: split it")
    order = list(COLUMNS)
    return sorted(rows, key=lambda row: order.index(row.table))


def _sheets(file: Path) -> list[tuple[str, list[list[str]]]]:
    if file.suffix.lower() == ".csv":
        try:
            text = file.read_text("utf-8-sig")
            return [(file.name, [list(map(_text, line)) for line in csv.reader(io.StringIO(text))])]
        except (UnicodeDecodeError, csv.Error):
            raise SheetError(f"{file.name} is not CSV in UTF-8: save it as that") from None
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError):
        raise SheetError(f"{file.name} is neither an xlsx workbook nor a CSV file") from None
    return [
        (sheet.title, [list(map(_text, line)) for line in sheet.iter_rows(values_only=True)])
        for sheet in book.worksheets
    ]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if hasattr(cell, "date"):
        return str(cell.date())
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_RISKY) else text


def write_tables(file: Path, tables: Mapping[str, Iterable[Sequence[str | None]]]) -> None:
    """Write tables: all of them as xlsx, exactly one as CSV. Raises SheetError where the file exists."""
    if file.exists():
        raise SheetError(f"{file} exists already: name another file")
    if file.suffix.lower() == ".csv":
        if len(tables) != 1:
            raise SheetError("a CSV file holds one table: name it with --table")
        ((table, rows),) = tables.items()
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS[table])
            writer.writerows([_safe(cell) for cell in row] for row in rows)
        return
    book = Workbook(write_only=True)
    for table, rows in tables.items():
        sheet = book.create_sheet(table)
        sheet.append(list(COLUMNS[table]))
        for row in rows:
            sheet.append([_safe(cell) for cell in row])
    book.save(file)


def _safe(cell: str | None) -> str:
    text = cell or ""
    return f"'{text}" if text.startswith(_RISKY) else text
