"""Whose personal data have been kept long enough: a pure reading of cases and a schedule.

Source of the terms: the retention policy in the register (contracts.people.RetentionPolicy).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from contracts.base import DAY_MS
from contracts.people import MOST_ERASED, RetentionPolicy, Schedule
from contracts.reference import Register


class EndedCase(NamedTuple):
    """A case that is over: whose texts and whose reporter it holds, and when it ended, in milliseconds."""

    texts: str | None
    reporter: str | None
    ended_at: int


def due(schedule: Schedule, cases: Iterable[EndedCase], kept: frozenset[str], until: int) -> frozenset[str]:
    """The subjects whose term was over at `until`, at most MOST_ERASED of them.

    A reporter's term starts when the last of their cases ended. `kept`: who is not due whatever the term:
    who has an open case, is held, or is erased already.
    """
    last: defaultdict[str, int] = defaultdict(int)
    terms: dict[str, int] = {}
    for case in cases:
        for subject, days in ((case.reporter, schedule.reporter_days), (case.texts, schedule.case_days)):
            if subject is not None and subject not in kept:
                last[subject] = max(last[subject], case.ended_at)
                terms[subject] = max(terms.get(subject, 0), days)
    over = sorted(subject for subject, at in last.items() if at + terms[subject] * DAY_MS <= until)
    return frozenset(over[:MOST_ERASED])


def schedule_of(register: Register, family: str) -> Schedule | None:
    """The schedule of a family in force; None where the register has none."""
    entry = register.policy("retention")
    return RetentionPolicy.model_validate(entry.terms).schedules.get(family) if entry else None
