"""Mediation: agreements in writing and by word of mouth, signatures, and the other ends."""

from __future__ import annotations

import pytest

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import Message
from contracts.personal import Sealed
from tests.domain.test_mediation_sessions import ATTACHED
from tests.support.given import CLERK, MEDIATION, SEALED, day, on
from tests.support.mediating import (
    AGREED,
    DRAW_UP,
    DRAWN_UP,
    FINGERPRINT,
    HELD,
    IN_FORCE,
    MEDIATOR,
    NAME_C,
    NAMED,
    OTHER_MEDIATOR,
    REPAIR,
    SAT,
    SIGNATURES,
    TERMS,
    UNDER_WAY,
    VISIT_BY,
    WAITING,
    pay,
    sign,
    signed,
    started,
    world,
)

ORAL = out.AgreeOrallyV1.model_validate(TERMS)
AGREED_ORALLY = out.AgreedOrallyV1(
    **ORAL.__dict__,
    version=1,
    fingerprint=FINGERPRINT,
    register_number=f"KT-2026-{MEDIATION[-8:]}-1",
    visit_by=VISIT_BY,
)


def terms(**fields: object) -> out.DrawUpV1:
    """Draw up other terms."""
    return out.DrawUpV1.model_validate(TERMS | fields)


def test_an_agreement_is_drawn_up() -> None:
    """The version is numbered, and its text fixed by its fingerprint."""
    world(*SAT).when(DRAW_UP, by=MEDIATOR).then(DRAWN_UP)


@pytest.mark.parametrize(
    "other",
    [
        {"terms": Sealed(subject="sub_fictional0000", sealed="QUJDRQ==")},
        {"obligations": (pay(300_001), REPAIR)},
        {"obligations": (pay(300_000, due=11), REPAIR)},
        {"obligations": (pay(300_000),)},
        {"total": 1},
    ],
)
def test_the_fingerprint_is_of_the_whole_text(other: dict[str, object]) -> None:
    """Other terms, sums or days have another fingerprint; the same have the same."""
    assert terms(**other).own_fingerprint != FINGERPRINT
    assert terms().own_fingerprint == FINGERPRINT == ORAL.own_fingerprint


@pytest.mark.parametrize("body", [DRAW_UP, ORAL])
@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ((started(), *UNDER_WAY[2:], HELD), "not_its_mediator"),
        ((started(), NAMED, HELD), "consent_missing"),
        (UNDER_WAY, "no_session_held"),
        ((*SAT, out.FailedV1(remedies=SEALED)), "mediation_ended"),
    ],
)
def test_what_comes_before_an_agreement(body: Message, events: tuple[Message, ...], reason: str) -> None:
    """Somebody mediates, every party consented, and a session was held, before anything is agreed."""
    world(*events).when(body, by=MEDIATOR).refused(reason)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"obligations": (pay(1, debtor=9),), "total": 1}, "no_such_party", "obligations"),
        ({"obligations": (pay(1, debtor=1),), "total": 1}, "owes_itself", "obligations"),
        (
            {"obligations": (REPAIR.model_copy(update={"amount": 5}),), "total": 5},
            "amount_of_payment",
            "obligations",
        ),
        (
            {"obligations": (pay(1).model_copy(update={"amount": None}),), "total": None},
            "amount_of_payment",
            "obligations",
        ),
        ({"total": 300_001}, "does_not_add_up", "total"),
        ({"total": None}, "does_not_add_up", "total"),
        ({"obligations": (), "total": 5}, "does_not_add_up", "total"),
        ({"obligations": (pay(300_000, due=-1),)}, "due_before_agreement", "obligations"),
    ],
)
def test_terms_that_cannot_stand(fields: dict[str, object], reason: str, field: str) -> None:
    """Who owes whom, how much and by when must make sense, in writing or not."""
    world(*SAT).when(terms(**fields), by=MEDIATOR).refused(reason, field)
    oral = out.AgreeOrallyV1.model_validate(TERMS | fields)
    world(*SAT).when(oral, by=MEDIATOR).refused(reason, field)


