"""The worker of one partition: reads submissions in order, proposes decisions, takes in what stands.

Progress is what the events partition says, never a consumer group's position (invariants 3 and 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.reference import RegisterHistory
from contracts.topics import events_topic, submissions_topic
from ledger.log import Draft, EventLog, LogUnavailableError, Record, TopicPartition
from runtime.chain import Chain
from runtime.genesis import Ledger
from runtime.kernel import BASIS_SKEW_MS, BasisAheadError, FamilyRules, Partition
from runtime.register_reader import RegisterReader

BATCH = 200
"""Submissions decided between two looks at the events partition: bounds what is lost with a race."""

FOLD = 2000

VISIBLE_SECONDS = 10.0
"""How long an acknowledged record may take to become readable."""

_REGISTER_WAIT_MS = 2 * BASIS_SKEW_MS


class PartitionWorker:
    """Decides one partition of one family. Any number may run: only what is admitted counts.

    `register` is where the structural register is read, None for the register family itself, whose
    partition is its own. `clock` gives milliseconds since the epoch; it never reaches a decision.
    """

    def __init__(
        self,
        log: EventLog,
        ledger: Ledger,
        rules: FamilyRules,
        partition: int,
        register: RegisterReader | None,
        clock: Callable[[], int],
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
        self._state: Partition | None = None
        self._position = 0

    @property
    def next_offset(self) -> int | None:
        """The next undecided submission; None before the events partition has been folded."""
        return None if self._state is None else self._state.next_offset

    async def open(self) -> Partition:
        """Fold the events partition to its end, unless that has been done and still holds.

        Raises LogUnavailableError, RulesMissingError.
        """
        if self._state is None:
            self._position = 0
            history = RegisterHistory(self._ledger.genesis.administrator)
            if self._register is not None:
                await self._register.catch_up()
                history = self._register.history
            fresh = Partition(self._rules, self._ledger.genesis, self._ledger.hash, self.partition, history)
            await self._fold(fresh)
            self._state = fresh
        return self._state

    async def catch_up(self) -> int:
        """Decide until the submissions partition has no more; return how many were read.

        Raises LogUnavailableError, RulesMissingError; the next call starts from what is on the log.
        """
        decided = 0
        while records := await self._next_records():
            decided += await self.decide(records)
        return decided

    async def decide(self, records: Sequence[Record]) -> int:
        """Decide submissions that may begin at, before or after the next one; a gap is read from the log.

        Returns how many were new. Raises as `catch_up`.
        """
        state = await self.open()
        new = [record for record in records if record.offset >= state.next_offset]
        if not new:
            return 0
        if new[0].offset > state.next_offset:
            new = await self._next_records()
        try:
            return await self._propose(state, new[:BATCH])
        except BaseException:
            # What became of the proposals is unknown: the events partition will say.
            self._state = None
            raise

    async def _next_records(self) -> list[Record]:
        state = await self.open()
        return await self._log.read(self.submissions, self.partition, state.next_offset, BATCH)

    async def _propose(self, state: Partition, records: Sequence[Record]) -> int:
        before = state.chain.position()
        drafts: list[Draft] = []
        for record in records:
            value = await self._decide_one(state, record)
            drafts.append(Draft(record.timestamp, record.key, value))
        admitted = Chain(self._rules.family, before.previous, before.next_offset)
        offsets = await self._log.append(self.events, self.partition, drafts)
        stands = await self._take_in(state, admitted, [draft.value or b"" for draft in drafts], offsets[-1])
        if not stands:
            self._state = None
        return len(records)

    async def _decide_one(self, state: Partition, record: Record) -> bytes:
        """One decision; waits for the register where the submission was made on a later one."""
        whole = False
        while True:
            try:
                return state.decide(record, register_is_whole=whole)
            except BasisAheadError as ahead:
                whole = await self._fold_register(ahead.basis, record)

    async def _fold_register(self, basis: int, record: Record) -> bool:
        """Fold the register to a basis. True: it is not there, and what may still come is too late."""
        if self._register is None:
            return True
        await self._register.catch_up()
        if self._register.history.end >= basis:
            return False
        if self._clock() > record.timestamp + _REGISTER_WAIT_MS:
            return True
        await self._register.wait(1.0)
        return False

    async def _take_in(self, state: Partition, admitted: Chain, ours: list[bytes], until: int) -> bool:
        """Read the events partition past our last proposal; False where another decision stands.

        The state has moved past `ours` already, `admitted` has not: a twin's equal bytes serve as well
        as our own, and a different decision that comes next on the chain means that ours are lost.
        """
        count = 0
        while self._position <= until:
            for record in await self._read_events():
                if count == len(ours):
                    self._admit(state, record)
                elif record.value == ours[count]:
                    admitted.advance(ours[count])
                    count += 1
                elif admitted.match(record.value) is not None:
                    return False
                else:
                    self.ignored += 1
        return count == len(ours)

    async def _fold(self, state: Partition) -> None:
        """Fold the events partition from its start to its end."""
        end = await self._log.end_offset(self.events, self.partition)
        while self._position < end:
            for record in await self._read_events():
                self._admit(state, record)

    async def _read_events(self) -> list[Record]:
        records = await self._log.read(self.events, self.partition, self._position, FOLD)
        if not records:
            here = {TopicPartition(self.events, self.partition): self._position}
            if not await self._log.wait(here, VISIBLE_SECONDS):
                raise LogUnavailableError(f"{self.events} partition {self.partition} does not show what it took")
        else:
            self._position = records[-1].offset + 1
        return records

    def _admit(self, state: Partition, record: Record) -> None:
        if state.admit(record.value) is None:
            self.ignored += 1
