"""The decider kernel: one submission record in, one decision record out, and the admission rule.

A `Partition` is one partition of one family, folded. Two ways move it forward, and both end in the same
state: `decide` makes the decision of the next submission; `admit` reads one record of the events
partition and takes it in if it is the decision that comes next (invariants 1 to 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from contracts.base import LAST_MS, Message
from contracts.catalogue import COMMANDS, TYPE_OF
from contracts.envelope import DecisionBody, Submission, UnreadableError, read_submission
from contracts.genesis import Genesis
from contracts.partition import partition_of
from contracts.reference import LEDGER_UNIT, RegisterHistory
from contracts.topics import events_topic, partitions_of
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from ledger.log import Record
from runtime import control
from runtime.chain import Admitted, Chain, OutdatedError, beginning
from runtime.decision import Decided, DecisionWriter, Place, Told, Verdict
from runtime.streams import Folded, Stream, Streams, is_remembered

BASIS_SKEW_MS = 60_000
"""How much later than the submission a register record may bear a time: clocks of two machines."""


class Rules(NamedTuple):
    """One version of a family's rules: a pure decide and a pure evolve, neither of which ever raises.

    `evolve` may be given any event in any state: what does not fit changes nothing.

    `is_open` says whether more is expected of a stream: a worker may let go of the others until they are
    needed again (runtime/recall.py). Without it every stream stays in memory.
    """

    version: str
    decide: Callable[[Any, Command, Reference], Answer]
    evolve: Callable[[Any, Message, str, int, str | None], Any]
    is_open: Callable[[Any], bool] | None = None


class FamilyRules(NamedTuple):
    """A family and every version of its rules that can still be executed."""

    family: str
    versions: Mapping[str, Rules]


class RulesMissingError(OutdatedError):
    """The partition is under rules that this version of the software does not have: stop, and update."""


class BasisAheadError(Exception):
    """The next submission names a register basis that is not folded yet: fold the register to `basis`."""

    def __init__(self, basis: int) -> None:
        super().__init__(basis)
        self.basis = basis


class Partition:
    """One partition of one family, folded up to the submission before `next_offset`.

    `chain` says how far, `now` is the partition's clock in milliseconds, `basis` the effective register
    basis. Owned by one task; not safe to share.
    """

    def __init__(
        self,
        family: FamilyRules,
        genesis: Genesis,
        genesis_hash: str,
        partition: int,
        register: RegisterHistory,
        streams: Streams | None = None,
    ) -> None:
        self.family = family
        self.genesis = genesis
        self.partition = partition
        self.register = register
        self.streams: Streams = {} if streams is None else streams
        self.chain = Chain(family.family, beginning(family.family, genesis, genesis_hash))
        self.now = 0
        self.basis = 0
        self.control = control.Control(rules=genesis.rules[family.family])
        self._owns_register = family.family == "register"
        self._count = partitions_of(family.family, genesis.partitions)
        source = f"/ledgers/{genesis.ledger}/{events_topic(family.family)}/{partition}"
        self._writer = DecisionWriter(source, self.chain.type)
        self._bodies = _bodies(family.family)
        self._register_at_basis = register.at(0)

    @property
    def next_offset(self) -> int:
        """The next undecided submission."""
        return self.chain.next_offset

    @property
    def rules(self) -> Rules:
        """The rules in force; raises RulesMissingError where they are not at hand."""
        rules = self.family.versions.get(self.control.rules)
        if rules is None:
            raise RulesMissingError(
                f"Partition {self.partition} of {self.family.family} is under rules {self.control.rules}, which "
                "this version of the software does not have: update it."
            )
        return rules

    def decide(self, record: Record, *, register_is_whole: bool = False) -> bytes:
        """Decide the next submission record; return the decision's value; the state moves past it.

        Deterministic in the record, the folded state, the register below the basis, and the rules.
        Raises RulesMissingError, and BasisAheadError (then the state has not moved) unless the register
        is known to be whole for that record: what could still be appended to it is too late to count.
        """
        return self.make_decision(record, register_is_whole=register_is_whole).value

    def make_decision(self, record: Record, *, register_is_whole: bool = False) -> Decided:
        """Decide as `decide` does; return also what the decision is made of."""
        if record.offset != self.chain.next_offset:
            raise ValueError(f"submission {record.offset} is not the next one, {self.next_offset}")
        rules = self.rules
        recorded_at = _bounded(record.timestamp)
        place = Place(record.offset, recorded_at, self.chain.previous, rules.version)
        try:
            told = self._read(record, recorded_at, register_is_whole)
            verdict = self._judge(told, rules)
            value = self._writer.readable(place, told, verdict)
        except UnreadableError as error:
            # What cannot be read moves neither the clock nor the basis.
            value = self._writer.unreadable(place, self.now, self.basis, error.reason, record.value)
            self._advance(recorded_at, self.now, self.basis, value, ())
            return Decided(value, None, Verdict("unreadable", reason=error.reason))
        submission = told.submission
        folded = self._fold(rules, verdict.events, submission.subject, submission, told.effective_at)
        seen = is_remembered(submission.subject, verdict.outcome, verdict.reason)
        self._keep(submission.subject, folded, submission.id if seen else None, _tag(submission))
        self._advance(recorded_at, told.now, told.basis, value, verdict.events)
        return Decided(value, told, verdict)

    def admit(self, value: bytes | None) -> Admitted | None:
        """Take in a record of the events partition if it is the decision that comes next, else None.

        Raises RulesMissingError, UnknownVersionError; then the state has not moved.
        """
        admitted = self.chain.match(value)
        if admitted is None or value is None:
            return None
        (decision, events), rules = admitted, self.rules
        body, subject = decision.data, decision.subject
        if subject is not None:
            folded = self._fold(rules, events, subject, body, body.effective_at or 0)
            seen = is_remembered(subject, body.outcome, body.reason)
            tag = f"{body.submission_type}:{body.bodytag or ''}"
            self._keep(subject, folded, body.submission_id or "" if seen else None, tag)
        self._advance(body.recorded_at, body.now, body.basis, value, events)
        return admitted

    def _read(self, record: Record, recorded_at: int, register_is_whole: bool) -> Told:
        """Read a submission, and where it leaves the clock and the basis.

        Raises UnreadableError, BasisAheadError.
        """
        submission, occurred_at = read_submission(record.value, record.key)
        if record.timestamp != recorded_at:
            raise UnreadableError("bad_time")
        unit = submission.unit
        if unit != LEDGER_UNIT and _partition_of(unit, self._count) != self.partition:
            raise UnreadableError("wrong_partition")
        basis = self._effective_basis(submission, recorded_at, register_is_whole)
        now = max(self.now, recorded_at)
        batch = None if submission.batch is None else self.control.batches.get(submission.batch)
        inside_import = batch is not None and batch.closed_at is None
        return Told(submission, occurred_at, occurred_at if inside_import else now, now, basis)

    def _effective_basis(self, submission: Submission, recorded_at: int, register_is_whole: bool) -> int:
        if self._owns_register:
            return self.next_offset
        basis = submission.basis
        if basis <= self.basis:
            return self.basis
        if basis > self.register.end and not register_is_whole:
            raise BasisAheadError(basis)
        if basis > self.register.end or self.register.recorded_at[basis - 1] > recorded_at + BASIS_SKEW_MS:
            raise UnreadableError("basis_ahead")
        return basis

    def _judge(self, told: Told, rules: Rules) -> Verdict:
        """What becomes of a submission; raise UnreadableError where its body is not as its type declares."""
        submission = told.submission
        read_body = self._bodies.get(submission.type)
        if read_body is None:
            return Verdict("unsupported", reason="unknown_type")
        stream = self.streams.get(submission.subject)
        seen = stream.seen.get(submission.id) if stream else None
        if seen is not None:
            offset, tag = seen
            return Verdict("duplicate" if tag == _tag(submission) else "conflict", duplicate_of=offset)
        try:
            body = read_body(submission.data)
        except ValidationError:
            raise UnreadableError("bad_data") from None
        command = Command(submission, told.occurred_at, body)
        answer = self._answer(command, told, stream.state if stream else None, rules)
        match answer:
            case Accepted(events):
                return Verdict("accepted", events)
            case Refused(reason, at):
                return Verdict("refused", reason=reason, field=at)
            case NoOp(reason):
                return Verdict("no_op", reason=reason)

    def _answer(self, command: Command, told: Told, state: Any, rules: Rules) -> Answer:
        if self._register_at_basis.basis != told.basis:
            self._register_at_basis = self.register.at(told.basis)
        reference = Reference(
            self._register_at_basis, told.now, told.effective_at, self.control.batches, self._other
        )
        if command.submission.type.startswith("control."):
            return control.decide(self.control, command, reference, self.family.family)
        refused = control.refuse_batch(self.control, command)
        return refused or rules.decide(state, command, reference)

    def _other(self, subject: str) -> Any:
        """The state of a stream of this partition that a command names beside its own; None where there is none."""
        stream = self.streams.get(subject)
        return stream.state if stream else None

    def _fold(
        self,
        rules: Rules,
        events: tuple[Message, ...],
        subject: str,
        of: Submission | DecisionBody,
        effective_at: int,
    ) -> Folded:
        """What these events make of the partition and of their stream; nothing has moved yet."""
        held, moves = self.control, False
        stream = self.streams.get(subject) if events else None
        state = stream.state if stream else None
        for event in events:
            if type(event) in _CONTROL_EVENTS:
                held = control.evolve(held, event, subject, of.actor or "", of.unit or "")
            else:
                state, moves = rules.evolve(state, event, of.unit or "", effective_at, of.batch), True
        return Folded(held, state, moves)

    def _keep(self, subject: str, folded: Folded, seen: str | None, tag: str) -> None:
        """Take in what was folded; the stream remembers `seen`, the id of the submission being decided."""
        self.control = folded.control
        if not folded.moves and seen is None:
            return
        stream = self.streams.get(subject) or Stream()
        if folded.moves:
            stream.state = folded.state
        if seen is not None:
            stream.seen[seen] = (self.next_offset, tag)
        self.streams[subject] = stream

    def _advance(
        self, recorded_at: int, now: int, basis: int, value: bytes, events: tuple[Message, ...]
    ) -> None:
        self.chain.advance(value, events)
        self.now, self.basis = now, basis
        if self._owns_register:
            self.register.fold(recorded_at, events)


_CONTROL_EVENTS = frozenset(model for model, name in TYPE_OF.items() if name.startswith("control."))
_partition_of = lru_cache(maxsize=1024)(partition_of)
_ReadBody = Callable[[dict[str, Any]], Message]


def _bodies(family: str) -> dict[str, _ReadBody]:
    """How the body of each command that the family takes is read, by the command's type."""
    return {
        name: model.__pydantic_validator__.validate_python
        for name, model in COMMANDS.items()
        if name.split(".", 1)[0] in ("control", family)
    }


def _tag(submission: Submission) -> str:
    return f"{submission.type}:{submission.bodytag}"


def _bounded(timestamp: int) -> int:
    """A record's timestamp within the times that a decision can state."""
    return timestamp if 0 <= timestamp <= LAST_MS else min(max(timestamp, 0), LAST_MS)
