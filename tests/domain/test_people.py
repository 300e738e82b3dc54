"""The rules about personal data: erasure, holds, retention, readings and disclosures."""

from __future__ import annotations

import pytest

from contracts import people as p
from contracts import register as r
from contracts.base import DAY_MS, Message
from contracts.envelope import Role
from services.people.policy import default_policies
from tests.support.given import (
    ADMINISTRATOR,
    AUDITOR,
    CASE,
    CLERK,
    CLOCK,
    COMMUNITY,
    FORMER,
    GRID_WORKER,
    HANDLER,
    NEIGHBOUR,
    OFFICER,
    OTHER_AUDITOR,
    SEALED,
    STRANGER,
    STREET,
    SUBJECT,
    SUPERVISOR,
    Who,
    community,
    day,
    given,
    on,
    staff,
)

LAW = "个人信息保护法第四十七条第一款第（{}）项"
LISTED = p.list_hash(frozenset({SUBJECT}))
ERASE = p.EraseV1(reason="consent_withdrawn")
ERASED = p.ErasedV1(reason="consent_withdrawn", law=LAW.format("三"))
HOLD = p.PlaceHoldV1(matter="2026/0042", reason="court_case")
HELD = p.HoldPlacedV1(matter="2026/0042", reason="court_case")
LIFT, LIFTED = p.LiftHoldV1(matter="2026/0042"), p.HoldLiftedV1(matter="2026/0042")
CORRECT = p.RequestCorrectionV1(field="telephone", case=CASE, text=SEALED)
PROPOSE = p.ProposeRetentionV1(schedule="grievance", until=day(0), count=1, listed=LISTED)
PROPOSED = p.RetentionProposedV1(**PROPOSE.__dict__, proposed_by=SUPERVISOR.actor)
CONFIRM = p.ConfirmRetentionV1(listed=LISTED)
CONFIRMED = p.RetentionConfirmedV1(listed=LISTED)
READ = p.RecordReadingV1(purpose="casework", cases=(CASE,))
ASK = p.RequestDisclosureV1(case=CASE, purpose="complaint")
ASKED = p.DisclosureRequestedV1(case=CASE, purpose="complaint", asked_by=AUDITOR.actor)
GRANT, GRANTED = p.GrantDisclosureV1(until=day(30)), p.DisclosureGrantedV1(until=day(30))
END, ENDED = p.EndDisclosureV1(), p.DisclosureEndedV1()


@pytest.mark.parametrize("by", [OFFICER, SUPERVISOR, ADMINISTRATOR])
def test_a_subject_is_erased(by: Who) -> None:
    """Whoever guards personal data erases somebody for a reason; the event states its basis in law."""
    given().when(ERASE, by=by).then(ERASED)


def test_the_basis_in_law_is_of_the_policy_in_force() -> None:
    """The law that an erasure rests on is what the register says, not what the asker says."""
    norm, _ = default_policies()
    laws = {**norm.terms["laws"], "consent_withdrawn": "another law"}
    other = r.PolicyDefinedV1.model_validate(norm.model_dump() | {"terms": {**norm.terms, "laws": laws}})
    erased = p.ErasedV1(reason="consent_withdrawn", law="another law")
    given(register=[*community(), other]).when(ERASE).then(erased)


def test_a_reason_without_a_basis_in_law_erases_nobody() -> None:
    """A reason for which the policy names no law is refused at its field."""
    norm, _ = default_policies()
    terms = {**norm.terms, "laws": {}}
    other = r.PolicyDefinedV1.model_validate(norm.model_dump() | {"terms": terms})
    given(register=[*community(), other]).when(ERASE).refused("no_basis_in_law", "reason")


def test_an_erasure_names_its_retention_run() -> None:
    """An erasure of a retention run says which."""
    run = "ret_0123456789abcdef0123456789abcdef"
    erased = p.ErasedV1(reason="retention_ended", run=run, law=LAW.format("二"))
    given().when(p.EraseV1(reason="retention_ended", run=run)).then(erased)


def test_erasing_twice_changes_nothing() -> None:
    """Who has been erased is erased already."""
    given(ERASED).when(ERASE).no_op("already_erased")


