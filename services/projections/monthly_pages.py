"""The page of the monthly report, and the lists of the cases behind its figures."""

import asyncio
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, NamedTuple, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.figures import Scope
from contracts.lineage import origins
from contracts.monthly import FIGURES
from contracts.months import month_bounds, months_between
from contracts.register import UnitDefinedV1
from services.projections import case_page, monthly, worklist
from services.projections.access import Opening, on_record
from services.projections.chart import month_day
from services.projections.queries import Page
from services.projections.reading import Opener, Reader
from services.projections.sources import ReaderPages
from web.actor import Actor
from web.forms import Form, FormErrors
from web.i18n import N_
from web.problems import ProblemError

LABELS: Mapping[str, str] = {"unit": N_("Community"), "month": N_("Month")}
NO_MONTH = N_("Enter a month such as 2026-07.")
NAMES: Mapping[str, str] = {
    "accepted_in_time": N_("Accepted or declined in time"),
    "handled_in_time": N_("Handled in time"),
    "satisfied": N_("Satisfied or fairly satisfied"),
    "rated": N_("Participation in rating"),
    "repeated": N_("Repeat petitions"),
}
PARTS: Mapping[str, str] = {"met": N_("in the numerator"), "rest": N_("the rest of the denominator")}
SUPERVISION = frozenset({"supervisor"})


class Asked(NamedTuple):
    """What is asked for. `scope` is None where the month is none; `over`: the month has ended."""

    unit: UnitDefinedV1
    month: str
    form: Form
    scope: Scope | None
    over: bool

    def address(self, **more: object) -> str:
        """The address of the report, or of the cases behind one of its figures."""
        query = {"unit": self.unit.unit, "month": self.month, **more}
        return f"/reports/monthly{'/cases' if more else ''}?{urlencode(query)}"


class MonthlyPages(ReaderPages):
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
        asked = self._asked(request, reader)
        found = None
        if asked.scope is not None:
            found = await asyncio.to_thread(monthly.monthly, self._sources.model, asked.scope, asked.month)
        return await self._pages.render(
            request,
            "projections/monthly-report.html",
            status=422 if asked.form.errors else 200,
            asked=asked,
            day=_day(asked),
            units=[(unit.unit, unit.name) for unit in reader.communities(SUPERVISION)],
            report=found,
            figures=[(name, NAMES[name], getattr(found, name)) for name in FIGURES] if found else [],
        )

    async def _cases(self, request: Request, reader: Reader) -> Response:
        asked, sent = self._asked(request, reader), request.query_params
        name, part = sent.get("figure", ""), sent.get("part", "")
        if asked.scope is None or name not in FIGURES or part not in PARTS:
            raise ProblemError(404)
        number = worklist.page_number(sent.get("page", ""))
        page = Page(number, worklist.PAGE_SIZE)
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
            day=_day(asked),
            name=NAMES[name],
            figure=name,
            part=part,
            part_word=PARTS[part],
            lines=[worklist.line_of(row, reader.register, opener, staff, now) for row in found.cases],
            total=found.total,
            page=page,
            unrecorded=not opener.may_open,
        )

    def _asked(self, request: Request, reader: Reader) -> Asked:
        sent, now = request.query_params, self._sources.clock()
        unit = reader.choose(sent.get("unit", "").strip(), SUPERVISION)
        if unit is None:
            raise ProblemError(403)
        month = sent.get("month", "").strip() or months_between(now, now, unit.time_zone)[0].name
        values = {"unit": unit.unit, "month": month}
        try:
            since, until = month_bounds(month, unit.time_zone)
        except ValueError:
            errors = FormErrors({"month": (self._pages.gettext(request)(NO_MONTH),)})
            return Asked(unit, month[:20], Form(LABELS, values, errors, "filter"), None, over=False)
        merged = tuple(origins(reader.register, unit.unit, None))
        scope = Scope(unit=unit.unit, since=since, until=until, time_zone=unit.time_zone, origins=merged)
        return Asked(unit, month, Form(LABELS, values, prefix="filter"), scope, over=until <= now)


def _day(asked: Asked) -> date | None:
    return None if asked.scope is None else month_day(asked.month)
