"""What a form of a case command is made of, and the case states that may offer one."""

from __future__ import annotations

from typing import Literal, NamedTuple

FieldKind = Literal[
    "text",
    "more",
    "line",
    "choice",
    "handler",
    "zone",
    "category",
    "letter",
    "number",
    "community",
    "unit",
    "units",
    "part",
    "case",
    "maybe_line",
    "maybe_money",
    "moment",
    "yes_no",
    "tick",
    "party",
    "parties",
    "maybe_parties",
    "session",
    "obligation",
    "mediator",
    "its_mediator",
    "signer",
    "file",
    "staff",
    "money",
    "day",
    "first_day",
    "maybe_number",
    "maybe_choice",
    "one_of",
    "maybe_one_of",
    "several",
]


class CommandField(NamedTuple):
    """One field: its name in the command's body, its label, and for `choice` the values with their words.

    `unit` is any unit of the register, `units` several of them, `part` one that takes part in the joint handling.
    `moment` is a time on the community's clock, `maybe_money` a sum in yuan; `party`, `session`, `obligation`, `signer` are
    of a mediation. A `day` is meant up to its end, a `first_day` from its beginning. `one_of` and `several` are chosen from
    what the page offers under the field's own name. What begins with `maybe` may be left out, and so may a `session`, a
    `file` and `staff`.
    A `line`, a `category`, a `letter` and `more` (a text) may be left out.
    """

    name: str
    label: str
    kind: FieldKind
    choices: tuple[tuple[str, str], ...] = ()


class CommandForm(NamedTuple):
    """One command: its title, the button's word, advice, fields, and the case states that offer it."""

    title: str
    button: str
    help: str
    fields: tuple[CommandField, ...]
    states: frozenset[str]


LODGED = frozenset({"lodged"})
ACCEPTED = frozenset({"accepted"})
CLOSED = frozenset({"closed"})
IN_REVIEW = frozenset({"in_review"})
NOT_ACCEPTED = frozenset({"not_accepted"})
TRANSFERRED = frozenset({"transferred"})
MERGED = frozenset({"merged"})
WITHDRAWN = frozenset({"withdrawn"})
OPEN = LODGED | ACCEPTED | IN_REVIEW
