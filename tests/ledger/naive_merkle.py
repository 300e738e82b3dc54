"""Trees and proofs as RFC 9162 section 2.1 defines them: recursive, slow, and plain to read."""

from __future__ import annotations

import hashlib


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D_n)."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def proof(m: int, leaves: list[bytes]) -> list[bytes]:
    """PROOF(m, D_n)."""
    return _subproof(m, leaves, known=True)


def _subproof(m: int, leaves: list[bytes], *, known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [tree_hash(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], known=known), tree_hash(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], known=False), tree_hash(leaves[:k])]


def split(count: int) -> int:
    """The largest power of two below `count`."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k
