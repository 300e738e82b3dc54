"""What the pages of mediations read: rows of the read model with the texts that the vault opens."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
import structlog
from fastapi import APIRouter
from pydantic import ValidationError

from barograph import staff
from barograph.read_side import ReadVerdicts
from barograph.station import Station, wall_clock
from contracts.mediation_figures import Tally
from contracts.personal import Sealed
from ledger.blobs import BlobFolder
from ledger.log import LogError
from ledger.subject_keys import VaultError
from ledger.vault import Vault
from services.intake.attachments import Attachments
from services.intake.desk import Desk
from services.mediation.desk import MediationDesk
from services.mediation.dossier_pages import DossierPages
from services.mediation.entry import EntryPages
from services.mediation.figures import FigurePages
from services.mediation.files import FilePages
from services.mediation.listing import ListPages
from services.mediation.pages import MediationPages
from services.mediation.views import Beside, Happening, Item, Listing, Opened, Wanted
from services.people.desk import PeopleDesk
from services.projections import aids, mediations, queries
from services.projections.aid_link import moments_of
from services.projections.history import EVENT_TITLES, event_name
from services.projections.mediation_rows import MediationRow
from services.projections.store import ReadModel
from web.case_forms.request_words import STATES
from web.pages import Pages
from web.paging import Page


def mediation_routers(
    station: Station, model: ReadModel, verdicts: ReadVerdicts, people: PeopleDesk, pages: Pages
) -> list[APIRouter]:
    """The pages of mediations, the one of a single mediation last."""
    name_of = partial(staff.display_name, station)
    desk = MediationDesk(station.submitter, station.register, wall_clock)
    source = ReadMediations(model, station.vault, people)
    entry = EntryPages(pages, desk, source, verdicts, name_of)
    one = MediationPages(pages, desk, source, verdicts, name_of)
    blobs = BlobFolder(station.home.blobs)
    uploads = Attachments(Desk(station.submitter, station.register, verdicts, wall_clock), blobs)
    files = FilePages(pages, desk, one, verdicts, uploads, blobs)
    dossiers = DossierPages(pages, desk, one, blobs, station.ledger.hash)
    figures = FigurePages(pages, desk, source)
    listed = ListPages(pages, desk, source, name_of)
    several = (listed, entry, figures, files, dossiers, one)
    return [each.router() for each in several]


_GRIEVANCE_MILESTONES = frozenset(
    {"lodged", "accepted", "not_accepted", "assigned", "replied", "resolved", "closed", "reopened"}
)
"""Events of a grievance that the page of its mediation tells."""


class ReadMediations:
    """See services.mediation.views.Mediations."""

    def __init__(self, model: ReadModel, vault: Vault, people: PeopleDesk) -> None:
        self._model = model
        self._vault = vault
        self._people = people

    async def listed(self, wanted: Wanted, page: Page) -> Listing:
        """See services.mediation.views.Mediations."""
        found = await asyncio.to_thread(mediations.listed, self._model, mediations.Wanted(*wanted), page)
        return Listing([_item(row) for row in found.rows], found.total, found.before, found.after)

    async def find(self, mediation: str) -> Item | None:
        """See services.mediation.views.Mediations."""
        row = await asyncio.to_thread(mediations.by_id, self._model, mediation)
        return None if row is None else _item(row)

    async def happenings(self, mediation: str) -> Sequence[Happening]:
        """See services.mediation.views.Mediations."""
        rows = await asyncio.to_thread(mediations.events_of, self._model, mediation)
        return [
            Happening(
                row.type,
                orjson.loads(row.data),
                row.actor,
                row.role,
                row.occurred_at,
                row.recorded_at,
                row.effective_at or row.recorded_at,
                row.batch,
                row.partition,
                row.events_offset,
                row.number,
            )
            for row in rows
        ]

    async def load(self, unit: str) -> Counter[str]:
        """See services.mediation.views.Mediations."""
        return await asyncio.to_thread(mediations.load, self._model, unit)

    async def tallies(self, units: Sequence[str], since: int, until: int) -> Sequence[Tally]:
        """See services.mediation.views.Mediations."""
        return await asyncio.to_thread(mediations.tallies, self._model, units, since, until)

    async def has_grievance(self, unit: str, case: str) -> bool:
        """See services.mediation.views.Mediations."""
        view = await asyncio.to_thread(queries.shown_case, self._model, case)
        return view is not None and view.case.unit == unit

    async def aid_of(self, unit: str, origins: Sequence[str]) -> Sequence[Beside]:
        """See services.mediation.views.Mediations."""
        rows = [row for one in origins for row in await asyncio.to_thread(aids.grown_from, self._model, one)]
        return [
            Beside(
                f"/aid/{row.request_id}",
                STATES[row.status].label,
                await asyncio.to_thread(moments_of, self._model, row.request_id),
            )
            for row in rows
            if row.unit == unit
        ]

    async def grievance_moments(self, case: str) -> Sequence[tuple[str, int]]:
        """See services.mediation.views.Mediations."""
        view = await asyncio.to_thread(queries.shown_case, self._model, case)
        events = view.events if view else ()
        told = ((event_name(row.type), row.effective_at or row.recorded_at) for row in events)
        return [(EVENT_TITLES[name], at) for name, at in told if name in _GRIEVANCE_MILESTONES]

    async def read(self, actor: str, unit: str, mediation: str) -> bool:
        """See services.mediation.views.Mediations."""
        try:
            await self._people.record_reading(actor, unit, "casework", cases=[mediation])
        except (LogError, VaultError) as error:
            structlog.get_logger("access").warning("reading not recorded", reason=type(error).__name__)
            return False
        return True

    def text(self, value: Any, field: str) -> Opened:
        """See services.mediation.views.Mediations."""
        try:
            plain = self._vault.read(Sealed.model_validate(value), field)
        except (VaultError, ValidationError):
            return Opened("damaged")
        return Opened("erased") if plain is None else Opened("open", plain)


def _item(row: MediationRow) -> Item:
    return Item(**{name: getattr(row, name) for name in Item._fields})
