"""The list of aid requests."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.reference import Register
from services.aid.desk import AidDesk, may, programmes_at
from services.aid.views import BY_TERM, Requests, Wanted
from services.places import place_of, places_of
from web.actor import Actor
from web.case_forms import request_words as words
from web.entries import yuan
from web.i18n import N_
from web.pages import Pages
from web.paging import Page, read_cursor, steps

READERS = ("clerk", "grid_worker", "aid_officer", "aid_approver", "supervisor", "auditor")
"""Who may see that a request exists and how it stands."""

PER_PAGE = 50
_TABS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "open": (
        N_("To be decided"),
        ("applied", "incomplete", "complete", "inquired", "proposed", "noticed", "reserving", "unfunded"),
    ),
    "approved": (N_("Being paid"), ("approved",)),
    "ended": (N_("Ended"), ("rejected", "stopped", "withdrawn", "closed")),
}


class ListPages:
    """`/aid`."""

    def __init__(self, pages: Pages, desk: AidDesk, requests: Requests) -> None:
        self._pages = pages
        self._desk = desk
        self._requests = requests

    def router(self) -> APIRouter:
        """The list."""
        router = APIRouter(prefix="/aid", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("")
        async def listed(
            request: Request,
            actor: reader,
            unit: str = "",
            view: str = "open",
            programme: str = "",
            at: str = "",
        ) -> Response:
            return await self._list(request, actor, unit, (view, programme), at)

        return router

    async def _list(
        self, request: Request, actor: Actor, unit: str, wanted: tuple[str, str], at: str
    ) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        places = places_of(register, actor.id, READERS, now)
        here = place_of(places, unit)
        view, programme = wanted[0] if wanted[0] in _TABS else "open", wanted[1] or None
        page = Page(read_cursor(at, BY_TERM), PER_PAGE)
        found = await self._requests.listed(Wanted(here.unit, _TABS[view][1], programme), page)
        asked = {"unit": here.unit, "view": view, "programme": programme or ""}
        formats = self._pages.formats(request)
        return await self._pages.render(
            request,
            "aid/list.html",
            unit=here,
            places=places,
            view=view,
            tabs={name: label for name, (label, _) in _TABS.items()},
            items=found.items,
            total=found.total,
            steps=steps(found.before, found.after, lambda place: f"/aid?{urlencode({**asked, 'at': place})}"),
            programme=programme,
            programmes=programmes_at(register, here.unit, now),
            name_of_programme=lambda code: _name(register, code),
            zone_name=lambda zone: zone_name(register, here.unit, zone),
            words=words,
            money=lambda amount: yuan(amount, formats),
            now=now,
            may_apply=may(register, actor.id, here.unit, "apply", now),
        )


def _name(register: Register, programme: str) -> str:
    found = register.programme(programme)
    return found.name if found else programme


def zone_name(register: Register, unit: str, zone: str | None) -> str:
    """A zone by its name; blank where none is told."""
    found = register.zone(unit, zone) if zone else None
    return found.name if found else (zone or "")