def test_who_is_held_is_not_erased() -> None:
    """A legal hold keeps a subject's data, whoever asks."""
    given(HELD).when(ERASE).refused("held")


def test_one_lifted_hold_of_two_leaves_the_other() -> None:
    """A subject held for two matters is erased only once both are over."""
    other = p.HoldPlacedV1(matter="2026/0043", reason="supervision")
    given(HELD, other, LIFTED).when(ERASE).refused("held")
    given(HELD, other, LIFTED, p.HoldLiftedV1(matter="2026/0043")).when(ERASE).then(ERASED)


def test_a_hold_is_placed_and_lifted() -> None:
    """A hold is placed for a matter, and lifted for it."""
    given().when(HOLD).then(HELD)
    given(HELD).when(LIFT).then(LIFTED)


def test_a_hold_is_placed_once_for_a_matter() -> None:
    """The same matter holds a subject's data once."""
    given(HELD).when(HOLD).refused("hold_exists", "matter")


@pytest.mark.parametrize("past", [(), (HELD, LIFTED)])
def test_what_is_not_held_is_not_lifted(past: tuple[p.Event, ...]) -> None:
    """A hold that is not in force cannot be lifted."""
    given(*past).when(LIFT).refused("no_such_hold", "matter")


@pytest.mark.parametrize("command", [HOLD, CORRECT])
def test_nothing_is_left_of_who_was_erased(command: p.Command) -> None:
    """An erased subject can be neither held nor corrected."""
    given(ERASED).when(command).refused("erased_person")


def test_holds_are_bounded() -> None:
    """A subject's data are held for twenty matters at most."""
    held = [p.HoldPlacedV1(matter=f"2026/{n}", reason="court_case") for n in range(p.MOST_HOLDS)]
    given(*held).when(HOLD).refused("too_many_holds")


def test_a_correction_is_asked_for() -> None:
    """A request for a correction is on record, its text sealed."""
    given().when(CORRECT).then(p.CorrectionRequestedV1(field="telephone", case=CASE, text=SEALED))


@pytest.mark.parametrize("command", [ERASE, HOLD, LIFT, CORRECT])
def test_a_subject_is_a_subject(command: p.Command) -> None:
    """What is done to a subject is refused on a stream of another kind."""
    given().when(command, subject=CASE).refused("wrong_stream")
    given(ASKED).when(command).refused("wrong_stream")


def test_a_retention_run_is_proposed_and_confirmed() -> None:
    """One person proposes, a second confirms the same list."""
    given().when(PROPOSE).then(PROPOSED)
    given(PROPOSED).when(CONFIRM).then(CONFIRMED)


def test_who_proposes_does_not_confirm() -> None:
    """The person who proposed a retention run is no second person, in whatever role."""
    twice = [*community(), r.AppointedV1(person=SUPERVISOR.actor, role=OFFICER.role, unit=STREET)]
    given(PROPOSED).when(CONFIRM, by=SUPERVISOR).refused("second_person")
    again = Who(SUPERVISOR.actor, OFFICER.role)
    given(PROPOSED, register=twice).when(CONFIRM, by=again).refused("second_person")


def test_another_list_is_not_confirmed() -> None:
    """Whoever confirms must have seen the list that was proposed."""
    other = p.ConfirmRetentionV1(listed="0" * 64)
    given(PROPOSED).when(other).refused("other_list", "listed")


def test_confirming_twice_changes_nothing() -> None:
    """A confirmed run stays confirmed."""
    given(PROPOSED, CONFIRMED).when(CONFIRM).no_op("already_confirmed")


def test_what_was_not_proposed_is_not_confirmed() -> None:
    """There is nothing to confirm where nobody proposed a run."""
    given().when(CONFIRM).refused("no_such_run")


def test_a_run_follows_a_schedule_that_there_is() -> None:
    """A family without a schedule has no retention run."""
    body = PROPOSE.model_copy(update={"schedule": "weather"})
    given().when(body).refused("unknown_schedule", "schedule")


def test_a_run_needs_a_retention_policy() -> None:
    """Without schedules in the register nothing is due."""
    without = [event for event in community() if getattr(event, "policy", "") != "retention"]
    given(register=without).when(PROPOSE).refused("no_policy")


