"""Pairs (结对帮扶): somebody better off stands by one person or household in need. Commands and events of aid, version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Identifier, Line, Message, Milliseconds, Telephone
from contracts.casework import MaybeSealedText, SealedText
from contracts.personal import Personal, Sealed

MOST_VISITS = 1_000

Need = Literal["living", "health", "schooling", "work", "care", "other"]
PairEnd = Literal["need_met", "moved", "helper_ended", "recipient_ended", "other"]
PlanNumber = Annotated[int, Field(ge=1, le=100)]


class PairV1(Message):
    """Pair a helper with whoever is helped. `household`: the stream of the helped household, where it is known.

    `helper_staff`: the member of staff that the helper is. A helper and who is helped are two.
    """

    need: Need
    story: SealedText
    helper_name: Annotated[Sealed, Personal(Line, subject="helper")]
    helper_telephone: Annotated[Sealed | None, Personal(Telephone, subject="helper")] = None
    helper_staff: Identifier | None = None
    name: Annotated[Sealed, Personal(Line, subject="applicant")]
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="applicant")] = None
    household: Identifier | None = None


class PairedV1(PairV1):
    """They are paired."""


class PlanHelpV1(Message):
    """Plan what is done for them, and by when."""

    due_at: Milliseconds
    note: SealedText


class HelpPlannedV1(PlanHelpV1):
    """It was planned, under this number."""

    number: PlanNumber


class RecordPairVisitV1(Message):
    """Record a visit: whether they were met, and what was done. `plan`: which plan it carries out."""

    met: bool
    plan: PlanNumber | None = None
    note: MaybeSealedText = None


class PairVisitRecordedV1(RecordPairVisitV1):
    """A visit took place."""


class RecordPairResultV1(Message):
    """Record what a plan came to: done or not, as whoever is helped says."""

    plan: PlanNumber
    done: bool
    note: SealedText


class PairResultRecordedV1(RecordPairResultV1):
    """That is what it came to."""


class EndPairV1(Message):
    """End the pair, and say why."""

    reason: PairEnd
    note: SealedText


class PairEndedV1(EndPairV1):
    """It ended."""


Command = PairV1 | PlanHelpV1 | RecordPairVisitV1 | RecordPairResultV1 | EndPairV1
Event = PairedV1 | HelpPlannedV1 | PairVisitRecordedV1 | PairResultRecordedV1 | PairEndedV1
