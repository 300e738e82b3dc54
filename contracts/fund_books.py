"""The books of a fund, in double entry: what each event posts, and the fund as its events make it. Pure and total.

Debits are positive and credits negative, so that the accounts of a fund add up to nothing after any event. What is set aside
is an encumbrance (GASB Codification 1700.129: a commitment is entered against the appropriation until it is paid or released),
posted against an account of its own: it never touches cash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from contracts import fund as f
from contracts.base import Message
from contracts.trie import Trie

Account = Literal["cash", "income", "expense", "balance", "encumbrance", "reserved"]
ACCOUNTS: tuple[Account, ...] = ("cash", "income", "expense", "balance", "encumbrance", "reserved")
GENERAL = ""
"""The purpose of money that is earmarked for nothing."""

_SPENDABLE = frozenset({"income", "expense", "balance", "encumbrance"})
"""Accounts that together tell what of a purpose may still be spent."""

Books = Mapping[tuple[Account, str, int], int]
"""(account, purpose, year) → its balance in fen, 0 left out. Income and expense are kept by year, until the year is closed;
the other accounts have year 0. Cash has no purpose of its own: one account holds all of it."""


class Posting(NamedTuple):
    """One side of an entry: so much on this account and purpose, debit positive."""

    account: Account
    purpose: str
    amount: int
    year: int = 0


class Ask(NamedTuple):
    """An aid request as the fund knows it. `round`: the last that was answered or given up.

    `held`, `held_earmarked`: still set aside; `spent`, `spent_earmarked`: paid and not paid back; `tranches`: paid in this round;
    `repayments`: the last one.
    """

    round: int
    unit: str = ""
    programme: str = ""
    held: int = 0
    held_earmarked: int = 0
    spent: int = 0
    spent_earmarked: int = 0
    tranches: frozenset[int] = frozenset()
    repayments: int = 0


class Flow(NamedTuple):
    """What one month moved: money in and out, and what was set aside less what was freed or paid of it."""

    income: int = 0
    expense: int = 0
    committed: int = 0
    postings: int = 0


class Fund(NamedTuple):
    """A fund.

    `asks`: aid request → what it asked; `received`: the number of the last receipt; `goods`: gift → how many are left of each of
    its items; `purposes`: gift of goods → what it is earmarked for; `closed`: the last month that was closed; `flows`: the
    months since; `lines`: lines of statements.
    """

    unit: str
    books: Books = MappingProxyType({})
    asks: Trie[Ask] = Trie()
    received: int = 0
    goods: Trie[tuple[int, ...]] = Trie()
    purposes: Trie[str] = Trie()
    closed: str = ""
    flows: Mapping[str, Flow] = MappingProxyType({})
    lines: Trie[int] = Trie()

    def own(self, purpose: str) -> int:
        """What may be spent of this purpose's own money: what there is, less what is set aside."""
        return -sum(
            amount
            for (account, of, _), amount in self.books.items()
            if of == purpose and account in _SPENDABLE
        )

    def available(self, programme: str) -> int:
        """What may be spent on a programme: what is earmarked for it, and the general money."""
        return max(self.own(programme), 0) + max(self.own(GENERAL), 0)

    @property
    def cash(self) -> int:
        """Money in hand."""
        return self.books.get(("cash", GENERAL, 0), 0)

    @property
    def committed(self) -> int:
        """What is set aside and not yet paid."""
        return sum(amount for (account, _, _), amount in self.books.items() if account == "encumbrance")


def postings(event: Message, books: Books) -> tuple[Posting, ...]:
    """What an event posts; they add up to nothing. `books`: as they were before, which a close needs."""
    of = _POSTINGS.get(type(event))
    return () if of is None else tuple(one for one in of(event, books) if one.amount)


def _received(event: f.ReceivedV1, _: Books) -> Iterator[Posting]:
    amount = event.amount or 0
    yield Posting("cash", GENERAL, amount)
    yield Posting("income", event.purpose or GENERAL, -amount, _year(event.month))


def _year(month: str) -> int:
    return int(month[:4])


