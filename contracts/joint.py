"""Joint handling (联合办理): commands and events of the family `grievance`, version 1.

Several units of the register, of any kind, do their parts of one case under one lead. The case, its terms and the
answer for it stay with its home community.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.base import Code, Message
from contracts.casework import SealedText

MOST_UNITS = 12
"""How many units may handle one case jointly."""

Units = Annotated[tuple[Code, ...], Field(strict=False, min_length=2, max_length=MOST_UNITS)]


class StartJointHandlingV1(Message):
    """Begin to handle the case jointly: the units that take part, which of them leads, and why."""

    units: Units
    lead: Code
    note: SealedText


class JointHandlingStartedV1(StartJointHandlingV1):
    """Joint handling has begun; every unit's part is awaited."""


class RecordJointPartV1(Message):
    """Record what one of the units did, or its opinion."""

    unit: Code
    note: SealedText


class JointPartRecordedV1(RecordJointPartV1):
    """The part of this unit was recorded."""


class EndJointHandlingV1(Message):
    """End the joint handling by the lead's side, and say what came of it."""

    note: SealedText


class JointHandlingEndedV1(EndJointHandlingV1):
    """Joint handling has ended. `missing`: the units that gave no part."""

    missing: Annotated[tuple[Code, ...], Field(strict=False, max_length=MOST_UNITS)] = ()


Command = StartJointHandlingV1 | RecordJointPartV1 | EndJointHandlingV1
Event = JointHandlingStartedV1 | JointPartRecordedV1 | JointHandlingEndedV1
