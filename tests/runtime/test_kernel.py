"""The kernel: one decision for each record, under the clock, basis and rules that the log gives."""

from __future__ import annotations

import orjson
import pytest

from contracts import control as c
from contracts import grievance as g
from contracts import register as r
from contracts.base import HOUR_MS, LAST_MS
from contracts.partition import partition_of
from contracts.workflow import stream_id
from runtime.kernel import BASIS_SKEW_MS, BasisAheadError
from tests.support.given import (
    BEGINNING,
    CLERK,
    CLOCK,
    COMMUNITY,
    HANDLER,
    SEALED,
    STREET,
    SUPERVISOR,
    community,
    day,
    lodge,
    open_import,
)
from tests.support.partitions import (
    WHOLE,
    altered,
    as_record,
    bodies,
    body_of,
    case_of,
    decide_all,
    intent,
    look,
    numbered,
    partition,
    register,
    say,
    submission,
)

LODGED = say("lodge", lodge())


def test_a_record_gets_one_decision() -> None:
    """Deciding a record gives one decision, of that record, and moves to the next."""
    state = partition()
    (body,) = bodies(state, LODGED)
    assert (body.submission_offset, body.outcome, state.next_offset) == (0, "accepted", 1)
    assert body.submission_id == intent("lodge")


@pytest.mark.parametrize("offset", [0, 2])
def test_a_record_out_of_its_place_is_not_decided(offset: int) -> None:
    """Only the next undecided record can be decided."""
    state = partition()
    decide_all(state, [LODGED])
    with pytest.raises(ValueError, match="is not the next one"):
        state.decide(LODGED._replace(offset=offset))


def test_several_events_are_one_decision() -> None:
    """A command with three events still makes one decision record."""
    state = partition()
    batch = stream_id("imp", intent("open"))
    reply = g.ReplyV1(reply=SEALED, closes=True)
    *_, body = bodies(
        state,
        say("open", open_import(), subject=batch),
        say("lodge", lodge(), told=day(-500), batch=batch),
        say("reply", reply, subject=case_of("lodge"), told=day(-400), batch=batch),
    )
    names = [event.type for event in body.events]
    assert names == ["grievance.overdue.v1", "grievance.replied.v1", "grievance.closed.v1"]


def test_the_same_submission_twice_is_decided_once() -> None:
    """A retry is a duplicate that names the first record's offset and changes no stream."""
    state = partition()
    decide_all(state, [say("other", lodge()), LODGED])
    before = look(state)[:2]
    (body,) = bodies(state, LODGED._replace(timestamp=day(1)))
    assert (body.outcome, body.duplicate_of, body.events) == ("duplicate", 1, ())
    assert look(state)[:2] == before


def test_a_refused_submission_is_decided_once_too() -> None:
    """A retry of what was refused is a duplicate, though it would be accepted by now."""
    state = partition()
    accept = say("accept", g.AcceptV1(), subject=case_of("lodge"))
    outcomes = [body.outcome for body in bodies(state, accept, LODGED, accept)]
    assert outcomes == ["refused", "accepted", "duplicate"]


def test_the_same_key_with_another_body_is_a_conflict() -> None:
    """The same id with another body tag is a conflict: it names the first offset and changes no stream."""
    state = partition()
    decide_all(state, [LODGED])
    before = look(state)[:2]
    (body,) = bodies(state, say("lodge", lodge(zone=None), bodytag="other"))
    assert (body.outcome, body.duplicate_of) == ("conflict", 0)
    assert look(state)[:2] == before


@pytest.mark.parametrize(
    "name",
    [
        "grievance.lodge.v2",
        "grievance.shout.v1",
        "register.define_unit.v1",
        "grievance.lodged.v1",
        "aid.apply.v1",
    ],
)
def test_what_is_no_command_here_is_unsupported(name: str) -> None:
    """An unknown type or version, another family's command and an event are decided `unsupported`."""
    state = partition()
    (body, after) = bodies(state, altered(LODGED, type=name), LODGED)
    assert (body.outcome, body.submission_type, body.submission_id) == ("unsupported", name, intent("lodge"))
    assert after.outcome == "accepted"


def test_the_clock_is_a_running_maximum() -> None:
    """The partition's clock is the latest timestamp so far, and rules run on it."""
    records = [say(f"{at}", lodge(), at=at, told=BEGINNING) for at in (day(2), day(1), day(3))]
    found = bodies(partition(), *records)
    assert [body.now for body in found] == [day(2), day(2), day(3)]
    assert [body.effective_at for body in found] == [day(2), day(2), day(3)]
    assert [body.recorded_at for body in found] == [day(2), day(1), day(3)]
    assert [body.occurred_at for body in found] == [BEGINNING] * 3


def test_rules_run_on_told_times_inside_an_open_batch_only() -> None:
    """The effective time is the told one in an open batch, and the clock's before it and after it."""
    batch = stream_id("imp", intent("open"))
    told = day(-5)
    found = bodies(
        partition(),
        say("before", lodge(), told=told, batch=batch),
        say("open", open_import(), subject=batch),
        say("inside", lodge(), told=told, batch=batch),
        say("beside", lodge(), told=told),
        say("close", c.CloseImportV1(rows=1, bad_rows=0), subject=batch),
        say("after", lodge(), told=told, batch=batch),
    )
    assert [body.outcome for body in found] == ["refused", *["accepted"] * 4, "refused"]
    assert [body.effective_at == told for body in found] == [False, False, True, False, False, False]


def test_the_basis_is_a_running_maximum() -> None:
    """A submission with a lower basis than an earlier one is decided on the higher."""
    found = bodies(
        partition(), say("a", lodge(), basis=2), say("b", lodge(), basis=WHOLE), say("c", lodge(), basis=0)
    )
    assert [body.basis for body in found] == [2, WHOLE, WHOLE]
    assert [body.reason for body in found] == ["no_policy", None, None]


