"""Decisions of one partition become row changes: the same fold for following, rebuilding and auditing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, get_args

import orjson

from contracts import accusation as a
from contracts import control as c
from contracts import fund as f
from contracts import grievance as g
from contracts import mediation as m
from contracts import people as p
from contracts import transfer as t
from contracts.base import Message
from contracts.envelope import DecisionBody
from ledger.log import Record
from runtime.chain import Admitted, Chain, ChainPosition, beginning
from runtime.genesis import Ledger
from services.projections.accusation_fold import event_row, follow
from services.projections.aid_fold import AIDS, OF_REQUESTS, Requests
from services.projections.bounds import bounded_integer, bounded_text
from services.projections.case_fold import Told, close_import, evolve
from services.projections.fund_fold import Funds
from services.projections.gone import disappearance
from services.projections.helping_fold import OF_PAIRS, OF_SEEKERS, PAIRS, SEEKERS, Pairs, Seekers
from services.projections.mediation_fold import MEDIATIONS, Mediations
from services.projections.notice_fold import notices_of
from services.projections.notice_rows import NoticeRow
from services.projections.place_fold import Places
from services.projections.rows import (
    AccusationEventRow,
    AccusationRow,
    BatchRow,
    CaseEventRow,
    CaseRow,
    DecisionRow,
    DisappearanceRow,
    HeartbeatRow,
    OccurrenceRow,
    PeopleEventRow,
    Position,
    ReadingRow,
)


class Taken(NamedTuple):
    """An admitted decision and the offset of its record on the events partition."""

    events_offset: int
    admitted: Admitted


def first_position(family: str, partition: int, ledger: Ledger) -> Position:
    """Where reading a partition starts."""
    return Position(family, partition, 0, *beginning(family, ledger.genesis, ledger.hash))


class Cursor:
    """Reads the records of an events partition from a position on, by the admission rule (invariant 3)."""

    def __init__(self, start: Position) -> None:
        self._start = start
        at = ChainPosition(start.decided_through, start.previous, start.rules)
        self._chain = Chain(start.family, at)
        self._next = start.events_offset
        self._last: DecisionBody | None = None

    def take(self, record: Record) -> Taken | None:
        """The decision in the next record; None where it is ignored. Raises UnknownVersionError."""
        admitted = self._chain.take(record.value)
        self._next = record.offset + 1
        if admitted is None:
            return None
        self._last = admitted.decision.data
        return Taken(record.offset, admitted)

    @property
    def position(self) -> Position:
        """The position after the last record that was taken."""
        start, last = self._start, self._last
        admitted = self._chain.next_offset - start.decided_through
        return Position(
            start.family,
            start.partition,
            self._next,
            *self._chain.position(),
            last.now if last else start.now_ms,
            bounded_integer(last.basis) if last else start.basis,
            start.ignored + self._next - start.events_offset - admitted,
        )


def admit(position: Position, records: Iterable[Record]) -> tuple[list[Taken], Position]:
    """The decisions among the next records of an events partition, and the position after them."""
    cursor = Cursor(position)
    taken = [one for record in records if (one := cursor.take(record)) is not None]
    return taken, cursor.position


@dataclass(slots=True)
class Fold:
    """The rows of one partition, as far as its next decisions need them, and what they changed.

    Before a decision is taken, `cases` must hold the case that it is about, and, where it closes an
    import, the open cases of that batch (see `needs`); `batches` all batches of the partition. `new`
    names the cases that were lodged, `changed` those to which anything else happened. The lists only
    grow: see `drain`.
    """

    family: str
    partition: int
    cases: dict[str, CaseRow] = field(default_factory=dict)
    batches: dict[str, BatchRow] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    changed_batches: set[str] = field(default_factory=set)
    decisions: list[DecisionRow] = field(default_factory=list)
    events: list[CaseEventRow] = field(default_factory=list)
    occurrences: list[OccurrenceRow] = field(default_factory=list)
    disappearances: list[DisappearanceRow] = field(default_factory=list)
    notices: list[NoticeRow] = field(default_factory=list)
    heartbeats: list[HeartbeatRow] = field(default_factory=list)
    people: list[PeopleEventRow] = field(default_factory=list)
    readings: list[ReadingRow] = field(default_factory=list)
    accusations: dict[str, AccusationRow] = field(default_factory=dict)
    changed_accusations: set[str] = field(default_factory=set)
    accusation_events: list[AccusationEventRow] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    mediations: Mediations = field(default_factory=lambda: Mediations(MEDIATIONS))
    requests: Requests = field(default_factory=lambda: Requests(AIDS))
    funds: Funds = field(default_factory=Funds)
    pairs: Pairs = field(default_factory=lambda: Pairs(PAIRS))
    seekers: Seekers = field(default_factory=lambda: Seekers(SEEKERS))
    _by_batch: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def hold(self, rows: Iterable[CaseRow]) -> None:
        """Take in rows that the read model has already."""
        for row in rows:
            self.cases[row.case_id] = row
            if row.batch is not None:
                self._by_batch[row.batch].add(row.case_id)

    def take(self, taken: Taken) -> None:
        """Fold one decision."""
        decision = taken.admitted.decision
        body = decision.data
        row = self._decision(body, bounded_text(decision.subject), taken.events_offset)
        self.decisions.append(row)
        if row.subject is None:
            return
        told = Told(row, row.subject, body.effective_at or 0)
        for number, event in enumerate(taken.admitted.events):
            kind = type(event)
            if kind in _CASE and self.family == "grievance":
                self._case(event, told, number)
                self.events.append(_event(told, body, number))
            elif kind in _CONTROL:
                self._control(event, told)
            elif kind in _PEOPLE and self.family == "people":
                self._people(event, told, body, number)
            elif kind in _ACCUSATION and self.family == "accusation":
                self._accusation(event, told, body, number)
            elif kind in _MEDIATION and self.family == "mediation":
                self.mediations.take(event, told, _event(told, body, number))
            elif kind in OF_REQUESTS and self.family == "aid":
                self.requests.take(event, told, _event(told, body, number))
            elif kind in OF_PAIRS and self.family == "aid":
                self.pairs.take(event, told, _event(told, body, number))
            elif kind in OF_SEEKERS and self.family == "aid":
                self.seekers.take(event, told, _event(told, body, number))
            elif kind in _FUND and self.family == "fund":
                self.funds.take(event, told, _event(told, body, number))

    def drain(self) -> None:
        """Start new lists of changes, the old ones having been handed on; keep the rows."""
        self.new, self.changed, self.changed_batches = set(), set(), set()
        self.decisions, self.events, self.occurrences, self.heartbeats = [], [], [], []
        self.people, self.readings, self.accusation_events, self.disappearances = [], [], [], []
        self.notices = []
        self.changed_accusations = set()
        self.places.changed = set()
        self.mediations.drain()
        self.requests.drain()
        self.funds.drain()
        self.pairs.drain()
        self.seekers.drain()

    def _case(self, event: Message, told: Told, number: int) -> None:
        case_id = told.subject
        before = self.cases.get(case_id)
        after = evolve(before, event, told, self.batches)
        if after is not None:
            if (gone := disappearance(before, after, event, told, number)) is not None:
                self.disappearances.append(gone)
            self.notices += notices_of(after, event, told, number)
            self.cases[case_id] = after
            lodged = isinstance(event, g.LodgedV1 | t.TransferredInV1)
            (self.new if lodged else self.changed).add(case_id)
            if lodged and after.batch is not None:
                self._by_batch[after.batch].add(case_id)
        if isinstance(event, g.OccurrenceRecordedV1):
            place = (self.partition, told.decision.submission_offset, number)
            unit = after.unit if after else ""
            self.occurrences.append(OccurrenceRow(*place, case_id, unit, event.kind, told.at))

    def _people(self, event: Message, told: Told, body: DecisionBody, number: int) -> None:
        if isinstance(event, p.ReadingRecordedV1):
            self.readings += _readings(event, told)
            return
        decision, stated = told.decision, body.events[number]
        place = (self.family, self.partition, decision.submission_offset, number, decision.events_offset)
        about = getattr(event, "case", None) or getattr(event, "schedule", None)
        row = PeopleEventRow(
            *place,
            decision.unit or "",
            told.subject,
            bounded_text(about),
            stated.type,
            decision.actor,
            decision.role,
            decision.recorded_at,
            orjson.dumps(stated.data).decode(),
        )
        self.people.append(row)
        self.places.take(event, told)

    def _accusation(self, event: Message, told: Told, body: DecisionBody, number: int) -> None:
        after = follow(self.accusations.get(told.subject), event, told)
        if after is not None:
            self.accusations[told.subject] = after
            self.changed_accusations.add(told.subject)
        self.accusation_events.append(event_row(told, body, number))

    def _control(self, event: Message, told: Told) -> None:
        match event:
            case c.HeartbeatRecordedV1(hour=hour):
                offset = told.decision.submission_offset
                beat = HeartbeatRow(self.family, self.partition, offset, bounded_integer(hour))
                self.heartbeats.append(beat)
            case c.ImportOpenedV1():
                self._set_batch(_opened(event, told))
            case c.ImportClosedV1() if told.subject in self.batches:
                self._close_import(event, self.batches[told.subject])

    def _close_import(self, event: c.ImportClosedV1, batch: BatchRow) -> None:
        rows, bad_rows = bounded_integer(event.rows), bounded_integer(event.bad_rows)
        self._set_batch(batch._replace(closed_at=event.closed_at, rows=rows, bad_rows=bad_rows))
        for case_id in self._by_batch[batch.batch_id]:
            row = self.cases[case_id]
            if row.due_deadline is not None and row.batch == batch.batch_id:
                self.cases[case_id] = close_import(row, event.closed_at)
                self.changed.add(case_id)

    def _set_batch(self, batch: BatchRow) -> None:
        self.batches[batch.batch_id] = batch
        self.changed_batches.add(batch.batch_id)

    def _decision(self, body: DecisionBody, subject: str | None, events_offset: int) -> DecisionRow:
        again = body.duplicate_of
        return DecisionRow(
            self.family,
            self.partition,
            body.submission_offset,
            events_offset,
            body.outcome,
            bounded_text(body.reason),
            bounded_text(body.field),
            bounded_text(body.submission_id),
            bounded_text(body.submission_type),
            subject,
            bounded_text(body.unit),
            bounded_text(body.actor),
            bounded_text(body.role),
            bounded_text(body.batch),
            body.occurred_at,
            body.recorded_at,
            None if again is None else bounded_integer(again),
            bounded_text(body.sha256),
        )


def _event(told: Told, body: DecisionBody, number: int) -> CaseEventRow:
    event = body.events[number]
    decision = told.decision
    return CaseEventRow(
        decision.partition,
        decision.submission_offset,
        number,
        decision.events_offset,
        told.subject,
        event.type,
        decision.actor,
        decision.role,
        decision.batch,
        decision.submission_id,
        decision.occurred_at,
        decision.recorded_at,
        body.effective_at,
        orjson.dumps(event.data).decode(),
    )


def _readings(event: p.ReadingRecordedV1, told: Told) -> list[ReadingRow]:
    decision = told.decision
    return [
        ReadingRow(
            decision.family,
            decision.partition,
            decision.submission_offset,
            number,
            decision.events_offset,
            decision.unit or "",
            about,
            decision.actor or "",
            decision.role or "",
            event.purpose,
            event.disclosure,
            decision.recorded_at,
        )
        for number, about in enumerate((*event.cases, *event.subjects))
    ]


def _opened(event: c.ImportOpenedV1, told: Told) -> BatchRow:
    decision = told.decision
    return BatchRow(
        decision.family,
        decision.partition,
        told.subject,
        decision.unit or "",
        decision.actor or "",
        bounded_text(event.source) or "",
        event.content,
        decision.recorded_at,
        closed_at=None,
        rows=None,
        bad_rows=None,
    )


_CONTROL = frozenset((c.HeartbeatRecordedV1, c.ImportOpenedV1, c.ImportClosedV1))
_CASE = frozenset(get_args(g.Event))
_PEOPLE = frozenset(get_args(p.Event))
_ACCUSATION = frozenset(get_args(a.Event))
_MEDIATION = frozenset(get_args(m.Event))
_FUND = frozenset(get_args(f.Event))


class Needs(NamedTuple):
    """Which rows of the read model a chunk of decisions is about: streams, imports it closes, residents."""

    cases: list[str]
    imports: list[str]
    residents: list[str]


def needs(taken: Iterable[Taken]) -> Needs:
    """The rows that a `Fold` must hold before it takes these decisions."""
    cases: dict[str, None] = {}
    imports: dict[str, None] = {}
    residents: dict[str, None] = {}
    for _, (decision, events) in taken:
        subject = bounded_text(decision.subject)
        if subject is None or not events:
            continue
        cases[subject] = None
        residents |= dict.fromkeys(one for event in events if (one := getattr(event, "resident", None)))
        if any(isinstance(event, c.ImportClosedV1) for event in events):
            imports[subject] = None
    return Needs(list(cases), list(imports), list(residents))
