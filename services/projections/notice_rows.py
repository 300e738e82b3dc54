"""The row of a notice to staff."""

from __future__ import annotations

from typing import Literal, NamedTuple

NoticeKind = Literal[
    "danger",
    "danger_overdue",
    "assigned",
    "referred",
    "returned",
    "urged",
    "escalated",
    "extension_asked",
    "extension_decided",
    "reclassification_proposed",
    "risk_proposed",
    "information_added",
    "review_requested",
    "not_satisfied",
    "joint_handling",
    "related_noted",
]


class NoticeRow(NamedTuple):
    """A receiver must know of an event; `unit` is the case's own, `actor` who made it happen."""

    partition: int
    submission_offset: int
    number: int
    receiver: str
    events_offset: int
    case_id: str
    unit: str
    kind: NoticeKind
    recorded_at: int
    actor: str | None
