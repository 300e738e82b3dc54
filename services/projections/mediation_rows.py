"""Rows of mediations."""

from __future__ import annotations

from typing import Literal, NamedTuple

Part = Literal["party", "representative", "interpreter"]


class MediationRow(NamedTuple):
    """A mediation. Times in milliseconds since the epoch, sums in fen.

    `mediators`: ids, parted by spaces; `imported`: told by an import; `form` of the agreement in force; `owed` and
    `paid`: the payments of that agreement; `duties`: how many obligations it has, `settled` and `breached` of them;
    `deadline`, `due_at`: which term ends next, and when.
    """

    family: str
    partition: int
    mediation_id: str
    unit: str
    submission_offset: int
    dispute: str
    origin: str
    zone: str | None
    grievance: str | None
    amount: int | None
    imported: bool
    started_at: int
    status: str
    changed_at: int
    outcome: str | None
    ended_at: int | None
    parties: int
    mediators: str
    held: int
    form: str | None
    owed: int
    paid: int
    duties: int
    settled: int
    breached: int
    deadline: str | None
    due_at: int | None
    risk: bool


class MediationPersonRow(NamedTuple):
    """Somebody whose name a mediation holds: under which subject's keys, and what part they had first."""

    family: str
    partition: int
    mediation_id: str
    subject: str
    unit: str
    part: Part
    events_offset: int
