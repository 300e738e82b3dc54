"""Mediation: how it starts, who takes part, who consents, and who mediates."""

from __future__ import annotations

import pytest

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts import register as r
from contracts.base import Message
from contracts.catalogue import COMMANDS
from contracts.workflow import FUTURE_TOLERANCE_MS, Accepted, stream_id
from services.mediation.policy import default_policy
from tests.support.given import (
    BATCH,
    CLERK,
    COMMUNITY,
    GRID_WORKER,
    HANDLER,
    LODGING,
    NEIGHBOUR,
    SEALED,
    SUPERVISOR,
    ZONE,
    Who,
    day,
    given,
    import_closed,
    import_opened,
    on,
)
from tests.support.mediating import (
    AGREED,
    CONSENTS,
    MEDIATE_BY,
    MEDIATOR,
    NAME_A,
    NAME_B,
    NAME_C,
    NAMED,
    OTHER_MEDIATOR,
    TOLD,
    UNDER_WAY,
    WAITING,
    start,
    started,
    world,
)

GRIEVANCE = stream_id("grv", LODGING)
FROM_GRIEVANCE = m.stream_of_grievance(COMMUNITY, GRIEVANCE)
CONSENT = m.RecordConsentV1(party=1, consents=True)


def test_a_party_applies() -> None:
    """The two first parties are on record, and nobody mediates yet."""
    world().when(start(), by=CLERK).then(started())


def test_a_mediator_who_begins_unasked_mediates() -> None:
    """On a mediator's own initiative the mediator is of the case from the start."""
    body = start(origin="initiative")
    world().when(body, by=MEDIATOR).then(started(MEDIATOR.actor, origin="initiative"))


def test_a_clerk_who_enters_an_initiative_does_not_mediate() -> None:
    """Who types it in is no mediator by that."""
    world().when(start(origin="initiative"), by=CLERK).then(started(origin="initiative"))


def test_it_grows_from_a_grievance_once() -> None:
    """Whoever starts it from a grievance, and how often: it is one stream, and a second start is refused."""
    body = start(origin="grievance", grievance=GRIEVANCE)
    begun = started(origin="grievance", grievance=GRIEVANCE)
    world().when(body, by=CLERK, subject=FROM_GRIEVANCE).then(begun)
    world(begun).when(body, by=SUPERVISOR, subject=FROM_GRIEVANCE).refused("mediated_already")
    world().when(body, by=CLERK).refused("wrong_stream")


@pytest.mark.parametrize("fields", [{"origin": "grievance"}, {"grievance": GRIEVANCE}])
def test_a_grievance_is_named_by_what_grows_from_it_alone(fields: dict[str, object]) -> None:
    """One that grows from a grievance names it; an application names none."""
    world().when(start(**fields), by=CLERK).refused("grievance_missing", "grievance")


def test_a_stream_is_begun_once_by_its_own_start() -> None:
    """An id that does not come from the submission is refused, and so is a second start."""
    world().when(start(), by=CLERK, subject=stream_id("med", "0" * 32)).refused("wrong_stream")
    world(started()).when(start(), by=CLERK).refused("already_exists")


@pytest.mark.parametrize("name", ["name_a", "name_b"])
def test_it_has_two_parties(name: str) -> None:
    """Without the name of each side's first party nothing can be mediated."""
    world().when(start(**{name: None}), by=CLERK).refused("party_missing", name)


def test_nobody_is_on_both_sides() -> None:
    """The same subject, or the same member of staff, cannot be both parties."""
    world().when(start(name_b=NAME_A), by=CLERK).refused("on_both_sides", "name_b")
    both = start(staff_a=HANDLER.actor, staff_b=HANDLER.actor)
    world().when(both, by=CLERK).refused("on_both_sides", "name_b")
    other_side = m.AddPartyV1(side="b", name=NAME_A)
    world(started()).when(other_side, by=CLERK).refused("on_both_sides", "name")


