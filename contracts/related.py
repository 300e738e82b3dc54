"""What came of cases that grew from a grievance, told to it by a reaction. Commands and events of `grievance`, version 1."""

from __future__ import annotations

from typing import Literal

from contracts.base import Identifier, Message

CameTo = Literal["agreed", "refused", "failed", "withdrawn", "referred", "approved", "rejected", "stopped"]
"""What a mediation or an aid request came to; what an import tells is not told on."""


class NoteRelatedV1(Message):
    """A clock says what a mediation or an aid request that grew from this case has come to."""

    related: Identifier
    came_to: CameTo


class RelatedNotedV1(NoteRelatedV1):
    """It is on record here, too."""


Command = NoteRelatedV1
Event = RelatedNotedV1
