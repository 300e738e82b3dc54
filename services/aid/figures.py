"""The figures of aid over a period: persons, person-times, households, sums and things, each counted for itself."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.aid_figures import Period, median, total, totals_by
from contracts.base import DAY_MS
from contracts.reference import Register
from services.aid.desk import AidDesk
from services.aid.listing import READERS, zone_name
from services.aid.periods import period_of
from services.aid.views import Requests
from services.places import place_of, places_of
from web.actor import Actor
from web.entries import yuan
from web.pages import Pages


class FigurePages:
    """`/aid/figures`; before the router of one request."""

    def __init__(self, pages: Pages, desk: AidDesk, requests: Requests) -> None:
        self._pages = pages
        self._desk = desk
        self._requests = requests

    def router(self) -> APIRouter:
        """The page."""
        router = APIRouter(prefix="/aid", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("/figures")
        async def figures(
            request: Request, actor: reader, unit: str = "", since: str = "", until: str = ""
        ) -> Response:
            return await self._show(request, actor, unit, since, until)

        return router

    async def _show(self, request: Request, actor: Actor, unit: str, since: str, until: str) -> Response:
        register, now = await self._desk.register(), self._desk.now()
        places = places_of(register, actor.id, READERS, now)
        here = place_of(places, unit)
        formats = self._pages.formats(request)
        period = period_of(since, until, now, formats)
        found = await self._requests.figures([here.unit], period.since, period.until)
        return await self._pages.render(
            request,
            "aid/figures.html",
            unit=here,
            places=places,
            period=period,
            found=found,
            whole=total(found.given),
            people={one.programme: one for one in found.helped},
            by_programme=totals_by(found.given, lambda row: row.programme),
            by_fund=totals_by([one for one in found.given if one.fund], lambda row: row.fund or ""),
            by_zone=totals_by(found.given, lambda row: row.zone or ""),
            by_month=_months(found, formats.zone),
            asked=found.asked,
            days=_days(found),
            programme_name=lambda code: _programme(register, code),
            fund_name=lambda code: fund.name if (fund := register.fund(code)) else code,
            zone_name=lambda zone: zone_name(register, here.unit, zone),
            money=lambda amount: yuan(amount, formats),
        )


def _programme(register: Register, code: str) -> str:
    found = register.programme(code)
    return found.name if found else code


def _months(found: Period, zone: object) -> list[tuple[date, int]]:
    """The sums that were given, by the month on the community's clock."""
    sums: Counter[date] = Counter()
    for at, amount in found.paid:
        local = datetime.fromtimestamp(at / 1000, zone)  # type: ignore[arg-type]
        sums[date(local.year, local.month, 1)] += amount
    return sorted(sums.items())


def _days(found: Period) -> int | None:
    middle = median(found.waits)
    return None if middle is None else middle // DAY_MS
