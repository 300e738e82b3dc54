"""The replay of a whole log from offset 0: the register first, then each partition of every other family."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import NamedTuple

from contracts.base import LAST_MS
from contracts.genesis import decode_genesis, genesis_hash
from contracts.reference import RegisterHistory
from contracts.topics import LEDGER_TOPIC, events_topic, partitions_of, submissions_topic
from ledger.log import EventLog, Record, TopicPartition
from runtime.genesis import Ledger
from runtime.kernel import FamilyRules
from runtime.register_reader import RegisterReader
from services.audit.findings import Difference, Findings, Scalar
from services.audit.happened import Collect
from services.audit.partition import PartitionReplay, Tally
from services.audit.reading import PORTION, PartitionReading

_COLLECT_AFTER = 100_000

_SLICE = 200
"""Decisions compared between two turns of the event loop: some 4 ms."""

AsOf = dict[str, dict[str, int]]
"""Topic → partition → how many of its records were looked at."""


class Progress(NamedTuple):
    """How many records have been read, of how many."""

    done: int
    total: int


Report = Callable[[Progress], None]
Take = Callable[[TopicPartition, list[Record]], None]


class Replayed(NamedTuple):
    """What a replay came to, beside its findings: records read, and what became of them.

    `decided_at`: how many submissions had a decision where each marked partition was marked.
    """

    as_of: AsOf
    records: int
    decisions: int
    ignored: int
    undecided: int
    decided_at: dict[TopicPartition, int]

    @property
    def places(self) -> list[TopicPartition]:
        """Every partition that was read."""
        return [TopicPartition(topic, int(number)) for topic, ends in self.as_of.items() for number in ends]


class Replay:
    """One replay of one log. `families` must hold every family; each with every version of its rules."""

    def __init__(  # noqa: PLR0913, PLR0917 - a log, what to decide it by, and who is told of what
        self,
        log: EventLog,
        ledger: Ledger,
        families: Mapping[str, FamilyRules],
        findings: Findings,
        collect: Collect,
        report: Report,
        marks: Mapping[TopicPartition, int] | None = None,
        take: Take | None = None,
    ) -> None:
        """`marks`: offsets of events partitions at which to note how many submissions had been decided.

        `take` is given all records that are read, partition by partition, in order.
        """
        self._log = log
        self._ledger = ledger
        self._families = families
        self._findings = findings
        self._collect = collect
        self._report = report
        self._ends: dict[TopicPartition, int] = {}
        self._tally = Tally()
        self._take = take
        self._done = 0
        self._marks = marks or {}
        self._now = LAST_MS
        self._decided_at: dict[TopicPartition, int] = {}

    async def run(self, now: int) -> Replayed:
        """Read everything there is at the start of the replay, and compare.

        `now`: the time, in milliseconds since the epoch, which no record should lie ahead of. Raises
        LogUnavailableError, RulesMissingError.
        """
        self._now = now
        await self._note_ends()
        register = RegisterHistory(self._ledger.genesis.administrator)
        with collecting_seldom():
            await self._read_ledger()
            for family in sorted(self._families, key=lambda name: (name != "register", name)):
                for number in range(partitions_of(family, self._ledger.genesis.partitions)):
                    replay = PartitionReplay(
                        self._ledger, self._families[family], number, register, self._findings, self._collect
                    )
                    await self._replay(replay, family, number)
                    if family == "register":
                        register = await self._register_of(replay)
        tally = self._tally
        return Replayed(
            as_of(self._ends), self._done, tally.decisions, tally.ignored, tally.undecided, self._decided_at
        )

    async def _note_ends(self) -> None:
        """Note where each partition ends: first the decisions, so that what they are about is there too.

        The register comes last, so that whatever a submission has seen of it is there.
        """
        others = [family for family in self._families if family != "register"]
        rounds = (
            [events_topic(family) for family in others],
            [*(submissions_topic(family) for family in others), events_topic("register")],
            [submissions_topic("register"), LEDGER_TOPIC],
        )
        for topics in rounds:
            self._ends |= await self._log.end_offsets(topics)

    async def _read_ledger(self) -> None:
        """Check that record 0 is the genesis in force, and that the log has the topics that it names."""
        first: Record | None = None
        async with aclosing(self._reading(LEDGER_TOPIC, 0)) as reading:
            while records := await reading.next():
                first = first or records[0]
        value = (first.value if first else None) or b""
        if genesis_hash(value) != self._ledger.hash or decode_genesis(value) != self._ledger.genesis:
            self._differ(LEDGER_TOPIC, 0, "genesis", (self._ledger.hash, genesis_hash(value)))
        found = Counter(place.topic for place in self._ends)
        for topic, count in self._ledger.genesis.topics.items():
            if found[topic] != count:
                self._differ(topic, 0, "partitions", (count, found[topic]))

    async def _replay(self, replay: PartitionReplay, family: str, number: int) -> None:
        topic = events_topic(family)
        async with (
            aclosing(self._reading(submissions_topic(family), number)) as submissions,
            aclosing(self._reading(topic, number)) as events,
        ):
            place = TopicPartition(topic, number)
            while records := await events.next():
                for part in self._split(records, place):
                    await self._compare(replay, part, submissions, place)
                    if part[-1].offset < self._marks.get(place, 0):
                        self._decided_at[place] = replay.next_offset
                    # What was asked for in advance comes in meanwhile, a bufferful in each turn.
                    await asyncio.sleep(0)
            while await submissions.next():
                continue
        submissions_end = self._ends[TopicPartition(submissions_topic(family), number)]
        replay.finish(submissions_end, self._now)
        self._findings.checked["completeness"] += submissions_end
        self._tally.decisions += replay.tally.decisions
        self._tally.ignored += replay.tally.ignored
        self._tally.undecided += replay.tally.undecided
        self._findings.checked["determinism"] += replay.tally.compared

    def _split(self, records: list[Record], place: TopicPartition) -> Iterator[list[Record]]:
        """The records in slices, none of which reaches over the partition's mark."""
        before = sum(record.offset < self._marks.get(place, 0) for record in records)
        for start, end in ((0, before), (before, len(records))):
            for at in range(start, end, _SLICE):
                yield records[at : min(at + _SLICE, end)]

    async def _compare(
        self,
        replay: PartitionReplay,
        records: Sequence[Record],
        submissions: PartitionReading,
        events: TopicPartition,
    ) -> None:
        index = 0
        while index < len(records):
            index, need = replay.take(records, index)
            if need == "submissions":
                replay.offer(await submissions.next())
            elif need == "refold":
                await self._refold(replay, events, records[index].offset)

    async def _register_of(self, replay: PartitionReplay) -> RegisterHistory:
        """The register as the log has it, for the other families to be decided on."""
        if not replay.follows:
            return replay.register
        reader = RegisterReader(self._log, self._ledger)
        await reader.catch_up()
        return reader.history

    async def _refold(self, replay: PartitionReplay, events: TopicPartition, until: int) -> None:
        """Bring a replay to where the record stands, after a decision on record that is not ours."""
        replay.restart()
        position = 0
        while position < until:
            records = await self._log.read(*events, position, min(PORTION, until - position))
            for record in records:
                replay.fold(record)
            position = records[-1].offset + 1 if records else until
        replay.resume()

    def _reading(self, topic: str, number: int) -> PartitionReading:
        end = self._ends[TopicPartition(topic, number)]
        return PartitionReading(self._log, topic, number, end, self._findings, self._look)

    def _look(self, at: TopicPartition, records: list[Record]) -> None:
        if self._take is not None:
            self._take(at, records)
        self._done += len(records)
        self._report(Progress(self._done, sum(self._ends.values())))

    def _differ(self, topic: str, offset: int, what: str, unlike: tuple[Scalar, Scalar]) -> None:
        difference = Difference(
            topic=topic, partition=0, offset=offset, what=what, expected=unlike[0], found=unlike[1]
        )
        self._findings.differ("log", difference)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Folded states are many and in no cycle: looking for cycles among them takes a tenth of a replay."""
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def as_of(ends: Mapping[TopicPartition, int]) -> AsOf:
    """The ends by topic and partition."""
    found: AsOf = {}
    for place in sorted(ends):
        found.setdefault(place.topic, {})[str(place.partition)] = ends[place]
    return found
