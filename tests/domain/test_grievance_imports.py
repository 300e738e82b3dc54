"""Import batches: inside an open one rules run on told times; at its close open cases go live."""

from __future__ import annotations

from contracts import grievance as g
from contracts.workflow import FUTURE_TOLERANCE_MS
from tests.support.given import (
    BATCH,
    CASE,
    CLERK,
    HANDLER,
    NEIGHBOUR,
    SEALED,
    Who,
    accepted,
    day,
    given,
    import_closed,
    import_opened,
    lodge,
    lodged,
    on,
    overdue,
    staff,
)

CLOSING = g.ReplyV1(reply=SEALED, closes=True)
REPLIED = g.RepliedV1(reply=SEALED)
ANSWERED = g.ClosedV1(outcome="answered")
OLD = day(-400)
OLD_DUE = day(-385)
IMPORTED = (*on(day(0), import_opened()), *on(OLD, lodged(accept_due_at=OLD_DUE), batch=BATCH))
EARLIER = "grv_earlier00000"


def test_inside_an_import_the_told_time_rules() -> None:
    """A lodging in an open batch starts its term at the time that the source tells."""
    given(import_opened()).when(lodge(), day(1), told=OLD, batch=BATCH).then(lodged(accept_due_at=OLD_DUE))


def test_inside_an_import_the_future_is_refused_too() -> None:
    """A row that tells a time after the partition's clock is refused."""
    told = day(1) + FUTURE_TOLERANCE_MS + 1
    said = given(import_opened()).when(lodge(), day(1), told=told, batch=BATCH)
    said.refused("occurred_in_future", field="occurred_at")


def test_a_row_cannot_happen_before_its_case() -> None:
    """A reply that is told to be earlier than the lodging is refused; at the same time it is taken."""
    world = given(*IMPORTED)
    said = world.when(CLOSING, day(1), by=CLERK, told=OLD - 1, batch=BATCH)
    said.refused("occurred_before_case", field="occurred_at")
    world.when(CLOSING, day(1), by=CLERK, told=OLD, batch=BATCH).accepted()


def test_a_batch_that_was_not_opened_takes_nothing() -> None:
    """A row that names a batch which is not on record is refused."""
    given().when(lodge(), day(1), told=OLD, batch=BATCH).refused("batch_not_open")


def test_a_closed_batch_takes_nothing() -> None:
    """A row after the closing of its batch is refused."""
    world = given(import_opened(), import_closed(day(1)))
    world.when(lodge(), day(2), told=OLD, batch=BATCH).refused("batch_not_open")


def test_another_persons_batch_takes_nothing() -> None:
    """Only who opened a batch may put rows in it."""
    other = Who("act_clerk0002", "clerk")
    joined = [on(day(0), entry) for entry in staff(other, "demo")]
    world = given(*joined, import_opened())
    world.when(lodge(), day(1), by=other, told=OLD, batch=BATCH).refused("not_entitled")


def test_a_batch_serves_one_community() -> None:
    """A row of another community is refused, though its clerk opened the batch and serves there too."""
    joined = [on(day(0), entry) for entry in staff(CLERK, NEIGHBOUR)]
    world = given(*joined, import_opened())
    said = world.when(lodge(zone=None), day(1), told=OLD, batch=BATCH, unit=NEIGHBOUR)
    said.refused("batch_other_unit")


def test_a_repeat_is_named_only_in_an_import() -> None:
    """A lodging names the earlier case that it repeats inside an import, and nowhere else."""
    repeat = lodge(duplicate_of=EARLIER)
    world = given(import_opened())
    world.when(repeat, day(1), told=OLD, batch=BATCH).then(
        lodged(accept_due_at=OLD_DUE, duplicate_of=EARLIER)
    )
    world.when(repeat, day(1)).refused("only_in_import", field="duplicate_of")


def test_a_case_cannot_repeat_itself() -> None:
    """A lodging that names its own stream as the earlier case is refused."""
    said = given(import_opened()).when(lodge(duplicate_of=CASE), day(1), told=OLD, batch=BATCH)
    said.refused("duplicate_of_itself", field="duplicate_of")


def test_a_reply_closes_an_imported_case() -> None:
    """In an import a reply in time closes a case that was never accepted: the source knows no more."""
    said = given(*IMPORTED).when(CLOSING, day(1), by=CLERK, told=OLD + 1, batch=BATCH)
    said.then(REPLIED, ANSWERED)


def test_a_reply_at_the_end_of_the_term_is_in_time() -> None:
    """An imported reply exactly at the end of the handling term, from the lodging, is not overdue."""
    given(*IMPORTED).when(CLOSING, day(1), by=CLERK, told=day(-340), batch=BATCH).then(REPLIED, ANSWERED)


def test_a_reply_after_the_term_is_overdue_in_history() -> None:
    """An imported reply a millisecond after the handling term is recorded as overdue, historical."""
    overdue = g.OverdueV1(deadline="handle", due_at=day(-340), historical=True)
    said = given(*IMPORTED).when(CLOSING, day(1), by=CLERK, told=day(-340) + 1, batch=BATCH)
    said.then(overdue, REPLIED, ANSWERED)


def test_an_accepted_import_is_overdue_by_its_own_term() -> None:
    """An imported case that was accepted has the handling term from its acceptance, not from its lodging."""
    taken = on(day(-390), accepted(handle_due_at=day(-330)), batch=BATCH)
    world = given(*IMPORTED, taken)
    world.when(CLOSING, day(1), by=CLERK, told=day(-330), batch=BATCH).then(REPLIED, ANSWERED)
    overdue = g.OverdueV1(deadline="handle", due_at=day(-330), historical=True)
    world.when(CLOSING, day(1), by=CLERK, told=day(-330) + 1, batch=BATCH).then(overdue, REPLIED, ANSWERED)


