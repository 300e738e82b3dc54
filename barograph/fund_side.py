"""What the pages of funds read: the rows of the read model as the state and entries that they show."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import APIRouter

from barograph.read_side import ReadVerdicts
from barograph.station import Station, wall_clock
from contracts.fund import stream_of_fund
from contracts.fund_books import Flow, Fund
from services.aid.fund_pages import FundDesk, FundPages
from services.aid.fund_views import Differences, Entry, Gift, Given, Line
from services.projections import funds, queries
from services.projections.aid_rows import EntryKind, EntryRow, StatementRow
from services.projections.store import ReadModel
from web.pages import Pages

_ALL: tuple[EntryKind, ...] = (
    "received",
    "reserved",
    "insufficient",
    "spent",
    "released",
    "taken_back",
    "item",
    "explained",
)


def fund_routers(station: Station, model: ReadModel, verdicts: ReadVerdicts, pages: Pages) -> list[APIRouter]:
    """The pages of funds."""
    desk = FundDesk(station.submitter, station.register, wall_clock)
    return [FundPages(pages, desk, ReadFunds(model), verdicts).router()]


class ReadFunds:
    """See services.aid.fund_views.Funds."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model

    async def kept(self, codes: Sequence[str]) -> Mapping[str, Fund]:
        """See services.aid.fund_views.Funds."""
        streams = {stream_of_fund(code): code for code in codes}
        found = await asyncio.to_thread(funds.kept, self._model, list(streams))
        months = await asyncio.to_thread(funds.open_months, self._model, list(streams))
        return {
            streams[stream]: Fund(
                one.row.unit,
                books={(row.account, row.purpose, row.year): row.amount for row in one.balances},  # type: ignore[misc]
                received=one.row.received,
                closed=one.row.closed,
                flows={month: Flow() for month in months.get(stream, ())},
            )
            for stream, one in found.items()
        }

    async def entries(self, code: str) -> Sequence[Entry]:
        """See services.aid.fund_views.Funds."""
        rows = await asyncio.to_thread(funds.entries, self._model, stream_of_fund(code), _ALL, 100)
        return [_entry(row) for row in rows]

    async def goods(self, code: str) -> Sequence[Gift]:
        """See services.aid.fund_views.Funds."""
        stream = stream_of_fund(code)
        rows = await asyncio.to_thread(funds.events_of, self._model, stream, ["fund.received.v1"])
        gone = await asyncio.to_thread(funds.entries, self._model, stream, ("item",), 10_000)
        found = []
        for row in rows:
            data = orjson.loads(row.data)
            items = _left(data, [(one.nth, one.item, one.quantity) for one in gone])
            if any(left for _, left, _ in items):
                found.append(Gift(data["number"], items))
        return found

    async def statement(self, code: str, name: str) -> Sequence[Line]:
        """See services.aid.fund_views.Funds."""
        rows = await asyncio.to_thread(funds.statement, self._model, stream_of_fund(code), name)
        return [_line(row) for row in rows]

    async def differences(self, code: str, since: int, until: int) -> Differences:
        """See services.aid.fund_views.Funds."""
        stream = stream_of_fund(code)
        found = await asyncio.to_thread(funds.reconciled, self._model, stream, since, until)
        explained = await asyncio.to_thread(funds.entries, self._model, stream, ("explained",), 1_000)
        return Differences(
            found.agreed,
            [_line(row) for row in found.only_bank],
            [_entry(row) for row in found.only_books],
            [(_line(line), _entry(row)) for line, row in found.other_sum],
            frozenset(row.voucher for row in explained if row.voucher),
        )

    async def recorded(self, code: str, number: int) -> tuple[str, str] | None:
        """See services.aid.fund_views.Funds."""
        entry = await asyncio.to_thread(funds.receipt, self._model, stream_of_fund(code), number)
        if entry is None or entry.tracking is None:
            return None
        place = (entry.partition, entry.submission_offset)
        found = await asyncio.to_thread(queries.decision, self._model, "fund", *place)
        if found is None or found.actor is None or found.submission_id is None:
            return None
        return found.actor, found.submission_id

    async def given(self, digest: str) -> Given | None:
        """See services.aid.fund_views.Funds."""
        gift = await asyncio.to_thread(funds.gift, self._model, digest)
        event = None if gift is None else await asyncio.to_thread(funds.event_of, self._model, gift)
        if gift is None or event is None:
            return None
        spent = await asyncio.to_thread(funds.spent_of, self._model, gift)
        gone = await asyncio.to_thread(funds.handed_out, self._model, gift.fund_id, gift.nth)
        data = orjson.loads(event.data)
        until = gift.from_fen + gift.amount
        paid = [
            (
                row.programme or "",
                row.at,
                min(until, row.from_fen + row.amount) - max(gift.from_fen, row.from_fen),
            )
            for row in spent
        ]
        items = [
            {**item, "gone": sum(row.quantity for row in gone if row.item == at)}
            for at, item in enumerate(data.get("items", ()), 1)
        ]
        return Given(
            gift.fund_id,
            gift.amount,
            gift.purpose,
            gift.at,
            items,
            paid,
            [(row.item, row.quantity, row.at) for row in gone],
            gift.amount - sum(amount for _, _, amount in paid),
        )


def _left(data: Mapping[str, Any], gone: Sequence[tuple[int, int, int]]) -> list[tuple[str, int, str]]:
    """Of each item of a gift: what it is, how many are left, and in which unit of count."""
    return [
        (
            item["name"],
            item["count"]
            - sum(count for gift, which, count in gone if (gift, which) == (data["number"], at)),
            item["measure"],
        )
        for at, item in enumerate(data.get("items", ()), 1)
    ]


def _entry(row: EntryRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry._fields})


def _line(row: StatementRow) -> Line:
    return Line(**{name: getattr(row, name) for name in Line._fields})
