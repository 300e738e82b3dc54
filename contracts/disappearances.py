"""The ledger of disappearances: what no longer stands among the cases as it stood, and by whose word (DESIGN.md section 6).

Nothing on it is gone: each line is an event of the log, and its case keeps its page.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Code, Identifier, Message, Milliseconds
from contracts.figures import AsOf

Disappearance = Literal[
    "not_accepted",
    "reclassified",
    "merged",
    "unmerged",
    "withdrawn",
    "withdrawal_undone",
    "transferred_out",
    "transfer_released",
    "split",
]
"""Not accepted; of another kind or severity since; merged into another case, or withdrawn by its complainant, and either
undone; gone to another unit, or come back from there untaken; split, so that one petition counts as several cases."""

Pair = Annotated[tuple[str, str], Field(strict=False)]


class Line(Message):
    """One disappearance: of which case, when it was recorded and where in the events topic, who said so in which role.

    `goes_on`: the case or unit in which it goes on. `reason`: of a case not accepted. `was` and `became`: kind and
    severity of a case that was reclassified.
    """

    what: Disappearance
    case: Identifier
    unit: Code
    at: Milliseconds
    partition: int
    offset: int
    actor: str | None
    role: str | None
    goes_on: str | None
    reason: str | None
    was: Pair | None
    became: Pair | None


class Ledger(Message):
    """The disappearances of one unit and period as of one position of the log, the newest first.

    `counts` are of all; `lines` may be the newest of them only.
    """

    unit: Code
    since: Milliseconds
    until: Milliseconds | None
    counts: dict[Disappearance, Annotated[int, Field(ge=0)]]
    lines: Annotated[tuple[Line, ...], Field(strict=False)]
    as_of: AsOf
    undecided: int
