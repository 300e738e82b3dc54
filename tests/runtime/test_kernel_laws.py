"""Laws of the kernel over arbitrary histories: folding is deciding, and repeating changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import grievance as g
from contracts.base import DAY_MS, HOUR_MS, Message
from ledger.log import Record
from runtime.streams import Streams
from tests.support.community import command_of
from tests.support.given import ADMINISTRATOR, BEGINNING, CLOCK, community, lodge
from tests.support.histories import histories
from tests.support.partitions import (
    bodies,
    body_of,
    case_of,
    decide_all,
    look,
    numbered,
    partition,
    register_partition,
    say,
)


@given(histories())
def test_folding_decisions_is_deciding_submissions(records: list[Record]) -> None:
    """Who folds the decisions has the same streams, control, clock, basis and chain as who made them."""
    decided, folded = partition(), partition()
    for value in decide_all(decided, records):
        assert folded.admit(value) is not None
    assert look(folded) == look(decided)


@given(histories(), st.data())
def test_deciding_goes_on_after_folding(records: list[Record], data: st.DataObject) -> None:
    """Whoever has folded any number of decisions decides the rest in the same bytes."""
    cut = data.draw(st.integers(0, len(records)))
    whole = decide_all(partition(), records)
    resumed = partition()
    for value in whole[:cut]:
        resumed.admit(value)
    assert decide_all(resumed, records[cut:]) == whole[cut:]


@given(histories())
def test_deciding_is_deterministic(records: list[Record]) -> None:
    """The same records on a second fresh partition give the same bytes."""
    assert decide_all(partition(), records) == decide_all(partition(), records)


@given(st.lists(st.sampled_from(community()), max_size=30))
def test_the_register_folds_as_it_decides(entries: list[Message]) -> None:
    """A reader of the register's decisions has the same register as the worker that made them."""
    commands = [command_of(entry) for entry in entries]
    records = numbered(
        say(f"{n}", command, by=ADMINISTRATOR, unit="-", basis=0) for n, command in enumerate(commands)
    )
    decided, folded = register_partition(), register_partition()
    for value in decide_all(decided, records):
        assert folded.admit(value) is not None
    assert look(folded) == look(decided)
    assert folded.register.end == len(records)


@given(histories())
def test_every_record_has_exactly_one_readable_decision(records: list[Record]) -> None:
    """Whatever stands on the partition, its decision is readable, at most 60 KiB, and names its offset."""
    values = decide_all(partition(), records)
    assert [body_of(value).submission_offset for value in values] == list(range(len(records)))
    assert all(len(value) <= 60 * 1024 for value in values)


@given(histories())
def test_the_clock_and_the_basis_never_go_back(records: list[Record]) -> None:
    """From decision to decision `now` and `basis` stay or rise."""
    found = [body_of(value) for value in decide_all(partition(), records)]
    assert [body.now for body in found] == sorted(body.now for body in found)
    assert [body.basis for body in found] == sorted(body.basis for body in found)


@given(histories(max_size=20), st.data())
def test_repeating_submissions_changes_no_stream(records: list[Record], data: st.DataObject) -> None:
    """Copies of earlier records, put in anywhere after them, change no stream, no batch and no rules.

    Heartbeats are told apart by their hour instead: one that came too early may be said again.
    """
    repeated = _with_repeats(records, data)
    plain, doubled = partition(), partition()
    decide_all(plain, records)
    decide_all(doubled, repeated)
    assert _states(doubled.streams) == _states(plain.streams)
    assert doubled.control.batches == plain.control.batches
    assert (doubled.control.rules, doubled.now) == (plain.control.rules, plain.now)


DUE = BEGINNING + 15 * DAY_MS


@given(st.lists(st.integers(-40, 40).map(lambda hours: DUE + hours * HOUR_MS), max_size=8))
def test_a_deadline_fires_however_often_it_was_said_too_early(times: list[int]) -> None:
    """Of one saying, repeated at any times, the first that the clock has reached is the one that counts."""
    body = g.DeadlineDueV1(deadline="accept", due_at=DUE)
    said = [say("due", body, at, by=CLOCK, subject=case_of("a")) for at in times]
    found = bodies(partition(), say("a", lodge()), *said)[1:]
    early = sum(max(times[: n + 1]) < DUE for n in range(len(times)))
    assert [(body.outcome, body.reason) for body in found[:early]] == [("no_op", "early")] * early
    assert [body.outcome for body in found[early:]] == ["accepted", *["duplicate"] * 8][: len(times) - early]
    assert {body.duplicate_of for body in found[early + 1 :]} <= {early + 1}


@given(histories(max_size=15), histories(max_size=15))
def test_the_past_does_not_depend_on_the_future(records: list[Record], more: list[Record]) -> None:
    """What comes later on the partition changes no decision already made."""
    both = decide_all(partition(), [*records, *more])
    assert both[: len(records)] == decide_all(partition(), records)


def _with_repeats(records: list[Record], data: st.DataObject) -> list[Record]:
    """Copies come no later than the clock where they stand: a later retry moves it, as any record does."""
    repeated: list[Record] = []
    clocks = [body_of(value).now for value in decide_all(partition(), records)]
    for record, clock in zip(records, clocks, strict=True):
        repeated.append(record)
        for index in data.draw(st.lists(st.integers(0, len(repeated) - 1), max_size=2)):
            copied = repeated[index]
            repeated.append(copied._replace(timestamp=min(copied.timestamp, clock)))
    return numbered(repeated)


def _states(streams: Streams) -> dict[str, Any]:
    assert isinstance(streams, dict)
    return {name: stream.state for name, stream in streams.items()}
