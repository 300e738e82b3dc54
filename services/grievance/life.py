"""What happens to a case beside its handling: triage, extension, return, urging and escalation. Pure.

Source of the terms: 信访工作条例 (2022), see policy.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts import casework as w
from contracts import grievance as g
from contracts import risk as k
from contracts.base import Message
from contracts.letters import LetterMadeV1
from contracts.outside import ResultReturnedV1
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from contracts.working_days import working_days_after
from services.grievance import (
    aftercare,
    danger,
    desk,
    doors,
    ending,
    joint,
    letters,
    outside,
    pausing,
    review,
    risk,
    second_person,
    transfer,
)
from services.grievance.case import (
    Case,
    Extension,
    Pause,
    Referral,
    above,
    end_after,
    escalates_at,
    is_open,
    live_due,
    made,
    refused_by_status,
    with_life,
    zone_of,
)


def follow(state: Case, event: Message, effective_at: int) -> Case:
    """The case after an event, as far as this module keeps it. Total: it never raises.

    To be called before the event changes anything else about the case.
    """
    state = transfer.remember(state, event, effective_at)
    step = _STEPS.get(type(event))
    return step(state, event, effective_at) if step else state


def escalate_by_rule(state: Case, due_at: int, reference: Reference) -> Answer:
    """Pass an overdue case one step up, if it is time. Each such time ends in an event: the chain is finite."""
    if state.life.escalate_at != due_at:
        return NoOp("stale")
    if reference.now < due_at:
        return NoOp("early")
    units = above(state, reference)
    level = state.life.level
    following = escalates_at(state, due_at, level + 1, reference)
    # Where the units above have gone since, the community itself is called upon, and the rule ends.
    to = units[min(level, len(units) - 1)] if units else state.unit
    return Accepted((w.EscalatedV1(to=to, by_rule=True, next_at=following),))


def _triage(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if state.status != "lodged":
        return refused_by_status(state, "not_lodged_state")
    if state.life.triaged:
        return Refused("triaged_already")
    category = getattr(body, "category", None)
    if category is not None and reference.register.category(category) is None:
        return Refused("unknown_category", "category")
    return Accepted((made(w.TriagedV1, body),))


def _refused_extending(state: Case, reference: Reference) -> Refused | None:
    """Why the handling term cannot be moved now: it must run, and not have ended."""
    if state.status != "accepted":
        return refused_by_status(state, "not_accepted_yet")
    due = live_due(state, reference)
    if due is None:
        return Refused("import_open")
    if due[0] == "pause":
        return Refused("paused_already")
    return Refused("term_has_ended") if reference.now > due[1] else None


def _ask_extension(state: Case, command: Command, reference: Reference) -> Answer:
    refused = _refused_extending(state, reference)
    if refused is not None:
        return refused
    if state.life.extension is not None:
        return Refused("extension_asked_already")
    return Accepted((made(w.ExtensionAskedV1, command.body, asked_by=command.submission.actor),))


def _decide_extension(state: Case, command: Command, reference: Reference) -> Answer:
    body, extension = command.body, state.life.extension
    if not isinstance(body, w.DecideExtensionV1) or extension is None or extension.decided:
        return Refused("no_extension_asked")
    if extension.asked_by == command.submission.actor:
        return Refused("second_person")
    if body.verdict == "refuse":
        return Accepted((made(w.ExtensionDecidedV1, body, handle_due_at=None),))
    refused, policy = _refused_extending(state, reference), g.policy_in(reference.register)
    if refused is not None or policy is None or state.due is None:
        return refused or Refused("no_policy")
    end = end_after(state.due.end, policy.extension_days, policy, reference)
    return Accepted((made(w.ExtensionDecidedV1, body, handle_due_at=end),))


def _return(state: Case, command: Command, reference: Reference) -> Answer:
    if state.status != "accepted":
        return refused_by_status(state, "not_accepted_yet")
    referral, policy = state.life.referral, g.policy_in(reference.register)
    if referral is None or policy is None:
        return Refused("not_referred")
    end = working_days_after(
        referral.at, policy.return_working_days, reference.register.calendar(), zone_of(policy)
    )
    if reference.effective_at > end:
        return Refused("return_too_late")
    return Accepted((made(w.ReturnedV1, command.body, zone=referral.zone),))


def _urge(state: Case, command: Command, _reference: Reference) -> Answer:
    if not is_open(state):
        return refused_by_status(state, "already_closed")
    return Accepted((made(w.UrgedV1, command.body),))


def _escalate(state: Case, command: Command, reference: Reference) -> Answer:
    body, units, level = command.body, above(state, reference), state.life.level
    if not is_open(state):
        return refused_by_status(state, "already_closed")
    if level >= len(units):
        return Refused("nobody_above")
    following = state.life.escalate_at if level + 1 < len(units) else None
    return Accepted((made(w.EscalatedV1, body, to=units[level], by_rule=False, next_at=following),))


HANDLERS: Mapping[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    w.TriageV1: _triage,
    w.AskExtensionV1: _ask_extension,
    w.DecideExtensionV1: _decide_extension,
    w.ReturnV1: _return,
    w.UrgeV1: _urge,
    w.EscalateV1: _escalate,
    **desk.HANDLERS,
    **outside.HANDLERS,
    **risk.HANDLERS,
    **letters.HANDLERS,
    **review.HANDLERS,
    **second_person.HANDLERS,
    **doors.HANDLERS,
    **danger.HANDLERS,
    **aftercare.HANDLERS,
    **transfer.HANDLERS,
    **pausing.HANDLERS,
    **joint.HANDLERS,
    **ending.HANDLERS,
}
"""Command → its rule."""


def _triaged(state: Case, _event: w.TriagedV1, _at: int) -> Case:
    return with_life(state, triaged=True)


def _term_begins(state: Case, _event: Message, _at: int) -> Case:
    return with_life(
        state, extension=None, referral=None, escalate_at=None, level=0, letter=None, pause=Pause()
    )


def _ends(state: Case, _event: Message, _at: int) -> Case:
    return with_life(
        state, extension=None, referral=None, escalate_at=None, proposal=None, joint=None, withdrawal=None
    )


def _extension_asked(state: Case, event: w.ExtensionAskedV1, _at: int) -> Case:
    return with_life(state, extension=Extension(event.asked_by))


def _extension_decided(state: Case, event: w.ExtensionDecidedV1, _at: int) -> Case:
    asked = state.life.extension
    decided = with_life(state, extension=asked and asked._replace(decided=True))
    if event.handle_due_at is None or state.due is None:
        return decided
    return with_life(decided, escalate_at=None)._replace(due=state.due._replace(end=event.handle_due_at))


def _referred(state: Case, _event: g.ReferredV1, at: int) -> Case:
    return with_life(state, referral=Referral(state.zone, at))


def _returned(state: Case, event: w.ReturnedV1, _at: int) -> Case:
    return with_life(state, referral=None)._replace(zone=event.zone)


def _overdue(state: Case, event: g.OverdueV1, _at: int) -> Case:
    return state if event.historical else with_life(state, escalate_at=event.escalate_at)


def _escalated(state: Case, event: w.EscalatedV1, _at: int) -> Case:
    return with_life(state, level=state.life.level + 1, escalate_at=event.next_at)


_STEPS: Mapping[type[Message], Callable[[Case, Any, int], Case]] = {
    w.TriagedV1: _triaged,
    g.AcceptedV1: _term_begins,
    g.ReopenedV1: lambda state, event, at: outside.owed_again(_term_begins(state, event, at)),
    g.NotAcceptedV1: _ends,
    g.ClosedV1: _ends,
    w.ExtensionAskedV1: _extension_asked,
    w.ExtensionDecidedV1: _extension_decided,
    g.ReferredV1: _referred,
    w.ReturnedV1: _returned,
    g.OverdueV1: _overdue,
    w.EscalatedV1: _escalated,
    w.ReviewRequestedV1: lambda state, event, at: review.requested(_ends(state, event, at), event, at),
    w.ReviewAnsweredV1: lambda state, event, at: review.answered(_ends(state, event, at), event, at),
    w.ServiceRecordedV1: letters.served,
    LetterMadeV1: letters.made_one,
    ResultReturnedV1: outside.returned,
    k.RiskFlagProposedV1: risk.proposed,
    k.RiskFlagDecidedV1: risk.decided,
    k.RiskFlagLiftedV1: risk.lifted,
    g.RepliedV1: review.replied,
    g.AssignedV1: review.assigned,
    w.ReclassificationProposedV1: second_person.proposed,
    w.ReclassificationDecidedV1: second_person.decided,
    w.RecusedV1: second_person.recused,
    **transfer.STEPS,
    **pausing.STEPS,
    **danger.STEPS,
    **joint.STEPS,
    **ending.STEPS,
}
