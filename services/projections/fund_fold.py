"""Funds as the read model holds them. A fund's stream is long: its rows are moved on, never folded from its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts import fund as f
from contracts.base import Message
from contracts.fund_books import GENERAL, Account, postings
from services.projections.aid_rows import BalanceRow, EntryKind, EntryRow, FundRow, RunningRow, StatementRow
from services.projections.bounds import bounded_text
from services.projections.case_fold import Told
from services.projections.rows import CaseEventRow


class _Part(NamedTuple):
    """A part of an entry: of which purpose, how much, and whether it moves what came in or what was paid."""

    purpose: str
    amount: int
    runs: str = ""


@dataclass(slots=True)
class Funds:
    """The funds of one partition as far as its next decisions need them, and what those changed."""

    rows: dict[str, FundRow] = field(default_factory=dict)
    balances: dict[tuple[str, Account, str, int], BalanceRow] = field(default_factory=dict)
    running: dict[tuple[str, str], RunningRow] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    changed_balances: set[tuple[str, Account, str, int]] = field(default_factory=set)
    changed_running: set[tuple[str, str]] = field(default_factory=set)
    entries: list[EntryRow] = field(default_factory=list)
    lines: list[StatementRow] = field(default_factory=list)
    events: list[CaseEventRow] = field(default_factory=list)

    def hold(
        self, rows: Iterable[FundRow], balances: Iterable[BalanceRow], running: Iterable[RunningRow]
    ) -> None:
        """Take in what the read model has already."""
        self.rows |= {row.fund_id: row for row in rows}
        for balance in balances:
            account: Account = balance.account  # type: ignore[assignment]
            self.balances[balance.fund_id, account, balance.purpose, balance.year] = balance
        self.running |= {(row.fund_id, row.purpose): row for row in running}

    def take(self, event: Message, told: Told, row: CaseEventRow) -> None:
        """Take in an event."""
        self.events.append(row)
        self._post(event, told, row)
        place = (row.partition, row.submission_offset, row.number)
        if isinstance(event, f.StatementLineEnteredV1):
            told_by = (event.statement, event.line, event.direction, event.amount, event.booked_at)
            line = (*place, row.events_offset, told.subject, *told_by, bounded_text(event.voucher))
            self.lines.append(StatementRow(*line))
        for nth, (kind, part) in enumerate(_parts(event)):
            from_fen = self._run(told.subject, part, row)
            self.entries.append(_entry(event, told, row, nth, (kind, part), from_fen))
        before = self.rows.get(told.subject) or _begun(told)
        received = event.number if isinstance(event, f.ReceivedV1) else before.received
        closed = event.month if isinstance(event, f.MonthClosedV1) else before.closed
        at = told.decision.recorded_at
        self.rows[told.subject] = before._replace(received=received, closed=closed, changed_at=at)
        self.changed.add(told.subject)

    def _post(self, event: Message, told: Told, row: CaseEventRow) -> None:
        books = (
            {key[1:]: one.amount for key, one in self.balances.items() if key[0] == told.subject}
            if isinstance(event, f.YearClosedV1)
            else {}
        )
        for posting in postings(event, books):
            key = (told.subject, posting.account, posting.purpose, posting.year)
            before = self.balances.get(key)
            amount = posting.amount + (before.amount if before else 0)
            self.balances[key] = BalanceRow(row.partition, *key, amount, row.events_offset)
            self.changed_balances.add(key)

    def _run(self, fund: str, part: _Part, row: CaseEventRow) -> int:
        """Move the running sum of a purpose on; return where this part of it begins."""
        if not part.runs:
            return 0
        key = (fund, part.purpose)
        before = self.running.get(key) or RunningRow(row.partition, *key, 0, 0, row.events_offset)
        begins: int = getattr(before, part.runs)
        after = begins + part.amount
        moved = before._replace(taken=after) if part.runs == "taken" else before._replace(paid=after)
        moved = moved._replace(events_offset=row.events_offset)
        self.running[key] = moved
        self.changed_running.add(key)
        return begins

    def drain(self) -> None:
        """Start new lists of changes."""
        self.changed, self.changed_balances, self.changed_running = set(), set(), set()
        self.entries, self.lines, self.events = [], [], []


def _begun(told: Told) -> FundRow:
    decision = told.decision
    return FundRow(decision.family, decision.partition, told.subject, decision.unit or "", 0, "", 0)


def _parts(event: Message) -> Iterator[tuple[EntryKind, _Part]]:
    match event:
        case f.ReceivedV1():
            yield "received", _Part(event.purpose or GENERAL, event.amount or 0, "taken")
        case f.ReservedV1():
            yield from _split("reserved", event.programme, event.amount, event.earmarked)
        case f.InsufficientV1():
            yield "insufficient", _Part(event.programme, event.available)
        case f.SpentV1():
            yield from _split("spent", event.programme, event.amount, event.earmarked, "paid")
        case f.ReleasedV1():
            yield from _split("released", event.programme or GENERAL, event.amount, event.earmarked)
        case f.TakenBackV1():
            yield from _split("taken_back", event.programme, event.amount, event.earmarked, "taken")
        case f.ItemAllocatedV1():
            yield "item", _Part(event.purpose or GENERAL, 0)
        case f.LineExplainedV1():
            yield "explained", _Part(GENERAL, 0)
        case _:
            return


def _split(
    kind: EntryKind, programme: str, amount: int, earmarked: int, runs: str = ""
) -> Iterator[tuple[EntryKind, _Part]]:
    """The earmarked part and the general one; an entry of nothing is one of the general money."""
    if earmarked:
        yield kind, _Part(programme, earmarked, runs)
    if amount > earmarked or not earmarked:
        yield kind, _Part(GENERAL, amount - earmarked, runs)


def _entry(
    event: Message,
    told: Told,
    row: CaseEventRow,
    part: int,
    what: tuple[EntryKind, _Part],
    from_fen: int,
) -> EntryRow:
    kind, (purpose, amount, _) = what
    return EntryRow(
        row.partition,
        row.submission_offset,
        row.number,
        part,
        row.events_offset,
        told.subject,
        kind,
        purpose,
        amount,
        from_fen,
        request=getattr(event, "request", None),
        round=getattr(event, "round", 0),
        nth=_nth(event),
        unit=getattr(event, "unit", None),
        programme=getattr(event, "programme", None),
        source=getattr(event, "source", None),
        voucher=bounded_text(getattr(event, "voucher", None)),
        item=getattr(event, "item", 0),
        quantity=getattr(event, "count", 0),
        tracking=getattr(event, "tracking", None),
        donor=event.donor.subject if isinstance(event, f.ReceivedV1) and event.donor else None,
        month=getattr(event, "month", None),
        at=told.at,
    )


def _nth(event: Message) -> int:
    """The gift, the tranche or the repayment that an entry is about."""
    for name in ("number", "tranche", "repayment", "gift"):
        found = getattr(event, name, None)
        if found is not None:
            return int(found)
    return 0
