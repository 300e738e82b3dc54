"""Which personal data a reader may see, and the rule that no one sees any before it is on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import structlog

from contracts.people import ReadingPurpose
from ledger.log import LogError
from ledger.subject_keys import VaultError
from services.projections.people_queries import DisclosureState
from services.projections.reading import CASEWORK, Reader
from services.projections.rows import CaseRow

GUARDS = frozenset({"supervisor", "data_protection_officer"})
"""Roles that look after personal data: they see who has read them, and may erase and hold."""


class AccessLog(Protocol):
    """Where readings are put on record; the composition root supplies it."""

    async def record_reading(
        self,
        actor: str,
        unit: str,
        purpose: ReadingPurpose,
        *,
        cases: Sequence[str] = (),
        subjects: Sequence[str] = (),
        disclosure: str | None = None,
    ) -> None:
        """Put a reading on record; durable on return. Raises LogError."""
        ...


class Opening(NamedTuple):
    """How a reader may open a case. `asked`: the reader's own request for a disclosure, the newest."""

    may_open: bool
    purpose: ReadingPurpose = "casework"
    disclosure: str | None = None
    asked: DisclosureState | None = None


def opening_of(reader: Reader, case: CaseRow, disclosures: Sequence[DisclosureState], now: int) -> Opening:
    """By role, or by a disclosure in force at this time (milliseconds); else not at all."""
    if reader.holds_any(CASEWORK, case.unit):
        return Opening(may_open=True)
    mine = [one for one in disclosures if (one.asked_by, one.unit) == (reader.actor.id, case.unit)]
    newest = mine[0] if mine else None
    granted = next((one for one in mine if one.in_force(now)), None)
    if granted is None or not reader.holds_any({"auditor"}, case.unit):
        return Opening(may_open=False, asked=newest)
    return Opening(may_open=True, purpose="disclosure", disclosure=granted.disclosure, asked=granted)


async def on_record(
    access: AccessLog, reader: Reader, unit: str, opening: Opening, cases: Sequence[str]
) -> bool:
    """Put on record that the reader is shown these cases; False where that cannot be, so nothing is shown."""
    if not opening.may_open or not cases:
        return opening.may_open
    try:
        await access.record_reading(
            reader.actor.id, unit, opening.purpose, cases=cases, disclosure=opening.disclosure
        )
    except (LogError, VaultError) as error:
        structlog.get_logger("access").warning("reading not recorded", reason=type(error).__name__)
        return False
    return True
