"""The dossier as a bundle: the print, every file as it was brought, the agreement's text, and each event's place in the log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NamedTuple

from ledger.blobs import BlobStore, begun
from ledger.stored_zip import StoredZip, indented, stored_zip
from services.mediation import dossier
from services.mediation.desk import FAMILY
from services.mediation.dossier_contents import Placed
from services.mediation.dossier_file import Dossier
from services.mediation.telling import Kept, Version
from web.case_forms import mediation_words
from web.entries import yuan
from web.i18n import N_

FORMAT = "barograph-dossier-1"
COVERS = (
    "SHA-256 of the terms as the log has them, sealed, with the obligations and the total: it vouches for what is "
    "sealed there. The text beside it is what that opened to when this bundle was made."
)
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_LONGEST_NAME = 100


class _Names(NamedTuple):
    """Names in the zip: of files by the place of their event, of agreements by version."""

    files: Mapping[int, str]
    agreements: Mapping[int, str]


def write_bundle(file: IO[bytes], one: Dossier, printed: bytes, blobs: BlobStore, ledger: str) -> None:
    """Write the zip. `printed`: the PDF; `ledger`: the genesis hash.

    Blocks; raises BlobError where a file was damaged since the dossier was made, and LogUnavailableError.
    """
    versions = {
        version.number: version for version in one.shown.teller.versions if version.terms.state == "open"
    }
    names = _Names(
        dict(_file_names(one)), {number: f"agreements/version-{number}.txt" for number in versions}
    )
    with stored_zip(file) as writer:
        writer.add("dossier.pdf", printed)
        for number, version in versions.items():
            writer.add(names.agreements[number], _agreement(one, version).encode())
        for placed in one.contents.placed:
            if placed.file is not None and placed.at in names.files:
                with writer.open(names.files[placed.at]) as write:
                    for chunk in begun(blobs, placed.file.blob, placed.file.key.plain):
                        write(chunk)
        writer.add("manifest.json", indented(_manifest(one, writer, names, ledger)))


def _file_names(one: Dossier) -> Iterator[tuple[int, str]]:
    for paper in one.contents.papers:
        opened = [entry for entry in paper.entries if entry.checked and entry.checked.state == "open"]
        for number, entry in enumerate(opened, 1):
            if entry.file is not None:
                folder = f"files/{paper.number}-{paper.part}"
                yield entry.at, f"{folder}/{number:02}-{_plain_name(entry.file)}"


def _plain_name(file: Kept) -> str:
    """The name that a file was brought under, fit for any file system; its blob's where that does not open."""
    stem, dot, suffix = _NOT_IN_NAMES.sub("_", file.name.plain or file.blob).rpartition(".")
    return f"{stem[:_LONGEST_NAME]}{dot}{suffix[:_LONGEST_NAME]}".strip(". ") or file.blob


def _agreement(one: Dossier, version: Version) -> str:
    """A version of the agreement as plain text."""
    teller, tell = one.shown.teller, one.shown.teller.gettext
    obligations = [teller.obligation(number, each) for number, each in enumerate(version.obligations, 1)]
    facts = mediation_words.FIELDS
    lines = [
        tell(N_("Record of an oral agreement") if version.register_number else N_("Mediation agreement")),
        version.register_number or f"{one.shown.item.mediation_id[4:12]}-{version.number}",
        "",
        *(teller.party(number) for number in teller.named),
        "",
        version.terms.plain,
        "",
        *obligations,
        *(
            []
            if version.total is None
            else [f"{tell(facts['total'])}: {yuan(version.total, teller.formats)}"]
        ),
        f"{tell(facts['fingerprint'])}: {version.fingerprint}",
    ]
    return "\n".join(lines) + "\n"


def _manifest(one: Dossier, writer: StoredZip, names: _Names, ledger: str) -> Mapping[str, Any]:
    shown, contents = one.shown, one.contents
    last = contents.placed[-1]
    return {
        "format": FORMAT,
        "ledger": ledger,
        "topic": f"{FAMILY}.events",
        "mediation": shown.item.mediation_id,
        "unit": shown.item.unit,
        "language": one.language,
        "as_of": _place(last),
        "files": dict(writer.files),
        "papers": [
            {
                "number": paper.number,
                "part": paper.part,
                "events": [_event(entry, names) for entry in paper.entries],
            }
            for paper in contents.papers
        ],
        "not_filed": [
            _event(entry, names)
            for entry, event in zip(contents.placed, shown.teller.events, strict=True)
            if dossier.part_of(event) is None
        ],
        "fingerprints": {
            "cover": COVERS,
            "versions": [_version(entry, entry.version, names) for entry in contents.placed if entry.version],
        },
        "missing": [
            {"part": line.part, "what": line.label, "about": line.about} for line in contents.missing
        ],
    }


def _place(entry: Placed) -> dict[str, Any]:
    """Where an event stands in the log."""
    place = entry.place
    return {
        "partition": place.partition,
        "offset": place.events_offset,
        "number": place.number,
        "recorded_at": place.recorded_at,
    }


def _event(entry: Placed, names: _Names) -> dict[str, Any]:
    found = {"type": entry.place.type, **_place(entry)}
    if entry.file is not None:
        checked = entry.checked
        found |= {
            "blob": entry.file.blob,
            "state": checked.state if checked else "damaged",
            "file": names.files.get(entry.at),
        }
    return found


def _version(entry: Placed, version: Version, names: _Names) -> dict[str, Any]:
    return {
        "version": version.number,
        "standing": entry.standing,
        "recorded": version.fingerprint,
        "computed_again": entry.recomputed,
        "text": names.agreements.get(version.number),
    }
