"""Employment help (就业援助): from who looks for work to whether they are still in it. Part of the family aid, version 1.

A placement is not a person: whoever is placed three times is one person and three placements.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Identifier, Line, Message, Milliseconds, Telephone
from contracts.casework import MaybeSealedText, SealedText
from contracts.personal import Personal, Sealed

MOST_OFFERS = 100

WorkNeed = Literal["ordinary", "long_unemployed", "disabled", "laid_off", "no_one_in_work", "young"]
"""Why they are helped: among them the long unemployed, those whose household has nobody in work (零就业家庭)."""

PostKind = Literal["vacancy", "public_benefit", "own_business", "elsewhere"]
"""A vacancy, a public-benefit post (公益性岗位), a business of their own, or work outside the place (劳务输出)."""

Months = Annotated[int, Field(ge=1, le=120)]
OfferNumber = Annotated[int, Field(ge=1, le=MOST_OFFERS)]
EmploymentEnd = Literal["in_work", "stopped_looking", "moved", "other"]


class RegisterSeekerV1(Message):
    """Register somebody who looks for work. Only inside an import may the name be missing."""

    need: WorkNeed
    story: SealedText
    name: Annotated[Sealed | None, Personal(Line, subject="applicant")] = None
    telephone: Annotated[Sealed | None, Personal(Telephone, subject="applicant")] = None
    household: Identifier | None = None
    source_id: Annotated[str, Field(max_length=64)] | None = None


class SeekerRegisteredV1(RegisterSeekerV1):
    """They are registered."""


class OfferPostV1(Message):
    """Offer a vacancy or a post; what and where is sealed."""

    kind: PostKind
    note: SealedText


class PostOfferedV1(OfferPostV1):
    """It was offered, under this number."""

    number: OfferNumber


class DeclinePostV1(Message):
    """Record that an offer came to nothing: they declined it, or were not taken."""

    offer: OfferNumber
    note: MaybeSealedText = None


class PostDeclinedV1(DeclinePostV1):
    """It came to nothing."""


class PlaceV1(Message):
    """Record that they began to work: in the post of an offer, or in one that they found themselves (None)."""

    kind: PostKind
    began_at: Milliseconds
    offer: OfferNumber | None = None
    note: MaybeSealedText = None


class PlacedV1(PlaceV1):
    """They are in work, as this placement.

    `asked_at`: by when it is to be asked whether they still are, earliest first; `asked_months`: how many months after they
    began each of these is.
    """

    number: OfferNumber
    asked_at: Annotated[tuple[Milliseconds, ...], Field(strict=False, max_length=12)] = ()
    asked_months: Annotated[tuple[Months, ...], Field(strict=False, max_length=12)] = ()


class AskAfterWorkV1(Message):
    """Record whether they are still in work so many months after they began, or lost it before these were over."""

    months: Months
    in_work: bool
    note: MaybeSealedText = None


class WorkAskedAfterV1(AskAfterWorkV1):
    """It was asked. Who is no longer in work looks for it again."""


class EndHelpV1(Message):
    """End the help, and say why."""

    reason: EmploymentEnd
    note: SealedText


class HelpEndedV1(EndHelpV1):
    """It ended."""


Command = RegisterSeekerV1 | OfferPostV1 | DeclinePostV1 | PlaceV1 | AskAfterWorkV1 | EndHelpV1
Event = SeekerRegisteredV1 | PostOfferedV1 | PostDeclinedV1 | PlacedV1 | WorkAskedAfterV1 | HelpEndedV1
