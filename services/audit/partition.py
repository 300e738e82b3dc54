"""One partition replayed: every submission decided again, and held against the decisions on record."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from contracts.base import sha256_hex
from contracts.envelope import Decision, Submission, decode_decision
from contracts.reference import RegisterHistory
from ledger.log import Record
from runtime.chain import Admitted, Chain, ChainPosition, UnknownVersionError, beginning
from runtime.decision import Decided
from runtime.genesis import Ledger
from runtime.kernel import FamilyRules, Partition
from services.audit.clock import ClockWatch
from services.audit.comparing import unlike
from services.audit.findings import Findings, PartitionFindings
from services.audit.happened import Collect, Collector

STALE_BASIS_MS = 60_000
"""How long a register decision may have been there without a submission having seen it (invariant 7)."""

MAX_DIFFERENCES = 5
"""After so many decisions that differ, a partition's later ones are followed, not made again."""


@dataclass(slots=True)
class Tally:
    """What became of the records of one partition."""

    decisions: int = 0
    compared: int = 0
    ignored: int = 0
    undecided: int = 0


class _Pending(NamedTuple):
    """A submission, the decision made of it again, and the chain before that decision."""

    submission: Record
    decided: Decided
    before: ChainPosition


Need = Literal["events", "submissions", "refold"]
"""What a replay needs to go on: more records, or to fold what is on record before the next one."""


