"""The figures of aid: what they count, and how they are added up. Persons, person-times and households are never added together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Asked(NamedTuple):
    """Requests that were made in a period under a programme: how many, and what became of them.

    `granted`: something was granted or given; `refused`; `emergency`: paid before approval; `objections` that were raised.
    """

    programme: str
    requests: int
    granted: int
    refused: int
    emergency: int
    objections: int


class Given(NamedTuple):
    """What was given in a period under a programme, from a fund (None: in kind alone or not told), in a zone and month.

    `grants`: acts of giving; `person_times`: how often somebody was helped; sums in fen, things in their own units.
    """

    programme: str
    fund: str | None
    zone: str | None
    kind: str
    grants: int
    person_times: int
    amount: int
    quantity: int


class Helped(NamedTuple):
    """Who was helped in a period under a programme: people and households that are known, each counted once.

    `unnamed`: acts of giving whose recipient is not known.
    """

    programme: str
    persons: int
    households: int
    unnamed: int


class Period(NamedTuple):
    """Everything that was told of a period.

    `paid`: when money was given, and how much; `waits`: milliseconds to the first payment.
    """

    asked: Sequence[Asked]
    given: Sequence[Given]
    helped: Sequence[Helped]
    paid: Sequence[tuple[int, int]]
    waits: Sequence[int]


class Total(NamedTuple):
    """What was given in all: acts of giving, person-times, a sum in fen, and things in their own units."""

    grants: int = 0
    person_times: int = 0
    amount: int = 0
    goods: int = 0
    trips: int = 0
    services: int = 0
    hours: int = 0


def total(rows: Iterable[Given]) -> Total:
    """What these come to: each kind in its own unit."""
    found = Total()
    for row in rows:
        things = {"goods": "goods", "trip": "trips", "service": "services", "hours": "hours"}.get(row.kind)
        found = found._replace(
            grants=found.grants + row.grants,
            person_times=found.person_times + row.person_times,
            amount=found.amount + row.amount,
        )
        if things is not None:
            found = found._replace(**{things: getattr(found, things) + row.quantity})
    return found


def totals_by(rows: Sequence[Given], key: Callable[[Given], str]) -> list[tuple[str, Total]]:
    """What was given, apart by a key, in the order of the keys."""
    keys = sorted({key(row) for row in rows})
    return [(one, total(row for row in rows if key(row) == one)) for one in keys]


def median(values: Sequence[int]) -> int | None:
    """The middle of sorted values, the lower of two; None where there are none."""
    return values[(len(values) - 1) // 2] if values else None
