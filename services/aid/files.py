"""Files of an aid request: attached by a form, encrypted before they are kept, and saved by who may read them."""

import asyncio
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.reasons import REASONS
from ledger.blobs import BlobError, BlobStore, begun
from runtime.submit import Receipt
from services.aid.desk import FAMILY, AidDesk, Wish, may
from services.aid.listing import READERS
from services.aid.pages import AidPages, Shown
from services.attempts import Attempt
from services.filing import Uploads, content_of, stored
from web import commands
from web.actor import Actor
from web.case_forms import request_words as words
from web.downloads import download
from web.forms import Form, FormErrors, new_form_key, read_form
from web.i18n import N_
from web.notices import Decisions, notice_of
from web.pages import Pages
from web.problems import ProblemError
from web.security import MAX_BODY_BYTES
from web.setbacks import CHOOSE_ONE, DAMAGED, GONE
from web.uploads import take_form

LARGEST_BYTES = 10 * 1024 * 1024
UPLOADS: Mapping[re.Pattern[str], int] = {re.compile(r"/aid/[^/]+/attach"): LARGEST_BYTES + MAX_BODY_BYTES}
"""The path that takes a file, and how long a request may be there."""

LABELS: Mapping[str, str] = {**commands.FILE_LABELS, "document": N_("Which document it is")}
_TOLD = ("whose", "document")


class FilePages:
    """`/aid/{id}/attach` and `/aid/{id}/files/{blob}`; before the router of one request."""

    def __init__(
        self,
        pages: Pages,
        desk: AidDesk,
        requests: AidPages,
        decisions: Decisions,
        uploads: Uploads,
        blobs: BlobStore,
    ) -> None:
        self._pages = pages
        self._desk = desk
        self._requests = requests
        self._decisions = decisions
        self._uploads = uploads
        self._blobs = blobs

    def router(self) -> APIRouter:
        """The form, what it sends, and the files."""
        router = APIRouter(prefix="/aid", include_in_schema=False)
        reader = Annotated[Actor, Depends(self._pages.require(*READERS))]
        checked = [Depends(take_form), Depends(self._pages.check_csrf)]

        @router.get("/{aid}/attach")
        async def form(request: Request, actor: reader, aid: str) -> Response:
            shown = await self._shown(request, actor, aid)
            return await self._form(request, shown, Form(LABELS, commands.FILE_VALUES))

        @router.post("/{aid}/attach", dependencies=checked)
        async def attach(request: Request, actor: reader, aid: str) -> Response:
            return await self._attach(request, actor, aid)

        @router.get("/{aid}/files/{blob}")
        async def save(request: Request, actor: reader, aid: str, blob: str) -> Response:
            return await self._save(request, actor, aid, blob)

        return router

    async def _shown(self, request: Request, actor: Actor, aid: str) -> Shown:
        """The request, for who may attach a file to it. Raises ProblemError."""
        shown = await self._requests.read(request, actor, aid)
        if not may(shown.register, actor.id, shown.item.unit, "attach", self._desk.now()):
            raise ProblemError(403)
        return shown

    async def _attach(self, request: Request, actor: Actor, aid: str) -> Response:
        shown = await self._shown(request, actor, aid)
        sent, gettext = await read_form(request), self._pages.gettext(request)
        brought = await self._uploads.read(request, sent)
        errors, status = brought.errors_at(FormErrors(), gettext), brought.status or 422
        if not brought.files and not errors:
            errors = errors.plus("file", gettext(CHOOSE_ONE))
        body: dict[str, object] = {name: sent.filled[name] for name in _TOLD if name in sent.filled}
        key = sent.get("form_key") or new_form_key()
        if not errors:
            wish, file = Wish(actor.id, shown.item.unit, "attach", body, key, aid), brought.files[0]
            secret = await self._desk.file_key(wish, content_of(file))
            kept = {**body, **await asyncio.to_thread(stored, self._blobs, file, secret)}
            attempt = Attempt(FAMILY, "attach", kept, errors, key, LABELS, "file")

            async def submit(body: Mapping[str, object], key: str) -> Receipt:
                return await self._desk.say(wish._replace(body=body, key=key))

            made = await attempt.made(submit, self._decisions, gettext)
            if made.receipt is not None:
                return self._pages.redirect(f"/aid/{aid}", notice_of(made.verdict, gettext))
            errors, status, key = made.errors, made.status, made.key
        return await self._form(
            request, shown, Form(LABELS, {**sent.values, "form_key": key}, errors), status
        )

    async def _form(self, request: Request, shown: Shown, form: Form, status: int = 200) -> Response:
        programme = shown.teller.programme
        return await self._pages.render(
            request,
            "aid/attach.html",
            status=status,
            aid=shown.item.request_id,
            form=form,
            form_key=form.value("form_key") or new_form_key(),
            types=commands.FILE_TYPES,
            whose=words.WHOSE,
            documents=[(one.document, one.name) for one in (programme.documents if programme else ())],
            megabytes=LARGEST_BYTES >> 20,
        )

    async def _save(self, request: Request, actor: Actor, aid: str, blob: str) -> Response:
        shown = await self._requests.read(request, actor, aid)
        if not shown.teller.may_open:
            raise ProblemError(403)
        file = next((one for one in shown.teller.files if one.blob == blob), None)
        if file is None:
            raise ProblemError(404, REASONS["unknown_text"])
        if file.key is None or file.name is None:
            raise ProblemError(404, GONE)
        try:
            chunks = await asyncio.to_thread(begun, self._blobs, blob, file.key)
        except BlobError:
            raise ProblemError(404, DAMAGED) from None
        return download(chunks, file.name, file.media_type)