def test_places_and_people_are_of_the_register() -> None:
    """An unknown zone, and a member of staff that is none, are refused at their fields."""
    world().when(start(zone=ZONE), by=CLERK).accepted()
    world().when(start(zone="nowhere"), by=CLERK).refused("unknown_zone", "zone")
    world().when(start(staff_b="act_nobody0000"), by=CLERK).refused("unknown_person", "staff_b")
    stranger = m.AddPartyV1(side="b", name=NAME_C, staff="act_nobody0000")
    world(started()).when(stranger, by=CLERK).refused("unknown_person", "staff")


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_party_cannot_mediate(side: str) -> None:
    """A mediator who is a party neither begins, nor is named, nor becomes one while mediating."""
    theirs = {f"staff_{side}": MEDIATOR.actor}
    own = start(origin="initiative", **theirs)
    world().when(own, by=MEDIATOR).refused("mediator_is_party", f"staff_{side}")
    name = m.NameMediatorV1(mediator=MEDIATOR.actor, choice="panel")
    world(started(**theirs)).when(name, by=SUPERVISOR).refused("mediator_is_party", "mediator")
    add = m.AddPartyV1(side="third", name=NAME_C, staff=MEDIATOR.actor)
    world(started(), NAMED).when(add, by=CLERK).refused("mediator_is_party", "staff")


@pytest.mark.parametrize("who", [HANDLER, Who(CLERK.actor, "mediator"), GRID_WORKER])
def test_roles_are_held(who: Who) -> None:
    """Who does not hold a role that the policy lets add parties cannot."""
    body = m.AddPartyV1(side="b", name=NAME_C)
    world(started()).when(body, by=who).refused("not_entitled")


def test_a_mediator_speaks_of_their_own_cases_alone() -> None:
    """Another mediator of the community cannot act on the case."""
    world(started(), NAMED).when(m.AddNoteV1(note=SEALED), by=MEDIATOR).accepted()
    world(started(), NAMED).when(m.AddNoteV1(note=SEALED), by=OTHER_MEDIATOR).refused("not_its_mediator")


def test_it_stays_with_its_community() -> None:
    """Nobody of another unit acts on it, and nothing is told of the future."""
    neighbour = (
        r.PersonDefinedV1(person="act_nextclerk0", name=SEALED),
        r.AppointedV1(person="act_nextclerk0", role="clerk", unit=NEIGHBOUR),
    )
    who, note = Who("act_nextclerk0", "clerk"), m.AddNoteV1(note=SEALED)
    world(*neighbour, started()).when(note, by=who, unit=NEIGHBOUR).refused("other_unit")
    world(started()).when(note, by=CLERK, unit="nowhere").refused("unknown_unit", "unit")
    ahead = day(0) + FUTURE_TOLERANCE_MS + 1
    world(started()).when(note, by=CLERK, told=ahead).refused("occurred_in_future", "occurred_at")


def test_there_must_be_one() -> None:
    """What is said of a mediation that never was is refused, and so is everything without a policy."""
    world().when(m.AddNoteV1(note=SEALED), by=CLERK).refused("no_such_mediation")
    bare = given(register=[r.UnitDefinedV1(unit=COMMUNITY, name="Demo", tier="community")])
    bare.when(start(), by=CLERK).refused("no_policy")


def test_parties_are_added_and_numbered() -> None:
    """A further party has the next number; the same one is not added twice to a side."""
    add = m.AddPartyV1(side="third", name=NAME_C)
    world(started()).when(add, by=CLERK).then(m.PartyAddedV1(**add.__dict__, number=3))
    again = m.AddPartyV1(side="b", name=NAME_B)
    world(started()).when(again, by=CLERK).refused("party_already", "name")


def test_parties_are_twenty_at_most() -> None:
    """The twenty-first is refused."""
    names = [NAME_C.model_copy(update={"subject": f"sub_further{number:05}"}) for number in range(3, 22)]
    added = [m.PartyAddedV1(side="b", name=name, number=number) for number, name in enumerate(names[:18], 3)]
    more = m.AddPartyV1(side="b", name=names[18])
    world(started(), *added).when(more, by=CLERK).refused("too_many_parties")


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (m.NameRepresentativeV1(party=2, authority="entrusted", name=NAME_C), m.RepresentativeNamedV1),
        (m.ServeRightsNoticeV1(party=2, manner="post"), m.RightsNoticeServedV1),
    ],
)
def test_what_is_recorded_of_a_party(body: Message, event: type[Message]) -> None:
    """A representative and the rights notice are recorded of a party that there is, while it is open."""
    world(started()).when(body, by=CLERK).then(event(**body.__dict__))
    nobody = body.model_copy(update={"party": 9})
    world(started()).when(nobody, by=CLERK).refused("no_such_party", "party")
    world(*AGREED).when(body, by=CLERK).refused("agreed_already")


