"""The fold of cases: what each row says after what happened to its case."""

from __future__ import annotations

import pytest
from hypothesis import given

from contracts import grievance as g
from contracts.base import DAY_MS, Message
from contracts.personal import Sealed
from services.grievance.case import live_due
from services.projections.rows import CaseRow
from tests.projections.following import cases, folded, follow, followed, rows, sqlite_model
from tests.projections.forging import forge
from tests.projections.histories import STEPS, Step, cases_of, live, reference
from tests.support.ledger import BEGINNING, CLERK, HANDLER, SEALED, DemoLedger

DAY_15, DAY_60 = BEGINNING + 15 * DAY_MS, BEGINNING + 60 * DAY_MS


def row_of(demo: DemoLedger, case: str) -> CaseRow:
    """The case's row after all of the ledger."""
    return folded(demo).cases[case]


def worked(demo: DemoLedger, case: str, *commands: Message, days: float = 1) -> None:
    """Give commands about a case, each so many days after the one before."""
    for command in commands:
        demo.now += round(days * DAY_MS)
        assert demo.submit(command, subject=case).decision.outcome == "accepted"


@given(steps=STEPS)
def test_deadlines_agree_with_the_workflow(steps: list[Step]) -> None:
    """A row's deadline, status, zone and overdue mark are those that the decider's own state gives."""
    demo = live(steps)
    found = folded(demo).cases
    known = cases_of(demo)
    assert found.keys() == known.keys()
    for case, row in found.items():
        state = known[case]
        due = live_due(state, reference(demo, state.unit))
        assert (row.due_deadline, row.due_at) == due if due else row.due_at is None
        assert row.proposed == (state.life.proposal is not None)
        assert row.handler == state.life.handler
        letter = state.life.letter
        assert row.review_until == (letter.review_until if letter else None)
        assert not row.unserved or (letter is not None and not letter.served)
        assert row.escalate_at == state.life.escalate_at
        assert (row.referred_at is None) == (state.life.referral is None)
        assert (row.extension is not None) == (state.life.extension is not None)
        assert (row.status, row.zone, row.lodged_at) == (state.status, state.zone, state.lodged_at)
        assert not row.overdue or due in state.overdue


@given(steps=STEPS)
def test_overdue_means_said_of_the_deadline_that_runs(steps: list[Step]) -> None:
    """A row is overdue exactly where a live overdue event names its running deadline and its end."""
    demo = live(steps)
    found = folded(demo)
    for case, row in found.cases.items():
        said = [
            g.OverdueV1.model_validate_json(event.data)
            for event in found.events
            if event.case_id == case and event.type == "grievance.overdue.v1"
        ]
        running = (row.due_deadline, row.due_at, False)
        assert row.overdue == (running in {(one.deadline, one.due_at, one.historical) for one in said})


def test_a_lodged_case_has_its_row() -> None:
    """The row of a case just lodged says who, where, how, by when, and holds the texts as they are sealed."""
    demo = DemoLedger()
    name = Sealed(subject="sub_fictional0001", sealed="TkFNRQ==")
    case = demo.lodge(title=SEALED, reporter_name=name, category="roads", zone="z2", source_id="17")
    row = row_of(demo, case)
    assert (row.status, row.zone, row.category, row.channel) == ("lodged", "z2", "roads", "counter")
    assert (row.reporter, row.source_id, row.batch) == ("sub_fictional0001", "17", None)
    assert (row.due_deadline, row.due_start, row.due_at) == ("accept", BEGINNING, DAY_15)
    assert row.title == row.story == '{"subject":"sub_fictional0000","sealed":"QUJDRA=="}'


def test_a_case_handled_in_time() -> None:
    """Acceptance, reply, resolution and close are dated, the delay counts from lodging, nothing is late."""
    demo = DemoLedger()
    case = demo.lodge()
    assign = g.AssignV1(handler=HANDLER.actor)
    worked(demo, case, g.AcceptV1(), assign, g.ReplyV1(reply=SEALED), g.ResolveV1(note=SEALED))
    worked(demo, case, g.CloseV1(outcome="resolved"))
    row = row_of(demo, case)
    days = [BEGINNING + day * DAY_MS for day in range(6)]
    assert (row.accepted_at, row.replied_at, row.resolved_at, row.closed_at) == (*days[1:2], *days[3:6])
    assert (row.status, row.outcome, row.handler) == ("closed", "resolved", HANDLER.actor)
    assert (row.reply_delay, row.due_at, row.late) == (3 * DAY_MS, None, False)


def test_only_the_first_reply_counts() -> None:
    """A second reply moves neither the time of the first nor the delay."""
    demo = DemoLedger()
    case = demo.lodge()
    worked(demo, case, g.AcceptV1(), g.ReplyV1(reply=SEALED), g.ReplyV1(reply=SEALED))
    assert row_of(demo, case).replied_at == BEGINNING + 2 * DAY_MS


def test_a_step_after_its_deadline_is_late_though_no_clock_said_so() -> None:
    """A case accepted on day 16 is late for ever, and not overdue."""
    demo = DemoLedger()
    case = demo.lodge()
    worked(demo, case, g.AcceptV1(), days=16)
    row = row_of(demo, case)
    assert (row.late, row.overdue, row.overdue_historical) == (True, False, False)