def test_a_run_looks_back() -> None:
    """A run about cases that end in the future is refused."""
    body = PROPOSE.model_copy(update={"until": day(1)})
    given().when(body).refused("until_in_future", "until")


READERS = (CLERK, GRID_WORKER, HANDLER, SUPERVISOR, AUDITOR, OFFICER, ADMINISTRATOR)


@pytest.mark.parametrize("by", READERS)
def test_a_reading_is_on_record(by: Who) -> None:
    """Whoever is shown personal data, what they were shown and why is an event."""
    given().when(READ, by=by).then(p.ReadingRecordedV1(purpose="casework", cases=(CASE,)))


@pytest.mark.parametrize("kind", ["rdg", "ret", "dsc"])
def test_a_stream_begins_under_its_own_id(kind: str) -> None:
    """What begins a stream is refused under an id that does not derive from the submission."""
    bodies: dict[str, Message] = {"rdg": READ, "ret": PROPOSE, "dsc": ASK}
    by = {"rdg": CLERK, "ret": SUPERVISOR, "dsc": AUDITOR}[kind]
    given().when(bodies[kind], by=by, subject=f"{kind}_0123456789abcdef").refused("wrong_stream")


@pytest.mark.parametrize(
    ("past", "command", "by"),
    [
        (p.ReadingRecordedV1(**READ.__dict__), READ, CLERK),
        (PROPOSED, PROPOSE, SUPERVISOR),
        (ASKED, ASK, AUDITOR),
    ],
)
def test_a_stream_begins_once(past: p.Event, command: p.Command, by: Who) -> None:
    """What is there already does not begin again."""
    given(past).when(command, by=by).refused("already_exists")


def test_a_disclosure_is_asked_for_granted_and_ended() -> None:
    """An auditor asks, another grants it for a time, and it can be ended before."""
    given().when(ASK).then(ASKED)
    given(ASKED).when(GRANT).then(GRANTED)
    given(ASKED, GRANTED).when(END).then(ENDED)


@pytest.mark.parametrize("by", [OTHER_AUDITOR, OFFICER])
def test_a_second_auditor_or_the_officer_grants(by: Who) -> None:
    """Another auditor grants a disclosure, or a data protection officer."""
    given(ASKED).when(GRANT, by=by).then(GRANTED)


def test_the_asker_does_not_grant() -> None:
    """Nobody grants themselves a disclosure."""
    given(ASKED).when(GRANT, by=AUDITOR).refused("asker_may_not_grant")


CHAIN: tuple[Role, ...] = ("clerk", "handler", "supervisor", "administrator")


@pytest.mark.parametrize("role", CHAIN)
@pytest.mark.parametrize("unit", [COMMUNITY, STREET])
def test_nobody_in_the_audited_chain_grants(role: Role, unit: str) -> None:
    """An officer who also holds a post in the place, or above it, is inside the audited chain."""
    held = [*community(), r.AppointedV1(person=OFFICER.actor, role=role, unit=unit)]
    given(ASKED, register=held).when(GRANT, by=OFFICER).refused("in_audited_chain")


def test_a_post_elsewhere_is_outside_the_chain() -> None:
    """A post in another community does not stand in the way of granting here."""
    held = [*community(), *staff(Who(OFFICER.actor, "clerk"), NEIGHBOUR)]
    given(ASKED, register=held).when(GRANT, by=OFFICER).then(GRANTED)


@pytest.mark.parametrize("until", [day(0), day(30) + 1])
def test_a_disclosure_is_limited_in_time(until: int) -> None:
    """A disclosure ends in the future, and within the days that the policy allows."""
    given(ASKED).when(p.GrantDisclosureV1(until=until)).refused("bad_term", "until")


def test_the_policy_says_how_long() -> None:
    """Another policy allows another term."""
    norm, _ = default_policies()
    terms = {**norm.terms, "disclosure_days": 1}
    other = r.PolicyDefinedV1.model_validate(norm.model_dump() | {"terms": terms})
    given(ASKED, register=[*community(), other]).when(GRANT).refused("bad_term", "until")


