"""Aid requests as the read model holds them: a row each, what was given, and what their funds are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from contracts import aid as a
from contracts import employment, pairing
from contracts.aid_file import Request, evolve
from contracts.aid_moves import moves
from contracts.base import Message
from services.projections.aid_rows import AidPart, AidPersonRow, AidRow, GivenKind, GrantRow, MoveRow
from services.projections.bounds import bounded_text
from services.projections.case_fold import Told
from services.projections.filed import Filed, Kind
from services.projections.rows import CaseEventRow

OF_REQUESTS = frozenset(get_args(a.Event)) - {*get_args(pairing.Event), *get_args(employment.Event)}
_PARTS: Mapping[str, AidPart] = {"applicant": "applicant", "proxy": "proxy", "objector": "objector"}


def _begun(event: Message, told: Told) -> AidRow | None:
    if not isinstance(event, a.AppliedV1):
        return None
    decision = told.decision
    return AidRow(
        family=decision.family,
        partition=decision.partition,
        request_id=told.subject,
        unit=decision.unit or "",
        submission_offset=decision.submission_offset,
        programme=event.programme,
        version=event.version,
        origin=event.origin,
        zone=event.zone,
        household=event.household,
        applicant=event.name.subject if event.name else None,
        persons=event.persons,
        asked=event.asked,
        grown_from=event.grown_from,
        tracking=event.tracking,
        imported=decision.batch is not None,
        applied_at=told.at,
        status="applied",
        changed_at=decision.recorded_at,
        decided_at=None,
        granted=0,
        paid=0,
        repaid=0,
        owed_back=0,
        rest=0,
        unconfirmed=0,
        in_kind=0,
        emergency=False,
        justify_by=None,
        notice_until=None,
        objections=0,
        objected=0,
        appealed=False,
        asked_fund=None,
        asked_round=None,
        deadline=None,
        due_at=None,
    )


def _moved(row: AidRow, state: Request, at: int) -> AidRow:
    """The row after an event: what can change is what the state says."""
    deadline, due_at = min(state.terms, key=lambda term: (term[1], term[0]), default=(None, None))
    asked = state.asked
    return row._replace(
        status=state.status,
        changed_at=at,
        decided_at=state.decided_at,
        granted=state.granted,
        paid=state.paid,
        repaid=state.repaid,
        owed_back=state.owed_back,
        rest=sum(one.amount for one in state.to_pay),
        unconfirmed=sum(one.paid and not one.confirmed for one in state.tranches),
        in_kind=state.in_kind,
        emergency=state.emergency,
        justify_by=state.justify_by,
        notice_until=state.notice_until if state.status == "noticed" else None,
        objections=len(state.open_objections),
        objected=max(row.objected, len(state.objections)),
        appealed=row.appealed or state.answer_by is not None,
        asked_fund=asked.fund if asked else None,
        asked_round=asked.round if asked else None,
        deadline=deadline,
        due_at=due_at,
    )


AIDS = Kind(AidRow, evolve, _begun, _moved, AidPersonRow, _PARTS)
"""How aid requests become rows."""


@dataclass(slots=True)
class Requests(Filed[Request, AidRow, AidPersonRow]):
    """The requests of one partition, what was given, and what their funds are asked."""

    grants: list[GrantRow] = field(default_factory=list)
    moves: list[MoveRow] = field(default_factory=list)

    def take(self, event: Message, told: Told, row: CaseEventRow) -> None:
        """Take in an event."""
        before = self.states.get(told.subject)
        Filed.take(self, event, told, row)
        after = self.states.get(told.subject)
        if after is None:
            return
        line = self.rows[told.subject]
        place = (row.partition, row.submission_offset, row.number)
        for move in moves(event, before, after):
            self.moves.append(
                MoveRow(
                    *place,
                    row.events_offset,
                    told.subject,
                    line.unit,
                    line.programme,
                    move.fund,
                    move.kind,
                    move.round,
                    move.number,
                    move.amount,
                    bounded_text(move.voucher),
                )
            )
        for nth, (kind, fund, amount, count, times) in enumerate(_given(event, after)):
            self.grants.append(
                GrantRow(
                    *place,
                    nth,
                    row.events_offset,
                    told.subject,
                    line.unit,
                    line.zone,
                    line.programme,
                    fund,
                    line.applicant,
                    line.household,
                    kind,
                    amount,
                    count,
                    times,
                    emergency=after.decided_at is None and not line.imported,
                    imported=line.imported,
                    given_at=told.at,
                )
            )

    def drain(self) -> None:
        """Start new lists of changes."""
        Filed.drain(self)
        self.grants, self.moves = [], []


def _given(event: Message, state: Request) -> Iterator[tuple[GivenKind, str | None, int, int, int]]:
    """What an event gave: kind, fund, sum, count, person-times. What one act gives in several kinds is helped once."""
    match event:
        case a.TranchePaidV1():
            yield "money", event.fund, event.amount, 0, state.persons
        case a.InKindGivenV1():
            yield event.kind, None, 0, event.count, event.persons
        case a.GrantToldV1() if event.granted:
            times = event.person_times
            if event.amount or not event.in_kind:
                yield "money", event.fund, event.amount, 0, times
                times = 0
            for given in event.in_kind:
                yield given.kind, None, 0, given.count, times
                times = 0
        case _:
            return
