"""Rows of pairs and of employment help. Times in milliseconds since the epoch."""

from __future__ import annotations

from typing import Literal, NamedTuple

HelpingPart = Literal["helper", "helped"]


class PairRow(NamedTuple):
    """A pair of a helper and who is helped.

    `helper`, `helped`: whose data the names are; `done`, `undone`: of its plans, those that came to something and those
    that did not; `due_at`: when the next plan without a result is due.
    """

    family: str
    partition: int
    pair_id: str
    unit: str
    submission_offset: int
    need: str
    helper: str
    helped: str
    helper_staff: str | None
    household: str | None
    began_at: int
    changed_at: int
    plans: int
    done: int
    undone: int
    visits: int
    met: int
    last_visit_at: int | None
    due_at: int | None
    ended: str | None
    ended_at: int | None


class PairPlanRow(NamedTuple):
    """A plan of a pair; `done` is None until who is helped says what it came to."""

    partition: int
    pair_id: str
    number: int
    events_offset: int
    unit: str
    due_at: int
    done: bool | None


class PairVisitRow(NamedTuple):
    """A visit to who is helped, and whether they were met."""

    partition: int
    submission_offset: int
    number: int
    events_offset: int
    pair_id: str
    unit: str
    met: bool
    at: int


class SeekerRow(NamedTuple):
    """Somebody who looks for work, or has found it.

    `person`: whose data the name is; `kind`: of the work that they are in; `due_months`, `due_at`: how long after they
    began it is to be asked next whether they are still in work, and by when.
    """

    family: str
    partition: int
    seeker_id: str
    unit: str
    submission_offset: int
    need: str
    person: str | None
    household: str | None
    imported: bool
    registered_at: int
    changed_at: int
    offers: int
    placements: int
    kind: str | None
    due_months: int | None
    due_at: int | None
    ended: str | None
    ended_at: int | None


class PlacementRow(NamedTuple):
    """A placement.

    `kept`: the most months after which they were still in work, as they were asked; `lost`: within how many months they no
    longer were; None: nobody has said so.
    """

    partition: int
    seeker_id: str
    number: int
    events_offset: int
    unit: str
    need: str
    person: str | None
    kind: str
    imported: bool
    began_at: int
    kept: int | None
    lost: int | None


class HelpingPersonRow(NamedTuple):
    """Somebody whose name a pair or an employment case holds: under which subject's keys, and what part they had first."""

    family: str
    partition: int
    stream_id: str
    subject: str
    unit: str
    part: HelpingPart
    events_offset: int


HelpingRow = PairRow | PairPlanRow | PairVisitRow | SeekerRow | PlacementRow | HelpingPersonRow
