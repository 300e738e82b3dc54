"""The page of figures that anybody may read, without signing in."""

import asyncio
from collections import OrderedDict
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from contracts.public_figures import EARLIER, ELSEWHERE, Asked, PublicFigures
from contracts.reasons import REASONS
from contracts.reference import Register
from contracts.register import UnitDefinedV1
from services.projections.case_page import policy_of
from services.projections.chart import month_day
from services.projections.dashboard import FAMILY
from services.projections.live import mark_of
from services.projections.pages import CLAIM_NOTES
from services.projections.public import month_start, read_public
from services.projections.sources import Sources
from services.projections.store import Place
from web.case_forms import words
from web.i18n import N_
from web.pages import Pages
from web.problems import ProblemError

NO_COMMUNITY = N_("There is no community in the register yet.")
MINIMUM = 5
"""Where no policy says another."""

_KEPT = 64
UnitQuery = Annotated[str, Query(alias="community", pattern=r"^([\w./\-]{1,64})?$")]


class _Kept(NamedTuple):
    mark: str
    figures: PublicFigures


class PublicPages:
    """`/public/figures`, and the same as JSON. Owned by one event loop."""

    def __init__(self, pages: Pages, sources: Sources) -> None:
        self._pages = pages
        self._sources = sources
        self._kept: OrderedDict[Asked, _Kept] = OrderedDict()
        self._lock = asyncio.Lock()

    def router(self) -> APIRouter:
        """The two addresses; neither asks who is there."""
        router = APIRouter(include_in_schema=False)

        @router.get("/public/figures")
        async def show(request: Request, community: UnitQuery = "") -> Response:
            register = await self._sources.register.catch_up()
            unit = _chosen(register, community)
            figures = await self._figures(register, unit)
            return await self._pages.render(
                request,
                "projections/public.html",
                unit=unit,
                units=[(one.unit, one.name) for one in _communities(register)],
                figures=figures,
                zones=[_zone_name(register, unit.unit, zone) for zone in figures.zones],
                months=[None if name == EARLIER else month_day(name) for name in figures.months],
                claims=words.OCCURRENCES,
                claim_notes=CLAIM_NOTES,
            )

        @router.get("/public/figures.json")
        async def data(community: UnitQuery = "") -> JSONResponse:
            register = await self._sources.register.catch_up()
            figures = await self._figures(register, _chosen(register, community))
            return JSONResponse(figures.model_dump(mode="json"))

        return router

    async def _figures(self, register: Register, unit: UnitDefinedV1) -> PublicFigures:
        asked = asked_of(register, unit, self._sources.clock())
        model = self._sources.model
        # One at a time: whoever is not signed in can make the database work only so much.
        async with self._lock:
            places = [Place(FAMILY, number) for number in range(model.ledger.genesis.partitions)]
            mark = mark_of(await asyncio.to_thread(model.positions), places)
            kept = self._kept.get(asked)
            if kept is None or kept.mark != mark:
                zones = [zone.zone for zone in register.zones(unit.unit)]
                found = await asyncio.to_thread(read_public, model, asked, zones, unit.time_zone)
                kept = self._kept[asked] = _Kept(mark, found)
                self._kept.move_to_end(asked)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return kept.figures


def asked_of(register: Register, unit: UnitDefinedV1, now: int) -> Asked:
    """What is public of a community at this time: months that have ended, under the policy in force."""
    policy = policy_of(register)
    minimum = policy.public_minimum if policy else MINIMUM
    return Asked(unit.unit, month_start(now, unit.time_zone), minimum)


def _communities(register: Register) -> list[UnitDefinedV1]:
    return [unit for unit in register.units() if unit.tier == "community"]


def _chosen(register: Register, unit: str) -> UnitDefinedV1:
    communities = _communities(register)
    if not communities:
        raise ProblemError(404, NO_COMMUNITY)
    found = next((one for one in communities if one.unit == unit), None) if unit else communities[0]
    if found is None:
        raise ProblemError(404, REASONS["unknown_unit"])
    return found


def _zone_name(register: Register, unit: str, code: str) -> str | None:
    if code == ELSEWHERE:
        return None
    zone = register.zone(unit, code)
    return zone.name if zone else code
