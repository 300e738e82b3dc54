"""The key vault: a data key and a tag key for each data subject, wrapped by a master key (invariant 14).

What is sealed under a subject's keys can be read only while they exist. A subject's id is random; it is
found again by a handle (a telephone number, a stream id) through a keyed hash, so the file names nobody.
Ciphers: AES-256-GCM, NIST SP 800-38D, with random 96-bit nonces; hashes: HMAC-SHA-256, RFC 2104.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.personal import Sealed
from ledger.batching import Batcher
from ledger.log import LogUnavailableError

KEY_BYTES = 32
_NONCE_BYTES = 12
_CACHED_SUBJECTS = 50_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subjects (
    handle BLOB PRIMARY KEY, subject TEXT NOT NULL UNIQUE, keys BLOB NOT NULL
) STRICT
"""


class VaultError(Exception):
    """The vault cannot be used, or a key does not open what it should; the sentence says why."""


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """One subject's keys: `cipher` over the data key, `tag_key` for comparisons."""

    subject: str
    cipher: AESGCM
    tag_key: bytes

    def seal(self, plain: str, field: str) -> Sealed:
        """Encrypt a field's text, bound to this subject and this field name."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self.cipher.encrypt(nonce, plain.encode(), self._bound_to(field))
        return Sealed(subject=self.subject, sealed=base64.b64encode(sealed).decode())

    def open(self, sealed: Sealed, field: str) -> str:
        """Decrypt a field's text. Raises VaultError where it was not sealed so."""
        try:
            data = base64.b64decode(sealed.sealed)
            plain = self.cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], self._bound_to(field))
        except (InvalidTag, ValueError):
            raise VaultError("this text was not sealed under this subject's key for this field") from None
        return plain.decode()

    def tag(self, data: bytes) -> str:
        """A content tag: equal data of this subject have equal tags, and nothing else can be told."""
        return hmac.digest(self.tag_key, data, "sha256").hex()[:32]

    def _bound_to(self, field: str) -> bytes:
        return f"{self.subject}/{field}".encode()


class Vault:
    """The vault in one SQLite file, shared by the processes of one home."""

    def __init__(self, path: Path, master: bytes) -> None:
        """`master`: 32 bytes that wrap every subject's keys."""
        self._path = path
        self._wrapper = AESGCM(master)
        self._index_key = hmac.digest(master, b"barograph vault index", "sha256")
        self._tag_key = hmac.digest(master, b"barograph vault tags", "sha256")
        self._known: OrderedDict[bytes, SubjectKeys] = OrderedDict()
        self._batcher: Batcher[bytes, SubjectKeys] = Batcher(self._find_or_make)
        self._connection: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        try:
            if not self._path.exists():
                self._path.touch(mode=0o600)
            connection = sqlite3.connect(
                self._path, timeout=10, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise VaultError(f"The key vault {self._path} cannot be opened ({error}).") from error
        self._connection = connection
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def subject(self, handle: str) -> SubjectKeys:
        """The keys of whoever this handle stands for; made, and durable, where there are none yet.

        Raises LogUnavailableError where the vault cannot be written, VaultError where the master key is not
        the one that it was made with.
        """
        index = hmac.digest(self._index_key, handle.encode(), hashlib.sha256)
        known = self._known.get(index)
        if known is not None:
            self._known.move_to_end(index)
            return known
        keys = await self._batcher.call(index)
        self._known[index] = keys
        if len(self._known) > _CACHED_SUBJECTS:
            self._known.popitem(last=False)
        return keys

    async def subjects(self, handles: Sequence[str]) -> list[SubjectKeys]:
        """The keys of each of them, in their order, durable together. Raises as `subject`."""
        return await asyncio.gather(*(self.subject(handle) for handle in handles))

    def tag_key(self, name: str) -> bytes:
        """A key of 32 bytes for comparing what is sealed without showing it: only this vault can make it."""
        return hmac.digest(self._tag_key, name.encode(), "sha256")

    def read(self, sealed: Sealed, field: str) -> str | None:
        """The plain text of a sealed field, or None where its subject's keys are gone.

        Raises VaultError where the ciphertext and the key do not belong together.
        """
        row = (
            self._opened()
            .execute("SELECT keys FROM subjects WHERE subject = ?", (sealed.subject,))
            .fetchone()
        )
        return self._unwrap(sealed.subject, row[0]).open(sealed, field) if row else None

    def _find_or_make(self, indexes: Sequence[bytes]) -> list[SubjectKeys]:
        connection = self._opened()
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                found = [self._find(connection, index) or self._make(connection, index) for index in indexes]
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise LogUnavailableError(f"The key vault {self._path} cannot be written ({error}).") from error
        return found

    def _find(self, connection: sqlite3.Connection, index: bytes) -> SubjectKeys | None:
        row = connection.execute("SELECT subject, keys FROM subjects WHERE handle = ?", (index,)).fetchone()
        return self._unwrap(*row) if row else None

    def _make(self, connection: sqlite3.Connection, index: bytes) -> SubjectKeys:
        # A handle is not found either under a wrong master key: what that key does not open must not grow.
        other = connection.execute("SELECT subject, keys FROM subjects LIMIT 1").fetchone()
        if other is not None:
            self._unwrap(*other)
        subject = f"sub_{secrets.token_hex(16)}"
        nonce = os.urandom(_NONCE_BYTES)
        keys = os.urandom(2 * KEY_BYTES)
        wrapped = nonce + self._wrapper.encrypt(nonce, keys, subject.encode())
        connection.execute("INSERT INTO subjects VALUES (?, ?, ?)", (index, subject, wrapped))
        return _keys(subject, keys)

    def _unwrap(self, subject: str, wrapped: bytes) -> SubjectKeys:
        try:
            keys = self._wrapper.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], subject.encode())
        except InvalidTag:
            raise VaultError("The master key is not the one that this vault was made with.") from None
        return _keys(subject, keys)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise VaultError("the vault is not open; use it inside `async with`")
        return self._connection


def _keys(subject: str, keys: bytes) -> SubjectKeys:
    return SubjectKeys(subject, AESGCM(keys[:KEY_BYTES]), keys[KEY_BYTES:])
