"""A file of a case, to be saved: never shown by the browser as a page of ours."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts.reasons import REASONS
from ledger.blobs import BlobError, BlobStore, begun
from services.projections import papers, queries
from services.projections.access import on_record, opening_of
from services.projections.people_queries import disclosures_about
from services.projections.reading import CASEWORK, Opener, reader_of
from services.projections.sources import Sources
from web.actor import Actor
from web.downloads import download
from web.i18n import N_
from web.pages import Pages
from web.problems import ProblemError

GONE = N_("This file has been erased or redacted: its key was destroyed.")
DAMAGED = N_("This file is missing or damaged in the store. Tell the administrator, who can restore it.")

_CASE_ID = re.compile(r"grv_[0-9a-f]{32}")


def attachment_router(pages: Pages, sources: Sources, blobs: BlobStore) -> APIRouter:
    """`/cases/{case}/attachments/{blob}`, for who may open the case; each download is a reading on record."""
    router = APIRouter(include_in_schema=False)
    readers = pages.require(*CASEWORK, "auditor")

    @router.get("/cases/{case_id}/attachments/{blob}")
    async def save(actor: Annotated[Actor, Depends(readers)], case_id: str, blob: str) -> Response:
        file = await _file(sources, actor, case_id, blob)
        try:
            chunks = await asyncio.to_thread(begun, blobs, file.blob, file.key.text)
        except BlobError:
            raise ProblemError(404, DAMAGED) from None
        return download(chunks, file.name.text, file.media_type)

    return router


async def _file(sources: Sources, actor: Actor, case_id: str, blob: str) -> papers.AttachedFile:
    """The file, if this actor may open it. Raises ProblemError."""
    reader = reader_of(await sources.register.catch_up(), actor)
    is_id = _CASE_ID.fullmatch(case_id) is not None
    view = await asyncio.to_thread(queries.shown_case, sources.model, case_id) if is_id else None
    if view is None:
        raise ProblemError(404, REASONS["not_found"])
    disclosures = await asyncio.to_thread(disclosures_about, sources.model, case_id)
    opening = opening_of(reader, view.case, disclosures, sources.clock())
    if not opening.may_open:
        raise ProblemError(403, REASONS["other_unit"])
    if not await on_record(sources.access, reader, view.case.unit, opening, [case_id]):
        raise ProblemError(503)
    redactions = papers.redactions_of(view, str)
    opener = Opener(sources.vault, may_open=True, redactions=redactions)
    file = next((one for one in papers.files_of(view, opener, str) if one.blob == blob), None)
    if file is None:
        raise ProblemError(404)
    if file.key.state != "open":
        raise ProblemError(404, GONE)
    return file
