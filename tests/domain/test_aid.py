"""An aid request from its application to the inquiry, the proposal, public notice and the decision."""

from __future__ import annotations

import pytest

from contracts import aid as a
from contracts.programmes import Benefit, entitled
from tests.support.given import CLERK, CLOCK, HANDLER, RESIDENT, SEALED, SUPERVISOR, day
from tests.support.helping import (
    AID_OFFICER,
    APPLICANT,
    APPROVER,
    CHECKED,
    DECIDE_BY,
    INQUIRE,
    INQUIRED,
    LOCAL,
    OTHER_APPROVER,
    OTHER_OFFICER,
    PROPOSED,
    PROXY,
    applied,
    apply,
    asked,
    propose,
    proposed,
    tranche,
    world,
)

NOTICE_UNTIL = day(10) - LOCAL
"""Seven days from the first of January: Thursday the 8th, of which the last counts whole."""


def test_somebody_applies_under_the_version_in_force() -> None:
    """A resident, a clerk or a grid worker applies; the programme's version of that day holds."""
    world().when(apply(), by=CLERK).then(a.AppliedV1(**apply().__dict__, version=1, decide_by=DECIDE_BY))
    world().when(apply(), by=RESIDENT).accepted()
    world().when(apply(), by=HANDLER).refused("not_entitled")


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (apply("nothing"), "unknown_programme", "programme"),
        (apply(zone="nowhere"), "unknown_zone", "zone"),
        (apply(name=None), "applicant_missing", "name"),
        (apply(origin="proxy"), "proxy_missing", "proxy_name"),
        (apply(proxy_name=PROXY), "proxy_missing", "proxy_name"),
        (apply(origin="proxy", proxy_name=APPLICANT), "proxy_is_applicant", "proxy_name"),
        (apply("share"), "cost_missing", "cost"),
    ],
)
def test_what_is_not_an_application(body: a.ApplyV1, reason: str, field: str) -> None:
    """A programme that is open here, a zone that is here, a name, and a proxy who is somebody else."""
    world().when(body, by=CLERK).refused(reason, field)


def test_one_request_of_a_programme_grows_from_a_case() -> None:
    """Its stream follows from the case and the programme, so that a second application is refused."""
    origin = "grv_0123456789abcdef"
    stream = a.stream_of_origin("demo", origin, "quick")
    grown = apply(grown_from=origin)
    world().when(grown, by=CLERK, subject=stream).accepted()
    world().when(grown, by=CLERK).refused("wrong_stream")
    again = world(applied(grown_from=origin)).when(grown, by=CLERK, subject=stream)
    again.refused("applied_already", "programme")


def test_a_programme_of_the_street_is_open_to_its_communities() -> None:
    """A fund and a programme above the community serve it."""
    world().when(apply("shared"), by=CLERK).accepted()


def test_an_application_is_checked_against_the_documents() -> None:
    """What is missing must be a document of the programme; nothing missing is complete."""
    check = a.CheckCompletenessV1(missing=("identity",))
    world(applied()).when(check, by=CLERK).then(a.CompletenessCheckedV1(missing=("identity",)))
    wrong = a.CheckCompletenessV1(missing=("passport",))
    world(applied()).when(wrong, by=CLERK).refused("unknown_document", "missing")
    world(*PROPOSED).when(check, by=CLERK).refused("checked_already")


def test_only_a_complete_application_is_inquired_into() -> None:
    """The inquirer is on record; whoever goes along is another."""
    world(applied(), CHECKED).when(INQUIRE, by=AID_OFFICER).then(INQUIRED)
    world(applied()).when(INQUIRE, by=AID_OFFICER).refused("not_complete")
    alone = INQUIRE.model_copy(update={"with_whom": AID_OFFICER.actor})
    world(applied(), CHECKED).when(alone, by=AID_OFFICER).refused("same_person", "with_whom")


def consent(*scopes: str, until: float = 30) -> a.ConsentRecordedV1:
    """The household consents."""
    return a.ConsentRecordedV1.model_validate({"scopes": scopes, "until": day(until)})


def test_sensitive_data_need_a_consent_of_their_own() -> None:
    """Income, property and health are recorded each with its own consent, and not after it has run out."""
    told = INQUIRE.model_copy(update={"health": SEALED})
    world(applied(), CHECKED).when(told, by=AID_OFFICER).refused("consent_needed", "health")
    world(applied(), consent("income"), CHECKED).when(told, by=AID_OFFICER).refused(
        "consent_needed", "health"
    )
    world(applied(), consent("health"), CHECKED).when(told, by=AID_OFFICER).accepted()
    late = world(applied(), consent("health", until=2), CHECKED)
    late.when(told, day(3), by=AID_OFFICER).refused("consent_needed", "health")


