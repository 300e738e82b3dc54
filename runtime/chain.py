"""The admission rule that every reader of an events partition applies (invariant 3)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from pydantic import ValidationError

from contracts.base import Message
from contracts.catalogue import current_event
from contracts.envelope import Decision, decode_decision


class Admitted(NamedTuple):
    """A decision that was taken in, with its events in their newest version."""

    decision: Decision
    events: tuple[Message, ...]


class ChainPosition(NamedTuple):
    """A place on a chain of decisions."""

    next_offset: int
    previous: str


class Chain:
    """How far an events partition's chain of decisions is known.

    `next_offset` is the next undecided submission; `previous` the SHA-256 of the last admitted
    decision's value, in hexadecimal (the genesis hash before the first).
    """

    def __init__(self, family: str, previous: str, next_offset: int = 0) -> None:
        self.type = f"{family}.decision.v1"
        self.previous = previous
        self.next_offset = next_offset

    def position(self) -> ChainPosition:
        """Where the chain stands, to come back to."""
        return ChainPosition(self.next_offset, self.previous)

    def match(self, value: bytes | None) -> Admitted | None:
        """Read a record of the events partition; None unless it is the decision that comes next.

        The chain does not move: see `advance`.
        """
        decision = decode_decision(value)
        if decision is None or decision.type != self.type:
            return None
        body = decision.data
        if body.submission_offset != self.next_offset or body.previous != self.previous:
            return None
        try:
            events = tuple(current_event(event.type, event.data) for event in body.events)
        except (KeyError, ValidationError):
            return None
        return Admitted(decision, events)

    def advance(self, value: bytes) -> None:
        """Move past this decision's value."""
        self.next_offset += 1
        self.previous = hashlib.sha256(value).hexdigest()

    def take(self, value: bytes | None) -> Admitted | None:
        """Match a record and, if it is the decision that comes next, move past it."""
        admitted = self.match(value)
        if admitted is not None and value is not None:
            self.advance(value)
        return admitted
