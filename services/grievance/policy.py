"""The norm defaults of grievances, entered into the register at init; a community may set others.

Terms: 信访工作条例 (2022): route and accept within 15 days; handle within 60 days of acceptance, 30 more once,
with reasons and approval; object to a transfer within 5 working days; ask for a review within 30 days of
service, answered in 30, and for a re-review likewise.
"""

from __future__ import annotations

from contracts.grievance import GrievancePolicy
from contracts.register import DefinePolicyV1

_ACT = "信访工作条例 (2022)"
_SOURCES = {
    "accept_days": _ACT,
    "handle_days": _ACT,
    "extension_days": _ACT,
    "return_working_days": f"{_ACT}: 5 working days, by the calendar of the register",
    "ends_on_working_day": "民法典 (2020), article 203, says so of civil terms; off until a community sets it",
    "review_request_days": _ACT,
    "review_days": _ACT,
    "reopen_days": "House rule: no law sets it",
    "additions": "House rule: no law sets it",
    "withdrawal_cooling_days": "House rule: no law sets it",
    "undo_days": "House rule: no law sets it",
    "pause_days": "House rule: no law sets it",
    "warn_days": "House rule: no law sets it",
    "representatives_in_person": _ACT,
    "danger_minutes": "House rule: no law sets it",
    "escalate_days": "House rule: no law sets it",
}
"""Term → where it comes from."""

_HANDLING = ["handler", "supervisor"]
_DESK = ["clerk", "grid_worker", *_HANDLING]


def default_policy() -> DefinePolicyV1:
    """The policy that `init` enters."""
    terms = GrievancePolicy(
        accept_days=15,
        handle_days=60,
        extension_days=30,
        return_working_days=5,
        escalate_days=5,
        reopen_days=365,
        additions=20,
        pause_days=60,
        warn_days=5,
        withdrawal_cooling_days=3,
        undo_days=30,
        review_request_days=30,
        review_days=30,
        representatives_in_person=5,
        danger_minutes=15,
        sources=_SOURCES,
        permissions={
            "lodge": ["resident", "clock", "block_leader", "patroller", *_DESK],
            "triage": _DESK,
            "accept": _DESK,
            "not_accept": _HANDLING,
            "assign": _HANDLING,
            "refer": _HANDLING,
            "return": _HANDLING,
            "ask_extension": ["handler"],
            "decide_extension": ["supervisor"],
            "pause": ["supervisor"],
            "resume": ["supervisor"],
            "start_joint_handling": _HANDLING,
            "record_joint_part": ["clerk", "grid_worker", *_HANDLING],
            "end_joint_handling": _HANDLING,
            "urge": ["supervisor"],
            "escalate": _DESK,
            "record_service": ["clerk", "grid_worker", *_HANDLING],
            "request_review": ["resident", *_DESK],
            "answer_review": ["supervisor"],
            "propose_reclassification": _DESK,
            "decide_reclassification": ["supervisor"],
            "recuse": _HANDLING,
            "acknowledge_danger": _DESK,
            "name_representatives": ["clerk", "grid_worker", "supervisor"],
            "add_note": _DESK,
            "note_related": ["clock"],
            "record_result_returned": _DESK,
            "propose_risk_flag": _DESK,
            "decide_risk_flag": ["supervisor"],
            "report_risk": _DESK,
            "lift_risk_flag": ["supervisor"],
            "transfer": _HANDLING,
            "receive_transfer": ["clock"],
            "confirm_transfer": ["clock"],
            "release_transfer": ["clock"],
            "record_progress": ["grid_worker", *_HANDLING],
            "reply": ["clerk", *_HANDLING],
            "resolve": ["grid_worker", *_HANDLING],
            "close": _HANDLING,
            "reopen": _DESK,
            "record_occurrence": _DESK,
            "add_information": ["resident"],
            "rate": ["resident"],
            "record_follow_up": _DESK,
            "hand_to_inspection": _DESK,
            "ask_withdrawal": ["resident", *_DESK],
            "confirm_withdrawal": ["resident"],
            "undo_withdrawal": ["resident"],
            "merge": _HANDLING,
            "split": _HANDLING,
            "unmerge": ["resident", *_DESK],
            "attach": ["resident", "block_leader", "patroller", *_DESK],
            "redact": _HANDLING,
            "correct": ["clerk", *_HANDLING],
            "deadline_due": ["clock"],
        },
    )
    return DefinePolicyV1(policy="grievance", version="2022-1", source=_ACT, terms=terms.model_dump())
