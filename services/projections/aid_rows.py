"""Rows of aid requests and of funds. Times in milliseconds since the epoch, sums in fen."""

from __future__ import annotations

from typing import Literal, NamedTuple

AidPart = Literal["applicant", "proxy", "objector"]
GivenKind = Literal["money", "goods", "trip", "service", "hours"]
EntryKind = Literal[
    "received", "reserved", "insufficient", "spent", "released", "taken_back", "item", "explained"
]


class AidRow(NamedTuple):
    """An aid request.

    `applicant`: whose data the name is; `asked_fund`, `asked_round`: what its fund has not answered; `rest`: set aside and not
    paid; `unconfirmed`: payments without a receipt; `objections`: those not handled; `deadline`, `due_at`: which term ends
    next, and when.
    """

    family: str
    partition: int
    request_id: str
    unit: str
    submission_offset: int
    programme: str
    version: int
    origin: str
    zone: str | None
    household: str | None
    applicant: str | None
    persons: int
    asked: int | None
    grown_from: str | None
    tracking: str | None
    imported: bool
    applied_at: int
    status: str
    changed_at: int
    decided_at: int | None
    granted: int
    paid: int
    repaid: int
    owed_back: int
    rest: int
    unconfirmed: int
    in_kind: int
    emergency: bool
    justify_by: int | None
    notice_until: int | None
    objections: int
    objected: int
    appealed: bool
    asked_fund: str | None
    asked_round: int | None
    deadline: str | None
    due_at: int | None


class AidPersonRow(NamedTuple):
    """Somebody whose name a request holds: under which subject's keys, and what part they had first."""

    family: str
    partition: int
    request_id: str
    subject: str
    unit: str
    part: AidPart
    events_offset: int


class GrantRow(NamedTuple):
    """One act of giving: a tranche that was paid, help in kind, or what an import tells.

    `quantity` in the kind's own unit; `person_times`: how many persons were helped by it; `recipient`, `household`: who, where
    it is known.
    """

    partition: int
    submission_offset: int
    number: int
    nth: int
    events_offset: int
    request_id: str
    unit: str
    zone: str | None
    programme: str
    fund: str | None
    recipient: str | None
    household: str | None
    kind: GivenKind
    amount: int
    quantity: int
    person_times: int
    emergency: bool
    imported: bool
    given_at: int


class MoveRow(NamedTuple):
    """What a request asks of its fund; see contracts.aid_moves. `nth`: the tranche or the repayment."""

    partition: int
    submission_offset: int
    number: int
    events_offset: int
    request_id: str
    unit: str
    programme: str
    fund: str
    kind: str
    round: int
    nth: int
    amount: int
    voucher: str | None


class FundRow(NamedTuple):
    """A fund of which something was said. `fund_id`: its stream; `closed`: the last month that was closed."""

    family: str
    partition: int
    fund_id: str
    unit: str
    received: int
    closed: str
    changed_at: int


class BalanceRow(NamedTuple):
    """The balance of an account, debit positive; see contracts.fund_books."""

    partition: int
    fund_id: str
    account: str
    purpose: str
    year: int
    amount: int
    events_offset: int


class RunningRow(NamedTuple):
    """What of a purpose has come in and been paid in all, by which a gift is followed: first in, first out."""

    partition: int
    fund_id: str
    purpose: str
    taken: int
    paid: int
    events_offset: int


class EntryRow(NamedTuple):
    """A part of what happened to a fund: of one purpose ("": the general money).

    `nth`: the gift, tranche or repayment; `from_fen`: where its part of the purpose's running sum begins, of what
    came in or of what was paid; `quantity` of goods and `item`: which; `donor`: whose data the name of who gave it is;
    `month` in whose books it is.
    """

    partition: int
    submission_offset: int
    number: int
    part: int
    events_offset: int
    fund_id: str
    kind: EntryKind
    purpose: str
    amount: int
    from_fen: int
    request: str | None
    round: int
    nth: int
    unit: str | None
    programme: str | None
    source: str | None
    voucher: str | None
    item: int
    quantity: int
    tracking: str | None
    donor: str | None
    month: str | None
    at: int


class StatementRow(NamedTuple):
    """A line of a bank statement."""

    partition: int
    submission_offset: int
    number: int
    events_offset: int
    fund_id: str
    statement: str
    line: int
    direction: str
    amount: int
    booked_at: int
    voucher: str | None
