"""What comes after the reply: added information, ratings, follow-up, and the window for reopening."""

from __future__ import annotations

import pytest

from contracts import aftercare as a
from contracts import casework as w
from contracts import grievance as g
from contracts import people as p
from contracts.base import DAY_MS
from contracts.register import PolicyDefinedV1
from services.grievance.policy import default_policy
from tests.support.given import (
    CASE,
    CLERK,
    HANDLER,
    RESIDENT,
    SEALED,
    SUPERVISOR,
    Who,
    accepted,
    community,
    day,
    given,
    lodged,
    on,
    personal_policies,
    policy,
)

REPLIED = (lodged(), accepted(), g.AssignedV1(handler=HANDLER.actor), g.RepliedV1(reply=SEALED))
CLOSED = (*REPLIED, g.ClosedV1(outcome="answered"))
ADD = a.AddInformationV1(note=SEALED)
ADDED = a.InformationAddedV1(note=SEALED)
RATE = a.RateV1(satisfaction="not_satisfied", note=SEALED)
FOLLOW_UP = a.RecordFollowUpV1(reached="reached", note=SEALED, remains=SEALED)


def generous() -> PolicyDefinedV1:
    """A policy that lets staff rate and add information."""
    norm = default_policy()
    permissions = norm.terms["permissions"] | {"rate": ["clerk"], "add_information": ["clerk"]}
    terms = {**norm.terms, "permissions": permissions}
    return PolicyDefinedV1.model_validate(norm.model_dump() | {"terms": terms})


def test_the_complainant_adds_information_while_the_case_is_open() -> None:
    """What is added stands in an open case, accepted or not yet."""
    given(lodged()).when(ADD).then(ADDED)
    given(*REPLIED).when(ADD).then(ADDED)


def test_nothing_is_added_to_a_closed_case() -> None:
    """A closed case takes no more, and the refusal says what to do."""
    given(*CLOSED).when(ADD).refused("closed_to_information", "note")
    given(lodged(), g.NotAcceptedV1(reason="outside_remit", remedy=SEALED)).when(ADD).refused(
        "closed_to_information", "note"
    )


def test_as_much_is_added_as_the_policy_allows() -> None:
    """The policy bounds how many texts are added to one case."""
    given(policy(additions=2), lodged(), ADDED).when(ADD).accepted()
    given(policy(additions=2), lodged(), ADDED, ADDED).when(ADD).refused("too_much_information", "note")


def test_a_rating_is_of_the_last_reply() -> None:
    """A rating names the reply that it is about, and a later one stands beside it."""
    first = a.RatedV1(satisfaction="not_satisfied", note=SEALED, reply=1)
    given(*CLOSED).when(RATE).then(first)
    given(*CLOSED, first).when(a.RateV1(satisfaction="satisfied")).then(
        a.RatedV1(satisfaction="satisfied", reply=1)
    )
    given(*REPLIED, g.RepliedV1(reply=SEALED)).when(RATE).then(first.model_copy(update={"reply": 2}))


def test_without_a_reply_there_is_nothing_to_rate() -> None:
    """A case that nobody replied to cannot be rated."""
    given(lodged(), accepted()).when(RATE).refused("nothing_to_rate", "satisfaction")


@pytest.mark.parametrize("who", [CLERK, HANDLER, SUPERVISOR])
def test_staff_never_rate(who: Who) -> None:
    """No member of staff may rate or add in the complainant's place, under the default policy."""
    given(*REPLIED).when(RATE, by=who).refused("not_entitled")
    given(*REPLIED).when(ADD, by=who).refused("not_entitled")


def test_no_policy_lets_staff_rate() -> None:
    """Even where a policy gives it to clerks, the rules refuse it."""
    given(generous(), *REPLIED).when(RATE, by=CLERK).refused("complainant_only")
    given(generous(), *REPLIED).when(ADD, by=CLERK).refused("complainant_only")


def test_nobody_of_the_register_speaks_as_a_resident() -> None:
    """The role of a resident is spoken through the public pages alone."""
    given(*REPLIED).when(RATE, by=Who(CLERK.actor, "resident")).refused("not_entitled")
    given(*REPLIED).when(FOLLOW_UP, by=RESIDENT).refused("not_entitled")


def test_somebody_else_than_the_handler_follows_up() -> None:
    """A follow-up is recorded by staff who never handled the case."""
    done = a.FollowUpRecordedV1(reached="reached", note=SEALED, remains=SEALED)
    given(*CLOSED).when(FOLLOW_UP, by=CLERK).then(done)
    given(*CLOSED).when(FOLLOW_UP, by=HANDLER).refused("handler_may_not_follow_up")


def test_a_former_handler_does_not_follow_up() -> None:
    """Whoever handled the case once does not follow it up after it was given to another or they were recused."""
    other = g.AssignedV1(handler="act_other00000")
    given(*REPLIED, other).when(FOLLOW_UP, by=HANDLER).refused("handler_may_not_follow_up")
    recused = w.RecusedV1(handler=HANDLER.actor, note=SEALED)
    given(*REPLIED, recused).when(FOLLOW_UP, by=HANDLER).refused("handler_may_not_follow_up")


def test_there_must_be_something_to_follow_up() -> None:
    """Before a reply an open case has nothing to follow up."""
    given(lodged(), accepted()).when(FOLLOW_UP).refused("nothing_to_follow_up")


def test_a_case_reopens_within_the_window() -> None:
    """A closed case can be opened again for so many days as the policy says, and not a moment longer."""
    closed = (*on(day(0), *REPLIED), *on(day(10), g.ClosedV1(outcome="answered")))
    reopen = g.ReopenV1(note=SEALED)
    given(*closed).when(reopen, day(375)).accepted()
    given(*closed).when(reopen, day(375) + 1).refused("reopen_too_late")
    given(policy(reopen_days=30), *closed).when(reopen, day(40) + 1).refused("reopen_too_late")


def test_the_window_starts_at_the_last_closing() -> None:
    """What closed before it was opened again does not count."""
    again = g.ReopenedV1(note=SEALED, handle_due_at=day(400))
    past = (
        *on(day(0), *CLOSED),
        *on(day(300), again),
        *on(day(310), g.RepliedV1(reply=SEALED), g.ClosedV1(outcome="answered")),
    )
    given(*past).when(g.ReopenV1(note=SEALED), day(310) + 365 * DAY_MS).accepted()


def test_who_holds_a_tracking_number_is_on_record_as_reading() -> None:
    """Without an appointment the public pages may say that a case was followed by its number, and no more."""
    register = (*community(), *personal_policies())
    told = p.RecordReadingV1(purpose="tracking", cases=(CASE,))
    given(register=register).when(told, by=RESIDENT).accepted()
    other = p.RecordReadingV1(purpose="casework", cases=(CASE,))
    given(register=register).when(other, by=RESIDENT).refused("not_entitled")
    given(register=register).when(told, by=Who("act_somebody00", "resident")).refused("not_entitled")
