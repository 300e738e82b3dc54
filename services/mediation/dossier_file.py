"""The dossier as a PDF: what is handed to a court, or put on the shelf."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ledger.blobs import BlobStore, begun
from services.mediation.dossier_contents import Checked, Contents, check_files, contents_of
from services.mediation.dossier_words import VERSIONS
from services.mediation.pages import Shown
from services.mediation.telling import Kept
from web.case_forms import mediation_words
from web.entries import yuan
from web.pages import Pages
from web.pdf import pdf

CHINESE = "zh-CN"
_MOST_PICTURE_BYTES, _MOST_TEXT_BYTES = 24 * 1024 * 1024, 256 * 1024
"""How much of pictures and of plain texts is printed in one file; the rest is in the bundle alone."""


class Dossier(NamedTuple):
    """A dossier for one reader, in one language, as of `now` (milliseconds since the epoch)."""

    shown: Shown
    contents: Contents
    checked: Mapping[str, Checked]
    language: str
    now: int


def dossier_of(shown: Shown, blobs: BlobStore, language: str, now: int) -> Dossier:
    """The dossier, every file of it read once. Blocks; raises LogUnavailableError."""
    checked = check_files(shown.teller.files, blobs)
    return Dossier(shown, contents_of(shown, checked, now), checked, language, now)


def as_pdf(one: Dossier, pages: Pages, blobs: BlobStore) -> bytes:
    """The dossier on A4, with its pictures in it. Blocks; raises PdfUnavailableError, BlobError, LogUnavailableError."""
    shown, formats = one.shown, one.shown.teller.formats
    html = pages.document(
        one.language,
        "mediation/dossier-pdf.html",
        shown=shown,
        item=shown.item,
        teller=shown.teller,
        state=shown.state,
        contents=one.contents,
        pictures=_pictures(one, blobs),
        texts=_texts(one, blobs),
        versions=VERSIONS,
        words=mediation_words,
        money=lambda amount: yuan(amount, formats),
        now=one.now,
    )
    return pdf(html)


def _pictures(one: Dossier, blobs: BlobStore) -> Mapping[str, str]:
    """Blob → the picture as a data: URI."""
    return {
        file.blob: f"data:{file.media_type};base64,{base64.b64encode(content).decode()}"
        for file, content in _read(one, blobs, "image/", _MOST_PICTURE_BYTES)
    }


def _texts(one: Dossier, blobs: BlobStore) -> Mapping[str, str]:
    """Blob → the plain text, where it is UTF-8."""
    found: dict[str, str] = {}
    for file, content in _read(one, blobs, "text/plain", _MOST_TEXT_BYTES):
        with contextlib.suppress(UnicodeDecodeError):
            found[file.blob] = content.decode("utf-8-sig")
    return found


def _read(one: Dossier, blobs: BlobStore, kind: str, most: int) -> Iterator[tuple[Kept, bytes]]:
    """What the files of a kind hold, the first ones, up to so many bytes in all."""
    left = most
    for file in one.shown.teller.files:
        checked = one.checked[file.blob]
        if file.media_type.startswith(kind) and checked.state == "open" and checked.size <= left:
            left -= checked.size
            yield file, b"".join(begun(blobs, file.blob, file.key.plain))
