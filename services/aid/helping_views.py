"""Pairs and employment cases as their readers see them, and where they are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from contracts.helping_figures import EmploymentFigures, PairFigures
from services.aid.views import Happening
from web.paging import Cursor, Kinds, Page

SeekerView = Literal["looking", "in_work", "asking_due", "ended"]


class PairItem(NamedTuple):
    """A pair in a list. Times in milliseconds since the epoch; see the read model's row."""

    pair_id: str
    unit: str
    need: str
    helper_staff: str | None
    household: str | None
    began_at: int
    plans: int
    done: int
    undone: int
    visits: int
    met: int
    last_visit_at: int | None
    due_at: int | None
    ended: str | None


class SeekerItem(NamedTuple):
    """An employment case in a list. Times in milliseconds since the epoch; see the read model's row."""

    seeker_id: str
    unit: str
    need: str
    person: str | None
    household: str | None
    imported: bool
    registered_at: int
    offers: int
    placements: int
    kind: str | None
    due_months: int | None
    due_at: int | None
    ended: str | None


I_co = TypeVar("I_co", covariant=True)


class Listing(NamedTuple, Generic[I_co]):
    """A page of a list, how many there are in all, and where its neighbours begin."""

    items: Sequence[I_co]
    total: int
    before: Cursor | None
    after: Cursor | None


BY_TERM: Kinds = (int, int, str)
"""Of what kind the places of both lists are."""


class Helpings(Protocol):
    """Where pairs and employment cases are read; the composition root supplies it. Raises ReadModelUnavailableError."""

    async def pairs(self, unit: str, page: Page, *, ended: bool) -> Listing[PairItem]:
        """A page of a community's pairs: those that stand, or those that ended."""
        ...

    async def seekers(self, unit: str, view: SeekerView, page: Page, now: int) -> Listing[SeekerItem]:
        """A page of a community's employment cases."""
        ...

    async def find(self, stream: str) -> PairItem | SeekerItem | None:
        """The pair or the employment case of this id."""
        ...

    async def happenings(self, stream: str) -> Sequence[Happening]:
        """What happened to it, in the order of the log."""
        ...

    async def pair_figures(self, unit: str, since: int, until: int, now: int) -> PairFigures:
        """What was done in pairs in a period."""
        ...

    async def work_figures(
        self, unit: str, since: int, until: int, passed: Sequence[tuple[int, int]]
    ) -> EmploymentFigures:
        """The employment help of a period; `passed`: see services.projections.helping_figures."""
        ...

    async def read(self, actor: str, unit: str, stream: str) -> bool:
        """Put on record that the actor is shown it; False where that cannot be, so that nothing is shown."""
        ...

    def text(self, value: Any, field: str) -> str | None:
        """A sealed text in plain; None where it is erased, or was not sealed under its subject's key."""
        ...
