"""What a file that somebody brings is, told by its content alone; what is on no list is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import NamedTuple

from contracts.base import clean
from contracts.grievance import MediaType
from web.i18n import N_

TOO_LARGE = N_("This file is larger than %(limit)s MB. Send a smaller copy.")
TOO_MANY = N_("At most %(count)s files can be sent at once.")
EMPTY_FILE = N_("This file is empty. Choose another one.")
OTHER_KIND = N_(
    "Files of this kind are not taken. Send a picture (JPEG, PNG, WebP), PDF, plain text, "
    "an office document without macros (docx, xlsx, pptx), or a recording (mp3, m4a, mp4)."
)
TOO_MANY_PIXELS = N_("This picture has too many pixels to be opened safely. Send a smaller copy.")
DAMAGED_PICTURE = N_("This picture cannot be opened, so its location data cannot be taken out. Save it anew.")

_OFFICE: Mapping[str, MediaType] = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MAX_PARTS = 10_000
_BINARY = frozenset(range(32)) - {9, 10, 12, 13}
_MPEG_SYNC = (0xFF, 0xE0)


class FileFault(NamedTuple):
    """Why a file is refused: a sentence (a message id) with its values, and the status to answer with."""

    status: int
    sentence: str
    values: Mapping[str, object] = {}


class FileRefusedError(Exception):
    """A file cannot be taken; `fault` says why."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def media_type_of(content: bytes) -> MediaType:
    """What the file is. Raises FileRefusedError where it is of no kind that is taken."""
    if not content:
        raise FileRefusedError(FileFault(422, EMPTY_FILE))
    found = _by_signature(content) or _office(content) or _plain_text(content)
    if found is None:
        raise FileRefusedError(FileFault(415, OTHER_KIND))
    return found


def _by_signature(content: bytes) -> MediaType | None:
    """By the first bytes, as the formats' own documents give them."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content[4:8] == b"ftyp":
        return "audio/mp4" if content[8:12] in (b"M4A ", b"M4B ") else "video/mp4"
    return "audio/mpeg" if _is_mpeg_audio(content) else None


def _is_mpeg_audio(content: bytes) -> bool:
    """An ID3 tag, or a frame of MPEG audio: eleven bits of sync, layer II or III, and a bit rate that exists."""
    if content.startswith(b"ID3"):
        return True
    if len(content) < 4 or content[0] != _MPEG_SYNC[0] or content[1] & _MPEG_SYNC[1] != _MPEG_SYNC[1]:  # noqa: PLR2004 - a frame's header
        return False
    layer, rate, sampling = content[1] >> 1 & 3, content[2] >> 4, content[2] >> 2 & 3
    return layer in (1, 2) and rate not in (0, 15) and sampling != 3  # noqa: PLR2004 - values the standard reserves


def _office(content: bytes) -> MediaType | None:
    """An Office Open XML document, by the parts that it lists; none of them is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return None
    has_macros = any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names)
    if "[Content_Types].xml" not in names or has_macros or len(names) > _MAX_PARTS:
        return None
    return next((kind for part, kind in _OFFICE.items() if any(n.startswith(part) for n in names)), None)


def _plain_text(content: bytes) -> MediaType | None:
    """Text without control characters, in UTF-8, in UTF-16 with its mark, or as Chinese systems write it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain" if _decodes(content, "utf-16") else None
    if not _BINARY.isdisjoint(content[:4096]):
        return None
    return "text/plain" if _decodes(content, "utf-8-sig") or _decodes(content, "gb18030") else None


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        clean(content.decode(encoding).replace("\f", ""))
    except ValueError:
        return False
    return True
