"""Figures of mediation: how many were found, what became of them, and of how many that is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from contracts.base import DAY_MS


class Tally(NamedTuple):
    """Mediations of one type and outcome (None: none yet) that began in a period, told live or by an import.

    `days`: of those with an end, from the start, summed in milliseconds. Sums in fen.
    """

    dispute: str
    imported: bool
    outcome: str | None
    found: int
    ended: int
    days: int
    duties: int
    settled: int
    breached: int
    owed: int
    paid: int


class Line(NamedTuple):
    """The mediations of one type, or all of them.

    `known`: what the success rate is of, every one found, whether refused, withdrawn or pending; None: it cannot be
    told, as the outcome of some is unknown. `days`: mean from the start to the end, of those that have ended;
    None: none has. `duties`: all obligations, due or not.
    """

    dispute: str
    found: int
    agreed: int
    refused: int
    failed: int
    withdrawn: int
    referred: int
    pending: int
    unknown: int
    known: int | None
    days: float | None
    duties: int
    performed: int
    breached: int
    owed: int
    paid: int


def line_of(dispute: str, tallies: Sequence[Tally]) -> Line:
    """One line of what was counted."""

    def found(outcome: str | None) -> int:
        return sum(one.found for one in tallies if one.outcome == outcome)

    whole, unknown = sum(one.found for one in tallies), found("not_told")
    ended = sum(one.ended for one in tallies if one.outcome != "not_told")
    spans = sum(one.days for one in tallies if one.outcome != "not_told")
    return Line(
        dispute,
        found=whole,
        agreed=found("agreed"),
        refused=found("refused"),
        failed=found("failed"),
        withdrawn=found("withdrawn"),
        referred=found("referred"),
        pending=found(None),
        unknown=unknown,
        known=None if unknown or not whole else whole,
        days=spans / ended / DAY_MS if ended else None,
        duties=sum(one.duties for one in tallies),
        performed=sum(one.settled for one in tallies),
        breached=sum(one.breached for one in tallies),
        owed=sum(one.owed for one in tallies),
        paid=sum(one.paid for one in tallies),
    )


def lines_of(tallies: Iterable[Tally], *, imported: bool) -> list[Line]:
    """All of them first, then by type, those told by an import apart from those that were mediated here."""
    ours = [one for one in tallies if one.imported == imported]
    kinds = list(dict.fromkeys(one.dispute for one in ours))
    by_kind = [line_of(kind, [one for one in ours if one.dispute == kind]) for kind in kinds]
    return [line_of("", ours), *by_kind] if ours else []
