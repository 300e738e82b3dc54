"""Tables of the register as files: xlsx with a sheet for each, or CSV of one; headings are our own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from web.sheets import SheetError, as_csv, as_workbook, read_sheets

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "units": ("unit", "name", "tier", "kind", "parent", "time_zone"),
        "people": ("number", "name"),
        "posts": ("unit", "post", "name", "role", "zone", "above", "above_unit", "seats", "scheme"),
        "appointments": ("number", "role", "unit", "zone", "post", "since", "until"),
        "zones": ("unit", "zone", "name", "boundary", "responsible"),
        "funds": ("fund", "unit", "name", "kind"),
        "programmes": (
            "programme",
            "unit",
            "name",
            "kind",
            "criteria",
            "fund",
            "method",
            "amount",
            "per_person",
            "percent",
            "threshold",
            "income_limit",
            "documents",
            "months",
            "review_months",
            "notice_days",
            "emergency_limit",
            "justify_days",
            "source",
            "since",
            "retired",
        ),
    }
)
"""Table → its columns, in the order in which they are entered. `number`: a person's staff number; sums are in yuan, documents
one a line as code and name, `per_person` and `retired` are yes or empty."""


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
    for name, lines in read_sheets(file.name, file.read_bytes()):
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
    order = list(COLUMNS)
    return sorted(rows, key=lambda row: order.index(row.table))


def write_tables(file: Path, tables: Mapping[str, Iterable[Sequence[str | None]]]) -> None:
    """Write tables: all of them as xlsx, exactly one as CSV. Raises SheetError where the file exists."""
    if file.exists():
        raise SheetError(f"{file} exists already: name another file")
    if file.suffix.lower() == ".csv":
        if len(tables) != 1:
            raise SheetError("a CSV file holds one table: name it with --table")
        ((table, rows),) = tables.items()
        file.write_bytes(as_csv(COLUMNS[table], rows))
        return
    file.write_bytes(as_workbook({table: (COLUMNS[table], rows) for table, rows in tables.items()}))
