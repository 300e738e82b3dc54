"""A zip that is stored, not compressed, so that the same content gives the same bytes anywhere."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import orjson

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the first that zip can tell."""


class StoredZip:
    """Puts files into a zip, each at a time that means nothing, and notes what they are."""

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


@contextmanager
def stored_zip(file: IO[bytes]) -> Iterator[StoredZip]:
    """A zip in this file, whole at the end."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        yield StoredZip(archive)


def indented(value: object) -> bytes:
    """JSON for people, the same each time."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
