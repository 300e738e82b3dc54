"""The admission rule that every reader of an events partition applies (invariant 3, ADR 0009)."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from contracts.base import Message
from contracts.catalogue import current_event
from contracts.control import RulesActivatedV1
from contracts.envelope import Decision, decode_decision
from contracts.genesis import Genesis


class OutdatedError(Exception):
    """The log has what this version of the software does not know: stop, and update."""


class UnknownVersionError(OutdatedError):
    """The decision that comes next, or an event in it, is of a type that is not known here."""


class Admitted(NamedTuple):
    """A decision that was taken in, with its events in their newest version."""

    decision: Decision
    events: tuple[Message, ...]


class ChainPosition(NamedTuple):
    """A place on a chain of decisions.

    `next_offset` is the next undecided submission; `previous` the SHA-256 of the last admitted decision's
    value, in hexadecimal (the genesis hash before the first); `rules` the version in force.
    """

    next_offset: int
    previous: str
    rules: str


def beginning(family: str, genesis: Genesis, genesis_hash: str) -> ChainPosition:
    """Where each chain of a family begins."""
    return ChainPosition(0, genesis_hash, genesis.rules[family])


class Chain:
    """How far an events partition's chain of decisions is known; attributes as in ChainPosition."""

    def __init__(self, family: str, at: ChainPosition) -> None:
        self.family = family
        self.type = f"{family}.decision.v1"
        self.next_offset, self.previous, self.rules = at
        self._own_events = (f"{family}.", "control.")
        self._newer = re.compile(rf"{family}\.decision\.v[1-9][0-9]?")

    def position(self) -> ChainPosition:
        """Where the chain stands, to come back to."""
        return ChainPosition(self.next_offset, self.previous, self.rules)

    def match(self, value: bytes | None) -> Admitted | None:
        """Read a record of the events partition; None unless it is the decision that comes next.

        The chain does not move: see `advance`. Raises UnknownVersionError where it comes next, but is of
        a version to come: who ignored it would be on another chain than those who know it.
        """
        decision = decode_decision(value)
        if decision is None or decision.type != self.type:
            self._stop_at_newer(value)
            return None
        body = decision.data
        if body.submission_offset != self.next_offset or body.previous != self.previous:
            return None
        if body.rules != self.rules or (body.events and not self._may_have_events(decision)):
            return None
        try:
            events = tuple([current_event(event.type, event.data) for event in body.events])
        except KeyError as unknown:
            raise self._unknown(str(unknown.args[0])) from None
        except ValidationError:
            return None
        return Admitted(decision, events)

    def _may_have_events(self, decision: Decision) -> bool:
        """Whether events of this family may stand in it: only an accepted command about a stream has any."""
        body, own = decision.data, self._own_events
        for event in body.events:
            if not event.type.startswith(own):
                return False
        return body.outcome == "accepted" and decision.subject is not None

    def advance(self, value: bytes, events: tuple[Message, ...]) -> None:
        """Move past this decision's value; `events` are those in it."""
        self.next_offset += 1
        self.previous = hashlib.sha256(value).hexdigest()
        for event in events:
            if type(event) is RulesActivatedV1:
                self.rules = event.rules

    def take(self, value: bytes | None) -> Admitted | None:
        """Match a record and, if it is the decision that comes next, move past it."""
        admitted = self.match(value)
        if admitted is not None and value is not None:
            self.advance(value, admitted.events)
        return admitted

    def _stop_at_newer(self, value: bytes | None) -> None:
        """Raise UnknownVersionError where a decision of another version names our place on the chain.

        Whatever else changes, every version says where it stands as the first one does.
        """
        try:
            raw = orjson.loads(value or b"")
        except orjson.JSONDecodeError:
            return
        match raw:
            case {"type": str(kind), "data": {"submission_offset": int(offset), "previous": str(previous)}}:
                known = kind == self.type or not self._newer.fullmatch(kind)
                if not known and (offset, previous) == (self.next_offset, self.previous):
                    raise self._unknown(kind)

    def _unknown(self, kind: str) -> UnknownVersionError:
        return UnknownVersionError(
            f"The decision of {self.family} submission {self.next_offset} is or holds a {kind[:60]}, which this "
            "version of the software does not know: update it."
        )
