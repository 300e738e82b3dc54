"""Files that come with a form: kept in memory, so that nothing that people bring reaches a disk in plain."""

from __future__ import annotations

from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from web.forms import MAX_FIELD_BYTES, MAX_FIELDS, TAKEN_FORM, is_too_much

MAX_FILES = 3
"""Files that one form may bring."""


class Upload(NamedTuple):
    """A file as it was sent: its name there, and its size in bytes; `content` is read when it is asked for."""

    name: str
    size: int
    file: UploadFile

    async def content(self) -> bytes:
        """The whole file."""
        await self.file.seek(0)
        return await self.file.read()


class _InMemory(MultiPartParser):
    """Starlette's parser, but no file is moved to a temporary folder: BodyLimit bounds what is held."""

    spool_max_size = 2**62


async def take_form(request: Request) -> None:
    """A dependency that reads a form with its files, before anything else does.

    Raises HTTPException 413 for too many fields or files, 400 for a malformed body.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=MAX_FILES,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        request.scope[TAKEN_FORM] = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(413 if is_too_much(error.message) else 400) from None


def uploads_of(request: Request, field: str) -> list[Upload]:
    """The files of one field; a browser sends an empty one, without a name, where none was chosen."""
    form: FormData | None = request.scope.get(TAKEN_FORM)
    found = form.getlist(field) if form is not None else []
    return [
        Upload(one.filename or "", one.size or 0, one)
        for one in found
        if isinstance(one, UploadFile) and (one.filename or one.size)
    ]
