"""The blob store: what was put is read again, and nothing else ever is."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.blobs import CHUNK_BYTES, HEADER, TAG_BYTES, BlobError, BlobFolder, decrypted, encrypted
from ledger.log import LogUnavailableError

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SEALED = CHUNK_BYTES + TAG_BYTES
THREE_CHUNKS = bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"end"


@pytest.fixture
def store(tmp_path: Path) -> BlobFolder:
    """A store that holds nothing."""
    return BlobFolder(tmp_path / "blobs")


def ciphertext(plain: bytes = THREE_CHUNKS) -> bytes:
    """A blob's bytes."""
    return b"".join(encrypted([plain], KEY))


def opened(blob: bytes, key: bytes = KEY) -> bytes:
    """What these bytes open to."""
    return b"".join(decrypted(io.BytesIO(blob), key))


def chunks(blob: bytes) -> list[bytes]:
    """The sealed chunks of a blob."""
    body = blob[len(HEADER) :]
    return [body[at : at + SEALED] for at in range(0, len(body), SEALED)]


SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, len(THREE_CHUNKS)]


@pytest.mark.parametrize("size", SIZES)
def test_what_was_put_is_read(store: BlobFolder, size: int) -> None:
    """A blob of any length, at the edges of chunks too, is read as it was put."""
    stored = store.put([THREE_CHUNKS[:size]], KEY)
    assert b"".join(store.read(stored.name, KEY)) == THREE_CHUNKS[:size]


@given(parts=st.lists(st.binary(max_size=200_000), max_size=6))
def test_parts_do_not_matter(parts: list[bytes]) -> None:
    """However the bytes come in, the ciphertext is the same, and it opens to them."""
    whole = b"".join(parts)
    assert b"".join(encrypted(parts, KEY)) == ciphertext(whole)
    assert opened(ciphertext(whole)) == whole


def test_a_blob_is_named_by_its_ciphertext(store: BlobFolder, tmp_path: Path) -> None:
    """The name is the SHA-256 of the file's bytes, and the size is theirs."""
    stored = store.put([THREE_CHUNKS], KEY)
    (path,) = (tmp_path / "blobs").glob("??/*")
    assert path.name == stored.name == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stored.size == path.stat().st_size == len(ciphertext())


def test_nothing_plain_reaches_the_folder(store: BlobFolder, tmp_path: Path) -> None:
    """No part of the plain bytes stands in any file of the store, and only the owner may read there."""
    store.put([b"fictional story " * 10_000], KEY)
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert all(b"fictional" not in path.read_bytes() for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "only the header": lambda blob: blob[: len(HEADER)],
    "another header": lambda blob: b"barograph blob 2" + blob[len(HEADER) :],
    "a bit flipped in the first chunk": lambda blob: flipped(blob, len(HEADER) + 5),
    "a bit flipped in the last chunk": lambda blob: flipped(blob, len(blob) - 20),
    "a bit flipped in a tag": lambda blob: flipped(blob, len(blob) - 1),
    "the last chunk cut off": lambda blob: HEADER + b"".join(chunks(blob)[:-1]),
    "the last byte cut off": lambda blob: blob[:-1],
    "the first chunk left out": lambda blob: HEADER + b"".join(chunks(blob)[1:]),
    "two chunks exchanged": lambda blob: HEADER + b"".join([chunks(blob)[i] for i in (1, 0, 2, 3)]),
    "a chunk repeated": lambda blob: HEADER + b"".join([chunks(blob)[i] for i in (0, 0, 1, 2, 3)]),
    "a chunk of nothing at the end": lambda blob: blob + ciphertext(b"")[len(HEADER) :],
    "bytes at the end": lambda blob: blob + b"x",
}


def flipped(blob: bytes, at: int) -> bytes:
    """The bytes with one bit changed."""
    return blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_blob_does_not_open(damage: str) -> None:
    """Whatever was done to the chunks, reading ends with a BlobError, also where the name is not known."""
    with pytest.raises(BlobError):
        opened(DAMAGES[damage](ciphertext()))


@given(at=st.integers(0, len(ciphertext()) - 1), bit=st.integers(0, 7))
def test_any_changed_bit_is_found(at: int, bit: int) -> None:
    """No single bit of the ciphertext can be changed unseen."""
    blob = bytearray(ciphertext())
    blob[at] ^= 1 << bit
    with pytest.raises(BlobError):
        opened(bytes(blob))


def test_another_key_opens_nothing() -> None:
    """A wrong key is told as such."""
    with pytest.raises(BlobError, match="not its key"):
        opened(ciphertext(), OTHER_KEY)


def test_a_changed_file_gives_out_nothing(store: BlobFolder, tmp_path: Path) -> None:
    """Where only the last chunk of a stored blob was changed, not even its first bytes are given out."""
    stored = store.put([THREE_CHUNKS], KEY)
    (path,) = (tmp_path / "blobs").glob("??/*")
    path.write_bytes(flipped(path.read_bytes(), path.stat().st_size - 1))
    with pytest.raises(BlobError, match="name says"):
        next(store.read(stored.name, KEY))


def test_a_missing_blob_is_told(store: BlobFolder) -> None:
    """A blob that is not there is a BlobError that says what to do."""
    with pytest.raises(BlobError, match="restore"):
        store.check("0" * 64)


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_is_a_name(store: BlobFolder, name: str) -> None:
    """No name leads out of the folder."""
    with pytest.raises(BlobError, match="64 hexadecimal"):
        store.check(name)


def test_the_same_content_is_one_blob(store: BlobFolder) -> None:
    """Putting the same bytes under the same key again keeps one file, and mends a damaged one."""
    first = store.put([THREE_CHUNKS], KEY)
    assert store.put([THREE_CHUNKS], KEY) == first
    assert list(store.names()) == [first.name]


def test_a_crash_leaves_a_draft_and_no_blob(store: BlobFolder, tmp_path: Path) -> None:
    """Where the bytes break off, no blob is there; a draft that a killed process left is removed by age."""

    def breaks_off() -> Iterator[bytes]:
        yield THREE_CHUNKS
        raise EOFError

    with pytest.raises(EOFError):
        store.put(breaks_off(), KEY)
    assert list(store.names()) == []
    draft = tmp_path / "blobs" / "drafts" / "left"
    draft.write_bytes(b"half")
    assert store.remove_drafts(older_than=3600) == 0
    os.utime(draft, (0, 0))
    assert store.remove_drafts(older_than=3600) == 1


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A full or forbidden disk is LogUnavailableError: nothing is known to be kept."""
    (tmp_path / "blobs").write_text("a file in the way")
    with pytest.raises(LogUnavailableError, match="cannot be kept"):
        BlobFolder(tmp_path / "blobs").put([b"x"], KEY)


def test_young_blobs_are_told_apart(store: BlobFolder, tmp_path: Path) -> None:
    """A sweep asks for blobs of a certain age: one that is being submitted right now is not among them."""
    stored = store.put([b"x"], KEY)
    assert list(store.names(older_than=3600)) == []
    (path,) = (tmp_path / "blobs").glob("??/*")
    os.utime(path, (0, 0))
    assert list(store.names(older_than=3600)) == [stored.name]
    store.remove(stored.name)
    assert list(store.names()) == []
