"""Rules of pairs, told as given, when, then; and laws over arbitrary sequences."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts import pairing as p
from contracts.base import DAY_MS, Message
from contracts.pairing_file import Pair
from contracts.workflow import Accepted, Answer, Refused
from services.aid.domain import is_open
from services.aid.pairs import MOST_PLANS
from tests.support.given import (
    AUDITOR,
    BATCH,
    CLERK,
    GRID_WORKER,
    HANDLER,
    SEALED,
    STRANGER,
    SUPERVISOR,
    Past,
    Who,
    day,
    given,
    import_opened,
    on,
)
from tests.support.pairing import HELPED, PAIRED, REGISTERED, gone, pair

PLAN = p.PlanHelpV1(due_at=day(30), note=SEALED)
PLANNED = p.HelpPlannedV1(**PLAN.__dict__, number=1)
VISIT = p.RecordPairVisitV1(met=True, plan=1, note=SEALED)
VISITED = p.PairVisitRecordedV1(**VISIT.__dict__)
RESULT = p.RecordPairResultV1(plan=1, done=True, note=SEALED)
TOLD = p.PairResultRecordedV1(**RESULT.__dict__)
END = p.EndPairV1(reason="need_met", note=SEALED)
ENDED = p.PairEndedV1(**END.__dict__)
OF_ONE = (PLAN, VISIT, RESULT, END)


@pytest.mark.parametrize("who", [CLERK, GRID_WORKER, SUPERVISOR])
def test_two_people_are_paired(who: Who) -> None:
    """Whoever works in the field or at the desk pairs a helper with whoever is helped."""
    given().when(pair(), by=who).then(PAIRED)


def test_a_member_of_staff_may_be_the_helper() -> None:
    """The pair then says which of them it is."""
    body = pair(helper_staff=HANDLER.actor)
    given().when(body).then(p.PairedV1(**body.__dict__))


def test_a_helper_on_the_staff_is_in_the_register() -> None:
    """Somebody whom the register does not know is no member of staff."""
    given().when(pair(helper_staff="act_nobody0000")).refused("unknown_person", "helper_staff")


def test_nobody_helps_themselves() -> None:
    """One person on both sides is no pair."""
    given().when(pair(helper_name=HELPED)).refused("helps_oneself", "helper_name")


def test_a_pair_is_made_once() -> None:
    """A stream that is there is not begun again, and a pair's stream comes from its submission."""
    given(PAIRED).when(pair()).refused("already_exists")
    given().when(pair(), subject="pai_0123456789abcdef0123456789abcdef").refused("wrong_stream")


def test_a_merged_community_makes_no_pairs() -> None:
    """What is new begins where the community went."""
    given(*gone()).when(pair(), day(3)).refused("unit_gone", "unit")


@pytest.mark.parametrize("who", [AUDITOR, HANDLER, STRANGER])
@pytest.mark.parametrize("body", [pair(), *OF_ONE])
def test_others_say_nothing_of_pairs(who: Who, body: Message) -> None:
    """Who has no such work here is refused."""
    given(PAIRED, PLANNED).when(body, by=who).refused("not_entitled")


@pytest.mark.parametrize("body", OF_ONE)
def test_what_is_said_is_said_of_a_pair(body: Message) -> None:
    """Of no stream, and of a stream that is none, nothing can be said."""
    given().when(body).refused("no_such_pair")
    given(REGISTERED).when(body).refused("no_such_pair")


@pytest.mark.parametrize("body", [pair(), *OF_ONE])
def test_no_pair_comes_by_import(body: Message) -> None:
    """An import tells nothing of pairs."""
    said = given(import_opened(), PAIRED, PLANNED).when(body, batch=BATCH)
    said.refused("not_by_import")


def test_plans_are_numbered_in_their_order() -> None:
    """The second plan is number two."""
    given(PAIRED).when(PLAN).then(PLANNED)
    given(PAIRED, PLANNED).when(PLAN).then(p.HelpPlannedV1(**PLAN.__dict__, number=2))


def test_what_is_past_is_not_planned() -> None:
    """A plan is due now or later."""
    given(PAIRED).when(PLAN, day(30)).accepted()
    given(PAIRED).when(PLAN, day(30) + 1).refused("plan_past", "due_at")


