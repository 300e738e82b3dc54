"""What the messages of aid, of funds and of programmes say otherwise than tests.golden.examples has it, by type and field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.catalogue import COMMANDS, EVENTS

_SEALED = {"subject": "sub_5f3a9c0e1d2b4a68", "sealed": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"}
_AT = 1_790_000_000_000
_PERSON = "act_0123456789ab"
_REQUEST = "aid_0123456789abcdef0123456789abcdef"
_COMMON: Mapping[str, Any] = {
    "programme": "winter",
    "kind": "winter",
    "fund": "hardship",
    "criteria": "Households in hardship in winter.",
    "benefit": {
        "method": "share",
        "amount": 500_000,
        "per_person": False,
        "percent": 40,
        "threshold": 100_000,
    },
    "documents": [{"document": "identity", "name": "Proof of identity"}],
    "income_limit": 80_000,
    "months": 12,
    "review_months": 6,
    "notice_days": 7,
    "emergency_limit": 200_000,
    "justify_days": 10,
    "version": 2,
    "origin": "proxy",
    "persons": 3,
    "asked": 300_000,
    "cost": 900_000,
    "name": _SEALED,
    "telephone": _SEALED,
    "proxy_name": _SEALED,
    "proxy_telephone": _SEALED,
    "grown_from": "grv_0123456789abcdef0123456789abcdef",
    "decide_by": _AT,
    "document": "identity",
    "scopes": ["income", "health"],
    "missing": ["identity"],
    "visited": True,
    "within_limit": True,
    "entitled": 320_000,
    "with_whom": "act_ba9876543210",
    "income": _SEALED,
    "property": _SEALED,
    "health": _SEALED,
    "inquirer": _PERSON,
    "verdict": "grant",
    "amount": 300_000,
    "tranches": [{"amount": 100_000, "due_at": _AT}, {"amount": 200_000, "due_at": _AT}],
    "in_kind": [{"kind": "goods", "count": 2}],
    "proposer": _PERSON,
    "number": 1,
    "upheld": False,
    "rejected_by": _PERSON,
    "appeal_until": _AT,
    "round": 1,
    "granted": 300_000,
    "asked_by": _PERSON,
    "answer_by": _AT,
    "emergency": True,
    "justify_by": _AT,
    "approved_by": _PERSON,
    "review_by": _AT,
    "reserved": True,
    "available": 1_000_000,
    "tranche": 1,
    "manner": "bank",
    "voucher": "2026/0042",
    "outcome": "go_on",
    "person_times": 3,
    "deadline": "reserve",
    "need": "schooling",
    "helper_name": _SEALED,
    "helper_telephone": _SEALED,
    "helper_staff": _PERSON,
    "met": True,
    "plan": 1,
    "done": True,
    "reason": "need_met",
    "offer": 1,
    "began_at": _AT,
    "asked_at": [_AT],
    "asked_months": [3],
    "in_work": True,
    "source": "donation",
    "items": [{"name": "Quilts", "count": 20, "measure": "pieces"}],
    "purpose": "winter",
    "donor": _SEALED,
    "month": "2026-11",
    "request": _REQUEST,
    "earmarked": 50_000,
    "repayment": 1,
    "gift": 3,
    "item": 1,
    "expense": 300_000,
    "committed": 100_000,
    "cash": 700_000,
    "postings": 12,
    "carried": 600_000,
    "statement": "2026-11",
    "line": 7,
    "direction": "out",
    "booked_at": _AT,
}
_GIVEN = {"kind": "trip"}
_POST = {"kind": "public_benefit"}
_WORK = {"need": "long_unemployed"}
_BY_TYPE: Mapping[str, Mapping[str, Any]] = {
    "register.define_fund.v1": {"kind": "hardship", "name": "Hardship fund"},
    "register.fund_defined.v1": {"kind": "hardship", "name": "Hardship fund"},
    "register.define_programme.v1": {"name": "Winter warmth", "source": "社会救助暂行办法 (2019)"},
    "register.programme_defined.v1": {"name": "Winter warmth", "source": "社会救助暂行办法 (2019)"},
    "aid.give_in_kind.v1": _GIVEN,
    "aid.in_kind_given.v1": _GIVEN,
    "aid.decide_appeal.v1": {"verdict": "approve"},
    "aid.appeal_decided.v1": {"verdict": "approve"},
    "aid.offer_post.v1": _POST,
    "aid.post_offered.v1": _POST,
    "aid.place.v1": _POST,
    "aid.placed.v1": _POST,
    "aid.register_seeker.v1": _WORK,
    "aid.seeker_registered.v1": _WORK,
    "aid.ask_after_work.v1": {"months": 3},
    "aid.work_asked_after.v1": {"months": 3},
    "aid.tell_grant.v1": {"granted": True},
    "aid.grant_told.v1": {"granted": True},
    "aid.end_help.v1": {"reason": "in_work"},
    "aid.help_ended.v1": {"reason": "in_work"},
    "fund.month_closed.v1": {"income": 1_000_000},
    "fund.year_closed.v1": {"income": 1_000_000},
}
_REGISTERED = ("fund", "programme")


AID: Mapping[str, Mapping[str, Any]] = {
    name: {**_COMMON, **_BY_TYPE.get(name, {})}
    for name in (*COMMANDS, *EVENTS)
    if name.split(".")[0] in ("aid", "fund")
    or (name.startswith("register.") and any(word in name for word in _REGISTERED))
}
"""Type → its fields."""
