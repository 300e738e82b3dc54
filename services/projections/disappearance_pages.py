"""The page of the ledger of disappearances, and the same as a file."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.disappearances import Disappearance
from contracts.reasons import REASONS
from services.projections import case_page
from services.projections.disappearances import ledger
from services.projections.period import PeriodPages
from services.projections.reading import Reader
from web.actor import Actor
from web.case_forms import words
from web.i18n import N_
from web.problems import ProblemError

NAMES: Mapping[Disappearance, str] = MappingProxyType(
    {
        "not_accepted": N_("Not accepted"),
        "reclassified": N_("Reclassified"),
        "merged": N_("Merged"),
        "unmerged": N_("Unmerged"),
        "withdrawn": N_("Withdrawn by the complainant"),
        "withdrawal_undone": N_("Withdrawal taken back"),
        "transferred_out": N_("Transferred out"),
        "transfer_released": N_("Came back, not taken in"),
        "split": N_("Split off"),
    }
)
READERS = frozenset({"supervisor", "auditor"})
SHOWN = 500
"""How many lines stand on a page; the file has all."""


class DisappearancePages(PeriodPages):
    """`/reports/disappearances`, for supervisors and auditors."""

    def add_to(self, router: APIRouter) -> None:
        """The page and the file."""
        readers = self._pages.require(*READERS)

        @router.get("/reports/disappearances")
        async def show(request: Request, actor: Annotated[Actor, Depends(readers)]) -> Response:
            return await self._page(request, await self._reader(actor))

        @router.get("/reports/disappearances.json")
        async def file(request: Request, actor: Annotated[Actor, Depends(readers)]) -> Response:
            return await self._file(request, await self._reader(actor))

    async def _page(self, request: Request, reader: Reader) -> Response:
        asked = self._asked(request, reader, READERS)
        found = None
        if asked.scope is not None:
            found = await asyncio.to_thread(ledger, self._sources.model, asked.scope, SHOWN)
        staff = case_page.Staff(reader.register, self._sources.name_of, reader.knows_staff(asked.unit.unit))
        return await self._pages.render(
            request,
            "projections/disappearances.html",
            status=422 if asked.form.errors else 200,
            asked=asked,
            units=[(unit.unit, unit.name) for unit in reader.communities(READERS)],
            ledger=found,
            total=sum(found.counts.values()) if found else 0,
            names=NAMES,
            staff=staff,
            unit_name=lambda code: unit.name if (unit := reader.register.unit(code)) else code,
            reasons=dict(words.NOT_ACCEPTED_REASONS),
            kinds=dict(words.CASE_KINDS),
            severities=dict(words.SEVERITIES),
        )

    async def _file(self, request: Request, reader: Reader) -> Response:
        asked = self._asked(request, reader, READERS)
        if asked.scope is None:
            raise ProblemError(404, REASONS["not_found"])
        found = await asyncio.to_thread(ledger, self._sources.model, asked.scope)
        name = f"disappearances-{asked.unit.unit}-{asked.month}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(found.model_dump_json(), media_type="application/json", headers=headers)
