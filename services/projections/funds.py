"""What the read model holds of funds.

Every function blocks and may raise ReadModelUnavailableError; each answers from one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from services.projections.aid_rows import BalanceRow, EntryKind, EntryRow, FundRow, StatementRow
from services.projections.rows import CaseEventRow
from services.projections.schema import Tables
from services.projections.store import ReadModel

_MOST = 500


class Kept(NamedTuple):
    """A fund with its books: (account, purpose, year) → balance in fen, debit positive."""

    row: FundRow
    balances: tuple[BalanceRow, ...]


def kept(model: ReadModel, funds: Sequence[str]) -> dict[str, Kept]:
    """Stream → the fund with its books; of which nothing was said yet, there is none."""

    def query(connection: Connection, tables: Tables) -> dict[str, Kept]:
        rows = connection.execute(select(tables.funds).where(tables.funds.c.fund_id.in_(funds)))
        found = {row.fund_id: FundRow(*row) for row in rows}
        at = tables.fund_balances
        order = (at.c.account, at.c.purpose, at.c.year)
        balances = [
            BalanceRow(*row)
            for row in connection.execute(select(at).where(at.c.fund_id.in_(funds)).order_by(*order))
        ]
        return {
            fund: Kept(row, tuple(one for one in balances if one.fund_id == fund and one.amount))
            for fund, row in found.items()
        }

    return model.read(query)


def entries(
    model: ReadModel, fund: str, kinds: Sequence[EntryKind], limit: int = _MOST
) -> tuple[EntryRow, ...]:
    """The latest entries of these kinds, the newest first."""

    def query(connection: Connection, tables: Tables) -> tuple[EntryRow, ...]:
        at = tables.fund_entries
        found = select(at).where(at.c.fund_id == fund, at.c.kind.in_(kinds))
        newest = found.order_by(*(column.desc() for column in at.primary_key)).limit(limit)
        return tuple(EntryRow(*row) for row in connection.execute(newest))

    return model.read(query)


def entries_of(model: ReadModel, request: str) -> tuple[EntryRow, ...]:
    """What its fund did for a request, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[EntryRow, ...]:
        at = tables.fund_entries
        found = select(at).where(at.c.request == request).order_by(*at.primary_key)
        return tuple(EntryRow(*row) for row in connection.execute(found))

    return model.read(query)


def receipt(model: ReadModel, fund: str, number: int) -> EntryRow | None:
    """The receipt of this number."""

    def query(connection: Connection, tables: Tables) -> EntryRow | None:
        at = tables.fund_entries
        where = (at.c.fund_id == fund, at.c.kind == "received", at.c.nth == number)
        found = connection.execute(select(at).where(*where).limit(1)).one_or_none()
        return None if found is None else EntryRow(*found)

    return model.read(query)


def open_months(model: ReadModel, streams: Sequence[str]) -> dict[str, list[str]]:
    """Stream → the months in which something was booked and which are not closed, the earliest first."""

    def query(connection: Connection, tables: Tables) -> dict[str, list[str]]:
        at, fund = tables.fund_entries.c, tables.funds.c
        where = (at.fund_id.in_(streams), at.month > fund.closed)
        joined = select(at.fund_id, at.month).join(tables.funds, fund.fund_id == at.fund_id)
        found: dict[str, list[str]] = {}
        for stream, month in connection.execute(joined.where(*where).distinct().order_by(at.month)):
            found.setdefault(stream, []).append(month)
        return found

    return model.read(query)


def gift(model: ReadModel, digest: str) -> EntryRow | None:
    """The receipt that its donor follows by the number of this digest."""

    def query(connection: Connection, tables: Tables) -> EntryRow | None:
        at = tables.fund_entries
        found = connection.execute(select(at).where(at.c.tracking == digest).limit(1)).one_or_none()
        return None if found is None else EntryRow(*found)

    return model.read(query)


def gifts_of(model: ReadModel, subject: str) -> tuple[EntryRow, ...]:
    """What somebody gave under their name, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[EntryRow, ...]:
        at = tables.fund_entries
        found = select(at).where(at.c.donor == subject).order_by(*at.primary_key)
        return tuple(EntryRow(*row) for row in connection.execute(found))

    return model.read(query)


def spent_of(model: ReadModel, gift: EntryRow) -> tuple[EntryRow, ...]:
    """The payments that a gift's money went into, first in, first out, in their order.

    A receipt and a payment each cover an interval of their purpose's running sum: what two intervals share is what of
    the gift was paid then.
    """

    def query(connection: Connection, tables: Tables) -> tuple[EntryRow, ...]:
        at = tables.fund_entries
        until = gift.from_fen + gift.amount
        where = (
            at.c.fund_id == gift.fund_id,
            at.c.purpose == gift.purpose,
            at.c.kind == "spent",
            at.c.from_fen < until,
            at.c.from_fen + at.c.amount > gift.from_fen,
        )
        found = select(at).where(*where).order_by(at.c.from_fen).limit(_MOST)
        return tuple(EntryRow(*row) for row in connection.execute(found))

    return model.read(query)


def handed_out(model: ReadModel, fund: str, gift: int) -> tuple[EntryRow, ...]:
    """Where a gift's goods went, in the order of the log."""

    def query(connection: Connection, tables: Tables) -> tuple[EntryRow, ...]:
        at = tables.fund_entries
        where = (at.c.fund_id == fund, at.c.kind == "item", at.c.nth == gift)
        found = select(at).where(*where).order_by(*at.primary_key)
        return tuple(EntryRow(*row) for row in connection.execute(found))

    return model.read(query)