def test_the_term_begins_with_the_last_consent() -> None:
    """Consents are recorded one by one; the last one tells until when mediating usually lasts."""
    base = (started(), NAMED, *TOLD)
    world(*base).when(CONSENT, by=CLERK).then(CONSENTS[0])
    world(*base, CONSENTS[0]).when(m.RecordConsentV1(party=2, consents=True), by=CLERK).then(CONSENTS[1])
    assert UNDER_WAY[-1].mediate_by == MEDIATE_BY  # type: ignore[attr-defined]


def test_consent_follows_the_rights_notice() -> None:
    """Whoever was not told their rights cannot consent yet."""
    world(started()).when(CONSENT, by=CLERK).refused("notice_first", "party")
    world(started(), *TOLD, CONSENTS[0]).when(CONSENT, by=CLERK).refused("consented_already", "party")
    nobody = m.RecordConsentV1(party=7, consents=True)
    world(started()).when(nobody, by=CLERK).refused("no_such_party", "party")


@pytest.mark.parametrize("before", [(started(),), UNDER_WAY, WAITING])
def test_any_refusal_ends_it_with_the_remedies_named(before: tuple[Message, ...]) -> None:
    """A party refuses at any time before the agreement; what else is open to them is on record."""
    bare = m.RecordConsentV1(party=2, consents=False)
    world(*before).when(bare, by=CLERK).refused("remedies_missing", "remedies")
    refusal = m.RecordConsentV1(party=2, consents=False, remedies=SEALED)
    ended = m.ConsentRecordedV1(**refusal.__dict__)
    world(*before).when(refusal, by=CLERK).then(ended)
    after = world(*before, ended)
    assert after.mediation is not None
    assert (after.mediation.status, after.mediation.outcome) == ("closed", "refused")
    after.when(CONSENT, by=CLERK).refused("mediation_ended")


def test_mediators_are_appointed_people() -> None:
    """A mediator of the unit is named, by the panel, the parties or a supervisor; a handler is none."""
    body = m.NameMediatorV1(mediator=MEDIATOR.actor, choice="assigned")
    world(started()).when(body, by=SUPERVISOR).then(NAMED)
    world(started(), NAMED).when(body, by=SUPERVISOR).refused("mediates_already", "mediator")
    handler = m.NameMediatorV1(mediator=HANDLER.actor, choice="panel")
    world(started()).when(handler, by=SUPERVISOR).refused("unknown_mediator", "mediator")


def test_mediators_come_and_go_after_the_agreement() -> None:
    """Who sees its performance through may change; once it is closed, nobody is named or recused."""
    name = m.NameMediatorV1(mediator=OTHER_MEDIATOR.actor, choice="assigned")
    recuse = m.RecuseMediatorV1(mediator=MEDIATOR.actor, reason="other", note=SEALED)
    ended = (*UNDER_WAY, out.FailedV1(remedies=SEALED))
    for body in (name, recuse):
        world(*AGREED).when(body, by=SUPERVISOR).accepted()
        world(*ended).when(body, by=SUPERVISOR).refused("mediation_ended")


def test_co_mediators_are_five_at_most() -> None:
    """A sixth mediator is refused."""
    named = [m.MediatorNamedV1(mediator=f"act_other{n:05}", choice="panel") for n in range(5)]
    body = m.NameMediatorV1(mediator=MEDIATOR.actor, choice="chosen")
    world(started(), *named).when(body, by=CLERK).refused("too_many_mediators", "mediator")


