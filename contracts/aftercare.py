"""What comes after the reply: the complainant's own word, and the follow-up by somebody else.

Commands and events of the family `grievance`, version 1; contracts.grievance lists them among its own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Message
from contracts.casework import MaybeSealedText, SealedText

Satisfaction = Literal["satisfied", "fairly", "not_satisfied"]


class AddInformationV1(Message):
    """Add information to one's own case (补充材料), while it is open."""

    note: SealedText


class InformationAddedV1(AddInformationV1):
    """The complainant added this."""


class RateV1(Message):
    """Say how satisfied one is with the last reply (满意度评价), and why if one likes."""

    satisfaction: Satisfaction
    note: MaybeSealedText = None


class RatedV1(RateV1):
    """The complainant rated this reply of the case, counted from 1; a later rating of it takes its place."""

    reply: Annotated[int, Field(ge=1)]


class RecordFollowUpV1(Message):
    """Record a follow-up (回访) by somebody who did not handle the case: it is no rating.

    `note`: what was asked and answered; `remains`: what is still open, if anything.
    """

    reached: Literal["reached", "not_reached"]
    note: SealedText
    remains: MaybeSealedText = None


class FollowUpRecordedV1(RecordFollowUpV1):
    """It was recorded."""


Command = AddInformationV1 | RateV1 | RecordFollowUpV1
Event = InformationAddedV1 | RatedV1 | FollowUpRecordedV1
