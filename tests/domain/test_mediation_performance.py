"""Mediation: confirmation by a court, performance of each obligation, the visit, and the close."""

from __future__ import annotations

import pytest

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import Message
from tests.domain.test_mediation_agreement import AGREED_ORALLY
from tests.support.given import CLERK, SEALED, day
from tests.support.mediating import AGREED, CONFIRM_BY, MEDIATOR, SAT, VISITED, world

APPLY = out.ApplyForConfirmationV1(parties=(1, 2), court=SEALED)
APPLIED = out.ConfirmationAppliedForV1(**APPLY.__dict__)
RULE = out.RecordRulingV1(ruling="confirmed", number=SEALED)
RULED = out.RulingRecordedV1(**RULE.__dict__)
PAY_ALL = out.RecordPerformanceV1(obligation=1, amount=300_000, note=SEALED)
PAID = out.PerformanceRecordedV1(**PAY_ALL.__dict__, settled=True)
REPAIR_ALL = out.RecordPerformanceV1(obligation=2, whole=True, note=SEALED)
REPAIRED = out.PerformanceRecordedV1(**REPAIR_ALL.__dict__, settled=True)
BREACH = out.RecordBreachV1(obligation=1, note=SEALED)
BREACHED = out.BreachRecordedV1(**BREACH.__dict__)
FOLLOW_UP = out.FollowUpBreachV1(obligation=1, note=SEALED)
FOLLOWED_UP = out.BreachFollowedUpV1(**FOLLOW_UP.__dict__)
CLOSE = out.CloseV1()
AFTERWARDS: tuple[Message, ...] = (
    APPLY,
    RULE,
    PAY_ALL,
    BREACH,
    FOLLOW_UP,
    out.RecordVisitV1(met=True, note=SEALED),
    CLOSE,
)


@pytest.mark.parametrize("body", AFTERWARDS, ids=lambda body: type(body).__name__)
def test_nothing_follows_before_an_agreement_or_after_the_close(body: Message) -> None:
    """Confirmation, performance, visits and the close are of an agreement in force."""
    world(*SAT).when(body, by=MEDIATOR).refused("not_in_force")
    closed = (*AGREED, PAID, REPAIRED, VISITED, out.ClosedV1())
    world(*closed).when(body, by=MEDIATOR).refused("mediation_ended")


def test_both_sides_ask_the_court_together() -> None:
    """All parties apply within thirty days, once; the ruling follows."""
    world(*AGREED).when(APPLY, CONFIRM_BY - 1, by=CLERK).then(APPLIED)
    alone = out.ApplyForConfirmationV1(parties=(1,), court=SEALED)
    world(*AGREED).when(alone, by=CLERK).refused("confirmation_not_joint", "parties")
    world(*AGREED, APPLIED).when(APPLY, by=CLERK).refused("confirmation_asked_already")
    world(*AGREED, APPLIED).when(RULE, by=CLERK).then(RULED)
    world(*AGREED).when(RULE, by=CLERK).refused("no_confirmation_asked")
    world(*AGREED, APPLIED, RULED).when(APPLY, by=CLERK).refused("confirmation_asked_already")


def test_after_thirty_days_no_court_is_asked() -> None:
    """From the end of the term on it is refused, whether a clock has said so or not."""
    world(*AGREED).when(APPLY, CONFIRM_BY, by=CLERK).refused("confirmation_too_late")
    passed = m.DeadlinePassedV1(deadline="confirm", due_at=CONFIRM_BY)
    world(*AGREED, passed).when(APPLY, CONFIRM_BY, by=CLERK).refused("confirmation_too_late")


def test_a_court_confirms_what_is_written() -> None:
    """An agreement by word of mouth is written down first."""
    world(*SAT, AGREED_ORALLY).when(APPLY, by=CLERK).refused("oral_not_confirmable")


def test_a_payment_is_performed_in_parts() -> None:
    """Each part is recorded; the last one settles it; more than is owed is refused."""
    part = out.RecordPerformanceV1(obligation=1, amount=100_000, note=SEALED)
    rest = out.RecordPerformanceV1(obligation=1, amount=200_000, note=SEALED)
    first = out.PerformanceRecordedV1(**part.__dict__, settled=False)
    world(*AGREED).when(part, by=CLERK).then(first)
    world(*AGREED, first).when(rest, by=CLERK).then(out.PerformanceRecordedV1(**rest.__dict__, settled=True))
    world(*AGREED, first).when(PAY_ALL, by=CLERK).refused("more_than_owed", "amount")
    world(*AGREED, PAID).when(part, by=CLERK).refused("performed_already", "obligation")


