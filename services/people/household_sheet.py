"""The list of households as a file: one row for a resident, or for a household in which nobody lives yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from web.i18n import N_
from web.sheets import SheetError, Table, as_csv, as_workbook, read_sheets

COLUMNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "household": (N_("Household's number"), "住户编号"),
        "zone": (N_("Zone"), "责任区"),
        "address": (N_("Address"), "地址"),
        "name": (N_("Name"), "姓名"),
        "telephone": (N_("Telephone"), "电话"),
        "birth_year": (N_("Year of birth"), "出生年份"),
    }
)
"""Column → its label (a message id), and the other heading by which it goes."""

NEEDED = ("zone", "address", "name")
NAME = "households"
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
    }
)
"""Ending of a file's name → its media type."""

_HEADINGS = {heading: name for name, (_, chinese) in COLUMNS.items() for heading in (name, chinese)}
_NO_COLUMN = N_("The first row must have the columns %(columns)s: download the template.")
_UNKNOWN = N_("There is no column %(columns)s in a list of households: download the template.")
_TWICE = N_("The column %(columns)s is there twice: leave one of them.")


class Row(NamedTuple):
    """One row: its number in the sheet, and its filled cells by column."""

    number: int
    cells: Mapping[str, str]


def read_rows(name: str, content: bytes) -> list[Row]:
    """The rows of the first sheet that has any. Raises SheetError."""
    lines = next((sheet.lines for sheet in read_sheets(name, content) if any(map(any, sheet.lines))), [])
    heads = [_HEADINGS.get(text.lower(), text) for text in lines[0]] if lines else []
    _check(heads)
    found = []
    for number, line in enumerate(lines[1:], start=2):
        cells = {head: text for head, text in zip(heads, line, strict=False) if head and text}
        if cells:
            found.append(Row(number, cells))
    return found


def _check(heads: Sequence[str]) -> None:
    told = [head for head in heads if head]
    for sentence, columns in (
        (_NO_COLUMN, [name for name in NEEDED if name not in told]),
        (_UNKNOWN, [head for head in told if head not in COLUMNS]),
        (_TWICE, sorted({head for head in told if told.count(head) > 1})),
    ):
        if columns:
            raise SheetError(sentence, columns=", ".join(columns))


def written(kind: str, rows: Table = (), *, chinese: bool = False) -> bytes:
    """A list as a file of a kind of KINDS; without rows, the template."""
    columns = [other if chinese else name for name, (_, other) in COLUMNS.items()]
    return as_csv(columns, rows) if kind == "csv" else as_workbook({NAME: (columns, rows)})


def exported(homes: Iterable[tuple[str, str, str, Sequence[Sequence[str]]]]) -> Table:
    """The rows of households: each given as number, zone, address, and who lives there, as told.

    What is erased is blank; a household of erased residents alone stands as one row.
    """
    for code, zone, address, residents in homes:
        for resident in residents or [("", "", "")]:
            yield (code, zone, address, *resident)
