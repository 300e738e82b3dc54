"""The page of one letter, to be printed on A4 and sealed."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS
from services.projections import papers, queries
from services.projections.access import knows_reporter, on_record, opening_of
from services.projections.letters import CHINESE, LetterTexts, letters_of
from services.projections.people_queries import disclosures_about
from services.projections.reading import CASEWORK, Opener, Reader
from services.projections.sources import ReaderPages
from web.actor import Actor
from web.i18n import N_
from web.pdf import PdfUnavailableError, pdf
from web.problems import ProblemError

_CASE_ID = re.compile(r"grv_[0-9a-f]{32}")
NO_SUCH_LETTER = N_("The case has no letter of this number. Go back to the case, which lists its letters.")
NO_TEMPLATE = N_("The register has no template of the version that this letter was made with.")

NO_PDF = N_(
    "This machine cannot make PDF files: it lacks Debian's packages libpangoft2-1.0-0 and fonts-noto-cjk. "
    "Print the letter's page instead."
)


class LetterPages(ReaderPages):
    """`/cases/{case}/letters/{number}`: in Chinese, or with `?in=en` the English rendering."""

    def add_to(self, router: APIRouter) -> None:
        """Answer the page's path."""
        readers = self._pages.require(*CASEWORK, "auditor")

        @router.get("/cases/{case_id}/letters/{number}")
        async def letter(
            request: Request, actor: Annotated[Actor, Depends(readers)], case_id: str, number: str
        ) -> Response:
            return await self._letter(request, await self._reader(actor), case_id, number)

        @router.get("/cases/{case_id}/letters/{number}/pdf")
        async def as_pdf(
            request: Request, actor: Annotated[Actor, Depends(readers)], case_id: str, number: str
        ) -> Response:
            return await self._pdf(request, await self._reader(actor), case_id, number)

    async def _pdf(self, request: Request, reader: Reader, case_id: str, number: str) -> Response:
        """The letter as a file of A4 pages."""
        page = await self._letter(request, reader, case_id, number, "projections/letter-pdf.html")
        try:
            file = await asyncio.to_thread(pdf, bytes(page.body).decode())
        except PdfUnavailableError:
            raise ProblemError(503, NO_PDF) from None
        headers = {
            "Content-Disposition": f'attachment; filename="{number}.pdf"',
            "Cache-Control": "no-store",
        }
        return Response(file, media_type="application/pdf", headers=headers)

    async def _letter(
        self,
        request: Request,
        reader: Reader,
        case_id: str,
        number: str,
        template: str = "projections/letter.html",
    ) -> Response:
        sources = self._sources
        is_id = _CASE_ID.fullmatch(case_id) is not None
        view = await asyncio.to_thread(queries.shown_case, sources.model, case_id) if is_id else None
        if view is None:
            raise ProblemError(404, REASONS["not_found"])
        disclosures = await asyncio.to_thread(disclosures_about, sources.model, case_id)
        opening = opening_of(reader, view.case, disclosures, sources.clock())
        if not opening.may_open:
            raise ProblemError(403, REASONS["other_unit"])
        letter = next((one for one in letters_of(view) if one.number == number), None)
        if letter is None:
            raise ProblemError(404, NO_SUCH_LETTER)
        if not await on_record(sources.access, reader, view.case.unit, opening, [case_id]):
            raise ProblemError(503)
        opener = Opener(sources.vault, may_open=True, redactions=papers.redactions_of(view, str))
        language = "en" if request.query_params.get("in") == "en" else CHINESE
        formats, gettext = self._pages.formats_in(language), self._pages.gettext_in(language)
        names = knows_reporter(reader, view.case)
        sheet = LetterTexts(view, reader.register, opener, formats, gettext, names).sheet(letter)
        if sheet is None:
            raise ProblemError(404, NO_TEMPLATE)
        return await self._pages.render(request, template, case=view.case, letter=letter, sheet=sheet)
