"""Figures of mediation: how many were found, what became of them, and of how many that is told. Pure but for the page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from contracts.base import DAY_MS, LAST_MS
from contracts.reasons import REASONS
from services.mediation import words
from services.mediation.desk import MediationDesk
from services.mediation.entered import yuan
from services.mediation.pages import READERS, places_of
from services.mediation.views import Mediations, Tally
from web.actor import Actor
from web.pages import Pages
from web.problems import ProblemError

FIRST_YEAR = 1970


class Line(NamedTuple):
    """The mediations of one type, or all of them.

    `known`: what the success rate is of, every one found, whether refused, withdrawn or pending; None: it cannot be
    told, as the outcome of some is unknown. `days`: mean from the start to the end, of those that have ended;
    None: none has. `duties`: all obligations, due or not.
    """

    dispute: str
    found: int
    agreed: int
    refused: int
    failed: int
    withdrawn: int
    referred: int
    pending: int
    unknown: int
    known: int | None
    days: float | None
    duties: int
    performed: int
    breached: int
    owed: int
    paid: int


def line_of(dispute: str, tallies: Sequence[Tally]) -> Line:
    """One line of what was counted."""

    def found(outcome: str | None) -> int:
        return sum(one.found for one in tallies if one.outcome == outcome)

    whole, unknown = sum(one.found for one in tallies), found("not_told")
    ended = sum(one.ended for one in tallies if one.outcome != "not_told")
    spans = sum(one.days for one in tallies if one.outcome != "not_told")
    return Line(
        dispute,
        found=whole,
        agreed=found("agreed"),
        refused=found("refused"),
        failed=found("failed"),
        withdrawn=found("withdrawn"),
        referred=found("referred"),
        pending=found(None),
        unknown=unknown,
        known=None if unknown or not whole else whole,
        days=spans / ended / DAY_MS if ended else None,
        duties=sum(one.duties for one in tallies),
        performed=sum(one.settled for one in tallies),
        breached=sum(one.breached for one in tallies),
        owed=sum(one.owed for one in tallies),
        paid=sum(one.paid for one in tallies),
    )


def lines_of(tallies: Iterable[Tally], *, imported: bool) -> list[Line]:
    """All of them first, then by type, those told by an import apart from those that were mediated here."""
    ours = [one for one in tallies if one.imported == imported]
    kinds = list(dict.fromkeys(one.dispute for one in ours))
    by_kind = [line_of(kind, [one for one in ours if one.dispute == kind]) for kind in kinds]
    return [line_of("", ours), *by_kind] if ours else []


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
        places = places_of(register, actor, now)
        here = next((place for place in places if unit in ("", place.unit)), None)
        if here is None:
            raise ProblemError(403, REASONS["other_unit"])
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
