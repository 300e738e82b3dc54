"""The signing key in its file: a process takes up a new one at once, and holds the old one while it is used."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from ledger.log import LogUnavailableError
from ledger.signing import SigningKey
from runtime.signing import KeyFile

FIRST, SECOND = b"1" * 32, b"2" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the first seed."""
    path = tmp_path / "signing.key"
    path.write_bytes(FIRST)
    return path


def replace(path: Path, seed: bytes = SECOND) -> Path:
    """Put another seed under the file's name, as a rotation does; return where the old one is."""
    old, fresh = path.with_suffix(".old"), path.with_suffix(".next")
    fresh.write_bytes(seed)
    os.link(path, old)
    fresh.replace(path)
    return old


def is_held(path: Path) -> bool:
    """Whether some process uses the key of this file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def used(signer: KeyFile) -> str:
    """The id of the key in force."""
    with signer.use() as key:
        return key.id


def test_a_new_key_is_taken_up_at_once(path: Path) -> None:
    """The next use after the file was replaced has the new key."""
    signer = KeyFile("intake", path)
    assert used(signer) == SigningKey.of_seed("intake", FIRST).id
    replace(path)
    assert used(signer) == SigningKey.of_seed("intake", SECOND).id


def test_a_key_is_held_while_it_is_used(path: Path) -> None:
    """The file is locked from the first use to the end of the last, and not in between."""
    signer = KeyFile("intake", path)
    with signer.use():
        with signer.use():
            assert is_held(path)
        assert is_held(path)
    assert not is_held(path)


def test_the_old_key_is_held_until_its_last_use_ends(path: Path) -> None:
    """What began with the old key goes on holding it beside the new one, and lets go at its end."""
    signer = KeyFile("intake", path)
    with signer.use() as first:
        old = replace(path)
        with signer.use() as second:
            assert second.id != first.id
            assert (is_held(old), is_held(path)) == (True, True)
        assert (is_held(old), is_held(path)) == (True, False)
    assert not is_held(old)


def test_a_key_that_is_being_retired_is_not_used(path: Path) -> None:
    """While a rotation holds the old file, the new key is used."""
    signer = KeyFile("intake", path)
    first = used(signer)
    old = replace(path)
    with old.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert used(signer) != first


def test_a_key_that_cannot_be_read_signs_nothing(path: Path) -> None:
    """A missing or damaged file is an outage, not a submission without a signature."""
    signer = KeyFile("intake", path)
    path.unlink()
    with pytest.raises(LogUnavailableError):
        used(signer)
    path.write_bytes(b"short")
    with pytest.raises(LogUnavailableError):
        used(signer)


def test_nothing_stays_open(path: Path) -> None:
    """After many changes a closed signer holds no file."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    signer = KeyFile("intake", path)
    for turn in range(5):
        with signer.use():
            replace(path, bytes([turn]) * 32).unlink()
            used(signer)
    signer.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
