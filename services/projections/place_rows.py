"""Rows of households, residents, inspections and visits.

Times are in milliseconds since the epoch; personal fields are sealed, as JSON.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from contracts.visits import End

ResidentState = Literal["here", "on_the_way", "away"]


class HouseholdRow(NamedTuple):
    """A household. `residents`: how many live in it; `events_offset`: of the last decision that changed it."""

    family: str
    partition: int
    household_id: str
    unit: str
    zone: str
    address: str
    entered_at: int
    ended_at: int | None
    residents: int
    events_offset: int


class ResidentRow(NamedTuple):
    """A resident. `household`: where they live, or last lived; `going_to`: where they are on the way to."""

    family: str
    partition: int
    resident_id: str
    unit: str
    household: str
    subject: str
    state: ResidentState
    going_to: str | None
    resident_name: str
    telephone: str | None
    birth_year: str | None
    entered_at: int
    events_offset: int


class InspectionRow(NamedTuple):
    """An inspection that was carried out; `zone`: blank for a community as a whole; `period` it counts for.

    `inspectors`: who carried it out, as a JSON list; None: whoever recorded it did.
    """

    family: str
    partition: int
    inspection_id: str
    unit: str
    inspection: str
    zone: str
    period: str
    at: int
    actor: str
    findings: int
    events_offset: int
    inspectors: str | None = None


class FindingRow(NamedTuple):
    """A finding of an inspection; `text` and `how` are sealed, `put_right_at` None while it is open.

    `grievance`: the case that was made of it.
    """

    family: str
    partition: int
    inspection_id: str
    number: int
    unit: str
    inspection: str
    zone: str
    at: int
    text: str
    put_right_at: int | None
    how: str | None
    grievance: str | None
    events_offset: int


class VisitRow(NamedTuple):
    """A visit of an officer to residents; `persons`: how many were met, `opinions`: how many are on record."""

    family: str
    partition: int
    visit_id: str
    unit: str
    zone: str
    rank: str
    visitor: str
    visitor_unit: str
    persons: int
    at: int
    opinions: int
    actor: str
    events_offset: int


class OpinionRow(NamedTuple):
    """An opinion that was heard on a visit. `at`: of the visit; `field`: under whose name its `text` is sealed.

    `ended`: what became of it, at `ended_at`, with the sealed `note`; `with_unit`: to which unit it was passed up;
    `grievance`: the case that was made of it.
    """

    family: str
    partition: int
    visit_id: str
    number: int
    unit: str
    zone: str
    rank: str
    at: int
    field: str
    text: str
    ended: End
    ended_at: int | None
    note: str | None
    with_unit: str | None
    grievance: str | None
    events_offset: int


PlaceRow = HouseholdRow | ResidentRow | InspectionRow | FindingRow | VisitRow | OpinionRow
