"""The forms of case commands: what each asks for, in which case states it is offered, and its words.

Shared by the page that shows a case and by intake, which takes what the form sends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response

from contracts.reference import Register
from web.case_forms import (
    aftercare,
    danger,
    doors,
    ending,
    handling,
    joint,
    outside,
    oversight,
    records,
    review,
    risk,
    transfer,
    triage,
)
from web.case_forms.kit import CommandForm
from web.forms import Form
from web.i18n import N_


class Unsent(NamedTuple):
    """A command that could not be taken: its form with what was typed and what is wrong, and the status.

    The case's page shows it again in place of the blank form; `form_key` goes with it.
    """

    command: str
    form: Form
    form_key: str
    status: int


class ShowUnsent(Protocol):
    """Answers with the page of a case, in which a command that could not be taken is shown again."""

    async def __call__(self, request: Request, case_id: str, unsent: Unsent) -> Response:
        """Raise ProblemError where there is no such case, or it is not this visitor's to read."""
        ...


COMMAND_FORMS: Mapping[str, CommandForm] = MappingProxyType(
    {
        **danger.FORMS,
        **triage.FORMS,
        **transfer.FORMS,
        **oversight.FORMS,
        **joint.FORMS,
        **handling.FORMS,
        **review.FORMS,
        **doors.FORMS,
        **outside.FORMS,
        **risk.FORMS,
        **ending.FORMS,
        **records.FORMS,
        **aftercare.FORMS,
    }
)
"""Command name → its form, in the order of a case's life."""

_NUMBER = re.compile(r"[0-9]{1,9}")

FILE_LABELS: Mapping[str, str] = MappingProxyType(
    {"file": N_("File"), "whose": N_("Whose it is"), "strip": N_("Remove location data")}
)
FILE_VALUES: Mapping[str, str] = MappingProxyType({"whose": "reporter", "strip": "yes"})
"""The form that attaches a file: its labels, and what it holds at first."""

FILE_TYPES = ".jpg,.jpeg,.png,.webp,.pdf,.txt,.docx,.xlsx,.pptx,.mp3,.m4a,.mp4"
"""What a browser offers to choose from. A courtesy only."""


def offered(state: str) -> list[str]:
    """The commands that a case in this state offers, in the order of its life."""
    return [name for name, form in COMMAND_FORMS.items() if state in form.states]


def action_id(command: str) -> str:
    """The id of the element in the case's page that holds a command's form."""
    return f"action-{command}"


def typed(command: str, name: str, text: str) -> str | int:
    """What a field of a command's form tells: a number where it asks for one and one was entered."""
    kinds = {field.name: field.kind for field in COMMAND_FORMS[command].fields}
    number = text.strip()
    return int(number) if kinds.get(name) == "number" and _NUMBER.fullmatch(number) else text


def is_list(command: str, name: str) -> bool:
    """Whether a field of a command's form may be sent several times."""
    return any(field.name == name and field.kind == "units" for field in COMMAND_FORMS[command].fields)


def labels(command: str) -> dict[str, str]:
    """Field → label (a message id) of one command's form. Raises KeyError."""
    return {field.name: field.label for field in COMMAND_FORMS[command].fields}


def category_choices(register: Register) -> list[tuple[str, str]]:
    """The category tree as choices: each leaf with the names above it."""
    by_code = {category.code: category for category in register.categories()}
    above = {category.parent for category in by_code.values()}
    choices = []
    for code, category in by_code.items():
        if code not in above:
            names, at = [category.name], category.parent
            while at is not None and at in by_code:
                names.insert(0, by_code[at].name)
                at = by_code[at].parent
            choices.append((code, " / ".join(names)))
    return choices