def _parts(programme: str | None, amount: int, earmarked: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return (programme or GENERAL, earmarked), (GENERAL, amount - earmarked)


def _reserved(event: f.ReservedV1, _: Books) -> Iterator[Posting]:
    for purpose, part in _parts(event.programme, event.amount, event.earmarked):
        yield Posting("encumbrance", purpose, part)
        yield Posting("reserved", purpose, -part)


def _spent(event: f.SpentV1, _: Books) -> Iterator[Posting]:
    yield Posting("cash", GENERAL, -event.amount)
    for purpose, part in _parts(event.programme, event.amount, event.earmarked):
        yield Posting("expense", purpose, part, _year(event.month))
        yield Posting("reserved", purpose, part)
        yield Posting("encumbrance", purpose, -part)


def _released(event: f.ReleasedV1, _: Books) -> Iterator[Posting]:
    for purpose, part in _parts(event.programme, event.amount, event.earmarked):
        yield Posting("reserved", purpose, part)
        yield Posting("encumbrance", purpose, -part)


def _taken_back(event: f.TakenBackV1, _: Books) -> Iterator[Posting]:
    yield Posting("cash", GENERAL, event.amount)
    for purpose, part in _parts(event.programme, event.amount, event.earmarked):
        yield Posting("expense", purpose, -part, _year(event.month))


def _year_closed(event: f.YearClosedV1, books: Books) -> Iterator[Posting]:
    for (account, purpose, year), amount in books.items():
        if year == event.year:
            yield Posting(account, purpose, -amount, year)
            yield Posting("balance", purpose, amount)


_POSTINGS: Mapping[type[Message], Callable[[Any, Books], Iterator[Posting]]] = {
    f.ReceivedV1: _received,
    f.ReservedV1: _reserved,
    f.SpentV1: _spent,
    f.ReleasedV1: _released,
    f.TakenBackV1: _taken_back,
    f.YearClosedV1: _year_closed,
}


def evolve(
    state: Fund | None, event: Message, unit: str, _effective_at: int, _batch: str | None
) -> Fund | None:
    """The fund after an event in this unit."""
    before = state or Fund(unit)
    posted = postings(event, before.books)
    if posted:
        before = before._replace(books=_posted(before.books, posted))
    step = _STEPS.get(type(event))
    after = before if step is None else step(before, event)
    month = getattr(event, "month", None)
    if month is None or isinstance(event, f.MonthClosedV1):
        return after
    return after._replace(flows={**after.flows, month: _flowed(after.flows.get(month, Flow()), posted)})


def _posted(books: Books, posted: tuple[Posting, ...]) -> Books:
    moved = dict(books)
    for account, purpose, amount, year in posted:
        moved[account, purpose, year] = moved.get((account, purpose, year), 0) + amount
    return {key: amount for key, amount in moved.items() if amount}


def _flowed(flow: Flow, posted: tuple[Posting, ...]) -> Flow:
    moved = dict.fromkeys(ACCOUNTS, 0)
    for posting in posted:
        moved[posting.account] += posting.amount
    return Flow(
        flow.income - moved["income"],
        flow.expense + moved["expense"],
        flow.committed + moved["encumbrance"],
        flow.postings + len(posted),
    )


def _take(state: Fund, event: f.ReceivedV1) -> Fund:
    taken = state._replace(received=event.number)
    if not event.items:
        return taken
    key = str(event.number)
    goods = taken.goods.put(key, tuple(item.count for item in event.items))
    purposes = taken.purposes.put(key, event.purpose) if event.purpose else taken.purposes
    return taken._replace(goods=goods, purposes=purposes)


def _hold(state: Fund, event: f.ReservedV1) -> Fund:
    before = state.asks.get(event.request) or Ask(0)
    ask = before._replace(
        round=event.round,
        unit=event.unit,
        programme=event.programme,
        held=event.amount,
        held_earmarked=event.earmarked,
        tranches=frozenset(),
    )
    return state._replace(asks=state.asks.put(event.request, ask))


def _answer(state: Fund, event: f.InsufficientV1) -> Fund:
    before = state.asks.get(event.request) or Ask(0)
    return state._replace(asks=state.asks.put(event.request, before._replace(round=event.round)))


def _pay(state: Fund, event: f.SpentV1) -> Fund:
    before = state.asks.get(event.request) or Ask(0)
    ask = before._replace(
        held=before.held - event.amount,
        held_earmarked=before.held_earmarked - event.earmarked,
        spent=before.spent + event.amount,
        spent_earmarked=before.spent_earmarked + event.earmarked,
        tranches=before.tranches | {event.tranche},
    )
    return state._replace(asks=state.asks.put(event.request, ask))


def _free(state: Fund, event: f.ReleasedV1) -> Fund:
    before = state.asks.get(event.request) or Ask(0)
    ask = before._replace(round=max(before.round, event.round), held=0, held_earmarked=0)
    return state._replace(asks=state.asks.put(event.request, ask))


def _repay(state: Fund, event: f.TakenBackV1) -> Fund:
    before = state.asks.get(event.request) or Ask(0)
    ask = before._replace(
        spent=before.spent - event.amount,
        spent_earmarked=before.spent_earmarked - event.earmarked,
        repayments=max(before.repayments, event.repayment),
    )
    return state._replace(asks=state.asks.put(event.request, ask))


def _hand_out(state: Fund, event: f.ItemAllocatedV1) -> Fund:
    key = str(event.gift)
    left = state.goods.get(key) or ()
    at = event.item - 1
    after = tuple(count - event.count if n == at else count for n, count in enumerate(left))
    return state._replace(goods=state.goods.put(key, after))


def _close(state: Fund, event: f.MonthClosedV1) -> Fund:
    return state._replace(
        closed=event.month, flows={month: flow for month, flow in state.flows.items() if month > event.month}
    )


def _enter_line(state: Fund, event: f.StatementLineEnteredV1) -> Fund:
    return state._replace(lines=state.lines.put(f"{event.statement}/{event.line}", event.amount))


_STEPS: Mapping[type[Message], Callable[[Fund, Any], Fund]] = {
    f.ReceivedV1: _take,
    f.ReservedV1: _hold,
    f.InsufficientV1: _answer,
    f.SpentV1: _pay,
    f.ReleasedV1: _free,
    f.TakenBackV1: _repay,
    f.ItemAllocatedV1: _hand_out,
    f.MonthClosedV1: _close,
    f.StatementLineEnteredV1: _enter_line,
}
