"""The dossier of a mediation: its contents and what is missing, and the whole of it as a file."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from ledger.blobs import BlobError, BlobStore
from services.mediation.desk import MediationDesk
from services.mediation.dossier_bundle import write_bundle
from services.mediation.dossier_file import CHINESE, Dossier, as_pdf, dossier_of
from services.mediation.dossier_words import STANDINGS
from services.mediation.listing import READERS
from services.mediation.pages import MediationPages
from web.actor import Actor
from web.downloads import download
from web.i18n import N_, negotiate
from web.pages import Pages
from web.pdf import PdfUnavailableError
from web.problems import ProblemError

_IN_MEMORY, _PIECE = 32 * 1024 * 1024, 64 * 1024
"""Bytes of a bundle that stay in memory, and that are sent at a time."""

NO_PDF = N_(
    "This machine cannot make PDF files: it lacks Debian's packages libpangoft2-1.0-0 and fonts-noto-cjk. "
    "The dossier's page shows its contents meanwhile."
)


class DossierPages:
    """`/mediations/{id}/dossier`, and the same as `.pdf` and `.zip`: in Chinese, or with `?in=en` in English."""

    def __init__(
        self, pages: Pages, desk: MediationDesk, mediations: MediationPages, blobs: BlobStore, ledger: str
    ) -> None:
        """`ledger`: the genesis hash."""
        self._pages = pages
        self._desk = desk
        self._mediations = mediations
        self._blobs = blobs
        self._ledger = ledger

    def router(self) -> APIRouter:
        """The page and the files."""
        router = APIRouter(prefix="/mediations", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]

        @router.get("/{mediation}/dossier")
        async def page(request: Request, actor: reader, mediation: str) -> Response:
            return await self._page(request, actor, mediation)

        @router.get("/{mediation}/dossier.pdf")
        async def as_file(request: Request, actor: reader, mediation: str) -> Response:
            return await self._pdf(request, actor, mediation)

        @router.get("/{mediation}/dossier.zip")
        async def as_bundle(request: Request, actor: reader, mediation: str) -> Response:
            return await self._zip(request, actor, mediation)

        return router

    async def _dossier(self, request: Request, actor: Actor, mediation: str, language: str) -> Dossier:
        """The dossier for who may read what was said, the reading being on record. Raises ProblemError."""
        shown = await self._mediations.read(request, actor, mediation, language)
        if not shown.teller.may_open:
            raise ProblemError(503 if shown.unrecorded else 403)
        return await asyncio.to_thread(dossier_of, shown, self._blobs, language, self._desk.now())

    async def _page(self, request: Request, actor: Actor, mediation: str) -> Response:
        found = await self._dossier(request, actor, mediation, negotiate(request))
        return await self._pages.render(
            request,
            "mediation/dossier.html",
            shown=found.shown,
            item=found.shown.item,
            contents=found.contents,
            standings=STANDINGS,
        )

    async def _pdf(self, request: Request, actor: Actor, mediation: str) -> Response:
        found = await self._dossier(request, actor, mediation, _language(request))
        content = await self._printed(found)
        return download(iter([content]), f"{mediation}.pdf", "application/pdf")

    async def _zip(self, request: Request, actor: Actor, mediation: str) -> Response:
        found = await self._dossier(request, actor, mediation, _language(request))
        printed = await self._printed(found)
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it when it is sent
        try:
            await asyncio.to_thread(write_bundle, file, found, printed, self._blobs, self._ledger)
        except BlobError:
            file.close()
            raise ProblemError(503) from None
        file.seek(0)
        return download(_pieces(file), f"{mediation}.zip", "application/zip")

    async def _printed(self, found: Dossier) -> bytes:
        """The PDF. Raises ProblemError where this machine cannot make one, or a file was damaged meanwhile."""
        try:
            return await asyncio.to_thread(as_pdf, found, self._pages, self._blobs)
        except PdfUnavailableError:
            raise ProblemError(503, NO_PDF) from None
        except BlobError:
            raise ProblemError(503) from None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What a file holds; closed at its end."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _language(request: Request) -> str:
    """The dossier is of a Chinese office; the English one is a rendering."""
    return "en" if request.query_params.get("in") == "en" else CHINESE
