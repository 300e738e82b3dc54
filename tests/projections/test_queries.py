"""What pages, intake and clocks are told by the read model."""

from __future__ import annotations

import pytest

from contracts import casework as w
from contracts import grievance as g
from contracts import register as r
from contracts.base import DAY_MS, HOUR_MS
from contracts.figures import DONE, OPEN, Scope
from contracts.tracking import digest_of
from services.projections import queries
from services.projections.queries import WorklistFilter
from services.projections.store import ReadModel
from tests.projections.conftest import OpenModel
from tests.projections.following import follow
from tests.support.ledger import BEGINNING, HANDLER, NEIGHBOUR, SEALED, UNIT, DemoLedger
from web.paging import Page


def followed(open_model: OpenModel, demo: DemoLedger) -> ReadModel:
    """A read model that has followed the ledger."""
    model = open_model(demo.ledger)
    follow(model, demo)
    return model


@pytest.fixture
def demo() -> DemoLedger:
    """Five cases: one accepted and assigned, one closed, one next door, two just lodged, a day apart each."""
    demo = DemoLedger()
    accepted = demo.lodge(zone="z2", title=SEALED)
    demo.submit(g.AcceptV1(), subject=accepted)
    demo.submit(g.AssignV1(handler=HANDLER.actor), subject=accepted)
    demo.now += DAY_MS
    closed = demo.lodge()
    for command in (g.AcceptV1(), g.ReplyV1(reply=SEALED), g.CloseV1(outcome="resolved")):
        demo.submit(command, subject=closed)
    for unit, zone in ((NEIGHBOUR, "n1"), (UNIT, "z1"), (UNIT, "z2")):
        demo.now += DAY_MS
        demo.lodge(unit=unit, zone=zone)
    return demo


def test_a_worklist_is_in_the_order_of_deadlines(open_model: OpenModel, demo: DemoLedger) -> None:
    """Open cases of a community come with the nearest deadline first, page by page, with their number."""
    model = followed(open_model, demo)
    whole = queries.worklist(model, WorklistFilter(unit=UNIT))
    assert [case.zone for case in whole.cases] == ["z1", "z2", "z2"]
    assert [case.status for case in whole.cases] == ["lodged", "lodged", "accepted"]
    second = queries.worklist(model, WorklistFilter(unit=UNIT), Page(size=2))
    assert (second.cases, second.total) == (whole.cases[:2], 3)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (WorklistFilter(), 4),
        (WorklistFilter(statuses=("closed",)), 1),
        (WorklistFilter(unit=NEIGHBOUR), 1),
        (WorklistFilter(zone="z2"), 2),
        (WorklistFilter(handler=HANDLER.actor), 1),
        (WorklistFilter(overdue=True), 0),
        (WorklistFilter(overdue=False, zone="z2"), 2),
    ],
)
def test_a_worklist_is_filtered(
    open_model: OpenModel, demo: DemoLedger, wanted: WorklistFilter, count: int
) -> None:
    """Each filter leaves the cases that fit it, in whichever combination."""
    found = queries.worklist(followed(open_model, demo), wanted)
    assert (len(found.cases), found.total) == (count, count)


def test_a_case_comes_with_its_history(open_model: OpenModel, demo: DemoLedger) -> None:
    """By id or tracking number one finds the case with its events in the order of the log."""
    model = followed(open_model, demo)
    (row,) = queries.worklist(model, WorklistFilter(statuses=("closed",))).cases
    by_id = queries.case_by_id(model, row.case_id)
    assert by_id is not None
    number = next(text for text in map("{:020d}".format, range(1000)) if digest_of(text) == row.tracking)
    assert by_id == queries.case_by_tracking_number(model, number)
    types = [event.type.split(".")[1] for event in by_id.events]
    assert types == ["lodged", "accepted", "replied", "closed"]
    assert queries.case_by_id(model, "grv_none00000") is None
    assert queries.case_by_tracking_number(model, "0000") is None


def test_decisions_are_found_by_place_and_by_submission(open_model: OpenModel, demo: DemoLedger) -> None:
    """A retried submission has two decisions of which the first counts; an unknown one has none."""
    case = demo.lodge()
    first = demo.submit(g.AcceptV1(), subject=case)
    again = demo.submit(g.AcceptV1(), subject=case, id=first.submission.id)
    model = followed(open_model, demo)
    found = queries.decisions_of(model, first.submission.id)
    assert [one.outcome for one in found] == ["accepted", "duplicate"]
    assert found[0] == queries.decision(model, "grievance", first.partition, first.offset)
    assert found[1].duplicate_of == first.offset
    assert queries.decision(model, "grievance", again.partition, again.offset + 1) is None


def test_refusals_of_a_case_are_listed(open_model: OpenModel, demo: DemoLedger) -> None:
    """What was turned down about a case is listed with its reason; what was accepted is not."""
    case = demo.lodge()
    demo.submit(g.CloseV1(outcome="resolved"), subject=case)
    demo.submit(g.AcceptV1(), subject=case)
    demo.submit(g.AcceptV1(), subject=case)
    found = queries.refusals(followed(open_model, demo), case)
    assert [one.reason for one in found] == ["not_accepted_yet", "not_lodged_state"]


def test_unreadable_records_are_listed(open_model: OpenModel, demo: DemoLedger) -> None:
    """The dead-letter list has each unreadable record with its place, reason and hash, the newest first."""
    for days, junk in enumerate((b"{", b"[]", None)):
        demo.now += days * DAY_MS
        demo.put("grievance.submissions", 4, junk)
    demo.decide("grievance", 4)
    model = followed(open_model, demo)
    found = queries.unreadable(model)
    assert [one.reason for one in found] == ["empty", "not_an_object", "not_json"]
    assert all(one.sha256 and one.partition == 4 for one in found)
    assert queries.unreadable(model, 1) == found[:1]


