"""The contents of a dossier for one reader: its papers with what stands in them, and what is missing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from contracts import mediation as m
from contracts import mediation_outcome as out
from ledger.blobs import BlobError, BlobStore, begun
from services.mediation import dossier, dossier_words
from services.mediation.dossier import Entry, Part, Standing, VersionStanding
from services.mediation.pages import Shown
from services.mediation.telling import Kept, Told, Version
from services.mediation.views import Happening
from web.case_forms import mediation_words
from web.i18n import N_

_BY_PARTY = frozenset({"told", "consent", "signature"})
_BY_DUTY = frozenset({"performance", "breach"})


class Checked(NamedTuple):
    """A file of the dossier as it was found: SHA-256 and bytes of what it holds, both nothing unless it is `open`."""

    state: Literal["open", "erased", "damaged"]
    sha256: str = ""
    size: int = 0


class Placed(NamedTuple):
    """An event in its paper: as it is told, its place in the log, and the file or version that it brings.

    `at`: which of the mediation's events it is, from 0; `standing`: of the version that it draws up or signs;
    `recomputed`: the fingerprint of the terms as they are on the log.
    """

    at: int
    told: Told
    place: Happening
    file: Kept | None = None
    checked: Checked | None = None
    version: Version | None = None
    standing: VersionStanding | None = None
    recomputed: str = ""


class Paper(NamedTuple):
    """A paper: its number and title (a message id), and what stands in it."""

    part: Part
    number: int
    title: str
    entries: Sequence[Placed]


class Line(NamedTuple):
    """A line of the checklist; `label` and the paper's `title` are message ids, `about` tells whom or what it is of."""

    part: Part
    title: str
    label: str
    about: str
    standing: Standing


class Contents(NamedTuple):
    """A dossier. `placed`: all events in the log's order.

    `not_filed`: titles (message ids) of events of no paper, with how many of each there are.
    """

    placed: Sequence[Placed]
    papers: Sequence[Paper]
    lines: Sequence[Line]
    not_filed: Sequence[tuple[str, int]]

    @property
    def missing(self) -> Sequence[Line]:
        """What is missing."""
        return [line for line in self.lines if line.standing == "missing"]


def check_files(files: Iterable[Kept], blobs: BlobStore) -> Mapping[str, Checked]:
    """Blob → how it was found. Blocks while every file is read once; raises LogUnavailableError."""
    return {file.blob: _checked(file, blobs) for file in files}


def _checked(file: Kept, blobs: BlobStore) -> Checked:
    if file.key.state == "erased":
        return Checked("erased")
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in begun(blobs, file.blob, file.key.plain):
            digest.update(chunk)
            size += len(chunk)
    except BlobError:
        return Checked("damaged")
    return Checked("open", digest.hexdigest(), size)


def contents_of(shown: Shown, checked: Mapping[str, Checked], now: int) -> Contents:
    """The contents of a mediation's dossier. `now`: milliseconds since the epoch."""
    teller = shown.teller
    placed = list(_placed(shown, checked))
    papers = [
        Paper(part, number, dossier_words.PARTS[part], [placed[at] for at in places])
        for number, (part, places) in enumerate(dossier.papers_of(teller.events).items(), 1)
        if places or part != "other"
    ]
    lines = [
        *(_line(shown, entry) for entry in dossier.checklist(teller.events, shown.state, now)),
        *_damaged(shown, placed),
    ]
    lines.sort(key=lambda line: dossier.PARTS.index(line.part))
    others = Counter(
        one.told.title
        for one, event in zip(placed, teller.events, strict=True)
        if dossier.part_of(event) is None
    )
    return Contents(placed, papers, lines, list(others.items()))


def _placed(shown: Shown, checked: Mapping[str, Checked]) -> Iterator[Placed]:
    teller = shown.teller
    files, versions = iter(teller.files), iter(teller.versions)
    known: dict[str, int] = {}
    happened = zip(teller.events, teller.told, shown.happenings, strict=True)
    for at, (event, told, place) in enumerate(happened):
        one = Placed(at, told, place)
        if isinstance(event, m.AttachedV1):
            file = next(files)
            one = one._replace(file=file, checked=checked.get(file.blob))
        elif isinstance(event, out.DrawnUpV1 | out.AgreedOrallyV1):
            known[event.fingerprint] = event.version
            standing = dossier.version_standing(shown.state, event.version)
            one = one._replace(version=next(versions), standing=standing, recomputed=event.own_fingerprint)
        elif isinstance(event, out.SignedV1) and event.fingerprint in known:
            standing = dossier.version_standing(shown.state, known[event.fingerprint])
            one = one._replace(standing=standing)
        yield one


def _line(shown: Shown, entry: Entry) -> Line:
    part, label = dossier_words.PARTS[entry.part], dossier_words.ITEMS[entry.item]
    return Line(entry.part, part, label, _about(shown, entry), entry.standing)


def _about(shown: Shown, entry: Entry) -> str:
    teller, about = shown.teller, entry.about
    if isinstance(about, str):
        return teller.staff(about)
    if about is None:
        return ""
    if entry.item in _BY_PARTY:
        return teller.party(about)
    duty = shown.state.duty(about)
    if entry.item in _BY_DUTY and duty is not None:
        return teller.obligation(about, duty.obligation.model_dump())
    if entry.item == "fingerprint":
        return teller.gettext(N_("Version %(number)s")) % {"number": about}
    planned = next((one.planned_at for one in shown.state.sessions if one.number == about), None)
    return str(about) if planned is None else f"{about} · {teller.formats.minute(planned)}"


def _damaged(shown: Shown, placed: Sequence[Placed]) -> Iterator[Line]:
    """What cannot be read, text by text and file by file."""
    tell, events = shown.teller.gettext, shown.teller.events
    for (at, field), one in ((place, placed[place[0]]) for place in shown.teller.damaged):
        part = dossier.part_of(events[at])
        if part is not None and field != "key":
            label = mediation_words.FIELDS.get(field) or mediation_words.FIELDS[field.rpartition("_")[0]]
            about = f"{tell(one.told.title)}: {tell(label)}"
            yield Line(part, dossier_words.PARTS[part], dossier_words.DAMAGED_TEXT, about, "missing")
    for event, one in zip(events, placed, strict=True):
        part = dossier.part_of(event)
        if part is None or one.file is None or one.checked is None or one.checked.state == "open":
            continue
        lost = one.checked.state == "damaged"
        label = dossier_words.DAMAGED_FILE if lost else dossier_words.ERASED_FILE
        about = one.file.name.plain or tell(one.file.paper)
        yield Line(part, dossier_words.PARTS[part], label, about, "missing" if lost else "not_applicable")
