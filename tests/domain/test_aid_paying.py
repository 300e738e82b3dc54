"""Payment, receipts, the emergency path, reviews, repayments, and what a request asks of its fund."""

from __future__ import annotations

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from contracts import aid as a
from contracts.aid_file import Request
from contracts.aid_moves import Move, moves
from contracts.base import Message
from contracts.workflow import Accepted, NoOp, Refused
from services.aid import domain
from tests.support.given import CLERK, CLOCK, RESIDENT, SEALED, SUPERVISOR, Past, Who, World, day, on
from tests.support.helping import (
    AID_OFFICER,
    APPROVED,
    APPROVER,
    CHECKED,
    INQUIRE,
    INQUIRED,
    OTHER_APPROVER,
    PROPOSED,
    answered,
    applied,
    apply,
    asked,
    paid,
    pay,
    propose,
    proposed,
    world,
)


def request_of(*events: Message | Past) -> Request:
    """The request after these events."""
    found = world(*events).aid
    assert isinstance(found, Request)
    return found


def test_a_tranche_is_paid_whole_once_money_is_set_aside() -> None:
    """More is beyond the commitment, less is not the tranche; what is paid is not paid again."""
    world(*APPROVED).when(pay(1, 100_000), by=AID_OFFICER).then(paid(1, 100_000))
    world(*APPROVED).when(pay(1, 100_001), by=AID_OFFICER).refused("beyond_commitment", "amount")
    world(*APPROVED).when(pay(1, 99_999), by=AID_OFFICER).refused("other_amount", "amount")
    world(*APPROVED).when(pay(3, 1), by=AID_OFFICER).refused("no_such_tranche", "tranche")
    again = world(*APPROVED, paid(1, 100_000))
    again.when(pay(1, 100_000), by=AID_OFFICER).refused("no_such_tranche", "tranche")
    world(*PROPOSED, asked()).when(pay(1, 100_000), by=AID_OFFICER).refused("no_such_tranche", "tranche")


def test_a_recipient_confirms_what_was_paid() -> None:
    """Once, and not before it was."""
    confirm = a.ConfirmReceiptV1(tranche=1)
    world(*APPROVED).when(confirm, by=RESIDENT).refused("not_paid_yet", "tranche")
    done = a.ReceiptConfirmedV1(tranche=1)
    world(*APPROVED, paid(1, 100_000)).when(confirm, by=RESIDENT).then(done)
    again = world(*APPROVED, paid(1, 100_000), done)
    again.when(confirm, by=RESIDENT).refused("confirmed_already", "tranche")


def test_a_fund_without_money_leaves_the_proposal_on_the_table() -> None:
    """It can be approved again in a further round."""
    short = (*PROPOSED, asked(), answered(reserved=False, available=1))
    assert request_of(*short).status == "unfunded"
    world(*short).when(a.ApproveV1(), by=APPROVER).then(asked(round_=2))


def test_a_fund_that_does_not_answer_is_waited_for_no_longer() -> None:
    """The round is given up, and its fund told to release it."""
    due = a.DeadlineDueV1(deadline="reserve", due_at=day(3))
    waiting = (*PROPOSED, asked())
    world(*waiting).when(due, day(2), by=CLOCK).no_op("early")
    passed = a.DeadlinePassedV1(deadline="reserve", due_at=day(3), round=1)
    world(*waiting).when(due, day(3), by=CLOCK).then(passed)
    before, after = request_of(*waiting), request_of(*waiting, *on(3, passed))
    assert moves(passed, before, after) == (Move("release", "hardship", 1, 0, 0),)
    world(*PROPOSED).when(due, day(3), by=CLOCK).no_op("stale")


FIRST = a.PayFirstV1(amount=100_000, note=SEALED)
TAKEN = asked(100_000, granted=0, emergency=True, justify_by=day(16), asked_by=AID_OFFICER.actor)
PAID_FIRST = (applied(), TAKEN, answered(), paid(1, 100_000))


def test_the_emergency_path_pays_before_approval() -> None:
    """Up to the programme's limit, once, and only where the programme has such a path."""
    world(applied()).when(FIRST, by=AID_OFFICER).accepted()
    more = FIRST.model_copy(update={"amount": 100_001})
    world(applied()).when(more, by=AID_OFFICER).refused("above_emergency", "amount")
    world(applied("winter")).when(FIRST, by=AID_OFFICER).refused("no_emergency_path")
    world(*PAID_FIRST).when(FIRST, by=AID_OFFICER).refused("emergency_taken")
    world(applied(), TAKEN).when(FIRST, by=AID_OFFICER).refused("fund_waits")
    assert request_of(*PAID_FIRST).paid == 100_000


