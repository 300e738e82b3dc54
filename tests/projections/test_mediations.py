"""The read model of mediations: rows that follow the log, terms for the clock, load, and tallies."""

from __future__ import annotations

from contracts import control as c
from contracts import mediation as m
from contracts import mediation_outcome as out
from contracts import register as r
from contracts.base import DAY_MS
from contracts.mediation_file import Mediation
from services.projections import mediations
from services.projections.mediation_fold import MEDIATIONS, Mediations
from services.projections.rows import TableName
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow, rows
from tests.projections.following import followed as followed_apart
from tests.support.community import ADMINISTRATOR, CLERK, SEALED, UNIT
from tests.support.ledger import DemoLedger
from tests.support.mediating import (
    DRAW_UP,
    FINGERPRINT,
    HOLD,
    MEDIATOR,
    NAME_A,
    NAME_B,
    NAME_C,
    sign,
    start,
)
from web.paging import Page

TABLES: tuple[TableName, ...] = ("mediations", "mediation_events", "mediation_people")
OUTCOME = out.TellOutcomeV1(outcome="not_told")
PAID = out.RecordPerformanceV1(obligation=1, amount=300_000, note=SEALED)


def a_ledger() -> DemoLedger:
    """A ledger with a mediator in its community."""
    demo = DemoLedger()
    person = r.DefinePersonV1(person=MEDIATOR.actor, name=SEALED)
    appointment = r.AppointV1(person=MEDIATOR.actor, role="mediator", unit=UNIT)
    for entry in (person, appointment):
        demo.submit(entry, by=ADMINISTRATOR)
    return demo


def begun(demo: DemoLedger, **fields: object) -> str:
    """Start a mediation that its mediator begins unasked; return its id."""
    body = start(origin="initiative", **fields)
    return demo.submit(body, by=MEDIATOR).submission.subject


def agreed(demo: DemoLedger) -> str:
    """A mediation with an agreement in force; return its id."""
    mediation = begun(demo)
    steps = (
        *(m.ServeRightsNoticeV1(party=party, manner="post") for party in (1, 2)),
        *(m.RecordConsentV1(party=party, consents=True) for party in (1, 2)),
        HOLD,
        DRAW_UP,
        *(sign(party=party) for party in (1, 2)),
        sign(mediator=MEDIATOR.actor),
        sign(),
    )
    for step in steps:
        said = demo.submit(step, subject=mediation, by=MEDIATOR)
        assert said.decision.outcome == "accepted", said.decision.reason
    return mediation


def followed(open_model: OpenModel, demo: DemoLedger) -> ReadModel:
    """A read model that has followed the ledger, three records at a time."""
    model = open_model(demo.ledger)
    follow(model, demo, 3)
    return model


def test_a_row_follows_its_mediation(open_model: OpenModel) -> None:
    """From the start to a payment the row tells the state, the sums and which term ends next."""
    demo = a_ledger()
    mediation = agreed(demo)
    model = followed(open_model, demo)
    row = mediations.by_id(model, mediation)
    assert row is not None
    assert (row.status, row.outcome, row.form, row.held, row.parties) == ("agreed", "agreed", "written", 1, 2)
    assert (row.owed, row.paid, row.duties, row.settled) == (300_000, 0, 2, 0)
    assert (row.deadline, row.due_at) == ("perform", DRAW_UP.obligations[0].due_at)
    demo.submit(PAID, subject=mediation, by=MEDIATOR)
    follow(model, demo)
    again = mediations.by_id(model, mediation)
    assert again is not None
    assert (again.paid, again.settled, again.due_at) == (300_000, 1, DRAW_UP.obligations[1].due_at)


def test_its_page_folds_its_events(open_model: OpenModel) -> None:
    """What happened stands in the order of the log, and makes the same state as the rules have."""
    demo = a_ledger()
    mediation = agreed(demo)
    model = followed(open_model, demo)
    events = mediations.events_of(model, mediation)
    assert [row.type for row in events][:2] == ["mediation.started.v1", "mediation.rights_notice_served.v1"]
    row = mediations.by_id(model, mediation)
    assert row is not None
    held = Mediations(MEDIATIONS)
    held.hold({mediation: row}, events, ())
    state = held.states[mediation]
    assert isinstance(state, Mediation)
    assert state.agreement is not None
    assert state.agreement.fingerprint == FINGERPRINT


