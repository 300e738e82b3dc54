"""The decider kernel: one submission record in, one decision record out, and the admission rule.

A `Partition` is one partition of one family, folded. Two ways move it forward, and both end in the same
state: `decide` makes the decision of the next submission; `admit` reads one record of the events
partition and takes it in if it is the decision that comes next (invariants 1 to 3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson
from pydantic import ValidationError

from contracts.base import Message, to_rfc3339
from contracts.catalogue import COMMANDS, TYPE_OF
from contracts.envelope import (
    Decision,
    DecisionBody,
    Submission,
    UnreadableError,
    decode_submission,
)
from contracts.genesis import Genesis
from contracts.partition import partition_of
from contracts.reference import LEDGER_UNIT, RegisterHistory
from contracts.topics import events_topic, partitions_of
from contracts.workflow import Accepted, Answer, Command, NoOp, Reference, Refused
from ledger.log import Record
from runtime import control
from runtime.chain import Admitted, Chain

CLOCK_STREAM = "clock"
"""The stream of a partition's heartbeats: the last hour is remembered, not every submission."""

BASIS_SKEW_MS = 60_000
"""How much later than the submission a register record may bear a time: clocks of two machines."""


class Rules(NamedTuple):
    """One version of a family's rules: a pure decide and a pure evolve."""

    version: str
    decide: Callable[[Any, Command, Reference], Answer]
    evolve: Callable[[Any, Message, str, int, str | None], Any]


class FamilyRules(NamedTuple):
    """A family and every version of its rules that can still be executed."""

    family: str
    versions: Mapping[str, Rules]


class RulesMissingError(Exception):
    """The partition is under rules that this version of the software does not have: stop, and update."""


class BasisAheadError(Exception):
    """The next submission names a register basis that is not folded yet: fold the register to `basis`."""

    def __init__(self, basis: int) -> None:
        super().__init__(basis)
        self.basis = basis


@dataclass(slots=True)
class Stream:
    """One stream: its folded state (None before its first event) and the submissions it has seen."""

    state: Any = None
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)


class Streams(Protocol):
    """Where a partition keeps its streams: a plain dict will do."""

    def get(self, key: str, /) -> Stream | None: ...

    def __setitem__(self, key: str, value: Stream, /) -> None: ...


