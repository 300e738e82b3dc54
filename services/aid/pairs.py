"""Rules of pairs: two different people, plans that somebody says what came of, and an end with a reason. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts import pairing as p
from contracts import pairing_file
from contracts.aid_policy import AidPolicy
from contracts.base import Message
from contracts.lineage import is_gone
from contracts.pairing_file import Pair
from contracts.workflow import Accepted, Answer, Command, Reference, Refused, stream_id

MOST_PLANS = 100

evolve = pairing_file.evolve


def decide(state: Any, command: Command, reference: Reference, _policy: AidPolicy) -> Answer:
    """Answer one command about one pair; who may say it was asked before."""
    if command.submission.batch is not None:
        return Refused("not_by_import")
    if isinstance(command.body, p.PairV1):
        return _pair(state, command, command.body, reference)
    if not isinstance(state, Pair):
        return Refused("no_such_pair")
    if state.ended is not None:
        return Refused("pair_ended")
    return _HANDLERS[type(command.body)](state, command.body, reference)


def _pair(state: Any, command: Command, body: p.PairV1, reference: Reference) -> Answer:
    submission, register = command.submission, reference.register
    if submission.subject != stream_id("pai", submission.id):
        return Refused("wrong_stream")
    if state is not None:
        return Refused("already_exists")
    if is_gone(register, submission.unit, reference.now):
        return Refused("unit_gone", "unit")
    if body.helper_name.subject == body.name.subject:
        return Refused("helps_oneself", "helper_name")
    if body.helper_staff is not None and register.person(body.helper_staff) is None:
        return Refused("unknown_person", "helper_staff")
    return Accepted((p.PairedV1(**body.__dict__),))


def _plan(state: Pair, body: p.PlanHelpV1, reference: Reference) -> Answer:
    if len(state.plans) >= MOST_PLANS:
        return Refused("too_many_plans")
    if body.due_at < reference.effective_at:
        return Refused("plan_past", "due_at")
    return Accepted((p.HelpPlannedV1(**body.__dict__, number=len(state.plans) + 1),))


def _visit(state: Pair, body: p.RecordPairVisitV1, _reference: Reference) -> Answer:
    if body.plan is not None and state.plan(body.plan) is None:
        return Refused("no_such_plan", "plan")
    if state.visits >= p.MOST_VISITS:
        return Refused("too_many_visits")
    return Accepted((p.PairVisitRecordedV1(**body.__dict__),))


def _result(state: Pair, body: p.RecordPairResultV1, _reference: Reference) -> Answer:
    plan = state.plan(body.plan)
    if plan is None or plan.done is not None:
        return Refused("no_such_plan", "plan")
    return Accepted((p.PairResultRecordedV1(**body.__dict__),))


def _end(_state: Pair, body: p.EndPairV1, _reference: Reference) -> Answer:
    return Accepted((p.PairEndedV1(**body.__dict__),))


_HANDLERS: Mapping[type[Message], Callable[[Pair, Any, Reference], Answer]] = {
    p.PlanHelpV1: _plan,
    p.RecordPairVisitV1: _visit,
    p.RecordPairResultV1: _result,
    p.EndPairV1: _end,
}
