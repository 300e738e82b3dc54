"""What the pages of pairs and of employment help read: rows of the read model with the texts that the vault opens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter

from barograph import staff
from barograph.aid_side import ReadRequests, happened
from barograph.read_side import ReadVerdicts
from barograph.station import Station, wall_clock
from contracts.helping_figures import EmploymentFigures, PairFigures
from services.aid.helping_desk import HelpingDesk
from services.aid.helping_views import Listing, PairItem, SeekerItem, SeekerView
from services.aid.pair_pages import PairPages
from services.aid.views import Happening
from services.aid.work_pages import WorkPages
from services.people.desk import PeopleDesk
from services.projections import helping_figures, helpings
from services.projections.helping_rows import PairRow, SeekerRow
from services.projections.store import ReadModel
from web.pages import Pages
from web.paging import Page


def helping_routers(
    station: Station, model: ReadModel, verdicts: ReadVerdicts, people: PeopleDesk, pages: Pages
) -> list[APIRouter]:
    """The pages of pairs and of employment help."""
    desk = HelpingDesk(station.submitter, station.register, wall_clock)
    read = ReadHelpings(model, ReadRequests(model, station.vault, people))
    said = (pages, desk, read, verdicts, partial(staff.display_name, station))
    return [PairPages(*said).router(), WorkPages(*said).router()]


class ReadHelpings:
    """See services.aid.helping_views.Helpings. Readings are put on record, and texts opened, as for aid requests."""

    def __init__(self, model: ReadModel, requests: ReadRequests) -> None:
        self._model = model
        self.read = requests.read
        self.text = requests.text

    async def pairs(self, unit: str, page: Page, *, ended: bool) -> Listing[PairItem]:
        """See services.aid.helping_views.Helpings."""
        found = await asyncio.to_thread(helpings.pairs_listed, self._model, unit, page, ended=ended)
        return Listing([_pair(row) for row in found.rows], found.total, found.before, found.after)

    async def seekers(self, unit: str, view: SeekerView, page: Page, now: int) -> Listing[SeekerItem]:
        """See services.aid.helping_views.Helpings."""
        found = await asyncio.to_thread(helpings.seekers_listed, self._model, unit, view, page, now)
        return Listing([_seeker(row) for row in found.rows], found.total, found.before, found.after)

    async def find(self, stream: str) -> PairItem | SeekerItem | None:
        """See services.aid.helping_views.Helpings."""
        if stream.startswith("pai_"):
            pair = await asyncio.to_thread(helpings.pair_by_id, self._model, stream)
            return None if pair is None else _pair(pair)
        seeker = await asyncio.to_thread(helpings.seeker_by_id, self._model, stream)
        return None if seeker is None else _seeker(seeker)

    async def happenings(self, stream: str) -> Sequence[Happening]:
        """See services.aid.helping_views.Helpings."""
        return happened(await asyncio.to_thread(helpings.events_of, self._model, stream))

    async def pair_figures(self, unit: str, since: int, until: int, now: int) -> PairFigures:
        """See services.aid.helping_views.Helpings."""
        return await asyncio.to_thread(helping_figures.pairs, self._model, [unit], since, until, now)

    async def work_figures(
        self, unit: str, since: int, until: int, passed: Sequence[tuple[int, int]]
    ) -> EmploymentFigures:
        """See services.aid.helping_views.Helpings."""
        return await asyncio.to_thread(helping_figures.employment, self._model, [unit], since, until, passed)


def _pair(row: PairRow) -> PairItem:
    return PairItem(**{name: getattr(row, name) for name in PairItem._fields})


def _seeker(row: SeekerRow) -> SeekerItem:
    return SeekerItem(**{name: getattr(row, name) for name in SeekerItem._fields})