def test_plans_have_a_bound() -> None:
    """A pair has a hundred plans at most."""
    plans = [p.HelpPlannedV1(**PLAN.__dict__, number=n + 1) for n in range(MOST_PLANS)]
    given(PAIRED, *plans[:-1]).when(PLAN).accepted()
    given(PAIRED, *plans).when(PLAN).refused("too_many_plans")


def test_a_visit_carries_out_a_plan_or_none() -> None:
    """It names a plan that there is, or no plan; who was not met was visited none the less."""
    given(PAIRED, PLANNED).when(VISIT).then(VISITED)
    unplanned = p.RecordPairVisitV1(met=False)
    given(PAIRED).when(unplanned).then(p.PairVisitRecordedV1(met=False))
    given(PAIRED).when(VISIT).refused("no_such_plan", "plan")


def test_visits_have_a_bound() -> None:
    """A pair has a thousand visits at most."""
    visits = [VISITED] * p.MOST_VISITS
    given(PAIRED, PLANNED, *visits).when(VISIT).refused("too_many_visits")


def test_a_plan_comes_to_one_result() -> None:
    """What came of it is said once, and of a plan that there is."""
    given(PAIRED, PLANNED).when(RESULT).then(TOLD)
    given(PAIRED).when(RESULT).refused("no_such_plan", "plan")
    given(PAIRED, PLANNED, TOLD).when(RESULT).refused("no_such_plan", "plan")


def test_an_end_is_final() -> None:
    """An ended pair takes nothing more."""
    given(PAIRED).when(END).then(ENDED)
    for body in OF_ONE:
        given(PAIRED, PLANNED, ENDED).when(body).refused("pair_ended")


def test_a_visit_does_not_lie_ahead() -> None:
    """What is told to have happened has happened."""
    given(PAIRED, PLANNED).when(VISIT, day(1), told=day(2)).refused("occurred_in_future", "occurred_at")


def test_visits_and_meetings_are_counted_apart() -> None:
    """Two visits of which one met somebody are two visits and one meeting."""
    missed = p.PairVisitRecordedV1(met=False)
    pair_now = given(PAIRED, PLANNED, VISITED, Past(missed, day(5))).aid
    assert isinstance(pair_now, Pair)
    assert (pair_now.visits, pair_now.met, pair_now.last_visit_at) == (2, 1, day(5))


COMMANDS: tuple[Message, ...] = (
    pair(),
    pair(helper_name=HELPED),
    PLAN,
    p.PlanHelpV1(due_at=day(400), note=SEALED),
    VISIT,
    p.RecordPairVisitV1(met=False),
    RESULT,
    p.RecordPairResultV1(plan=2, done=False, note=SEALED),
    END,
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(COMMANDS),
        st.sampled_from([0, 1, 40]),
        st.sampled_from([CLERK, GRID_WORKER, AUDITOR]),
    ),
    max_size=20,
)
Steps = list[tuple[Message, int, Who]]


def run(steps: Steps) -> tuple[list[Answer], list[Past], Pair | None]:
    """What these steps come to."""
    at, past, answers = day(0), list[Past](), list[Answer]()
    for body, days, by in steps:
        at += days * DAY_MS
        answer = given(*past).when(body, at, by=by).answer
        assert isinstance(answer, Accepted | Refused)
        answers.append(answer)
        past += on(at, *answer.events) if isinstance(answer, Accepted) else ()
    state = given(*past).aid
    assert state is None or isinstance(state, Pair)
    return answers, past, state


def test_every_command_is_among_them() -> None:
    """The laws are about every command on a pair."""
    assert {type(body) for body in COMMANDS} == set(get_args(p.Command))


@for_all(STEPS)
def test_no_sequence_loses_anything(steps: Steps) -> None:
    """Plans keep their numbers and results, no more are met than visited, an end is final, and a pair is of two."""
    _, past, _ = run(steps)
    before: Pair | None = None
    for count in range(1, len(past) + 1):
        now = given(*past[:count]).aid
        assert isinstance(now, Pair)
        assert now.helper != now.helped
        assert 0 <= now.met <= now.visits
        assert [one.number for one in now.plans] == list(range(1, len(now.plans) + 1))
        if before is not None:
            assert is_open(before)
            told = {one.number: one.done for one in before.plans if one.done is not None}
            assert told.items() <= {one.number: one.done for one in now.plans}.items()
        before = now


@for_all(STEPS)
def test_the_same_is_decided_again(steps: Steps) -> None:
    """Deciding and folding the same sequence twice gives the same, to the last field."""
    assert run(steps) == run(steps)