def test_an_apology_alone_is_an_agreement() -> None:
    """An agreement may have no obligations, or acts alone, and no total then."""
    world(*SAT).when(terms(obligations=(), total=None), by=MEDIATOR).accepted()
    world(*SAT).when(terms(obligations=(REPAIR,), total=None), by=MEDIATOR).accepted()


@pytest.mark.parametrize("amount", [0, -5, 10**13 + 1])
def test_a_payment_is_a_sum(amount: int) -> None:
    """Nothing, less than nothing, and absurdly much cannot be owed."""
    with pytest.raises(ValueError, match="amount"):
        pay(amount)


def test_it_is_in_force_when_all_have_signed() -> None:
    """The last of both parties, the mediator and the committee's seal puts it in force; one missing does not."""
    world(*WAITING).when(sign(), by=MEDIATOR).then(signed(), IN_FORCE)
    world(*SAT, DRAWN_UP, *SIGNATURES[:2]).when(sign(), by=MEDIATOR).then(signed())
    last = (*SAT, DRAWN_UP, signed(), *SIGNATURES[1:])
    world(*last).when(sign(party=1), by=CLERK).then(signed(party=1), IN_FORCE)


def test_every_mediator_signs() -> None:
    """With a co-mediator it waits for both."""
    both = m.MediatorNamedV1(mediator=OTHER_MEDIATOR.actor, choice="chosen")
    waiting = (*SAT, both, DRAWN_UP, *SIGNATURES)
    world(*waiting).when(sign(), by=MEDIATOR).then(signed())
    own = sign(mediator=OTHER_MEDIATOR.actor)
    world(*waiting, signed()).when(own, by=OTHER_MEDIATOR).then(
        signed(mediator=OTHER_MEDIATOR.actor), IN_FORCE
    )


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"fingerprint": "0" * 64}, "other_version", "fingerprint"),
        ({"party": 1, "mediator": MEDIATOR.actor}, "one_signer", "party"),
        ({"party": 9}, "no_such_party", "party"),
        ({"mediator": OTHER_MEDIATOR.actor}, "does_not_mediate", "mediator"),
        ({"party": 1}, "signed_already", None),
        ({"mediator": MEDIATOR.actor}, "signed_already", None),
        ({"manner": "drawn"}, "signature_not_attached", "blob"),
        ({"manner": "scanned", "blob": "b" * 64}, "signature_not_attached", "blob"),
    ],
)
def test_signatures_that_cannot_stand(fields: dict[str, object], reason: str, field: str | None) -> None:
    """A signature is of somebody who has to sign, once, under the version that waits, and shown where it can be."""
    world(*WAITING).when(sign(**fields), by=MEDIATOR).refused(reason, field)


def test_a_mediator_signs_for_themselves() -> None:
    """A clerk cannot record a mediator's signature, and a seal is set once."""
    waiting = (*SAT, DRAWN_UP)
    world(*waiting).when(sign(mediator=MEDIATOR.actor), by=CLERK).refused("signs_for_another", "mediator")
    world(*waiting, signed()).when(sign(), by=CLERK).refused("signed_already")
    world(*SAT).when(sign(), by=CLERK).refused("nothing_to_sign")


def test_a_drawn_signature_is_an_attached_file() -> None:
    """What was drawn on the screen or scanned is in the dossier before it is a signature."""
    drawn = sign(party=1, manner="drawn", blob=ATTACHED.blob)
    world(*SAT, ATTACHED, DRAWN_UP).when(drawn, by=CLERK).then(out.SignedV1(**drawn.__dict__))


def test_signing_too_late_for_its_own_terms() -> None:
    """Once an obligation is due, nobody signs any more: a new version is needed."""
    world(*WAITING).when(sign(), day(11), by=MEDIATOR).refused("due_before_agreement", "obligations")


