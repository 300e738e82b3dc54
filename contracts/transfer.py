"""A case that moves to another community: it ends there as transferred out, and goes on here as transferred in.

Commands and events of the family `grievance`, version 1; contracts.grievance lists them among its own. The
id of the submission that asked for the transfer (`transfer`) is the one cause that both ends bear.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import DAY_MS, Code, Hash, Identifier, Line, Message, Milliseconds, Telephone, Text
from contracts.casework import CaseKind, SealedText, Severity
from contracts.doors import Doors
from contracts.personal import Personal, Sealed

RECEIVE_WITHIN_MS = DAY_MS
"""How long the target may take a transfer in: what it is told of later is refused, and goes back."""

TransferId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]


class Standing(Message):
    """How a case stood when it left: its running term goes on from where it was, whoever has it.

    Times in milliseconds since the epoch. `overdue`: the term's end is on record as passed; `late`: a term was
    missed; `extended`: the handling term has been extended, or that was refused, and cannot be again;
    `replied_at`: the first reply, which a reopened case has; `paused_days`: how many days of pause were given.
    """

    deadline: Literal["accept", "handle"]
    lodged_at: Milliseconds
    due_start: Milliseconds
    due_at: Milliseconds
    overdue: bool = False
    late: bool = False
    extended: bool = False
    replied_at: Milliseconds | None = None
    paused_days: Annotated[int, Field(ge=0)] = 0


class TransferV1(Message):
    """Transfer the case to another community, which is competent for it, and say why."""

    to: Code
    note: SealedText


class TransferredOutV1(TransferV1):
    """It left for the unit `to`, which can take it in until `receive_by`."""

    transfer: TransferId
    receive_by: Milliseconds
    standing: Standing


class ReceiveTransferV1(Doors):
    """Take in a case of another community, as a new stream that is linked to the one it was there.

    What is sealed is carried over as it stands, under the keys that it was sealed with: whoever is erased is
    erased in both. The tracking number stays.
    """

    transfer: TransferId
    origin: Identifier
    origin_unit: Code
    receive_by: Milliseconds
    standing: Standing
    tracking: Hash
    channel: Code
    anonymous: bool = False
    category: Code | None = None
    kind: CaseKind | None = None
    severity: Severity | None = None
    title: Annotated[Sealed | None, Personal(Line, subject="case", apart="title")] = None
    story: Annotated[Sealed, Personal(Text, subject="case", apart="story")]
    reporter_name: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="reporter")] = None
    address: Annotated[Sealed | None, Personal(Line, subject="reporter")] = None


class TransferredInV1(ReceiveTransferV1):
    """It was taken in. `escalate_at`: when the rule passes it up the chain here, if it is overdue; None: never."""

    escalate_at: Milliseconds | None = None


class ConfirmTransferV1(Message):
    """Tell the sender that the other community has the case, as this one."""

    transfer: TransferId
    case: Identifier


class TransferConfirmedV1(ConfirmTransferV1):
    """The other community has it, as this case."""


class ReleaseTransferV1(Message):
    """Tell the sender that the other community refused it, and why."""

    transfer: TransferId
    reason: Code


class TransferReleasedV1(ReleaseTransferV1):
    """The other community refused it: the case is open here again, with the term that it left with."""

    deadline: Literal["accept", "handle"]
    due_start: Milliseconds
    due_at: Milliseconds
    escalate_at: Milliseconds | None = None


Command = TransferV1 | ReceiveTransferV1 | ConfirmTransferV1 | ReleaseTransferV1
Event = TransferredOutV1 | TransferredInV1 | TransferConfirmedV1 | TransferReleasedV1
