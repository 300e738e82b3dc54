"""The norm defaults about accusations, entered into the register at init; others may be set.

Source: 信访工作条例 (2022), articles 17 and 30 (检举控告 is handed to discipline inspection and supervision, and
is not passed to whom it is about), and 纪检监察机关处理检举控告工作规则 (2020).
"""

from __future__ import annotations

from contracts.accusation import AccusationPolicy
from contracts.register import DefinePolicyV1

_OFFICE = ["inspector", "auditor"]
_ANYBODY = [
    "resident",
    "clerk",
    "grid_worker",
    "block_leader",
    "handler",
    "mediator",
    "aid_officer",
    "aid_approver",
    "patroller",
    "supervisor",
    "auditor",
    "inspector",
    "administrator",
    "data_protection_officer",
]
_WORK = (
    "take_up",
    "pass_on",
    "propose_not_pursuing",
    "decide_not_pursuing",
    "answer",
    "close",
    "entrust",
    "record_reading",
)


def default_policy() -> DefinePolicyV1:
    """The policy that `init` enters."""
    terms = AccusationPolicy(permissions={"lodge": _ANYBODY, **dict.fromkeys(_WORK, _OFFICE)})
    return DefinePolicyV1(
        policy="accusation",
        version="2022-1",
        source="信访工作条例 (2022)；纪检监察机关处理检举控告工作规则 (2020)",
        terms=terms.model_dump(),
    )