def test_a_step_at_its_deadline_is_in_time() -> None:
    """A case accepted at the very end of its term is not late."""
    demo = DemoLedger()
    case = demo.lodge()
    worked(demo, case, g.AcceptV1(), days=15)
    assert not row_of(demo, case).late


def test_an_overdue_mark_ends_with_its_deadline() -> None:
    """A case overdue for acceptance is overdue no more once accepted, and stays late."""
    demo = DemoLedger()
    case = demo.lodge()
    worked(demo, case, g.DeadlineDueV1(deadline="accept", due_at=DAY_15), days=15)
    assert row_of(demo, case).overdue
    worked(demo, case, g.AcceptV1(), days=0)
    row = row_of(demo, case)
    assert (row.overdue, row.late, row.lapses) == (False, True, f"accept:{DAY_15}")


def test_reopening_starts_a_new_term() -> None:
    """A case opened again runs a new handling term, without close or outcome, and counts it."""
    demo = DemoLedger()
    case = demo.lodge()
    close = g.CloseV1(outcome="resolved")
    worked(demo, case, g.AcceptV1(), g.ReplyV1(reply=SEALED), close, g.ReopenV1(note=SEALED))
    row = row_of(demo, case)
    assert (row.status, row.closed_at, row.outcome, row.reopened) == ("accepted", None, None, 1)
    assert row.due_at == BEGINNING + 64 * DAY_MS


def test_a_case_not_accepted_is_done() -> None:
    """It has no deadline, its outcome is the reason, and it is dated as closed."""
    demo = DemoLedger()
    case = demo.lodge()
    worked(demo, case, g.NotAcceptV1(reason="before_court", remedy=SEALED))
    row = row_of(demo, case)
    assert (row.status, row.outcome, row.due_at) == ("not_accepted", "before_court", None)
    assert row.closed_at == BEGINNING + DAY_MS


def test_an_open_import_is_invisible_to_the_clock() -> None:
    """While the batch is open its cases have a deadline as decided and none for the clock."""
    demo = DemoLedger()
    batch = demo.open_import()
    case = demo.lodge(told=BEGINNING - 100 * DAY_MS, batch=batch)
    row = row_of(demo, case)
    assert (row.due_deadline, row.due_end, row.due_at) == ("accept", BEGINNING - 85 * DAY_MS, None)


@pytest.mark.parametrize("told", [0, 5, 14.9, 15, 15.1, 100])
def test_the_close_of_an_import_gives_live_deadlines(told: float) -> None:
    """From the close on an open imported case has its whole term; a term that ended before is historical."""
    demo = DemoLedger()
    batch = demo.open_import()
    case = demo.lodge(told=BEGINNING - round(told * DAY_MS), batch=batch)
    demo.close_import(batch)
    row = row_of(demo, case)
    assert (row.due_at, row.overdue) == (DAY_15, False)
    assert row.overdue_historical == row.late == (told > 15)


@pytest.mark.parametrize(("days", "late"), [(20, False), (60, False), (61, True)])
def test_an_imported_reply_is_judged_by_the_handling_term(days: int, late: bool) -> None:
    """A case that an import closes by its reply is late after 60 days, whatever the term of acceptance."""
    demo = DemoLedger()
    batch = demo.open_import()
    lodged = BEGINNING - 100 * DAY_MS
    case = demo.lodge(told=lodged, batch=batch)
    reply = g.ReplyV1(reply=SEALED, closes=True)
    demo.submit(reply, subject=case, told=lodged + days * DAY_MS, batch=batch, by=CLERK)
    row = row_of(demo, case)
    assert (row.status, row.reply_delay) == ("closed", days * DAY_MS)
    assert row.overdue_historical == row.late == late


def test_the_portions_do_not_matter() -> None:
    """An import closed in another transaction than its cases were lodged in gives the same rows."""
    demo = DemoLedger()
    batch = demo.open_import()
    for days in range(5):
        demo.lodge(told=BEGINNING - days * 10 * DAY_MS, batch=batch)
    demo.close_import(batch)
    with followed(demo, portion=1) as one, followed(demo) as whole:
        assert cases(one) == cases(whole)


def test_a_forged_event_about_no_case_is_kept_apart() -> None:
    """An event of a case that was never lodged is listed and makes no row, and the reader goes on."""
    demo = DemoLedger()
    forge(demo, [{"type": "grievance.accepted.v1", "data": {"handle_due_at": 5}}])
    with sqlite_model(demo.ledger) as model:
        follow(model, demo)
        assert cases(model) == {}
        assert [event["type"] for event in rows(model, "case_events")] == ["grievance.accepted.v1"]


def test_forged_texts_and_numbers_fit_their_columns() -> None:
    """A decision with NUL, endless text and numbers beyond 64 bits in it does not stop the reader."""
    demo = DemoLedger()
    long = {"submission_id": "x" * 50_000, "actor": "a\0b", "reason": "\0" * 300, "basis": 2**64 - 1}
    forge(demo, [{"type": "control.heartbeat_recorded.v1", "data": {"hour": 2**64 - 1}}], **long)
    with followed(demo) as model:
        (row,) = [row for row in rows(model, "decisions") if row["family"] == "grievance"]
        assert (len(row["submission_id"]), row["actor"]) == (200, "a\ufffdb")
        assert rows(model, "heartbeats")[0]["hour"] == 2**63 - 1
