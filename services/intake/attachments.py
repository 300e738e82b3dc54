"""Files that people bring: checked, rid of location data, encrypted and kept, then attached to their case."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from contracts.grievance import MediaType, policy_in
from contracts.reference import Register
from ledger.blobs import BlobStore
from runtime.submit import Receipt
from services.intake.api import Case, Unit
from services.intake.desk import Desk, Wish, speaking_role
from services.intake.files import TOO_LARGE, TOO_MANY, FileFault, FileRefusedError, media_type_of
from services.intake.notices import FAILURES, VERDICT_SECONDS, shortfall
from services.intake.pictures import is_picture, refuse_bomb, without_metadata
from web import commands
from web.actor import Actor
from web.case_forms import words
from web.forms import MESSAGES, Form, FormErrors, Submitted, new_form_key, read_form
from web.i18n import N_, Gettext
from web.notices import notice_of
from web.pages import Pages
from web.problems import RETRY_LATER, ProblemError
from web.security import MAX_BODY_BYTES
from web.uploads import MAX_FILES, Upload, take_form, uploads_of

FAMILY = "grievance"
ATTACH = "attach"
LARGEST_BYTES = 10 * 1024 * 1024
"""The longest file that this process reads, whatever a policy allows."""

UPLOADS: Mapping[re.Pattern[str], int] = {
    re.compile(r"/intake/(grievances|communities/[^/]+/grievances/[^/]+/attach)"): (
        MAX_FILES * LARGEST_BYTES + MAX_BODY_BYTES
    )
}
"""Paths that take files, and how long a request may be there: what is less gets its answer at the field."""

NO_CHOICE = MESSAGES["literal_error"]
CHOOSE_ONE = N_("Choose a file.")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAX_NAME = 200


class Prepared(NamedTuple):
    """A file that may be kept. `original`: SHA-256 of it as it was brought, where something was taken out."""

    name: str
    content: bytes
    media_type: MediaType
    original: str | None


class Brought(NamedTuple):
    """The files of a form, or what is wrong with them."""

    files: tuple[Prepared, ...] = ()
    faults: tuple[FileFault, ...] = ()

    @property
    def status(self) -> int:
        """The status to answer with where something is wrong, else 0."""
        return self.faults[0].status if self.faults else 0

    def errors_at(self, errors: FormErrors, gettext: Gettext) -> FormErrors:
        """These errors and those of the files, at their field."""
        for fault in self.faults:
            errors = errors.plus("file", gettext(fault.sentence) % fault.values)
        return errors


class Attachments:
    """Checks files, keeps them in the blob store and attaches them."""

    def __init__(self, desk: Desk, blobs: BlobStore) -> None:
        self._desk = desk
        self._blobs = blobs

    async def read(self, request: Request, sent: Submitted) -> Brought:
        """The files that a form brings, ready to be kept. None of them is kept yet."""
        uploads = uploads_of(request, "file")
        if len(uploads) > MAX_FILES:
            return Brought(faults=(FileFault(413, TOO_MANY, {"count": MAX_FILES}),))
        most = max_bytes(await self._desk.register())
        files, faults = [], []
        for upload in uploads:
            try:
                files.append(await _prepared(upload, most, strip=sent.get("strip") == "yes"))
            except FileRefusedError as error:
                faults.append(error.fault)
        return Brought(tuple(files), tuple(faults))

    async def attach(self, lodging: Wish, lodged: Receipt, brought: Brought) -> Receipt:
        """Attach the files to the case that this wish lodged; return its receipt.

        Each file is a submission of its own with a key derived from the lodging's, so that a form that is
        sent again attaches nothing twice. Waits a little for the last decision. Raises as `Desk.say`.
        """
        last = lodged
        for number, file in enumerate(brought.files):
            key = f"{lodging.key}/file/{number}"
            wish = Wish(lodging.actor, lodging.unit, ATTACH, {"whose": "reporter"}, key, lodged.subject)
            last = await self.attach_one(wish, file)
        await self._desk.decisions.wait(FAMILY, last.partition, last.offset, VERDICT_SECONDS)
        return lodged

    async def attach_one(self, wish: Wish, file: Prepared) -> Receipt:
        """Keep a file, durably, then attach it; the wish says `whose` it is. Raises as `Desk.say`."""
        digest = hashlib.sha256(file.content).hexdigest()
        # One content under one key has one ciphertext: what is sent again is the same blob.
        secret = await self._desk.file_key(wish, digest)
        stored = await asyncio.to_thread(self._blobs.put, [file.content], secret)
        body = {
            **wish.body,
            "blob": stored.name,
            "size": stored.size,
            "media_type": file.media_type,
            "name": file.name,
            "key": secret.hex(),
        } | ({"original": file.original} if file.original else {})
        return await self._desk.say(wish._replace(body=body))


async def _prepared(upload: Upload, most: int, *, strip: bool) -> Prepared:
    """The file, checked. Raises FileRefusedError."""
    if upload.size > most:
        raise FileRefusedError(FileFault(413, TOO_LARGE, {"limit": most >> 20}))
    content = await upload.content()
    return await asyncio.to_thread(prepare, file_name(upload.name), content, strip=strip)


def prepare(name: str, content: bytes, *, strip: bool) -> Prepared:
    """The file as it may be kept; `strip`: without a picture's metadata. Raises FileRefusedError. Blocks."""
    media_type = media_type_of(content)
    if not is_picture(media_type):
        return Prepared(name, content, media_type, None)
    refuse_bomb(content, media_type)
    if not strip:
        return Prepared(name, content, media_type, None)
    return Prepared(
        name, without_metadata(content, media_type), media_type, hashlib.sha256(content).hexdigest()
    )


