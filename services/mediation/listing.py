"""The list of mediations, with how many cases each mediator has in hand."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.reference import Register
from services.mediation.desk import MediationDesk, may
from services.mediation.telling import NameOf
from services.mediation.views import BY_TERM, Mediations, Wanted
from services.places import place_of, places_of
from web.actor import Actor
from web.case_forms import mediation_words as words
from web.entries import yuan
from web.i18n import N_
from web.pages import Pages
from web.paging import Page, read_cursor, steps

READERS = ("clerk", "supervisor", "mediator", "auditor", "grid_worker", "handler")
"""Who may see that a mediation exists and how it stands."""

PER_PAGE = 50
TABS: Mapping[str, str] = {
    "open": N_("Being mediated"),
    "agreed": N_("Agreements being performed"),
    "closed": N_("Closed"),
}


class ListPages:
    """`/mediations`."""

    def __init__(self, pages: Pages, desk: MediationDesk, mediations: Mediations, name_of: NameOf) -> None:
        self._pages = pages
        self._desk = desk
        self._mediations = mediations
        self._name_of = name_of

    def router(self) -> APIRouter:
        """The list."""
        router = APIRouter(prefix="/mediations", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("")
        async def listed(
            request: Request,
            actor: reader,
            unit: str = "",
            view: str = "open",
            mediator: str = "",
            at: str = "",
        ) -> Response:
            return await self._list(request, actor, unit, (view, mediator), at)

        return router

    async def _list(
        self, request: Request, actor: Actor, unit: str, wanted: tuple[str, str], at: str
    ) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        places = places_of(register, actor.id, READERS, now)
        here = place_of(places, unit)
        view, mediator = wanted[0] if wanted[0] in TABS else "open", wanted[1] or None
        page = Page(read_cursor(at, BY_TERM), PER_PAGE)
        found = await self._mediations.listed(Wanted(here.unit, view, mediator), page)
        asked = {"unit": here.unit, "view": view, "mediator": mediator or ""}
        formats = self._pages.formats(request)
        return await self._pages.render(
            request,
            "mediation/list.html",
            unit=here,
            places=places,
            view=view,
            tabs=TABS,
            items=found.items,
            total=found.total,
            steps=steps(
                found.before, found.after, lambda place: f"/mediations?{urlencode({**asked, 'at': place})}"
            ),
            mediator=mediator,
            mediators=await self._load(register, here.unit, now),
            names=lambda ids: [self._name_of(register, one) for one in ids.split()],
            words=words,
            money=lambda amount: yuan(amount, formats),
            now=now,
            may_start=may(register, actor.id, here.unit, "start", now),
        )

    async def _load(self, register: Register, unit: str, now: int) -> list[tuple[str, str, int]]:
        """The mediators of a community by name, with how many cases they have that are not closed."""
        load = await self._mediations.load(unit)
        own = {one.person for one in register.appointments(now) if one.role == "mediator"}
        named = sorted((self._name_of(register, one), one) for one in own)
        return [(one, name, load[one]) for name, one in named if register.holds(one, "mediator", unit, now)]
