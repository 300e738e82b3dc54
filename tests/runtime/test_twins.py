"""Any number of workers on one events partition give one chain, the one that a single worker gives.

Here the log is a list and the workers are the kernel's own parts, so that a race can go any way at all;
`test_worker_races` has the same for the worker itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from ledger.log import Record
from runtime.kernel import Partition
from tests.support.histories import histories
from tests.support.partitions import chain, decide_all, look, partition

Fate = Literal["kept", "unacknowledged", "lost"]


@dataclass
class Twin:
    """A worker: what it has read from the events, and what it has decided ahead and not sent yet."""

    submissions: Sequence[Record]
    events: list[bytes]
    admitted: Partition = field(default_factory=partition)
    position: int = 0
    ahead: Partition | None = None
    unsent: list[bytes] = field(default_factory=list)

    def tail(self) -> None:
        """Read the events to their end."""
        for value in self.events[self.position :]:
            self.admitted.admit(value)
        self.position = len(self.events)

    def decide(self, count: int) -> None:
        """Decide some records ahead of what stands on the log, as far as this worker has read it."""
        if self.ahead is None:
            self.ahead = partition()
            for value in self.events[: self.position]:
                self.ahead.admit(value)
        start = self.ahead.next_offset
        self.unsent += decide_all(self.ahead, self.submissions[start : start + count])

    def send(self, count: int, fate: Fate) -> None:
        """Propose what was decided first; after a lost acknowledgement or a lost send, start afresh."""
        if fate != "lost":
            self.events += self.unsent[:count]
        self.unsent = self.unsent[count:]
        if fate != "kept" or not self.unsent:
            self.ahead, self.unsent = None, []

    def finish(self) -> None:
        """Read, then decide and send whatever is left."""
        self.tail()
        self.ahead, self.unsent = None, []
        self.decide(len(self.submissions))
        self.send(len(self.unsent), "kept")
        self.tail()


class Step(NamedTuple):
    """One worker does one thing."""

    who: int
    what: Literal["tail", "decide", "send", "die", "garbage"]
    size: int
    fate: Fate


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, 1),
        st.sampled_from(["tail", "decide", "decide", "send", "send", "die", "garbage"]),
        st.integers(1, 6),
        st.sampled_from(["kept", "kept", "unacknowledged", "lost"]),
    ),
    max_size=40,
)


def take(step: Step, twins: list[Twin], events: list[bytes]) -> None:
    """Let a step happen; a worker that dies comes back knowing nothing."""
    twin = twins[step.who]
    match step.what:
        case "tail":
            twin.tail()
        case "decide":
            twin.decide(step.size)
        case "send":
            twin.send(step.size, step.fate)
        case "die":
            twins[step.who] = Twin(twin.submissions, events)
        case "garbage":
            events.append(b"{}")


@given(histories(max_size=12), STEPS)
def test_two_workers_make_the_chain_of_one(records: list[Record], steps: list[Step]) -> None:
    """However two workers race, lag, repeat, lose and die, what is admitted is what one would decide."""
    single = partition()
    expected = decide_all(single, records)
    events: list[bytes] = []
    twins = [Twin(records, events), Twin(records, events)]
    for step in steps:
        take(step, twins, events)
    for twin in twins:
        twin.finish()
    reader = chain()
    assert [value for value in events if reader.take(value) is not None] == expected
    for twin in twins:
        twin.tail()
        assert look(twin.admitted) == look(single)


@given(histories(max_size=12), STEPS, st.integers(0, 30))
def test_a_reader_may_stop_anywhere(records: list[Record], steps: list[Step], stop: int) -> None:
    """What a reader of any first part of the events admits is the beginning of what every other admits."""
    events: list[bytes] = []
    twins = [Twin(records, events), Twin(records, events)]
    for step in steps:
        take(step, twins, events)
    early, late = chain(), chain()
    seen = [value for value in events[:stop] if early.take(value) is not None]
    whole = [value for value in events if late.take(value) is not None]
    assert whole[: len(seen)] == seen


@given(histories(max_size=12), st.data())
def test_who_loses_to_a_different_decision_takes_it_in(records: list[Record], data: st.DataObject) -> None:
    """Where a decision that this software would not make stands first, every worker goes on from that one."""
    strange = [record._replace(value=b"?") for record in records]
    cut = data.draw(st.integers(0, len(records)))
    events = decide_all(partition(), strange)[:cut]
    loser = Twin(records, events)
    loser.decide(len(records))
    loser.send(len(records), "kept")
    loser.finish()
    newcomer = Twin(records, events)
    newcomer.finish()
    assert look(newcomer.admitted) == look(loser.admitted)
    reader = chain()
    admitted = [value for value in events if reader.take(value) is not None]
    assert admitted[:cut] == decide_all(partition(), strange)[:cut]
    assert len(admitted) == len(records)