@pytest.mark.parametrize("past", [(ASKED, GRANTED), (ASKED, ENDED), (ASKED, GRANTED, ENDED)])
def test_a_disclosure_is_granted_once(past: tuple[p.Event, ...]) -> None:
    """What was granted, declined or ended is not granted again: it must be asked for anew."""
    given(*past).when(GRANT).refused("disclosure_settled")


def test_a_disclosure_may_be_declined() -> None:
    """Ending what was only asked for declines it."""
    given(ASKED).when(END).then(ENDED)


def test_an_ended_disclosure_stays_ended() -> None:
    """Ending it again changes nothing."""
    given(ASKED, ENDED).when(END).no_op("disclosure_ended")


@pytest.mark.parametrize("command", [GRANT, END])
def test_a_disclosure_must_have_been_asked_for(command: p.Command) -> None:
    """Nothing is granted or ended that nobody asked for."""
    given().when(command).refused("no_such_disclosure")


EVERY = (ERASE, HOLD, LIFT, CORRECT, PROPOSE, CONFIRM, READ, ASK, GRANT, END)


@pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("by", [STRANGER, FORMER, CLOCK], ids=lambda who: who.actor)
def test_who_holds_no_role_here_does_nothing(command: p.Command, by: Who) -> None:
    """Nobody without a role in the community, no former member of staff and no clock may do any of it."""
    given().when(command, by=by).refused("not_entitled")


NOT_THEIRS = [
    (ERASE, CLERK),
    (ERASE, HANDLER),
    (ERASE, AUDITOR),
    (HOLD, CLERK),
    (LIFT, HANDLER),
    (CONFIRM, ADMINISTRATOR),
    (PROPOSE, CLERK),
    (ASK, SUPERVISOR),
    (GRANT, SUPERVISOR),
    (GRANT, ADMINISTRATOR),
    (END, CLERK),
]


@pytest.mark.parametrize(("command", "by"), NOT_THEIRS)
def test_each_role_does_what_the_policy_lets_it(command: p.Command, by: Who) -> None:
    """A role to which the policy does not give a command is refused."""
    given().when(command, by=by).refused("not_entitled")


@pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
def test_without_a_policy_nothing_is_decided(command: p.Command) -> None:
    """A register without a policy on personal data refuses everything about them."""
    without = [event for event in community() if getattr(event, "policy", "") != "people"]
    given(register=without).when(command, by=CLERK).refused("no_policy")


def test_a_subject_belongs_to_one_community() -> None:
    """What is held in one community is not erased from another, by whoever serves both."""
    for past in ((), (HELD,)):
        given(*past).when(ERASE, by=OFFICER, unit=NEIGHBOUR).refused("other_unit")


def test_a_subjects_id_tells_its_community_and_nothing_else() -> None:
    """Rules can tell which community a subject was made for, from an id that is random otherwise."""
    one, other = p.subject_id(COMMUNITY, bytes(10)), p.subject_id(COMMUNITY, bytes(range(10)))
    assert p.is_of_unit(one, COMMUNITY)
    assert p.is_of_unit(other, COMMUNITY)
    assert not p.is_of_unit(one, NEIGHBOUR)
    assert not p.is_of_unit(one[:-1], COMMUNITY)
    assert not p.is_of_unit(f"sub_{one[4:24]}{other[24:]}", COMMUNITY)


def test_a_community_must_be_in_the_register() -> None:
    """A community that there is not has no personal data."""
    given().when(ERASE, by=ADMINISTRATOR, unit="nowhere").refused("unknown_unit", "unit")


def test_nobody_reads_in_the_future() -> None:
    """A told time ahead of the clock is refused."""
    given(on(day(1), HELD)).when(LIFT, told=day(2)).refused("occurred_in_future", "occurred_at")


def test_a_reading_names_what_was_read() -> None:
    """A reading of nothing is none."""
    with pytest.raises(ValueError, match="nothing_read"):
        p.RecordReadingV1(purpose="casework")


def test_the_term_is_in_days_of_24_hours() -> None:
    """The last moment that the policy allows is granted."""
    until = day(0) + 30 * DAY_MS
    given(ASKED).when(p.GrantDisclosureV1(until=until)).then(p.DisclosureGrantedV1(until=until))
