"""Pausing the handling term: commands and events of the family `grievance`, version 1.

A term is paused for a reason that the policy names, for a bounded time, and runs on by itself afterwards.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Message, Milliseconds
from contracts.casework import MaybeSealedText, SealedText

PauseReason = Literal["appraisal", "court", "complainant", "unavoidable"]
"""An appraisal or test is under way; another body must decide first; the complainant's papers are awaited;
circumstances that nobody could avoid."""


class PauseV1(Message):
    """Pause the handling term (暂停计时) for so many days at most, and say why."""

    reason: PauseReason
    days: Annotated[int, Field(ge=1, le=365)]
    note: SealedText


class PausedV1(PauseV1):
    """The term is paused. `until`: when it runs on by itself; `left`: how much of it is left, in milliseconds."""

    until: Milliseconds
    left: Annotated[int, Field(ge=0)]


class ResumeV1(Message):
    """Let the handling term run on (恢复计时) before its pause ends, and say why."""

    note: SealedText


class ResumedV1(Message):
    """The term runs on and ends at `handle_due_at`. `by_rule`: because the pause had ended."""

    handle_due_at: Milliseconds
    by_rule: bool = False
    note: MaybeSealedText = None


Command = PauseV1 | ResumeV1
Event = PausedV1 | ResumedV1
