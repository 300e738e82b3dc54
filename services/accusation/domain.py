"""Rules about accusations: who may lodge one, to whom it is entrusted, and how it is worked to its close. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from contracts import accusation as a
from contracts.base import Message
from contracts.grievance import RESIDENT
from contracts.reference import LEDGER_UNIT
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, in_future, stream_id

RULES = "accusation-1"
Status = Literal["lodged", "taken_up", "passed_on", "not_pursued", "answered", "closed"]
_WORKED_ON = ("lodged", "taken_up")
_ANSWERABLE = ("taken_up", "passed_on", "not_pursued")


class Accusation(NamedTuple):
    """An accusation as far as decisions need it. `proposed_by`: who proposed not to pursue it, undecided."""

    unit: str
    status: Status
    entrusted: frozenset[str]
    proposed_by: str | None = None


def is_open(state: Accusation | None) -> bool:
    """Whether more is expected of it."""
    return state is not None and state.status != "closed"


def decide(state: Accusation | None, command: Command, reference: Reference) -> Answer:
    """Answer one command about one accusation (None: there is none yet). Total: it never raises."""
    refusal = _refuse_out_of_bounds(state, command, reference)
    if refusal is not None:
        return refusal
    if isinstance(command.body, a.LodgeV1):
        return _lodge(state, command, command.body, reference)
    if state is None:
        return Refused("no_such_accusation")
    return _HANDLERS[type(command.body)](state, command, reference)


def evolve(
    state: Accusation | None, event: Message, unit: str, _effective_at: int, _batch: str | None
) -> Accusation | None:
    """The accusation after an event in this unit; what does not fit changes nothing."""
    if isinstance(event, a.LodgedV1):
        return Accusation(unit, "lodged", frozenset(event.entrusted))
    if state is None:
        return None
    match event:
        case a.TakenUpV1():
            return state._replace(status="taken_up", proposed_by=None)
        case a.PassedOnV1():
            return state._replace(status="passed_on", proposed_by=None)
        case a.NotPursuingProposedV1():
            return state._replace(proposed_by=event.proposed_by)
        case a.NotPursuingDecidedV1():
            status: Status = "not_pursued" if event.verdict == "approve" else state.status
            return state._replace(status=status, proposed_by=None)
        case a.AnsweredV1():
            return state._replace(status="answered")
        case a.ClosedV1():
            return state._replace(status="closed")
        case a.EntrustedV1():
            return state._replace(entrusted=state.entrusted | {event.person})
        case _:
            return state


def _refuse_out_of_bounds(state: Accusation | None, command: Command, reference: Reference) -> Refused | None:
    """Who, where and when: the rules that hold for every command.

    To whom it is not entrusted, one that exists is refused in the words of one that does not.
    """
    submission, register = command.submission, reference.register
    if submission.unit != LEDGER_UNIT and register.unit(submission.unit) is None:
        return Refused("unknown_unit", "unit")
    policy = a.policy_in(register)
    if policy is None:
        return Refused("no_policy")
    if submission.role not in policy.permissions.get(command.name, ()) or not _speaks(command, reference):
        return Refused("not_entitled")
    if in_future(command, reference):
        return Refused("occurred_in_future", "occurred_at")
    if state is None or isinstance(command.body, a.LodgeV1):
        return None
    if state.unit != submission.unit or submission.actor not in state.entrusted:
        return Refused("no_such_accusation")
    return None


def _speaks(command: Command, reference: Reference) -> bool:
    """Whether the actor holds the role: anywhere to lodge, in the receiving unit or above for the rest."""
    submission, register, now = command.submission, reference.register, reference.now
    if submission.role == "resident":
        return submission.actor == RESIDENT
    if isinstance(command.body, a.LodgeV1):
        held = {appointment.role for appointment in register.roles(submission.actor, now)}
        return submission.role in held or submission.actor == register.history.administrator
    in_office = submission.role in a.offices(submission.unit)
    return in_office and register.holds(submission.actor, submission.role, submission.unit, now)


def _receives(person: str, unit: str, reference: Reference) -> bool:
    """Whether the person holds an office that receives accusations in this unit."""
    register, now = reference.register, reference.now
    return any(register.holds(person, role, unit, now) for role in a.offices(unit))


def _lodge(state: Accusation | None, command: Command, body: a.LodgeV1, reference: Reference) -> Answer:
    submission = command.submission
    if submission.subject != stream_id("acc", submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    if body.about == "pressure" and submission.unit != LEDGER_UNIT:
        return Refused("not_the_office", "about")
    if not all(_receives(person, submission.unit, reference) for person in body.entrusted):
        return Refused("not_receiving", "entrusted")
    return Accepted((a.LodgedV1(**body.__dict__),))


def _take_up(state: Accusation, command: Command, _reference: Reference) -> Answer:
    if state.status != "lodged":
        return Refused("wrong_state")
    return Accepted((a.TakenUpV1(**command.body.__dict__),))


def _pass_on(state: Accusation, command: Command, _reference: Reference) -> Answer:
    if state.status not in _WORKED_ON:
        return Refused("wrong_state")
    return Accepted((a.PassedOnV1(**command.body.__dict__),))


def _propose(state: Accusation, command: Command, _reference: Reference) -> Answer:
    if state.status not in _WORKED_ON:
        return Refused("wrong_state")
    if state.proposed_by is not None:
        return Refused("already_proposed")
    proposed = a.NotPursuingProposedV1(**command.body.__dict__, proposed_by=command.submission.actor)
    return Accepted((proposed,))


def _decide_proposal(state: Accusation, command: Command, _reference: Reference) -> Answer:
    if state.proposed_by is None:
        return Refused("no_such_proposal")
    if state.proposed_by == command.submission.actor:
        return Refused("second_person")
    return Accepted((a.NotPursuingDecidedV1(**command.body.__dict__),))


def _answer(state: Accusation, command: Command, _reference: Reference) -> Answer:
    if state.status not in _ANSWERABLE or state.proposed_by is not None:
        return Refused("wrong_state")
    return Accepted((a.AnsweredV1(**command.body.__dict__),))


def _close(state: Accusation, _command: Command, _reference: Reference) -> Answer:
    return Accepted((a.ClosedV1(),)) if state.status == "answered" else Refused("wrong_state")


def _entrust(state: Accusation, command: Command, reference: Reference) -> Answer:
    person = getattr(command.body, "person", "")
    if person in state.entrusted:
        return NoOp("already_entrusted")
    if not _receives(person, state.unit, reference):
        return Refused("not_receiving", "person")
    if len(state.entrusted) >= a.MOST_ENTRUSTED:
        return Refused("too_many_entrusted", "person")
    return Accepted((a.EntrustedV1(person=person),))


def _record_reading(_state: Accusation, _command: Command, _reference: Reference) -> Answer:
    return Accepted((a.ReadingRecordedV1(),))


_HANDLERS: dict[type[Message], Callable[[Accusation, Command, Reference], Answer]] = {
    a.TakeUpV1: _take_up,
    a.PassOnV1: _pass_on,
    a.ProposeNotPursuingV1: _propose,
    a.DecideNotPursuingV1: _decide_proposal,
    a.AnswerV1: _answer,
    a.CloseV1: _close,
    a.EntrustV1: _entrust,
    a.RecordReadingV1: _record_reading,
}
