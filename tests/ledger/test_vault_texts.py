"""Text keys: a text sealed under one opens only while it and its subject's keys exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import texts
from ledger.subject_keys import TextGoneError, VaultError
from ledger.vault import Vault

MASTER, WORDS = b"m" * 32, "虚构的话"
IDS = st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), min_size=1, max_size=6, unique=True)
NEAR = st.lists(st.integers(0, 300).map(lambda n: f"{n:08x}"), min_size=2, max_size=8, unique=True)


async def test_a_text_opens_with_both_keys(tmp_path: Path) -> None:
    """What was sealed apart is read back, for its own field only."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case = await vault.subject("stream:a")
        sealed = case.seal_apart(WORDS, "story", case.text_id("1/story"))
        assert vault.read(sealed, "story") == WORDS
        with pytest.raises(VaultError):
            vault.read(sealed, "title")


async def test_without_its_key_a_text_is_erased(tmp_path: Path) -> None:
    """Destroying one text's key erases that text; another of the case, and later ones, stay."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case = await vault.subject("stream:a")
        story = case.seal_apart(WORDS, "story", case.text_id("1/story"))
        title = case.seal_apart(WORDS, "title", case.text_id("1/title"))
        assert vault.destroy_text(case.subject, str(story.text))
        assert vault.read(story, "story") is None
        assert vault.read(title, "title") == WORDS
        again = await vault.subject("stream:a")
        later = again.seal_apart(WORDS, "note", again.text_id("2/text"))
        assert vault.read(later, "note") == WORDS


async def test_a_text_that_is_gone_is_not_sealed_again(tmp_path: Path) -> None:
    """Whoever says the same under the same key again is told, instead of putting it on the log anew."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case = await vault.subject("stream:a")
        text = case.text_id("1/story")
        assert vault.destroy_text(case.subject, text)
        assert not vault.destroy_text(case.subject, text)
        again = await vault.subject("stream:a")
        with pytest.raises(TextGoneError):
            again.seal_apart(WORDS, "story", text)


async def test_what_gave_the_key_is_in_no_file(tmp_path: Path) -> None:
    """Nothing of the old wrapped keys stands in the vault's files any more."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case = await vault.subject("stream:a")
        await vault.subject("stream:b")
        found = vault._opened().execute("SELECT keys FROM subjects WHERE subject = ?", (case.subject,))
        (wrapped,) = found.fetchone()
        found.close()
        assert vault.destroy_text(case.subject, case.text_id("1/story"))
        assert wrapped[12:] not in files_of(tmp_path)


def files_of(folder: Path) -> bytes:
    """Everything that stands in the folder's files."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_subject_that_is_not_there_has_no_text(tmp_path: Path) -> None:
    """Destroying a text of an unknown subject, or an id of another form, does nothing."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        case = await vault.subject("stream:a")
        assert not vault.destroy_text("sub_nobody000000", "txt_00000000")
        assert not vault.destroy_text(case.subject, "sub_storytext0000")


async def test_derived_keys_are_one_for_each_label(tmp_path: Path) -> None:
    """A derived key is the same again for its label and subject, and differs for any other."""
    async with Vault(tmp_path / "vault.sqlite", MASTER) as vault:
        one, other = await vault.subject("stream:a"), await vault.subject("stream:b")
    keys = [one.derived(b"x"), one.derived(b"y"), other.derived(b"x")]
    assert one.derived(b"x") == keys[0]
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {32}


@given(gone=st.one_of(IDS, NEAR), others=st.one_of(IDS, NEAR))
def test_only_the_destroyed_keys_are_gone(gone: list[str], others: list[str]) -> None:
    """After any number of keys were destroyed none of them can be had, and every other is what it was."""
    root = nodes = {"": b"r" * 32}
    for way in gone:
        nodes = texts.without(nodes, texts.KIND + way)
    for way in {*gone, *others}:
        kept = None if way in gone else texts.text_key(root, texts.KIND + way)
        assert texts.text_key(nodes, texts.KIND + way) == kept
    assert texts.decoded(texts.encoded(nodes)) == nodes
    ways = list(nodes)
    assert not [(a, b) for a in ways for b in ways if a != b and b.startswith(a)]


@given(one=IDS)
def test_no_kept_node_lies_on_a_destroyed_way(one: list[str]) -> None:
    """None of the nodes that are kept is above a destroyed key, so none of them gives it."""
    nodes = texts.without({"": b"r" * 32}, texts.KIND + one[0])
    assert not [way for way in nodes if one[0].startswith(way)]
    assert len(nodes) == 15 * texts.DIGITS


@pytest.mark.parametrize(
    "text", ["", "txt_", "txt_0000000g", "sub_00000000", "00000000", "txt_" + "0" * 9, "txt_00000000\n"]
)
def test_what_is_no_text_has_no_key(text: str) -> None:
    """An id of another form has no key, and destroying it changes nothing."""
    nodes = {"": b"r" * 32}
    assert texts.text_key(nodes, text) is None
    assert texts.without(nodes, text) == nodes


def test_damaged_nodes_are_told() -> None:
    """Bytes that are no nodes are refused."""
    with pytest.raises(ValueError, match="no nodes"):
        texts.decoded(b"x")