def event_of(model: ReadModel, entry: EntryRow) -> CaseEventRow | None:
    """The event that an entry comes from: what it says beside, sealed texts and all."""

    def query(connection: Connection, tables: Tables) -> CaseEventRow | None:
        at = tables.fund_events
        place = (entry.partition, entry.submission_offset, entry.number)
        where = [column == value for column, value in zip(at.primary_key, place, strict=True)]
        found = connection.execute(select(at).where(*where)).one_or_none()
        return None if found is None else CaseEventRow(*found)

    return model.read(query)


def events_of(model: ReadModel, fund: str, types: Sequence[str]) -> tuple[CaseEventRow, ...]:
    """What happened to a fund of these types, the newest first; at most 500."""

    def query(connection: Connection, tables: Tables) -> tuple[CaseEventRow, ...]:
        at = tables.fund_events
        found = select(at).where(at.c.case_id == fund, at.c.type.in_(types))
        newest = found.order_by(*(column.desc() for column in at.primary_key)).limit(_MOST)
        return tuple(CaseEventRow(*row) for row in connection.execute(newest))

    return model.read(query)


def statement(model: ReadModel, fund: str, name: str) -> tuple[StatementRow, ...]:
    """The lines of a bank statement, in their order."""

    def query(connection: Connection, tables: Tables) -> tuple[StatementRow, ...]:
        at = tables.statement_lines
        found = select(at).where(at.c.fund_id == fund, at.c.statement == name).order_by(at.c.line)
        return tuple(StatementRow(*row) for row in connection.execute(found))

    return model.read(query)


class Reconciled(NamedTuple):
    """A bank statement against the books, over one time.

    `agreed`: how many vouchers are in both with the same sum; `only_bank`: lines whose voucher the books do not have, or that
    have none; `only_books`: entries whose voucher the statement does not have, or that have none; `other_sum`: both, with
    different sums.
    """

    agreed: int
    only_bank: tuple[StatementRow, ...]
    only_books: tuple[EntryRow, ...]
    other_sum: tuple[tuple[StatementRow, EntryRow], ...]


def reconciled(model: ReadModel, fund: str, since: int, until: int) -> Reconciled:
    """The statement lines and the entries of money between two times, paired by voucher and direction."""

    def query(connection: Connection, tables: Tables) -> Reconciled:
        line, at = tables.statement_lines, tables.fund_entries
        within = (line.c.fund_id == fund, line.c.booked_at >= since, line.c.booked_at < until)
        lines = [StatementRow(*row) for row in connection.execute(select(line).where(*within))]
        moved = (at.c.kind.in_(("received", "spent", "taken_back")), at.c.amount > 0)
        of_time = (at.c.fund_id == fund, at.c.at >= since, at.c.at < until, *moved)
        rows = [EntryRow(*row) for row in connection.execute(select(at).where(*of_time))]
        return _paired(lines, _whole(rows))

    return model.read(query)


def _whole(rows: Sequence[EntryRow]) -> list[EntryRow]:
    """One entry for each payment, whatever the purposes that it was taken from."""
    found: dict[tuple[int, int, int], EntryRow] = {}
    for row in rows:
        key = (row.partition, row.submission_offset, row.number)
        before = found.get(key)
        found[key] = row if before is None else before._replace(amount=before.amount + row.amount)
    return list(found.values())


def _paired(lines: Sequence[StatementRow], entries: Sequence[EntryRow]) -> Reconciled:
    left = {}
    only_books = []
    for entry in entries:
        direction = "out" if entry.kind == "spent" else "in"
        if entry.voucher is None or (entry.voucher, direction) in left:
            only_books.append(entry)
        else:
            left[entry.voucher, direction] = entry
    agreed, only_bank, other_sum = 0, [], []
    for line in lines:
        found = left.pop((line.voucher or "", line.direction), None)
        if found is None:
            only_bank.append(line)
        elif found.amount == line.amount:
            agreed += 1
        else:
            other_sum.append((line, found))
    return Reconciled(agreed, tuple(only_bank), (*only_books, *left.values()), tuple(other_sum))
