"""What the messages of mediation say otherwise than tests.golden.examples has it, by type and field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.catalogue import COMMANDS, EVENTS

_SEALED = {"subject": "sub_5f3a9c0e1d2b4a68", "sealed": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"}
_AT = 1_790_000_000_000
_MEDIATOR = "act_0123456789ab"
_HASH = "0f" * 32
_OBLIGATIONS = [
    {"kind": "pay", "due_at": _AT, "debtor": 2, "creditor": 1, "amount": 300_000},
    {"kind": "repair", "due_at": _AT, "debtor": 1, "creditor": 2},
]
_COMMON: Mapping[str, Any] = {
    "authority": "entrusted",
    "amount": 300_000,
    "choice": "assigned",
    "confirm_by": _AT,
    "consents": True,
    "court": _SEALED,
    "creditor": 1,
    "deadline": "perform",
    "debtor": 2,
    "dispute": "neighbours",
    "ended_at": _AT,
    "fingerprint": _HASH,
    "forum": "court",
    "grievance": "grv_0123456789abcdef0123456789abcdef",
    "kind": "person",
    "kind_a": "person",
    "kind_b": "organisation",
    "languages": _SEALED,
    "manner": "read_out",
    "mediate_by": _AT,
    "mediator": _MEDIATOR,
    "met": True,
    "name": _SEALED,
    "name_a": _SEALED,
    "name_b": _SEALED,
    "number": 3,
    "obligation": 1,
    "obligations": _OBLIGATIONS,
    "origin": "grievance",
    "outcome": "not_told",
    "paper": "identity",
    "parties": [1, 2],
    "party": 2,
    "place": _SEALED,
    "planned_at": _AT,
    "present": [1, 2],
    "absent": [2],
    "reason": "kin",
    "register_number": "KT-2026-89abcdef-1",
    "remedies": _SEALED,
    "reported_by": _MEDIATOR,
    "ruling": "confirmed",
    "session": 1,
    "settled": False,
    "side": "third",
    "sitting": "joint",
    "staff": _MEDIATOR,
    "staff_a": _MEDIATOR,
    "staff_b": "act_ba9876543210",
    "telephone_a": _SEALED,
    "telephone_b": _SEALED,
    "terms": _SEALED,
    "total": 300_000,
    "version": 2,
    "visit_by": _AT,
    "whole": False,
}
_BY_TYPE: Mapping[str, Mapping[str, Any]] = {
    "attach": {"name": _SEALED},
    "attached": {"name": _SEALED},
    "sign": {"manner": "drawn"},
    "signed": {"manner": "drawn"},
    "refer": {"authority": _SEALED},
    "referred": {"authority": _SEALED},
    "record_ruling": {"number": _SEALED},
    "ruling_recorded": {"number": _SEALED},
    "deadline_passed": {"obligations": [1]},
}


MEDIATION: Mapping[str, Mapping[str, Any]] = {
    name: {**_COMMON, **_BY_TYPE.get(name.split(".")[1], {})}
    for name in (*COMMANDS, *EVENTS)
    if name.startswith("mediation.")
}
"""Type → its fields."""
