"""How a case came in, as its page shows it: a joint petition, on behalf of somebody, in confidence."""

from __future__ import annotations

from typing import NamedTuple

from contracts.doors import IN_PERSON
from contracts.grievance import policy_in
from contracts.reference import Register
from services.projections.rows import CaseRow


class JointView(NamedTuple):
    """A joint petition: of how many persons, and how many speak for them; None where that was not told.

    `to_choose`: more came in person than may speak for all, which is so many.
    """

    petitioners: int
    representatives: int | None
    to_choose: int | None


def petition_of(case: CaseRow, register: Register) -> JointView | None:
    """What is shown of a joint petition; None for a case of one person."""
    if case.petitioners is None:
        return None
    policy = policy_in(register)
    most = policy.representatives_in_person if policy else None
    too_many = most is not None and case.channel in IN_PERSON and (case.representatives or 0) > most
    return JointView(case.petitioners, case.representatives, most if too_many else None)
