"""A fund: what comes in, what is set aside, paid, given back, closed and reconciled."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import fund as f
from contracts.base import Message
from contracts.fund_books import GENERAL, Fund
from tests.support.given import CLERK, CLOCK, HANDLER, REQUEST, SEALED, SUPERVISOR, World, day
from tests.support.helping import (
    DONOR,
    IN_FEBRUARY,
    receive,
    received,
    reserve,
    reserved,
    spend,
    spent,
    world,
)

GOODS: dict[str, Any] = {
    "source": "donation",
    "items": ({"name": "Quilts", "count": 20, "measure": "pieces"},),
}


def state(*events: Message) -> Fund:
    """The fund after these events."""
    found = world(*events).fund
    assert found is not None
    return found


def test_what_comes_in_is_numbered_and_booked() -> None:
    """A receipt has the next number, and the month of the community's calendar."""
    world(received()).when(receive(), by=CLERK).then(received(number=2))


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (receive(None), "nothing_given", "amount"),
        (receive(None, source="dues", items=GOODS["items"]), "goods_are_gifts", "source"),
        (receive(donor=DONOR), "donor_of_gift", "donor"),
        (receive(purpose="nothing"), "unknown_programme", "purpose"),
        (receive(purpose="shared"), "other_fund", "purpose"),
    ],
)
def test_what_cannot_come_in(body: f.ReceiveV1, reason: str, field: str) -> None:
    """A receipt has a sum or goods; goods and a donor are a gift's; it is earmarked only for what this fund pays."""
    world().when(body, by=CLERK).refused(reason, field)


def test_a_fund_that_does_not_exist_takes_nothing() -> None:
    """Nothing is said of a fund that is not in the register."""
    world().when(receive(), by=CLERK, subject=f.stream_of_fund("none")).refused("unknown_fund", "fund")


def test_who_keeps_no_books_records_nothing() -> None:
    """A handler records no receipt, and a clerk does not set money aside by hand."""
    world().when(receive(), by=HANDLER).refused("not_entitled")
    world(received()).when(reserve(1), by=CLERK).refused("not_entitled")


def test_money_is_set_aside() -> None:
    """What is asked for and there is set aside."""
    world(received(500)).when(reserve(500), by=CLOCK).then(reserved(500))


def test_no_more_is_set_aside_than_there_is() -> None:
    """More than is free is answered `insufficient`, with what there is."""
    answer = f.InsufficientV1(**reserve(401, request="aid_00000002").__dict__, available=400)
    before = world(received(500), reserved(100))
    before.when(reserve(401, request="aid_00000002"), by=CLOCK).then(answer)


def test_earmarked_money_goes_first_and_to_its_purpose_only() -> None:
    """A gift for tuition is spent on tuition before the general money, and on nothing else."""
    before = world(received(100), received(300, 2, purpose="tuition"))
    before.when(reserve(350, "tuition"), by=CLOCK).then(reserved(350, "tuition", earmarked=300))
    before.when(reserve(101), by=CLOCK).then(f.InsufficientV1(**reserve(101).__dict__, available=100))


def test_what_was_answered_is_not_answered_again() -> None:
    """A second question for the same round changes nothing, whatever became of the first."""
    world(received(500), reserved(100)).when(reserve(100), by=CLOCK).no_op("fund_answered")


def test_a_later_round_takes_the_place_of_the_earlier() -> None:
    """What the earlier round left is free for the later one."""
    freed = f.ReleasedV1(
        request=REQUEST, round=1, programme="quick", amount=100, earmarked=0, month="2026-01"
    )
    before = world(received(100), reserved(100))
    before.when(reserve(100, round_=2), by=CLOCK).then(freed, reserved(100, round_=2))


def test_a_fund_pays_its_own_unit_and_those_below() -> None:
    """A request of a community elsewhere is turned away."""
    asked = reserve(1).model_copy(update={"unit": "next"})
    world(received()).when(asked, by=CLOCK).refused("fund_elsewhere", "unit")


def test_a_tranche_is_paid_out_of_what_is_set_aside() -> None:
    """What is earmarked goes first."""
    before = world(received(100), received(300, 2, purpose="tuition"), reserved(350, "tuition", 300))
    before.when(spend(320), by=CLOCK).then(spent(320, earmarked=300, programme="tuition"))


def test_no_more_is_paid_than_is_set_aside() -> None:
    """A payment without a reservation, or beyond it, is refused; one that was made is not made again."""
    world(received()).when(spend(1), by=CLOCK).refused("not_reserved")
    before = world(received(), reserved(100))
    before.when(spend(101), by=CLOCK).refused("beyond_commitment", "amount")
    world(received(), reserved(100), spent(60)).when(spend(40), by=CLOCK).no_op("paid_already")


def test_what_is_not_used_is_free_again() -> None:
    """A release frees what is left, earmarked or not."""
    before = world(received(), reserved(100), spent(60))
    freed = {"request": REQUEST, "round": 1, "programme": "quick", "amount": 40, "earmarked": 0}
    asked = f.ReleaseV1(request=REQUEST, round=1)
    before.when(asked, by=CLOCK).then(f.ReleasedV1.model_validate({**freed, "month": "2026-01"}))
    world(received(), reserved(100), spent(100)).when(asked, by=CLOCK).no_op("released_already")


