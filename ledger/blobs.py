"""Blobs: what is too large for a record, encrypted, named by the SHA-256 of its ciphertext (invariant 12).

The format is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", CRYPTO 2015) over AES-256-GCM (NIST SP 800-38D): a header, then chunks of
64 KiB of the plain bytes, each with its tag of 16 bytes. Chunk i has the nonce `7 zero bytes ‖ i as u32 ‖
last`, where `last` is 1 for the last chunk and 0 for the others, and the header as associated data. So a
chunk that was changed, moved, repeated, left out or put at the end opens nothing. A key must be used for one
content only: the nonces hold nothing else that differs.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.log import LogUnavailableError

HEADER = b"barograph blob 1"
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
KEY_BYTES = 32

_SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
_NAME = re.compile(r"[0-9a-f]{64}")
_DRAFTS = "drafts"


class BlobError(Exception):
    """A blob is missing or is not what it should be; the sentence says which."""


class StoredBlob(NamedTuple):
    """A blob that is durable: SHA-256 of its ciphertext, in hexadecimal, and the ciphertext's bytes."""

    name: str
    size: int


class BlobStore(Protocol):
    """Where blobs are kept. Every method blocks."""

    def put(self, plain: Iterable[bytes], key: bytes) -> StoredBlob:
        """Encrypt and keep; durable when it returns. Raises LogUnavailableError where it cannot be written."""
        ...

    def read(self, name: str, key: bytes) -> Iterator[bytes]:
        """The plain bytes, in chunks. Raises BlobError before the first of them where anything is amiss."""
        ...

    def check(self, name: str) -> None:
        """Raise BlobError where there is no such blob, or its bytes are not those that its name says."""
        ...

    def names(self, older_than: float = 0) -> Iterator[str]:
        """The blobs that were written at least so many seconds ago."""
        ...

    def remove(self, name: str) -> None:
        """Remove a blob; fine where there is none."""
        ...


def encrypted(plain: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """The ciphertext of the plain bytes, whatever parts they come in."""
    cipher = AESGCM(key)
    yield HEADER
    held, number = bytearray(), 0
    for part in plain:
        held += part
        while len(held) > CHUNK_BYTES:
            yield cipher.encrypt(_nonce(number, last=False), bytes(held[:CHUNK_BYTES]), HEADER)
            del held[:CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(held), HEADER)


def decrypted(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The plain bytes, chunk by chunk, each after its tag was checked. Raises BlobError at the first fault."""
    if file.read(len(HEADER)) != HEADER:
        raise BlobError("this is no blob of this format")
    cipher, number = AESGCM(key), 0
    chunk = file.read(_SEALED_BYTES)
    while True:
        following = file.read(_SEALED_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, HEADER)
        except (InvalidTag, ValueError):
            raise BlobError(f"chunk {number} of the blob was changed, or this is not its key") from None
        if not following:
            return
        chunk, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def begun(blobs: BlobStore, name: str, key: str) -> Iterator[bytes]:
    """A blob's plain chunks, the whole of it and the first chunk checked already. `key` in hexadecimal.

    Raises BlobError.
    """
    try:
        chunks = blobs.read(name, bytes.fromhex(key))
        return chain([next(chunks)], chunks)
    except ValueError:
        raise BlobError("the key on record is not of its form") from None


class BlobFolder:
    """Blobs as files of one folder, in subfolders by the first two digits of their names."""

    def __init__(self, path: Path) -> None:
        """The folder is made with the first blob."""
        self._path = path

    def put(self, plain: Iterable[bytes], key: bytes) -> StoredBlob:
        """See BlobStore. Written under another name, made durable, then linked: a crash leaves only a draft."""
        draft = self._path / _DRAFTS / secrets.token_hex(16)
        try:
            draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                stored = _write(draft, encrypted(plain, key))
                self._link(draft, stored.name)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise LogUnavailableError(
                f"The blob cannot be kept in {self._path} ({error.strerror})."
            ) from error
        return stored

    def read(self, name: str, key: bytes) -> Iterator[bytes]:
        """See BlobStore. The whole ciphertext is checked against its name before anything is given out."""
        self.check(name)
        with self._open(name) as file:
            yield from decrypted(file, key)

    def check(self, name: str) -> None:
        """See BlobStore."""
        digest = hashlib.sha256()
        with self._open(name) as file:
            while part := file.read(_SEALED_BYTES):
                digest.update(part)
        if digest.hexdigest() != name:
            raise BlobError("the blob's bytes are not those that its name says")

    def has(self, name: str) -> bool:
        """Whether there is a blob of this name, whole or not."""
        return bool(_NAME.fullmatch(name)) and self._file(name).exists()

    def names(self, older_than: float = 0) -> Iterator[str]:
        """See BlobStore."""
        until = time.time() - older_than
        for path in sorted(self._path.glob("[0-9a-f][0-9a-f]/*")):
            if _NAME.fullmatch(path.name) and path.stat().st_mtime <= until:
                yield path.name

    def remove(self, name: str) -> None:
        """See BlobStore."""
        self._file(name).unlink(missing_ok=True)

    def remove_drafts(self, older_than: float) -> int:
        """Remove what was begun so many seconds ago and never finished; return how many."""
        until = time.time() - older_than
        stale = [path for path in (self._path / _DRAFTS).glob("*") if path.stat().st_mtime <= until]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _link(self, draft: Path, name: str) -> None:
        file = self._file(name)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        # Replacing a blob by itself does no harm, and mends one that was damaged.
        draft.replace(file)
        for folder in (file.parent, self._path):
            _sync(folder)

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BlobError("a blob's name is 64 hexadecimal digits")
        return self._path / name[:2] / name

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._file(name).open("rb")
        except FileNotFoundError:
            raise BlobError("the blob is not there: restore it from a copy") from None
        except OSError as error:
            raise LogUnavailableError(f"A blob of {self._path} cannot be read ({error.strerror}).") from error


def _write(path: Path, parts: Iterable[bytes]) -> StoredBlob:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            digest.update(part)
            size += len(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return StoredBlob(digest.hexdigest(), size)


def _sync(folder: Path) -> None:
    """Make the folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
