"""The key vault: one subject for each handle, and texts that open for nothing but their field and subject."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.personal import Sealed
from ledger.log import LogUnavailableError
from ledger.subject_keys import SubjectKeys, VaultError
from ledger.vault import Vault

MASTER = b"m" * 32
HANDLE = "telephone:13800001234"
NAME = "example person"

IN_ANOTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from ledger.vault import Vault
async def main():
    async with Vault(Path(sys.argv[1]), b"m" * 32) as vault:
        found = await asyncio.gather(*(vault.subject(handle) for handle in sys.argv[2:]))
        print(*(keys.subject for keys in found))
asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the vault is to be."""
    return tmp_path / "vault.sqlite"


def begin(path: Path, *handles: str) -> subprocess.Popen[str]:
    """Ask for the subjects of these handles in another process."""
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(path), *handles]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def subjects_of(process: subprocess.Popen[str]) -> list[str]:
    """What such a process found."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output.split()


async def subject(path: Path, handle: str = HANDLE, master: bytes = MASTER) -> SubjectKeys:
    """The keys that a vault opened for this call alone gives."""
    async with Vault(path, master) as vault:
        return await vault.subject(handle)


async def test_a_handle_keeps_its_subject(path: Path) -> None:
    """The same handle gives the same subject again, from memory, after a restart and in another process."""
    async with Vault(path, MASTER) as vault:
        first = await vault.subject(HANDLE)
        assert (await vault.subject(HANDLE)).subject == first.subject
    assert (await subject(path)).subject == first.subject
    assert subjects_of(begin(path, HANDLE)) == [first.subject]


async def test_two_open_vaults_agree(path: Path) -> None:
    """What one handle on the file has made, another that was open already finds, with the same keys."""
    async with Vault(path, MASTER) as one, Vault(path, MASTER) as other:
        sealed = (await one.subject(HANDLE)).seal(NAME, "name")
        assert (await other.subject(HANDLE)).open(sealed, "name") == NAME
        assert other.read(sealed, "name") == NAME


async def test_other_handles_are_other_subjects(path: Path) -> None:
    """Handles that differ at all have different subjects."""
    async with Vault(path, MASTER) as vault:
        found = [await vault.subject(handle) for handle in (HANDLE, f"{HANDLE} ", HANDLE.upper(), "")]
    assert len({keys.subject for keys in found}) == 4
    assert len({keys.tag_key for keys in found}) == 4


async def test_subject_ids_are_random(tmp_path: Path) -> None:
    """The same handle and master key give another id in another vault: an id tells nothing."""
    found = [(await subject(tmp_path / f"{n}.sqlite")).subject for n in range(3)]
    assert len(set(found)) == 3
    assert all(re.fullmatch(r"sub_[0-9a-f]{32}", each) for each in found)


async def test_many_who_ask_at_once_get_one_subject(path: Path) -> None:
    """Tasks that ask for a new handle at the same time, on two handles of the file, get one subject."""
    async with Vault(path, MASTER) as one, Vault(path, MASTER) as other:
        asked = [vault.subject(HANDLE) for vault in (one, other) for _ in range(20)]
        assert len({keys.subject for keys in await asyncio.gather(*asked)}) == 1
    assert rows(path) == 1


def test_processes_that_race_get_one_subject(path: Path) -> None:
    """Processes that ask for the same new handles at the same time get the same subjects."""
    handles = [f"person:{n}" for n in range(20)]
    racing = [begin(path, *handles) for _ in range(3)]
    found = [subjects_of(process) for process in racing]
    assert found[0] == found[1] == found[2]
    assert rows(path) == len(set(found[0])) == 20


def rows(path: Path) -> int:
    """How many subjects the vault holds."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM subjects").fetchone()[0])


