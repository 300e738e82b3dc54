"""Which events of a case stand on the ledger of disappearances (contracts.disappearances), and as which row. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts import casework as w
from contracts import ending as e
from contracts import grievance as g
from contracts import transfer as t
from contracts.base import Message
from contracts.disappearances import Disappearance
from services.projections.bounds import bounded_text
from services.projections.case_fold import Told
from services.projections.rows import CaseRow, DisappearanceRow

_KINDS: Mapping[type[Message], Disappearance] = MappingProxyType(
    {
        g.NotAcceptedV1: "not_accepted",
        e.MergedV1: "merged",
        e.UnmergedV1: "unmerged",
        e.WithdrawnV1: "withdrawn",
        e.WithdrawalUndoneV1: "withdrawal_undone",
        t.TransferredOutV1: "transferred_out",
        t.TransferReleasedV1: "transfer_released",
    }
)


def disappearance(
    before: CaseRow | None, after: CaseRow, event: Message, told: Told, number: int
) -> DisappearanceRow | None:
    """The row of an event that took the case from `before` to `after`; None of one that made nothing disappear."""
    what, decision = _kind(before, event), told.decision
    if what is None:
        return None
    classed = what == "reclassified" and before is not None
    return DisappearanceRow(
        partition=decision.partition,
        submission_offset=decision.submission_offset,
        number=number,
        events_offset=decision.events_offset,
        case_id=told.subject,
        unit=after.unit,
        what=what,
        recorded_at=decision.recorded_at,
        actor=decision.actor,
        role=decision.role,
        goes_on=bounded_text(_goes_on(event)),
        reason=event.reason if isinstance(event, g.NotAcceptedV1) else None,
        was_kind=before.kind if classed and before else None,
        was_severity=before.severity if classed and before else None,
        kind=after.kind if classed else None,
        severity=after.severity if classed else None,
    )


def _kind(before: CaseRow | None, event: Message) -> Disappearance | None:
    match event:
        case g.LodgedV1(split_from=str()):
            return "split"
        case w.ReclassificationDecidedV1(verdict="approve"):
            return "reclassified"
        case e.WithdrawalUndoneV1() if before is not None and before.status != "withdrawn":
            # What was only asked for had not gone.
            return None
        case _:
            return _KINDS.get(type(event))


def _goes_on(event: Message) -> str | None:
    match event:
        case e.MergedV1():
            return event.target
        case t.TransferredOutV1():
            return event.to
        case g.LodgedV1():
            return event.split_from
        case _:
            return None