def test_what_was_entered_later_does_not_count() -> None:
    """A decision sees the register below its basis, whatever has been folded beyond it."""
    ended = r.AppointmentEndedV1(person=CLERK.actor, role="clerk", unit=COMMUNITY)
    state = partition(register([*community(), ended]))
    before, after = bodies(state, say("a", lodge(), basis=WHOLE), say("b", lodge(), basis=WHOLE + 1))
    assert (before.outcome, after.reason) == ("accepted", "not_entitled")


def test_a_basis_beyond_the_register_is_waited_for() -> None:
    """A basis that is not folded yet raises, moves nothing, and is decided once the register is there."""
    history = register()
    state = partition(history)
    record = say("lodge", lodge(), basis=WHOLE + 1)
    before = look(state)
    with pytest.raises(BasisAheadError) as raised:
        state.decide(record)
    assert (raised.value.basis, look(state)) == (WHOLE + 1, before)
    history.fold(BEGINNING, [])
    assert bodies(state, record)[0].basis == WHOLE + 1


@pytest.mark.parametrize(
    ("later", "outcome"), [(BASIS_SKEW_MS, "accepted"), (BASIS_SKEW_MS + 1, "unreadable")]
)
def test_a_basis_that_did_not_exist_is_unreadable(later: int, outcome: str) -> None:
    """A basis whose record is more than a minute younger than the submission cannot have been seen."""
    history = register()
    history.fold(BEGINNING + later, [])
    assert bodies(partition(history), say("lodge", lodge(), basis=WHOLE + 1))[0].outcome == outcome


def test_a_heartbeat_moves_only_the_clock() -> None:
    """A heartbeat moves `now` and the watched hour, and leaves no stream behind."""
    state = partition()
    hour = BEGINNING // HOUR_MS
    beat = say("beat", c.HeartbeatV1(hour=hour), by=CLOCK, subject="clock", unit="-")
    first, again = bodies(state, beat, beat._replace(timestamp=day(1)))
    assert (first.outcome, again.outcome, again.reason) == ("accepted", "no_op", "hour_passed")
    assert look(state)[0] == {}
    assert (state.control.heartbeat_hour, state.now) == (hour, day(1))


def test_a_heartbeat_that_came_too_early_may_be_said_again() -> None:
    """Heartbeats are told apart by their hour and not by their ids: when the hour has come, it counts."""
    hour = BEGINNING // HOUR_MS + 1
    beat = say("beat", c.HeartbeatV1(hour=hour), by=CLOCK, subject="clock", unit="-")
    early, late, again = bodies(partition(), beat, *[beat._replace(timestamp=hour * HOUR_MS)] * 2)
    assert (early.outcome, late.outcome, again.outcome) == ("refused", "accepted", "no_op")


def test_no_case_lives_in_the_ledger_itself() -> None:
    """A record in the ledger's name may stand on any partition, but a case needs a unit of the register."""
    refused = bodies(partition(), say("lodge", lodge(), unit="-", by=HANDLER))[0]
    assert refused.reason == "unknown_unit"


def test_a_home_unit_may_be_of_any_tier() -> None:
    """A case may live in a street as well as in a community, on that unit's own partition."""
    lodging = say("lodge", lodge(zone=None), unit=STREET, by=SUPERVISOR)
    assert bodies(partition(number=partition_of(STREET, 12)), lodging)[0].outcome == "accepted"
    assert bodies(partition(), lodging)[0].reason == "wrong_partition"


def test_a_decision_says_nothing_of_its_worker() -> None:
    """The decision holds what the submission, the state, the register and the rules give, and no more."""
    (value,) = decide_all(partition(), [LODGED])
    raw = orjson.loads(value)
    body = body_of(value)
    said = submission("lodge", lodge())
    assert raw["time"] == said.time
    assert set(raw["data"]) == {
        "submission_offset", "previous", "rules", "outcome", "now", "basis", "recorded_at", "occurred_at",
        "effective_at", "submission_id", "submission_type", "actor", "role", "unit", "bodytag", "events",
    }  # fmt: skip
    assert (body.actor, body.role, body.unit, body.bodytag) == (said.actor, said.role, said.unit, "tag")


def test_numbering_follows_the_partition() -> None:
    """Decisions bear the offsets of their submissions, one after the other, without a gap."""
    records = numbered([as_record(submission(f"{n}", lodge())) for n in range(5)])
    state = partition()
    assert [body_of(state.decide(record)).submission_offset for record in records] == [0, 1, 2, 3, 4]


def test_a_record_of_the_future_moves_the_clock_and_breaks_nothing() -> None:
    """After a foreign record of the year 9999 live steps are dated then, and their terms end with time."""
    due = g.DeadlineDueV1(deadline="handle", due_at=LAST_MS)
    records = [
        say("a", lodge()),
        say("b", lodge(), LAST_MS - 1),
        say("x", g.AcceptV1(), BEGINNING + 1, by=HANDLER, subject=case_of("a")),
        say("d", due, BEGINNING + 2, by=CLOCK, subject=case_of("a")),
    ]
    state, reader = partition(), partition()
    values = decide_all(state, records)
    assert all(reader.admit(value) is not None for value in values)
    *_, lodged, accepted, early = map(body_of, values)
    assert (lodged.now, accepted.effective_at, accepted.recorded_at) == (
        LAST_MS - 1,
        LAST_MS - 1,
        BEGINNING + 1,
    )
    assert lodged.events[0].data["accept_due_at"] == accepted.events[0].data["handle_due_at"] == LAST_MS
    assert (early.outcome, early.reason) == ("no_op", "early")
