"""How an accusation's row moves on with each of its events."""

from __future__ import annotations

import orjson

from contracts import accusation as a
from contracts.base import Message
from contracts.envelope import DecisionBody
from services.projections.bounds import bounded_text
from services.projections.case_fold import Told, sealed_json
from services.projections.rows import AccusationEventRow, AccusationRow


def follow(row: AccusationRow | None, event: Message, told: Told) -> AccusationRow | None:
    """The row after an event; None while there is no such accusation."""
    decision = told.decision
    if isinstance(event, a.LodgedV1):
        return AccusationRow(
            decision.family,
            decision.partition,
            told.subject,
            decision.unit or "",
            event.tracking,
            event.about,
            event.channel,
            decision.submission_offset,
            decision.recorded_at,
            sealed_json(event.against),
            None if event.excluded is None else sealed_json(event.excluded),
            " ".join(event.entrusted),
            "lodged",
            decision.recorded_at,
        )
    if row is None or isinstance(event, a.ReadingRecordedV1):
        return row
    return _changed(row._replace(changed_at=decision.recorded_at), event)


def _changed(row: AccusationRow, event: Message) -> AccusationRow:
    match event:
        case a.TakenUpV1():
            return row._replace(status="taken_up", proposed_by=None)
        case a.PassedOnV1():
            return row._replace(status="passed_on", proposed_by=None)
        case a.NotPursuingProposedV1():
            return row._replace(proposed_by=event.proposed_by)
        case a.NotPursuingDecidedV1():
            status = "not_pursued" if event.verdict == "approve" else row.status
            return row._replace(status=status, proposed_by=None)
        case a.AnsweredV1():
            return row._replace(status="answered")
        case a.ClosedV1():
            return row._replace(status="closed")
        case a.EntrustedV1():
            return row._replace(entrusted=f"{row.entrusted} {event.person}")
        case _:
            return row


def event_row(told: Told, body: DecisionBody, number: int) -> AccusationEventRow:
    """The row of one event of a decision."""
    decision, stated = told.decision, body.events[number]
    return AccusationEventRow(
        decision.family,
        decision.partition,
        decision.submission_offset,
        number,
        decision.events_offset,
        told.subject,
        stated.type,
        bounded_text(decision.actor),
        bounded_text(decision.role),
        decision.recorded_at,
        orjson.dumps(stated.data).decode(),
    )
