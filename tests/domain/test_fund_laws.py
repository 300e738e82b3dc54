"""Laws of a fund over arbitrary interleavings of what it is asked, and of the map that its state is made of."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from contracts import fund as f
from contracts.base import DAY_MS, Message
from contracts.fund_books import ACCOUNTS, GENERAL, Fund, postings
from contracts.trie import Trie
from contracts.workflow import Accepted
from services.aid import funds
from tests.support.given import CLERK, CLOCK, SUPERVISOR, Past, World, day
from tests.support.helping import receive, reserve, spend, world

REQUESTS = tuple(f"aid_0000000{number}" for number in range(4))
AMOUNTS = st.integers(1, 500)


def _commands() -> st.SearchStrategy[Message]:
    request, round_ = st.sampled_from(REQUESTS), st.integers(1, 3)
    programme, number = st.sampled_from(("quick", "tuition")), st.integers(1, 3)
    purpose = st.sampled_from((None, "tuition"))
    return st.one_of(
        st.builds(lambda amount, to: receive(amount, purpose=to), AMOUNTS, purpose),
        st.builds(reserve, AMOUNTS, programme, round_, request),
        st.builds(spend, AMOUNTS, number, round_, request),
        st.builds(lambda one, at: f.ReleaseV1(request=one, round=at), request, round_),
        st.builds(
            lambda one, nth, amount: f.TakeBackV1(request=one, repayment=nth, amount=amount),
            request,
            number,
            AMOUNTS,
        ),
        st.builds(lambda month: f.CloseMonthV1(month=f"2026-{month:02}"), st.integers(1, 12)),
    )


STEPS = st.lists(st.tuples(_commands(), st.integers(0, 40)), max_size=40)


def run(steps: list[tuple[Message, int]]) -> list[tuple[World, tuple[Message, ...]]]:
    """Every world after an accepted command, with the events that made it."""
    here, at, found = world(), 0, []
    for body, days in steps:
        at += days
        by = CLERK if isinstance(body, f.ReceiveV1) else CLOCK
        who = SUPERVISOR if isinstance(body, f.CloseMonthV1) else by
        answer = here.when(body, day(at), by=who).answer
        if isinstance(answer, Accepted):
            for event in answer.events:
                here = _after(here, Past(event, day(at)))
            found.append((here, answer.events))
    return found


def _after(here: World, past: Past) -> World:
    kept = funds.evolve(here.fund, past.event, "demo", past.at, None)
    return replace(here, fund=kept, now=max(here.now, past.at))


@settings(max_examples=150, deadline=None)
@for_all(STEPS)
def test_no_interleaving_overspends_a_fund_or_an_earmark(steps: list[tuple[Message, int]]) -> None:
    """What may be spent of any purpose's money is never less than nothing, and neither is cash."""
    for here, _ in run(steps):
        assert here.fund is not None
        assert here.fund.own(GENERAL) >= 0
        assert here.fund.own("tuition") >= 0
        assert here.fund.cash >= here.fund.committed >= 0


@settings(max_examples=150, deadline=None)
@for_all(STEPS)
def test_the_books_balance_after_any_prefix(steps: list[tuple[Message, int]]) -> None:
    """All accounts add up to nothing, and cash is what is free and what is set aside."""
    for here, _ in run(steps):
        fund = here.fund
        assert fund is not None
        assert sum(fund.books.values()) == 0
        assert fund.cash == fund.own(GENERAL) + fund.own("tuition") + fund.committed
        held = [ask.held for _, ask in fund.asks.items()]
        assert sum(held) == fund.committed
        assert {account for account, _, _ in fund.books} <= set(ACCOUNTS)


@settings(max_examples=100, deadline=None)
@for_all(STEPS)
def test_what_is_closed_is_what_the_months_moved(steps: list[tuple[Message, int]]) -> None:
    """All closed income and expense and what the open months moved come to what is in hand."""
    income = expense = 0
    for here, events in run(steps):
        for event in events:
            if isinstance(event, f.MonthClosedV1):
                income, expense = income + event.income, expense + event.expense
        fund = here.fund
        assert fund is not None
        open_ = sum(flow.income - flow.expense for flow in fund.flows.values())
        assert fund.cash == income - expense + open_


@for_all(STEPS)
@settings(max_examples=50, deadline=None)
def test_the_same_history_makes_the_same_fund(steps: list[tuple[Message, int]]) -> None:
    """The fold is deterministic, and each event posts what adds up to nothing."""
    events = [event for _, made in run(steps) for event in made]
    once, twice = _folded(events), _folded(events)
    assert once == twice


def _folded(events: list[Message]) -> Fund | None:
    state: Fund | None = None
    for event in events:
        posted = postings(event, state.books if state else {})
        assert sum(one.amount for one in posted) == 0
        state = funds.evolve(state, event, "demo", DAY_MS, None)
    return state


@for_all(st.lists(st.tuples(st.text(max_size=3), st.integers())))
def test_the_map_agrees_with_a_dict_and_keeps_old_versions(pairs: list[tuple[str, int]]) -> None:
    """It holds what a dict holds, and a change leaves the map that it was made from alone."""
    trie: Trie[int] = Trie()
    plain: dict[str, int] = {}
    versions: list[tuple[Trie[int], dict[str, int]]] = []
    for key, value in pairs:
        trie, plain = trie.put(key, value), {**plain, key: value}
        versions.append((trie, plain))
    for version, expected in versions:
        assert dict(version.items()) == expected
        assert all(version.get(key) == value for key, value in expected.items())
    assert trie.get("not there at all") is None


def test_the_map_holds_thousands() -> None:
    """Many keys part over its levels and are all found again."""
    trie: Trie[int] = Trie()
    for number in range(5_000):
        trie = trie.put(f"aid_{number:08}", number)
    assert all(trie.get(f"aid_{number:08}") == number for number in range(5_000))
    assert len(dict(trie.items())) == 5_000
