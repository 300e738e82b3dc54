"""Retention runs: proposed by one person, confirmed by a second, then carried out subject by subject.

The list of a run stands in a file of the home, by ids that mean nothing; the log has its hash. A run that
was cut short is carried on by confirming it again: each erasure has a derived key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from barograph.station import Station
from contracts.people import list_hash
from runtime.submit import Receipt
from services.people.desk import PeopleDesk
from services.people.retention import EndedCase, due, schedule_of
from services.projections import people_queries as people
from services.projections import place_queries
from services.projections.people_queries import RunState
from services.projections.store import ReadModel

SCHEDULE = "grievance"
_AT_ONCE = 100


class NoListError(Exception):
    """The list of a run is not here, or not the one that was proposed: propose a new run."""


class Due(NamedTuple):
    """Whose term is over in a community, as of a time in milliseconds."""

    unit: str
    until: int
    subjects: frozenset[str]


async def find_due(station: Station, model: ReadModel, unit: str, until: int) -> Due | None:
    """Whose term is over; None where there is no schedule."""
    schedule = schedule_of(await station.register.catch_up(), SCHEDULE)
    if schedule is None:
        return None
    rows, busy, living, states = await asyncio.gather(
        asyncio.to_thread(people.ended_cases, model, unit),
        asyncio.to_thread(people.open_reporters, model, unit),
        asyncio.to_thread(place_queries.living_subjects, model, unit),
        asyncio.to_thread(people.subjects_of_units, model, [unit]),
    )
    settled = {name for name, state in states.items() if state.holds or state.erased_at is not None}
    cases = [
        EndedCase(people.case_subject(row), row.reporter, row.closed_at or row.changed_at) for row in rows
    ]
    return Due(unit, until, due(schedule, cases, busy.union(living, settled), until))


async def propose(desk: PeopleDesk, found: Due, actor: str, lists: Path) -> Receipt:
    """Propose to erase these; the list is kept under the run's id. Raises LogError."""
    body = {
        "schedule": SCHEDULE,
        "until": found.until,
        "count": len(found.subjects),
        "listed": list_hash(found.subjects),
    }
    receipt = await desk.say(actor, found.unit, "propose_retention", body)
    await asyncio.to_thread(_keep, lists, receipt.subject, found.subjects)
    return receipt


def listed(run: RunState, lists: Path) -> Sequence[str]:
    """The subjects of a run, checked against the hash on the log. Raises NoListError."""
    try:
        subjects = _file(lists, run.run).read_text().split()
    except OSError:
        raise NoListError("the list of this run is not in this home: propose a new run") from None
    if list_hash(frozenset(subjects)) != run.listed:
        raise NoListError("the list of this run is not the one that was proposed: propose a new run")
    return subjects


async def carry_out(desk: PeopleDesk, run: RunState, subjects: Sequence[str], actor: str) -> None:
    """Say the erasure of each subject of a confirmed run; whoever is held is refused. Raises LogError."""
    body = {"reason": "retention_ended", "run": run.run}
    for start in range(0, len(subjects), _AT_ONCE):
        await asyncio.gather(
            *(
                desk.say(actor, run.unit, "erase", body, subject=subject, key=f"{run.run}/{subject}")
                for subject in subjects[start : start + _AT_ONCE]
            )
        )


def _keep(lists: Path, run: str, subjects: frozenset[str]) -> None:
    lists.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _file(lists, run).with_suffix(".new")
    draft.write_text("".join(f"{subject}\n" for subject in sorted(subjects)))
    draft.replace(_file(lists, run))


def _file(lists: Path, run: str) -> Path:
    return lists / f"{run}.txt"
