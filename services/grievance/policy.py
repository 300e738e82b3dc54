"""The norm defaults of grievances, entered into the register at init; a community may set others.

Terms: 信访工作条例 (2022): route and accept within 15 days; handle within 60 days of acceptance.
"""

from __future__ import annotations

from contracts.grievance import GrievancePolicy
from contracts.register import DefinePolicyV1

_HANDLING = ["handler", "supervisor"]
_DESK = ["clerk", "grid_worker", *_HANDLING]


def default_policy() -> DefinePolicyV1:
    """The policy that `init` enters."""
    terms = GrievancePolicy(
        accept_days=15,
        handle_days=60,
        permissions={
            "lodge": ["resident", "block_leader", "patroller", *_DESK],
            "triage": _DESK,
            "accept": _DESK,
            "not_accept": _HANDLING,
            "assign": _HANDLING,
            "refer": _HANDLING,
            "record_progress": ["grid_worker", *_HANDLING],
            "reply": ["clerk", *_HANDLING],
            "resolve": ["grid_worker", *_HANDLING],
            "close": _HANDLING,
            "reopen": _DESK,
            "record_occurrence": _DESK,
            "attach": ["resident", "block_leader", "patroller", *_DESK],
            "redact": _HANDLING,
            "correct": ["clerk", *_HANDLING],
            "deadline_due": ["clock"],
        },
    )
    return DefinePolicyV1(
        policy="grievance", version="2022-1", source="信访工作条例 (2022)", terms=terms.model_dump()
    )
