"""An aid request as its readers see it, and where it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from contracts.aid_figures import Period
from web.paging import Cursor, Kinds, Page


class Item(NamedTuple):
    """An aid request in a list. Times in milliseconds since the epoch, sums in fen; see the read model's row."""

    request_id: str
    unit: str
    programme: str
    version: int
    zone: str | None
    household: str | None
    persons: int
    grown_from: str | None
    tracking: str | None
    partition: int
    submission_offset: int
    imported: bool
    applied_at: int
    status: str
    granted: int
    paid: int
    rest: int
    emergency: bool
    justify_by: int | None
    notice_until: int | None
    objections: int
    deadline: str | None
    due_at: int | None


class Happening(NamedTuple):
    """One event as the log has it: its type, its data (texts sealed), by whom, when as told and when recorded."""

    type: str
    data: Mapping[str, Any]
    actor: str | None
    role: str | None
    occurred_at: int | None
    recorded_at: int
    effective_at: int
    batch: str | None


class Wanted(NamedTuple):
    """Which requests a list shows; None: any. `states`: one of these, where there are any."""

    unit: str
    states: Sequence[str] = ()
    programme: str | None = None


class Listing(NamedTuple):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    items: Sequence[Item]
    total: int
    before: Cursor | None
    after: Cursor | None


class Moment(NamedTuple):
    """What happened to a case that a request grew from, or that grew beside it: a title (a message id), and when."""

    title: str
    at: int


class Related(NamedTuple):
    """A case that a request grew from: a grievance or a mediation, where it is read, and what happened to it.

    `beside`: the third of the three: the mediation of that grievance, or the grievance of that mediation.
    """

    kind: str
    path: str
    moments: Sequence[Moment]
    beside: Related | None = None


class Requests(Protocol):
    """Where aid requests are read; the composition root supplies it. Raises ReadModelUnavailableError."""

    async def listed(self, wanted: Wanted, page: Page) -> Listing:
        """A page of the wanted ones."""
        ...

    async def find(self, request: str) -> Item | None:
        """The request of this id."""
        ...

    async def happenings(self, request: str) -> Sequence[Happening]:
        """What happened to it, in the order of the log."""
        ...

    async def alike(self, request: str, since: int) -> Sequence[Item]:
        """Other requests of the same person or household since a time."""
        ...

    async def on_notice(self, now: int, unit: str) -> Sequence[Item]:
        """The requests of a community that stand on public notice."""
        ...

    async def by_number(self, digest: str) -> Item | None:
        """The request that is followed by the number of this digest."""
        ...

    async def related(self, origin: str, unit: str) -> Related | None:
        """What a request of this community grew from; None where there is no such case there."""
        ...

    async def figures(self, units: Sequence[str], since: int, until: int) -> Period:
        """What was asked for and given in a period."""
        ...

    async def recorded_by(self, item: Item) -> tuple[str, str] | None:
        """Who recorded the application, and the id of their submission."""
        ...

    async def read(self, actor: str, unit: str, request: str) -> bool:
        """Put on record that the actor is shown it; False where that cannot be, so that nothing is shown."""
        ...

    def text(self, value: Any, field: str) -> str | None:
        """A sealed text in plain; None where it is erased, or was not sealed under its subject's key."""
        ...


BY_TERM: Kinds = (int, int, str)
"""Of what kind the places of a list are."""
