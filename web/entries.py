"""What was typed into fields of a form, as the values of a command: sums, times and numbers in their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.base import EPOCH
from contracts.working_days import end_of_day
from web.case_forms.kit import CommandField
from web.formats import Formats, NoSuchLocalTimeError
from web.forms import MESSAGES, FormErrors, Submitted
from web.i18n import N_, Gettext

SUM = N_("Enter a sum in yuan, such as 1200 or 1200.50.")
NOT_NEGATIVE = N_("A sum cannot be negative. Enter 0 or more.")
TOO_MUCH = N_("This sum is too large. A hundred thousand million yuan is the most.")
_PLAIN = re.compile(r"[¥￥,，\s]|元$")
_YUAN = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_NEGATIVE = re.compile(r"[-−－]\s*[0-9].*")
_MOST_FEN = 10**13


def fen(text: str) -> int:
    """A sum in yuan, as fen. Raises ValueError with the message id of what is wrong."""
    plain = _PLAIN.sub("", text.strip())
    if _NEGATIVE.fullmatch(plain):
        raise ValueError(NOT_NEGATIVE)
    if not _YUAN.fullmatch(plain):
        raise ValueError(SUM)
    found = int(Decimal(plain) * 100)
    if found > _MOST_FEN:
        raise ValueError(TOO_MUCH)
    return found


def moment(text: str, formats: Formats) -> int:
    """A time on the community's clock, in milliseconds. Raises ValueError with the message id of what is wrong."""
    try:
        return int((formats.parse_local(text) - EPOCH).total_seconds() * 1000)
    except NoSuchLocalTimeError:
        raise ValueError(MESSAGES["local_time_skipped"]) from None
    except (ValueError, OverflowError):
        raise ValueError(MESSAGES["datetime_type"]) from None


def last_moment(text: str, formats: Formats) -> int:
    """The end of a day on the community's clock, in milliseconds. Raises ValueError as `moment`."""
    try:
        return end_of_day(date.fromisoformat(text), formats.zone)
    except ValueError:
        raise ValueError(MESSAGES["date_type"]) from None


def first_moment(text: str, formats: Formats) -> int:
    """The beginning of a day on the community's clock, in milliseconds. Raises ValueError as `moment`."""
    try:
        return end_of_day(date.fromisoformat(text) - timedelta(days=1), formats.zone)
    except (ValueError, OverflowError):
        raise ValueError(MESSAGES["date_type"]) from None


def whole(text: str) -> int:
    """A number chosen from a list. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError(MESSAGES["literal_error"])
    return int(text)


def numbered(value: Any) -> Any:
    """What was chosen from a list by its number, as that number; anything else as it was sent."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value) else value


def yuan(amount: int, formats: Formats) -> str:
    """A sum in fen as it is shown, in yuan with two decimals."""
    whole_yuan, rest = divmod(amount, 100)
    return f"{formats.number(whole_yuan)}.{rest:02d}"


class Entered(NamedTuple):
    """The body of a command as far as it could be read, and what is wrong with the rest."""

    body: Mapping[str, Any]
    errors: FormErrors


def read_fields(
    fields: Sequence[CommandField], sent: Submitted, formats: Formats, gettext: Gettext
) -> Entered:
    """Read the fields of a command's form; one that was left empty is left out, but for lists and ticks."""
    body: dict[str, Any] = {}
    errors = FormErrors()
    for field in fields:
        if field.kind == "tick":
            body[field.name] = sent.get(field.name) == "yes"
        elif field.kind == "several":
            body[field.name] = tuple(sent.lists.get(field.name, ()))
        elif (text := sent.filled.get(field.name)) is not None:
            try:
                body[field.name] = _reader(field.kind, formats)(text)
            except ValueError as error:
                errors = errors.plus(field.name, gettext(str(error)))
    return Entered(body, errors)


def _reader(kind: str, formats: Formats) -> Callable[[str], Any]:
    match kind:
        case "money" | "maybe_money":
            return fen
        case "number" | "maybe_number":
            return count
        case "moment":
            return lambda text: moment(text, formats)
        case "day":
            return lambda text: last_moment(text, formats)
        case "first_day":
            return lambda text: first_moment(text, formats)
        case "yes_no":
            return lambda text: {"yes": True, "no": False}.get(text, text)
        case _:
            return str


def count(text: str) -> int:
    """A whole number. Raises ValueError with the message id of what is wrong."""
    plain = re.sub(r"[,，\s]", "", text)
    if not re.fullmatch(r"[0-9]{1,15}", plain):
        raise ValueError(MESSAGES["int_parsing"])
    return int(plain)