def test_a_recused_mediator_does_not_come_back() -> None:
    """Recusal has a reason; it ends the mediator's part, and they cannot be named again."""
    body = m.RecuseMediatorV1(mediator=MEDIATOR.actor, reason="kin", note=SEALED)
    recused = m.MediatorRecusedV1(**body.__dict__)
    world(started(), NAMED).when(body, by=MEDIATOR).then(recused)
    world(started(), NAMED, recused).when(m.AddNoteV1(note=SEALED), by=MEDIATOR).refused("not_its_mediator")
    again = m.NameMediatorV1(mediator=MEDIATOR.actor, choice="chosen")
    world(started(), NAMED, recused).when(again, by=CLERK).refused("mediator_recused", "mediator")
    world(started()).when(body, by=SUPERVISOR).refused("does_not_mediate", "mediator")


@pytest.mark.parametrize(
    "event",
    [
        m.PartyAddedV1(side="third", name=NAME_C, number=3),
        m.MediatorNamedV1(mediator=OTHER_MEDIATOR.actor, choice="chosen"),
        m.MediatorRecusedV1(mediator=MEDIATOR.actor, reason="asked", note=SEALED),
    ],
)
def test_who_takes_part_changes_what_must_be_signed(event: Message) -> None:
    """A version that waits for signatures is void once a party or mediator comes or goes."""
    after = world(*WAITING, event).mediation
    assert after is not None
    assert after.draft is None


def test_an_interpreter_is_named() -> None:
    """An interpreter and the languages are on record, sealed."""
    body = m.NameInterpreterV1(name=NAME_C, languages=SEALED)
    world(started()).when(body, by=CLERK).then(m.InterpreterNamedV1(**body.__dict__))


def test_an_import_tells_the_start_and_the_outcome() -> None:
    """Inside an import parties may be unknown; its source tells what came of it, or that it does not say."""
    bare = start(name_a=None, name_b=None)
    opened = import_opened()
    world(opened).when(bare, by=CLERK, batch=BATCH, told=day(-400)).then(started(name_a=None, name_b=None))
    begun = on(day(-400), started(name_a=None, name_b=None), batch=BATCH)
    tell = out.TellOutcomeV1(outcome="not_told")
    early = out.TellOutcomeV1(outcome="agreed", ended_at=day(-401))
    told = given(opened, begun).when(tell, by=CLERK, batch=BATCH, told=day(-300))
    told.then(out.OutcomeToldV1(outcome="not_told"))
    refused = given(opened, begun).when(early, by=CLERK, batch=BATCH, told=day(-300))
    refused.refused("occurred_before_case", "ended_at")
    given(opened, begun, on(day(-300), out.OutcomeToldV1(outcome="failed"), batch=BATCH)).when(
        tell, by=CLERK, batch=BATCH
    ).refused("mediation_ended")


def test_an_import_tells_nothing_else() -> None:
    """A step of a mediation is not told by an import, nor an outcome outside the import that brought it."""
    note, tell = m.AddNoteV1(note=SEALED), out.TellOutcomeV1(outcome="agreed")
    begun = on(day(-400), started(), batch=BATCH)
    given(import_opened(), begun).when(note, by=CLERK, batch=BATCH).refused("not_by_import")
    given(import_opened(), begun).when(tell, by=CLERK).refused("only_in_import")
    closed = given(import_opened(), begun, import_closed(day(1)))
    closed.when(tell, by=CLERK, batch=BATCH).refused("batch_not_open")
    world(started()).when(tell, by=CLERK).refused("only_in_import")


@pytest.mark.parametrize("amount", [-1, 10**13 + 1])
def test_absurd_sums_are_no_sums(amount: int) -> None:
    """A negative sum, and one beyond a hundred thousand million yuan, are of no form that the family reads."""
    with pytest.raises(ValueError, match="amount"):
        start(amount=amount)


def test_the_default_policy_names_every_command() -> None:
    """Every command of the family has roles that may give it, and every term its source."""
    named = set(default_policy().terms["permissions"])
    assert named == {name.split(".")[1] for name in COMMANDS if name.startswith("mediation.")}
    assert isinstance(world().when(start(), by=CLERK).answer, Accepted)
