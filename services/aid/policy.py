"""The norm defaults of aid and of funds, entered into the register at init; a community may set others.

Source: 社会救助暂行办法 (2019): apply (in person or by another), inquire into the household, put on notice, approve, look at
the need again; emergency first, the papers after (临时救助); public funds kept apart. 个人信息保护法 (2021), articles 28
and 29: separate consent to sensitive data. What differs between programmes stands in each programme.
"""

from __future__ import annotations

from contracts.aid_policy import AidPolicy, FundPolicy
from contracts.register import DefinePolicyV1

_ACT = "社会救助暂行办法 (2019)"
_SOURCES = {
    "decide_days": f"House rule on how soon; {_ACT} asks for each step without delay",
    "reserve_days": "House rule: no law sets it",
    "appeal_days": "行政复议法 (2023), article 20: 60 days",
    "answer_days": "行政复议法 (2023), article 62: 60 days",
    "follow_up_months": "House rule: no law sets it",
    "ends_on_working_day": "House rule, after 民事诉讼法 (2021), article 85",
}
_OFFICER = ["aid_officer"]
_DESK = ["clerk", "aid_officer", "supervisor"]
_RECORDED_BY_DESK = (
    "attach",
    "record_consent",
    "check_completeness",
    "raise_objection",
    "withdraw",
    "appeal",
)
_BY_OFFICERS = (
    "inquire",
    "propose",
    "publish_notice",
    "pay_first",
    "pay_tranche",
    "demand_repayment",
    "record_repayment",
)
_BY_APPROVERS = ("approve", "reject", "send_back", "justify", "decide_appeal")
_OF_PAIRS = ("pair", "plan_help", "record_pair_visit", "record_pair_result", "end_pair")
_OF_SEEKERS = ("register_seeker", "offer_post", "decline_post", "place", "ask_after_work", "end_help")
_IN_FIELD = ["grid_worker", *_DESK]


def default_policy() -> DefinePolicyV1:
    """The policy of aid that `init` enters."""
    terms = AidPolicy(
        sources=_SOURCES,
        permissions={
            "apply": ["resident", *_IN_FIELD],
            "confirm_receipt": ["resident", *_DESK],
            **_each(_RECORDED_BY_DESK, ["resident", *_DESK]),
            "check_completeness": _DESK,
            **_each(_BY_OFFICERS, _OFFICER),
            **_each(_BY_APPROVERS, ["aid_approver"]),
            "handle_objection": ["aid_officer", "aid_approver", "supervisor"],
            "give_in_kind": _IN_FIELD,
            "review_need": ["aid_officer", "aid_approver"],
            "close": ["aid_officer", "supervisor"],
            "add_note": [*_DESK, "aid_approver"],
            "tell_grant": ["clerk"],
            **_each(_OF_PAIRS, _IN_FIELD),
            **_each(_OF_SEEKERS, _IN_FIELD),
            "answer_reservation": ["clock"],
            "deadline_due": ["clock"],
        },
    )
    return DefinePolicyV1(policy="aid", version="2019-1", source=_ACT, terms=terms.model_dump(mode="json"))


def default_fund_policy() -> DefinePolicyV1:
    """The policy of funds that `init` enters: what the books move by is asked for by requests, never by hand."""
    by_hand = ["aid_officer", "clerk"]
    terms = FundPolicy(
        permissions={
            "receive": by_hand,
            "allocate_item": by_hand,
            "close_month": ["aid_approver", "supervisor"],
            "enter_statement_line": by_hand,
            "explain_line": by_hand,
            **_each(("reserve", "spend", "release", "take_back"), ["clock"]),
        },
        sources={
            "permissions": "House rule: who keeps the books asks for no money, and who asks for it keeps none"
        },
    )
    return DefinePolicyV1(policy="fund", version="2019-1", source=_ACT, terms=terms.model_dump(mode="json"))


def _each(commands: tuple[str, ...], roles: list[str]) -> dict[str, list[str]]:
    return {command: list(roles) for command in commands}
