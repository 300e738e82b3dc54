"""Rules of a fund: what it takes in, sets aside and pays; what is closed stays closed. Pure.

A fund never sets aside more than it has: its own stream answers each request in turn (invariant 8). Money that is
earmarked is spent on its purpose only, and before the general money.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from contracts import fund as f
from contracts import fund_books
from contracts.aid_policy import FundPolicy, fund_policy
from contracts.base import EPOCH, Message
from contracts.fund_books import Ask, Fund
from contracts.lineage import lineage
from contracts.programmes import FundDefinedV1
from contracts.reference import Register
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused, in_future

RULES = "fund-1"

evolve = fund_books.evolve


def is_open(state: Fund | None) -> bool:
    """Whether more is expected of it: a fund is never done with."""
    return state is not None


def decide(state: Fund | None, command: Command, reference: Reference) -> Answer:
    """Answer one command about one fund (None: nothing was said of it yet). Total: it never raises."""
    register, submission = reference.register, command.submission
    fund = register.derived(_funds).get(submission.subject)
    if fund is None or fund.unit != submission.unit:
        return Refused("unknown_fund", "fund")
    policy = fund_policy(register)
    if policy is None:
        return Refused("no_policy")
    holds = register.holds(submission.actor, submission.role, submission.unit, reference.now)
    if not holds or submission.role not in policy.permissions.get(command.name, ()):
        return Refused("not_entitled")
    if in_future(command, reference):
        return Refused("occurred_in_future", "occurred_at")
    held = state or Fund(submission.unit)
    month = month_of(reference.effective_at, policy)
    if type(command.body) in _BOOKED and month <= held.closed:
        return Refused("month_closed", "occurred_at")
    return _HANDLERS[type(command.body)](held, command.body, _Here(reference, fund, month))


class _Here:
    """What a rule looks at beside the fund: the register, which fund it is, and in whose month it is booked."""

    def __init__(self, reference: Reference, fund: FundDefinedV1, month: str) -> None:
        self.register, self.now, self.at = reference.register, reference.now, reference.effective_at
        self.fund, self.month = fund, month
        self.policy = fund_policy(reference.register)


def _funds(register: Register) -> Mapping[str, FundDefinedV1]:
    """Stream → the fund that it is."""
    return {f.stream_of_fund(fund.fund): fund for fund in register.funds()}


def month_of(at: int, policy: FundPolicy) -> str:
    """The month of the community's calendar in which a time lies."""
    here = EPOCH + timedelta(milliseconds=at, minutes=policy.utc_offset_minutes)
    return f"{here.year:04}-{here.month:02}"


def _receive(state: Fund, body: f.ReceiveV1, here: _Here) -> Answer:
    if body.amount is None and not body.items:
        return Refused("nothing_given", "amount")
    if body.items and body.source != "donation":
        return Refused("goods_are_gifts", "source")
    if body.source != "donation" and body.donor is not None:
        return Refused("donor_of_gift", "donor")
    if body.purpose is not None:
        refused = _refuse_purpose(body.purpose, "purpose", here)
        if refused is not None:
            return refused
    return Accepted((f.ReceivedV1(**body.__dict__, number=state.received + 1, month=here.month),))


def _refuse_purpose(programme: str, field: str, here: _Here) -> Refused | None:
    """Why this fund does not pay for this programme."""
    found = here.register.programme(programme, here.at)
    if found is None:
        return Refused("unknown_programme", field)
    return None if found.fund == here.fund.fund else Refused("other_fund", field)


def _reserve(state: Fund, body: f.ReserveV1, here: _Here) -> Answer:
    ask = state.asks.get(body.request)
    if ask is not None and body.round <= ask.round:
        return NoOp("fund_answered")
    if here.fund.unit not in lineage(here.register, body.unit, here.now):
        return Refused("fund_elsewhere", "unit")
    before: tuple[Message, ...] = ()
    if ask is not None and ask.held:
        # A new round takes the place of the last: what that one left is free for it.
        released = _released(body.request, ask, here)
        after = evolve(state, released, state.unit, here.at, None)
        before, state = (released,), after or state
    free = state.available(body.programme)
    if body.amount > free:
        return Accepted((*before, f.InsufficientV1(**body.__dict__, available=free)))
    earmarked = min(max(state.own(body.programme), 0), body.amount)
    return Accepted((*before, f.ReservedV1(**body.__dict__, earmarked=earmarked, month=here.month)))


def _released(request: str, ask: Ask, here: _Here) -> f.ReleasedV1:
    return f.ReleasedV1(
        request=request,
        round=ask.round,
        programme=ask.programme or None,
        amount=ask.held,
        earmarked=ask.held_earmarked,
        month=here.month,
    )


def _spend(state: Fund, body: f.SpendV1, here: _Here) -> Answer:
    ask = state.asks.get(body.request)
    if ask is None or ask.round != body.round:
        return Refused("not_reserved")
    if body.tranche in ask.tranches:
        return NoOp("paid_already")
    if body.amount > ask.held:
        return Refused("beyond_commitment", "amount")
    earmarked = min(ask.held_earmarked, body.amount)
    spent = f.SpentV1(
        **body.__dict__, unit=ask.unit, programme=ask.programme, earmarked=earmarked, month=here.month
    )
    return Accepted((spent,))


