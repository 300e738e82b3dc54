"""The dossier as a PDF: what is handed to a court, or put on the shelf."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import NamedTuple

from ledger.blobs import BlobStore, begun
from services.mediation.dossier_contents import Checked, Contents, check_files, contents_of
from services.mediation.dossier_words import VERSIONS
from services.mediation.pages import Shown
from web.case_forms import mediation_words
from web.entries import yuan
from web.pages import Pages
from web.pdf import pdf

CHINESE = "zh-CN"
_MOST_PICTURE_BYTES = 24 * 1024 * 1024
"""How much of pictures is printed in one file; the rest is in the bundle alone."""


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
        versions=VERSIONS,
        words=mediation_words,
        money=lambda amount: yuan(amount, formats),
        now=one.now,
    )
    return pdf(html)


def _pictures(one: Dossier, blobs: BlobStore) -> Mapping[str, str]:
    """Blob → the picture as a data: URI."""
    found: dict[str, str] = {}
    left = _MOST_PICTURE_BYTES
    for file in one.shown.teller.files:
        checked = one.checked[file.blob]
        if not file.media_type.startswith("image/") or checked.state != "open" or checked.size > left:
            continue
        content = b"".join(begun(blobs, file.blob, file.key.plain))
        left -= len(content)
        found[file.blob] = f"data:{file.media_type};base64,{base64.b64encode(content).decode()}"
    return found
