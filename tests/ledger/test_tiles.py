"""Tiles: c2sp.org/tlog-tiles."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle, tiles
from ledger.entry import ENTRY_BYTES
from ledger.tiles import ENTRIES, Tile, TiledTree, TileError, TileNodes


def leaves_of(count: int) -> list[bytes]:
    """Leaf hashes that differ."""
    return [hashlib.sha256(b"\x00" + number.to_bytes(4, "big")).digest() for number in range(count)]


LEAVES = leaves_of(70_000)


def kept(*sizes: int) -> tuple[TiledTree, dict[tuple[int, int], bytes]]:
    """A tree grown to each size in turn, and the tiles that a store holds of it."""
    tree, stored = TiledTree(), {}
    for size in sizes:
        tree.extend(LEAVES[tree.size : size])
        stored.update(tree.take_changed())
    return tree, stored


def reader(stored: dict[tuple[int, int], bytes], size: int) -> TileNodes:
    """Reads the tree of a size out of these tiles."""

    def fetch(tile: Tile) -> bytes:
        return stored[tile.level, tile.index][: tile.width * 32]

    return TileNodes(fetch, size)


def test_the_specifications_example_of_a_tree() -> None:
    """70,000 leaves: 273 full tiles and one of 112 below, then one full and one of 17, then one of 1."""
    found = list(tiles.tiles_of(70_000))
    assert found[272:] == [Tile(0, 272), Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.tiles_of(0)) == []
    _, stored = kept(70_000)
    assert {place: len(content) // 32 for place, content in stored.items()} == {
        (level, index): width for level, index, width in found
    }


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(0, 1_234_067), "0/x001/x234/067"),
        (Tile(63, 999, 1), "63/999.p/1"),
        (Tile(ENTRIES, 1000, 255), "entries/x001/000.p/255"),
    ],
)
def test_a_path_names_a_tile(tile: Tile, path: str) -> None:
    """Both ways."""
    assert tile.path == path
    assert tiles.parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "0/0000",
        "00/000",
        "64/000",
        "-1/000",
        "0/x000/001",
        "0/001/001",
        "0/x001",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p",
        "0/000/",
        "0/000\n",
        "0/../000",
        "0/\u0660\u0660\u0660",
        "data/000",
        "0/" + "x001/" * 9 + "000",
    ],
)
def test_another_path_names_none(path: str) -> None:
    """One tile has one path."""
    with pytest.raises(TileError):
        tiles.parse_tile_path(path)


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=5))
def test_a_tree_grown_in_parts_has_the_root_and_the_tiles(sizes: list[int]) -> None:
    """However it grew, and wherever its right edge was put away meanwhile."""
    tree, stored = kept(*sorted(sizes))
    assert (tree.size, tree.root()) == (max(sizes), merkle.root(LEAVES[: max(sizes)]))
    nodes = reader(stored, tree.size)
    edge = {
        level: nodes.tile(tiles.tile_at(level, (tree.size >> 8 * level) // 256, tree.size))
        for level in tiles.edge_widths(tree.size)
    }
    again = TiledTree(tree.size, edge)
    more = LEAVES[: 3_000 - tree.size]
    again.extend(more)
    assert again.root() == merkle.root(LEAVES[: tree.size] + more)


@given(st.data(), st.integers(1, 70_000))
def test_proofs_out_of_tiles_verify(data: st.DataObject, size: int) -> None:
    """Of any leaf and any earlier size, from tiles of the largest tree."""
    index = data.draw(st.integers(0, size - 1))
    nodes = reader(STORED, size)
    root = nodes.root()
    proof = merkle.inclusion_path(nodes.node, index, size)
    merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
    old = reader(STORED, index + 1).root()
    proof = merkle.consistency_path(nodes.node, index + 1, size)
    merkle.verify_consistency(index + 1, size, proof, old, root)


_, STORED = kept(70_000)


def test_a_proof_reads_few_tiles() -> None:
    """At most two for each eight levels: the leaf's own and that of the right edge."""
    nodes = reader(STORED, 70_000)
    merkle.inclusion_path(nodes.node, 12_345, 70_000)
    assert nodes.reads <= 6


def test_an_edge_of_another_size_is_refused() -> None:
    """A partial tile that is missing or too wide."""
    for size, width in ((3, 2), (3, 4), (0, 1), (256, 0)):
        with pytest.raises(TileError):
            TiledTree(size, {0: LEAVES[:width]})


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"x" * 32 * 257, b"x" * 64])
def test_a_tile_of_another_length_is_refused(content: bytes) -> None:
    """Cut, too long, or of fewer hashes than its name says."""
    with pytest.raises(TileError):
        TileNodes(lambda _: content, 3).node(0, 0)


def test_there_is_no_node_outside_the_tree() -> None:
    """Neither a leaf past the end nor a subtree that is not full yet."""
    nodes = reader(STORED, 5)
    for level, index in ((0, 5), (2, 1), (8, 0), (0, -1)):
        with pytest.raises(TileError):
            nodes.node(level, index)


@given(st.lists(st.binary(min_size=ENTRY_BYTES, max_size=ENTRY_BYTES), min_size=1, max_size=256))
def test_entries_come_back_out_of_a_bundle(entries: list[bytes]) -> None:
    """In order."""
    assert tiles.entries_of(tiles.bundle_of(entries)) == entries


@given(st.binary(max_size=200))
def test_a_bundle_of_other_bytes_is_only_refused(content: bytes) -> None:
    """Cut, or with entries of another length."""
    with contextlib.suppress(TileError):
        assert tiles.bundle_of(tiles.entries_of(content)) == content


@given(st.text(max_size=30))
def test_any_text_as_a_path_is_only_refused(path: str) -> None:
    """Whatever it is."""
    with contextlib.suppress(TileError):
        assert tiles.parse_tile_path(path).path == path
