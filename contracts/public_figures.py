"""The grievance figures that anybody may read: small counts are withheld (contracts.suppression)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from contracts.base import Code, Message, Milliseconds
from contracts.figures import KINDS, AsOf, DefinitionRef, Stability, State, definition_ref
from contracts.grievance import OccurrenceKind
from contracts.suppression import Published, publish

EARLIER = "earlier"
"""In place of a month: all months before those that are listed."""

ELSEWHERE = "-"
"""In place of a zone: cases without a zone of the community."""

Count = int | None
"""A count, or None where it is withheld."""

Counts = Annotated[tuple[Count, ...], Field(strict=False)]
Labels = Annotated[tuple[str, ...], Field(strict=False)]


class Group(NamedTuple):
    """How many cases of a zone and month are open, and how many are closed."""

    zone: str
    month: str
    open: int
    closed: int


class PublicClaim(Message):
    """A stability claim: a count only where it is certified, and zero or not small."""

    state: State
    count: Count = None


class PublicFigures(Message):
    """Cases of one community lodged before `until`, by zone and month and by zone and state.

    A count that is None is below `minimum`, or would give away one that is. `received[z][m]`: of zone z in
    month m; `by_zone`, `by_month`, `open`, `closed`, `total`: the sums.
    """

    definition: DefinitionRef
    unit: Code
    until: Milliseconds
    minimum: int
    zones: Labels
    months: Labels
    received: Annotated[tuple[Counts, ...], Field(strict=False)]
    by_zone: Counts
    by_month: Counts
    open_by_zone: Counts
    closed_by_zone: Counts
    open: Count
    closed: Count
    total: Count
    stability: dict[OccurrenceKind, PublicClaim]
    as_of: AsOf
    undecided: int


class Asked(NamedTuple):
    """What is published about which community, up to when, and what a count must reach."""

    unit: str
    until: int
    minimum: int


class Standing(NamedTuple):
    """Where on the log the figures stand."""

    as_of: AsOf
    undecided: int


def public_figures(
    asked: Asked,
    zones: Sequence[str],
    months: Sequence[str],
    groups: Sequence[Group],
    stability: Stability,
    standing: Standing,
) -> PublicFigures:
    """The figures as they may be published; every group must be of one of the zones and months."""
    received = {(zone, month): 0 for zone in zones for month in months}
    states = {zone: [0, 0] for zone in zones}
    for group in groups:
        received[group.zone, group.month] += group.open + group.closed
        states[group.zone][0] += group.open
        states[group.zone][1] += group.closed
    table = [[received[zone, month] for month in months] for zone in zones]
    shown = publish(table, [states[zone] for zone in zones], asked.minimum)
    return PublicFigures(
        definition=definition_ref(),
        unit=asked.unit,
        until=asked.until,
        minimum=asked.minimum,
        zones=tuple(zones),
        months=tuple(months),
        stability={kind: _claim(stability, kind, asked.minimum) for kind in KINDS},
        as_of=standing.as_of,
        undecided=standing.undecided,
        **_tables(shown),
    )


def _tables(shown: Published) -> Mapping[str, Any]:
    opened = tuple(row[0] for row in shown.second.cells)
    closed = tuple(row[1] for row in shown.second.cells)
    return {
        "received": shown.first.cells,
        "by_zone": shown.rows,
        "by_month": shown.first.columns,
        "open_by_zone": opened,
        "closed_by_zone": closed,
        "open": shown.second.columns[0],
        "closed": shown.second.columns[1],
        "total": shown.total,
    }


def _claim(stability: Stability, kind: OccurrenceKind, minimum: int) -> PublicClaim:
    figure = getattr(stability, kind)
    public = figure.state == "certified" and not 0 < figure.count < minimum
    return PublicClaim(state=figure.state, count=figure.count if public else None)
