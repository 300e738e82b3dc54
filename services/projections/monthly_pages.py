"""The page of the monthly report, and the lists of the cases behind its figures."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.monthly import FIGURES
from services.projections import case_page, monthly, worklist
from services.projections.access import Opening, on_record
from services.projections.period import PeriodPages
from services.projections.reading import Opener, Reader
from web.actor import Actor
from web.i18n import N_
from web.paging import Page, read_cursor, steps
from web.problems import ProblemError

NAMES: Mapping[str, str] = {
    "accepted_in_time": N_("Accepted or declined in time"),
    "handled_in_time": N_("Handled in time"),
    "satisfied": N_("Satisfied or fairly satisfied"),
    "rated": N_("Participation in rating"),
    "repeated": N_("Repeat petitions"),
}
PARTS: Mapping[str, str] = {"met": N_("in the numerator"), "rest": N_("the rest of the denominator")}
SUPERVISION = frozenset({"supervisor"})


class MonthlyPages(PeriodPages):
    """`/reports/monthly` and the cases behind it, for supervisors."""

    def add_to(self, router: APIRouter) -> None:
        """Both addresses."""
        supervisors = self._pages.require(*SUPERVISION)

        @router.get("/reports/monthly")
        async def show(request: Request, actor: Annotated[Actor, Depends(supervisors)]) -> Response:
            return await self._report(request, await self._reader(actor))

        @router.get("/reports/monthly/cases")
        async def listed(request: Request, actor: Annotated[Actor, Depends(supervisors)]) -> Response:
            return await self._cases(request, await self._reader(actor))

    async def _report(self, request: Request, reader: Reader) -> Response:
        asked = self._asked(request, reader, SUPERVISION)
        found = None
        if asked.scope is not None:
            found = await asyncio.to_thread(monthly.monthly, self._sources.model, asked.scope, asked.month)
        return await self._pages.render(
            request,
            "projections/monthly-report.html",
            status=422 if asked.form.errors else 200,
            asked=asked,
            units=[(unit.unit, unit.name) for unit in reader.communities(SUPERVISION)],
            report=found,
            figures=[(name, NAMES[name], getattr(found, name)) for name in FIGURES] if found else [],
        )

    async def _cases(self, request: Request, reader: Reader) -> Response:
        asked, sent = self._asked(request, reader, SUPERVISION), request.query_params
        name, part = sent.get("figure", ""), sent.get("part", "")
        if asked.scope is None or name not in FIGURES or part not in PARTS:
            raise ProblemError(404)
        page = Page(read_cursor(sent.get("at", ""), monthly.BY_LODGING), worklist.PAGE_SIZE)
        behind = partial(
            monthly.cases_behind,
            self._sources.model,
            asked.scope,
            name,
            cast("monthly.Part", part),
            page,
        )
        found = await asyncio.to_thread(behind)
        ids = [row.case_id for row in found.cases]
        opening = Opening(may_open=True, purpose="supervision")
        recorded = await on_record(self._sources.access, reader, asked.unit.unit, opening, ids)
        opener = Opener(self._sources.vault, may_open=recorded or not ids)
        staff = case_page.Staff(reader.register, self._sources.name_of, by_name=True)
        now = self._sources.clock()
        return await self._pages.render(
            request,
            "projections/monthly-cases.html",
            asked=asked,
            name=NAMES[name],
            figure=name,
            part=part,
            part_word=PARTS[part],
            lines=[worklist.line_of(row, reader.register, opener, staff, now) for row in found.cases],
            total=found.total,
            steps=steps(
                found.before,
                found.after,
                lambda at: f"/reports/monthly/cases?{asked.query(figure=name, part=part, at=at)}",
            ),
            unrecorded=not opener.may_open,
        )
