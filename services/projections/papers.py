"""Texts and files of one case: what was redacted, what is attached, and who lodged it as last corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from services.projections.queries import CaseView
from services.projections.reading import Opener, Redaction, Words
from services.projections.rows import CaseEventRow
from services.projections.worklist import excerpt
from web.case_forms import words
from web.i18n import N_

FILE_FIELDS = ("name", "key", "original")
REPORTER_FIELDS = ("reporter_name", "telephone", "address")

REDACTION_REASONS: Mapping[str, str] = dict(words.REDACTION_REASONS)
MEDIA_WORDS: Mapping[str, str] = {
    "image/jpeg": N_("Picture (JPEG)"),
    "image/png": N_("Picture (PNG)"),
    "image/webp": N_("Picture (WebP)"),
    "application/pdf": N_("PDF document"),
    "text/plain": N_("Plain text"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": N_("Text document"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": N_("Spreadsheet"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": N_("Presentation"),
    "audio/mpeg": N_("Sound recording (MP3)"),
    "audio/mp4": N_("Sound recording (M4A)"),
    "video/mp4": N_("Video (MP4)"),
}


class AttachedFile(NamedTuple):
    """A file of a case as one reader sees it.

    `name`, and `key` (for `ledger.blobs`), are as open as its text key; `size` is its ciphertext's, in bytes;
    `stripped`: data about the picture were taken out; `at` in milliseconds.
    """

    blob: str
    name: Words
    key: Words
    media_type: str
    size: int
    whose: str
    stripped: bool
    at: int
    by: str | None


def _data(row: CaseEventRow) -> Mapping[str, Any]:
    data: Mapping[str, Any] = orjson.loads(row.data)
    return data


def _of(view: CaseView, name: str) -> list[CaseEventRow]:
    return [row for row in view.events if row.type.split(".")[1] == name]


def redactions_of(view: CaseView, name_of: Callable[[str], str]) -> Mapping[str, Redaction]:
    """Text key → its redaction."""
    found = {}
    for row in _of(view, "redacted"):
        data = _data(row)
        by = name_of(row.actor) if row.actor else ""
        readable = data.get("readable")
        found[str(data["text"])] = Redaction(str(data["reason"]), by, row.recorded_at, readable)
    return found


def files_of(view: CaseView, opener: Opener, name_of: Callable[[str], str]) -> list[AttachedFile]:
    """The case's files, in the order in which they were attached."""
    found = []
    for row in _of(view, "attached"):
        data = _data(row)
        file = AttachedFile(
            blob=str(data["blob"]),
            name=opener.words(data["name"], "name") or Words("damaged"),
            key=opener.words(data["key"], "key") or Words("damaged"),
            media_type=str(data["media_type"]),
            size=int(data["size"]),
            whose=str(data["whose"]),
            stripped="original" in data,
            at=row.recorded_at,
            by=name_of(row.actor) if row.actor else None,
        )
        found.append(file)
    return found


def reporter_data(view: CaseView) -> Mapping[str, Any]:
    """What is recorded about who lodged the case: of each field the last that was said, still sealed."""
    told: dict[str, Any] = {}
    for row in (*_of(view, "lodged"), *_of(view, "transferred_in"), *_of(view, "corrected")):
        data = _data(row)
        told |= {name: data[name] for name in REPORTER_FIELDS if name in data}
    return told


def reporter_subject(view: CaseView) -> str | None:
    """The subject that the reporter's data are under; None where nothing was told."""
    return next((str(value["subject"]) for value in reporter_data(view).values()), None)


def text_of(view: CaseView, text: str) -> tuple[str, Any] | None:
    """The field and the sealed value that a text key of the case was made for; None where there is none."""
    for row in view.events:
        for field, value in _data(row).items():
            if isinstance(value, dict) and value.get("text") == text:
                return field, value
    return None


def told(view: CaseView, opener: Opener, field: str) -> Words | None:
    """A text of the lodging, or the copy in its place."""
    return opener.words(_data(view.events[0]).get(field), field) if view.events else None


def heading(view: CaseView, opener: Opener) -> Words | None:
    """What stands for a case on its own page: its title, else how its story begins, or the copies of them."""
    title = told(view, opener, "title")
    if title is not None:
        return title._replace(text=" ".join(title.text.split()))
    story = told(view, opener, "story")
    return story._replace(text=excerpt(story.text)) if story else None