def test_a_consent_lasts_into_the_future_and_can_be_taken_back() -> None:
    """One that is past is refused; one to nothing takes it back."""
    past = a.RecordConsentV1(scopes=("income",), until=day(0))
    world(applied()).when(past, by=CLERK).refused("consent_past", "until")
    none = a.RecordConsentV1(scopes=(), until=0)
    world(applied(), consent("income")).when(none, by=CLERK).then(a.ConsentRecordedV1(scopes=(), until=0))


LOOKED_INTO = (applied(), CHECKED, INQUIRED)


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (propose(200_000, amount=150_000), "tranches_sum", "tranches"),
        (propose(), "no_help_proposed", "amount"),
        (propose(300_001), "above_entitled", "amount"),
        (propose(1, verdict="refuse"), "refusal_grants_nothing", "amount"),
    ],
)
def test_a_proposal_adds_up(body: a.ProposeV1, reason: str, field: str) -> None:
    """Its tranches come to its sum, which is no more than the programme gives; a refusal names none."""
    world(*LOOKED_INTO).when(body, by=AID_OFFICER).refused(reason, field)


def test_a_proposal_follows_the_inquiry_and_the_means_test() -> None:
    """Nothing is proposed before the inquiry, or to those whose income lies above the limit."""
    world(*LOOKED_INTO).when(propose(150_000), by=AID_OFFICER).then(proposed(150_000))
    world(applied(), CHECKED).when(propose(1), by=AID_OFFICER).refused("inquire_first")
    above = INQUIRED.model_copy(update={"within_limit": False})
    rich = world(applied("winter"), CHECKED, above)
    rich.when(propose(1), by=AID_OFFICER).refused("above_limit", "verdict")
    rich.when(propose(verdict="refuse"), by=AID_OFFICER).accepted()


def test_help_in_kind_alone_is_a_proposal() -> None:
    """It needs no sum."""
    goods = propose(in_kind=(a.Given(kind="goods", count=2),))
    world(*LOOKED_INTO).when(goods, by=AID_OFFICER).accepted()


WINTER = (applied("winter"), CHECKED, INQUIRED, proposed(80_000))
ON_NOTICE = (*WINTER, a.NoticePublishedV1(until=NOTICE_UNTIL))
OBJECT = a.RaiseObjectionV1(note=SEALED)
OBJECTED = a.ObjectionRaisedV1(note=SEALED, number=1)


def test_a_proposal_stands_in_public_for_the_programmes_days() -> None:
    """Days are counted, the last one whole; only a grant is put on notice."""
    published = world(*WINTER).when(a.PublishNoticeV1(), by=AID_OFFICER)
    published.accepted()
    refusal = world(*LOOKED_INTO, proposed(verdict="refuse"))
    refusal.when(a.PublishNoticeV1(), by=AID_OFFICER).refused("not_proposed")


def test_anybody_objects_until_the_notice_ends() -> None:
    """An objection is numbered; after the last day, and before any notice, it is refused."""
    world(*ON_NOTICE).when(OBJECT, by=RESIDENT).then(OBJECTED)
    world(*ON_NOTICE).when(OBJECT, day(11), by=RESIDENT).refused("notice_ended")
    world(*WINTER).when(OBJECT, by=RESIDENT).refused("no_notice")


def handle(*, upheld: bool) -> a.HandleObjectionV1:
    """Say what came of the objection."""
    return a.HandleObjectionV1(number=1, upheld=upheld, note=SEALED)


def test_another_than_the_proposer_handles_an_objection() -> None:
    """Upheld, the household is inquired into again; handled, it is handled."""
    before = world(*ON_NOTICE, OBJECTED)
    before.when(handle(upheld=False), by=AID_OFFICER).refused("proposer_handles")
    upheld = a.ObjectionHandledV1(**handle(upheld=True).__dict__)
    before.when(handle(upheld=True), by=SUPERVISOR).then(upheld)
    world(*ON_NOTICE, OBJECTED, upheld).when(propose(1), by=AID_OFFICER).refused("inquire_first")
    world(*ON_NOTICE).when(handle(upheld=True), by=SUPERVISOR).refused("no_such_objection", "number")


def test_approval_waits_for_the_notice_and_for_objections() -> None:
    """Without a notice, before it has ended, or with an objection open, nobody approves."""
    approve = a.ApproveV1()
    world(*WINTER).when(approve, by=APPROVER).refused("no_notice")
    world(*ON_NOTICE).when(approve, by=APPROVER).refused("notice_runs")
    late = day(11)
    world(*ON_NOTICE, OBJECTED).when(approve, late, by=APPROVER).refused("objections_open")
    handled = a.ObjectionHandledV1(**handle(upheld=False).__dict__)
    fund = asked(80_000, answer_by=day(14))
    world(*ON_NOTICE, OBJECTED, handled).when(approve, late, by=APPROVER).then(fund)


