"""Pauses of the handling term: bounded, by somebody else than the handler, and nobody gains or loses a day."""

from __future__ import annotations

from contracts import casework as w
from contracts import grievance as g
from contracts import pausing as z
from contracts.base import Message
from tests.support.given import (
    BATCH,
    HANDLER,
    SEALED,
    SUPERVISOR,
    Past,
    accepted,
    day,
    given,
    import_closed,
    import_opened,
    lodged,
    on,
    policy,
)

RUNNING: tuple[Message, ...] = (lodged(), accepted())
PAUSE = z.PauseV1(reason="appraisal", days=20, note=SEALED)
PAUSED = z.PausedV1(reason="appraisal", days=20, note=SEALED, until=day(30), left=day(50) - day(0))
ON_PAUSE: tuple[Message | Past, ...] = (*RUNNING, *on(day(10), PAUSED))
RESUME = z.ResumeV1(note=SEALED)
END = g.DeadlineDueV1(deadline="pause", due_at=day(30))


def test_a_pause_keeps_what_is_left_of_the_term() -> None:
    """Paused on day 10 of 60, 50 days are left."""
    given(*RUNNING).when(PAUSE, day(10), by=SUPERVISOR).then(PAUSED)


def test_a_term_runs_on_by_hand_with_what_was_left() -> None:
    """Resumed on day 15, it ends 50 days later."""
    resumed = z.ResumedV1(note=SEALED, handle_due_at=day(65), by_rule=False)
    given(*ON_PAUSE).when(RESUME, day(15), by=SUPERVISOR).then(resumed)


def test_a_term_runs_on_by_itself_from_the_end_of_the_pause() -> None:
    """However late a clock says so, the term has run on from the end of the pause."""
    given(*ON_PAUSE).when(END, day(33)).then(z.ResumedV1(handle_due_at=day(80), by_rule=True))


def test_a_pause_does_not_end_early_by_a_clock() -> None:
    """A clock that is early, or speaks of a term that waits, changes nothing."""
    given(*ON_PAUSE).when(END, day(29)).no_op("early")
    given(*ON_PAUSE).when(g.DeadlineDueV1(deadline="handle", due_at=day(60)), day(61)).no_op("stale")


def test_whoever_handles_a_case_does_not_pause_its_term() -> None:
    """Nor whoever was recused, in whatever role they speak."""
    mine = g.AssignedV1(handler=SUPERVISOR.actor)
    given(*RUNNING, mine).when(PAUSE, by=SUPERVISOR).refused("handler_may_not_pause")
    gone = w.RecusedV1(handler=SUPERVISOR.actor, note=SEALED)
    given(*RUNNING, mine, gone).when(PAUSE, by=SUPERVISOR).refused("handler_may_not_pause")
    given(*RUNNING).when(PAUSE, by=HANDLER).refused("not_entitled")


def test_all_pauses_of_a_term_are_bounded_together() -> None:
    """A second pause has what the first left of the policy's days, and 0 days mean that there is none."""
    again: tuple[Message | Past, ...] = (
        *ON_PAUSE,
        *on(day(15), z.ResumedV1(note=SEALED, handle_due_at=day(65))),
    )
    longer = z.PauseV1(reason="court", days=41, note=SEALED)
    given(*again).when(longer, day(16), by=SUPERVISOR).refused("pause_too_long", "days")
    given(*RUNNING, policy(pause_days=0)).when(PAUSE, by=SUPERVISOR).refused("pause_too_long", "days")


def test_a_reopened_case_has_its_pauses_anew() -> None:
    """The handling term starts anew, and so does what can be paused of it."""
    closed = (g.RepliedV1(reply=SEALED), g.ClosedV1(outcome="answered"))
    anew: tuple[Message | Past, ...] = (*ON_PAUSE, *closed, g.ReopenedV1(note=SEALED, handle_due_at=day(80)))
    longest = z.PauseV1(reason="court", days=60, note=SEALED)
    paused = z.PausedV1(reason="court", days=60, note=SEALED, until=day(80), left=day(60) - day(0))
    given(*anew).when(longest, day(20), by=SUPERVISOR).then(paused)


def test_only_a_term_that_runs_is_paused() -> None:
    """Not before acceptance, not twice, not after its end, and not within an open import."""
    given(lodged()).when(PAUSE, by=SUPERVISOR).refused("not_accepted_yet")
    given(*ON_PAUSE).when(PAUSE, day(12), by=SUPERVISOR).refused("paused_already")
    given(*RUNNING).when(PAUSE, day(61), by=SUPERVISOR).refused("term_has_ended")
    old = on(day(-9), lodged(accept_due_at=day(6)), accepted(day(51)), batch=BATCH)
    given(import_opened(), *old).when(PAUSE, by=SUPERVISOR).refused("import_open")


def test_the_term_of_an_imported_case_is_paused_as_it_runs_live() -> None:
    """What is left counts from the end that the close of the import gave it."""
    old = on(day(-400), lodged(accept_due_at=day(-385)), accepted(day(-340)), batch=BATCH)
    world = given(import_opened(), *old, import_closed(day(1)))
    paused = z.PausedV1(reason="appraisal", days=20, note=SEALED, until=day(31), left=day(50) - day(0))
    world.when(PAUSE, day(11), by=SUPERVISOR).then(paused)


def test_only_a_paused_term_runs_on() -> None:
    """There is nothing to resume in a term that runs."""
    given(*RUNNING).when(RESUME, by=SUPERVISOR).refused("not_paused")


def test_a_paused_term_is_not_extended() -> None:
    """An extension is asked for while the term runs."""
    given(*ON_PAUSE).when(w.AskExtensionV1(note=SEALED), day(12)).refused("paused_already")
