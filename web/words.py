"""The words for roles, states and outcomes (DESIGN section 8), and the marks that they are shown with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from contracts.reasons import REASONS, UNREADABLE
from web.i18n import N_


class State(NamedTuple):
    """How a state is shown: its word, and the mark (a shape, told apart without colour) beside it."""

    label: str
    mark: str


ROLES: Mapping[str, str] = MappingProxyType(
    {
        "resident": N_("Resident"),
        "clerk": N_("Clerk"),
        "grid_worker": N_("Grid worker"),
        "block_leader": N_("Block leader"),
        "handler": N_("Handler"),
        "mediator": N_("Mediator"),
        "aid_officer": N_("Aid officer"),
        "aid_approver": N_("Aid approver"),
        "patroller": N_("Patroller"),
        "supervisor": N_("Supervisor"),
        "auditor": N_("Auditor"),
        "administrator": N_("Administrator"),
        "data_protection_officer": N_("Data protection officer"),
        "inspector": N_("Inspector"),
        "clock": N_("Clock"),
    }
)

CASE_STATES: Mapping[str, State] = MappingProxyType(
    {
        "lodged": State(N_("Lodged"), "fresh"),
        "accepted": State(N_("Accepted"), "running"),
        "not_accepted": State(N_("Not accepted"), "stopped"),
        "assigned": State(N_("Assigned"), "running"),
        "referred": State(N_("Referred within"), "running"),
        "in_progress": State(N_("In progress"), "running"),
        "replied": State(N_("Replied"), "answered"),
        "resolved": State(N_("Resolved"), "answered"),
        "in_review": State(N_("Under review"), "running"),
        "closed": State(N_("Closed"), "done"),
        "reopened": State(N_("Reopened"), "running"),
        "transferred": State(N_("Transferred to another community"), "stopped"),
        "withdrawn": State(N_("Withdrawn"), "stopped"),
        "merged": State(N_("Merged"), "past"),
        "taken_up": State(N_("Taken up"), "running"),
        "passed_on": State(N_("Passed to the competent authority"), "running"),
        "not_pursued": State(N_("Not pursued"), "stopped"),
        "answered": State(N_("Answered"), "answered"),
        "overdue": State(N_("Overdue"), "late"),
        "overdue_historical": State(N_("Overdue (historical)"), "past"),
    }
)

OUTCOMES: Mapping[str, State] = MappingProxyType(
    {
        "accepted": State(N_("Recorded"), "done"),
        "refused": State(N_("Refused"), "stopped"),
        "duplicate": State(N_("Duplicate"), "past"),
        "no_op": State(N_("No change"), "past"),
        "conflict": State(N_("Conflict"), "late"),
        "unsupported": State(N_("Unsupported"), "late"),
        "unreadable": State(N_("Unreadable"), "late"),
    }
)
"""What became of a submission: a decision's outcome."""

STABILITY: Mapping[str, State] = MappingProxyType(
    {
        "certified_zero": State(N_("Certified zero"), "certified_zero"),
        "certified": State(N_("Certified %(count)s"), "certified"),
        "provisional": State(N_("Provisional"), "provisional"),
        "unknown": State(N_("Unknown"), "unknown"),
    }
)


def refusal_sentences() -> tuple[str, ...]:
    """The sentences of contracts.reasons: said on pages, though marked in no source of web or services."""
    return (*REASONS.values(), *UNREADABLE.values())


def role_word(role: str) -> str:
    """The message id of a role's name; the id itself for a role that has none."""
    return ROLES.get(role, role)


def case_state(state: str) -> State:
    """How a case's state is shown; an unknown one by its id."""
    return CASE_STATES.get(state, State(state, "past"))


def outcome_state(outcome: str) -> State:
    """How a decision's outcome is shown; an unknown one by its id."""
    return OUTCOMES.get(outcome, State(outcome, "past"))


def stability_state(state: str, count: int) -> State:
    """How a stability figure's state is shown. `certified` with count 0 is the certified zero.

    A state that is not known is shown as unknown: it must not look better than it is.
    """
    name = "certified_zero" if state == "certified" and count == 0 else state
    return STABILITY.get(name, STABILITY["unknown"])
