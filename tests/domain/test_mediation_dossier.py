"""The dossier of a mediation: where each event belongs, and what is missing."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts.base import DAY_MS, Message
from contracts.catalogue import type_name
from contracts.mediation_file import Mediation, evolve
from services.mediation import dossier
from services.mediation.dossier import checklist, papers_of, part_of, version_standing
from tests.domain.test_mediation_agreement import AGREED_ORALLY
from tests.domain.test_mediation_laws import BEGINNINGS, STEPS, Step, said
from tests.domain.test_mediation_performance import (
    APPLIED,
    BREACHED,
    FOLLOWED_UP,
    PAID,
    REPAIRED,
    RULED,
)
from tests.domain.test_mediation_sessions import ATTACHED, PLANNED, REPORTED
from tests.golden.examples import example
from tests.support.given import COMMUNITY, SEALED, day, on
from tests.support.mediating import (
    AGREED,
    DRAWN_UP,
    MEDIATOR,
    NAME_C,
    SAT,
    UNDER_WAY,
    VISIT_BY,
    VISITED,
    WAITING,
    started,
)

EVENTS: tuple[type[Message], ...] = get_args(m.Event)


def file(paper: m.Paper) -> m.AttachedV1:
    """A file that belongs there."""
    return ATTACHED.model_copy(update={"paper": paper})


ONE_OF_EACH: tuple[Message, ...] = (
    *(example(type_name("mediation", event), event) for event in EVENTS if event is not m.AttachedV1),
    *(file(paper) for paper in get_args(m.Paper)),
)


def state_of(events: tuple[Message, ...]) -> Mediation:
    """The mediation that they make on the first day."""
    state: Mediation | None = None
    for event in events:
        state = evolve(state, event, COMMUNITY, day(0), None)
    assert state is not None
    return state


def found(*events: Message, now: int = day(1)) -> dict[tuple[str, int | str | None], str]:
    """Item and whom it is about → how it stands."""
    lines = checklist(events, state_of(events), now)
    assert len({(line.item, line.about) for line in lines}) == len(lines)
    return {(line.item, line.about): line.standing for line in lines}


def missing(*events: Message, now: int = day(1)) -> list[tuple[str, int | str | None]]:
    """What is missing, in the order of the papers."""
    return [key for key, standing in found(*events, now=now).items() if standing == "missing"]


def test_every_event_has_its_place() -> None:
    """Each event of the family is of one paper, or named as not filed; a file goes where it says."""
    assert set(dossier.PART_OF) | dossier.NOT_FILED | {m.AttachedV1} == set(EVENTS)
    assert not set(dossier.PART_OF) & dossier.NOT_FILED
    assert set(dossier.PART_OF_PAPER) == set(get_args(m.Paper))
    assert {part_of(one) for one in ONE_OF_EACH} == {*dossier.PARTS, None}


@for_all(st.lists(st.sampled_from(ONE_OF_EACH)))
def test_nothing_is_filed_twice_or_lost(events: list[Message]) -> None:
    """Whatever happened, each event is in exactly one paper or not filed, and papers keep the order of the log."""
    papers = papers_of(events)
    assert tuple(papers) == dossier.PARTS
    filed = Counter(at for places in papers.values() for at in places)
    assert set(filed.values()) <= {1}
    assert {type(events[at]) for at in set(range(len(events))) - set(filed)} <= dossier.NOT_FILED
    assert all(list(places) == sorted(places) for places in papers.values())


@for_all(st.sampled_from(BEGINNINGS), STEPS)
def test_there_is_a_checklist_of_whatever_happened(beginning: tuple[Message, ...], steps: list[Step]) -> None:
    """It goes through the papers in their order, every party is asked after once, and nothing stands in it twice."""
    at, past = day(0), list(on(day(0), *beginning))
    for step in steps:
        at += round(step.days * DAY_MS)
        if step.body is not None:
            past, _ = said(past, step.body, at, step.by)
    state: Mediation | None = None
    for one in past:
        state = evolve(state, one.event, COMMUNITY, one.at, one.batch)
    assert state is not None
    lines = checklist([one.event for one in past], state, at)
    order = [dossier.PARTS.index(line.part) for line in lines]
    assert order == sorted(order)
    told = [line.about for line in lines if line.item == "told"]
    assert told == [party.number for party in state.parties]
    assert len({(line.item, line.about) for line in lines}) == len(lines)


def test_a_new_application_lacks_nearly_all() -> None:
    """The paper, the notices, consents, identity, a mediator, a session and an end; nothing of an agreement yet."""
    assert missing(started()) == [
        ("written_application", None),
        ("told", 1),
        ("consent", 1),
        ("told", 2),
        ("consent", 2),
        ("identity", None),
        ("mediator", None),
        ("session", None),
        ("end", None),
    ]
    assert found(started(origin="oral"))["written_application", None] == "not_applicable"


def test_a_dossier_can_be_whole() -> None:
    """With its papers, all signatures, everything performed and the visit made, nothing is missing."""
    papers: tuple[m.Paper, ...] = (
        "application",
        "identity",
        "identity",
        "agreement",
        "receipt",
        "confirmation",
    )
    whole = (*AGREED, APPLIED, RULED, PAID, REPAIRED, VISITED, *map(file, papers))
    assert missing(*whole, now=VISIT_BY) == []


def test_each_party_has_a_proof_of_identity() -> None:
    """One file for two parties is not enough."""
    assert ("identity", None) in missing(*AGREED, file("identity"))
    assert ("identity", None) not in missing(*AGREED, file("identity"), file("identity"))


def test_signatures_are_missing_by_name() -> None:
    """Of a version that waits, whoever has not signed, and the seal; under no version, nobody."""
    assert [one for one in missing(*SAT, DRAWN_UP) if one[0] in ("signature", "seal")] == [
        ("signature", 1),
        ("signature", 2),
        ("signature", MEDIATOR.actor),
        ("seal", None),
    ]
    assert [one for one in missing(*WAITING) if one[0] in ("signature", "seal")] == [("seal", None)]


def test_what_is_not_due_is_not_missing() -> None:
    """An obligation and the visit are missing from their day on, a receipt once something was performed."""
    late = ("performance", 1), ("performance", 2), ("visit", None)
    assert not set(late) & set(missing(*AGREED))
    assert set(late) <= set(missing(*AGREED, now=VISIT_BY))
    assert ("receipt", None) not in missing(*AGREED)
    assert ("receipt", None) in missing(*AGREED, PAID)


def test_a_breach_waits_for_what_is_done_about_it() -> None:
    """It is missing until it is followed up, and its performance is not asked after any more."""
    late = VISIT_BY
    assert ("breach", 1) in missing(*AGREED, BREACHED, now=late)
    followed = found(*AGREED, BREACHED, FOLLOWED_UP, now=late)
    assert followed["breach", 1] == "present"
    assert followed["performance", 1] == "not_applicable"


def test_the_court_is_asked_after_once_it_was_asked() -> None:
    """No ruling belongs in a dossier whose parties asked no court; then it does, and its page as a file."""
    assert found(*AGREED)["confirmation", None] == "not_applicable"
    assert ("confirmation", None) in missing(*AGREED, APPLIED)
    assert ("ruling_page", None) in missing(*AGREED, APPLIED, RULED)


def test_a_risk_waits_for_the_duty_desk() -> None:
    """A report that nobody acknowledged is missing its other half; where none was made, none is asked for."""
    assert found(*SAT)["risk", None] == "not_applicable"
    assert ("risk", None) in missing(*SAT, REPORTED)
    assert found(*SAT, REPORTED, m.RiskAcknowledgedV1(note=SEALED))["risk", None] == "present"


def test_a_session_that_was_to_be_is_asked_after() -> None:
    """Once its time has passed, until it is held or put off."""
    events = (*UNDER_WAY, PLANNED)
    assert ("planned_session", 1) not in missing(*events)
    assert ("planned_session", 1) in missing(*events, now=day(4))


@pytest.mark.parametrize(
    "end",
    [
        m.ConsentRecordedV1(party=2, consents=False, remedies=SEALED),
        out.WithdrawnV1(party=1, note=SEALED),
        out.ReferredV1(forum="court", authority=SEALED, note=SEALED),
    ],
    ids=lambda event: type(event).__name__,
)
def test_another_end_asks_for_no_session_and_no_agreement(end: Message) -> None:
    """Where it was refused, withdrawn or referred, that is on record, and nothing of an agreement is called for."""
    standing = found(*UNDER_WAY, end)
    assert standing["end", None] == "present"
    assert {
        standing[item, None] for item in ("session", "signed_page", "confirmation", "receipt", "visit")
    } == {"not_applicable"}


def test_an_oral_agreement_has_no_signed_page() -> None:
    """It stands in its register, and needs none."""
    assert found(*SAT, AGREED_ORALLY)["signed_page", None] == "not_applicable"
    assert ("signed_page", None) in missing(*AGREED)


def test_terms_that_are_not_those_of_their_fingerprint_are_told() -> None:
    """A version whose sealed terms give another fingerprint lacks them."""
    other = DRAWN_UP.model_copy(update={"terms": NAME_C.model_copy(update={"sealed": "QUJE"})})
    assert ("fingerprint", 1) in missing(*SAT, other)
    assert found(*SAT, DRAWN_UP)["fingerprint", 1] == "present"


def test_a_version_is_in_force_waiting_or_superseded() -> None:
    """The one agreed upon stays in force until its amendment is; a draft that a new party voids is superseded."""
    second = DRAWN_UP.model_copy(update={"version": 2, "fingerprint": "2" * 64})
    amending = state_of((*AGREED, second))
    assert version_standing(amending, 1) == "in_force"
    assert version_standing(amending, 2) == "waiting"
    joined = m.PartyAddedV1(side="third", name=NAME_C, number=3)
    assert version_standing(state_of((*SAT, DRAWN_UP, joined)), 1) == "superseded"
