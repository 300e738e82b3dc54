"""The signing key in a file of the home, read anew as soon as a rotation has put another in its place."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.evidence import KeyRole
from ledger.log import LogUnavailableError
from ledger.signing import SigningKey
from runtime.home import KEY_BYTES

_TRIES = 20


@dataclass(slots=True)
class _Held:
    """A key that was read, the open file that it was read from, and how many are using it."""

    key: SigningKey
    file: tuple[int, int]
    descriptor: int
    uses: int = 0


class KeyFile:
    """A Signer over a file. One for each process and event loop.

    While a key is used its file is locked (flock, shared), so that a rotation on this machine can wait until
    nothing is under way with the old key before it says how far the old key counts.
    """

    def __init__(self, role: KeyRole, path: Path) -> None:
        self._role = role
        self._path = path
        self._held: _Held | None = None

    @contextmanager
    def use(self) -> Iterator[SigningKey]:
        """See Signer. Looks at the file's name only, unless it has changed: microseconds."""
        held = self._take()
        try:
            yield held.key
        finally:
            held.uses -= 1
            if held.uses == 0:
                fcntl.flock(held.descriptor, fcntl.LOCK_UN)
                if held is not self._held:
                    os.close(held.descriptor)

    def close(self) -> None:
        """Let go of the file; whoever is using the key still may."""
        held, self._held = self._held, None
        if held is not None and held.uses == 0:
            os.close(held.descriptor)

    def _take(self) -> _Held:
        try:
            for _ in range(_TRIES):
                held = self._held or self._read()
                self._held = held
                if self._is_locked(held):
                    held.uses += 1
                    return held
                self.close()
        except (OSError, ValueError) as error:
            raise LogUnavailableError(f"the signing key {self._path} cannot be read") from error
        raise LogUnavailableError(f"the signing key {self._path} is being changed")

    def _is_locked(self, held: _Held) -> bool:
        """Lock the key's file; whether it still bore the key's name after that."""
        if held.uses == 0:
            try:
                fcntl.flock(held.descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return held.file == _file_of(self._path.stat())

    def _read(self) -> _Held:
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            key = SigningKey.of_seed(self._role, os.pread(descriptor, KEY_BYTES, 0))
            return _Held(key, _file_of(os.fstat(descriptor)), descriptor)
        except BaseException:
            os.close(descriptor)
            raise


def _file_of(status: os.stat_result) -> tuple[int, int]:
    """Which file this is. An open file's numbers are not given to another."""
    return status.st_dev, status.st_ino