class _Draft(NamedTuple):
    """A decision before its bytes: what is written, and what moves the state."""

    outcome: str
    submission: Submission | None = None
    occurred_at: int | None = None
    effective_at: int | None = None
    now: int = 0
    basis: int = 0
    events: tuple[Message, ...] = ()
    reason: str | None = None
    field: str | None = None
    duplicate_of: int | None = None
    sha256: str | None = None


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
        self.chain = Chain(family.family, genesis_hash)
        self.now = 0
        self.basis = 0
        self.control = control.Control(rules=genesis.rules[family.family])
        self._owns_register = family.family == "register"
        self._count = partitions_of(family.family, genesis.partitions)
        self._source = f"/ledgers/{genesis.ledger}/{events_topic(family.family)}/{partition}"

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
                f"{self.family.family} partition {self.partition} is under {self.control.rules}"
            )
        return rules

    def decide(self, record: Record, *, register_is_whole: bool = False) -> bytes:
        """Decide the next submission record; return the decision's value; the state moves past it.

        Deterministic in the record, the folded state, the register below the basis, and the rules.
        Raises RulesMissingError, and BasisAheadError (then the state has not moved) unless the register
        is known to be whole for that record: what could still be appended to it is too late to count.
        """
        if record.offset != self.next_offset:
            raise ValueError(f"submission {record.offset} is not the next one, {self.next_offset}")
        rules = self.rules
        draft = self._draft(record, rules, register_is_whole)
        value = self._encode(record, draft, rules.version)
        submission = draft.submission
        if submission is not None:
            self._remember(submission, record.offset, draft)
            for event in draft.events:
                self._evolve(event, submission.subject, submission, draft.effective_at or 0)
        self._advance(record.timestamp, draft.now, draft.basis, value, draft.events)
        return value

    def admit(self, value: bytes | None) -> Admitted | None:
        """Take in a record of the events partition if it is the decision that comes next, else None.

        Raises RulesMissingError.
        """
        admitted = self.chain.match(value)
        if admitted is None or value is None:
            return None
        body = admitted.decision.data
        self._fold(admitted.decision, body, admitted.events)
        self._advance(body.recorded_at, body.now, body.basis, value, admitted.events)
        return admitted

    def _draft(self, record: Record, rules: Rules, register_is_whole: bool) -> _Draft:
        try:
            submission = decode_submission(record.value, record.key)
            self._check_place(submission)
            basis = self._effective_basis(submission, record.timestamp, register_is_whole)
        except UnreadableError as error:
            digest = hashlib.sha256(record.value or b"").hexdigest()
            return _Draft(
                "unreadable", now=self.now, basis=self.basis, reason=error.reason, sha256=digest
            )
        now = max(self.now, record.timestamp)
        occurred_at = submission.occurred_at
        effective_at = self._effective_at(submission, occurred_at, now)
        draft = _Draft("unsupported", submission, occurred_at, effective_at, now, basis)
        model = self._model(submission.type)
        if model is None:
            return draft._replace(reason="unknown_type")
        seen = self._seen(submission)
        if seen is not None:
            offset, tag = seen
            outcome = "duplicate" if tag == self._tag(submission) else "conflict"
            return draft._replace(outcome=outcome, duplicate_of=offset)
        try:
            body = model.model_validate(submission.data)
        except ValidationError:
            return draft._replace(outcome="unreadable", submission=None, reason="bad_data",
                                  sha256=hashlib.sha256(record.value or b"").hexdigest())
        answer = self._answer(Command(submission, occurred_at, body), draft, rules)
        match answer:
            case Accepted(events):
                return draft._replace(outcome="accepted", events=events)
            case Refused(reason, at):
                return draft._replace(outcome="refused", reason=reason, field=at)
            case NoOp(reason):
                return draft._replace(outcome="no_op", reason=reason)

    def _answer(self, command: Command, draft: _Draft, rules: Rules) -> Answer:
        register = self.register.at(draft.basis)
        reference = Reference(register, draft.now, draft.effective_at or 0, self.control.batches)
        if command.submission.type.startswith("control."):
            return control.decide(self.control, command, reference, self.family.versions)
        refused = control.refuse_batch(self.control, command)
        if refused is not None:
            return refused
        stream = self.streams.get(command.submission.subject)
        return rules.decide(stream.state if stream else None, command, reference)

    def _check_place(self, submission: Submission) -> None:
        unit = submission.unit
        if unit != LEDGER_UNIT and partition_of(unit, self._count) != self.partition:
            raise UnreadableError("wrong_partition")

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

    def _effective_at(self, submission: Submission, occurred_at: int, now: int) -> int:
        batch = self.control.batches.get(submission.batch or "")
        return occurred_at if batch is not None and batch.closed_at is None else now

    def _model(self, message_type: str) -> type[Message] | None:
        family = message_type.split(".", 1)[0]
        return COMMANDS.get(message_type) if family in ("control", self.family.family) else None

    def _seen(self, submission: Submission) -> tuple[int, str] | None:
        stream = self.streams.get(submission.subject)
        return stream.seen.get(submission.id) if stream else None

    def _tag(self, submission: Submission) -> str:
        return f"{submission.type}:{submission.bodytag}"

    def _remember(self, submission: Submission, offset: int, draft: _Draft) -> None:
        if draft.outcome in ("accepted", "refused", "no_op") and submission.subject != CLOCK_STREAM:
            stream = self.streams.get(submission.subject) or Stream()
            stream.seen[submission.id] = (offset, self._tag(submission))
            self.streams[submission.subject] = stream

    def _evolve(self, event: Message, subject: str, of: Submission | DecisionBody, effective_at: int) -> None:
        if TYPE_OF[type(event)].startswith("control."):
            self.control = control.evolve(self.control, event, subject, of.actor or "", of.unit or "")
            return
        stream = self.streams.get(subject) or Stream()
        stream.state = self.rules.evolve(stream.state, event, of.unit or "", effective_at, of.batch)
        self.streams[subject] = stream

    def _fold(self, decision: Decision, body: DecisionBody, events: tuple[Message, ...]) -> None:
        subject = decision.subject
        if subject is None:
            return
        if body.outcome in ("accepted", "refused", "no_op") and subject != CLOCK_STREAM:
            stream = self.streams.get(subject) or Stream()
            tag = f"{body.submission_type}:{body.bodytag or ''}"
            stream.seen[body.submission_id or ""] = (body.submission_offset, tag)
            self.streams[subject] = stream
        for event in events:
            self._evolve(event, subject, body, body.effective_at or 0)

    def _advance(
        self, recorded_at: int, now: int, basis: int, value: bytes, events: tuple[Message, ...]
    ) -> None:
        self.chain.advance(value)
        self.now, self.basis = now, basis
        if self._owns_register:
            self.register.fold(recorded_at, events)

    def _encode(self, record: Record, draft: _Draft, rules: str) -> bytes:
        submission = draft.submission
        told: dict[str, Any] = {} if submission is None else {
            "occurred_at": draft.occurred_at,
            "effective_at": draft.effective_at,
            "submission_id": submission.id,
            "submission_type": submission.type,
            "actor": submission.actor,
            "role": submission.role,
            "unit": submission.unit,
            "batch": submission.batch,
            "bodytag": submission.bodytag,
        }
        body = {
            "submission_offset": record.offset,
            "previous": self.chain.previous,
            "rules": rules,
            "outcome": draft.outcome,
            "now": draft.now,
            "basis": draft.basis,
            "recorded_at": record.timestamp,
            **told,
            "reason": draft.reason,
            "field": draft.field,
            "duplicate_of": draft.duplicate_of,
            "sha256": draft.sha256,
            "events": [{"type": TYPE_OF[type(e)], "data": _present(e)} for e in draft.events] or None,
        }
        decision = {
            "specversion": "1.0",
            "id": str(record.offset),
            "source": self._source,
            "type": self.chain.type,
            "subject": submission.subject if submission else None,
            "time": to_rfc3339(record.timestamp),
            "datacontenttype": "application/json",
            "data": {name: value for name, value in body.items() if value is not None},
        }
        if submission is None:
            del decision["subject"]
        return orjson.dumps(decision, default=_present)


def _present(message: object) -> dict[str, Any]:
    """A message's fields that hold something, for the encoder; nested messages come back here."""
    if not isinstance(message, Message):
        raise TypeError(f"not a message: {type(message).__name__}")
    return {name: value for name, value in message.__dict__.items() if value is not None}
