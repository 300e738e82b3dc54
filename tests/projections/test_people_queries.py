"""What the read model answers about personal data, on both databases."""

from __future__ import annotations

from contracts import grievance as g
from contracts import people as p
from contracts.base import DAY_MS
from contracts.personal import Sealed
from services.projections import people_queries as people
from tests.projections.conftest import OpenModel
from tests.projections.following import follow
from tests.support.ledger import AUDITOR, CLERK, NEIGHBOUR, OFFICER, SUPERVISOR, UNIT, DemoLedger

SUBJECT, OTHER = p.subject_id(UNIT, bytes(10)), p.subject_id(UNIT, bytes(range(10)))
TEXTS = p.subject_id(UNIT, b"texts of c")
HOLD = p.PlaceHoldV1(matter="2026/42", reason="court_case")


def sealed(subject: str) -> Sealed:
    """A text of this subject."""
    return Sealed(subject=subject, sealed="QUJDRA==")


def test_a_subjects_state_is_folded(open_model: OpenModel) -> None:
    """Holds in force, the erasure with its basis in law, and nothing of who was never spoken of."""
    demo = DemoLedger()
    demo.submit(HOLD, subject=SUBJECT)
    demo.submit(p.PlaceHoldV1(matter="1", reason="supervision"), subject=SUBJECT)
    demo.submit(p.LiftHoldV1(matter="1"), subject=SUBJECT)
    demo.submit(p.EraseV1(reason="unlawful"), subject=OTHER)
    model = open_model(demo.ledger)
    follow(model, demo)
    states = people.subject_states(model, [SUBJECT, OTHER, TEXTS])
    assert states.keys() == {SUBJECT, OTHER}
    assert [(hold.matter, hold.reason, hold.placed_by) for hold in states[SUBJECT].holds] == [
        ("2026/42", "court_case", OFFICER.actor)
    ]
    assert (states[OTHER].erased_at, states[OTHER].reason) == (demo.now, "unlawful")
    assert (states[OTHER].law or "").endswith("第（四）项")
    assert people.subjects_of_units(model, [UNIT]) == states
    assert people.subjects_of_units(model, [NEIGHBOUR]) == {}


def test_a_disclosure_is_folded(open_model: OpenModel) -> None:
    """Who asked, for which case, who granted until when, and whether it is in force; the newest first."""
    demo = DemoLedger()
    case = demo.lodge()
    first = demo.submit(p.RequestDisclosureV1(case=case, purpose="complaint")).submission.subject
    demo.submit(p.GrantDisclosureV1(until=demo.now + DAY_MS), subject=first)
    demo.now += 1
    second = demo.submit(p.RequestDisclosureV1(case=case, purpose="verify_case")).submission.subject
    demo.submit(p.EndDisclosureV1(), subject=second)
    model = open_model(demo.ledger)
    follow(model, demo)
    found = people.disclosures_about(model, case)
    assert [one.disclosure for one in found] == [second, first]
    assert [one.in_force(demo.now) for one in found] == [False, True]
    assert {one.asked_by for one in found} == {AUDITOR.actor}
    assert found[1].granted_by == OFFICER.actor
    assert people.disclosures_of(model, [UNIT]) == found
    assert people.disclosures_about(model, demo.lodge()) == ()


def test_a_retention_run_is_folded(open_model: OpenModel) -> None:
    """A run with the size and hash of its list, who proposed it, and who confirmed it."""
    demo = DemoLedger()
    listed = p.list_hash(frozenset({SUBJECT}))
    body = p.ProposeRetentionV1(schedule="grievance", until=demo.now, count=1, listed=listed)
    run = demo.submit(body, by=SUPERVISOR).submission.subject
    demo.submit(p.ConfirmRetentionV1(listed=listed), subject=run)
    model = open_model(demo.ledger)
    follow(model, demo)
    found = people.run_of(model, run)
    assert found is not None
    assert (found.size, found.listed, found.proposed_by) == (1, listed, SUPERVISOR.actor)
    assert found.confirmed_by == OFFICER.actor
    assert people.runs_of(model, [UNIT]) == (found,)
    assert people.run_of(model, "ret_00000000") is None


def test_readings_are_told_newest_first(open_model: OpenModel) -> None:
    """Every reading of a case or a subject, the newest first, with their number."""
    demo = DemoLedger()
    case = demo.lodge()
    for purpose in ("worklist", "casework"):
        demo.now += 1
        demo.submit(p.RecordReadingV1(purpose=purpose, cases=(case, f"grv_{'0' * 32}")))
    demo.submit(p.RecordReadingV1(purpose="subject_search", subjects=(SUBJECT,)))
    model = open_model(demo.ledger)
    follow(model, demo)
    found = people.readings_of(model, [case], 1)
    assert (found.total, [(row.purpose, row.actor) for row in found.rows]) == (2, [("casework", CLERK.actor)])
    assert people.readings_of(model, [case, SUBJECT], 10).total == 3


def test_a_subjects_cases_are_found(open_model: OpenModel) -> None:
    """Cases that a subject lodged and cases whose texts are its own; ended ones, and who has open ones."""
    demo = DemoLedger()
    told = {"story": sealed(TEXTS), "reporter_name": sealed(SUBJECT)}
    case = demo.lodge(**told)
    other = demo.lodge(story=sealed(OTHER))
    for body in (g.AcceptV1(), g.ReplyV1(reply=sealed(TEXTS)), g.CloseV1(outcome="answered")):
        demo.submit(body, subject=case)
    model = open_model(demo.ledger)
    follow(model, demo)
    assert [row.case_id for row in people.cases_of(model, SUBJECT)] == [case]
    (found,) = people.cases_of(model, TEXTS)
    assert people.case_subject(found) == TEXTS
    assert [row.case_id for row in people.cases_of(model, OTHER)] == [other]
    assert [row.case_id for row in people.ended_cases(model, UNIT)] == [case]
    assert people.open_reporters(model, UNIT) == frozenset()
    demo.lodge(**told)
    follow(model, demo)
    assert people.open_reporters(model, UNIT) == {SUBJECT}
