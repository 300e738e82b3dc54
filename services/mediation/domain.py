"""Rules of a mediation: who may say what about it, how it starts, and who takes part. Pure.

Source of the rules: 人民调解法 (2010), see policy.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts import mediation as m
from contracts import mediation_file, mediation_outcome
from contracts.base import Message
from contracts.lineage import is_gone
from contracts.mediation_file import Mediation
from contracts.mediation_policy import policy_in
from contracts.workflow import Accepted, Answer, Command, Reference, Refused, in_future, stream_id
from services.mediation import agreement, performance, sessions
from services.mediation.terms import end_of_days, refuse_closed, refuse_settled

RULES = "mediation-1"

evolve = mediation_file.evolve


def is_open(state: Mediation | None) -> bool:
    """Whether more is expected of it."""
    return state is not None and state.status != "closed"


def decide(state: Mediation | None, command: Command, reference: Reference) -> Answer:
    """Answer one command about one mediation (None: there is none yet). Total: it never raises."""
    refusal = _refuse_out_of_bounds(state, command, reference)
    if refusal is not None:
        return refusal
    if isinstance(command.body, m.StartV1):
        return _start(state, command, command.body, reference)
    if state is None:
        return Refused("no_such_mediation")
    return (
        _refuse_import(state, command, reference)
        or _refuse_who_does_not_mediate(state, command)
        or _HANDLERS[type(command.body)](state, command, reference)
    )


def _refuse_out_of_bounds(state: Mediation | None, command: Command, reference: Reference) -> Refused | None:
    """Who, where and when: the rules that hold for every command."""
    submission, register = command.submission, reference.register
    if register.unit(submission.unit) is None:
        return Refused("unknown_unit", "unit")
    policy = policy_in(register)
    if policy is None:
        return Refused("no_policy")
    holds = register.holds(submission.actor, submission.role, submission.unit, reference.now)
    if not holds or submission.role not in policy.permissions.get(command.name, ()):
        return Refused("not_entitled")
    if in_future(command, reference):
        return Refused("occurred_in_future", "occurred_at")
    if state is not None and state.unit != submission.unit:
        return Refused("other_unit")
    return None


def _refuse_import(state: Mediation, command: Command, reference: Reference) -> Refused | None:
    """An import tells how a mediation began and what came of it, inside itself, and nothing else."""
    batch = reference.batches.get(state.batch or "")
    is_its_own = batch is not None and batch.closed_at is None and command.submission.batch == state.batch
    if isinstance(command.body, mediation_outcome.TellOutcomeV1):
        return None if is_its_own else Refused("only_in_import")
    return None if command.submission.batch is None else Refused("not_by_import")


def _refuse_who_does_not_mediate(state: Mediation, command: Command) -> Refused | None:
    """Whoever speaks as a mediator is one of this case's; others act as clerk or supervisor."""
    submission = command.submission
    if submission.role == "mediator" and submission.actor not in state.mediators:
        return Refused("not_its_mediator")
    return None


def _start(state: Mediation | None, command: Command, body: m.StartV1, reference: Reference) -> Answer:
    submission, register = command.submission, reference.register
    if (body.origin == "grievance") != (body.grievance is not None):
        return Refused("grievance_missing", "grievance")
    if submission.subject != _stream_of(body, command):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("mediated_already" if body.grievance else "already_exists")
    live = submission.batch is None
    if live and is_gone(register, submission.unit, reference.now):
        return Refused("unit_gone", "unit")
    if body.zone is not None and register.zone(submission.unit, body.zone) is None:
        return Refused("unknown_zone", "zone")
    refused = _refuse_first_parties(body, reference) if live else None
    if refused is not None:
        return refused
    begins = live and body.origin == "initiative" and submission.role == "mediator"
    if begins and submission.actor in (body.staff_a, body.staff_b):
        return Refused("mediator_is_party", "staff_a" if submission.actor == body.staff_a else "staff_b")
    return Accepted((m.StartedV1(**body.__dict__, mediator=submission.actor if begins else None),))


def _stream_of(body: m.StartV1, command: Command) -> str:
    """Which stream it is: one that grows from a grievance is one, whoever starts it and how often."""
    submission = command.submission
    if body.grievance is None:
        return stream_id("med", submission.id)
    return m.stream_of_grievance(submission.unit, body.grievance)


def _refuse_first_parties(body: m.StartV1, reference: Reference) -> Refused | None:
    if body.name_a is None or body.name_b is None:
        return Refused("party_missing", "name_a" if body.name_a is None else "name_b")
    if body.name_a.subject == body.name_b.subject or (body.staff_a and body.staff_a == body.staff_b):
        return Refused("on_both_sides", "name_b")
    for field, staff in (("staff_a", body.staff_a), ("staff_b", body.staff_b)):
        if staff is not None and reference.register.person(staff) is None:
            return Refused("unknown_person", field)
    return None