async def test_who_gives_up_disturbs_nobody(path: Path) -> None:
    """A task that is cancelled while it waits for its keys leaves the others their answers."""
    async with Vault(path, MASTER) as vault:
        first = asyncio.create_task(vault.subject(HANDLE))
        others = [asyncio.create_task(vault.subject(f"{n}")) for n in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait_for(asyncio.gather(*others), 30)
        await asyncio.wait_for(vault.subject(HANDLE), 30)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.fixture(scope="module")
def two_subjects(tmp_path_factory: pytest.TempPathFactory) -> tuple[SubjectKeys, SubjectKeys]:
    """Two subjects of one vault."""
    path = tmp_path_factory.mktemp("vault") / "vault.sqlite"

    async def both() -> tuple[SubjectKeys, SubjectKeys]:
        async with Vault(path, MASTER) as vault:
            return await vault.subject("one"), await vault.subject("other")

    return asyncio.run(both())


@given(plain=TEXT, field=TEXT)
def test_a_sealed_text_opens(two_subjects: tuple[SubjectKeys, SubjectKeys], plain: str, field: str) -> None:
    """Any text sealed for a field opens for that field, and is sealed in other bytes each time."""
    keys, _ = two_subjects
    sealed = keys.seal(plain, field)
    assert keys.open(sealed, field) == plain
    assert keys.seal(plain, field).sealed != sealed.sealed
    assert Sealed.model_validate(sealed.model_dump()) == sealed


@given(plain=TEXT.filter(lambda text: len(text) > 3))
def test_a_sealed_text_opens_for_nothing_else(
    two_subjects: tuple[SubjectKeys, SubjectKeys], plain: str
) -> None:
    """A sealed text opens neither for another field nor for another subject, nor after any change."""
    one, other = two_subjects
    sealed = one.seal(plain, "story")
    damaged = sealed.model_copy(update={"sealed": sealed.sealed[:-8] + "AAAAAAA="})
    for keys, what, field in ((one, sealed, "title"), (other, sealed, "story"), (one, damaged, "story")):
        with pytest.raises(VaultError):
            keys.open(what, field)


async def test_a_text_under_another_subjects_name_does_not_open(path: Path) -> None:
    """A sealed text that names another subject than the one it was sealed under is refused."""
    async with Vault(path, MASTER) as vault:
        one, other = await vault.subject("one"), await vault.subject("other")
        sealed = one.seal(NAME, "name")
        assert vault.read(sealed, "name") == NAME
        with pytest.raises(VaultError):
            vault.read(sealed.model_copy(update={"subject": other.subject}), "name")


@pytest.mark.parametrize("sealed", ["QUJD", "QUJDRA==", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
async def test_what_is_no_ciphertext_is_refused(path: Path, sealed: str) -> None:
    """Base 64 that no vault ever made is refused with a sentence."""
    keys = await subject(path)
    with pytest.raises(VaultError):
        keys.open(Sealed(subject=keys.subject, sealed=sealed), "name")


async def test_what_is_no_base_64_is_refused(path: Path) -> None:
    """A sealed field of an impossible length, which the model lets through, is refused with a sentence."""
    keys = await subject(path)
    with pytest.raises(VaultError):
        keys.open(Sealed(subject=keys.subject, sealed="A"), "name")


async def test_a_text_whose_keys_are_gone_is_gone(path: Path) -> None:
    """Without its subject's keys a sealed text has no plain text, and asking is no error."""
    async with Vault(path, MASTER) as vault:
        sealed = (await vault.subject(HANDLE)).seal(NAME, "name")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM subjects")
        assert vault.read(sealed, "name") is None


async def test_a_tag_compares_within_one_subject(path: Path) -> None:
    """Equal data have equal tags under one subject, other data another, and another subject another again."""
    async with Vault(path, MASTER) as vault:
        one, other = await vault.subject("one"), await vault.subject("other")
    assert one.tag(b"a") == one.tag(b"a")
    assert len({one.tag(b"a"), one.tag(b"b"), other.tag(b"a")}) == 3
    assert re.fullmatch(r"[0-9a-f]{32}", one.tag(b"a"))


async def test_another_master_key_opens_nothing(path: Path) -> None:
    """Under a wrong master key no text is read, and the sentence says why."""
    keys = await subject(path)
    sealed = keys.seal(NAME, "name")
    async with Vault(path, b"x" * 32) as vault:
        with pytest.raises(VaultError, match="master key"):
            vault.read(sealed, "name")


async def test_another_master_key_makes_nothing(path: Path) -> None:
    """Under a wrong master key no subject is made in a vault that has subjects already."""
    await subject(path)
    with pytest.raises(VaultError):
        await subject(path, master=b"x" * 32)


def beside(path: Path) -> list[Path]:
    """The vault's file and those beside it."""
    return list(path.parent.iterdir())


async def test_only_the_owner_can_read_the_file(path: Path) -> None:
    """The vault and the files that SQLite lays beside it are readable and writable for their owner alone."""
    async with Vault(path, MASTER) as vault:
        await vault.subject(HANDLE)
        files = beside(path)
        assert {file.name for file in files} >= {"vault.sqlite", "vault.sqlite-wal"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_the_file_names_nobody(path: Path) -> None:
    """Neither a handle nor a sealed text nor a key stands in the vault's files."""
    async with Vault(path, MASTER) as vault:
        keys = await vault.subject(HANDLE)
        keys.seal(NAME, "name")
        content = b"".join(file.read_bytes() for file in beside(path))
    assert keys.subject.encode() in content
    for secret in (HANDLE.encode(), b"13800001234", b"telephone", NAME.encode(), keys.tag_key, MASTER):
        assert secret not in content


async def test_a_vault_that_cannot_be_written_says_so(path: Path) -> None:
    """What was not made durable is not handed out: the caller hears that the vault is unavailable."""
    async with Vault(path, MASTER) as vault:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DROP TABLE subjects")
        with pytest.raises(LogUnavailableError):
            await vault.subject(HANDLE)


def test_what_is_no_vault_is_refused(path: Path) -> None:
    """A file that is no vault is refused at the start, with a sentence, and stays as it is."""
    path.write_bytes(b"something else " * 100)
    with pytest.raises(VaultError, match="cannot be opened"):
        asyncio.run(subject(path))
    assert path.read_bytes() == b"something else " * 100


async def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A vault in a folder that does not exist is refused with a sentence."""
    with pytest.raises(VaultError):
        await subject(tmp_path / "missing" / "vault.sqlite")


async def test_a_vault_is_used_while_it_is_open(path: Path) -> None:
    """Before it is opened and after it is closed a vault refuses with a sentence."""
    vault = Vault(path, MASTER)
    with pytest.raises(VaultError, match="not open"):
        await vault.subject(HANDLE)
    async with vault:
        sealed = (await vault.subject(HANDLE)).seal(NAME, "name")
    with pytest.raises(VaultError, match="not open"):
        vault.read(sealed, "name")
