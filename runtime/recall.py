"""The streams of a partition as a worker holds them: the open ones, and those that are asked for.

With an index, closed streams leave memory and come back on demand, folded again from their own decisions.
Nothing here can change a decision: what the index says is checked against the log, and where it does not
fit the partition is folded whole.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from contracts.base import Message
from contracts.catalogue import TYPE_OF, current_event
from contracts.control import RulesActivatedV1
from contracts.envelope import Decision, decode_decision
from contracts.genesis import Genesis
from ledger.log import Record
from runtime.chain import Chain, ChainPosition
from runtime.decision import Verdict
from runtime.index import Checkpoint, Entry, IndexInUseError, IndexLostError, StreamIndex
from runtime.kernel import FamilyRules, Partition, RulesMissingError
from runtime.streams import Stream, is_remembered

_GAP = 250
"""Records read for nothing, rather than asking once more: about what a request costs."""

T = TypeVar("T")
ReadEvents = Callable[[int, int], Awaitable[list[Record]]]
"""Read so many records of the events partition, from an offset on."""


class HeldStreams(dict[str, Stream]):
    """The streams in memory. What is not among them exists only if it is in `absent`, or that is None."""

    absent: set[str] | None = None

    def get(self, key: str, default: Any = None, /) -> Any:
        """The stream; raise LookupError where it may be a closed one that was not brought back."""
        stream = super().get(key, default)
        if stream is None and self.absent is not None and key not in self.absent:
            raise LookupError(f"stream {key} has not been loaded")
        return stream


class Recall:
    """Keeps a partition's streams for the kernel, which gets them as `streams`.

    Every decision that is taken in must be told to `note`, and before the kernel is given a record
    `load` must have seen it. Without an index every stream stays in memory, and nothing else happens.
    """

    def __init__(
        self, family: FamilyRules, genesis: Genesis, index: StreamIndex | None, read: ReadEvents
    ) -> None:
        self.streams = HeldStreams()
        self._family = family
        self._index = index
        self._read = read
        self._absent: set[str] = set()
        self._used: set[str] = set()
        self._entries: list[Entry] = []
        self._position = 0
        self._activations = [(0, genesis.rules[family.family])]

    async def restore(self, partition: Partition) -> int:
        """Set a fresh partition to where the index stands; return the next offset of the events partition.

        0 where there is no index, or none that fits the log. Raises IndexLostError.
        """
        if self._index is None:
            return 0
        try:
            checkpoint = await _in_thread(self._index.open)
        except IndexInUseError:
            self._index = None
            return 0
        self.streams.absent = self._absent
        if checkpoint is None:
            return 0
        if not await self._fits(checkpoint):
            self._index.clear()
            return 0
        at = ChainPosition(checkpoint.next_offset, checkpoint.previous, checkpoint.control.rules)
        partition.chain = Chain(self._family.family, at)
        partition.now, partition.basis, partition.control = checkpoint[3:6]
        self._position, self._activations = checkpoint.position, list(checkpoint.activations)
        await self._load(self._index, self._index.open_streams())
        self._used.clear()
        return checkpoint.position

    async def load(self, records: Iterable[Record]) -> None:
        """Have in memory every stream that these submissions or decisions are about.

        Raises IndexLostError, LogUnavailableError.
        """
        if self._index is not None:
            await self._load(self._index, {name for record in records for name in _subjects(record.value)})

    def note(self, offset: int, subject: str | None, verdict: Verdict) -> None:
        """The decision at this offset of the events partition has been taken in."""
        self._position = offset + 1
        if self._index is None or subject is None:
            return
        remembered = is_remembered(subject, verdict.outcome, verdict.reason)
        if remembered or any(not _is_control(event) for event in verdict.events):
            self._entries.append(Entry(subject, offset))
            self._used.add(subject)
        for event in verdict.events:
            if isinstance(event, RulesActivatedV1):
                self._activations.append((offset + 1, event.rules))

    def save(self, partition: Partition, *, now: bool = False) -> None:
        """Write the index if enough was noted since, or `now`, and let go of closed streams.

        `partition` must stand right after the last decision that was noted. Raises IndexLostError.
        """
        index = self._index
        if index is None or not self._position or not (now or self._is_due(index.every)):
            return
        touched = {entry.stream for entry in self._entries}
        is_open = partition.rules.is_open
        closed = {name for name in self._used if is_open is not None and not self._is_open(name, is_open)}
        index.add(self._checkpoint(partition), self._entries, touched - closed, touched & closed)
        for name in closed:
            self.streams.pop(name, None)
        self._entries.clear()
        self._used.clear()
        self._absent.clear()

    def close(self) -> None:
        """Let go of the index."""
        if self._index is not None:
            self._index.close()

    def _is_due(self, every: int) -> bool:
        return len(self._entries) >= every or len(self._used) + len(self._absent) >= 20 * every

    def _is_open(self, name: str, is_open: Callable[[object], bool]) -> bool:
        stream = self.streams.get(name)
        return stream is not None and is_open(stream.state)

    def _checkpoint(self, partition: Partition) -> Checkpoint:
        return Checkpoint(
            self._position,
            partition.chain.previous,
            partition.next_offset,
            partition.now,
            partition.basis,
            partition.control,
            tuple(self._activations),
        )

    async def _fits(self, checkpoint: Checkpoint) -> bool:
        """Whether the decision that the index stands on is on this log, where the index says."""
        records = await self._read(checkpoint.position - 1, 1)
        value = records[0].value if records else None
        decision = decode_decision(value)
        if decision is None or hashlib.sha256(value or b"").hexdigest() != checkpoint.previous:
            return False
        body = decision.data
        return (body.submission_offset + 1, body.now, body.basis) == checkpoint[2:5]

    async def _load(self, index: StreamIndex, subjects: Iterable[str]) -> None:
        unknown = {name for name in subjects if name not in self.streams and name not in self._absent}
        if not unknown:
            return
        offsets = index.offsets(unknown)
        self._absent |= unknown - offsets.keys()
        values = await self._values({offset for found in offsets.values() for offset in found})
        for name, found in offsets.items():
            self.streams[name] = self._replay(name, [(offset, values[offset]) for offset in found])
        self._used |= offsets.keys()

    async def _values(self, offsets: Iterable[int]) -> dict[int, bytes]:
        """The values at these offsets, read in as few requests as is worth it."""
        values: dict[int, bytes] = {}
        for first, last in _spans(sorted(offsets)):
            at = first
            while at <= last:
                records = await self._read(at, last - at + 1)
                if not records:
                    raise IndexLostError("the index goes past the end of the log")
                values.update((record.offset, record.value or b"") for record in records)
                at = records[-1].offset + 1
        return values

    def _replay(self, subject: str, decisions: Sequence[tuple[int, bytes]]) -> Stream:
        """A stream folded from its own decisions, as the kernel folded them. Raises RulesMissingError."""
        stream = Stream()
        for offset, value in decisions:
            decision = decode_decision(value)
            if decision is None or decision.subject != subject or offset >= self._position:
                raise IndexLostError("the index names a decision that is not there")
            body = decision.data
            if is_remembered(subject, body.outcome, body.reason):
                tag = f"{body.submission_type}:{body.bodytag or ''}"
                stream.seen[body.submission_id or ""] = (body.submission_offset, tag)
            for event in _events(decision):
                if not _is_control(event):
                    evolve = self._rules_at(offset)
                    stream.state = evolve(
                        stream.state, event, body.unit or "", body.effective_at or 0, body.batch
                    )
        return stream

    def _rules_at(self, offset: int) -> Callable[..., object]:
        version = next(rules for since, rules in reversed(self._activations) if since <= offset)
        rules = self._family.versions.get(version)
        if rules is None:
            raise RulesMissingError(
                f"There are decisions of {self._family.family} under rules {version}, which this version of the "
                "software does not have: update it."
            )
        return rules.evolve


async def _in_thread(work: Callable[[], T]) -> T:
    """Run in a thread, to the end even when cancelled: a connection must not be closed under its user."""
    done = asyncio.get_running_loop().run_in_executor(None, work)
    cancelled: asyncio.CancelledError | None = None
    while not done.done():
        try:
            await asyncio.wait([done])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return done.result()


def _events(decision: Decision) -> list[Message]:
    try:
        return [current_event(event.type, event.data) for event in decision.data.events]
    except (KeyError, ValidationError):
        raise IndexLostError("the index names a decision that was not admitted") from None


def _is_control(event: Message) -> bool:
    return TYPE_OF[type(event)].startswith("control.")


def _subjects(value: bytes | None) -> list[str]:
    """The streams that a submission or a decision is about or names (`Reference.other`); none of other bytes."""
    try:
        raw = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return []
    if not isinstance(raw, dict):
        return []
    data = raw.get("data")
    told = data if isinstance(data, dict) else {}
    found = (raw.get("subject"), told.get("target"), told.get("split_from"))
    return [name for name in found if isinstance(name, str)]


def _spans(offsets: Sequence[int]) -> list[tuple[int, int]]:
    """First and last offsets of runs with no more than `_GAP` records between two that are wanted."""
    spans: list[tuple[int, int]] = []
    for offset in offsets:
        if spans and offset - spans[-1][1] <= _GAP:
            spans[-1] = (spans[-1][0], offset)
        else:
            spans.append((offset, offset))
    return spans
