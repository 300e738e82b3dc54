"""Sign-in accounts: name → actor id and password hash. Roles are not kept here: the register has them."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.actor import Actor, Directory

MIN_PASSWORD = 8
MAX_PASSWORD = 1024
MAX_NAME = 100
PARALLEL_CHECKS = 2
"""Passwords checked at the same time: each takes about 64 MiB and a core for some 50 ms."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, actor TEXT NOT NULL, hash TEXT NOT NULL)"
)

Authenticate = Callable[[str, str], Awaitable[Actor | None]]
"""Sign-in name and password → the actor; None where they do not match anybody."""


class AccountError(Exception):
    """An account could not be added or changed; the sentence says why."""


class Accounts:
    """The accounts in one SQLite file. Names are compared without regard to case, width and outer space."""

    def __init__(self, path: Path, hasher: PasswordHasher | None = None) -> None:
        """Open the store, creating the file (readable by its owner only) where there is none."""
        self._path = path
        self._hasher = hasher or PasswordHasher()
        # Checked in place of a missing account's hash, so that an unknown name takes as long as a known one.
        self._decoy = self._hasher.hash("")
        path.touch(mode=0o600)
        with self._transaction() as database:
            database.execute(_SCHEMA)

    def add(self, name: str, actor: str, password: str) -> None:
        """Add an account. Raises AccountError where the name is taken or too long, or the password short."""
        folded = fold(name)
        if not 1 <= len(folded) <= MAX_NAME:
            raise AccountError(f"a sign-in name has 1 to {MAX_NAME} characters")
        hashed = self._hash(password)
        try:
            with self._transaction() as database:
                database.execute("INSERT INTO account VALUES (?, ?, ?)", (folded, actor, hashed))
        except sqlite3.IntegrityError:
            raise AccountError("this sign-in name is taken") from None

    def set_password(self, name: str, password: str) -> None:
        """Change a password. Raises AccountError where there is no such account, or the password is weak."""
        hashed = self._hash(password)
        with self._transaction() as database:
            changed = database.execute("UPDATE account SET hash = ? WHERE name = ?", (hashed, fold(name)))
            if changed.rowcount == 0:
                raise AccountError("there is no account of this sign-in name")

    def verify(self, name: str, password: str) -> str | None:
        """The actor id where name and password match, else None, in about the same time.

        A hash made with other parameters than today's is made anew.
        """
        folded = fold(name)
        with self._transaction() as database:
            row = database.execute("SELECT actor, hash FROM account WHERE name = ?", (folded,)).fetchone()
        actor, hashed = row or (None, self._decoy)
        if not self._matches(hashed, password) or actor is None:
            return None
        if self._hasher.check_needs_rehash(hashed):
            self._rehash(folded, hashed, password)
        return str(actor)

    def _matches(self, hashed: str, password: str) -> bool:
        # No account has so long a password, nor an empty one.
        tried = password if len(password) <= MAX_PASSWORD else ""
        try:
            return self._hasher.verify(hashed, tried.encode(errors="replace"))
        except (VerificationError, InvalidHashError):
            return False

    def _hash(self, password: str) -> str:
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
            raise AccountError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
        return self._hasher.hash(password.encode(errors="replace"))

    def _rehash(self, folded: str, old: str, password: str) -> None:
        new = self._hasher.hash(password.encode(errors="replace"))
        with self._transaction() as database:
            # Only over the hash that was checked: a password changed meanwhile stays.
            database.execute("UPDATE account SET hash = ? WHERE name = ? AND hash = ?", (new, folded, old))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5.0)) as database, database:
            yield database


def fold(name: str) -> str:
    """The form in which sign-in names are compared."""
    return unicodedata.normalize("NFKC", name).strip().casefold().encode(errors="replace").decode()


def authenticator(accounts: Accounts, directory: Directory) -> Authenticate:
    """Check passwords against the accounts, off the event loop, and find the actor in the directory."""
    limiter = anyio.CapacityLimiter(PARALLEL_CHECKS)

    async def authenticate(name: str, password: str) -> Actor | None:
        actor = await anyio.to_thread.run_sync(accounts.verify, name, password, limiter=limiter)
        return await directory(actor) if actor is not None else None

    return authenticate
