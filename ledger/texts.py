"""Keys for the texts of one subject, any of which can be destroyed alone, without a key stored for each.

A puncturable pseudo-random function: the tree of Goldreich, Goldwasser and Micali ("How to construct random
functions", JACM 33, 1986) over the eight hexadecimal digits of a text's id. A node's child is the SHA-256 of
the node and the digit; the leaf is the text's key. At first the root alone is kept. To destroy one key, what
is kept on the way to it is replaced by the siblings of that way: they give every other key, and not this one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

Nodes = Mapping[str, bytes]
"""Way from the root, in hexadecimal digits → node. Together they give every key that is not destroyed."""

KIND = "txt_"
DIGITS = 8
NODE_BYTES = 32

_HEX = "0123456789abcdef"
_ID = re.compile(rf"{KIND}[0-9a-f]{{{DIGITS}}}")
_WAY_BYTES = DIGITS // 2
_ENTRY_BYTES = 1 + _WAY_BYTES + NODE_BYTES
_CHILD = {digit: bytes([place]) for place, digit in enumerate(_HEX)}


def text_id(tag: bytes) -> str:
    """The id of a text, from at least four bytes that are its own."""
    return KIND + tag.hex()[:DIGITS]


def text_key(nodes: Nodes, text: str) -> bytes | None:
    """The key of this text; None where it was destroyed, or this is no text's id."""
    way = _way(text)
    held = _held(nodes, way)
    if way is None or held is None:
        return None
    node = nodes[held]
    for digit in way[len(held) :]:
        node = hashlib.sha256(node + _CHILD[digit]).digest()
    return node


def without(nodes: Nodes, text: str) -> dict[str, bytes]:
    """What is to be kept so that this text's key, and no other, is gone."""
    way = _way(text)
    held = _held(nodes, way)
    if way is None or held is None:
        return dict(nodes)
    kept = {at: node for at, node in nodes.items() if at != held}
    node = nodes[held]
    for depth in range(len(held), DIGITS):
        taken = way[depth]
        kept |= {way[:depth] + digit: _child(node, digit) for digit in _HEX if digit != taken}
        node = _child(node, taken)
    return kept


def encoded(nodes: Nodes) -> bytes:
    """The nodes as bytes: of each the length of its way, the way, the node."""
    return b"".join(
        bytes([len(way)]) + bytes.fromhex(way.ljust(DIGITS, "0")) + node
        for way, node in sorted(nodes.items())
    )


def decoded(data: bytes) -> dict[str, bytes]:
    """The nodes that `encoded` wrote. Raises ValueError where these are none."""
    if len(data) % _ENTRY_BYTES:
        raise ValueError("these are no nodes")
    nodes = {}
    for at in range(0, len(data), _ENTRY_BYTES):
        way = data[at + 1 : at + 1 + _WAY_BYTES].hex()[: data[at]]
        nodes[way] = data[at + 1 + _WAY_BYTES : at + _ENTRY_BYTES]
    return nodes


def _way(text: str) -> str | None:
    return text[len(KIND) :] if _ID.fullmatch(text) else None


def _held(nodes: Nodes, way: str | None) -> str | None:
    """The kept node on this way; there is at most one."""
    if way is None:
        return None
    return next((way[:depth] for depth in range(DIGITS + 1) if way[:depth] in nodes), None)


def _child(node: bytes, digit: str) -> bytes:
    return hashlib.sha256(node + _CHILD[digit]).digest()
