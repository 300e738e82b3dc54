"""An accusation as its readers see it, and who may read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from contracts import accusation as a
from contracts.reference import LEDGER_UNIT, Register


class Item(NamedTuple):
    """An accusation in the queue. `against` and `excluded` are opened: None and empty once erased."""

    accusation: str
    unit: str
    about: str
    channel: str
    lodged_at: int
    changed_at: int
    status: str
    entrusted: tuple[str, ...]
    proposed_by: str | None
    against: str | None
    excluded: tuple[str, ...]


class Entry(NamedTuple):
    """One event: its type, by whom, when (milliseconds), its texts opened (None: erased), other data."""

    type: str
    actor: str | None
    at: int
    texts: tuple[tuple[str, str | None], ...]
    data: tuple[tuple[str, str], ...] = ()


class TrackedCase(NamedTuple):
    """The grievance that a tracking number leads to."""

    unit: str
    case: str


class Misdirected(NamedTuple):
    """A grievance that accuses a person or office, as far as it goes on: opened; `tracking`: the digest of its number.

    `is_open`: it has not been triaged or handed on; `title` and `story` are None once erased.
    """

    unit: str
    tracking: str
    is_open: bool
    story: str | None
    reporter_name: str | None
    telephone: str | None


class Accusations(Protocol):
    """Where accusations are read; the composition root supplies it. Raises ReadModelUnavailableError."""

    async def received_in(self, units: Sequence[str]) -> Sequence[Item]:
        """Those received in these units: whether they may be seen is asked of each."""
        ...

    async def find(self, accusation: str) -> Item | None:
        """The accusation of this id."""
        ...

    async def entries(self, accusation: str) -> Sequence[Entry]:
        """What happened to it, in the order of the log."""
        ...

    async def misdirected(self, case: str) -> Misdirected | None:
        """The grievance of this id, opened."""
        ...

    async def case(self, tracking_number: str) -> TrackedCase | None:
        """The grievance of this tracking number."""
        ...


def may_see(register: Register, item: Item, person: str, now: int) -> bool:
    """Whether somebody may know of it: entrusted with it, in office, not named, outside the accused's chain."""
    if person not in item.entrusted or person in item.excluded:
        return False
    if not any(register.holds(person, role, item.unit, now) for role in a.offices(item.unit)):
        return False
    return item.against is None or not a.is_concerned(register, person, item.against, now)


def units_of(register: Register, person: str, now: int) -> list[str]:
    """The units whose accusations this person may receive."""
    places = [LEDGER_UNIT, *(unit.unit for unit in register.units(now))]
    return [
        unit for unit in places if any(register.holds(person, role, unit, now) for role in a.offices(unit))
    ]
