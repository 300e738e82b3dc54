"""What was entered in a request's forms, as the body of a command; and what their lists offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.aid_file import Request
from contracts.programmes import entitled
from services.aid.telling import Teller
from web.case_forms.kit import CommandForm
from web.entries import Entered, fen, last_moment, numbered, read_fields, yuan
from web.formats import Formats
from web.forms import FormErrors, Submitted
from web.i18n import N_

ROWS = 6
"""How many tranches a proposal's form offers."""

INCOMPLETE = N_("Tranche %(number)s is incomplete. Enter its sum and its day.")
INCOME_MISSING = N_("This programme asks for the income. Enter it, or 0 where there is none.")
BOTH = N_("Choose the kind and enter how many, or leave both out.")


def choices_of(state: Request, teller: Teller) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Field → what is offered for it: pairs of (value, label)."""
    programme, register = teller.programme, teller.register
    waiting = [*state.to_pay, *(one for one in state.tranches if one.paid and not one.confirmed)]
    staff = dict.fromkeys(
        one.person
        for one in register.appointments()
        if one.role not in ("clock", "resident") and register.serves(one.person, state.unit)
    )
    documents = programme.documents if programme else ()
    return {
        "missing": [(one.document, one.name) for one in documents],
        "with_whom": [(one, teller.staff(one)) for one in staff],
        "tranche": [(str(one.number), f"{one.number} · {teller.money(one.amount)}") for one in waiting],
        "number": [
            (str(one.number), f"{one.number} · {(teller.objections.get(one.number) or '')[:30]}")
            for one in state.open_objections
        ],
    }


def filled_in(command: str, state: Request, formats: Formats) -> Mapping[str, str]:
    """What a form holds before anybody typed: the next payment."""
    if command == "pay_tranche" and state.to_pay:
        first = state.to_pay[0]
        return {"tranche": str(first.number), "amount": yuan(first.amount, formats).replace(",", "")}
    return {}


def read(command: str, definition: CommandForm, sent: Submitted, teller: Teller) -> Entered:
    """Read a command's form."""
    plain = [field for field in definition.fields if field.name != "tranches"]
    body, errors = read_fields(plain, sent, teller.formats, teller.gettext)
    found = dict(body)
    for name in ("tranche", "number"):
        if name in found:
            found[name] = numbered(found[name])
    match command:
        case "propose":
            return _proposal(found, errors, sent, teller)
        case "inquire":
            return _inquiry(found, errors, teller)
        case "record_consent" if not found.get("scopes"):
            return Entered({**found, "until": found.get("until", 0)}, FormErrors())
        case _:
            return Entered(found, errors)


def _proposal(body: dict[str, Any], errors: FormErrors, sent: Submitted, teller: Teller) -> Entered:
    kind, count = body.pop("kind", None), body.pop("count", None)
    if (kind is None) != (count is None):
        errors = errors.plus("kind", teller.gettext(BOTH))
    elif kind is not None:
        body["in_kind"] = ({"kind": kind, "count": count},)
    tranches: list[dict[str, int]] = []
    for number in range(1, ROWS + 1):
        amount, day = sent.get(f"amount_{number}"), sent.get(f"day_{number}")
        if not amount and not day:
            continue
        if not amount or not day:
            errors = errors.plus("tranches", teller.gettext(INCOMPLETE) % {"number": number})
            continue
        try:
            tranches.append({"amount": fen(amount), "due_at": last_moment(day, teller.formats)})
        except ValueError as error:
            errors = errors.plus("tranches", f"{number}: {teller.gettext(str(error))}")
    return Entered({**body, "tranches": tuple(tranches)}, errors)


def _inquiry(body: dict[str, Any], errors: FormErrors, teller: Teller) -> Entered:
    """What is declared, sealed as it was typed, and beside it how much the programme gives for it."""
    programme, state = teller.programme, teller.state
    if programme is None or state is None:
        return Entered(body, errors)
    income = body.get("income")
    needs_income = programme.income_limit is not None or programme.benefit.method == "top_up"
    if needs_income and income is None and "income" not in errors:
        errors = errors.plus("income", teller.gettext(INCOME_MISSING))
    limit = programme.income_limit
    within = limit is None or (income is not None and income <= limit * state.persons)
    most = entitled(programme.benefit, programme.months, state.persons, income, teller.cost)
    found = {**body, "within_limit": within, "entitled": most}
    if income is not None:
        found["income"] = yuan(income, teller.formats)
    return Entered(found, errors)
