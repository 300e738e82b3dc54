"""Rules of employment help, told as given, when, then; and laws over arbitrary sequences."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts import employment as e
from contracts.base import DAY_MS, Message
from contracts.employment_file import Seeker
from contracts.workflow import Accepted, Answer, Refused
from services.aid.domain import is_open
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
    import_closed,
    import_opened,
    on,
)
from tests.support.pairing import PAIRED, REGISTERED, gone, register_seeker

LOCAL = 8 * 3_600_000
"""Days begin eight hours before those of UTC."""

AFTER_3, AFTER_12 = day(91) - LOCAL, day(366) - LOCAL
"""Ends of the first of April and of the next first of January, for who began on the first of January."""

OFFER = e.OfferPostV1(kind="vacancy", note=SEALED)
OFFERED = e.PostOfferedV1(**OFFER.__dict__, number=1)
DECLINE = e.DeclinePostV1(offer=1)
DECLINED = e.PostDeclinedV1(offer=1)
PLACE = e.PlaceV1(kind="vacancy", began_at=day(0), offer=1)
FOUND = e.PlaceV1(kind="elsewhere", began_at=day(0))


def placed(body: e.PlaceV1) -> e.PlacedV1:
    """They began on the first day, as the first placement, and are to be asked after twice."""
    due = {"asked_at": (AFTER_3, AFTER_12), "asked_months": (3, 12)}
    return e.PlacedV1.model_validate({**body.__dict__, "number": 1, **due})


PLACED = placed(PLACE)
STILL_3 = e.AskAfterWorkV1(months=3, in_work=True)
STILL_12 = e.AskAfterWorkV1(months=12, in_work=True)
LOST_3 = e.AskAfterWorkV1(months=3, in_work=False)
END = e.EndHelpV1(reason="stopped_looking", note=SEALED)
ENDED = e.HelpEndedV1(**END.__dict__)
END_IN_WORK = e.EndHelpV1(reason="in_work", note=SEALED)
OF_ONE = (OFFER, DECLINE, PLACE, STILL_3, END)
IN_WORK = (REGISTERED, OFFERED, PLACED)


def asked(body: e.AskAfterWorkV1) -> e.WorkAskedAfterV1:
    """It was asked."""
    return e.WorkAskedAfterV1(**body.__dict__)


def seeker_after(*events: Message | Past) -> Seeker:
    """The case after these events."""
    state = given(*events).aid
    assert isinstance(state, Seeker)
    return state


@pytest.mark.parametrize("who", [CLERK, GRID_WORKER, SUPERVISOR])
def test_somebody_who_looks_for_work_is_registered(who: Who) -> None:
    """By whoever works in the field or at the desk."""
    given().when(register_seeker(), by=who).then(REGISTERED)


def test_live_they_have_a_name() -> None:
    """Only inside an import may it be missing."""
    given().when(register_seeker(name=None)).refused("applicant_missing", "name")
    nameless = register_seeker(name=None)
    given(import_opened()).when(nameless, batch=BATCH).then(e.SeekerRegisteredV1(**nameless.__dict__))


def test_a_case_is_begun_once() -> None:
    """A stream that is there is not begun again, and its name comes from its submission."""
    given(REGISTERED).when(register_seeker()).refused("already_exists")
    given().when(register_seeker(), subject="emp_0123456789abcdef0123456789abcdef").refused("wrong_stream")


def test_a_merged_community_registers_nobody() -> None:
    """Live, what is new begins where the community went; an import tells what was before."""
    given(*gone()).when(register_seeker(), day(3)).refused("unit_gone", "unit")
    given(*gone(), import_opened()).when(register_seeker(), day(3), batch=BATCH).accepted()


@pytest.mark.parametrize("who", [AUDITOR, HANDLER, STRANGER])
@pytest.mark.parametrize("body", [register_seeker(), *OF_ONE])
def test_others_say_nothing_of_it(who: Who, body: Message) -> None:
    """Who has no such work here is refused."""
    given(REGISTERED, OFFERED).when(body, by=who).refused("not_entitled")


@pytest.mark.parametrize("body", OF_ONE)
def test_what_is_said_is_said_of_a_case(body: Message) -> None:
    """Of no stream, and of a stream that is none, nothing can be said."""
    given().when(body).refused("no_such_seeker")
    given(PAIRED).when(body).refused("no_such_seeker")


def test_an_import_speaks_of_its_own_cases() -> None:
    """It tells of a case that it began, and of no other."""
    ours = Past(REGISTERED, day(0), batch=BATCH)
    given(import_opened(), ours).when(FOUND, batch=BATCH).accepted()
    given(import_opened(), REGISTERED).when(FOUND, batch=BATCH).refused("not_by_import")
    given(import_opened(), ours, import_closed(day(1))).when(OFFER, day(2)).accepted()


def test_offers_are_numbered_in_their_order() -> None:
    """The second offer is number two."""
    given(REGISTERED).when(OFFER).then(OFFERED)
    given(REGISTERED, OFFERED).when(OFFER).then(e.PostOfferedV1(**OFFER.__dict__, number=2))


def test_offers_have_a_bound() -> None:
    """A case has a hundred offers at most."""
    offers = [e.PostOfferedV1(**OFFER.__dict__, number=n + 1) for n in range(e.MOST_OFFERS)]
    given(REGISTERED, *offers[:-1]).when(OFFER).accepted()
    given(REGISTERED, *offers).when(OFFER).refused("too_many_offers")


def test_an_offer_comes_to_nothing_once() -> None:
    """It is declined while it is open: not twice, and not when they work in it."""
    given(REGISTERED, OFFERED).when(DECLINE).then(DECLINED)
    given(REGISTERED).when(DECLINE).refused("no_such_offer", "offer")
    given(REGISTERED, OFFERED, DECLINED).when(DECLINE).refused("no_such_offer", "offer")
    given(*IN_WORK).when(DECLINE).refused("no_such_offer", "offer")


def test_a_placement_says_when_it_is_asked_after() -> None:
    """Three and twelve months after they began, to the end of that day."""
    given(REGISTERED, OFFERED).when(PLACE).then(PLACED)


def test_they_may_find_work_themselves() -> None:
    """A placement need not come from an offer."""
    given(REGISTERED).when(FOUND).then(placed(FOUND))


def test_a_placement_is_in_an_open_offer() -> None:
    """In one that there is and that has come to nothing yet, of its own kind."""
    given(REGISTERED).when(PLACE).refused("no_such_offer", "offer")
    given(REGISTERED, OFFERED, DECLINED).when(PLACE).refused("no_such_offer", "offer")
    lost = on(day(100), asked(LOST_3))
    given(*IN_WORK, *lost).when(PLACE).refused("no_such_offer", "offer")
    other = e.PlaceV1(kind="public_benefit", began_at=day(0), offer=1)
    given(REGISTERED, OFFERED).when(other).refused("offer_of_other_kind", "kind")


def test_nobody_is_placed_twice_at_once() -> None:
    """Who is in work is placed again once the work is lost; that is one person and two placements."""
    again = e.PlaceV1(kind="elsewhere", began_at=day(99))
    given(*IN_WORK).when(again, day(100)).refused("in_work_already")
    lost = on(day(100), asked(LOST_3))
    given(*IN_WORK, *lost).when(again).accepted()
    twice = e.PlacedV1(**again.__dict__, number=2)
    assert [one.number for one in seeker_after(*IN_WORK, *lost, Past(twice, day(100))).placements] == [1, 2]


def test_placements_follow_each_other() -> None:
    """None begins in the future, before who is placed was registered, or before the one that it follows."""
    ahead = e.PlaceV1(kind="elsewhere", began_at=day(2))
    given(REGISTERED).when(ahead, day(1)).refused("occurred_in_future", "began_at")
    early = e.PlaceV1(kind="elsewhere", began_at=day(4))
    given(Past(REGISTERED, day(5))).when(early, day(6)).refused("placed_before_registered", "began_at")
    later = e.PlacedV1(kind="elsewhere", began_at=day(50), number=1)
    given(REGISTERED, later, *on(day(60), asked(e.AskAfterWorkV1(months=1, in_work=False)))).when(
        early
    ).refused("placed_before_last", "began_at")


def test_who_is_registered_and_begins_on_one_day_is_placed() -> None:
    """The day counts, not the hour."""
    began = e.PlaceV1(kind="elsewhere", began_at=day(5))
    given(Past(REGISTERED, day(5.3))).when(began, day(5.4)).accepted()


def test_placements_have_a_bound() -> None:
    """A case has a hundred placements at most."""
    once = (e.PlacedV1(kind="elsewhere", began_at=day(0), number=1), asked(LOST_3))
    given(REGISTERED, *(once * e.MOST_OFFERS)).when(FOUND).refused("too_many_offers")


def test_what_an_import_tells_is_asked_after_where_it_can_be() -> None:
    """Of who has no name nobody asks; of who has one, at the times that lie ahead."""
    nameless = e.SeekerRegisteredV1(**register_seeker(name=None).__dict__)
    for registered, due in ((nameless, ()), (REGISTERED, (12,))):
        past = (import_opened(), Past(registered, day(0), batch=BATCH))
        answer = given(*past).when(FOUND, day(120), told=day(0), batch=BATCH).answer
        assert isinstance(answer, Accepted)
        found = answer.events[0]
        assert isinstance(found, e.PlacedV1)
        assert found.asked_months == due
        assert len(found.asked_at) == len(due)


def test_it_is_asked_whether_they_are_still_in_work() -> None:
    """Once the months are over, in their order, of who is in work as far as it was told."""
    given(*IN_WORK).when(STILL_3, AFTER_3).then(asked(STILL_3))
    given(REGISTERED).when(STILL_3, AFTER_3).refused("not_in_work")
    still = on(AFTER_3, asked(STILL_3))
    given(*IN_WORK, *still).when(STILL_3).refused("asked_after_already", "months")
    given(*IN_WORK, *still).when(STILL_12, AFTER_12).accepted()
    given(*IN_WORK, *on(AFTER_3, asked(LOST_3))).when(STILL_12, AFTER_12).refused("not_in_work")


def test_nobody_is_in_work_ahead_of_time() -> None:
    """That they still are is said on the day on which the months are over; that they no longer are, in the month."""
    on_the_day = AFTER_3 - DAY_MS
    given(*IN_WORK).when(STILL_3, on_the_day - 1).refused("asked_too_soon", "months")
    given(*IN_WORK).when(STILL_3, on_the_day).accepted()
    given(*IN_WORK).when(LOST_3, day(65)).accepted()
    given(*IN_WORK).when(LOST_3, day(50)).refused("asked_too_soon", "months")
    given(*IN_WORK).when(e.AskAfterWorkV1(months=1, in_work=False), day(1)).accepted()


def test_who_lost_the_work_looks_for_it_again() -> None:
    """An answer of no ends the placement and what was to be asked of it."""
    placement = seeker_after(*IN_WORK).placements[0]
    assert placement.follow_up == (3, AFTER_3)
    assert seeker_after(*IN_WORK, *on(AFTER_3, asked(STILL_3))).placements[0].follow_up == (12, AFTER_12)
    lost = seeker_after(*IN_WORK, *on(AFTER_3, asked(LOST_3)))
    assert lost.placement is None
    assert lost.placements[0].follow_up is None


def test_an_end_is_final() -> None:
    """A case that has ended takes nothing more."""
    given(REGISTERED).when(END).then(ENDED)
    for body in OF_ONE:
        given(REGISTERED, OFFERED, ENDED).when(body).refused("help_ended")


def test_an_end_in_work_is_true() -> None:
    """It ends so only for who is in work, once it was asked as often as it was to be."""
    given(REGISTERED).when(END_IN_WORK).refused("not_in_work", "reason")
    given(*IN_WORK).when(END_IN_WORK).refused("follow_up_open", "reason")
    both = (*on(AFTER_3, asked(STILL_3)), *on(AFTER_12, asked(STILL_12)))
    given(*IN_WORK, *both).when(END_IN_WORK).then(e.HelpEndedV1(**END_IN_WORK.__dict__))


COMMANDS: tuple[Message, ...] = (
    register_seeker(),
    OFFER,
    e.OfferPostV1(kind="public_benefit", note=SEALED),
    DECLINE,
    e.DeclinePostV1(offer=2),
    PLACE,
    FOUND,
    e.PlaceV1(kind="own_business", began_at=day(90)),
    STILL_3,
    STILL_12,
    LOST_3,
    e.AskAfterWorkV1(months=14, in_work=False),
    END,
    END_IN_WORK,
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(COMMANDS),
        st.sampled_from([0, 1, 100, 300]),
        st.sampled_from([CLERK, GRID_WORKER, SUPERVISOR, AUDITOR]),
    ),
    max_size=25,
)
Steps = list[tuple[Message, int, Who]]


def run(steps: Steps) -> tuple[list[Answer], list[Past], Seeker | None]:
    """What these steps come to."""
    at, past, answers = day(0), list[Past](), list[Answer]()
    for body, days, by in steps:
        at += days * DAY_MS
        answer = given(*past).when(body, at, by=by).answer
        assert isinstance(answer, Accepted | Refused)
        answers.append(answer)
        past += on(at, *answer.events) if isinstance(answer, Accepted) else ()
    state = given(*past).aid
    assert state is None or isinstance(state, Seeker)
    return answers, past, state


def test_every_command_is_among_them() -> None:
    """The laws are about every command on an employment case."""
    assert {type(body) for body in COMMANDS} == set(get_args(e.Command))


@for_all(STEPS)
def test_no_sequence_loses_anything(steps: Steps) -> None:
    """Only the last placement is in work, what was asked stays and grows in months, and an end is final."""
    _, past, _ = run(steps)
    before: Seeker | None = None
    for count in range(1, len(past) + 1):
        now = seeker_after(*past[:count])
        assert [one.number for one in now.offers] == list(range(1, len(now.offers) + 1))
        assert [one.number for one in now.placements] == list(range(1, len(now.placements) + 1))
        assert not any(one.in_work for one in now.placements[:-1])
        assert not any(one.declined and one.taken for one in now.offers)
        for one in now.placements:
            months = [month for month, _ in one.still]
            assert months == sorted(set(months))
        if before is not None:
            assert is_open(before)
            assert len(now.placements) >= len(before.placements)
        before = now


@for_all(STEPS)
def test_persons_are_never_more_than_placements(steps: Steps) -> None:
    """Who was placed is one person, however often; whoever is in work has a placement."""
    _, _, state = run(steps)
    person_placed = bool(state and state.placements)
    assert person_placed <= len(state.placements if state else ())
    assert state is None or state.placement is None or person_placed


@for_all(STEPS)
def test_the_same_is_decided_again(steps: Steps) -> None:
    """Deciding and folding the same sequence twice gives the same, to the last field."""
    assert run(steps) == run(steps)
