"""What a case holds of texts and files, and the rules for attaching, redacting and correcting. Pure."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from contracts import grievance as g
from contracts import transfer as t
from contracts.attaching import is_too_large
from contracts.base import Message
from contracts.personal import Sealed, personal_fields
from contracts.workflow import Refused


class Papers(NamedTuple):
    """Texts and files of a case, by their text keys, and whose data it holds.

    `texts` and `files`: what can be redacted; `blobs`: of every file that was ever attached; `reporter`: the
    subject that the reporter's data are under, None where nothing was told.
    """

    texts: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    blobs: frozenset[str] = frozenset()
    anonymous: bool = False
    reporter: str | None = None


@cache
def _text_fields(kind: type[Message]) -> tuple[str, ...]:
    """The fields of an event that have a text key."""
    return tuple(name for name, mark in personal_fields(kind).items() if mark.apart)


def take(papers: Papers, event: Message) -> Papers:
    """The papers after an event."""
    found = {text for name in _text_fields(type(event)) if (text := _text_of(getattr(event, name)))}
    if isinstance(event, g.AttachedV1):
        return papers._replace(files=papers.files | found, blobs=papers.blobs | {event.blob})
    if isinstance(event, g.RedactedV1):
        gone = {event.text}
        return papers._replace(texts=(papers.texts - gone) | found, files=papers.files - gone)
    if isinstance(event, g.LodgedV1 | g.CorrectedV1 | t.TransferredInV1):
        reporter = event.reporter_name or event.telephone or event.address
        subject = reporter.subject if reporter else papers.reporter
        anonymous = papers.anonymous if isinstance(event, g.CorrectedV1) else event.anonymous
        return papers._replace(texts=papers.texts | found, anonymous=anonymous, reporter=subject)
    return papers._replace(texts=papers.texts | found) if found else papers


def _text_of(value: object) -> str | None:
    return value.text if isinstance(value, Sealed) else None


def refuse_attaching(
    papers: Papers, body: g.AttachV1, policy: g.GrievancePolicy, *, closed: bool
) -> Refused | None:
    """Why this file cannot be attached; None where it can."""
    if closed and not policy.attach_when_closed:
        return Refused("no_attaching_when_closed")
    if body.blob in papers.blobs:
        return Refused("attached_already", "blob")
    if len(papers.blobs) >= policy.attachments:
        return Refused("too_many_attachments", "blob")
    if is_too_large(body.size, policy.attachment_bytes):
        return Refused("attachment_too_large", "blob")
    return None


def refuse_redacting(papers: Papers, body: g.RedactV1) -> Refused | None:
    """Why this text or file cannot be redacted; None where it can."""
    if body.text in papers.files:
        return Refused("no_copy_of_file", "readable") if body.readable else None
    return None if body.text in papers.texts else Refused("unknown_text", "text")


def refuse_correcting(papers: Papers, body: g.CorrectV1) -> Refused | None:
    """Why the reporter's data cannot be corrected so; None where they can."""
    told = [part for part in (body.reporter_name, body.telephone, body.address) if part is not None]
    if papers.anonymous:
        return Refused("anonymous_case")
    if not told:
        return Refused("nothing_to_correct")
    subjects = {part.subject for part in told} | ({papers.reporter} if papers.reporter else set())
    return Refused("other_person") if len(subjects) > 1 else None
