"""Rules of three-level visits: who is recorded as a visitor, and how an opinion comes to its end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from contracts import visits as v
from contracts.base import Message
from contracts.grown import case_of, seed_of
from contracts.workflow import Accepted, Answer, Command, Reference, Refused, stream_id
from services.people.households import in_zone, zone_refusal


class Opinion(NamedTuple):
    """An opinion as far as decisions need it; `with_unit`: which unit it was passed up to last."""

    end: v.End = "open"
    with_unit: str | None = None


class Visit(NamedTuple):
    """A visit as far as decisions need it; its opinions are numbered from 1."""

    unit: str
    zone: str
    at: int
    opinions: tuple[Opinion, ...] = ()


def evolve(state: object, event: Message, unit: str) -> Visit | None:
    """The visit after one of its events; None where there is none."""
    if isinstance(event, v.VisitRecordedV1):
        return Visit(unit, event.zone, event.at, (Opinion(),) * len(v.opinions_in(event)))
    if not isinstance(state, Visit):
        return None
    if isinstance(event, v.OpinionAddedV1):
        return state._replace(opinions=(*state.opinions, Opinion()))
    end, number = v.ENDS.get(type(event)), getattr(event, "number", 0)
    if end is None or not 1 <= number <= len(state.opinions):
        return state
    changed = Opinion(end, event.to if isinstance(event, v.OpinionPassedUpV1) else None)
    opinions = (*state.opinions[: number - 1], changed, *state.opinions[number:])
    return state._replace(opinions=opinions)


def decide(state: object, command: Command, reference: Reference) -> Answer:
    """Answer a command about a visit, who may speak in the community at all being known."""
    if isinstance(command.body, v.RecordVisitV1):
        return _record(state, command, reference, command.body)
    if not isinstance(state, Visit):
        return Refused("no_such_visit")
    if not in_zone(command, reference, state.zone):
        return Refused("other_zone_of_yours")
    if isinstance(command.body, v.AddOpinionV1):
        return _add(state, command.body)
    return _end(state, command, reference)


def _record(state: object, command: Command, reference: Reference, body: v.RecordVisitV1) -> Answer:
    register, unit = reference.register, command.submission.unit
    if command.submission.subject != stream_id("vst", command.submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    if (refusal := zone_refusal(command, reference, body.zone)) is not None:
        return refusal
    if register.person(body.visitor) is None:
        return Refused("unknown_person", "visitor")
    if body.visitor_unit not in register.lineage(unit)[:-1]:
        return Refused("visitor_from_elsewhere", "visitor_unit")
    return Accepted((v.VisitRecordedV1(**body.__dict__, at=command.occurred_at),))


def _add(state: Visit, body: v.AddOpinionV1) -> Answer:
    if len(state.opinions) >= v.MOST_OPINIONS:
        return Refused("too_many_opinions", "opinion")
    return Accepted((v.OpinionAddedV1(opinion=body.opinion, number=len(state.opinions) + 1),))


def _end(state: Visit, command: Command, reference: Reference) -> Answer:
    body: Any = command.body
    if body.number > len(state.opinions):
        return Refused("no_such_opinion", "number")
    opinion = state.opinions[body.number - 1]
    if opinion.end == "solved":
        return Refused("opinion_solved")
    if opinion.end == "grievance":
        return Refused("opinion_is_grievance")
    if command.occurred_at < state.at:
        return Refused("before_visit", "occurred_at")
    said, register = command.submission, reference.register
    if opinion.with_unit and not register.holds(said.actor, said.role, opinion.with_unit, reference.now):
        return Refused("opinion_is_above")
    return _ENDS[type(body)](state, opinion, command, reference)


def _solve(_state: Visit, _opinion: Opinion, command: Command, _reference: Reference) -> Answer:
    return Accepted((v.OpinionSolvedV1(**command.body.__dict__, at=command.occurred_at),))


def _make_grievance(_state: Visit, _opinion: Opinion, command: Command, _reference: Reference) -> Answer:
    body: Any = command.body
    case = case_of(seed_of(command.submission.subject, body.number))
    return Accepted((v.GrievanceMadeV1(number=body.number, case=case, at=command.occurred_at),))


def _pass_up(state: Visit, opinion: Opinion, command: Command, reference: Reference) -> Answer:
    body: Any = command.body
    if body.to not in reference.register.lineage(opinion.with_unit or state.unit)[1:-1]:
        return Refused("not_above", "to")
    return Accepted((v.OpinionPassedUpV1(**body.__dict__, at=command.occurred_at),))


_ENDS: Mapping[type[Message], Callable[[Visit, Opinion, Command, Reference], Answer]] = {
    v.SolveOpinionV1: _solve,
    v.MakeGrievanceV1: _make_grievance,
    v.PassUpOpinionV1: _pass_up,
}
"""Command → its rule."""
