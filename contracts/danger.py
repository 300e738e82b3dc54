"""Words that may tell of danger, and who has looked. Commands and events of the family `grievance`, version 1.

Intake compares a lodging with a list of words, as decide never sees what was written.
"""

from __future__ import annotations

from typing import Literal

from contracts.base import Message, Milliseconds
from contracts.casework import SealedText

Danger = Literal["life", "child", "home"]
"""What the words may tell of: danger to life, harm to a child, violence at home. It is asked, never held to be so."""

Finding = Literal["help_called", "being_looked_after", "no_danger"]
"""What the duty person found: help was called; somebody is with them; there is no danger."""


class AcknowledgeDangerV1(Message):
    """Say as the person on duty that the case was looked at, what was found, and what was done."""

    finding: Finding
    note: SealedText


class DangerAcknowledgedV1(AcknowledgeDangerV1):
    """Somebody on duty has looked at it."""


class DangerOverdueV1(Message):
    """Nobody on duty had looked at it by `due_at`: the supervisor is called upon."""

    due_at: Milliseconds


Command = AcknowledgeDangerV1
Event = DangerAcknowledgedV1 | DangerOverdueV1
