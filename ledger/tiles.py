"""Trees kept as tiles: names, growth at the right edge, and nodes read out of tiles.

Source: c2sp.org/tlog-tiles. A tile holds up to 256 hashes of one level of every eighth; an entry bundle holds
the entries of the leaves of one tile of level 0, each after its length in two bytes, big-endian.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.entry import ENTRY_BYTES
from ledger.merkle import HASH_BYTES, fold, pair_up, root

TILE_HEIGHT = 8
TILE_WIDTH = 256
MAX_LEVEL = 63
ENTRIES = -1
"""The level of entry bundles, in a Tile."""

_LENGTH = struct.Struct(">H")
_PATH = re.compile(
    r"(?P<level>entries|0|[1-9][0-9]?)/(?P<above>(?:x[0-9]{3}/){0,6})(?P<last>[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class TileError(ValueError):
    """A tile's name or content is not as it must be; the sentence says which."""


class Tile(NamedTuple):
    """A tile's place and how many hashes (or entries) of it are meant."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The path below `tile/`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        name, index = f"{self.index % 1000:03}", self.index // 1000
        while index:
            name, index = f"x{index % 1000:03}/{name}", index // 1000
        return f"{level}/{name}" + ("" if self.width == TILE_WIDTH else f".p/{self.width}")


def parse_tile_path(path: str) -> Tile:
    """Read the path below `tile/`. Raises TileError."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise TileError("this is not the path of a tile")
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    digits = found["above"].replace("x", "").replace("/", "") + found["last"]
    tile = Tile(level, int(digits), int(found["width"] or TILE_WIDTH))
    if tile.path != path or level > MAX_LEVEL or (found["width"] and tile.width >= TILE_WIDTH):
        raise TileError("this is not the path of a tile")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, entry bundles not among them, the lowest level first."""
    for level in range(MAX_LEVEL + 1):
        count = size >> TILE_HEIGHT * level
        for index in range(-(-count // TILE_WIDTH)):
            yield Tile(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile of this place, as wide as a tree of `size` has it. Raises TileError where it has none."""
    width = min(TILE_WIDTH, (size >> TILE_HEIGHT * max(level, 0)) - index * TILE_WIDTH)
    if width < 1 or index < 0:
        raise TileError(f"a tree of {size} leaves has no tile {index} of level {level}")
    return Tile(level, index, width)


def hashes_of(content: bytes) -> list[bytes]:
    """The hashes of a tile. Raises TileError."""
    if not content or len(content) % HASH_BYTES or len(content) > TILE_WIDTH * HASH_BYTES:
        raise TileError(f"a tile of {len(content)} bytes is cut or too long")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def bundle_of(entries: Iterable[bytes]) -> bytes:
    """An entry bundle, or a part of one."""
    return b"".join(_LENGTH.pack(len(entry)) + entry for entry in entries)


def entries_of(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises TileError."""
    step = _LENGTH.size + ENTRY_BYTES
    parts = [bundle[at : at + step] for at in range(0, len(bundle), step)]
    head = _LENGTH.pack(ENTRY_BYTES)
    if not 1 <= len(parts) <= TILE_WIDTH or any(p[:2] != head or len(p) != step for p in parts):
        raise TileError("an entry bundle is cut, too long, or has entries of another length")
    return [part[_LENGTH.size :] for part in parts]


class TileNodes:
    """Reads a tree's nodes out of its tiles: `node` is what the proofs of ledger.merkle ask.

    `fetch` gives the bytes of a tile exactly as wide as asked. Tiles are kept as long as this object, so that
    a proof reads none twice; `reads` counts those that were fetched.
    """

    def __init__(self, fetch: Callable[[Tile], bytes], size: int) -> None:
        self.size = size
        self.reads = 0
        self._fetch = fetch
        self._kept: dict[Tile, list[bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree (see ledger.merkle). Raises TileError."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        number, first = divmod(index << height, TILE_WIDTH)
        hashes = self.tile(tile_at(tile_level, number, self.size))
        if first + (1 << height) > len(hashes):
            raise TileError(f"a tree of {self.size} leaves has no node {index} of level {level}")
        return root(hashes[first : first + (1 << height)]) if height else hashes[first]

    def root(self) -> bytes:
        """The root, from the tiles of the right edge."""
        return fold([self.node(level, index) for level, index in peaks_of(self.size)])

    def tile(self, tile: Tile) -> list[bytes]:
        """The hashes of a tile. Raises TileError where it is not as wide as it should be."""
        if tile not in self._kept:
            self.reads += 1
            hashes = hashes_of(self._fetch(tile))
            if len(hashes) != tile.width:
                raise TileError(f"tile {tile.path} has {len(hashes)} hashes")
            self._kept[tile] = hashes
        return self._kept[tile]


def peaks_of(size: int) -> list[tuple[int, int]]:
    """The perfect subtrees (level, index) that a tree of this size consists of, the largest first."""
    levels = (level for level in reversed(range(size.bit_length())) if size >> level & 1)
    return [(level, (size >> level) - 1) for level in levels]


class TiledTree:
    """A tree that grows, as the partial tiles of its right edge; what changed is taken from it as tiles."""

    def __init__(self, size: int = 0, edge: Mapping[int, Sequence[bytes]] | None = None) -> None:
        """`edge`: level → hashes of the partial tile there. Raises TileError where it is not that of `size`."""
        self.size = size
        self._edge: dict[int, list[bytes]] = {level: list(row) for level, row in (edge or {}).items() if row}
        self._changed: dict[tuple[int, int], list[bytes]] = {}
        if {level: len(row) for level, row in self._edge.items()} != edge_widths(size):
            raise TileError(f"the partial tiles are not those of a tree of {size} leaves")

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Append leaf hashes."""
        level, end, row = 0, self.size, list(leaves)
        self.size += len(row)
        while row:
            index = end // TILE_WIDTH
            row = self._edge.pop(level, []) + row
            above = []
            for start in range(0, len(row), TILE_WIDTH):
                hashes = row[start : start + TILE_WIDTH]
                self._changed[level, index + start // TILE_WIDTH] = hashes
                if len(hashes) == TILE_WIDTH:
                    above.append(_perfect(hashes))
                else:
                    self._edge[level] = hashes
            row, level, end = above, level + 1, index

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return fold(
            [peak for level in sorted(self._edge, reverse=True) for peak in _peaks(self._edge[level])]
        )

    def take_changed(self) -> dict[tuple[int, int], bytes]:
        """(level, index) → content of every tile that changed since the last call."""
        changed, self._changed = self._changed, {}
        return {place: b"".join(hashes) for place, hashes in changed.items()}


def edge_widths(size: int) -> dict[int, int]:
    """Level → width of the partial tile there, in a tree of this size."""
    widths = {level: (size >> TILE_HEIGHT * level) % TILE_WIDTH for level in range(MAX_LEVEL + 1)}
    return {level: width for level, width in widths.items() if width}


def _perfect(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = pair_up(hashes)
    return hashes[0]


def _peaks(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """The perfect subtrees of a partial tile, the largest first."""
    start = 0
    for width in (1 << level for level in reversed(range(TILE_HEIGHT))):
        if len(hashes) & width:
            yield _perfect(list(hashes[start : start + width]))
            start += width
