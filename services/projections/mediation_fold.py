"""Mediations as the read model holds them: one row each for lists, terms and figures, made anew from its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from contracts.base import Message
from contracts.catalogue import current_event
from contracts.mediation import StartedV1
from contracts.mediation_file import Mediation, evolve
from contracts.personal import personal_fields
from services.projections.case_fold import Told
from services.projections.mediation_rows import MediationPersonRow, MediationRow, Part
from services.projections.rows import CaseEventRow

_PARTS: Mapping[str, Part] = {
    "party_a": "party",
    "party_b": "party",
    "party": "party",
    "representatives": "representative",
    "interpreter": "interpreter",
}
"""Whose a sealed field is → the part that they had."""


@dataclass(slots=True)
class Mediations:
    """The mediations of one partition as far as its next decisions need them, and what those changed."""

    states: dict[str, Mediation] = field(default_factory=dict)
    rows: dict[str, MediationRow] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    people: dict[tuple[str, str], MediationPersonRow] = field(default_factory=dict)
    new_people: list[MediationPersonRow] = field(default_factory=list)
    events: list[CaseEventRow] = field(default_factory=list)

    def hold(
        self,
        rows: Iterable[MediationRow],
        events: Iterable[CaseEventRow],
        people: Iterable[MediationPersonRow],
    ) -> None:
        """Take in what the read model has already: rows, and all that happened to them in the order of the log."""
        of = {row.mediation_id: row for row in rows}
        self.rows |= of
        self.people |= {(one.mediation_id, one.subject): one for one in people}
        for mediation_id, state in states_of(events, {key: row.unit for key, row in of.items()}).items():
            self.states[mediation_id] = state

    def take(self, event: Message, told: Told, row: CaseEventRow) -> None:
        """Take in an event."""
        key, unit = told.subject, told.decision.unit or ""
        state = evolve(self.states.get(key), event, unit, told.at, told.decision.batch)
        self.events.append(row)
        if state is None:
            return
        self.states[key] = state
        before = _begun(event, told) if isinstance(event, StartedV1) else self.rows[key]
        self.rows[key] = _moved(before, state, told.decision.recorded_at)
        self._name(event, self.rows[key], told)
        self.changed.add(key)

    def _name(self, event: Message, row: MediationRow, told: Told) -> None:
        """Remember whose names an event brings."""
        for name, mark in personal_fields(type(event)).items():
            part, sealed = _PARTS.get(mark.subject), getattr(event, name)
            if part is None or sealed is None or (row.mediation_id, sealed.subject) in self.people:
                continue
            person = MediationPersonRow(
                row.family,
                row.partition,
                row.mediation_id,
                sealed.subject,
                row.unit,
                part,
                told.decision.events_offset,
            )
            self.people[row.mediation_id, sealed.subject] = person
            self.new_people.append(person)

    def drain(self) -> None:
        """Start new lists of changes."""
        self.changed, self.events, self.new_people = set(), [], []


def states_of(events: Iterable[CaseEventRow], units: dict[str, str]) -> dict[str, Mediation]:
    """Each mediation as its events make it. `units`: mediation → its community."""
    states: dict[str, Mediation] = {}
    for row in events:
        event = current_event(row.type, orjson.loads(row.data))
        unit = units.get(row.case_id, "")
        state = evolve(states.get(row.case_id), event, unit, row.effective_at or 0, row.batch)
        if state is not None:
            states[row.case_id] = state
    return states


def _begun(event: StartedV1, told: Told) -> MediationRow:
    decision = told.decision
    return MediationRow(
        family=decision.family,
        partition=decision.partition,
        mediation_id=told.subject,
        unit=decision.unit or "",
        submission_offset=decision.submission_offset,
        dispute=event.dispute,
        origin=event.origin,
        zone=event.zone,
        grievance=event.grievance,
        amount=event.amount,
        imported=decision.batch is not None,
        started_at=told.at,
        status="open",
        changed_at=decision.recorded_at,
        outcome=None,
        ended_at=None,
        parties=0,
        mediators="",
        held=0,
        form=None,
        owed=0,
        paid=0,
        duties=0,
        settled=0,
        breached=0,
        deadline=None,
        due_at=None,
        risk=False,
    )


def _moved(row: MediationRow, state: Mediation, at: int) -> MediationRow:
    """The row after an event: what can change is what the state says."""
    deadline, due_at = min(state.terms, key=lambda term: (term[1], term[0]), default=(None, None))
    agreement = state.agreement
    return row._replace(
        status=state.status,
        changed_at=at,
        outcome=state.outcome,
        ended_at=state.ended_at,
        parties=len(state.parties),
        mediators=" ".join(state.mediators),
        held=sum(session.held for session in state.sessions),
        form=None if agreement is None else ("written" if agreement.written else "oral"),
        owed=sum(duty.obligation.amount or 0 for duty in state.duties),
        paid=sum(duty.paid for duty in state.duties),
        duties=len(state.duties),
        settled=sum(duty.standing == "performed" for duty in state.duties),
        breached=sum(duty.standing in ("breached", "followed_up") for duty in state.duties),
        deadline=deadline,
        due_at=due_at,
        risk=state.risk_by is not None,
    )
