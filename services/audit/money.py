"""Whether requests and their funds say the same of money: each answer that a request was told is its fund's own."""

from __future__ import annotations

from typing import NamedTuple

from contracts import aid as a
from contracts import fund as f
from contracts.topics import events_topic
from services.audit.findings import Difference, Findings
from services.audit.happened import Happened


class _Said(NamedTuple):
    """What one side said, and where it stands."""

    told: int | bool
    happened: Happened


class Money:
    """Gathers both sides of the exchange, as a replay hands them on."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], int] = {}
        self._told: dict[tuple[str, int], _Said] = {}
        self._paid: dict[tuple[str, int], int] = {}
        self._answers: dict[tuple[str, int], int] = {}
        self._spent: dict[tuple[str, int], _Said] = {}

    def take(self, happened: Happened) -> None:
        """Take in a decision of a request or of a fund; others are left alone."""
        for event in happened.events:
            match event:
                case a.FundAskedV1():
                    self._asked[happened.subject, event.round] = event.amount
                case a.ReservationAnsweredV1():
                    self._told[happened.subject, event.round] = _Said(event.reserved, happened)
                case a.TranchePaidV1():
                    self._paid[happened.subject, event.tranche] = event.amount
                case f.ReservedV1():
                    self._answers[event.request, event.round] = event.amount
                case f.InsufficientV1():
                    self._answers[event.request, event.round] = 0
                case f.SpentV1():
                    self._spent[event.request, event.tranche] = _Said(event.amount, happened)
                case _:
                    pass

    def finish(self, findings: Findings) -> None:
        """Hold the two sides against each other. What is still on its way from one to the other is no difference."""
        findings.checked["money"] += len(self._told) + len(self._spent)
        for key, said in self._told.items():
            expected = self._asked.get(key, 0) if said.told else 0
            if self._answers.get(key) != expected:
                _differ(findings, said, "answer_of_no_fund", (self._answers.get(key), expected))
        for key, said in self._spent.items():
            if self._paid.get(key) != said.told:
                _differ(findings, said, "payment_of_no_request", (self._paid.get(key), said.told))


def _differ(findings: Findings, said: _Said, what: str, unlike: tuple[int | None, int | None]) -> None:
    at = said.happened
    difference = Difference(
        topic=events_topic(at.family),
        partition=at.partition,
        offset=at.events_offset,
        what=what,
        expected=unlike[0],
        found=unlike[1],
        submission=at.submission_offset,
    )
    findings.differ("money", difference)
