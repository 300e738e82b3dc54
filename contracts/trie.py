"""A map that is never changed: each change makes a new one that shares nearly all of the old.

For states that grow with the log: copying a dict for each event would make a long history cost its square.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar
from zlib import crc32

V = TypeVar("V")

_BITS, _WIDTH, _LEVELS, _MOST = 4, 16, 8, 16


class Trie(Generic[V]):
    """Text → value, by the bits of the text's CRC-32; a leaf is a dict of at most 16, or of those that no bit parts."""

    __slots__ = ("_root",)

    def __init__(self, _root: object = None) -> None:
        self._root = _root

    def get(self, key: str) -> V | None:
        """The value of this key; None where there is none."""
        node, code = self._root, crc32(key.encode())
        while isinstance(node, tuple):
            node, code = node[code % _WIDTH], code >> _BITS
        return node.get(key) if isinstance(node, dict) else None

    def put(self, key: str, value: V) -> Trie[V]:
        """The map with this value for the key."""
        return Trie(_put(self._root, crc32(key.encode()), 0, key, value))

    def items(self) -> Iterator[tuple[str, V]]:
        """Every key with its value, in no order that means anything."""
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, tuple):
                waiting.extend(node)
            elif isinstance(node, dict):
                yield from node.items()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trie) and dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Trie({dict(sorted(self.items()))!r})"


def _put(node: object, code: int, level: int, key: str, value: object) -> object:
    if isinstance(node, tuple):
        at = code % _WIDTH
        below = _put(node[at], code >> _BITS, level + 1, key, value)
        return (*node[:at], below, *node[at + 1 :])
    leaf = {**node, key: value} if isinstance(node, dict) else {key: value}
    return leaf if len(leaf) <= _MOST or level == _LEVELS else _parted(leaf, level)


def _parted(leaf: dict[str, object], level: int) -> tuple[object, ...]:
    parts: list[dict[str, object] | None] = [None] * _WIDTH
    for key, value in leaf.items():
        at = (crc32(key.encode()) >> (_BITS * level)) % _WIDTH
        part = parts[at]
        if part is None:
            parts[at] = {key: value}
        else:
            part[key] = value
    return tuple(parts)
