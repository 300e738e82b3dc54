"""What the pages of aid requests read: rows of the read model with the texts that the vault opens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
import structlog
from fastapi import APIRouter
from pydantic import ValidationError

from barograph import staff
from barograph.fund_side import fund_routers
from barograph.read_side import ReadVerdicts
from barograph.station import Station, wall_clock
from contracts.aid_figures import Period
from contracts.mediation import stream_of_grievance
from contracts.personal import Sealed
from ledger.blobs import BlobFolder
from ledger.log import LogError
from ledger.subject_keys import VaultError
from ledger.vault import Vault
from services.aid.desk import AidDesk
from services.aid.entry import EntryPages
from services.aid.figures import FigurePages
from services.aid.files import FilePages
from services.aid.listing import ListPages
from services.aid.pages import AidPages
from services.aid.public import PublicPages
from services.aid.views import Happening, Item, Listing, Moment, Related, Wanted
from services.intake.attachments import Attachments
from services.intake.desk import Desk
from services.people.desk import PeopleDesk
from services.projections import aid_figures, aids, mediations, queries
from services.projections.aid_rows import AidRow
from services.projections.history import EVENT_TITLES, event_name
from services.projections.rows import CaseEventRow
from services.projections.store import ReadModel
from web.case_forms import mediation_words
from web.i18n import N_
from web.pages import Pages
from web.paging import Page


def aid_routers(
    station: Station, model: ReadModel, verdicts: ReadVerdicts, people: PeopleDesk, pages: Pages
) -> list[APIRouter]:
    """The pages of aid requests, the one of a single request after the others, and those of funds."""
    name_of = partial(staff.display_name, station)
    desk = AidDesk(station.submitter, station.register, wall_clock)
    source = ReadRequests(model, station.vault, people)
    one = AidPages(pages, desk, source, verdicts, name_of)
    blobs = BlobFolder(station.home.blobs)
    uploads = Attachments(Desk(station.submitter, station.register, verdicts, wall_clock), blobs)
    return [
        ListPages(pages, desk, source).router(),
        EntryPages(pages, desk, source, verdicts).router(),
        FigurePages(pages, desk, source).router(),
        PublicPages(pages, desk, source, verdicts).router(),
        FilePages(pages, desk, one, verdicts, uploads, blobs).router(),
        one.router(),
        *fund_routers(station, model, verdicts, pages),
    ]


class ReadRequests:
    """See services.aid.views.Requests."""

    def __init__(self, model: ReadModel, vault: Vault, people: PeopleDesk) -> None:
        self._model = model
        self._vault = vault
        self._people = people

    async def listed(self, wanted: Wanted, page: Page) -> Listing:
        """See services.aid.views.Requests."""
        asked = aids.Wanted(wanted.unit, tuple(wanted.states), wanted.programme)
        found = await asyncio.to_thread(aids.listed, self._model, asked, page)
        return Listing([_item(row) for row in found.rows], found.total, found.before, found.after)

    async def find(self, request: str) -> Item | None:
        """See services.aid.views.Requests."""
        row = await asyncio.to_thread(aids.by_id, self._model, request)
        return None if row is None else _item(row)

    async def happenings(self, request: str) -> Sequence[Happening]:
        """See services.aid.views.Requests."""
        return happened(await asyncio.to_thread(aids.events_of, self._model, request))

    async def alike(self, request: str, since: int) -> Sequence[Item]:
        """See services.aid.views.Requests."""
        row = await asyncio.to_thread(aids.by_id, self._model, request)
        rows = () if row is None else await asyncio.to_thread(aids.alike, self._model, row, since)
        return [_item(one) for one in rows]

    async def on_notice(self, now: int, unit: str) -> Sequence[Item]:
        """See services.aid.views.Requests."""
        return [_item(row) for row in await asyncio.to_thread(aids.on_notice, self._model, now, unit)]

    async def by_number(self, digest: str) -> Item | None:
        """See services.aid.views.Requests."""
        row = await asyncio.to_thread(aids.by_tracking, self._model, digest)
        return None if row is None else _item(row)

    async def related(self, origin: str, unit: str) -> Related | None:
        """See services.aid.views.Requests."""
        found = await self._origin(origin, unit)
        if found is None or not origin.startswith("grv_"):
            return found
        return found._replace(beside=await self._origin(stream_of_grievance(unit, origin), unit))

    async def _origin(self, origin: str, unit: str) -> Related | None:
        if origin.startswith("med_"):
            row = await asyncio.to_thread(mediations.by_id, self._model, origin)
            if row is None or row.unit != unit:
                return None
            events = await asyncio.to_thread(mediations.events_of, self._model, origin)
            told = ((one.type.split(".")[1], one.effective_at or one.recorded_at) for one in events)
            moments = [Moment(mediation_words.EVENTS[name], at) for name, at in told if name in _OF_MEDIATION]
            beside = await self._origin(row.grievance, unit) if row.grievance else None
            return Related(N_("Mediation"), f"/mediations/{origin}", moments, beside)
        view = await asyncio.to_thread(queries.shown_case, self._model, origin)
        if view is None or view.case.unit != unit:
            return None
        happened = ((event_name(one.type), one.effective_at or one.recorded_at) for one in view.events)
        moments = [Moment(EVENT_TITLES[name], at) for name, at in happened if name in _OF_GRIEVANCE]
        return Related(N_("Grievance"), f"/cases/{origin}", moments)

    async def figures(self, units: Sequence[str], since: int, until: int) -> Period:
        """See services.aid.views.Requests."""
        asked = (self._model, units, since, until)
        return Period(
            await asyncio.to_thread(aid_figures.asked, *asked),
            await asyncio.to_thread(aid_figures.given, *asked),
            await asyncio.to_thread(aid_figures.helped, *asked),
            await asyncio.to_thread(aid_figures.months, *asked),
            await asyncio.to_thread(aid_figures.days_to_money, *asked),
        )

    async def recorded_by(self, item: Item) -> tuple[str, str] | None:
        """See services.aid.views.Requests."""
        place = (item.partition, item.submission_offset)
        found = await asyncio.to_thread(queries.decision, self._model, "aid", *place)
        return (
            None
            if found is None or found.actor is None or found.submission_id is None
            else (found.actor, found.submission_id)
        )

    async def read(self, actor: str, unit: str, request: str) -> bool:
        """See services.aid.views.Requests."""
        try:
            await self._people.record_reading(actor, unit, "casework", cases=[request])
        except (LogError, VaultError) as error:
            structlog.get_logger("access").warning("reading not recorded", reason=type(error).__name__)
            return False
        return True

    def text(self, value: Any, field: str) -> str | None:
        """See services.aid.views.Requests."""
        try:
            return self._vault.read(Sealed.model_validate(value), field)
        except (VaultError, ValidationError):
            return None


_OF_GRIEVANCE = frozenset(
    {"lodged", "accepted", "not_accepted", "assigned", "replied", "resolved", "closed", "reopened"}
)
_OF_MEDIATION = frozenset(
    {"started", "in_force", "agreed_orally", "failed", "withdrawn", "referred", "closed"}
)
"""Events of the case that a request grew from that its page tells."""


def happened(rows: Sequence[CaseEventRow]) -> Sequence[Happening]:
    """Events of the read model as the pages take them."""
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
        )
        for row in rows
    ]


def _item(row: AidRow) -> Item:
    return Item(**{name: getattr(row, name) for name in Item._fields})
