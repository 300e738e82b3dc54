"""The norm defaults of mediation, entered into the register at init; a community may set others.

Source: 人民调解法 (2010): free and voluntary (articles 3 and 4); begun on application or unasked, never against a
party's refusal (17); one mediator or several, chosen or assigned (19, 20); evidence and danger reported to the police (25);
on failure the other remedies are named (26); agreement in writing or by word of mouth (28, 29); its performance is
supervised (31); both sides may ask a court to confirm it within 30 days (33).
"""

from __future__ import annotations

from contracts.mediation_policy import MediationPolicy
from contracts.register import DefinePolicyV1

_ACT = "人民调解法 (2010)"
_SOURCES = {
    "mediate_days": "人民调解工作若干规定 (2002), article 33: usually within one month",
    "confirm_days": f"{_ACT}, article 33",
    "follow_up_days": f"House rule on how soon; {_ACT}, article 31, asks for supervision",
    "ends_on_working_day": "民事诉讼法 (2021), article 85",
    "duty_post": f"House rule on who; {_ACT}, article 25, asks for the report",
}
"""Term → where it comes from."""

_MEDIATOR = ["mediator"]
_DESK = ["clerk", "mediator", "supervisor"]
_RECORDED_BY_DESK = (
    "add_party",
    "name_representative",
    "serve_rights_notice",
    "record_consent",
    "name_interpreter",
    "plan_session",
    "adjourn_session",
    "report_risk",
    "attach",
    "add_note",
    "sign",
    "withdraw",
    "apply_for_confirmation",
    "record_ruling",
    "record_performance",
    "record_breach",
    "follow_up_breach",
    "record_visit",
)
_BY_MEDIATORS = ("hold_session", "draw_up", "agree_orally", "fail", "refer")


def default_policy() -> DefinePolicyV1:
    """The policy that `init` enters."""
    terms = MediationPolicy(
        mediate_days=30,
        confirm_days=30,
        follow_up_days=30,
        ends_on_working_day=True,
        sources=_SOURCES,
        permissions={
            "start": ["grid_worker", *_DESK],
            **dict.fromkeys(_RECORDED_BY_DESK, _DESK),
            **dict.fromkeys(_BY_MEDIATORS, _MEDIATOR),
            "name_mediator": ["clerk", "supervisor"],
            "recuse_mediator": ["mediator", "supervisor"],
            "acknowledge_risk": ["clerk", "grid_worker", "handler", "patroller", "supervisor"],
            "close": ["mediator", "supervisor"],
            "tell_outcome": ["clerk"],
            "deadline_due": ["clock"],
        },
    )
    return DefinePolicyV1(policy="mediation", version="2010-1", source=_ACT, terms=terms.model_dump())
