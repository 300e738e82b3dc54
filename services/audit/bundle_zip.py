"""The zip of an evidence bundle: stored, not compressed, so that the same content gives the same bytes anywhere."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from ledger.log import Record

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the first that zip can tell."""


class BundleError(Exception):
    """No bundle can be made; the sentence says what to do."""


class NotSignedError(BundleError):
    """The notary has not signed what the bundle would rest on."""


class LogDiffersError(BundleError):
    """The log is not what the notary signed."""


@contextmanager
def new_zip(output: Path) -> Iterator[BundleZip]:
    """A zip that stands at `output` once it is whole. Raises BundleError."""
    draft = output.with_name(f"{output.name}.part")
    with _written(output):
        if output.exists() or output.is_symlink():
            raise BundleError(f"{output} is there already: name another file, or move it away")
        try:
            file = draft.open("xb")
        except FileExistsError:
            raise BundleError(
                f"{draft} is there: another export writes it, or one was broken off; then remove it"
            ) from None
        try:
            with file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                yield BundleZip(archive)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def _written(output: Path) -> Iterator[None]:
    """Raise BundleError where the disk does not take what is written inside."""
    try:
        yield
    except OSError as error:
        raise BundleError(f"{output} cannot be written: {error.strerror or error}") from error


class BundleZip:
    """Puts files into the zip, each at a time that means nothing, and notes what they are."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, dict[str, object]] = {}

    def add(self, name: str, content: bytes) -> None:
        """Put a file in."""
        with self.open(name) as write:
            write(content)

    @contextmanager
    def open(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Put a file in piece by piece."""
        digest, length = hashlib.sha256(), 0
        with self._archive.open(zipfile.ZipInfo(name, _FIRST_DAY), "w", force_zip64=True) as file:

            def write(content: bytes) -> None:
                nonlocal length
                digest.update(content)
                length += len(content)
                file.write(content)

            yield write
        self.files[name] = {"bytes": length, "sha256": digest.hexdigest()}


def record_line(record: Record) -> bytes:
    """A record as verify.py reads it: text as it is, other bytes in base64, what is absent as null."""
    told = {"offset": record.offset, "timestamp": record.timestamp}
    return orjson.dumps(told | _content("key", record.key) | _content("value", record.value)) + b"\n"


def _content(name: str, content: bytes | None) -> dict[str, str | None]:
    if content is None:
        return {name: None}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}64": base64.b64encode(content).decode()}


def indented(value: object) -> bytes:
    """JSON for people, the same each time."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
