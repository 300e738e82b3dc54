"""Rules about personal data: who may erase, hold, read and disclose, and what must come before.

Source: 个人信息保护法 (2021), articles 19, 46, 47 and 50, see policy.py. Kinds of stream: a data subject
(`sub_`), a retention run (`ret_`), a reading (`rdg_`) and a disclosure (`dsc_`), beside those of
households.py. Pure: no clock, random, I/O or setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, get_args

from contracts import households as h
from contracts import inspections as i
from contracts import people as p
from contracts import visits as v
from contracts.base import DAY_MS, Message
from contracts.grievance import RESIDENT
from contracts.reference import LEDGER_UNIT, Register
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, in_future, stream_id
from services.people import households, inspections, visits
from services.people.households import Household
from services.people.inspections import Inspection
from services.people.visits import Visit

RULES = "people-1"
CHAIN = (
    "clerk",
    "grid_worker",
    "block_leader",
    "handler",
    "mediator",
    "aid_officer",
    "aid_approver",
    "patroller",
    "supervisor",
    "administrator",
)
"""Roles of those whose work an audit looks at: who holds one in a place grants no disclosure there."""


class Person(NamedTuple):
    """A data subject as far as decisions need it. `holds`: the matters for which its data are held."""

    unit: str
    holds: frozenset[str] = frozenset()
    erased: bool = False


class Run(NamedTuple):
    """A retention run; `listed`: the hash of its subjects."""

    unit: str
    proposed_by: str
    listed: str
    confirmed: bool = False


class Reading(NamedTuple):
    """A reading: nothing follows upon it."""

    unit: str


class Disclosure(NamedTuple):
    """A disclosure that somebody asked for."""

    unit: str
    asked_by: str
    status: Literal["asked", "granted", "ended"] = "asked"


State = Person | Run | Reading | Disclosure | Household | Inspection | Visit


def decide(state: State | None, command: Command, reference: Reference) -> Answer:
    """Answer one command about one stream (None: no such stream yet). Total: it never raises."""
    policy = reference.register.derived(_policy)
    if policy is None:
        return Refused("no_policy")
    refusal = _refuse_out_of_bounds(state, command, reference, policy)
    if refusal is not None:
        return refusal
    if type(command.body) in _OF_HOUSEHOLDS:
        return households.decide(state, command, reference)
    if type(command.body) in _OF_INSPECTIONS:
        return inspections.decide(state, command, reference)
    if type(command.body) in _OF_VISITS:
        return visits.decide(state, command, reference)
    return _HANDLERS[type(command.body)](_Asked(state, command, reference, policy), command.body)


def evolve(
    state: State | None, event: Message, unit: str, _effective_at: int, _batch: str | None
) -> State | None:
    """The stream after an event in this unit."""
    match event:
        case p.RetentionProposedV1():
            return Run(unit, event.proposed_by, event.listed)
        case p.RetentionConfirmedV1() if isinstance(state, Run):
            return state._replace(confirmed=True)
        case p.ReadingRecordedV1():
            return Reading(unit)
        case p.DisclosureRequestedV1():
            return Disclosure(unit, event.asked_by)
        case p.DisclosureGrantedV1() if isinstance(state, Disclosure):
            return state._replace(status="granted")
        case p.DisclosureEndedV1() if isinstance(state, Disclosure):
            return state._replace(status="ended")
        case p.ErasedV1() | p.HoldPlacedV1() | p.HoldLiftedV1() | p.CorrectionRequestedV1():
            return _after(_person(state, unit), event)
        case _:
            follow = _EVOLVE.get(type(event))
            return follow(state, event, unit) if follow else state


def _after(person: Person, event: Message) -> Person:
    match event:
        case p.ErasedV1():
            return person._replace(erased=True)
        case p.HoldPlacedV1():
            return person._replace(holds=person.holds | {event.matter})
        case p.HoldLiftedV1():
            return person._replace(holds=person.holds - {event.matter})
        case _:
            return person


def is_open(state: State | None) -> bool:
    """Whether more is expected of the stream."""
    match state:
        case Person():
            return bool(state.holds)
        case Run():
            return not state.confirmed
        case Disclosure():
            return state.status == "asked"
        case _:
            return False


class _Asked(NamedTuple):
    """A command with all that its answer may look at."""

    state: State | None
    command: Command
    reference: Reference
    policy: p.PeoplePolicy

    @property
    def actor(self) -> str:
        """Who gives the command."""
        return self.command.submission.actor

    @property
    def subject(self) -> str:
        """The stream that it is about."""
        return self.command.submission.subject

    def person(self) -> Person | None:
        """The data subject that the command is about; None where the stream is of another kind."""
        if not self.subject.startswith("sub_") or not isinstance(self.state, Person | None):
            return None
        return _person(self.state, self.command.submission.unit)

    def begins(self, kind: str) -> Refused | None:
        """Why the command does not begin a stream of this kind; None where it does."""
        if self.subject != stream_id(kind, self.command.submission.id):
            return Refused("wrong_stream")
        return None if self.state is None else Refused("already_exists")


def _person(state: State | None, unit: str) -> Person:
    return state if isinstance(state, Person) else Person(unit)


def _policy(register: Register) -> p.PeoplePolicy | None:
    entry = register.policy("people")
    return p.PeoplePolicy.model_validate(entry.terms) if entry else None


def _refuse_out_of_bounds(
    state: State | None, command: Command, reference: Reference, policy: p.PeoplePolicy
) -> Refused | None:
    """Who, where and when: the rules that hold for every command."""
    submission = command.submission
    if submission.unit != LEDGER_UNIT and reference.register.unit(submission.unit) is None:
        return Refused("unknown_unit", "unit")
    allowed = submission.role in policy.permissions.get(command.name, ())
    if not allowed or not _speaks(command, reference):
        return Refused("not_entitled")
    if in_future(command, reference):
        return Refused("occurred_in_future", "occurred_at")
    elsewhere = submission.subject.startswith("sub_") and not p.is_of_unit(
        submission.subject, submission.unit
    )
    if elsewhere or (state is not None and state.unit != submission.unit):
        return Refused("other_unit")
    return None


def _speaks(command: Command, reference: Reference) -> bool:
    """Whether the actor may say this in this role: who holds a tracking number is on record as reading, no more."""
    submission, body = command.submission, command.body
    if submission.role == "resident":
        tracking = isinstance(body, p.RecordReadingV1) and body.purpose == "tracking"
        return tracking and submission.actor == RESIDENT
    return reference.register.holds(submission.actor, submission.role, submission.unit, reference.now)


def _erase(asked: _Asked, body: p.EraseV1) -> Answer:
    person = asked.person()
    if person is None:
        return Refused("wrong_stream")
    if person.erased:
        return NoOp("already_erased")
    if person.holds:
        return Refused("held")
    law = asked.policy.laws.get(body.reason)
    if law is None:
        return Refused("no_basis_in_law", "reason")
    return Accepted((p.ErasedV1(reason=body.reason, run=body.run, law=law),))


def _place_hold(asked: _Asked, body: p.PlaceHoldV1) -> Answer:
    person = asked.person()
    if person is None:
        return Refused("wrong_stream")
    if person.erased:
        return Refused("erased_person")
    if body.matter in person.holds:
        return Refused("hold_exists", "matter")
    if len(person.holds) >= p.MOST_HOLDS:
        return Refused("too_many_holds")
    return Accepted((p.HoldPlacedV1(matter=body.matter, reason=body.reason),))


def _lift_hold(asked: _Asked, body: p.LiftHoldV1) -> Answer:
    person = asked.person()
    if person is None:
        return Refused("wrong_stream")
    if body.matter not in person.holds:
        return Refused("no_such_hold", "matter")
    return Accepted((p.HoldLiftedV1(matter=body.matter),))


def _request_correction(asked: _Asked, body: p.RequestCorrectionV1) -> Answer:
    person = asked.person()
    if person is None:
        return Refused("wrong_stream")
    if person.erased:
        return Refused("erased_person")
    return Accepted((p.CorrectionRequestedV1(field=body.field, case=body.case, text=body.text),))


def _propose_retention(asked: _Asked, body: p.ProposeRetentionV1) -> Answer:
    refusal = asked.begins("ret")
    if refusal is not None:
        return refusal
    entry = asked.reference.register.policy("retention")
    if entry is None:
        return Refused("no_policy")
    if body.schedule not in p.RetentionPolicy.model_validate(entry.terms).schedules:
        return Refused("unknown_schedule", "schedule")
    if body.until > asked.reference.now:
        return Refused("until_in_future", "until")
    return Accepted((p.RetentionProposedV1(**body.__dict__, proposed_by=asked.actor),))


def _confirm_retention(asked: _Asked, body: p.ConfirmRetentionV1) -> Answer:
    run = asked.state
    if not isinstance(run, Run):
        return Refused("no_such_run")
    if run.confirmed:
        return NoOp("already_confirmed")
    if run.proposed_by == asked.actor:
        return Refused("second_person")
    if run.listed != body.listed:
        return Refused("other_list", "listed")
    return Accepted((p.RetentionConfirmedV1(listed=body.listed),))


def _record_reading(asked: _Asked, body: p.RecordReadingV1) -> Answer:
    return asked.begins("rdg") or Accepted((p.ReadingRecordedV1(**body.__dict__),))


def _request_disclosure(asked: _Asked, body: p.RequestDisclosureV1) -> Answer:
    event = p.DisclosureRequestedV1(case=body.case, purpose=body.purpose, asked_by=asked.actor)
    return asked.begins("dsc") or Accepted((event,))


def _grant_disclosure(asked: _Asked, body: p.GrantDisclosureV1) -> Answer:
    state, now = asked.state, asked.reference.now
    if not isinstance(state, Disclosure):
        return Refused("no_such_disclosure")
    if state.status != "asked":
        return Refused("disclosure_settled")
    if state.asked_by == asked.actor:
        return Refused("asker_may_not_grant")
    if any(
        asked.reference.register.holds(asked.actor, role, state.unit, asked.reference.now) for role in CHAIN
    ):
        return Refused("in_audited_chain")
    if not now < body.until <= now + asked.policy.disclosure_days * DAY_MS:
        return Refused("bad_term", "until")
    return Accepted((p.DisclosureGrantedV1(until=body.until),))


def _end_disclosure(asked: _Asked, _body: p.EndDisclosureV1) -> Answer:
    state = asked.state
    if not isinstance(state, Disclosure):
        return Refused("no_such_disclosure")
    if state.status == "ended":
        return NoOp("disclosure_ended")
    return Accepted((p.DisclosureEndedV1(),))


_HANDLERS: dict[type[Message], Callable[[_Asked, Any], Answer]] = {
    p.EraseV1: _erase,
    p.PlaceHoldV1: _place_hold,
    p.LiftHoldV1: _lift_hold,
    p.RequestCorrectionV1: _request_correction,
    p.ProposeRetentionV1: _propose_retention,
    p.ConfirmRetentionV1: _confirm_retention,
    p.RecordReadingV1: _record_reading,
    p.RequestDisclosureV1: _request_disclosure,
    p.GrantDisclosureV1: _grant_disclosure,
    p.EndDisclosureV1: _end_disclosure,
}

_OF_HOUSEHOLDS = frozenset(get_args(h.Command))
_OF_INSPECTIONS = frozenset(get_args(i.Command))
_OF_VISITS = frozenset(get_args(v.Command))

_EVOLVE: Mapping[type[Message], Callable[[object, Message, str], State | None]] = {
    **dict.fromkeys(get_args(h.Event), households.evolve),
    **dict.fromkeys(get_args(i.Event), inspections.evolve),
    **dict.fromkeys(get_args(v.Event), visits.evolve),
}
"""Event of a household, an inspection or a visit → what it makes of its stream."""
