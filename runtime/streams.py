"""The streams of a partition: what each has come to, and the submissions that it has seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from contracts.envelope import Outcome
from runtime.control import Control

CLOCK_STREAM = "clock"
"""The stream of a partition's heartbeats: the last hour is remembered, not every submission."""


@dataclass(slots=True)
class Stream:
    """One stream: its folded state (None before its first event) and the submissions it has seen."""

    state: Any = None
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)


class Streams(Protocol):
    """Where a partition keeps its streams: a plain dict will do."""

    def get(self, key: str, /) -> Stream | None:
        """The stream of this id; None where there is none yet."""
        ...

    def __setitem__(self, key: str, value: Stream, /) -> None: ...


class Folded(NamedTuple):
    """What events made: the partition's control state, and the stream's own if `moves`."""

    control: Control
    state: Any
    moves: bool


def is_remembered(subject: str, outcome: Outcome, reason: str | None) -> bool:
    """Whether the same submission is a duplicate from this decision on.

    What came too early is not: it may be said again, with the same id, when it is time.
    """
    return outcome in _REMEMBERED and reason != "early" and subject != CLOCK_STREAM


_REMEMBERED = frozenset({"accepted", "refused", "no_op"})
