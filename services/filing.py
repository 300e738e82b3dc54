"""Files that a form brings to a case: what the pages of every service with such files ask of them, and how they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.requests import Request

from contracts.grievance import MediaType
from ledger.blobs import BlobStore
from web.forms import FormErrors, Submitted
from web.i18n import Gettext


class File(Protocol):
    """A file that may be kept. `original`: SHA-256 of it as it was brought, where something was taken out."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...

    @property
    def media_type(self) -> MediaType:
        """What it is, told by its content."""
        ...

    @property
    def original(self) -> str | None:
        """SHA-256 of the file as it was brought."""
        ...


class Brought(Protocol):
    """The files of a form, or what is wrong with them."""

    @property
    def files(self) -> Sequence[File]:
        """Those that may be kept."""
        ...

    @property
    def status(self) -> int:
        """The status to answer with where something is wrong, else 0."""
        ...

    def errors_at(self, errors: FormErrors, gettext: Gettext) -> FormErrors:
        """These errors and those of the files, at the field `file`."""
        ...


class Uploads(Protocol):
    """Checks the files that a form brings; the composition root supplies it."""

    async def read(self, request: Request, sent: Submitted) -> Brought:
        """The files of a form, ready to be kept. None of them is kept yet."""
        ...


def content_of(file: File) -> str:
    """SHA-256 of a file, in hex: one content under one key is one blob."""
    return hashlib.sha256(file.content).hexdigest()


def stored(blobs: BlobStore, file: File, secret: bytes) -> dict[str, Any]:
    """Keep a file, durably, under this key; return what the command that attaches it says of it. Blocks."""
    blob = blobs.put([file.content], secret)
    told = {"original": file.original} if file.original else {}
    return {
        "blob": blob.name,
        "size": blob.size,
        "media_type": file.media_type,
        "name": file.name,
        "key": secret.hex(),
        **told,
    }
