"""Streams that are folded whole: a row each for lists, terms and figures, made anew from the stream's own state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from contracts.base import Message
from contracts.catalogue import current_event
from contracts.personal import personal_fields
from services.projections.case_fold import Told
from services.projections.rows import CaseEventRow

S = TypeVar("S")
R = TypeVar("R", bound=Any)
P = TypeVar("P", bound=Any)


class Kind(NamedTuple):
    """What makes one kind of stream into rows.

    `row`: what a row is; `begun`: the first one, where the event begins a stream; `moved`: the row after an event, with the
    state that it made and when it was recorded; `person`: the row of somebody whose name a stream holds, of the same
    fields for every kind; `parts`: whose a sealed field is → the part that they had.
    """

    row: Callable[..., Any]
    evolve: Callable[[Any, Message, str, int, str | None], Any]
    begun: Callable[[Message, Told], Any]
    moved: Callable[[Any, Any, int], Any]
    person: Callable[..., Any]
    parts: Mapping[str, str]


@dataclass(slots=True)
class Filed(Generic[S, R, P]):
    """The streams of one kind in one partition as far as its next decisions need them, and what those changed."""

    kind: Kind
    states: dict[str, S] = field(default_factory=dict)
    rows: dict[str, R] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    people: dict[tuple[str, str], P] = field(default_factory=dict)
    new_people: list[P] = field(default_factory=list)
    events: list[CaseEventRow] = field(default_factory=list)

    def hold(self, rows: Mapping[str, R], events: Iterable[CaseEventRow], people: Iterable[P]) -> None:
        """Take in what the read model has already: rows, and all that happened to them in the order of the log."""
        self.rows |= rows
        self.people |= {(one[2], one.subject): one for one in people}
        for row in events:
            event = current_event(row.type, orjson.loads(row.data))
            unit = rows[row.case_id].unit if row.case_id in rows else ""
            before = self.states.get(row.case_id)
            state = self.kind.evolve(before, event, unit, row.effective_at or 0, row.batch)
            if state is not None:
                self.states[row.case_id] = state

    def take(self, event: Message, told: Told, row: CaseEventRow) -> None:
        """Take in an event."""
        key, unit = told.subject, told.decision.unit or ""
        state = self.kind.evolve(self.states.get(key), event, unit, told.at, told.decision.batch)
        self.events.append(row)
        if state is None:
            return
        self.states[key] = state
        first = self.kind.begun(event, told)
        self.rows[key] = self.kind.moved(
            self.rows[key] if first is None else first, state, told.decision.recorded_at
        )
        self._name(event, self.rows[key], told)
        self.changed.add(key)

    def _name(self, event: Message, row: R, told: Told) -> None:
        """Remember whose names an event brings."""
        for name, mark in personal_fields(type(event)).items():
            part, sealed = self.kind.parts.get(mark.subject), getattr(event, name)
            if part is None or sealed is None or (told.subject, sealed.subject) in self.people:
                continue
            decision = told.decision
            at = (decision.family, decision.partition, told.subject)
            person = self.kind.person(*at, sealed.subject, row.unit, part, decision.events_offset)
            self.people[told.subject, sealed.subject] = person
            self.new_people.append(person)

    def moved(self) -> list[R]:
        """The rows that were changed."""
        return [self.rows[key] for key in self.changed]

    def drain(self) -> None:
        """Start new lists of changes."""
        self.changed, self.events, self.new_people = set(), [], []
