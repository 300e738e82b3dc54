"""Erasure in the vault: keys go for good, everywhere, and no copy of the vault brings them back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.subject_keys import VaultError
from ledger.vault import NoSuchSubjectError, Vault

MASTER = b"m" * 32
HANDLE = "telephone:00000000001"
NAME = "虚构居民"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the vault is to be."""
    return tmp_path / "vault.sqlite"


async def test_what_an_erased_person_said_is_gone(path: Path) -> None:
    """After `destroy` a sealed text has no plain text, in this process and in a later one."""
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        sealed = keys.seal(NAME, "name")
        vault.destroy([keys.subject])
        assert vault.read(sealed, "name") is None
        assert vault.is_destroyed(keys.subject)
    async with Vault(path, MASTER) as later:
        assert later.read(sealed, "name") is None


async def test_erasing_twice_is_erasing_once(path: Path) -> None:
    """`destroy` may be repeated, and may name somebody without keys: the tombstone stands once."""
    async with Vault(path, MASTER) as vault:
        for _ in range(2):
            vault.destroy(["sub_fictional0000"])
        assert vault.is_destroyed("sub_fictional0000")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM tombstones").fetchone() == (1,)


async def test_the_handle_of_an_erased_person_stands_for_somebody_new(path: Path) -> None:
    """Whoever comes again under an erased handle gets a new random subject, not the old one."""
    async with Vault(path, MASTER) as vault:
        before = await vault.subject(HANDLE)
        vault.destroy([before.subject])
        assert vault.find(HANDLE) is None
        after = await vault.subject(HANDLE)
        assert after.subject != before.subject
        assert vault.find(HANDLE) == after.subject


async def test_another_process_lets_go_of_the_key_at_once(path: Path) -> None:
    """A vault that holds the keys in memory seals nothing more under them once another has destroyed them."""
    async with Vault(path, MASTER) as one, Vault(path, MASTER) as other:
        cached = await one.subject(HANDLE)
        assert await one.subject(HANDLE) is cached
        other.destroy([cached.subject])
        assert (await one.subject(HANDLE)).subject != cached.subject


async def test_others_keys_stay_in_memory(path: Path) -> None:
    """Somebody else's erasure costs nobody their cached keys."""
    async with Vault(path, MASTER) as one, Vault(path, MASTER) as other:
        mine = await one.subject(HANDLE)
        other.destroy([(await other.subject("telephone:2")).subject])
        assert await one.subject(HANDLE) is mine


async def test_a_destroyed_key_is_in_no_file(path: Path) -> None:
    """The wrapped keys of an erased person stand neither in the vault's file nor in those beside it."""
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        with closing(sqlite3.connect(path)) as connection:
            (wrapped,) = connection.execute("SELECT keys FROM subjects").fetchone()
        assert any(wrapped in file.read_bytes() for file in path.parent.iterdir())
        vault.destroy([keys.subject])
        assert not any(wrapped in file.read_bytes() for file in path.parent.iterdir())


async def test_a_subject_is_found_by_its_id(path: Path) -> None:
    """A handle that names a subject gives its keys; an erased one is refused with a sentence, not remade."""
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        assert (await vault.subject(f"subject:{keys.subject}")).tag_key == keys.tag_key
        vault.destroy([keys.subject])
        with pytest.raises(NoSuchSubjectError):
            await vault.subject(f"subject:{keys.subject}")


async def test_a_copy_brings_lost_keys_back(path: Path, tmp_path: Path) -> None:
    """Keys that a vault has lost come back from a copy, also where their handle has been given anew."""
    async with Vault(path, MASTER) as vault:
        one, two = await vault.subject(HANDLE), await vault.subject("telephone:2")
        sealed = [one.seal(NAME, "name"), two.seal(NAME, "name")]
        assert vault.backup(tmp_path / "copy") == 2
    fresh = tmp_path / "fresh.sqlite"
    async with Vault(fresh, MASTER) as vault:
        anew = await vault.subject(HANDLE)
        assert vault.restore(tmp_path / "copy") == 2
        assert [vault.read(text, "name") for text in sealed] == [NAME, NAME]
        assert (await vault.subject(HANDLE)).subject == anew.subject
        assert vault.restore(tmp_path / "copy") == 0


async def test_an_old_copy_resurrects_nobody(path: Path, tmp_path: Path) -> None:
    """Restoring a copy from before an erasure leaves the erased person erased: the tombstone wins."""
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        sealed = keys.seal(NAME, "name")
        vault.backup(tmp_path / "copy")
        vault.destroy([keys.subject])
        assert vault.restore(tmp_path / "copy") == 0
        assert vault.read(sealed, "name") is None


async def test_a_copys_tombstones_count_too(path: Path, tmp_path: Path) -> None:
    """A tombstone of the copy erases the person in the vault that takes it in."""
    old = tmp_path / "old.sqlite"
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        sealed = keys.seal(NAME, "name")
    shutil.copy(path, old)
    async with Vault(path, MASTER) as vault:
        vault.destroy([keys.subject])
        vault.backup(tmp_path / "copy")
    async with Vault(old, MASTER) as vault:
        assert vault.read(sealed, "name") == NAME
        vault.restore(tmp_path / "copy")
        assert vault.read(sealed, "name") is None


async def test_keys_put_back_by_hand_go_at_the_next_opening(path: Path) -> None:
    """Rows that somebody copies back into the file of a vault with tombstones are gone once it is opened."""
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        sealed = keys.seal(NAME, "name")
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT * FROM subjects").fetchone()
    async with Vault(path, MASTER) as vault:
        vault.destroy([keys.subject])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO subjects VALUES (?, ?, ?)", row)
    async with Vault(path, MASTER) as vault:
        assert vault.read(sealed, "name") is None


async def test_marks_hold_while_the_tombstones_do(path: Path) -> None:
    """What was noted with the last erasure is forgotten once tombstones are missing, so that all is redone."""
    async with Vault(path, MASTER) as vault:
        vault.destroy(["sub_fictional0000", "sub_fictional0001"], {"people/0": "7"})
        assert vault.marks() == {"people/0": "7"}
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM tombstones WHERE number = 1")
        assert vault.marks() == {}


def not_copies(folder: Path) -> Iterator[Path]:
    """Files that are no copy of a vault."""
    yield folder / "missing"
    (folder / "text").write_bytes(b"something else " * 100)
    yield folder / "text"
    sqlite3.connect(folder / "empty").close()
    yield folder / "empty"


async def test_what_is_no_copy_is_refused(path: Path, tmp_path: Path) -> None:
    """A missing file, another kind of file and an empty database are refused with a sentence."""
    async with Vault(path, MASTER) as vault:
        for file in not_copies(tmp_path):
            with pytest.raises(VaultError, match=file.name):
                vault.restore(file)


async def test_a_copy_under_another_master_key_is_refused(path: Path, tmp_path: Path) -> None:
    """Keys that this home's master key does not unwrap are not taken in."""
    async with Vault(tmp_path / "other.sqlite", b"x" * 32) as other:
        await other.subject(HANDLE)
        other.backup(tmp_path / "copy")
    async with Vault(path, MASTER) as vault:
        with pytest.raises(VaultError, match="master key"):
            vault.restore(tmp_path / "copy")
        assert list(vault.subjects()) == []


async def test_a_backup_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    """A file that is there already stays as it is, and the sentence says to name a new one."""
    (tmp_path / "copy").write_bytes(b"precious")
    async with Vault(path, MASTER) as vault:
        with pytest.raises(VaultError, match="new file"):
            vault.backup(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"precious"
