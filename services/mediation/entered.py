"""What was entered in a form, as the body of a command: numbers, times, sums and obligations in their types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from web.case_forms.kit import CommandField
from web.entries import Entered, fen, last_moment, moment, whole
from web.formats import Formats
from web.forms import Form, FormErrors, Submitted
from web.i18n import N_, Gettext

ROWS = 8
"""How many obligations a form of terms offers."""

INCOMPLETE = N_("Obligation %(number)s is incomplete. Choose what is owed, by whom, to whom and until when.")
_PARTS = ("kind", "debtor", "creditor", "due", "amount")


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


def filled_rows(form: Form) -> list[int]:
    """The rows of obligations in which something was entered."""
    return [row for row in range(1, ROWS + 1) if any(form.value(f"{part}_{row}") for part in _PARTS)]
