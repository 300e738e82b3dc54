"""Text keys: a text sealed under one opens only while it and its subject's keys exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.vault import Vault, VaultError

MASTER, WORDS = b"m" * 32, "虚构的话"


async def test_a_text_opens_with_both_keys(tmp_path: Path) -> None:
    """What was sealed apart is read back, for its own field only."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case, text = await vault.subject("stream:a"), await vault.subject("text:1/story")
        sealed = case.seal_apart(WORDS, "story", text)
        assert vault.read(sealed, "story") == WORDS
        assert (sealed.subject, sealed.text) == (case.subject, text.subject)
        with pytest.raises(VaultError):
            vault.read(sealed, "title")


@pytest.mark.parametrize("gone", ["text", "subject"])
async def test_without_either_key_it_is_erased(tmp_path: Path, gone: str) -> None:
    """Destroying the text key, or the subject's, erases the text; another text of the case stays."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case = await vault.subject("stream:a")
        one, other = await vault.subject("text:1/story"), await vault.subject("text:1/title")
        story, title = case.seal_apart(WORDS, "story", one), case.seal_apart(WORDS, "title", other)
        assert vault.destroy_text(one.subject if gone == "text" else case.subject)
        assert vault.read(story, "story") is None
        assert vault.read(title, "title") == (WORDS if gone == "text" else None)


async def test_a_destroyed_key_is_in_no_file(tmp_path: Path) -> None:
    """Nothing of the wrapped key stands in the vault's files any more, and destroying twice does no harm."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        text = await vault.subject("text:1/story")
        await vault.subject("text:2/story")
        (wrapped,) = (
            vault._opened().execute("SELECT keys FROM subjects WHERE subject = ?", (text.subject,)).fetchone()
        )
        assert vault.destroy_text(text.subject)
        assert not vault.destroy_text(text.subject)
        assert wrapped not in files_of(tmp_path)


def files_of(folder: Path) -> bytes:
    """Everything that stands in the folder's files."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_new_key_does_not_open_the_old_text(tmp_path: Path) -> None:
    """Whoever asks for the handle again gets another key, in the same process too."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case, text = await vault.subject("stream:a"), await vault.subject("text:1/story")
        sealed = case.seal_apart(WORDS, "story", text)
        vault.destroy_text(text.subject)
        assert (await vault.subject("text:1/story")).subject != text.subject
        assert vault.read(sealed, "story") is None


async def test_derived_keys_are_one_for_each_label(tmp_path: Path) -> None:
    """A derived key is the same again for its label and subject, and differs for any other."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        one, other = await vault.subject("stream:a"), await vault.subject("stream:b")
    keys = [one.derived(b"x"), one.derived(b"y"), other.derived(b"x")]
    assert one.derived(b"x") == keys[0]
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {32}
