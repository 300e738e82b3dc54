"""The zip of an evidence bundle, and the errors for which there is none."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from ledger.log import Record
from ledger.stored_zip import StoredZip, stored_zip


class BundleError(Exception):
    """No bundle can be made; the sentence says what to do."""


class NotSignedError(BundleError):
    """The notary has not signed what the bundle would rest on."""


class LogDiffersError(BundleError):
    """The log is not what the notary signed."""


@contextmanager
def new_zip(output: Path) -> Iterator[StoredZip]:
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
            with file, stored_zip(file) as archive:
                yield archive
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
