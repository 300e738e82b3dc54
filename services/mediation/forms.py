"""When a command on a mediation is offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.mediation_file import Mediation
from web.case_forms.mediation import AGREEMENTS, FORMS


def _can_agree(state: Mediation) -> bool:
    return bool(state.mediators) and state.all_consent and any(one.held for one in state.sessions)


_WHEN: Mapping[str, Callable[[Mediation, str, int], bool]] = {
    "serve_rights_notice": lambda s, _actor, _now: not all(one.notified for one in s.parties),
    "recuse_mediator": lambda s, _actor, _now: bool(s.mediators),
    "hold_session": lambda s, _actor, _now: s.all_consent,
    "adjourn_session": lambda s, _actor, _now: not all(one.held for one in s.sessions),
    "report_risk": lambda s, _actor, _now: s.risk_by is None,
    "acknowledge_risk": lambda s, actor, _now: s.risk_by not in (None, actor),
    "draw_up": lambda s, _actor, _now: _can_agree(s),
    "agree_orally": lambda s, _actor, _now: _can_agree(s),
    "sign": lambda s, _actor, _now: s.draft is not None,
    "record_performance": lambda s, _actor, _now: any(d.standing != "performed" for d in s.duties),
    "record_breach": lambda s, _actor, now: any(
        d.standing == "owed" and d.obligation.due_at <= now for d in s.duties
    ),
    "follow_up_breach": lambda s, _actor, _now: any(d.standing == "breached" for d in s.duties),
    "apply_for_confirmation": lambda s, _actor, now: s.confirmation is None and now < (s.confirm_by or 0),
    "record_ruling": lambda s, _actor, _now: s.confirmation == "applied",
    "close": lambda s, _actor, _now: s.visited and all(d.settled for d in s.duties) and s.draft is None,
}
"""Command → whether it makes sense now; those that are not here do wherever their states offer them."""


def fits(command: str, state: Mediation, actor: str, now: int) -> bool:
    """Whether a command makes sense of a mediation as it stands. A courtesy: the workflow decides."""
    definition = FORMS.get(command) or AGREEMENTS[command]
    if state.status not in definition.states:
        return False
    when = _WHEN.get(command)
    return when is None or when(state, actor, now)
