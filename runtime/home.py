"""The home folder of an installation: keys (0600), the vault, accounts, derived files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from contracts.evidence import KeyRole
from ledger.signing import SigningKey

KEY_BYTES = 32
KeyName = Literal["intake", "session", "vault", "signing", "notary"]
"""`intake` derives identities, `session` signs cookies, `vault` wraps subjects' keys; `signing` (intake's) and
`notary` are seeds of Ed25519 private keys (RFC 8032)."""

SEED_OF: Mapping[KeyRole, KeyName] = {"intake": "signing", "notary": "notary"}
"""The key that holds the seed of a role's signing key."""


class HomeError(Exception):
    """The home folder cannot be used; the sentence says what to do."""


class Home:
    """Where the files are. Nothing is created before `create`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.vault = path / "vault.sqlite"
        self.accounts = path / "accounts.sqlite"
        self.blobs = path / "blobs"
        self.derived = path / "derived"

    def create(self) -> None:
        """Make the folder and every key that is missing. Raises HomeError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / "keys").mkdir(mode=0o700, exist_ok=True)
            self.derived.mkdir(mode=0o700, exist_ok=True)
            for name in get_args(KeyName):
                make_key(self._key_path(name))
        except OSError as error:
            raise HomeError(f"the home folder {self.path} cannot be written: {error.strerror}") from error

    def key(self, name: KeyName) -> bytes:
        """One of the home's keys, 32 bytes. Raises HomeError where it is missing or damaged."""
        return read_key(self._key_path(name))

    def signing_key(self, role: KeyRole) -> SigningKey:
        """The key that signs in this role. Raises HomeError as `key` does."""
        return SigningKey.of_seed(role, self.key(SEED_OF[role]))

    def seed_path(self, role: KeyRole) -> Path:
        """The file that holds the seed of a role's signing key."""
        return self._key_path(SEED_OF[role])

    def _key_path(self, name: str) -> Path:
        return self.path / "keys" / f"{name}.key"


def read_key(path: Path) -> bytes:
    """A key's 32 bytes. Raises HomeError where the file is missing or damaged."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise HomeError(f"{path} cannot be read ({error.strerror}): run 'barograph init' first") from error
    if len(key) != KEY_BYTES:
        raise HomeError(f"{path} is damaged: restore it from a copy")
    return key


def make_key(path: Path) -> None:
    """Make a key (0600) where there is none, durable when this returns.

    It is written under another name, then linked: two processes that race end with the same key.
    """
    if path.exists():
        return
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