def _add_party(state: Mediation, command: Command, reference: Reference) -> Answer:
    body = command.body
    refused = refuse_settled(state)
    if refused is not None or not isinstance(body, m.AddPartyV1):
        return refused or Refused("wrong_state")
    if len(state.parties) >= m.MOST_PARTIES:
        return Refused("too_many_parties")
    if body.staff is not None and reference.register.person(body.staff) is None:
        return Refused("unknown_person", "staff")
    if body.staff is not None and body.staff in state.mediators:
        return Refused("mediator_is_party", "staff")
    for party in state.parties:
        if party.subject == body.name.subject or (body.staff and party.staff == body.staff):
            return Refused("party_already" if party.side == body.side else "on_both_sides", "name")
    return Accepted((m.PartyAddedV1(**body.__dict__, number=len(state.parties) + 1),))


def _of_party(event: type[Message]) -> Callable[[Mediation, Command, Reference], Answer]:
    """The rule of what is recorded about a party: it must be one, and its mediation open."""

    def rule(state: Mediation, command: Command, _reference: Reference) -> Answer:
        refused = refuse_settled(state)
        if refused is not None:
            return refused
        if state.party(getattr(command.body, "party", 0)) is None:
            return Refused("no_such_party", "party")
        return Accepted((event(**command.body.__dict__),))

    return rule


def _record_consent(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_settled(state)
    if refused is not None or not isinstance(body, m.RecordConsentV1):
        return refused or Refused("wrong_state")
    party = state.party(body.party)
    if party is None:
        return Refused("no_such_party", "party")
    if not body.consents:
        if body.remedies is None:
            return Refused("remedies_missing", "remedies")
        return Accepted((m.ConsentRecordedV1(**body.__dict__),))
    if not party.notified:
        return Refused("notice_first", "party")
    if party.consents:
        return Refused("consented_already", "party")
    policy = policy_in(reference.register)
    sides = {one.side for one in state.parties}
    rest = [one for one in state.parties if one.number != party.number]
    by = None
    if policy is not None and state.mediate_by is None and len(sides) > 1 and all(o.consents for o in rest):
        by = end_of_days(reference.effective_at, policy.mediate_days, policy, reference)
    return Accepted((m.ConsentRecordedV1(**body.__dict__, mediate_by=by),))


def _name_mediator(state: Mediation, command: Command, reference: Reference) -> Answer:
    body, refused = command.body, refuse_closed(state)
    if refused is not None or not isinstance(body, m.NameMediatorV1):
        return refused or Refused("wrong_state")
    if not reference.register.holds(body.mediator, "mediator", state.unit, reference.now):
        return Refused("unknown_mediator", "mediator")
    if any(party.staff == body.mediator for party in state.parties):
        return Refused("mediator_is_party", "mediator")
    if body.mediator in state.recused:
        return Refused("mediator_recused", "mediator")
    if body.mediator in state.mediators:
        return Refused("mediates_already", "mediator")
    if len(state.mediators) >= m.MOST_MEDIATORS:
        return Refused("too_many_mediators", "mediator")
    return Accepted((m.MediatorNamedV1(**body.__dict__),))


def _recuse_mediator(state: Mediation, command: Command, _reference: Reference) -> Answer:
    body, refused = command.body, refuse_closed(state)
    if refused is not None or not isinstance(body, m.RecuseMediatorV1):
        return refused or Refused("wrong_state")
    if body.mediator not in state.mediators:
        return Refused("does_not_mediate", "mediator")
    return Accepted((m.MediatorRecusedV1(**body.__dict__),))


def _name_interpreter(state: Mediation, command: Command, _reference: Reference) -> Answer:
    return refuse_settled(state) or Accepted((m.InterpreterNamedV1(**command.body.__dict__),))


_HANDLERS: Mapping[type[Message], Callable[[Mediation, Any, Reference], Answer]] = {
    m.AddPartyV1: _add_party,
    m.NameRepresentativeV1: _of_party(m.RepresentativeNamedV1),
    m.ServeRightsNoticeV1: _of_party(m.RightsNoticeServedV1),
    m.RecordConsentV1: _record_consent,
    m.NameMediatorV1: _name_mediator,
    m.RecuseMediatorV1: _recuse_mediator,
    m.NameInterpreterV1: _name_interpreter,
    **sessions.HANDLERS,
    **agreement.HANDLERS,
    **performance.HANDLERS,
}
