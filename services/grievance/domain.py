"""The life of a grievance: lodged → accepted → assigned → replied or resolved → closed, and reopened.

Source of the terms: 信访工作条例 (2022), see policy.py. Pure: no clock, random, I/O or setting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import grievance as g
from contracts import transfer as t
from contracts.base import Message
from contracts.envelope import Submission
from contracts.grown import case_of
from contracts.lineage import is_gone
from contracts.outside import order_stream
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, in_future, stream_id
from services.grievance import aftercare, danger, doors, ending, letters, life, pausing, transfer
from services.grievance import papers as p
from services.grievance.case import (
    Case,
    Due,
    Status,
    escalates_at,
    is_open,
    live_due,
)
from services.grievance.case import end_of_term as _end_of_term
from services.grievance.case import made as _event
from services.grievance.case import refused_by_status as _refused_by_status
from services.grievance.joint import refuse_answering

RULES = "grievance-1"


def decide(state: Case | None, command: Command, reference: Reference) -> Answer:
    """Answer one command about one case (None: no such case yet). Total: it never raises."""
    refusal = _refuse_out_of_bounds(state, command, reference)
    if refusal is not None:
        return refusal
    if isinstance(command.body, g.LodgeV1):
        return _lodge(state, command, command.body, reference)
    if isinstance(command.body, t.ReceiveTransferV1):
        return transfer.receive(state, command, reference)
    if state is None:
        return Refused("not_found")
    if command.submission.batch is not None or _closes(command.body):
        imported = _import(state, command, reference)
        if imported is not None:
            return imported
    of_life = life.HANDLERS.get(type(command.body))
    if of_life is not None:
        answer = of_life(state, command, reference)
    else:
        answer = _HANDLERS[type(command.body)](state, command.body, reference)
    return letters.with_letter(state, command, answer, reference)


def evolve(
    state: Case | None, event: Message, unit: str, effective_at: int, batch: str | None
) -> Case | None:
    """The case after an event, which happened at `effective_at` in this unit and import batch.

    Total: it never raises. Before its lodging there is no case, whatever is said to have happened to it.
    """
    if isinstance(event, g.LodgedV1 | t.TransferredInV1):
        return _begin(event, unit, effective_at, batch)
    if state is None:
        return None
    return aftercare.closed(_evolved(state, event, effective_at), state, effective_at)


def _evolved(state: Case, event: Message, effective_at: int) -> Case:
    papers = p.take(state.papers, event)
    if papers is not state.papers:
        state = state._replace(papers=papers)
    state = life.follow(aftercare.follow(state, event), event, effective_at)
    match event:
        case g.AcceptedV1():
            return state._replace(status="accepted", due=Due("handle", effective_at, event.handle_due_at))
        case g.ReferredV1():
            return state._replace(zone=event.zone)
        case g.RepliedV1():
            return state._replace(answered=True)
        case g.ResolvedV1():
            return state._replace(answered=True, resolved=True)
        case g.NotAcceptedV1() | g.ClosedV1():
            status: Status = "closed" if isinstance(event, g.ClosedV1) else "not_accepted"
            return state._replace(status=status, due=None)
        case g.ReopenedV1():
            due = Due("handle", effective_at, event.handle_due_at)
            return state._replace(status="accepted", due=due, answered=False, resolved=False)
        case g.OverdueV1():
            return state._replace(overdue=state.overdue | {(event.deadline, event.due_at)})
        case _:
            return state


def _begin(event: g.LodgedV1 | t.TransferredInV1, unit: str, effective_at: int, batch: str | None) -> Case:
    if isinstance(event, t.TransferredInV1):
        return transfer.begin(event, unit)
    due = Due("accept", effective_at, event.accept_due_at)
    papers, how = p.take(p.Papers(), event), doors.life_of(event)
    return Case(unit, "lodged", effective_at, due, event.zone, batch, papers=papers, life=how)


def _refuse_out_of_bounds(state: Case | None, command: Command, reference: Reference) -> Refused | None:
    """Who, where and when: the rules that hold for every command."""
    submission = command.submission
    unit = reference.register.unit(submission.unit)
    if unit is None:
        return Refused("unknown_unit", "unit")
    policy = g.policy_in(reference.register)
    if policy is None:
        return Refused("no_policy")
    imports = isinstance(command.body, g.CloseV1) and submission.batch is not None
    # Who imports tells what the source has closed, and closes nothing: as with an imported reply.
    name = "reply" if imports else command.name
    allowed = submission.role in policy.permissions.get(name, ())
    if not allowed or not _speaks(submission, reference):
        return Refused("not_entitled")
    if in_future(command, reference):
        return Refused("occurred_in_future", "occurred_at")
    if state is None:
        return None
    if state.unit != submission.unit:
        return Refused("other_unit")
    if submission.batch is not None and command.occurred_at < state.lodged_at:
        return Refused("occurred_before_case", "occurred_at")
    return None


def _speaks(submission: Submission, reference: Reference) -> bool:
    """Whether the actor may speak in this role: residents hold no appointment, and speak as one actor."""
    if submission.role == "resident":
        return submission.actor == g.RESIDENT
    return reference.register.holds(submission.actor, submission.role, submission.unit, reference.now)


def _lodge(state: Case | None, command: Command, body: g.LodgeV1, reference: Reference) -> Answer:
    submission = command.submission
    if body.source is not None and body.source_id is None:
        return Refused("source_without_number", "source_id")
    if (refused := _refuse_stream(body, submission)) is not None:
        return refused
    if state is not None:
        return Refused("already_exists", None if body.source is None else "source_id")
    if is_gone(reference.register, submission.unit, reference.now) and submission.batch is None:
        return Refused("unit_gone", "unit")
    if body.zone is not None and reference.register.zone(submission.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    if body.category is not None and reference.register.category(body.category) is None:
        return Refused("unknown_category", "category")
    if body.duplicate_of is not None and submission.batch is None:
        return Refused("only_in_import", "duplicate_of")
    if body.duplicate_of == submission.subject:
        return Refused("duplicate_of_itself", "duplicate_of")
    if refused := doors.refuse_lodging(body) or ending.refuse_splitting(body, command, reference):
        return refused
    due = ending.accepted_by(body, _end_of_term("accept", reference.effective_at, reference), reference)
    seen_by = danger.due_of(body, command, reference)
    return Accepted((_event(g.LodgedV1, body, accept_due_at=due, danger_due_at=seen_by),))


def _refuse_stream(body: g.LodgeV1, submission: Submission) -> Refused | None:
    # What grew is lodged by the reaction to it alone, which has the text that was recorded there.
    if (submission.role == "clock") is (body.grown_from is None):
        return Refused("clock_lodges_what_grew")
    return None if submission.subject == _stream_of(body, submission) else Refused("wrong_stream")


def _stream_of(body: g.LodgeV1, submission: Submission) -> str:
    """Which case a lodging creates: what grew, or came from outside, is one case, however often it is entered."""
    if body.grown_from is not None:
        return case_of(body.grown_from)
    if body.source is None or body.source_id is None:
        return stream_id("grv", submission.id)
    return order_stream(submission.unit, body.source, body.source_id)


def _accept(state: Case, _body: g.AcceptV1, reference: Reference) -> Answer:
    if state.status != "lodged":
        return _refused_by_status(state, "not_lodged_state")
    due = _end_of_term("handle", reference.effective_at, reference)
    return Accepted((g.AcceptedV1(handle_due_at=due),))


def _not_accept(state: Case, body: g.NotAcceptV1, _reference: Reference) -> Answer:
    if state.status != "lodged":
        return _refused_by_status(state, "not_lodged_state")
    return Accepted((_event(g.NotAcceptedV1, body),))


def _assign(state: Case, body: g.AssignV1, reference: Reference) -> Answer:
    if state.status != "accepted":
        return _refused_by_status(state, "not_accepted_yet")
    if not reference.register.holds(body.handler, "handler", state.unit, reference.now, state.zone):
        return Refused("unknown_handler", "handler")
    if body.handler in state.life.recused:
        return Refused("recused", "handler")
    return Accepted((g.AssignedV1(handler=body.handler),))


def _refer(state: Case, body: g.ReferV1, reference: Reference) -> Answer:
    if state.status != "accepted":
        return _refused_by_status(state, "not_accepted_yet")
    if reference.register.zone(state.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    if body.zone == state.zone:
        return Refused("same_zone", "zone")
    return Accepted((_event(g.ReferredV1, body),))


def _record_progress(state: Case, body: g.RecordProgressV1, _reference: Reference) -> Answer:
    if state.status != "accepted":
        return _refused_by_status(state, "not_accepted_yet")
    return Accepted((_event(g.ProgressRecordedV1, body),))


def _reply(state: Case, body: g.ReplyV1, _reference: Reference) -> Answer:
    if state.status != "accepted":
        return _refused_by_status(state, "not_accepted_yet")
    return refuse_answering(state) or Accepted((g.RepliedV1(reply=body.reply),))


def _closes(body: Message) -> bool:
    return isinstance(body, g.ReplyV1) and body.closes


def _import(state: Case, command: Command, reference: Reference) -> Answer | None:
    """A reply or a closing as the source tells it, of a case accepted before or not.

    None for other commands, which are decided as everywhere. It is told in the import that brought the case.
    """
    body = command.body
    if not isinstance(body, g.ReplyV1 | g.CloseV1):
        return None
    batch = reference.batches.get(state.batch or "")
    if batch is None or batch.closed_at is not None or command.submission.batch != state.batch:
        return Refused("only_in_import", "closes" if _closes(body) else None)
    if not is_open(state):
        return _refused_by_status(state, "already_closed")
    if isinstance(body, g.CloseV1):
        return Accepted((*_lapsed(state, reference), g.ClosedV1(outcome=body.outcome)))
    replied = g.RepliedV1(reply=body.reply)
    if not body.closes:
        return Accepted((replied,))
    return Accepted((*_lapsed(state, reference), replied, g.ClosedV1(outcome="answered")))


def _lapsed(state: Case, reference: Reference) -> tuple[g.OverdueV1, ...]:
    """What is found when an imported case is closed: that its handling term had passed, if it had."""
    due_at = _handle_due_at(state, reference)
    if reference.effective_at <= due_at:
        return ()
    return (g.OverdueV1(deadline="handle", due_at=due_at, historical=True),)


def _handle_due_at(state: Case, reference: Reference) -> int:
    """When the handling term of an imported case ends: from its lodging where it was never accepted."""
    if state.due is not None and state.due.deadline == "handle":
        return state.due.end
    return _end_of_term("handle", state.lodged_at, reference)


def _resolve(state: Case, body: g.ResolveV1, _reference: Reference) -> Answer:
    if state.status != "accepted":
        return _refused_by_status(state, "not_accepted_yet")
    if state.resolved:
        return Refused("already_resolved")
    return Accepted((_event(g.ResolvedV1, body),))


def _close(state: Case, body: g.CloseV1, _reference: Reference) -> Answer:
    if body.outcome in g.ONLY_IMPORTED:
        return Refused("only_in_import", "outcome")
    if state.status != "accepted":
        return _refused_by_status(state, "not_accepted_yet")
    refused = refuse_answering(state)
    if refused is not None or not state.answered:
        return refused or Refused("not_answered", "outcome")
    return Accepted((g.ClosedV1(outcome=body.outcome),))


def _reopen(state: Case, body: g.ReopenV1, reference: Reference) -> Answer:
    if state.status != "closed":
        return Refused("not_closed")
    refused = aftercare.refuse_reopening(state, reference)
    if refused is not None:
        return refused
    due = _end_of_term("handle", reference.effective_at, reference)
    return Accepted((g.ReopenedV1(note=body.note, handle_due_at=due),))


def _record_occurrence(_state: Case, body: g.RecordOccurrenceV1, _reference: Reference) -> Answer:
    return Accepted((_event(g.OccurrenceRecordedV1, body),))


def _attach(state: Case, body: g.AttachV1, reference: Reference) -> Answer:
    policy = g.policy_in(reference.register)
    if policy is None:
        return Refused("no_policy")
    refused = p.refuse_attaching(state.papers, body, policy, closed=not is_open(state))
    return refused or Accepted((_event(g.AttachedV1, body),))


def _redact(state: Case, body: g.RedactV1, _reference: Reference) -> Answer:
    return p.refuse_redacting(state.papers, body) or Accepted((_event(g.RedactedV1, body),))


def _correct(state: Case, body: g.CorrectV1, _reference: Reference) -> Answer:
    return p.refuse_correcting(state.papers, body) or Accepted((_event(g.CorrectedV1, body),))


def _deadline_due(state: Case, body: g.DeadlineDueV1, reference: Reference) -> Answer:
    if body.deadline == "escalate":
        return life.escalate_by_rule(state, body.due_at, reference)
    if body.deadline == "danger_seen":
        return danger.passed(state, body.due_at, reference)
    told = (body.deadline, body.due_at)
    if live_due(state, reference) != told or told in state.overdue:
        return NoOp("stale")
    if reference.now < body.due_at:
        return NoOp("early")
    if body.deadline == "pause":
        return pausing.resume_by_rule(state, body.due_at)
    passed_up = escalates_at(state, body.due_at, 0, reference)
    return Accepted((g.OverdueV1(deadline=body.deadline, due_at=body.due_at, escalate_at=passed_up),))


_HANDLERS: dict[type[Message], Callable[[Case, Any, Reference], Answer]] = {
    g.AcceptV1: _accept,
    g.NotAcceptV1: _not_accept,
    g.AssignV1: _assign,
    g.ReferV1: _refer,
    g.RecordProgressV1: _record_progress,
    g.ReplyV1: _reply,
    g.ResolveV1: _resolve,
    g.CloseV1: _close,
    g.ReopenV1: _reopen,
    g.RecordOccurrenceV1: _record_occurrence,
    g.AttachV1: _attach,
    g.RedactV1: _redact,
    g.CorrectV1: _correct,
    g.DeadlineDueV1: _deadline_due,
}