def test_the_clock_is_told_of_terms(open_model: OpenModel) -> None:
    """A term that has passed is due until a clock has said so, and then the next one is."""
    demo = a_ledger()
    mediation = agreed(demo)
    model = followed(open_model, demo)
    first = DRAW_UP.obligations[0].due_at
    assert mediations.due(model, first - 1) == ()
    assert [(row.case_id, row.deadline, row.due_at) for row in mediations.due(model, first)] == [
        (mediation, "perform", first)
    ]
    demo.now = first
    demo.submit(m.DeadlineDueV1(deadline="perform", due_at=first), subject=mediation)
    follow(model, demo)
    assert mediations.due(model, first) == ()


def test_the_load_counts_what_is_not_closed(open_model: OpenModel) -> None:
    """A mediator's load is of open and agreed mediations; a failed one does not count."""
    demo = a_ledger()
    begun(demo)
    agreed(demo)
    failed = begun(demo)
    demo.submit(out.FailV1(remedies=SEALED), subject=failed, by=MEDIATOR)
    model = followed(open_model, demo)
    assert mediations.load(model, UNIT) == {MEDIATOR.actor: 2}


def test_lists_are_of_a_community_state_and_mediator(open_model: OpenModel) -> None:
    """What a list asks for is what it shows, with the number of all."""
    demo = a_ledger()
    mine, other = begun(demo), demo.submit(start(), by=CLERK).submission.subject
    model = followed(open_model, demo)
    wanted = mediations.Wanted(UNIT)
    assert {row.mediation_id for row in mediations.listed(model, wanted, Page()).rows} == {mine, other}
    of_mine = mediations.listed(model, wanted._replace(mediator=MEDIATOR.actor), Page())
    assert ([row.mediation_id for row in of_mine.rows], of_mine.total) == ([mine], 1)
    assert mediations.listed(model, wanted._replace(status="closed"), Page()).total == 0
    assert mediations.listed(model, mediations.Wanted("next"), Page()).total == 0


def test_an_import_without_outcomes_tallies_apart(open_model: OpenModel) -> None:
    """Twenty-five disputes over four years whose source tells no outcome are found, and not one of them agreed."""
    demo = a_ledger()
    batch = demo.open_import(family="mediation")
    for number in range(25):
        told = demo.now - (number + 1) * 58 * DAY_MS
        body = start(name_a=None, name_b=None)
        found = demo.submit(body, by=CLERK, told=told, batch=batch).submission.subject
        demo.submit(OUTCOME, by=CLERK, told=told, batch=batch, subject=found)
    demo.submit(c.CloseImportV1(rows=25, bad_rows=0), subject=batch, family="mediation")
    agreed(demo)
    live, imported = mediations.tallies(followed(open_model, demo), [UNIT], 0, demo.now + 1)
    assert (imported.imported, imported.outcome, imported.found) == (True, "not_told", 25)
    assert (live.imported, live.outcome, live.found, live.duties, live.owed) == (
        False,
        "agreed",
        1,
        2,
        300_000,
    )


def test_a_rebuild_makes_the_same() -> None:
    """A fold in one go differs in nothing from the rows that followed the log three records at a time."""
    demo = a_ledger()
    agreed(demo)
    begun(demo)
    with followed_apart(demo, 3) as by_portions, followed_apart(demo) as at_once:
        for name in TABLES:
            assert rows(by_portions, name) == rows(at_once, name)
            assert rows(at_once, name)


def test_whose_names_it_holds_can_be_asked(open_model: OpenModel) -> None:
    """Both parties and a representative are found by their subject, each with the part that they had first."""
    demo = a_ledger()
    mediation = begun(demo)
    speaks = m.NameRepresentativeV1(party=1, authority="guardian", name=NAME_C)
    again = m.NameRepresentativeV1(party=2, authority="entrusted", name=NAME_C)
    for body in (speaks, again):
        demo.submit(body, subject=mediation, by=MEDIATOR)
    model = followed(open_model, demo)
    for name, part in ((NAME_A, "party"), (NAME_B, "party"), (NAME_C, "representative")):
        (person,) = mediations.people_of(model, name.subject)
        assert (person.mediation_id, person.part, person.unit) == (mediation, part, UNIT)
    assert mediations.people_of(model, SEALED.subject) == ()
