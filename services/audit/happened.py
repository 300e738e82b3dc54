"""Admitted decisions as a replay hands them on, whether they were made again or read from the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from contracts.base import Message
from ledger.log import Record
from runtime.chain import Admitted
from runtime.decision import Told


class Happened(NamedTuple):
    """An admitted decision that has events: where it stands, and what a fold needs beside them.

    `subject` is the stream; times in milliseconds since the epoch.
    """

    family: str
    partition: int
    events_offset: int
    submission_offset: int
    subject: str
    unit: str
    batch: str | None
    occurred_at: int
    recorded_at: int
    effective_at: int
    events: tuple[Message, ...]


Collect = Callable[[Happened], None]


class Collector:
    """Hands on what happens in one partition."""

    def __init__(self, family: str, partition: int, collect: Collect) -> None:
        self._family = family
        self._partition = partition
        self._collect = collect

    def made_again(
        self, events_offset: int, submission: Record, told: Told, events: tuple[Message, ...]
    ) -> None:
        """A decision that came out as it is on record."""
        said = told.submission
        self._collect(
            Happened(
                self._family,
                self._partition,
                events_offset,
                submission.offset,
                said.subject,
                said.unit,
                said.batch,
                told.occurred_at,
                submission.timestamp,
                told.effective_at,
                events,
            )
        )

    def on_record(self, events_offset: int, admitted: Admitted) -> None:
        """A decision as it is on record, though it is not what the rules come to."""
        decision, events = admitted
        body = decision.data
        effective_at = body.effective_at or 0
        if events and decision.subject is not None:
            self._collect(
                Happened(
                    self._family,
                    self._partition,
                    events_offset,
                    body.submission_offset,
                    decision.subject,
                    body.unit or "",
                    body.batch,
                    effective_at if body.occurred_at is None else body.occurred_at,
                    body.recorded_at,
                    effective_at,
                    events,
                )
            )
