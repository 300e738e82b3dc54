"""One case of the read model: its row before an event, the event, its row after. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from contracts import aftercare as a
from contracts import casework as w
from contracts import danger as dg
from contracts import doors as d
from contracts import ending as e
from contracts import grievance as g
from contracts import joint as j
from contracts import pausing as z
from contracts import risk as k
from contracts import transfer as t
from contracts.base import Message
from contracts.figures import HIDDEN, CaseStatus
from contracts.letters import LetterMadeV1
from contracts.outside import ResultReturnedV1
from contracts.personal import Sealed
from services.projections.after import kept, terms_of
from services.projections.bounds import bounded_text
from services.projections.rows import BatchRow, CaseRow, DecisionRow

Batches = Mapping[str, BatchRow]
_Change = dict[str, Any]
_PLACE = {name: place for place, name in enumerate(CaseRow._fields)}


class Told(NamedTuple):
    """What a decision says about each of its events; `subject` is its stream, `at` the effective time."""

    decision: DecisionRow
    subject: str
    at: int


def evolve(row: CaseRow | None, event: Message, told: Told, batches: Batches) -> CaseRow | None:
    """The row after an event; None where a case does not start with its lodging.

    `batches`: the import batches of the partition as of before the event.
    """
    if type(event) is g.LodgedV1:
        return _lodged(event, told, batches)
    if type(event) is t.TransferredInV1:
        return _transferred_in(event, told)
    if row is None:
        return None
    change = _CHANGES.get(type(event))
    changes = change(row, event, told, batches) if change else {}
    after = _replaced(row, changes | {"changed_at": told.at})
    more = kept(row, after, told.at, live=told.decision.batch is None)
    more = {name: value for name, value in more.items() if getattr(after, name) != value}
    return _replaced(after, more) if more else after


def _replaced(row: CaseRow, changes: _Change) -> CaseRow:
    """What `_replace` does, in a third of the time: a rebuild does little else."""
    values = list(row)
    for name, value in changes.items():
        values[_PLACE[name]] = value
    return CaseRow._make(values)


def close_import(row: CaseRow, closed_at: int) -> CaseRow:
    """The row after its import was closed: the deadline starts anew for the clock (invariant 10).

    What had lapsed by then follows from the log; no event says it for each case (docs/adr/0018).
    """
    if row.due_deadline is None or row.due_start is None or row.due_end is None:
        return row
    due_at = max(row.due_end, closed_at + row.due_end - row.due_start)
    lapsed = row.due_end < closed_at
    changes: _Change = {
        "due_at": due_at,
        "overdue": _mark(row.due_deadline, due_at) in row.lapses.split(),
        "overdue_historical": row.overdue_historical or lapsed,
        "late": row.late or lapsed,
    }
    term = {"accept": "accept_due", "handle": "handle_due"}.get(row.due_deadline)
    return _replaced(row, changes | {term: due_at} if term else changes)


def _lodged(event: g.LodgedV1, told: Told, batches: Batches) -> CaseRow:
    decision = told.decision
    reporter = event.reporter_name or event.telephone or event.address
    row = CaseRow(
        case_id=told.subject,
        partition=decision.partition,
        unit=decision.unit or "",
        tracking=event.tracking,
        channel=event.channel,
        anonymous=event.anonymous,
        zone_told=event.zone_told,
        source_id=bounded_text(event.source_id),
        duplicate_of=event.duplicate_of,
        batch=decision.batch,
        reporter=reporter.subject if reporter else None,
        submission_id=decision.submission_id,
        lodged_by=decision.actor,
        lodged_at=told.at,
        occurred_at=told.at if decision.occurred_at is None else decision.occurred_at,
        recorded_at=decision.recorded_at,
        title=sealed_json(event.title) if event.title else None,
        story=sealed_json(event.story),
        status="lodged",
        zone=event.zone,
        category=event.category,
        changed_at=told.at,
        petitioners=event.petitioners,
        representatives=event.representatives,
        on_behalf_of=event.on_behalf_of,
        confidential=event.confidential is True,
        danger=event.danger,
        danger_due_at=event.danger_due_at,
        others=_subjects(event.representative_names, event.person_concerned),
        source=event.source,
        target_at=event.target_at,
        result_owed=event.source is not None,
        split_from=event.split_from,
        grown_from=event.grown_from,
    )
    running = _run(row, "accept", told.at, event.accept_due_at, batches)
    return _replaced(row, running | {"accept_due": running["due_at"]})


def _transferred_in(event: t.TransferredInV1, told: Told) -> CaseRow:
    """A case as it goes on here: with the standing that it left with, and no more of what it was there."""
    decision, stood = told.decision, event.standing
    reporter = event.reporter_name or event.telephone or event.address
    mark = _mark(stood.deadline, stood.due_at)
    row = CaseRow(
        case_id=told.subject,
        partition=decision.partition,
        unit=decision.unit or "",
        tracking=event.tracking,
        channel=event.channel,
        anonymous=event.anonymous,
        zone_told=None,
        source_id=None,
        duplicate_of=None,
        batch=None,
        reporter=reporter.subject if reporter else None,
        submission_id=decision.submission_id,
        lodged_by=None,
        lodged_at=stood.lodged_at,
        occurred_at=stood.lodged_at,
        recorded_at=decision.recorded_at,
        title=sealed_json(event.title) if event.title else None,
        story=sealed_json(event.story),
        status="lodged" if stood.deadline == "accept" else "accepted",
        zone=None,
        category=event.category,
        changed_at=told.at,
        petitioners=event.petitioners,
        representatives=event.representatives,
        on_behalf_of=event.on_behalf_of,
        confidential=event.confidential is True,
        others=_subjects(event.representative_names, event.person_concerned),
        kind=event.kind,
        severity=event.severity,
        accepted_at=stood.due_start if stood.deadline == "handle" else None,
        replied_at=stood.replied_at,
        reply_delay=None if stood.replied_at is None else stood.replied_at - stood.lodged_at,
        due_deadline=stood.deadline,
        due_start=stood.due_start,
        due_end=stood.due_at,
        due_at=stood.due_at,
        lapses=mark if stood.overdue else "",
        overdue=stood.overdue,
        late=stood.late,
        extension="approved" if stood.extended else None,
        escalate_at=event.escalate_at,
        transfer=event.transfer,
        transferred_from=event.origin_unit,
        came_from=event.origin,
    )
    return _replaced(row, terms_of(row))


def sealed_json(sealed: Sealed) -> str:
    """A sealed text as the read model stores it."""
    # Both fields are of characters that JSON writes as they are.
    text = f'"text":"{sealed.text}",' if sealed.text else ""
    return f'{{"subject":"{sealed.subject}",{text}"sealed":"{sealed.sealed}"}}'


def _subjects(*sealed: Sealed | None) -> str:
    return " ".join(dict.fromkeys(one.subject for one in sealed if one is not None))


def _representatives_named(
    row: CaseRow, event: d.RepresentativesNamedV1, _told: Told, _batches: Batches
) -> _Change:
    named = event.representative_names
    others = row.others if named is None or named.subject in row.others else f"{row.others} {named.subject}"
    return {"representatives": event.representatives, "others": others.strip()}


def _danger_acknowledged(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"danger_due_at": None, "danger_overdue": False}


def _danger_overdue(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"danger_overdue": True}


def _triaged(row: CaseRow, event: w.TriagedV1, _told: Told, _batches: Batches) -> _Change:
    category = row.category if event.category is None else event.category
    return {"kind": event.kind, "severity": event.severity, "category": category}


def _accepted(row: CaseRow, event: g.AcceptedV1, told: Told, batches: Batches) -> _Change:
    running = _run(row, "handle", told.at, event.handle_due_at, batches) | _NEW_TERM
    waiting = {"unserved": bool(row.letters_unserved)}
    return {"status": "accepted", "accepted_at": told.at} | _met(row, told.at) | running | waiting


def _not_accepted(row: CaseRow, event: g.NotAcceptedV1, told: Told, _batches: Batches) -> _Change:
    done = {"status": "not_accepted", "closed_at": told.at, "outcome": event.reason}
    return done | _met(row, told.at) | _STOPPED


def _assigned(_row: CaseRow, event: g.AssignedV1, _told: Told, _batches: Batches) -> _Change:
    return {"handler": event.handler}


def _referred(_row: CaseRow, event: g.ReferredV1, told: Told, _batches: Batches) -> _Change:
    return {"zone": event.zone, "referred_at": told.at}


def _returned(_row: CaseRow, event: w.ReturnedV1, _told: Told, _batches: Batches) -> _Change:
    return {"zone": event.zone, "referred_at": None}


def _extension_asked(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"extension": "asked"}


def _extension_decided(row: CaseRow, event: w.ExtensionDecidedV1, _told: Told, batches: Batches) -> _Change:
    if event.handle_due_at is None or row.due_start is None:
        return {"extension": "refused"}
    running = _run(row, "handle", row.due_start, event.handle_due_at, batches)
    return running | {"extension": "approved", "escalate_at": None}


def _paused(row: CaseRow, event: z.PausedV1, told: Told, batches: Batches) -> _Change:
    return _run(row, "pause", told.at, event.until, batches)


def _resumed(row: CaseRow, event: z.ResumedV1, told: Told, batches: Batches) -> _Change:
    return _run(row, "handle", told.at, event.handle_due_at, batches)


def _joint_started(_row: CaseRow, event: j.JointHandlingStartedV1, _told: Told, _batches: Batches) -> _Change:
    units = (event.lead, *(unit for unit in event.units if unit != event.lead))
    return {"joint": " ".join(f"{unit}:pending" for unit in units), "joint_open": True}


def _joint_part(row: CaseRow, event: j.JointPartRecordedV1, _told: Told, _batches: Batches) -> _Change:
    done = f"{event.unit}:done"
    parts = (done if part == f"{event.unit}:pending" else part for part in row.joint.split())
    return {"joint": " ".join(parts)}


def _joint_ended(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"joint_open": False}


def _urged(row: CaseRow, _event: w.UrgedV1, _told: Told, _batches: Batches) -> _Change:
    return {"urged": row.urged + 1}


def _escalated(_row: CaseRow, event: w.EscalatedV1, _told: Told, _batches: Batches) -> _Change:
    return {"escalated_to": event.to, "escalate_at": event.next_at}


def _replied(row: CaseRow, _event: g.RepliedV1, told: Told, _batches: Batches) -> _Change:
    letter: _Change = {
        "unserved": told.decision.batch is None or row.unserved,
        "review_until": None,
        "replies": row.replies + 1,
        "news": False,
    }
    if row.replied_at is not None:
        return letter
    return letter | {"replied_at": told.at, "reply_delay": told.at - row.lodged_at}


def _resolved(_row: CaseRow, _event: g.ResolvedV1, told: Told, _batches: Batches) -> _Change:
    return {"resolved_at": told.at}


def _closed(row: CaseRow, event: g.ClosedV1, told: Told, _batches: Batches) -> _Change:
    done = {"status": "closed", "closed_at": told.at, "outcome": event.outcome}
    # A case closed by an imported reply was never accepted: only its handling term is judged, and the
    # decision itself has said so by a historical overdue event.
    met = {} if row.status == "lodged" else _met(row, told.at)
    return done | met | _STOPPED


def _reopened(row: CaseRow, event: g.ReopenedV1, told: Told, batches: Batches) -> _Change:
    afresh = {"status": "accepted", "closed_at": None, "outcome": None, "resolved_at": None}
    running = _run(row, "handle", told.at, event.handle_due_at, batches) | _NEW_TERM
    return (
        afresh
        | running
        | {
            "reopened": row.reopened + 1,
            "unserved": bool(row.letters_unserved),
            "result_owed": row.source is not None,
        }
    )


def _proposed(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"proposed": True}


def _reclassified(
    _row: CaseRow, event: w.ReclassificationDecidedV1, _told: Told, _batches: Batches
) -> _Change:
    told = {"kind": event.kind, "severity": event.severity, "category": event.category}
    return {"proposed": False} | {name: value for name, value in told.items() if value is not None}


def _recused(row: CaseRow, event: w.RecusedV1, _told: Told, _batches: Batches) -> _Change:
    return {"handler": None} if row.handler == event.handler else {}


def _served(row: CaseRow, event: w.ServiceRecordedV1, _told: Told, _batches: Batches) -> _Change:
    if event.result == "failed":
        return {"service_failed": True}
    waiting = " ".join(number for number in row.letters_unserved.split() if number != event.letter)
    until = {} if event.review_until is None else {"review_until": event.review_until}
    return {"letters_unserved": waiting, "unserved": bool(waiting), "service_failed": False} | until


def _result_returned(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"result_owed": False}


def _risk_decided(_row: CaseRow, event: k.RiskFlagDecidedV1, _told: Told, _batches: Batches) -> _Change:
    return {"risk_proposed": False, "risk_until": event.until, "risk_reported": False}


def _letter_made(row: CaseRow, event: LetterMadeV1, _told: Told, _batches: Batches) -> _Change:
    return {"unserved": True, "letters_unserved": f"{row.letters_unserved} {event.number}".strip()}


def _review_requested(row: CaseRow, event: w.ReviewRequestedV1, told: Told, batches: Batches) -> _Change:
    asked = {"status": "in_review", "closed_at": None, "review_until": None}
    running = _run(row, "review", told.at, event.answer_due_at, batches)
    return _met(row, told.at) | _STOPPED | running | asked


def _review_answered(row: CaseRow, _event: w.ReviewAnsweredV1, told: Told, _batches: Batches) -> _Change:
    done = {"status": "closed", "closed_at": told.at, "outcome": row.outcome or "answered", "unserved": True}
    return done | _met(row, told.at) | _STOPPED


def _progressed(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"news": False}


def _informed(row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return {"additions": row.additions + 1, "news": True}


def _rated(_row: CaseRow, event: a.RatedV1, _told: Told, _batches: Batches) -> _Change:
    return {"satisfaction": event.satisfaction, "rated_reply": event.reply}


def _followed_up(_row: CaseRow, event: a.FollowUpRecordedV1, _told: Told, _batches: Batches) -> _Change:
    return {"followed_up": event.reached}


def _handed_to_inspection(_row: CaseRow, _event: Message, _told: Told, _batches: Batches) -> _Change:
    return _STOPPED | {"status": HIDDEN, "danger_due_at": None, "danger_overdue": False, "accept_due": None}


def _withdrawal_asked(_row: CaseRow, event: e.WithdrawalAskedV1, _told: Told, _batches: Batches) -> _Change:
    return {"withdrawal_asked": True, "confirm_from": event.confirm_from}


def _withdrawn(row: CaseRow, event: e.WithdrawnV1, told: Told, _batches: Batches) -> _Change:
    return _set_aside(row, "withdrawn", told.at) | {"undo_until": event.undo_until}


def _merged(row: CaseRow, event: e.MergedV1, told: Told, _batches: Batches) -> _Change:
    return _set_aside(row, "merged", told.at) | {"merged_into": event.target}


def _set_aside(row: CaseRow, status: CaseStatus, at: int) -> _Change:
    """The case ended so that it can come back; a deadline that it had missed by then stays missed."""
    held = orjson.dumps({name: getattr(row, name) for name in _HELD}).decode()
    return _met(row, at) | _STOPPED | {"status": status, "held": held}


def _restored(row: CaseRow, _event: Message, _told: Told, batches: Batches) -> _Change:
    back = {"withdrawal_asked": False, "confirm_from": None, "undo_until": None, "merged_into": None}
    if row.held is None:
        return back
    held: _Change = orjson.loads(row.held)
    running = _run(row, held["due_deadline"], held["due_start"], held["due_end"], batches)
    return held | running | back | {"held": None}


def _transferred_out(row: CaseRow, event: t.TransferredOutV1, _told: Told, _batches: Batches) -> _Change:
    left = {"status": "transferred", "in_transit": True, "became": None, "extension": row.extension}
    return _STOPPED | left | {"transfer": event.transfer, "transferred_to": event.to}


def _transfer_confirmed(
    _row: CaseRow, event: t.TransferConfirmedV1, _told: Told, _batches: Batches
) -> _Change:
    return {"became": event.case, "in_transit": False}


def _transfer_released(row: CaseRow, event: t.TransferReleasedV1, _told: Told, batches: Batches) -> _Change:
    status = "lodged" if event.deadline == "accept" else "accepted"
    back = {"status": status, "in_transit": False, "transferred_to": None, "escalate_at": event.escalate_at}
    return back | _run(row, event.deadline, event.due_start, event.due_at, batches)


def _redacted(row: CaseRow, event: g.RedactedV1, _told: Told, _batches: Batches) -> _Change:
    return {"redacted": f"{row.redacted} {event.text}".strip()}


def _overdue(row: CaseRow, event: g.OverdueV1, _told: Told, _batches: Batches) -> _Change:
    if event.historical:
        return {"overdue_historical": True, "late": True}
    mark = _mark(event.deadline, event.due_at)
    stands = row.due_at is not None and mark == _mark(row.due_deadline, row.due_at)
    said = {"lapses": f"{row.lapses} {mark}".strip(), "overdue": row.overdue or stands, "late": True}
    return said | {"escalate_at": event.escalate_at}


def _run(row: CaseRow, deadline: g.Deadline, start: int, end: int, batches: Batches) -> _Change:
    """The columns of a deadline that starts to run."""
    due_at: int | None = end
    if row.batch is not None:
        batch = batches.get(row.batch)
        closed_at = batch.closed_at if batch else None
        due_at = None if closed_at is None else max(end, closed_at + end - start)
    overdue = due_at is not None and _mark(deadline, due_at) in row.lapses.split()
    return {
        "due_deadline": deadline,
        "due_start": start,
        "due_end": end,
        "due_at": due_at,
        "overdue": overdue,
    }


_NEW_TERM: _Change = {
    "review_until": None,
    "extension": None,
    "referred_at": None,
    "escalated_to": None,
    "escalate_at": None,
}

_STOPPED: _Change = {
    "joint_open": False,
    "withdrawal_asked": False,
    "confirm_from": None,
    "proposed": False,
    "extension": None,
    "referred_at": None,
    "escalate_at": None,
    "due_deadline": None,
    "due_start": None,
    "due_end": None,
    "due_at": None,
    "overdue": False,
}


_HELD = (
    "status",
    "extension",
    "referred_at",
    "escalate_at",
    "proposed",
    "due_deadline",
    "due_start",
    "due_end",
    "joint_open",
)
"""Columns that a withdrawn or merged case gets back; the rest of its deadline follows from them."""


def _met(row: CaseRow, at: int) -> _Change:
    """What remains of a deadline that a step met at this time: whether it came too late."""
    end = row.due_end if row.due_at is None else row.due_at
    if end is None or at <= end:
        return {}
    return {"late": True, "overdue_historical": row.overdue_historical or row.due_at is None}


def _mark(deadline: str | None, due_at: int) -> str:
    return f"{deadline}:{due_at}"


_CHANGES: dict[type[Message], Callable[[CaseRow, Any, Told, Batches], _Change]] = {
    w.TriagedV1: _triaged,
    g.AcceptedV1: _accepted,
    g.NotAcceptedV1: _not_accepted,
    g.AssignedV1: _assigned,
    g.ReferredV1: _referred,
    w.ReturnedV1: _returned,
    w.ExtensionAskedV1: _extension_asked,
    w.ExtensionDecidedV1: _extension_decided,
    z.PausedV1: _paused,
    z.ResumedV1: _resumed,
    j.JointHandlingStartedV1: _joint_started,
    j.JointPartRecordedV1: _joint_part,
    j.JointHandlingEndedV1: _joint_ended,
    w.UrgedV1: _urged,
    w.EscalatedV1: _escalated,
    g.RepliedV1: _replied,
    g.ResolvedV1: _resolved,
    g.ClosedV1: _closed,
    g.ReopenedV1: _reopened,
    w.ReclassificationProposedV1: _proposed,
    w.ReclassificationDecidedV1: _reclassified,
    w.RecusedV1: _recused,
    w.ServiceRecordedV1: _served,
    LetterMadeV1: _letter_made,
    ResultReturnedV1: _result_returned,
    k.RiskFlagProposedV1: lambda _row, _event, _told, _batches: {"risk_proposed": True, "risk_until": None},
    k.RiskFlagDecidedV1: _risk_decided,
    k.RiskReportedV1: lambda _row, _event, _told, _batches: {"risk_reported": True},
    k.RiskFlagLiftedV1: lambda _row, _event, _told, _batches: {"risk_until": None},
    w.ReviewRequestedV1: _review_requested,
    w.ReviewAnsweredV1: _review_answered,
    e.HandedToInspectionV1: _handed_to_inspection,
    e.WithdrawalAskedV1: _withdrawal_asked,
    e.WithdrawnV1: _withdrawn,
    e.WithdrawalUndoneV1: _restored,
    e.MergedV1: _merged,
    e.UnmergedV1: _restored,
    g.RedactedV1: _redacted,
    d.RepresentativesNamedV1: _representatives_named,
    dg.DangerAcknowledgedV1: _danger_acknowledged,
    dg.DangerOverdueV1: _danger_overdue,
    g.ProgressRecordedV1: _progressed,
    a.InformationAddedV1: _informed,
    a.RatedV1: _rated,
    a.FollowUpRecordedV1: _followed_up,
    g.OverdueV1: _overdue,
    t.TransferredOutV1: _transferred_out,
    t.TransferConfirmedV1: _transfer_confirmed,
    t.TransferReleasedV1: _transfer_released,
}