def file_name(told: str) -> str:
    """A file's name without folders and control characters, of at most 200 characters."""
    name = _CONTROL.sub("", told.replace("\\", "/").rpartition("/")[2]).strip()
    if len(name) > _MAX_NAME:
        stem, dot, kind = name.rpartition(".")
        name = f"{stem[: _MAX_NAME - 10]}{dot}{kind[:9]}" if dot else name[:_MAX_NAME]
    return name or "file"


def max_bytes(register: Register) -> int:
    """The longest file that is taken: what the policy in force allows, within what this process reads."""
    policy = policy_in(register)
    allowed = policy.attachment_bytes if policy else LARGEST_BYTES
    return min(allowed, LARGEST_BYTES)


def may(register: Register, actor: Actor, unit: str, command: str) -> bool:
    """Whether the policy lets this actor give the command here. A courtesy: the workflow decides."""
    policy = policy_in(register)
    if policy is None:
        return False
    role = speaking_role(register, actor.id, unit, command)
    allowed = policy.permissions.get(command, [])
    return role in allowed and register.holds(actor.id, role, unit)


class AttachmentPages:
    """The form that attaches a file to a case that there is."""

    def __init__(self, pages: Pages, desk: Desk, files: Attachments) -> None:
        self._pages = pages
        self._desk = desk
        self._files = files

    def router(self) -> APIRouter:
        """`/intake/communities/{unit}/grievances/{case}/attach`; before the router of other commands."""
        router = APIRouter(prefix="/intake", include_in_schema=False)
        signed_in = self._pages.require()
        path = "/communities/{unit}/grievances/{case}/attach"
        checked = [Depends(signed_in), Depends(take_form), Depends(self._pages.check_csrf)]

        @router.get(path, dependencies=[Depends(signed_in)])
        async def show(request: Request, unit: Unit, case: Case) -> Response:
            form = Form(commands.FILE_LABELS, commands.FILE_VALUES)
            return await self._page(request, unit, case, form, new_form_key(), 200)

        @router.post(path, dependencies=checked)
        async def attach(
            request: Request, actor: Annotated[Actor, Depends(signed_in)], unit: Unit, case: Case
        ) -> Response:
            return await self._attach(request, actor, unit, case)

        return router

    async def _attach(self, request: Request, actor: Actor, unit: str, case: str) -> Response:
        if not may(await self._desk.register(), actor, unit, "attach"):
            raise ProblemError(403)
        gettext = self._pages.gettext(request)
        sent = await read_form(request)
        key = sent.get("form_key") or new_form_key()
        brought = await self._files.read(request, sent)
        errors, status = brought.errors_at(FormErrors(), gettext), brought.status
        if not brought.files and not errors:
            errors, status = FormErrors({"file": (gettext(CHOOSE_ONE),)}), 422
        if sent.get("whose") not in dict(words.WHOSE):
            errors, status = errors.plus("whose", gettext(NO_CHOICE)), status or 422
        if not errors:
            try:
                wish = Wish(actor.id, unit, ATTACH, {"whose": sent.get("whose")}, key, case)
                receipt = await self._files.attach_one(wish, brought.files[0])
            except FAILURES as error:
                errors, status, is_other = shortfall(error, gettext)
                key = new_form_key() if is_other else key
            else:
                waited = self._desk.decisions.wait(FAMILY, receipt.partition, receipt.offset, VERDICT_SECONDS)
                return self._pages.redirect(f"/cases/{case}", notice_of(await waited, gettext))
        form = Form(commands.FILE_LABELS, sent.values, errors)
        return await self._page(request, unit, case, form, key, status)

    async def _page(
        self, request: Request, unit: str, case: str, form: Form, key: str, status: int
    ) -> Response:
        away = status == HTTPStatus.SERVICE_UNAVAILABLE
        return await self._pages.render(
            request,
            "intake/attach.html",
            status=status,
            headers=RETRY_LATER if away else None,
            unit=unit,
            case=case,
            form=form,
            form_key=key,
            types=commands.FILE_TYPES,
            whose=words.WHOSE,
            megabytes=max_bytes(await self._desk.register()) >> 20,
        )
