"""The key vault: a data key and a tag key for each data subject, wrapped by a master key (invariant 14).

What is sealed under a subject's keys can be read only while they exist. A subject's id is random; it is
found again by a handle (a telephone number, a stream id) through a keyed hash, so the file names nobody.
Destroying a subject's keys leaves a tombstone: no copy of the keys is taken in again.
Ciphers: AES-256-GCM, NIST SP 800-38D, with random 96-bit nonces; hashes: HMAC-SHA-256, RFC 2104.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.people import subject_id
from contracts.personal import Sealed
from ledger import texts
from ledger.batching import Batcher
from ledger.log import LogUnavailableError
from ledger.subject_keys import KEY_BYTES, NONCE_BYTES, SubjectKeys, VaultError, keys_of
from ledger.vault_copy import CopyError, read_copy, write_copy

_CACHED_SUBJECTS = 50_000

OF_SUBJECT = "subject:"
"""How a handle begins that names a subject by its own id: such a subject is found, never made."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS subjects (
    handle BLOB PRIMARY KEY, subject TEXT NOT NULL UNIQUE, keys BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tombstones (number INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, mark TEXT NOT NULL) STRICT;
"""

_TOMBSTONES = "tombstones"
_COUNT = "SELECT count(*) FROM tombstones"
_ENTOMB = "INSERT OR IGNORE INTO tombstones (subject) VALUES (?)"
_BURY = "DELETE FROM subjects WHERE subject IN (SELECT subject FROM tombstones)"


class NoSuchSubjectError(VaultError):
    """The subject has no keys here: it was erased, or it is of another vault."""


class Vault:
    """The vault in one SQLite file, shared by the processes of one home."""

    def __init__(self, path: Path, master: bytes) -> None:
        """`master`: 32 bytes that wrap every subject's keys."""
        self._path = path
        self._wrapper = AESGCM(master)
        self._index_key = hmac.digest(master, b"barograph vault index", "sha256")
        self._tag_key = hmac.digest(master, b"barograph vault tags", "sha256")
        self._known: OrderedDict[bytes, SubjectKeys] = OrderedDict()
        self._batcher: Batcher[tuple[bytes, str], SubjectKeys] = Batcher(self._find_or_make)
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._version = -1
        self._buried = 0

    async def __aenter__(self) -> Self:
        try:
            if not self._path.exists():
                self._path.touch(mode=0o600)
            connection = sqlite3.connect(
                self._path, timeout=10, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten: a destroyed key must not linger in free pages.
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(_SCHEMA)
            connection.execute(_BURY)
        except (OSError, sqlite3.Error) as error:
            raise VaultError(f"The key vault {self._path} cannot be opened ({error}).") from error
        self._connection = connection
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def subject(self, handle: str, unit: str = "") -> SubjectKeys:
        """The keys of whoever this handle stands for; made, and durable, where there are none yet.

        `unit`: the community that a new subject belongs to; its id is bound to it. A handle whose subject was
        erased stands for a new one. Raises LogUnavailableError where the vault cannot be written, VaultError
        where the master key is not the one that it was made with, NoSuchSubjectError for a handle of
        OF_SUBJECT without keys.
        """
        if handle.startswith(OF_SUBJECT):
            return self._keys_of(handle.removeprefix(OF_SUBJECT))
        self._forget_destroyed()
        index = self._index(handle)
        known = self._known.get(index)
        if known is not None:
            self._known.move_to_end(index)
            return known
        keys = await self._batcher.call((index, unit))
        while self.is_destroyed(keys.subject):
            # Destroyed while we waited: the next one is somebody new.
            keys = await self._batcher.call((index, unit))
        self._known[index] = keys
        if len(self._known) > _CACHED_SUBJECTS:
            self._known.popitem(last=False)
        return keys

    async def subjects_of(self, handles: Sequence[str], unit: str) -> list[SubjectKeys]:
        """The keys of each of them, in their order, durable together. Raises as `subject`."""
        return await asyncio.gather(*(self.subject(handle, unit) for handle in handles))

    def tag_key(self, name: str) -> bytes:
        """A key of 32 bytes for comparing what is sealed without showing it: only this vault can make it."""
        return hmac.digest(self._tag_key, name.encode(), "sha256")

    def read(self, sealed: Sealed, field: str) -> str | None:
        """The plain text of a sealed field, or None where its subject's keys, or its text key, are gone.

        Raises VaultError where the ciphertext and the key do not belong together.
        """
        keys = self.known(sealed.subject)
        if keys is None:
            return None
        return keys.open(sealed, field) if sealed.text is None else keys.open_apart(sealed, field)

    def known(self, subject: str) -> SubjectKeys | None:
        """The keys of the subject of this id; None where they are gone."""
        found = self._opened().execute("SELECT keys FROM subjects WHERE subject = ?", (subject,)).fetchone()
        return self._unwrap(subject, found[0]) if found else None

    def destroy_text(self, subject: str, text: str) -> bool:
        """Destroy the key of a subject's text, for good; True where there was one.

        What could give it is overwritten with zeros in the vault's file. Raises LogUnavailableError where the
        vault cannot be written.
        """
        connection = self._opened()
        with self._writing(connection):
            gone = self._puncture(connection, subject, text)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        for index in [index for index, keys in self._known.items() if keys.subject == subject]:
            del self._known[index]
        return gone

    def _puncture(self, connection: sqlite3.Connection, subject: str, text: str) -> bool:
        row = connection.execute("SELECT keys FROM subjects WHERE subject = ?", (subject,)).fetchone()
        keys = self._plain_keys(subject, row[0]) if row else b""
        nodes = texts.decoded(keys[2 * KEY_BYTES :])
        if texts.text_key(nodes, text) is None:
            return False
        left = keys[: 2 * KEY_BYTES] + texts.encoded(texts.without(nodes, text))
        connection.execute(
            "UPDATE subjects SET keys = ? WHERE subject = ?", (self._wrap(subject, left), subject)
        )
        return True

    def find(self, handle: str) -> str | None:
        """The subject that this handle stands for; None where there is none. Nothing is made."""
        row = (
            self._opened()
            .execute("SELECT subject FROM subjects WHERE handle = ?", (self._index(handle),))
            .fetchone()
        )
        return row[0] if row else None

    def holds(self, subject: str) -> bool:
        """Whether the subject has keys here."""
        query = "SELECT 1 FROM subjects WHERE subject = ?"
        return self._opened().execute(query, (subject,)).fetchone() is not None

    def is_destroyed(self, subject: str) -> bool:
        """Whether the subject's keys were destroyed here."""
        query = "SELECT 1 FROM tombstones WHERE subject = ?"
        return self._opened().execute(query, (subject,)).fetchone() is not None

    def subjects(self) -> Iterator[str]:
        """Every subject that has keys."""
        return (row[0] for row in self._opened().execute("SELECT subject FROM subjects ORDER BY subject"))

    def marks(self) -> dict[str, str]:
        """What `destroy` noted last; empty where the tombstones are not those that it left then."""
        connection = self._opened()
        found = dict(connection.execute("SELECT name, mark FROM marks").fetchall())
        noted = found.pop(_TOMBSTONES, None)
        return found if noted == str(connection.execute(_COUNT).fetchone()[0]) else {}

    def destroy(self, subjects: Iterable[str], marks: Mapping[str, str] | None = None) -> None:
        """Destroy these subjects' keys, for ever, and note these marks; durable on return. Blocks.

        Idempotent; a subject without keys gets its tombstone too. Raises LogUnavailableError.
        """
        connection = self._opened()
        with self._writing(connection):
            connection.executemany(_ENTOMB, [(subject,) for subject in subjects])
            connection.execute(_BURY)
            noted = {**(marks or {}), _TOMBSTONES: str(connection.execute(_COUNT).fetchone()[0])}
            connection.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?)", list(noted.items()))
        # The keys also stood in the write-ahead log: empty it as soon as no reader needs it.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._forget(connection)

    def backup(self, path: Path) -> int:
        """Write a copy of the vault to a new file; return how many subjects it holds. Raises VaultError."""
        try:
            return write_copy(self._opened(), path)
        except CopyError as error:
            raise VaultError(str(error)) from None

    def restore(self, path: Path) -> int:
        """Take in the keys of a copy that this vault lacks; return how many. Blocks.

        Tombstones win, those of both sides. A handle that stands for somebody here goes on doing so. All
        marks are dropped, so that erasures are looked through anew. Raises VaultError, LogUnavailableError.
        """
        connection = self._opened()
        try:
            kept, buried = read_copy(path)
        except CopyError as error:
            raise VaultError(str(error)) from None
        for _, subject, keys in kept[:1]:
            self._unwrap(subject, keys)
        with self._writing(connection):
            connection.executemany(_ENTOMB, buried)
            held = {row[0] for row in connection.execute("SELECT subject FROM subjects")}
            held |= {row[0] for row in connection.execute("SELECT subject FROM tombstones")}
            missing = [row for row in kept if row[1] not in held]
            taken = {row[0] for row in connection.execute("SELECT handle FROM subjects")}
            rows = [
                (os.urandom(KEY_BYTES) if handle in taken else handle, subject, keys)
                for handle, subject, keys in missing
            ]
            connection.executemany("INSERT INTO subjects VALUES (?, ?, ?)", rows)
            connection.execute(_BURY)
            connection.execute("DELETE FROM marks")
        self._forget(connection)
        return len(missing)

    def _index(self, handle: str) -> bytes:
        return hmac.digest(self._index_key, handle.encode(), hashlib.sha256)

    def _keys_of(self, subject: str) -> SubjectKeys:
        row = (
            self._opened()
            .execute("SELECT subject, keys FROM subjects WHERE subject = ?", (subject,))
            .fetchone()
        )
        if row is None:
            raise NoSuchSubjectError("This person has been erased, or is not known here.")
        return self._unwrap(*row)

    def _forget_destroyed(self) -> None:
        """Let go of cached keys that anybody destroyed since the last look at the file."""
        connection = self._opened()
        # Grows when another connection has committed; reading it costs some microseconds.
        version = int(connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._version:
            self._version = version
            self._forget(connection)

    def _forget(self, connection: sqlite3.Connection) -> None:
        query = "SELECT number, subject FROM tombstones WHERE number > ? ORDER BY number"
        found = connection.execute(query, (self._buried,)).fetchall()
        if found:
            self._buried = found[-1][0]
            gone = {subject for _, subject in found}
            for index in [index for index, keys in self._known.items() if keys.subject in gone]:
                del self._known[index]

    @contextmanager
    def _writing(self, connection: sqlite3.Connection) -> Iterator[None]:
        """One transaction. Raises LogUnavailableError."""
        try:
            with self._lock:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise LogUnavailableError(f"The key vault {self._path} cannot be written ({error}).") from error

    def _find_or_make(self, wanted: Sequence[tuple[bytes, str]]) -> list[SubjectKeys]:
        connection = self._opened()
        with self._writing(connection):
            return [self._find(connection, one[0]) or self._make(connection, *one) for one in wanted]

    def _find(self, connection: sqlite3.Connection, index: bytes) -> SubjectKeys | None:
        row = connection.execute("SELECT subject, keys FROM subjects WHERE handle = ?", (index,)).fetchone()
        return self._unwrap(*row) if row else None

    def _make(self, connection: sqlite3.Connection, index: bytes, unit: str) -> SubjectKeys:
        # A handle is not found either under a wrong master key: what that key does not open must not grow.
        other = connection.execute("SELECT subject, keys FROM subjects LIMIT 1").fetchone()
        if other is not None:
            self._unwrap(*other)
        subject = subject_id(unit, os.urandom(NONCE_BYTES))
        keys, root = os.urandom(2 * KEY_BYTES), {"": os.urandom(texts.NODE_BYTES)}
        wrapped = self._wrap(subject, keys + texts.encoded(root))
        connection.execute("INSERT INTO subjects VALUES (?, ?, ?)", (index, subject, wrapped))
        return SubjectKeys(subject, AESGCM(keys[:KEY_BYTES]), keys[KEY_BYTES:], root)

    def _wrap(self, subject: str, keys: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapper.encrypt(nonce, keys, subject.encode())

    def _unwrap(self, subject: str, wrapped: bytes) -> SubjectKeys:
        return keys_of(subject, self._plain_keys(subject, wrapped))

    def _plain_keys(self, subject: str, wrapped: bytes) -> bytes:
        try:
            return self._wrapper.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], subject.encode())
        except InvalidTag:
            raise VaultError("The master key is not the one that this vault was made with.") from None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise VaultError("the vault is not open; use it inside `async with`")
        return self._connection