def test_an_emergency_is_justified_by_another() -> None:
    """Who took it does not; what runs out unjustified is on record."""
    justify = a.JustifyV1(note=SEALED)
    world(*PAID_FIRST).when(justify, by=APPROVER).then(a.JustifiedV1(note=SEALED))
    own = TAKEN.model_copy(update={"asked_by": APPROVER.actor})
    mine = world(applied(), own, answered(), paid(1, 100_000))
    mine.when(justify, by=APPROVER).refused("payer_justifies")
    world(applied()).when(justify, by=APPROVER).refused("justified_already")
    assert ("justify", day(16)) in request_of(*PAID_FIRST).terms


def test_what_was_paid_first_counts_in_the_grant() -> None:
    """A proposal names the whole sum; the fund is asked for the rest, or for nothing where nothing is left."""
    looked = (*PAID_FIRST, CHECKED, INQUIRED)
    world(*looked).when(propose(150_000), by=AID_OFFICER).refused("tranches_sum", "tranches")
    whole = propose(50_000, amount=150_000)
    world(*looked).when(whole, by=AID_OFFICER).accepted()
    rest = asked(50_000, 2, granted=150_000)
    world(*looked, proposed(50_000, amount=150_000)).when(a.ApproveV1(), by=APPROVER).then(rest)
    nothing = a.ApprovedV1(approved_by=APPROVER.actor, granted=100_000)
    world(*looked, proposed(amount=100_000)).when(a.ApproveV1(), by=APPROVER).then(nothing)


def review(outcome: str) -> a.ReviewNeedV1:
    """Look at the need again."""
    return a.ReviewNeedV1.model_validate({"outcome": outcome, "note": SEALED})


def test_the_need_is_looked_at_again() -> None:
    """It goes on, is proposed anew, or stops and frees what is not paid."""
    world(*APPROVED).when(review("go_on"), by=AID_OFFICER).then(a.NeedReviewedV1(**review("go_on").__dict__))
    world(*PROPOSED).when(review("stop"), by=AID_OFFICER).refused("not_approved")
    stop = a.NeedReviewedV1(**review("stop").__dict__, appeal_until=day(60))
    before, after = request_of(*APPROVED), request_of(*APPROVED, stop)
    assert moves(stop, before, after) == (Move("release", "hardship", 1, 0, 0),)
    change = a.NeedReviewedV1(**review("change").__dict__)
    world(*APPROVED, change).when(INQUIRE, by=AID_OFFICER).accepted()


def test_an_overpayment_is_demanded_and_paid_back() -> None:
    """No more than was paid, and no more than was demanded."""
    demand = a.DemandRepaymentV1(amount=100_000, note=SEALED)
    one_paid = (*APPROVED, paid(1, 100_000))
    world(*one_paid).when(demand, by=AID_OFFICER).then(a.RepaymentDemandedV1(**demand.__dict__))
    more = demand.model_copy(update={"amount": 100_001})
    world(*one_paid).when(more, by=AID_OFFICER).refused("beyond_paid", "amount")
    repay = a.RecordRepaymentV1(amount=60_000)
    world(*one_paid).when(repay, by=AID_OFFICER).refused("nothing_owed_back", "amount")
    demanded = (*one_paid, a.RepaymentDemandedV1(**demand.__dict__))
    back = a.RepaidV1(amount=60_000, number=1, fund="hardship")
    world(*demanded).when(repay, by=AID_OFFICER).then(back)
    before, after = request_of(*demanded), request_of(*demanded, back)
    assert moves(back, before, after) == (Move("take_back", "hardship", 0, 1, 60_000),)


def test_a_request_is_closed_when_nothing_is_left() -> None:
    """All paid, confirmed, justified and paid back, and no appeal open."""
    close = a.CloseV1()
    world(*PROPOSED).when(close, by=AID_OFFICER).refused("not_approved")
    world(*APPROVED).when(close, by=AID_OFFICER).refused("still_to_pay")
    both = (*APPROVED, paid(1, 100_000), paid(2, 50_000))
    world(*both).when(close, by=AID_OFFICER).refused("receipt_missing")
    confirmed = (*both, *(a.ReceiptConfirmedV1(tranche=number) for number in (1, 2)))
    world(*confirmed).when(close, by=AID_OFFICER).then(a.ClosedV1())
    owing = (*confirmed, a.RepaymentDemandedV1(amount=1, note=SEALED))
    world(*owing).when(close, by=AID_OFFICER).refused("repayment_open")
    rejected = a.RejectedV1(note=SEALED, rejected_by=APPROVER.actor, appeal_until=day(60))
    appealed = (*PROPOSED, rejected, a.AppealedV1(note=SEALED, answer_by=day(90)))
    world(*appealed).when(close, by=AID_OFFICER).refused("decide_appeal_first")
    first = (*PAID_FIRST, CHECKED, INQUIRED, proposed(amount=100_000))
    approved = (*first, a.ApprovedV1(approved_by=APPROVER.actor, granted=100_000))
    world(*approved).when(close, by=AID_OFFICER).refused("justify_first")


