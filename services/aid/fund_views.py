"""Funds as their readers see them, and where they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from contracts.fund_books import Fund


class Entry(NamedTuple):
    """A part of what happened to a fund; see the read model's row. `said_by`: who recorded it, `submission`: by which."""

    kind: str
    purpose: str
    amount: int
    from_fen: int
    request: str | None
    nth: int
    programme: str | None
    source: str | None
    voucher: str | None
    item: int
    quantity: int
    month: str | None
    at: int
    partition: int
    submission_offset: int
    number: int


class Line(NamedTuple):
    """A line of a bank statement."""

    statement: str
    line: int
    direction: str
    amount: int
    booked_at: int
    voucher: str | None


class Differences(NamedTuple):
    """A statement against the books: how many agree, and what stands alone or differs. `explained`: by voucher."""

    agreed: int
    only_bank: Sequence[Line]
    only_books: Sequence[Entry]
    other_sum: Sequence[tuple[Line, Entry]]
    explained: frozenset[str]


class Gift(NamedTuple):
    """What came in with goods: its number, and of each item what it is and how many are left."""

    number: int
    items: Sequence[tuple[str, int, str]]


class Given(NamedTuple):
    """A gift as its donor follows it: what, in which fund, and where it went.

    `paid`: programme, when, and how much of the gift; `handed_out`: item, how many, when; `left`: money not yet paid.
    """

    fund_id: str
    amount: int
    purpose: str
    at: int
    items: Sequence[Mapping[str, Any]]
    paid: Sequence[tuple[str, int, int]]
    handed_out: Sequence[tuple[int, int, int]]
    left: int


class Funds(Protocol):
    """Where funds are read; the composition root supplies it. Raises ReadModelUnavailableError."""

    async def kept(self, codes: Sequence[str]) -> Mapping[str, Fund]:
        """Code → the fund with its books and closed month, as far as something was said of it."""
        ...

    async def entries(self, code: str) -> Sequence[Entry]:
        """The latest entries, the newest first."""
        ...

    async def goods(self, code: str) -> Sequence[Gift]:
        """The gifts of which goods are left."""
        ...

    async def statement(self, code: str, name: str) -> Sequence[Line]:
        """The lines of a bank statement that are on record."""
        ...

    async def differences(self, code: str, since: int, until: int) -> Differences:
        """The statement lines and the books between two times."""
        ...

    async def recorded(self, code: str, number: int) -> tuple[str, str] | None:
        """Who recorded a receipt, and the id of their submission."""
        ...

    async def given(self, digest: str) -> Given | None:
        """The gift that is followed by the number of this digest."""
        ...
