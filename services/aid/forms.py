"""When a command on an aid request is offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.aid_file import Request
from web.case_forms.aid import FORMS

_When = Callable[[Request, str, int], bool]


def _is_other(state: Request, actor: str) -> bool:
    """Whether this person neither proposed nor inquired."""
    proposer = state.proposal.proposer if state.proposal else None
    return actor != proposer and actor not in state.inquirers


def _may_decide(state: Request, actor: str, now: int) -> bool:
    ended = state.notice_until is None or now > state.notice_until
    return _is_other(state, actor) and ended and not state.open_objections and state.asked is None


_WHEN: Mapping[str, _When] = {
    "publish_notice": lambda s, _actor, _now: s.proposal is not None and s.proposal.verdict == "grant",
    "raise_objection": lambda s, _actor, now: now <= (s.notice_until or 0),
    "handle_objection": lambda s, actor, _now: (
        bool(s.open_objections) and (s.proposal is None or s.proposal.proposer != actor)
    ),
    "approve": lambda s, actor, now: (
        s.proposal is not None and s.proposal.verdict == "grant" and _may_decide(s, actor, now)
    ),
    "reject": lambda s, actor, _now: _is_other(s, actor),
    "send_back": lambda s, actor, _now: _is_other(s, actor),
    "pay_first": lambda s, _actor, _now: not s.emergency and s.asked is None,
    "justify": lambda s, actor, _now: s.justify_by is not None and s.emergency_by != actor,
    "pay_tranche": lambda s, _actor, _now: bool(s.to_pay),
    "confirm_receipt": lambda s, _actor, _now: any(one.paid and not one.confirmed for one in s.tranches),
    "demand_repayment": lambda s, _actor, _now: s.paid > s.repaid + s.owed_back,
    "record_repayment": lambda s, _actor, _now: s.owed_back > 0,
    "appeal": lambda s, _actor, now: now <= (s.appeal_until or 0),
    "decide_appeal": lambda s, actor, _now: s.answer_by is not None and actor != s.decided_by,
}
"""Command → whether it makes sense now; those that are not here do wherever their states offer them."""


def fits(command: str, state: Request, actor: str, now: int) -> bool:
    """Whether a command makes sense of a request as it stands. A courtesy: the workflow decides."""
    if state.status not in FORMS[command].states:
        return False
    when = _WHEN.get(command)
    return when is None or when(state, actor, now)
