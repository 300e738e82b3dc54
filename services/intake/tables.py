"""Reads a file of rows, whatever its kind: CSV, xlsx, JSON lines or a JSON array, row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO
from zipfile import BadZipFile

import orjson
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from services.intake.mapping import ImportMap

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
"""Ending of a file's name → its format, where the map names none."""


class ImportFileError(Exception):
    """The file as a whole cannot be imported; the sentence says why and what to do."""


class Fault(NamedTuple):
    """What is wrong with a row: its number in the file, the heading of the column, and the problem.

    `left_out`: the row is not imported; else it is, without this value.
    """

    row: int
    column: str
    problem: str
    left_out: bool = True


class RawRow(NamedTuple):
    """One row: its number in the file (the heading is row 1), heading → cell."""

    number: int
    cells: Mapping[str, object]


def read_table(path: Path, plan: ImportMap) -> Iterator[RawRow | Fault]:
    """Every row of the file, or what is wrong with it as a row; blank rows are passed over.

    Raises ImportFileError where the file cannot be read at all, or lacks a column that the map names.
    """
    kind = plan.format or FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ImportFileError(
            f"{path.name} ends in none of {', '.join(FORMATS)}: rename it, or name its format in the map"
        )
    if not path.is_file():
        raise ImportFileError(f"there is no file {path}")
    if kind in ("json", "jsonl"):
        return _of_objects(path, _objects(path, kind), plan)
    rows = _csv(path, plan) if kind == "csv" else _sheet(path)
    return _of_lines(path, rows, plan)


def _of_lines(
    path: Path, rows: Iterator[tuple[int, Sequence[object] | Fault]], plan: ImportMap
) -> Iterator[RawRow | Fault]:
    _, first = next(rows, (1, ()))
    heads = (
        []
        if isinstance(first, Fault)
        else ["" if cell is None else str(cell).strip("\ufeff \t\r\n") for cell in first]
    )
    _check_columns(path, heads, plan, "name the columns in its first row")
    for number, cells in rows:
        if isinstance(cells, Fault):
            yield cells
        elif any(_is_told(cell) for cell in cells[len(heads) :]):
            yield Fault(number, "", f"more cells than the {len(heads)} columns: is a quotation mark missing?")
        elif any(_is_told(cell) for cell in cells):
            yield RawRow(number, dict(zip(heads, cells, strict=False)))


def _of_objects(path: Path, rows: Iterator[tuple[int, object]], plan: ImportMap) -> Iterator[RawRow | Fault]:
    found = list(rows)
    heads = {key: None for _, row in found if isinstance(row, dict) for key in row}
    _check_columns(path, list(heads), plan, "none of its objects has it")
    for number, row in found:
        if isinstance(row, Fault):
            yield row
        elif not isinstance(row, dict):
            yield Fault(number, "", "not an object with names and values")
        elif any(_is_told(cell) for cell in row.values()):
            yield RawRow(number, row)


def _check_columns(path: Path, heads: Sequence[str], plan: ImportMap, advice: str) -> None:
    wanted = {head for told in plan.columns.headings().values() for head in told}
    if missing := sorted(wanted.difference(heads)):
        raise ImportFileError(f"{path.name} has no column {', '.join(missing)}: {advice}, or change the map")
    if twice := sorted({head for head in wanted if heads.count(head) > 1}):
        raise ImportFileError(f"{path.name} has the column {', '.join(twice)} twice: leave one of them")


def _is_told(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())


def _csv(path: Path, plan: ImportMap) -> Iterator[tuple[int, Sequence[object] | Fault]]:
    # What the encoding does not know comes as lone surrogates, which the cell is then faulted for.
    with path.open(encoding=plan.encoding, errors="surrogateescape", newline="") as file:
        yield from _csv_rows(file, plan.delimiter)


def _csv_rows(file: TextIO, delimiter: str) -> Iterator[tuple[int, Sequence[object] | Fault]]:
    rows = csv.reader(file, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, Fault(number, "", f"not a row of CSV ({error})")


def _sheet(path: Path) -> Iterator[tuple[int, Sequence[object] | Fault]]:
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        yield from enumerate(workbook.worksheets[0].iter_rows(values_only=True), start=1)
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, OSError, SyntaxError):
        raise ImportFileError(
            f"{path.name} is not an xlsx workbook, or it is damaged: save it as .xlsx again"
        ) from None


def _objects(path: Path, kind: str) -> Iterator[tuple[int, object]]:
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if kind == "jsonl":
        for number, line in enumerate(data.split(b"\n"), start=1):
            if line.strip():
                yield number, _object(number, line)
        return
    try:
        rows = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ImportFileError(f"{path.name} is not JSON (line {error.lineno}: {error.msg})") from None
    if not isinstance(rows, list):
        raise ImportFileError(f"{path.name} is JSON but no array: write its objects between [ and ]")
    yield from enumerate(rows, start=1)


def _object(number: int, line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Fault(number, "", f"not a line of JSON ({error.msg})")