def _release(state: Fund, body: f.ReleaseV1, here: _Here) -> Answer:
    ask = state.asks.get(body.request)
    if ask is not None and (body.round < ask.round or (body.round == ask.round and not ask.held)):
        return NoOp("released_already")
    if ask is None or body.round > ask.round:
        # The release came before its request: it is answered here, so that nothing is set aside for it later.
        nothing = f.ReleasedV1(**body.__dict__, programme=None, amount=0, earmarked=0, month=here.month)
        before = (_released(body.request, ask, here),) if ask is not None and ask.held else ()
        return Accepted((*before, nothing))
    return Accepted((_released(body.request, ask, here),))


def _take_back(state: Fund, body: f.TakeBackV1, here: _Here) -> Answer:
    ask = state.asks.get(body.request)
    if ask is None or not ask.programme:
        return Refused("not_reserved")
    if body.repayment <= ask.repayments:
        return NoOp("paid_already")
    if body.amount > ask.spent:
        return Refused("beyond_paid", "amount")
    earmarked = min(ask.spent_earmarked, body.amount)
    back = f.TakenBackV1(**body.__dict__, programme=ask.programme, earmarked=earmarked, month=here.month)
    return Accepted((back,))


def _allocate(state: Fund, body: f.AllocateItemV1, _here: _Here) -> Answer:
    left = state.goods.get(str(body.gift))
    if left is None:
        return Refused("no_such_gift", "gift")
    if body.item > len(left):
        return Refused("no_such_item", "item")
    if body.count > left[body.item - 1]:
        return Refused("not_so_many_left", "count")
    if body.request is None and body.note is None:
        return Refused("say_where", "note")
    purpose = state.purposes.get(str(body.gift))
    return Accepted((f.ItemAllocatedV1(**body.__dict__, purpose=purpose),))


def _close_month(state: Fund, body: f.CloseMonthV1, here: _Here) -> Answer:
    if body.month <= state.closed:
        return Refused("month_closed", "month")
    if body.month >= here.month:
        return Refused("month_runs", "month")
    return Accepted(closing(state, body.month))


def closing(state: Fund, month: str) -> tuple[Message, ...]:
    """What closing a month says: of the month, and of each year that ends by it.

    Costs as much as there are accounts and open months, however many postings there were.
    """
    within = [flow for key, flow in state.flows.items() if key <= month]
    later = [flow for key, flow in state.flows.items() if key > month]
    closed = f.MonthClosedV1(
        month=month,
        income=sum(flow.income for flow in within),
        expense=sum(flow.expense for flow in within),
        committed=state.committed - sum(flow.committed for flow in later),
        cash=state.cash - sum(flow.income - flow.expense for flow in later),
        postings=sum(flow.postings for flow in within),
    )
    last = int(month[:4]) if month.endswith("-12") else int(month[:4]) - 1
    years = sorted({year for (_, _, year) in state.books if 0 < year <= last})
    return (closed, *_years_closed(state, years))


def _years_closed(state: Fund, years: list[int]) -> tuple[Message, ...]:
    """Each year's income and expense, and what is carried over after it."""
    carried = -sum(amount for (account, _, _), amount in state.books.items() if account == "balance")
    found: list[Message] = []
    for year in years:
        of = {
            account: sum(
                amount for (name, _, when), amount in state.books.items() if (name, when) == (account, year)
            )
            for account in ("income", "expense")
        }
        carried -= of["income"] + of["expense"]
        found.append(f.YearClosedV1(year=year, income=-of["income"], expense=of["expense"], carried=carried))
    return tuple(found)


def _enter_line(state: Fund, body: f.EnterStatementLineV1, here: _Here) -> Answer:
    if state.lines.get(f"{body.statement}/{body.line}") is not None:
        return Refused("line_entered", "line")
    if body.booked_at > here.now:
        return Refused("occurred_in_future", "booked_at")
    return Accepted((f.StatementLineEnteredV1(**body.__dict__),))


def _explain(_state: Fund, body: f.ExplainLineV1, _here: _Here) -> Answer:
    return Accepted((f.LineExplainedV1(**body.__dict__),))


_BOOKED = frozenset({f.ReceiveV1, f.ReserveV1, f.SpendV1, f.ReleaseV1, f.TakeBackV1})
"""What is entered into the books of a month."""

_HANDLERS: Mapping[type[Message], Callable[[Fund, Any, _Here], Answer]] = {
    f.ReceiveV1: _receive,
    f.ReserveV1: _reserve,
    f.SpendV1: _spend,
    f.ReleaseV1: _release,
    f.TakeBackV1: _take_back,
    f.AllocateItemV1: _allocate,
    f.CloseMonthV1: _close_month,
    f.EnterStatementLineV1: _enter_line,
    f.ExplainLineV1: _explain,
}
