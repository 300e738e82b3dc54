"""Rules of aid: who may say what, and how a request comes in and is looked into. Pure.

Source of the rules: 社会救助暂行办法 (2019), see policy.py. Kinds of stream: a request (`aid_`), a pair (`pai_`)
and an employment case (`emp_`), the latter two in modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from contracts import aid as a
from contracts import aid_file, employment, pairing
from contracts.aid_file import Request
from contracts.aid_policy import AidPolicy, aid_policy
from contracts.attaching import is_too_large
from contracts.base import Message
from contracts.employment_file import Seeker
from contracts.grievance import RESIDENT
from contracts.lineage import is_gone, lineage
from contracts.pairing_file import Pair
from contracts.workflow import Accepted, Answer, Command, Reference, Refused, in_future, stream_id
from services.aid import employments, granting, pairs, paying
from services.aid.terms import end_of_days, programme_of, refuse_ended

RULES = "aid-1"

State = Request | Pair | Seeker


def is_open(state: State | None) -> bool:
    """Whether more is expected of it."""
    match state:
        case Request():
            return state.status != "closed"
        case Pair() | Seeker():
            return not state.ended
        case _:
            return False


def decide(state: State | None, command: Command, reference: Reference) -> Answer:
    """Answer one command about one stream (None: there is none yet). Total: it never raises."""
    policy = aid_policy(reference.register)
    if policy is None:
        return Refused("no_policy")
    refusal = _refuse_out_of_bounds(state, command, reference, policy)
    if refusal is not None:
        return refusal
    if type(command.body) in _OF_PAIRS:
        return pairs.decide(state, command, reference, policy)
    if type(command.body) in _OF_SEEKERS:
        return employments.decide(state, command, reference, policy)
    if isinstance(command.body, a.ApplyV1):
        return _apply(state, command, reference)
    if not isinstance(state, Request):
        return Refused("no_such_request")
    return _refuse_import(state, command, reference) or _HANDLERS[type(command.body)](
        state, command, reference
    )


def evolve(
    state: State | None, event: Message, unit: str, effective_at: int, batch: str | None
) -> State | None:
    """The stream after an event, which happened at `effective_at` in this unit and import batch."""
    if type(event) in _OF_PAIRS:
        return pairs.evolve(state if isinstance(state, Pair) else None, event, unit, effective_at, batch)
    if type(event) in _OF_SEEKERS:
        seeker = state if isinstance(state, Seeker) else None
        return employments.evolve(seeker, event, unit, effective_at, batch)
    return aid_file.evolve(state if isinstance(state, Request) else None, event, unit, effective_at, batch)


def _refuse_out_of_bounds(
    state: State | None, command: Command, reference: Reference, policy: AidPolicy
) -> Refused | None:
    """Who, where and when: the rules that hold for every command."""
    submission, register = command.submission, reference.register
    if register.unit(submission.unit) is None:
        return Refused("unknown_unit", "unit")
    resident = submission.role == "resident" and submission.actor == RESIDENT
    holds = resident or register.holds(submission.actor, submission.role, submission.unit, reference.now)
    if not holds or submission.role not in policy.permissions.get(command.name, ()):
        return Refused("not_entitled")
    if in_future(command, reference):
        return Refused("occurred_in_future", "occurred_at")
    if state is not None and state.unit != submission.unit:
        return Refused("other_unit")
    return None


def _refuse_import(state: Request, command: Command, reference: Reference) -> Refused | None:
    """An import tells what was given, inside itself, and nothing else."""
    batch = reference.batches.get(state.batch or "")
    is_its_own = batch is not None and batch.closed_at is None and command.submission.batch == state.batch
    if isinstance(command.body, a.TellGrantV1):
        return None if is_its_own else Refused("only_in_import")
    return None if command.submission.batch is None else Refused("not_by_import")


def _apply(state: State | None, command: Command, reference: Reference) -> Answer:
    body, submission, register = command.body, command.submission, reference.register
    if not isinstance(body, a.ApplyV1) or submission.subject != _stream_of(body, command):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("applied_already", "programme") if body.grown_from else Refused("already_exists")
    live = submission.batch is None
    at = reference.effective_at
    programme = register.programme(body.programme, at if live else None)
    if programme is None or programme.unit not in lineage(register, submission.unit, at):
        return Refused("unknown_programme", "programme")
    if body.zone is not None and register.zone(submission.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    refused = _refuse_applying(body, submission.unit, reference) if live else None
    if refused is not None:
        return refused
    if live and programme.retired:
        return Refused("unknown_programme", "programme")
    if live and programme.benefit.method == "share" and body.cost is None:
        return Refused("cost_missing", "cost")
    policy = aid_policy(register)
    by = end_of_days(at, policy.decide_days, policy, reference) if live and policy else None
    return Accepted((a.AppliedV1(**body.__dict__, version=programme.version, decide_by=by),))


def _stream_of(body: a.ApplyV1, command: Command) -> str:
    """Which stream it is: of each programme one grows from a case, whoever applies and how often."""
    submission = command.submission
    if body.grown_from is None:
        return stream_id("aid", submission.id)
    return a.stream_of_origin(submission.unit, body.grown_from, body.programme)


def _refuse_applying(body: a.ApplyV1, unit: str, reference: Reference) -> Refused | None:
    if is_gone(reference.register, unit, reference.now):
        return Refused("unit_gone", "unit")
    if body.name is None:
        return Refused("applicant_missing", "name")
    if (body.origin == "proxy") != (body.proxy_name is not None):
        return Refused("proxy_missing", "proxy_name")
    if body.proxy_name is not None and body.proxy_name.subject == body.name.subject:
        return Refused("proxy_is_applicant", "proxy_name")
    return None


def _attach(state: Request, command: Command, reference: Reference) -> Answer:
    body, policy = command.body, aid_policy(reference.register)
    if not isinstance(body, a.AttachV1) or policy is None:
        return Refused("wrong_state")
    if state.status in ("withdrawn", "closed"):
        return Refused("request_ended")
    if body.blob in state.blobs:
        return Refused("attached_already", "blob")
    if len(state.blobs) >= policy.attachments:
        return Refused("too_many_attachments", "blob")
    if is_too_large(body.size, policy.attachment_bytes):
        return Refused("attachment_too_large", "blob")
    if body.document is not None and body.document not in _documents(state, reference):
        return Refused("unknown_document", "document")
    return Accepted((a.AttachedV1(**body.__dict__),))


def _documents(state: Request, reference: Reference) -> frozenset[str]:
    programme = programme_of(state, reference.register)
    return frozenset(one.document for one in programme.documents) if programme else frozenset()


def _record_consent(state: Request, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_ended(state)
    if refused is not None or not isinstance(body, a.RecordConsentV1):
        return refused or Refused("wrong_state")
    if body.scopes and body.until <= reference.now:
        return Refused("consent_past", "until")
    return Accepted((a.ConsentRecordedV1(**body.__dict__),))


def _check(state: Request, command: Command, reference: Reference) -> Answer:
    body = command.body
    if not isinstance(body, a.CheckCompletenessV1) or state.status not in (
        "applied",
        "incomplete",
        "complete",
    ):
        return refuse_ended(state) or Refused("checked_already")
    if not set(body.missing) <= _documents(state, reference):
        return Refused("unknown_document", "missing")
    return Accepted((a.CompletenessCheckedV1(**body.__dict__),))


def _inquire(state: Request, command: Command, reference: Reference) -> Answer:
    body, actor = command.body, command.submission.actor
    if not isinstance(body, a.InquireV1):
        return Refused("wrong_state")
    if state.status not in ("complete", "inquired"):
        return refuse_ended(state) or Refused("not_complete")
    if body.with_whom is not None:
        if reference.register.person(body.with_whom) is None:
            return Refused("unknown_person", "with_whom")
        if body.with_whom == actor:
            return Refused("same_person", "with_whom")
    for scope in ("income", "property", "health"):
        if getattr(body, scope) is not None and state.consents.get(scope, 0) < reference.now:
            return Refused("consent_needed", scope)
    return Accepted((a.InquiredV1(**body.__dict__, inquirer=actor),))


def _note(_state: Request, command: Command, _reference: Reference) -> Answer:
    return Accepted((a.NoteAddedV1(**command.body.__dict__),))


_OF_PAIRS = frozenset((*get_args(pairing.Command), *get_args(pairing.Event)))
_OF_SEEKERS = frozenset((*get_args(employment.Command), *get_args(employment.Event)))

_HANDLERS: Mapping[type[Message], Callable[[Request, Any, Reference], Answer]] = {
    a.AttachV1: _attach,
    a.RecordConsentV1: _record_consent,
    a.CheckCompletenessV1: _check,
    a.InquireV1: _inquire,
    a.AddNoteV1: _note,
    **granting.HANDLERS,
    **paying.HANDLERS,
}
