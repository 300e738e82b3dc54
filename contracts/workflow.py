"""The words in which a domain answers: accepted with events, refused with a reason, or no-op."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.base import Message
from contracts.envelope import Submission
from contracts.reference import Register


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command was accepted: these events, in order; one to a few, never an unbounded list."""

    events: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The command was refused: a code of contracts.reasons, and the field at fault where there is one."""

    reason: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class NoOp:
    """The command changes nothing, and that is as it should be: a code of contracts.reasons."""

    reason: str


Answer = Accepted | Refused | NoOp


class Batch(NamedTuple):
    """An import batch of a partition: who opened it, and when it was closed (None while open)."""

    actor: str
    unit: str
    closed_at: int | None


def _no_other(_stream: str) -> None:
    return None


class Reference(NamedTuple):
    """All that a decision may look at beside its stream's state; times in milliseconds.

    `register`: the register as of the effective basis. `now`: the partition's clock. `effective_at`: the
    time rules run on: the clock's when live, the told time inside an open import batch (invariant 10).
    `other`: the state of another stream of the same partition, that the command names in `data.target` or
    `data.split_from`.
    """

    register: Register
    now: int
    effective_at: int
    batches: Mapping[str, Batch]
    other: Callable[[str], Any] = _no_other


class Command(NamedTuple):
    """A submission as decide sees it: who, in which role, about which stream, and the typed body."""

    submission: Submission
    occurred_at: int
    body: Message

    @property
    def name(self) -> str:
        """The command's name without family and version: `lodge`."""
        return self.submission.type.split(".")[1]


FUTURE_TOLERANCE_MS = 5 * 60_000
"""How far a told time may lie ahead of the partition's clock: hand-set clocks differ."""


def in_future(command: Command, reference: Reference) -> bool:
    """Whether the command tells a time that has not come yet."""
    return command.occurred_at > reference.now + FUTURE_TOLERANCE_MS


def stream_id(kind: str, submission_id: str) -> str:
    """The id of the stream that a submission creates (invariant 5): `grv_` and the UUID's digits."""
    return f"{kind}_{submission_id.replace('-', '')}"