def test_a_case_is_closed_by_one_reply() -> None:
    """A second closing reply to an imported case is refused."""
    closed = on(OLD, REPLIED, ANSWERED, batch=BATCH)
    said = given(*IMPORTED, closed).when(CLOSING, day(1), by=CLERK, told=OLD, batch=BATCH)
    said.refused("already_closed")


def test_a_reply_does_not_close_what_was_not_accepted() -> None:
    """A closing reply to an imported case that was not accepted is refused."""
    declined = on(OLD, g.NotAcceptedV1(reason="before_court", remedy=SEALED), batch=BATCH)
    said = given(*IMPORTED, declined).when(CLOSING, day(1), by=CLERK, told=OLD, batch=BATCH)
    said.refused("was_not_accepted")


def test_a_live_reply_does_not_close() -> None:
    """Outside an import a reply cannot close a case, accepted or not."""
    for history in ((lodged(),), (lodged(), accepted())):
        given(*history).when(CLOSING, by=HANDLER).refused("only_in_import", field="closes")


def test_a_live_reply_does_not_close_an_imported_case() -> None:
    """While a case's batch is open, a reply that is not part of an import cannot close it."""
    given(*IMPORTED).when(CLOSING, day(1), by=HANDLER).refused("only_in_import", field="closes")


def test_after_its_import_a_case_is_not_closed_by_a_reply() -> None:
    """After the closing of its batch an imported case is closed like any other."""
    given(*IMPORTED, import_closed(day(1))).when(CLOSING, day(2), by=HANDLER).refused(
        "only_in_import", field="closes"
    )


def test_an_imported_reply_needs_no_acceptance() -> None:
    """In the import that brought the case a reply is taken though the source tells no acceptance."""
    reply = g.ReplyV1(reply=SEALED)
    given(*IMPORTED).when(reply, day(1), by=CLERK, told=OLD, batch=BATCH).then(REPLIED)


def test_an_import_closes_as_its_source_tells() -> None:
    """A closing in time without a reply, with an outcome that only a source tells, is taken."""
    said = given(*IMPORTED).when(g.CloseV1(outcome="not_told"), day(1), by=CLERK, told=OLD, batch=BATCH)
    said.then(g.ClosedV1(outcome="not_told"))


def test_a_late_imported_closing_is_overdue_in_history() -> None:
    """A closing told after the handling term is recorded as overdue, historical."""
    said = given(*IMPORTED).when(
        g.CloseV1(outcome="duplicate"), day(1), by=CLERK, told=day(-340) + 1, batch=BATCH
    )
    overdue = g.OverdueV1(deadline="handle", due_at=day(-340), historical=True)
    said.then(overdue, g.ClosedV1(outcome="duplicate"))


def test_an_import_does_not_close_what_another_brought() -> None:
    """A closing or a reply in a batch that did not bring the case is refused."""
    world = given(*on(day(-401), lodged(accept_due_at=OLD_DUE)), import_opened())
    for told in (g.CloseV1(outcome="not_told"), g.ReplyV1(reply=SEALED)):
        world.when(told, day(1), by=CLERK, told=OLD, batch=BATCH).refused("only_in_import")


def test_what_only_sources_tell_is_refused_live() -> None:
    """Nobody closes a case here as a repeat, or without telling how."""
    world = given(lodged(), accepted())
    for outcome in g.ONLY_IMPORTED:
        world.when(g.CloseV1(outcome=outcome), by=HANDLER).refused("only_in_import", field="outcome")


def test_an_imported_acceptance_runs_from_its_told_time() -> None:
    """An acceptance in a batch starts the handling term at the told time."""
    said = given(*IMPORTED).when(g.AcceptV1(), day(1), by=CLERK, told=day(-390), batch=BATCH)
    said.then(accepted(handle_due_at=day(-330)))


def test_no_deadline_passes_while_the_batch_is_open() -> None:
    """A clock's word about an old deadline of a case in an open batch changes nothing."""
    due = g.DeadlineDueV1(deadline="accept", due_at=OLD_DUE)
    given(*IMPORTED).when(due, day(1)).no_op("stale")


def test_the_old_deadline_does_not_pass_after_the_closing() -> None:
    """The deadline of the past calls upon nobody once the batch is closed."""
    due = g.DeadlineDueV1(deadline="accept", due_at=OLD_DUE)
    given(*IMPORTED, import_closed(day(1))).when(due, day(30)).no_op("stale")


def test_the_closing_starts_a_live_term() -> None:
    """A case that is open when its batch closes has the whole term from the closing on."""
    due = g.DeadlineDueV1(deadline="accept", due_at=day(1) + 15 * (day(1) - day(0)))
    world = given(*IMPORTED, import_closed(day(1)))
    world.when(due, day(16) - 1).no_op("early")
    world.when(due, day(16)).then(overdue("accept", day(16)))


def test_a_later_due_time_stays_as_it_is() -> None:
    """A live acceptance after the closing has its own term, which the closing does not shorten."""
    history = (*IMPORTED, import_closed(day(1)), *on(day(5), accepted(handle_due_at=day(65))))
    due = g.DeadlineDueV1(deadline="handle", due_at=day(65))
    given(*history).when(due, day(65)).then(overdue("handle", day(65)))