def test_passed_deadlines_are_listed_until_they_are_said(open_model: OpenModel) -> None:
    """A deadline is listed from its end on, oldest first, until an overdue event is on record."""
    demo = DemoLedger()
    case = demo.lodge()
    demo.now += DAY_MS
    demo.lodge()
    due_at = BEGINNING + 15 * DAY_MS
    model = followed(open_model, demo)
    assert queries.due_deadlines(model, due_at - 1) == ()
    assert queries.due_deadlines(model, due_at) == ((UNIT, case, "accept", due_at),)
    assert len(queries.due_deadlines(model, due_at + DAY_MS)) == 2
    assert len(queries.due_deadlines(model, due_at + DAY_MS, limit=1)) == 1
    demo.now = due_at
    demo.submit(g.DeadlineDueV1(deadline="accept", due_at=due_at), subject=case)
    follow(model, demo)
    assert queries.due_deadlines(model, due_at) == ()


def test_the_clock_hears_when_an_overdue_case_is_passed_up(open_model: OpenModel) -> None:
    """A case that stays overdue is listed at the time of its escalation, until it was passed up."""
    demo = DemoLedger()
    demo.submit(r.DefineUnitV1(unit="street", name="Street", tier="street"))
    demo.submit(r.DefineUnitV1(unit=UNIT, name="Demo", tier="community", parent="street"))
    case = demo.lodge()
    demo.now = BEGINNING + 15 * DAY_MS
    demo.submit(g.DeadlineDueV1(deadline="accept", due_at=demo.now), subject=case)
    model = followed(open_model, demo)
    then = BEGINNING + 20 * DAY_MS
    assert queries.due_deadlines(model, then - 1) == ()
    assert queries.due_deadlines(model, then) == ((UNIT, case, "escalate", then),)
    demo.now = then
    demo.submit(g.DeadlineDueV1(deadline="escalate", due_at=then), subject=case)
    follow(model, demo)
    assert queries.due_deadlines(model, then + 1000 * DAY_MS) == ()


def test_letters_that_wait_to_be_served_are_listed(open_model: OpenModel, demo: DemoLedger) -> None:
    """The case with an unserved reply is listed, closed or not, until its service is on record."""
    model = followed(open_model, demo)
    wanted = WorklistFilter(unit=UNIT, statuses=(*OPEN, *DONE), unserved=True)
    (waiting,) = queries.worklist(model, wanted).cases
    assert waiting.status == "closed"
    serving = w.RecordServiceV1(result="served", manner="post", recipient="complainant")
    demo.submit(serving, subject=waiting.case_id)
    follow(model, demo)
    assert queries.worklist(model, wanted).total == 0


def test_cases_of_an_open_import_are_never_due(open_model: OpenModel) -> None:
    """The clock hears of imported cases only once the import is closed, and then of their new deadline."""
    demo = DemoLedger()
    batch = demo.open_import()
    demo.lodge(told=BEGINNING - 100 * DAY_MS, batch=batch)
    model = followed(open_model, demo)
    far = BEGINNING + 1000 * DAY_MS
    assert queries.due_deadlines(model, far) == ()
    demo.close_import(batch)
    follow(model, demo)
    assert [due.due_at for due in queries.due_deadlines(model, far)] == [BEGINNING + 15 * DAY_MS]


def test_the_last_watched_hour(open_model: OpenModel) -> None:
    """The last heartbeat of a partition is known; a partition that nobody watched has none."""
    demo = DemoLedger()
    demo.heartbeat()
    demo.now += 3 * HOUR_MS
    demo.heartbeat()
    model = followed(open_model, demo)
    place = demo.place_of("grievance")
    assert queries.last_heartbeat(model, "grievance", place) == demo.now // HOUR_MS
    assert queries.last_heartbeat(model, "grievance", (place + 1) % 12) == -1


def test_the_flow_of_cases(open_model: OpenModel, demo: DemoLedger) -> None:
    """Received and closed are counted by the months and zones that they fall into."""
    demo.now += 40 * DAY_MS
    case = demo.lodge(zone="z3")
    demo.submit(g.NotAcceptV1(reason="not_specific", remedy=SEALED), subject=case)
    model = followed(open_model, demo)
    assert queries.flow_by_month(model) == (("2026-01", 5, 1), ("2026-02", 1, 1))
    assert queries.flow_by_month(model, Scope(unit=NEIGHBOUR)) == (("2026-01", 1, 0),)
    zones = queries.flow_by_zone(model, Scope(unit=UNIT))
    assert zones == (("z1", 2, 1), ("z2", 2, 0), ("z3", 1, 1))


def test_nothing_flows_where_nothing_was_lodged(open_model: OpenModel) -> None:
    """An empty read model answers with empty lists."""
    model = followed(open_model, DemoLedger())
    assert queries.flow_by_month(model) == ()
    assert queries.flow_by_zone(model) == ()
    assert queries.batches(model) == ()


def test_import_batches_are_listed(open_model: OpenModel) -> None:
    """Each batch is listed with how many cases came by it, and when it was closed, if it was."""
    demo = DemoLedger()
    first = demo.open_import()
    demo.lodge(told=BEGINNING - DAY_MS, batch=first)
    demo.close_import(first, rows=1)
    demo.now += DAY_MS
    second = demo.open_import()
    model = followed(open_model, demo)
    found = queries.batches(model, UNIT)
    assert [view.batch.batch_id for view in found] == [second, first]
    assert [view.cases for view in found] == [0, 1]
    assert [view.batch.closed_at for view in found] == [None, BEGINNING]
    assert queries.batches(model, NEIGHBOUR) == ()
