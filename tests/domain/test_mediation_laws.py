"""Laws over arbitrary sequences of commands about one mediation, at arbitrary times."""

from __future__ import annotations

from typing import get_args

from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import DAY_MS, Message
from contracts.mediation_file import Mediation
from contracts.workflow import Accepted, Answer, NoOp, Refused
from services.mediation.domain import is_open
from tests.domain.test_mediation_performance import AFTERWARDS, REPAIR_ALL
from tests.domain.test_mediation_sessions import ACKNOWLEDGE, ATTACH, PLAN, REPORT
from tests.support.given import CLERK, CLOCK, SEALED, SUPERVISOR, Past, Who, World, day, on
from tests.support.mediating import (
    AGREED,
    DRAW_UP,
    HOLD,
    MEDIATOR,
    NAME_C,
    OTHER_MEDIATOR,
    REPAIR,
    SAT,
    TERMS,
    UNDER_WAY,
    WAITING,
    pay,
    sign,
    start,
    started,
    world,
)

COMMANDS: tuple[Message, ...] = (
    start(),
    m.AddPartyV1(side="third", name=NAME_C),
    m.NameRepresentativeV1(party=1, authority="guardian", name=NAME_C),
    *(m.ServeRightsNoticeV1(party=party, manner="post") for party in (1, 2, 3)),
    *(m.RecordConsentV1(party=party, consents=True) for party in (1, 2, 3)),
    m.RecordConsentV1(party=2, consents=False, remedies=SEALED),
    m.NameMediatorV1(mediator=MEDIATOR.actor, choice="panel"),
    m.NameMediatorV1(mediator=OTHER_MEDIATOR.actor, choice="chosen"),
    m.RecuseMediatorV1(mediator=MEDIATOR.actor, reason="kin", note=SEALED),
    m.NameInterpreterV1(name=NAME_C, languages=SEALED),
    PLAN,
    HOLD,
    m.AdjournSessionV1(session=1, planned_at=day(900), note=SEALED),
    REPORT,
    ACKNOWLEDGE,
    ATTACH,
    m.AddNoteV1(note=SEALED),
    DRAW_UP,
    out.DrawUpV1.model_validate(TERMS | {"obligations": (pay(300_000, due=900), REPAIR)}),
    *(sign(party=party) for party in (1, 2, 3)),
    sign(mediator=MEDIATOR.actor),
    sign(mediator=OTHER_MEDIATOR.actor),
    sign(),
    out.AgreeOrallyV1.model_validate(TERMS),
    out.FailV1(remedies=SEALED),
    out.WithdrawV1(party=1, note=SEALED),
    out.ReferV1(forum="court", authority=SEALED, note=SEALED),
    *AFTERWARDS,
    REPAIR_ALL,
    out.TellOutcomeV1(outcome="agreed"),
)
BEGINNINGS = ((started(),), UNDER_WAY, SAT, WAITING, AGREED)


class Step:
    """A command, or a tick of the clock where None, so many days after the one before, by somebody."""

    def __init__(self, body: Message | None, days: float, by: Who) -> None:
        self.body, self.days, self.by = body, days, by


STEPS = st.lists(
    st.builds(
        Step,
        body=st.sampled_from((*COMMANDS, None, None, None, None)),
        days=st.sampled_from([0, 0, 0, 1, 8, 31]),
        by=st.sampled_from([MEDIATOR, MEDIATOR, OTHER_MEDIATOR, CLERK, SUPERVISOR]),
    ),
    max_size=30,
)


def after(past: list[Past]) -> World:
    """The world after this past."""
    return world(*past)


def said(past: list[Past], body: Message, at: int, by: Who) -> tuple[list[Past], Answer]:
    """What has happened after one more command, and its answer, which is one of the three."""
    answer = after(past).when(body, at, by=by).answer
    assert isinstance(answer, Accepted | Refused | NoOp)
    return ([*past, *on(at, *answer.events)] if isinstance(answer, Accepted) else past), answer


def ticks(state: Mediation | None) -> list[m.DeadlineDueV1]:
    """What a clock may say of it."""
    assert state is not None
    return [m.DeadlineDueV1.model_validate({"deadline": name, "due_at": at}) for name, at in state.terms]


def test_every_command_is_among_them() -> None:
    """The laws are about every command of the family."""
    assert {type(body) for body in COMMANDS} | {m.DeadlineDueV1} == set(get_args(m.Command))


@for_all(st.sampled_from(BEGINNINGS), STEPS)
def test_no_sequence_loses_anything(beginning: tuple[Message, ...], steps: list[Step]) -> None:
    """Whatever is said: it stays, parties and versions only grow, sums hold, and an end is final."""
    at, past = day(0), list(on(day(0), *beginning))
    before = after(past).mediation
    for step in steps:
        at += round(step.days * DAY_MS)
        bodies = [step.body] if step.body is not None else ticks(before)
        for body in bodies:
            past, _ = said(past, body, at, step.by if step.body is not None else CLOCK)
            now = after(past).mediation
            assert before is not None
            assert now is not None
            assert [one.number for one in now.parties] == list(range(1, len(now.parties) + 1))
            assert len(now.parties) >= len(before.parties)
            assert now.versions >= before.versions
            assert now.recused >= before.recused
            assert not now.recused & set(now.mediators)
            assert is_open(before) or not is_open(now)
            assert is_open(now) or (now.outcome is not None and not now.terms)
            assert all(0 <= duty.paid <= (duty.obligation.amount or 0) for duty in now.duties)
            assert (now.agreement is not None) == (now.outcome == "agreed")
            before = now


@for_all(st.sampled_from(BEGINNINGS), STEPS)
def test_the_clock_comes_to_an_end(beginning: tuple[Message, ...], steps: list[Step]) -> None:
    """A clock that has said all that there is to say, once each, has nothing left to say."""
    at, past = day(0), list(on(day(0), *beginning))
    for step in steps:
        at += round(step.days * DAY_MS)
        if step.body is not None:
            past, _ = said(past, step.body, at, step.by)
    at += 2000 * DAY_MS
    for tick in ticks(after(past).mediation):
        past, _ = said(past, tick, at, CLOCK)
    assert ticks(after(past).mediation) == []


@for_all(st.sampled_from(BEGINNINGS), STEPS)
def test_the_same_is_decided_again(beginning: tuple[Message, ...], steps: list[Step]) -> None:
    """Deciding and folding the same sequence twice gives the same, to the last field."""

    def run() -> tuple[list[Answer], Mediation | None]:
        at, past, answers = day(0), list(on(day(0), *beginning)), []
        for step in steps:
            at += round(step.days * DAY_MS)
            if step.body is not None:
                past, answer = said(past, step.body, at, step.by)
                answers.append(answer)
        return answers, after(past).mediation

    assert run() == run()
