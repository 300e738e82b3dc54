"""The worker of one partition: reads submissions in order, proposes decisions, takes in what stands.

Progress is what the events partition says, never a consumer group's position (invariants 3 and 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from contracts.reference import RegisterHistory
from contracts.topics import events_topic, submissions_topic
from ledger.log import MAX_RECORD_BYTES, Draft, EventLog, LogUnavailableError, Record, TopicPartition
from runtime.chain import Chain
from runtime.decision import Decided, Verdict
from runtime.genesis import Ledger
from runtime.index import IndexLostError, StreamIndex
from runtime.kernel import BASIS_SKEW_MS, BasisAheadError, FamilyRules, Partition
from runtime.recall import Recall
from runtime.register_reader import RegisterReader

BATCH = 200
"""Submissions decided between two looks at the events partition: bounds what is lost with a race."""

FOLD = 2000

VISIBLE_SECONDS = 10.0
"""How long an acknowledged record may take to become readable."""

_REGISTER_WAIT_MS = 2 * BASIS_SKEW_MS


class _Held(NamedTuple):
    """A partition as the events partition made it, and where its streams are kept."""

    partition: Partition
    recall: Recall


class PartitionWorker:
    """Decides one partition of one family. Any number may run: only what is admitted counts.

    `register` is where the structural register is read, None for the register family itself, whose
    partition is its own. `clock` gives milliseconds since the epoch; it never reaches a decision, nor does
    `index`, which spares the worker to fold closed streams at its start and to hold them (the register
    family has none: all of the register is held).
    """

    def __init__(
        self,
        log: EventLog,
        ledger: Ledger,
        rules: FamilyRules,
        partition: int,
        register: RegisterReader | None,
        clock: Callable[[], int],
        index: StreamIndex | None = None,
    ) -> None:
        self.submissions = submissions_topic(rules.family)
        self.events = events_topic(rules.family)
        self.partition = partition
        self.ignored = 0
        self._log = log
        self._ledger = ledger
        self._rules = rules
        self._register = register
        self._clock = clock
        self._index = index if register is not None else None
        self._held: _Held | None = None
        self._position = 0

    @property
    def next_offset(self) -> int | None:
        """The next undecided submission; None before the events partition has been folded."""
        return None if self._held is None else self._held.partition.next_offset

    async def open(self) -> Partition:
        """Fold the events partition to its end, unless that has been done and still holds.

        Raises LogUnavailableError, RulesMissingError.
        """
        return (await self._open()).partition

    async def catch_up(self) -> int:
        """Decide until the submissions partition has no more; return how many were read.

        First takes in what another worker has decided since. Raises LogUnavailableError,
        RulesMissingError; the next call starts from what is on the log.
        """
        decided = 0
        await self._follow()
        while records := await self._next_records():
            decided += await self.decide(records)
        return decided

    async def decide(self, records: Sequence[Record]) -> int:
        """Decide submissions that may begin at, before or after the next one; gaps are read from the log.

        Return how many were new. Raises as `catch_up`.
        """
        decided = 0
        while batch := await self._next_batch(records):
            try:
                decided += await self._propose(await self._open(), batch)
            except IndexLostError:
                self._give_up_index()
            except BaseException:
                # What became of the proposals is unknown: the events partition will say.
                self._held = None
                raise
        return decided

    def close(self) -> None:
        """Let go of the index, written as far as is known, and of all that was folded."""
        held, self._held = self._held, None
        if held is not None:
            try:
                held.recall.save(held.partition, now=True)
            except IndexLostError:
                self._give_up_index()
        if self._index is not None:
            self._index.close()

    async def _open(self) -> _Held:
        if self._held is None:
            try:
                self._held = await self._fold_all()
            except IndexLostError:
                self._give_up_index()
                self._held = await self._fold_all()
        return self._held

    async def _fold_all(self) -> _Held:
        history = RegisterHistory(self._ledger.genesis.administrator)
        if self._register is not None:
            await self._register.catch_up()
            history = self._register.history
        recall = Recall(self._rules, self._ledger.genesis, self._index, self._read_events_at)
        ledger = self._ledger
        fresh = Partition(self._rules, ledger.genesis, ledger.hash, self.partition, history, recall.streams)
        self._position = await recall.restore(fresh)
        held = _Held(fresh, recall)
        await self._fold(held)
        return held

    async def _follow(self) -> None:
        """Take in what stands on the events partition beyond what is known."""
        held = await self._open()
        try:
            await self._fold(held)
        except IndexLostError:
            self._give_up_index()
            await self._open()
        except BaseException:
            self._held = None
            raise

    def _give_up_index(self) -> None:
        """Go on without: what it should have spared is folded and held."""
        index, self._index = self._index, None
        self._held = None
        if index is not None:
            index.discard()

    async def _next_batch(self, records: Sequence[Record]) -> list[Record]:
        """Those of the records that come next, in order without a gap, or else those on the log."""
        after = (await self.open()).next_offset
        batch: list[Record] = []
        for record in records:
            if record.offset == after + len(batch):
                batch.append(record)
                if len(batch) == BATCH:
                    break
        if not batch and records and records[-1].offset > after:
            return await self._next_records()
        return batch

    async def _next_records(self) -> list[Record]:
        state = await self.open()
        return await self._log.read(self.submissions, self.partition, state.next_offset, BATCH)

    async def _propose(self, held: _Held, records: Sequence[Record]) -> int:
        state = held.partition
        await held.recall.load(records)
        admitted = Chain(self._rules.family, state.chain.position())
        decided = [await self._decide_one(state, record) for record in records]
        drafts = [_draft(*pair) for pair in zip(records, decided, strict=True)]
        offsets = await self._log.append(self.events, self.partition, drafts)
        if await self._take_in(held, admitted, decided, offsets):
            held.recall.save(state)
        else:
            self._held = None
        return len(records)

    async def _decide_one(self, state: Partition, record: Record) -> Decided:
        """One decision; waits for the register where the submission was made on a later one."""
        whole = False
        while True:
            try:
                return state.make_decision(record, register_is_whole=whole)
            except BasisAheadError as ahead:
                whole = await self._fold_register(ahead.basis, record)

    async def _fold_register(self, basis: int, record: Record) -> bool:
        """Fold the register to a basis. True: it is not there, and what may still come is too late."""
        if self._register is None:
            return True
        late = self._clock() > record.timestamp + _REGISTER_WAIT_MS
        said = await self._log.end_offset(submissions_topic("register"), 0)
        await self._register.catch_up()
        end = self._register.history.end
        if end >= basis:
            return False
        if late and end >= said:
            # All that was said to the register in time has been decided and folded.
            return True
        await self._register.wait(1.0)
        return False

    async def _take_in(
        self, held: _Held, admitted: Chain, ours: Sequence[Decided], offsets: Sequence[int]
    ) -> bool:
        """Read the events partition past our last proposal; False where another decision stands.

        The state has moved past `ours` already, `admitted` has not: a twin's equal bytes serve as well
        as our own, and a different decision that comes next on the chain means that ours are lost.
        """
        if (offsets[0], offsets[-1]) == (self._position, self._position + len(ours) - 1):
            # Nobody else's record is between what was folded and ours, nor between ours.
            for offset, decided in zip(offsets, ours, strict=True):
                _note(held.recall, offset, decided)
            self._position = offsets[-1] + 1
            return True
        count = 0
        while self._position <= offsets[-1]:
            records = await self._read_events()
            for place, record in enumerate(records):
                if count == len(ours):
                    await self._admit(held, records[place:])
                    break
                if record.value == ours[count].value:
                    admitted.advance(ours[count].value, ours[count].verdict.events)
                    _note(held.recall, record.offset, ours[count])
                    count += 1
                elif admitted.match(record.value) is not None:
                    return False
                else:
                    self.ignored += 1
        return count == len(ours)

    async def _fold(self, held: _Held) -> None:
        """Fold the events partition from the known position to its end."""
        end = await self._log.end_offset(self.events, self.partition)
        while self._position < end:
            await self._admit(held, await self._read_events())
            held.recall.save(held.partition)

    async def _read_events(self) -> list[Record]:
        records = await self._read_events_at(self._position, FOLD)
        if not records:
            here = {TopicPartition(self.events, self.partition): self._position}
            if not await self._log.wait(here, VISIBLE_SECONDS):
                raise LogUnavailableError(
                    f"Partition {self.partition} of topic {self.events} does not show what it has taken."
                )
        else:
            self._position = records[-1].offset + 1
        return records

    async def _read_events_at(self, offset: int, limit: int) -> list[Record]:
        return await self._log.read(self.events, self.partition, offset, limit)

    async def _admit(self, held: _Held, records: Sequence[Record]) -> None:
        await held.recall.load(records)
        for record in records:
            admitted = held.partition.admit(record.value)
            if admitted is None:
                self.ignored += 1
            else:
                decision, events = admitted
                verdict = Verdict(decision.data.outcome, events, decision.data.reason)
                held.recall.note(record.offset, decision.subject, verdict)


def _note(recall: Recall, offset: int, decided: Decided) -> None:
    subject = decided.told.submission.subject if decided.told else None
    recall.note(offset, subject, decided.verdict)


def _draft(record: Record, decided: Decided) -> Draft:
    """The record of a decision. What a foreign submission bears that no log takes from us is left out."""
    key = record.key if record.key is None or len(record.key) <= MAX_RECORD_BYTES else None
    return Draft(max(record.timestamp, 0), key, decided.value)
