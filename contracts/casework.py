"""Casework on grievances beside their handling: triage.

Commands and events of the family `grievance`, version 1; contracts.grievance lists them among its own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from contracts.base import Code, Message, Text
from contracts.personal import Personal, Sealed

SealedText = Annotated[Sealed, Personal(Text, subject="case", apart="text")]

CaseKind = Literal["suggestion", "request"]
"""A suggestion (建议意见), or a request for something owed or a wrong put right (申诉求决)."""

Severity = Literal["ordinary", "serious", "urgent"]


class TriageV1(Message):
    """Say what kind of matter it is, of which category, and how grave; whether it is ours is said after."""

    kind: CaseKind
    severity: Severity
    category: Code | None = None


class TriagedV1(TriageV1):
    """It was triaged. Without a category it keeps the one that it was lodged under."""