def test_approval_asks_the_fund() -> None:
    """It is approved once the fund has answered."""
    world(*PROPOSED).when(a.ApproveV1(), by=APPROVER).then(asked())
    world(*PROPOSED, asked()).when(a.ApproveV1(), by=OTHER_APPROVER).refused("fund_waits")


@pytest.mark.parametrize("body", [a.ApproveV1(), a.RejectV1(note=SEALED), a.SendBackV1(note=SEALED)])
def test_who_proposed_or_inquired_does_not_decide(body: a.ApproveV1 | a.RejectV1 | a.SendBackV1) -> None:
    """Approval, refusal and sending back are another's, even of who holds both roles."""
    theirs = PROPOSED[-1].model_copy(update={"proposer": APPROVER.actor})
    world(*LOOKED_INTO, theirs).when(body, by=APPROVER).refused("proposer_approves")
    inquired = INQUIRED.model_copy(update={"with_whom": APPROVER.actor})
    seen = world(applied(), CHECKED, inquired, PROPOSED[-1])
    seen.when(body, by=APPROVER).refused("proposer_approves")
    world(*PROPOSED).when(body, by=AID_OFFICER).refused("not_entitled")


def test_a_refusal_is_proposed_and_decided() -> None:
    """A proposal to refuse is not approved but refused, with a term for the appeal."""
    refusal = world(*LOOKED_INTO, proposed(verdict="refuse"))
    refusal.when(a.ApproveV1(), by=APPROVER).refused("proposal_refuses")
    refusal.when(a.RejectV1(note=SEALED), by=APPROVER).accepted()


REJECTED = a.RejectedV1(note=SEALED, rejected_by=APPROVER.actor, appeal_until=day(60))
APPEALED = a.AppealedV1(note=SEALED, answer_by=day(90))


def test_a_refusal_can_be_appealed_against_in_time() -> None:
    """Within the term, once; another than who decided, proposed or inquired answers."""
    appeal = a.AppealV1(note=SEALED)
    before = (*PROPOSED, REJECTED)
    world(*before).when(appeal, by=RESIDENT).accepted()
    world(*before).when(appeal, day(61), by=RESIDENT).refused("appeal_late")
    world(*before, APPEALED).when(appeal, by=RESIDENT).refused("appeal_late")
    decide = a.DecideAppealV1(verdict="approve", note=SEALED)
    world(*before).when(decide, by=OTHER_APPROVER).refused("no_appeal")
    world(*before, APPEALED).when(decide, by=APPROVER).refused("decider_decides")
    decided = a.AppealDecidedV1(**decide.__dict__)
    world(*before, APPEALED).when(decide, by=OTHER_APPROVER).then(decided)
    again = world(*before, APPEALED, decided)
    again.when(INQUIRE, by=OTHER_OFFICER).accepted()


def test_a_proposal_is_sent_back() -> None:
    """It is inquired into and proposed again."""
    back = a.SendBackV1(note=SEALED)
    world(*PROPOSED).when(back, by=APPROVER).then(a.SentBackV1(note=SEALED))
    world(*PROPOSED, a.SentBackV1(note=SEALED)).when(propose(1), by=AID_OFFICER).refused("inquire_first")


def test_only_the_clock_answers_for_the_fund() -> None:
    """An answer to a question that is not open changes nothing."""
    answer = a.AnswerReservationV1(round=1, reserved=True)
    world(*PROPOSED, asked()).when(answer, by=APPROVER).refused("not_entitled")
    world(*PROPOSED).when(answer, by=CLOCK).no_op("fund_answered")
    stale = answer.model_copy(update={"round": 2})
    world(*PROPOSED, asked()).when(stale, by=CLOCK).no_op("fund_answered")


@pytest.mark.parametrize(
    ("benefit", "persons", "income", "cost", "most"),
    [
        (Benefit(method="fixed", amount=80_000), 3, None, None, 80_000),
        (Benefit(method="fixed", amount=80_000, per_person=True), 3, None, None, 240_000),
        (Benefit(method="top_up", amount=70_000), 3, 100_000, None, 110_000),
        (Benefit(method="top_up", amount=70_000), 3, 300_000, None, 0),
        (Benefit(method="share", amount=100_000, percent=40, threshold=50_000), 1, None, 150_000, 40_000),
        (Benefit(method="share", amount=30_000, percent=40), 1, None, 150_000, 30_000),
    ],
)
def test_what_a_programme_gives(
    benefit: Benefit, persons: int, income: int | None, cost: int | None, most: int
) -> None:
    """A fixed sum, a sum for each person, what income lacks of a line, or a share of a cost, in whole fen."""
    assert entitled(benefit, 1, persons, income, cost) == most


def test_an_import_tells_what_was_given() -> None:
    """Outside an import nobody tells it."""
    told = a.TellGrantV1(granted=True, amount=1)
    world(applied()).when(told, by=CLERK).refused("only_in_import")
    assert tranche(1).amount == 1
