"""One matter, one case: withdrawal by the complainant, merging of duplicates, and splitting of a case. Pure.

What is undone stands as it stood, with the end of the term that ran: no time passes in the office's favour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts import ending as e
from contracts import grievance as g
from contracts.base import DAY_MS, LAST_MS, Message
from contracts.workflow import Accepted, Answer, Command, Reference, Refused
from services.grievance.case import (
    Case,
    Ended,
    Status,
    Withdrawal,
    is_open,
    live_due,
    made,
    refused_by_status,
    with_life,
)


def _refused_here(state: Case, reference: Reference) -> Refused | None:
    """Why the case cannot end so: it must be open, and its import over."""
    if not is_open(state):
        return refused_by_status(state, "already_closed")
    batch = reference.batches.get(state.batch or "")
    return Refused("import_open") if batch is not None and batch.closed_at is None else None


def _hand_to_inspection(state: Case, _command: Command, reference: Reference) -> Answer:
    if state.status != "lodged":
        return refused_by_status(state, "not_lodged_state")
    if state.life.triaged:
        return Refused("triaged_as_other")
    return _refused_here(state, reference) or Accepted((e.HandedToInspectionV1(),))


def _ask(state: Case, command: Command, reference: Reference) -> Answer:
    asked, policy = state.life.withdrawal, g.policy_in(reference.register)
    if (refused := _refused_here(state, reference)) or policy is None:
        return refused or Refused("no_policy")
    own = command.submission.role == "resident"
    if asked is not None and (asked.confirm_from is not None or not own):
        return Refused("withdrawal_asked_already")
    end = min(reference.now + policy.withdrawal_cooling_days * DAY_MS, LAST_MS)
    return Accepted((made(e.WithdrawalAskedV1, command.body, confirm_from=end if own else None),))


def _confirm(state: Case, command: Command, reference: Reference) -> Answer:
    asked, policy = state.life.withdrawal, g.policy_in(reference.register)
    if command.submission.role != "resident":
        return Refused("complainant_only")
    if (refused := _refused_here(state, reference)) or policy is None:
        return refused or Refused("no_policy")
    if asked is None or asked.confirm_from is None:
        return Refused("withdrawal_not_asked")
    if reference.now < asked.confirm_from:
        return Refused("withdrawal_too_early")
    return Accepted((e.WithdrawnV1(undo_until=min(reference.now + policy.undo_days * DAY_MS, LAST_MS)),))


def _undo(state: Case, command: Command, reference: Reference) -> Answer:
    ended = state.life.ended
    if command.submission.role != "resident":
        return Refused("complainant_only")
    if is_open(state) and state.life.withdrawal is not None:
        return Accepted((e.WithdrawalUndoneV1(),))
    if state.status != "withdrawn" or ended is None:
        return Refused("nothing_withdrawn")
    if reference.now > ended.undo_until:
        return Refused("undo_too_late")
    return Accepted((e.WithdrawalUndoneV1(),))


def _merge(state: Case, command: Command, reference: Reference) -> Answer:
    body = command.body
    if refused := _refused_here(state, reference):
        return refused
    if not isinstance(body, e.MergeV1) or body.target == command.submission.subject:
        return Refused("merge_into_itself", "target")
    target = reference.other(body.target)
    if not isinstance(target, Case):
        return Refused("unknown_target", "target")
    if target.unit != state.unit:
        return Refused("target_elsewhere", "target")
    if target.status == "merged":
        return Refused("target_merged", "target")
    if not is_open(target):
        return Refused("target_not_open", "target")
    return Accepted((made(e.MergedV1, body),))


def _unmerge(state: Case, command: Command, _reference: Reference) -> Answer:
    if state.status != "merged":
        return Refused("not_merged")
    return Accepted((made(e.UnmergedV1, command.body),))


def refuse_splitting(body: g.LodgeV1, command: Command, reference: Reference) -> Refused | None:
    """Why a lodging cannot be split off from the case that it names; None where it names none, or can."""
    if body.split_from is None:
        return Refused("split_without_case", "split_note") if body.split_note is not None else None
    policy, origin = g.policy_in(reference.register), reference.other(body.split_from)
    if policy is None or command.submission.role not in policy.permissions.get("split", ()):
        return Refused("not_entitled")
    if body.split_note is None:
        return Refused("split_without_reason", "split_note")
    if not isinstance(origin, Case) or origin.unit != command.submission.unit:
        return Refused("unknown_origin")
    return None if is_open(origin) else Refused("origin_not_open")


def accepted_by(body: g.LodgeV1, due_at: int, reference: Reference) -> int:
    """By when the case must be accepted: what is split off gets no more time than it had."""
    origin = reference.other(body.split_from) if body.split_from is not None else None
    due = live_due(origin, reference) if isinstance(origin, Case) else None
    return due_at if due is None else min(due_at, max(due[1], reference.effective_at))


HANDLERS: dict[type[Message], Callable[[Case, Command, Reference], Answer]] = {
    e.HandToInspectionV1: _hand_to_inspection,
    e.AskWithdrawalV1: _ask,
    e.ConfirmWithdrawalV1: _confirm,
    e.UndoWithdrawalV1: _undo,
    e.MergeV1: _merge,
    e.UnmergeV1: _unmerge,
}
"""Command → its rule."""


def _asked(state: Case, event: e.WithdrawalAskedV1, _at: int) -> Case:
    return state._replace(life=state.life._replace(withdrawal=Withdrawal(event.confirm_from)))


def _ended(state: Case, status: Status, undo_until: int) -> Case:
    life = state.life
    if not is_open(state):
        return state
    ended = Ended(
        state.status, state.due, life.extension, life.referral, life.escalate_at, life.proposal, undo_until
    )
    still = life._replace(
        extension=None, referral=None, escalate_at=None, proposal=None, withdrawal=None, ended=ended
    )
    return state._replace(status=status, due=None, life=still)


def _handed(state: Case, _event: Message, _at: int) -> Case:
    """It is over here, and its alarm with it: whoever receives it sees to danger."""
    return with_life(state, alarm=None, withdrawal=None, escalate_at=None)._replace(
        status="to_inspection", due=None
    )


def _restored(state: Case, _event: Message, _at: int) -> Case:
    ended, life = state.life.ended, state.life._replace(withdrawal=None, ended=None)
    if ended is None:
        return state._replace(life=life)
    life = life._replace(
        extension=ended.extension,
        referral=ended.referral,
        escalate_at=ended.escalate_at,
        proposal=ended.proposal,
    )
    return state._replace(status=ended.status, due=ended.due, life=life)


STEPS: dict[type[Message], Callable[[Case, Any, int], Case]] = {
    e.HandedToInspectionV1: _handed,
    e.WithdrawalAskedV1: _asked,
    e.WithdrawnV1: lambda state, event, _at: _ended(state, "withdrawn", event.undo_until),
    e.WithdrawalUndoneV1: _restored,
    e.MergedV1: lambda state, _event, _at: _ended(state, "merged", LAST_MS),
    e.UnmergedV1: _restored,
}
"""Event → the case after it."""
