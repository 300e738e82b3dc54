"""Households, residents and inspections folded from the decisions of one partition of the family `people`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, get_args

import orjson

from contracts import households as h
from contracts import inspections as i
from contracts.base import Message
from services.projections.case_fold import Told, sealed_json
from services.projections.place_rows import (
    FindingRow,
    HouseholdRow,
    InspectionRow,
    OpinionRow,
    PlaceRow,
    ResidentRow,
    VisitRow,
)
from services.projections.rows import TableName
from services.projections.visit_fold import OF_VISITS, visit_rows

HOUSEHOLD_EVENTS = frozenset(get_args(h.Event))


@dataclass(slots=True)
class Places:
    """The rows that the next decisions are about, by their ids, and which of them changed.

    Before a decision is taken, the household that it is about and the residents that it names are held.
    """

    households: dict[str, HouseholdRow] = field(default_factory=dict)
    residents: dict[str, ResidentRow] = field(default_factory=dict)
    inspections: dict[str, InspectionRow] = field(default_factory=dict)
    findings: dict[str, FindingRow] = field(default_factory=dict)
    visits: dict[str, VisitRow] = field(default_factory=dict)
    opinions: dict[str, OpinionRow] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def hold(self, rows: Iterable[PlaceRow]) -> None:
        """Take in rows that the read model has already."""
        for row in rows:
            held: dict[str, Any] = self._held()[_TABLE[type(row)]]
            held[_key(row)] = row

    def _held(self) -> dict[TableName, dict[str, Any]]:
        return {
            "households": self.households,
            "residents": self.residents,
            "inspections": self.inspections,
            "findings": self.findings,
            "visits": self.visits,
            "opinions": self.opinions,
        }

    def take(self, event: Message, told: Told) -> None:
        """Fold one event."""
        if isinstance(event, h.HouseholdEnteredV1):
            self._put(_household(event, told))
        elif isinstance(event, i.InspectionCarriedOutV1):
            for row in _inspection(event, told):
                self._put(row)
        elif isinstance(event, i.FindingPutRightV1):
            self._finding(event.finding, told, put_right_at=event.at, how=sealed_json(event.how))
        elif isinstance(event, i.FindingGrievanceMadeV1):
            self._finding(event.finding, told, grievance=event.case)
        elif type(event) in OF_VISITS:
            for changed in visit_rows(event, told, self.visits, self.opinions):
                self._put(changed)
        else:
            self._household(event, told)

    def _household(self, event: Message, told: Told) -> None:
        household = self.households.get(told.subject)
        if household is None or type(event) not in HOUSEHOLD_EVENTS:
            return
        household = household._replace(events_offset=told.decision.events_offset)
        match event:
            case h.HouseholdCorrectedV1():
                address = household.address if event.address is None else sealed_json(event.address)
                household = household._replace(zone=event.zone or household.zone, address=address)
            case h.HouseholdEndedV1():
                household = household._replace(ended_at=told.decision.recorded_at)
            case h.ResidentEnteredV1():
                self._put(_resident(event, told))
                household = household._replace(residents=household.residents + 1)
            case h.ResidentMovedV1():
                self._move(event, told)
                household = household._replace(residents=household.residents - 1)
            case h.ResidentReceivedV1():
                household = household._replace(residents=household.residents + self._receive(event, told))
            case h.ResidentCorrectedV1():
                self._correct(event, told)
        self._put(household)

    def rows(self, *, changed: bool = False) -> dict[TableName, list[PlaceRow]]:
        """The rows of each table: all that are held, or those that changed."""
        return {
            name: [row for key, row in rows.items() if not changed or key in self.changed]
            for name, rows in self._held().items()
        }

    def _finding(self, number: int, told: Told, **changes: Any) -> None:
        row = self.findings.get(f"{told.subject}/{number}")
        if row is not None:
            self._put(row._replace(**changes, events_offset=told.decision.events_offset))

    def _correct(self, event: h.ResidentCorrectedV1, told: Told) -> None:
        told_now = {
            name: sealed_json(value)
            for name in ("resident_name", "birth_year")
            if (value := getattr(event, name)) is not None
        }
        self._change(event.resident, told, **told_now)

    def _move(self, event: h.ResidentMovedV1, told: Told) -> None:
        state = "away" if event.household is None else "on_the_way"
        self._change(event.resident, told, state=state, going_to=event.household)

    def _receive(self, event: h.ResidentReceivedV1, told: Told) -> int:
        """Who is on the way arrives, wherever they were to go; how many: nobody else can be received."""
        row = self.residents.get(event.resident)
        if row is None or row.state != "on_the_way":
            return 0
        self._change(event.resident, told, state="here", going_to=None, household=told.subject)
        return 1

    def _change(self, resident: str, told: Told, **changes: Any) -> None:
        row = self.residents.get(resident)
        if row is not None:
            self._put(row._replace(**changes, events_offset=told.decision.events_offset))

    def _put(self, row: PlaceRow) -> None:
        self.hold([row])
        self.changed.add(_key(row))


_TABLE: dict[type[PlaceRow], TableName] = {
    HouseholdRow: "households",
    ResidentRow: "residents",
    InspectionRow: "inspections",
    FindingRow: "findings",
    VisitRow: "visits",
    OpinionRow: "opinions",
}


def _key(row: PlaceRow) -> str:
    match row:
        case HouseholdRow():
            return row.household_id
        case ResidentRow():
            return row.resident_id
        case InspectionRow():
            return row.inspection_id
        case FindingRow():
            return f"{row.inspection_id}/{row.number}"
        case VisitRow():
            return row.visit_id
        case OpinionRow():
            return f"{row.visit_id}/{row.number}"


def _inspection(event: i.InspectionCarriedOutV1, told: Told) -> list[PlaceRow]:
    decision, texts = told.decision, i.findings_in(event)
    place = (decision.family, decision.partition, told.subject)
    what = (decision.unit or "", event.inspection, event.zone or i.WHOLE)
    offset = decision.events_offset
    inspectors = (
        None
        if event.inspectors is None
        else orjson.dumps([one.model_dump() for one in event.inspectors]).decode()
    )
    head = InspectionRow(
        *place, *what, event.period, event.at, decision.actor or "", len(texts), offset, inspectors
    )
    found = [
        FindingRow(*place, number, *what, event.at, sealed_json(text), None, None, None, offset)
        for number, text in texts.items()
    ]
    return [head, *found]


def _household(event: h.HouseholdEnteredV1, told: Told) -> HouseholdRow:
    decision = told.decision
    return HouseholdRow(
        decision.family,
        decision.partition,
        told.subject,
        decision.unit or "",
        event.zone,
        sealed_json(event.address),
        decision.recorded_at,
        ended_at=None,
        residents=0,
        events_offset=decision.events_offset,
    )


def _resident(event: h.ResidentEnteredV1, told: Told) -> ResidentRow:
    decision = told.decision
    return ResidentRow(
        decision.family,
        decision.partition,
        event.resident,
        decision.unit or "",
        household=told.subject,
        subject=event.resident_name.subject,
        state="here",
        going_to=None,
        resident_name=sealed_json(event.resident_name),
        telephone=None if event.telephone is None else sealed_json(event.telephone),
        birth_year=None if event.birth_year is None else sealed_json(event.birth_year),
        entered_at=decision.recorded_at,
        events_offset=decision.events_offset,
    )