def test_a_release_before_its_question_answers_it() -> None:
    """Where nobody waits any more, nothing is set aside when the question comes late."""
    gone = f.ReleasedV1(request=REQUEST, round=1, amount=0, earmarked=0, month="2026-01")
    world(received()).when(f.ReleaseV1(request=REQUEST, round=1), by=CLOCK).then(gone)
    world(received(), gone).when(reserve(1), by=CLOCK).no_op("fund_answered")


def test_a_release_of_a_later_round_frees_the_one_before() -> None:
    """What an earlier round still holds does not stay set aside for ever."""
    freed = f.ReleasedV1(
        request=REQUEST, round=1, programme="quick", amount=100, earmarked=0, month="2026-01"
    )
    gone = f.ReleasedV1(request=REQUEST, round=2, amount=0, earmarked=0, month="2026-01")
    asked = f.ReleaseV1(request=REQUEST, round=2)
    world(received(), reserved(100)).when(asked, by=CLOCK).then(freed, gone)


def test_what_is_paid_back_is_free_again() -> None:
    """A repayment goes back to what it came from, once, and no more than was paid."""
    back = f.TakeBackV1(request=REQUEST, repayment=1, amount=60)
    before = world(received(), reserved(100), spent(60))
    taken = f.TakenBackV1(**back.__dict__, programme="quick", earmarked=0, month="2026-01")
    before.when(back, by=CLOCK).then(taken)
    before.when(back.model_copy(update={"amount": 61}), by=CLOCK).refused("beyond_paid", "amount")
    world(received(), reserved(100), spent(60), taken).when(back, by=CLOCK).no_op("paid_already")
    world(received()).when(back, by=CLOCK).refused("not_reserved")
    assert state(received(500), reserved(100), spent(60), taken).own(GENERAL) == 460


def give(**fields: object) -> f.AllocateItemV1:
    """Hand quilts out."""
    usual: dict[str, object] = {"gift": 1, "item": 1, "count": 5, "note": SEALED}
    return f.AllocateItemV1.model_validate(usual | fields)


def test_goods_are_handed_out_until_none_are_left() -> None:
    """Of each item no more is given than came in, and it is said where it went."""
    came = received(None, **GOODS)
    gone = f.ItemAllocatedV1(**give(count=18).__dict__)
    world(came).when(give(), by=CLERK).then(f.ItemAllocatedV1(**give().__dict__))
    world(came, gone).when(give(), by=CLERK).refused("not_so_many_left", "count")
    world(came).when(give(gift=2), by=CLERK).refused("no_such_gift", "gift")
    world(came).when(give(item=2), by=CLERK).refused("no_such_item", "item")
    world(came).when(give(note=None), by=CLERK).refused("say_where", "note")


CLOSED = f.MonthClosedV1(month="2026-01", income=1000, expense=60, committed=40, cash=940, postings=8)


def test_a_month_is_closed_once_it_has_ended() -> None:
    """It states what came in and went out, what is set aside and what there is; then nothing is entered into it."""
    before = world(received(1000), reserved(100), spent(60))
    close = f.CloseMonthV1(month="2026-01")
    before.when(close, IN_FEBRUARY, by=SUPERVISOR).then(CLOSED)
    before.when(close, by=SUPERVISOR).refused("month_runs", "month")
    world(received(1000), CLOSED).when(close, IN_FEBRUARY, by=SUPERVISOR).refused("month_closed", "month")
    world(received(1000), CLOSED).when(receive(), by=CLERK).refused("month_closed", "occurred_at")


def test_the_close_of_december_carries_the_year_over() -> None:
    """Income and expense of the year go into the balance; money that came in since stays income of the next."""
    later = received(500, 2).model_copy(update={"month": "2027-01"})
    before = world(received(1000), reserved(100), spent(60), later)
    closed = CLOSED.model_copy(update={"month": "2026-12"})
    year = f.YearClosedV1(year=2026, income=1000, expense=60, carried=940)
    before.when(f.CloseMonthV1(month="2026-12"), day(400), by=SUPERVISOR).then(closed, year)
    books = state(received(1000), reserved(100), spent(60), later, closed, year).books
    assert books["balance", GENERAL, 0] == -940
    assert books["income", GENERAL, 2027] == -500
    assert ("income", GENERAL, 2026) not in books


def line(**fields: object) -> f.EnterStatementLineV1:
    """A line of the bank's statement."""
    usual: dict[str, object] = {"statement": "2026-01", "line": 1, "direction": "out", "amount": 60}
    return f.EnterStatementLineV1.model_validate(usual | {"booked_at": day(0)} | fields)


def test_a_line_of_a_statement_is_entered_once() -> None:
    """The same line of the same statement is refused, and so is one from the future."""
    entered = f.StatementLineEnteredV1(**line().__dict__)
    world().when(line(), by=CLERK).then(entered)
    world(entered).when(line(), by=CLERK).refused("line_entered", "line")
    world().when(line(booked_at=day(2)), by=CLERK).refused("occurred_in_future", "booked_at")


def test_a_difference_is_explained() -> None:
    """Why something stands alone is put on record beside it."""
    why = f.ExplainLineV1(voucher="A-1", note=SEALED)
    world().when(why, by=CLERK).then(f.LineExplainedV1(**why.__dict__))


def test_the_world_has_no_fund_before_its_first_event() -> None:
    """A fund begins with what is said of it first."""
    begun: World = world()
    assert begun.fund is None
