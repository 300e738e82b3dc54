"""Kinds of inspection, as entries of the register. Version 1 of every type."""

from __future__ import annotations

from typing import Literal

from contracts.base import Code, Line, Message, Milliseconds

Cycle = Literal["month", "quarter", "year"]
Each = Literal["zone", "unit"]
"""Whether each zone is inspected, or the community as a whole."""


class DefineInspectionV1(Message):
    """Enter a kind of inspection for a unit and all below it, or change it from a date on.

    `cycle`: how often it is due; `retired`: from then on it is due no more.
    """

    unit: Code
    inspection: Code
    name: Line
    cycle: Cycle
    each: Each
    since: Milliseconds | None = None
    retired: bool = False


class InspectionDefinedV1(DefineInspectionV1):
    """A kind of inspection was entered or changed."""
