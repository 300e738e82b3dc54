"""A mediation as its readers see it, and where it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from contracts.mediation_figures import Tally
from web.paging import Cursor, Kinds, Page


class Item(NamedTuple):
    """A mediation in a list. Times in milliseconds since the epoch, sums in fen; see the read model's row."""

    mediation_id: str
    unit: str
    dispute: str
    origin: str
    grievance: str | None
    amount: int | None
    imported: bool
    started_at: int
    status: str
    outcome: str | None
    mediators: str
    breached: int
    deadline: str | None
    due_at: int | None
    risk: bool


class Happening(NamedTuple):
    """One event as the log has it: its type, its data (texts sealed), by whom, when as told and when recorded.

    Its place: `partition` and `events_offset` of the family's events topic, `number` in the decision there, from 0.
    """

    type: str
    data: Mapping[str, Any]
    actor: str | None
    role: str | None
    occurred_at: int | None
    recorded_at: int
    effective_at: int
    batch: str | None
    partition: int
    events_offset: int
    number: int


class Opened(NamedTuple):
    """A text that is sealed on the log, as one reader has it.

    `open`: `plain` is what it says. Else that is empty: the text is `sealed` for this reader, `erased` with its
    key, or `damaged`: it was not sealed under the key that there is.
    """

    state: Literal["open", "sealed", "erased", "damaged"]
    plain: str = ""


class Wanted(NamedTuple):
    """Which mediations a list shows; None: any."""

    unit: str
    status: str | None = None
    mediator: str | None = None


class Beside(NamedTuple):
    """A case beside a mediation: where it is, how it stands (a message id), and what happened there, as titles with times."""

    path: str
    state: str
    moments: Sequence[tuple[str, int]]


class Listing(NamedTuple):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    items: Sequence[Item]
    total: int
    before: Cursor | None
    after: Cursor | None


BY_TERM: Kinds = (int, int, str)
"""Of what kind the places of a list are."""


class Mediations(Protocol):
    """Where mediations are read; the composition root supplies it. Raises ReadModelUnavailableError."""

    async def listed(self, wanted: Wanted, page: Page) -> Listing:
        """A page of the wanted ones."""
        ...

    async def find(self, mediation: str) -> Item | None:
        """The mediation of this id."""
        ...

    async def happenings(self, mediation: str) -> Sequence[Happening]:
        """What happened to it, in the order of the log."""
        ...

    async def load(self, unit: str) -> Counter[str]:
        """Mediator → how many they have that are not closed."""
        ...

    async def tallies(self, units: Sequence[str], since: int, until: int) -> Sequence[Tally]:
        """Those that began in a period."""
        ...

    async def has_grievance(self, unit: str, case: str) -> bool:
        """Whether the community has a grievance of this id."""
        ...

    async def aid_of(self, unit: str, origins: Sequence[str]) -> Sequence[Beside]:
        """The aid requests of a community that grew from one of these cases."""
        ...

    async def grievance_moments(self, case: str) -> Sequence[tuple[str, int]]:
        """What happened to the grievance that it grew from: titles (message ids) with their times, no texts."""
        ...

    async def read(self, actor: str, unit: str, mediation: str) -> bool:
        """Put on record that the actor is shown it; False where that cannot be, so that nothing is shown."""
        ...

    def text(self, value: Any, field: str) -> Opened:
        """A sealed text: open, erased or damaged."""
        ...
