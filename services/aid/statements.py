"""A bank statement as it is pasted or uploaded: each line a day, in or out, a sum and a voucher."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contracts.base import DAY_MS
from services.aid.fund_views import Line
from web import entries
from web.formats import Formats
from web.forms import FormErrors, Submitted
from web.i18n import N_, Gettext
from web.sheets import SheetError, read_sheets
from web.uploads import Upload

FIELDS = {
    "statement": N_("Name of the statement"),
    "lines": N_("Lines of the statement"),
    "file": N_("Or a file"),
}
NO_LINES = N_("Paste at least one line: day, in or out, sum, voucher.")
BAD_LINE = N_("Line %(number)s cannot be read: %(why)s")
FOUR = N_("four columns are needed: day, in or out, sum, voucher")
IN_OR_OUT = N_("the second column is in or out")
ONE_OF_THEM = N_("Paste the lines or choose a file, not both.")
OTHER_LINE = N_("Line %(number)s of this statement is on record with other entries. Give it another name.")
_COLUMNS = 4
_DIRECTIONS = {"in": "in", "out": "out", "收": "in", "收入": "in", "支": "out", "支出": "out"}


class Statement(NamedTuple):
    """The lines of a statement by their numbers in it, as bodies of commands, and what is wrong with others."""

    lines: Mapping[int, Mapping[str, Any]]
    errors: FormErrors


async def statement_of(
    sent: Submitted, uploads: Sequence[Upload], formats: Formats, gettext: Gettext
) -> Statement:
    """What a form says of a statement: all of its lines are read before the first is entered."""
    text = sent.get("lines")
    if not uploads:
        return _read(list(csv.reader(io.StringIO(text.replace("\t", ",")))), "lines", formats, gettext)
    if text.strip():
        return Statement({}, FormErrors({"file": (gettext(ONE_OF_THEM),)}))
    try:
        sheets = read_sheets(uploads[0].name, await uploads[0].content())
    except SheetError as error:
        return Statement({}, FormErrors({"file": (error.told(gettext),)}))
    rows = sheets[0].lines if sheets else []
    headed = bool(rows) and not any(character.isdecimal() for character in "".join(rows[0][:1]))
    return _read(rows[1:] if headed else rows, "file", formats, gettext)


def _read(rows: Sequence[Sequence[str]], field: str, formats: Formats, gettext: Gettext) -> Statement:
    found: dict[int, dict[str, Any]] = {}
    errors = FormErrors()
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        try:
            found[number] = _line(cells, formats)
        except ValueError as error:
            told = {"number": number, "why": gettext(str(error))}
            errors = errors.plus(field, gettext(BAD_LINE) % told)
    if not found and not errors:
        errors = errors.plus(field, gettext(NO_LINES))
    return Statement(found, errors)


def _line(cells: Sequence[str], formats: Formats) -> dict[str, Any]:
    """A line of a statement. Raises ValueError with the message id of what is wrong."""
    if len(cells) < _COLUMNS or any(cells[_COLUMNS:]):
        raise ValueError(FOUR)
    direction = _DIRECTIONS.get(cells[1].lower())
    if direction is None:
        raise ValueError(IN_OR_OUT)
    # A spreadsheet gives a day with its midnight.
    booked = entries.last_moment(cells[0].removesuffix(" 00:00:00"), formats) - DAY_MS
    line = {"direction": direction, "amount": entries.fen(cells[2]), "booked_at": booked}
    return line | ({"voucher": cells[3]} if cells[3] else {})


def still_to_enter(
    lines: Mapping[int, Mapping[str, Any]], standing: Sequence[Line], field: str, gettext: Gettext
) -> Statement:
    """Those lines that are not on record yet: a statement may be sent again, whole or longer."""
    held = {
        one.line: {
            "direction": one.direction,
            "amount": one.amount,
            "booked_at": one.booked_at,
            **({"voucher": one.voucher} if one.voucher else {}),
        }
        for one in standing
    }
    errors = FormErrors()
    for number, line in lines.items():
        if number in held and held[number] != line:
            errors = errors.plus(field, gettext(OTHER_LINE) % {"number": number})
    return Statement({number: line for number, line in lines.items() if number not in held}, errors)