def test_a_request_that_was_withdrawn_asks_its_fund_for_nothing_more() -> None:
    """What was asked or set aside is given back."""
    gone = a.WithdrawnV1(note=SEALED)
    for events in ((*PROPOSED, asked()), APPROVED):
        before, after = request_of(*events), request_of(*events, gone)
        assert moves(gone, before, after) == (Move("release", "hardship", 1, 0, 0),)
    world(*PROPOSED, gone).when(a.WithdrawV1(note=SEALED), by=RESIDENT).refused("request_ended")


COMMANDS: tuple[Message, ...] = (
    apply(),
    a.CheckCompletenessV1(),
    a.CheckCompletenessV1(missing=("identity",)),
    a.RecordConsentV1(scopes=("income",), until=day(900)),
    INQUIRE,
    propose(100_000, 50_000),
    propose(50_000, amount=150_000),
    propose(verdict="refuse"),
    a.PublishNoticeV1(),
    a.RaiseObjectionV1(note=SEALED),
    *(a.HandleObjectionV1(number=1, upheld=upheld, note=SEALED) for upheld in (True, False)),
    a.ApproveV1(),
    a.RejectV1(note=SEALED),
    a.SendBackV1(note=SEALED),
    FIRST,
    *(a.AnswerReservationV1(round=number, reserved=yes) for number in (1, 2) for yes in (True, False)),
    a.JustifyV1(note=SEALED),
    pay(1, 100_000),
    pay(2, 50_000),
    a.GiveInKindV1(kind="trip", count=1, persons=1),
    a.ConfirmReceiptV1(tranche=1),
    review("go_on"),
    review("change"),
    review("stop"),
    a.DemandRepaymentV1(amount=10_000, note=SEALED),
    a.RecordRepaymentV1(amount=10_000),
    a.AppealV1(note=SEALED),
    a.DecideAppealV1(verdict="approve", note=SEALED),
    a.WithdrawV1(note=SEALED),
    a.AddNoteV1(note=SEALED),
    a.CloseV1(),
    a.DeadlineDueV1(deadline="reserve", due_at=day(3)),
)
WHO = (CLERK, AID_OFFICER, APPROVER, OTHER_APPROVER, SUPERVISOR, RESIDENT, CLOCK)
STARTS = ((applied(),), PROPOSED, (*PROPOSED, asked()), APPROVED, PAID_FIRST)
STEPS = st.lists(st.tuples(st.sampled_from(COMMANDS), st.sampled_from(WHO), st.integers(0, 30)), max_size=25)


@settings(max_examples=300, deadline=None)
@for_all(st.sampled_from(STARTS), STEPS)
def test_no_order_of_commands_pays_what_was_not_set_aside(
    start: tuple[Message, ...], steps: list[tuple[Message, Who, int]]
) -> None:
    """Every command has an answer; money paid was asked for and answered; one question is open at a time."""
    events: list[Past] = [Past(event, day(0)) for event in start]
    here, at = world(*events), 0
    for body, who, days in steps:
        at += days
        answer = here.when(body, day(at), by=who).answer
        assert isinstance(answer, Accepted | Refused | NoOp)
        if isinstance(answer, Accepted):
            events += [Past(event, day(at)) for event in answer.events]
            here = world(*events)
        _check(here)


def _check(here: World) -> None:
    state = here.aid
    assert isinstance(state, Request)
    assert state.paid - state.repaid >= state.owed_back
    assert state.repaid <= state.demanded <= state.paid
    assert all(one.round <= state.round for one in state.tranches)
    assert all(not one.confirmed or one.paid for one in state.tranches)
    assert len({one.number for one in state.tranches}) == len(state.tranches)
    assert state.status != "reserving" or state.asked is not None
    if not domain.is_open(state):
        assert state.to_pay == ()
        assert state.asked is None
        assert state.terms == frozenset()
