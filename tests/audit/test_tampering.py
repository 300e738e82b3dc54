"""Whatever byte of the record is changed, the audit finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from barograph.families import family_rules
from ledger.log import Record, TopicPartition
from services.audit.findings import Difference, Findings
from services.audit.replay import Replay
from tests.audit.house import EVENTS, PLACE, SUBMISSIONS, small_ledger
from tests.support.ledger import DemoLedger


class Lists:
    """The reading half of a log, over lists."""

    def __init__(self, records: Mapping[TopicPartition, Sequence[Record]], topics: Mapping[str, int]) -> None:
        self._records = records
        self._topics = topics

    async def read(self, topic: str, partition: int, offset: int, limit: int = 1000) -> list[Record]:
        """See EventLog."""
        return list(self._records.get(TopicPartition(topic, partition), ()))[offset : offset + limit]

    async def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """See EventLog."""
        places = [TopicPartition(topic, number) for topic in topics for number in range(self._topics[topic])]
        return {place: len(self._records.get(place, ())) for place in places}


class Tampering(NamedTuple):
    """A byte of a record's value, by its place, and what becomes of it."""

    offset: int
    at: int
    other: int


DEMO: DemoLedger = small_ledger()
DECISIONS = len(DEMO.records[TopicPartition(EVENTS, PLACE)])
TAMPERING = st.builds(
    Tampering,
    # The last decision may change into one that has lost a race, of which nothing is to be said.
    offset=st.integers(0, DECISIONS - 2),
    at=st.integers(0, 10_000),
    other=st.integers(1, 255),
)


def tampered(topic: str, change: Tampering) -> Mapping[TopicPartition, Sequence[Record]]:
    """The small ledger with one byte of one record changed."""
    place = TopicPartition(topic, PLACE)
    records = list(DEMO.records[place])
    value = bytearray(records[change.offset].value or b"")
    value[change.at % len(value)] ^= change.other
    records[change.offset] = records[change.offset]._replace(value=bytes(value))
    return {**DEMO.records, place: records}


async def differences(records: Mapping[TopicPartition, Sequence[Record]]) -> list[Difference]:
    """The first difference of each of the log's own checks that has one."""
    findings = Findings()
    log = Lists(records, DEMO.genesis.topics)
    replay = Replay(log, DEMO.ledger, family_rules(), findings, lambda _: None, lambda _: None)  # type: ignore[arg-type]
    await replay.run(DEMO.now)
    checks = findings.checks(("log", "completeness", "determinism")).values()
    return [check.first_difference for check in checks if check.first_difference]


async def test_untouched_there_is_no_difference() -> None:
    """The same ledger without a change passes."""
    assert await differences(DEMO.records) == []


@given(TAMPERING)
async def test_any_changed_byte_of_a_decision_is_found(change: Tampering) -> None:
    """One byte changed in any decision but the last: a difference at that decision's place."""
    found = await differences(tampered(EVENTS, change))
    assert (EVENTS, PLACE, change.offset) in {(one.topic, one.partition, one.offset) for one in found}


@given(TAMPERING)
async def test_any_changed_byte_of_a_submission_is_found(change: Tampering) -> None:
    """One byte changed in any submission, unless it means the same: a difference at its decision or later."""
    found = await differences(tampered(SUBMISSIONS, change))
    assert all((one.topic, one.partition) == (EVENTS, PLACE) for one in found)
    assert all(one.offset is not None and one.offset >= change.offset for one in found)