def test_an_act_is_performed_in_part_or_whole() -> None:
    """An act has no sum; in part it stays owed, in whole it is settled."""
    part = out.RecordPerformanceV1(obligation=2, note=SEALED)
    world(*AGREED).when(part, by=CLERK).then(out.PerformanceRecordedV1(**part.__dict__, settled=False))
    world(*AGREED).when(REPAIR_ALL, by=CLERK).then(REPAIRED)
    paid = out.RecordPerformanceV1(obligation=2, amount=1, note=SEALED)
    world(*AGREED).when(paid, by=CLERK).refused("amount_of_payment", "amount")
    world(*AGREED).when(PAY_ALL.model_copy(update={"amount": None}), by=CLERK).refused(
        "amount_of_payment", "amount"
    )


def test_a_breach_is_of_what_was_due() -> None:
    """Before its day nothing is breached; after it, once, and never what was performed."""
    world(*AGREED).when(BREACH, day(10) - 1, by=CLERK).refused("not_due_yet", "obligation")
    world(*AGREED).when(BREACH, day(10), by=CLERK).then(BREACHED)
    world(*AGREED, BREACHED).when(BREACH, day(11), by=CLERK).refused("breached_already", "obligation")
    world(*AGREED, PAID).when(BREACH, day(11), by=CLERK).refused("performed_already", "obligation")


def test_a_breach_is_followed_up() -> None:
    """What was done about it is recorded; it may still be performed after."""
    world(*AGREED).when(FOLLOW_UP, day(11), by=CLERK).refused("no_breach", "obligation")
    world(*AGREED, BREACHED).when(FOLLOW_UP, day(11), by=CLERK).then(FOLLOWED_UP)
    world(*AGREED, BREACHED, FOLLOWED_UP).when(PAY_ALL, day(12), by=CLERK).then(PAID)


@pytest.mark.parametrize("body", [PAY_ALL, BREACH])
def test_obligations_are_those_of_the_agreement(body: Message) -> None:
    """A number that no obligation has is refused."""
    other = body.model_copy(update={"obligation": 9})
    world(*AGREED).when(other, day(30), by=CLERK).refused("no_such_obligation", "obligation")


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((PAID, VISITED), "obligations_open"),
        ((BREACHED, REPAIRED, VISITED), "obligations_open"),
        ((PAID, REPAIRED), "visit_missing"),
        ((PAID, REPAIRED, out.VisitRecordedV1(met=False, note=SEALED)), "visit_missing"),
        ((PAID, REPAIRED, VISITED, APPLIED), "ruling_missing"),
    ],
)
def test_it_is_seen_through_before_it_is_closed(events: tuple[Message, ...], reason: str) -> None:
    """Every obligation is performed or followed up, somebody was met, and the court has ruled where it was asked."""
    world(*AGREED, *events).when(CLOSE, by=MEDIATOR).refused(reason)


def test_it_is_not_closed_over_a_pending_version() -> None:
    """An amendment that waits for signatures holds up the close."""
    body = out.DrawUpV1(terms=SEALED)
    draft = out.DrawnUpV1(**body.__dict__, version=2, fingerprint=body.own_fingerprint)
    done = (PAID, REPAIRED, VISITED, draft)
    world(*AGREED, *done).when(CLOSE, by=MEDIATOR).refused("signatures_missing")


def test_it_is_closed() -> None:
    """With everything performed, or a breach followed up, and the visit made, it is closed as agreed."""
    world(*AGREED, PAID, REPAIRED, VISITED).when(CLOSE, by=MEDIATOR).then(out.ClosedV1())
    breached = (BREACHED, FOLLOWED_UP, REPAIRED, VISITED)
    world(*AGREED, *breached).when(CLOSE, by=MEDIATOR).then(out.ClosedV1())
    after = world(*AGREED, PAID, REPAIRED, VISITED, out.ClosedV1()).mediation
    assert after is not None
    assert (after.status, after.outcome, after.terms) == ("closed", "agreed", frozenset())