def test_an_amendment_is_a_new_version() -> None:
    """The version in force stays so until all have signed the next, whose obligations then replace it."""
    later = terms(obligations=(pay(100_000, due=40),), total=100_000)
    second = out.DrawnUpV1(**later.__dict__, version=2, fingerprint=later.own_fingerprint)
    world(*AGREED).when(later, by=MEDIATOR).then(second)
    waiting = world(*AGREED, second).mediation
    assert waiting is not None
    assert waiting.agreement is not None
    assert waiting.agreement.version == 1
    again = [sign(fingerprint=second.fingerprint, party=party) for party in (1, 2)]
    signatures = [out.SignedV1(**one.__dict__) for one in (*again, sign(fingerprint=second.fingerprint))]
    own = sign(fingerprint=second.fingerprint, mediator=MEDIATOR.actor)
    answer = world(*AGREED, second, *signatures).when(own, by=MEDIATOR)
    answer.then(out.SignedV1(**own.__dict__), IN_FORCE.model_copy(update={"version": 2}))
    amended = world(*AGREED, second, *signatures, *answer.answer.events).mediation  # type: ignore[union-attr]
    assert amended is not None
    assert [duty.obligation for duty in amended.duties] == [pay(100_000, due=40)]


def test_versions_are_fifty_at_most() -> None:
    """The fifty-first is refused."""
    last = DRAWN_UP.model_copy(update={"version": 50})
    world(*SAT, last).when(DRAW_UP, by=MEDIATOR).refused("too_many_versions")


def test_an_oral_agreement_has_a_number_of_its_own() -> None:
    """It is in force as it is recorded, under a number of the register of oral agreements."""
    world(*SAT).when(ORAL, by=MEDIATOR).then(AGREED_ORALLY)
    world(*SAT, AGREED_ORALLY).when(ORAL, by=MEDIATOR).refused("agreed_already")


def test_an_oral_agreement_can_be_written_down() -> None:
    """A written version of it is drawn up as an amendment."""
    written = DRAWN_UP.model_copy(update={"version": 2})
    world(*SAT, AGREED_ORALLY).when(DRAW_UP, by=MEDIATOR).then(written)


ENDS = (
    (out.FailV1(remedies=SEALED), MEDIATOR, "failed"),
    (out.WithdrawV1(party=1, note=SEALED), CLERK, "withdrawn"),
    (out.ReferV1(forum="court", authority=SEALED, note=SEALED), MEDIATOR, "referred"),
)


@pytest.mark.parametrize(("body", "who", "outcome"), ENDS)
def test_it_ends_without_an_agreement(body: Message, who: object, outcome: str) -> None:
    """It fails with the remedies named, is withdrawn, or goes to a court or to arbitration; then it has ended."""
    answer = world(*UNDER_WAY).when(body, by=who).answer  # type: ignore[arg-type]
    after = world(*UNDER_WAY, *on(day(3), *answer.events))  # type: ignore[union-attr]
    assert after.mediation is not None
    assert (after.mediation.status, after.mediation.outcome) == ("closed", outcome)
    assert after.mediation.ended_at == day(3)
    after.when(body, by=who).refused("mediation_ended")  # type: ignore[arg-type]
    world(*AGREED).when(body, by=who).refused("agreed_already")  # type: ignore[arg-type]


def test_whoever_asked_for_it_withdraws() -> None:
    """The other side does not withdraw: it does not consent."""
    other = out.WithdrawV1(party=2, note=SEALED)
    world(started()).when(other, by=CLERK).refused("did_not_apply", "party")
    nobody = out.WithdrawV1(party=5, note=SEALED)
    world(started()).when(nobody, by=CLERK).refused("no_such_party", "party")


def test_no_mediator_no_agreement() -> None:
    """Where the last mediator was recused nothing is drawn up by those who are left."""
    recused = m.MediatorRecusedV1(mediator=MEDIATOR.actor, reason="interest", note=SEALED)
    third = m.PartyAddedV1(side="third", name=NAME_C, number=3)
    world(*SAT, recused).when(DRAW_UP, by=MEDIATOR).refused("not_its_mediator")
    world(*SAT, third).when(DRAW_UP, by=MEDIATOR).refused("consent_missing")
