"""The page of the figures of mediation."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import LAST_MS
from contracts.mediation_figures import lines_of
from services.mediation.desk import MediationDesk
from services.mediation.listing import READERS
from services.mediation.views import Mediations
from services.places import place_of, places_of
from web.actor import Actor
from web.case_forms import mediation_words as words
from web.entries import yuan
from web.pages import Pages

FIRST_YEAR = 1970


class FigurePages:
    """`/mediations/figures`."""

    def __init__(self, pages: Pages, desk: MediationDesk, mediations: Mediations) -> None:
        self._pages = pages
        self._desk = desk
        self._mediations = mediations

    def router(self) -> APIRouter:
        """The page; before the router of one mediation."""
        router = APIRouter(prefix="/mediations", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]
        years = Annotated[int, Query(ge=0, le=9998)]

        @router.get("/figures")
        async def figures(request: Request, actor: reader, unit: str = "", year: years = 0) -> Response:
            return await self._figures(request, actor, unit, year)

        return router

    async def _figures(self, request: Request, actor: Actor, unit: str, year: int) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        places = places_of(register, actor.id, READERS, now)
        here = place_of(places, unit)
        formats = self._pages.formats(request)
        since, until = 0, LAST_MS
        if year > FIRST_YEAR:
            since, until = (
                int(datetime(one, 1, 1, tzinfo=formats.zone).timestamp() * 1000) for one in (year, year + 1)
            )
        tallies = await self._mediations.tallies([here.unit], since, until)
        this_year = formats.local(now).year
        return await self._pages.render(
            request,
            "mediation/figures.html",
            unit=here,
            year=year,
            years=[0, *range(this_year, this_year - 5, -1)],
            now=now,
            live=lines_of(tallies, imported=False),
            imported=lines_of(tallies, imported=True),
            words=words,
            money=lambda amount: yuan(amount, formats),
        )