class PartitionReplay:
    """Compares the events of one partition, record by record, with what its submissions come to.

    Feed it by `offer` and `take`, and end it by `finish`. `register` is whole, or this partition's own;
    `follows`: the state on record cannot be decided from, so that only the chain is followed.
    """

    def __init__(
        self,
        ledger: Ledger,
        rules: FamilyRules,
        number: int,
        register: RegisterHistory,
        findings: Findings,
        collect: Collect,
    ) -> None:
        self.tally = Tally()
        self.register = register
        self._ledger = ledger
        self._rules = rules
        self._number = number
        self._notes = PartitionFindings(findings, rules.family, number)
        self._clock = ClockWatch(self._notes)
        self._collector = Collector(rules.family, number, collect)
        self._partition = Partition(rules, ledger.genesis, ledger.hash, number, register)
        self._submissions: deque[Record] = deque()
        self._all_offered = False
        self._pending: _Pending | None = None
        self._wrong = 0
        self._recorded = Chain(rules.family, beginning(rules.family, ledger.genesis, ledger.hash))
        self.follows = False
        self._forked = False
        self._stuck: _Stuck | None = None
        self._ended = False
        # A submission of the register has no basis beside itself.
        self._register_end = 0 if rules.family == "register" else register.end

    def offer(self, submissions: Sequence[Record]) -> None:
        """Give the next submissions; none: that was all."""
        self._submissions.extend(submissions)
        self._all_offered = not submissions

    def take(self, events: Sequence[Record], start: int) -> tuple[int, Need]:
        """Compare records of the events partition from index `start` on.

        Returns the index of the next one to take, and what is needed before.
        """
        index = start
        while index < len(events) and not self._ended:
            record = events[index]
            if self._pending is None and not self.follows:
                if not self._submissions and not self._all_offered:
                    return index, "submissions"
                self._make_next()
            pending = self._pending
            if pending is not None and record.value == pending.decided.value:
                self._admit(record, pending)
            else:
                try:
                    need = self._take_unlike(record, pending)
                except UnknownVersionError:
                    self._end(record)
                else:
                    if need == "refold":
                        return index, need
                    if need == "again":
                        continue
            index += 1
        return len(events) if self._ended else index, "events"

    def _take_unlike(self, record: Record, pending: _Pending | None) -> Literal["refold", "again", "next"]:
        """Take a record that is not the decision made again. Raises UnknownVersionError."""
        if pending is not None and self._is_next_but_one(record):
            # It builds on the decision made again, which has been there and is gone.
            self._miss(record, pending)
            return "again"
        if self._forked and self._recorded.match(record.value) is not None:
            return "refold"
        self._take_other(record, pending)
        return "next"

    def _end(self, record: Record) -> None:
        """What comes next cannot be read here, so that nothing after it can be followed."""
        self._notes.differ("determinism", record.offset, "unknown_version", (None, None), self.next_offset)
        self._ended = True

    def restart(self) -> None:
        """Begin anew from what is on record: `fold` follows for every record taken so far, then `resume`."""
        if self._pending is not None:
            self._submissions.appendleft(self._pending.submission)
        self._pending, self._forked = None, False
        if self._rules.family == "register":
            self.register = RegisterHistory(self._ledger.genesis.administrator)
        ledger = self._ledger
        self._partition = Partition(self._rules, ledger.genesis, ledger.hash, self._number, self.register)

    def fold(self, record: Record) -> None:
        """Take in a record that has been compared."""
        if not self.follows:
            self.follows = not self._could_admit(record)

    def resume(self) -> None:
        """Go on deciding from the recorded state, where it could be folded; else only follow the chain."""
        self.follows = self.follows or self._partition.chain.position() != self._recorded.position()

    def finish(self, submissions_end: int, now: int) -> None:
        """Conclude at this time; `submissions_end` is the offset at which the submissions end."""
        self._clock.finish(now)
        at = self.next_offset
        self.tally.undecided = max(0, submissions_end - at)
        stuck = self._stuck
        if stuck is None or not self.tally.undecided:
            return
        if stuck.latest > at:
            # Whoever decides in order leaves no decision of a later submission without those before it.
            self._notes.differ("completeness", stuck.offset, "missing_decision", (at, stuck.latest), at)
        elif stuck.no_decision is not None:
            # A worker leaves decisions only: those that lost a race can be read, and build on another one.
            self._notes.differ("completeness", stuck.no_decision, "no_decision", (at, None), at)

    @property
    def next_offset(self) -> int:
        """The first submission without a decision on record, as far as the records have been taken."""
        if self.follows:
            return self._recorded.next_offset
        return self._partition.next_offset if self._pending is None else self._pending.submission.offset

    def _make_next(self) -> None:
        """Make the decision of the next submission, unless it is missing from the log, or there is none."""
        partition = self._partition
        if self._submissions and self._submissions[0].offset == partition.next_offset:
            submission, before = self._submissions.popleft(), partition.chain.position()
            decided = partition.make_decision(submission, register_is_whole=True)
            self._pending = _Pending(submission, decided, before)

    def _admit(self, record: Record, pending: _Pending) -> None:
        self._pending = self._stuck = None
        self.tally.decisions += 1
        self.tally.compared += 1
        if self._forked:
            self._rejoin(record)
        submission, (_, told, verdict), _ = pending
        if record.timestamp != submission.timestamp:
            self._check_timestamp(record, submission)
        if told is None:
            digest = sha256_hex(submission.value or b"")
            self._notes.name("unreadable", submission.offset, verdict.reason, digest)
            return
        said = told.submission
        self._clock.see(submission.offset, submission.timestamp)
        if said.basis < self._register_end:
            self._check_basis(submission, said)
        if verdict.events:
            self._collector.made_again(record.offset, submission, told, verdict.events)

    def _is_next_but_one(self, record: Record) -> bool:
        return self._partition.chain.match(record.value) is not None

    def _miss(self, record: Record, pending: _Pending) -> None:
        missing = pending.submission.offset
        offset = record.offset if self._stuck is None else self._stuck.offset
        self._notes.differ("completeness", offset, "missing_decision", (missing, missing + 1), missing)
        self._pending = self._stuck = None

    def _rejoin(self, record: Record) -> None:
        """After a decision on record that is not ours, the next one builds on ours all the same."""
        self._forked = False
        at, previous, _ = self._recorded.position()
        body = decode_decision(record.value)
        named = body.data.previous if body else None
        self._notes.differ("completeness", record.offset, "broken_chain", (previous, named), at)

    def _take_other(self, record: Record, pending: _Pending | None) -> None:
        """Take a record that is not the decision made again: another in its place, or none that counts."""
        if self.follows:
            self._take_recorded(record, self._recorded.take(record.value))
            return
        chain = Chain(self._rules.family, self._chain_at())
        admitted = chain.take(record.value)
        self._take_recorded(record, admitted)
        if admitted is None:
            return
        self._recorded = chain
        if pending is not None:
            self._take_wrong(record, pending)
            return
        if not self._submissions:
            at = self._partition.next_offset
            self._notes.differ("completeness", record.offset, "decision_without_submission", (None, at), at)
        self.follows = not self._could_admit(record)

    def _chain_at(self) -> ChainPosition:
        """The place of the decision that comes next, as far as the records have been taken."""
        if self.follows:
            return self._recorded.position()
        return self._partition.chain.position() if self._pending is None else self._pending.before

    def _take_wrong(self, record: Record, pending: _Pending) -> None:
        """Another decision stands in the place of ours: what comes next says on which it builds."""
        self._pending = None
        self._wrong += 1
        self.tally.compared += 1
        what, expected, found = unlike(pending.decided.value, record.value)
        self._notes.differ("determinism", record.offset, what, (expected, found), pending.submission.offset)
        self.follows = self._wrong >= MAX_DIFFERENCES
        self._forked = not self.follows

    def _could_admit(self, record: Record) -> bool:
        """Let the partition take in a record as it is; False where its state cannot bear it."""
        try:
            self._partition.admit(record.value)
        except Exception:  # noqa: BLE001 -- rules need not stand what a forger wrote
            return False
        return True

    def _take_recorded(self, record: Record, admitted: Admitted | None) -> None:
        if admitted is None:
            self._ignore(record)
            return
        self._stuck = None
        self.tally.decisions += 1
        self._collector.on_record(record.offset, admitted)

    def _ignore(self, record: Record) -> None:
        self.tally.ignored += 1
        decision = decode_decision(record.value)
        latest = -1 if decision is None else decision.data.submission_offset
        before = self._stuck or _Stuck(record.offset, -1, None)
        no_decision = before.no_decision
        if no_decision is None and (decision is None or self._is_in_place(decision)):
            no_decision = record.offset
        self._stuck = _Stuck(before.offset, max(before.latest, latest), no_decision)

    def _is_in_place(self, decision: Decision) -> bool:
        """Whether it names the place that comes next, though its content is such that no reader takes it."""
        at = self._chain_at()
        return (decision.data.submission_offset, decision.data.previous) == at[:2]

    def _check_timestamp(self, record: Record, submission: Record) -> None:
        # A submission without a time bears -1, which its decision does not repeat.
        expected = max(submission.timestamp, 0)
        if record.timestamp != expected:
            self._notes.differ(
                "log", record.offset, "timestamp", (expected, record.timestamp), submission.offset
            )

    def _check_basis(self, record: Record, said: Submission) -> None:
        age = record.timestamp - self.register.recorded_at[said.basis]
        if age > STALE_BASIS_MS:
            self._notes.name("basis", record.offset, age // 1000)


class _Stuck(NamedTuple):
    """Records since the last admitted decision: the first one's offset, and the latest submission decided.

    `no_decision` is the offset of the first that no worker can have written.
    """

    offset: int
    latest: int
    no_decision: int | None
