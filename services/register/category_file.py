"""A category tree from a file with a column for each level; codes stay from one version to the next."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from contracts.reference import Register
from contracts.register import Category
from web.sheets import SheetError

MAX_LEVELS = 5
_MAX_NAME = 200


def read_category_paths(file: Path) -> list[tuple[str, ...]]:
    """The paths of names that the rows under the heading tell, top first, each once. Raises SheetError."""
    if not file.is_file():
        raise SheetError(f"there is no file {file}")
    try:
        sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError, IndexError):
        raise SheetError(f"{file.name} is not an xlsx workbook") from None
    paths: dict[tuple[str, ...], None] = {}
    for number, row in enumerate(sheet.iter_rows(min_row=2, max_col=MAX_LEVELS, values_only=True), start=2):
        names = ["" if cell is None else str(cell).strip() for cell in row]
        while names and not names[-1]:
            names.pop()
        if not all(0 < len(name) <= _MAX_NAME for name in names):
            raise SheetError(f"row {number}: a level has no name, or one of more than 200 characters")
        if names:
            paths[tuple(names)] = None
    if not paths:
        raise SheetError(f"{file.name} holds no category below its heading")
    return list(paths)


def category_tree(paths: list[tuple[str, ...]], register: Register) -> tuple[Category, ...]:
    """The tree of these paths, each node before what is below it.

    A path that the tree in force has keeps its code; a new one takes a number that no sibling has had.
    """
    known = {path: code for code, path in _paths_in(register).items()}
    taken = set(known.values())
    codes: dict[tuple[str, ...], str] = {}
    for path in paths:
        for depth in range(1, len(path) + 1):
            node = path[:depth]
            if node not in codes:
                codes[node] = known.get(node) or _fresh(codes[node[:-1]] if depth > 1 else "", taken)
                taken.add(codes[node])
    return tuple(
        Category(code=code, name=node[-1], parent=codes[node[:-1]] if len(node) > 1 else None)
        for node, code in codes.items()
    )


def _paths_in(register: Register) -> dict[str, tuple[str, ...]]:
    held = {category.code: category for category in register.categories()}
    found: dict[str, tuple[str, ...]] = {}
    for code in held:
        path: list[str] = []
        at: str | None = code
        while at is not None and at in held and len(path) <= len(held):
            path.insert(0, held[at].name)
            at = held[at].parent
        found[code] = tuple(path)
    return found


def _fresh(above: str, taken: set[str]) -> str:
    number = 1
    while (code := f"{above}.{number:02d}" if above else f"{number:02d}") in taken:
        number += 1
    return code
