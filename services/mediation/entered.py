"""What was entered in a form, as the body of a command: numbers, times, sums and obligations in their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.base import EPOCH
from contracts.working_days import end_of_day
from web.case_forms.kit import CommandField
from web.formats import Formats, NoSuchLocalTimeError
from web.forms import MESSAGES, FormErrors, Submitted
from web.i18n import N_, Gettext

ROWS = 8
"""How many obligations a form of terms offers."""

SUM = N_("Enter a sum in yuan, such as 1200 or 1200.50.")
NOT_NEGATIVE = N_("A sum cannot be negative. Enter 0 or more.")
TOO_MUCH = N_("This sum is too large. A hundred thousand million yuan is the most.")
INCOMPLETE = N_("Obligation %(number)s is incomplete. Choose what is owed, by whom, to whom and until when.")
_PLAIN = re.compile(r"[¥￥,，\s]|元$")
_YUAN = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_NEGATIVE = re.compile(r"[-−－]\s*[0-9].*")
_MOST_FEN = 10**13
_PARTS = ("kind", "debtor", "creditor", "due", "amount")


class Entered(NamedTuple):
    """The body of a command as far as it could be read, and what is wrong with the rest."""

    body: Mapping[str, Any]
    errors: FormErrors


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


def whole(text: str) -> int:
    """A number of the mediation's own, chosen from a list. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError(MESSAGES["literal_error"])
    return int(text)


def _signer(text: str) -> Mapping[str, Any]:
    kind, _, who = text.partition(":")
    if kind == "party":
        return {"party": whole(who)}
    return {"mediator": who} if kind == "mediator" else {}


_NUMBERED = ("party", "session", "obligation")


def entered(fields: Sequence[CommandField], sent: Submitted, formats: Formats, gettext: Gettext) -> Entered:
    """Read the fields of a command's form."""
    body: dict[str, Any] = {}
    errors = FormErrors()
    for field in fields:
        try:
            body |= _value(field, sent, formats)
        except ValueError as error:
            errors = errors.plus(field.name, gettext(str(error)))
    return Entered(body, errors)


def _value(field: CommandField, sent: Submitted, formats: Formats) -> Mapping[str, Any]:
    name, kind = field.name, field.kind
    if kind in ("parties", "maybe_parties"):
        return {name: tuple(whole(text) for text in sent.lists.get(name, ()))}
    if kind == "tick":
        return {name: sent.get(name) == "yes"}
    text = sent.filled.get(name)
    if text is None:
        return {}
    if kind == "signer":
        return _signer(text)
    readers: Mapping[str, Callable[[], Any]] = {
        "maybe_money": lambda: fen(text),
        "moment": lambda: moment(text, formats),
        "yes_no": lambda: {"yes": True, "no": False}.get(text, text),
        **dict.fromkeys(_NUMBERED, lambda: whole(text)),
    }
    return {name: readers[kind]() if kind in readers else text}


def obligations(sent: Submitted, formats: Formats, gettext: Gettext) -> Entered:
    """Read the rows of obligations: those that are left empty do not count."""
    found: list[dict[str, Any]] = []
    errors = FormErrors()
    for number in range(1, ROWS + 1):
        row = {part: sent.filled[f"{part}_{number}"] for part in _PARTS if f"{part}_{number}" in sent.filled}
        if not row:
            continue
        if not {"kind", "debtor", "creditor", "due"} <= row.keys():
            errors = errors.plus("obligations", gettext(INCOMPLETE) % {"number": number})
            continue
        try:
            one: dict[str, Any] = {
                "kind": row["kind"],
                "debtor": whole(row["debtor"]),
                "creditor": whole(row["creditor"]),
                "due_at": last_moment(row["due"], formats),
            }
            found.append(one | ({"amount": fen(row["amount"])} if "amount" in row else {}))
        except ValueError as error:
            errors = errors.plus("obligations", f"{number}: {gettext(str(error))}")
    return Entered({"obligations": tuple(found)}, errors)


def yuan(amount: int, formats: Formats) -> str:
    """A sum in fen as it is shown, in yuan with two decimals."""
    whole_yuan, rest = divmod(amount, 100)
    return f"{formats.number(whole_yuan)}.{rest:02d}"
