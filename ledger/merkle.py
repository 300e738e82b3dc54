"""Merkle trees over leaf hashes: roots, proofs and their verification. Source: RFC 9162, section 2.1.

A tree is given by its leaf hashes, or by a reader of its nodes: `node(level, index)` is the hash of the
perfect subtree over the leaves from `index << level` on, `1 << level` of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_SIZE = 2**64 - 1

NodeReader = Callable[[int, int], bytes]
Span = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


class ProofError(ValueError):
    """A proof does not prove what it should, or none can be made; the sentence says why."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def pair_up(row: Sequence[bytes]) -> list[bytes]:
    """The row above a row of an even number of hashes."""
    pairs = iter(row)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes; over none, SHA-256 of nothing."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


class Frontier:
    """The right edge of a growing tree: one hash for each perfect subtree that the leaves make up.

    It holds at most 64 hashes, whatever the size: enough to append and to tell the root.
    """

    def __init__(self, size: int = 0, peaks: Mapping[int, bytes] | None = None) -> None:
        """`peaks`: level → hash, one for each bit that is set in `size`."""
        self.size = size
        self.peaks = dict(peaks or {})
        if set(self.peaks) != {level for level in range(size.bit_length()) if size >> level & 1}:
            raise ValueError(f"these are not the peaks of {size} leaves")

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes."""
        row, level = list(leaves), 0
        self.size += len(row)
        while row:
            if level in self.peaks:
                row.insert(0, self.peaks.pop(level))
            if len(row) % 2:
                self.peaks[level] = row.pop()
            row, level = pair_up(row), level + 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return fold([self.peaks[level] for level in sorted(self.peaks, reverse=True)])


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    *others, found = peaks
    for peak in reversed(others):
        found = node_hash(peak, found)
    return found


def nodes_of(leaves: Sequence[bytes]) -> NodeReader:
    """A reader of the nodes over leaf hashes in memory."""
    return lambda level, index: root(leaves[index << level : (index + 1) << level])


def span_hash(node: NodeReader, start: int, end: int) -> bytes:
    """The hash of a subtree of which only the right edge may be imperfect: a span as `_split` makes it."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(node(level, start >> level))
        start += 1 << level
    return fold(peaks)


def inclusion_path(node: NodeReader, index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves. Raises ProofError where it is not."""
    _check_index(index, size)
    siblings = [sibling for sibling, _ in _descent(index, size)]
    return [span_hash(node, *span) for span in reversed(siblings)]


def consistency_path(node: NodeReader, size1: int, size2: int) -> list[bytes]:
    """The proof that the tree of `size1` leaves is how that of `size2` began. Raises ProofError."""
    _check_sizes(size1, size2)
    spans: list[Span] = []
    lower, upper = 0, size2
    for sibling, own in _descent(size1 - 1, size2):
        if upper == size1:
            break
        spans.append(sibling)
        lower, upper = own
    if lower:
        # The old tree's right edge; where the old tree is this whole subtree, its root is known.
        spans.append((lower, upper))
    return [span_hash(node, *span) for span in reversed(spans)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at `index` of the tree of `size` leaves. Raises ProofError."""
    _check_index(index, size)
    _check_hashes([leaf, root, *proof])
    inner, border = _shape(index, size)
    if len(proof) != inner + border:
        raise ProofError(f"the proof has {len(proof)} hashes and needs {inner + border}")
    if _climb(leaf, index, proof[:inner], proof[inner:]) != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that the tree of `size1` leaves is how that of `size2` began. Raises ProofError.

    Nothing can be proved of an empty tree: it is how every tree began.
    """
    _check_sizes(size1, size2)
    if size1 == size2:
        if proof or root1 != root2:
            raise ProofError("trees of one size need one root and no proof")
        return
    _check_hashes([root1, root2, *proof])
    level = (size1 & -size1).bit_length() - 1
    index = (size1 - 1) >> level
    inner, border = _shape(index, (size2 - 1 >> level) + 1)
    # An old tree that is perfect is a node of the new one: its root is where the proof begins.
    path = list(proof) if size1 != 1 << level else [root1, *proof]
    if len(path) != 1 + inner + border:
        raise ProofError(f"the proof of {len(proof)} hashes is not as long as these sizes need")
    seed, *rest = path
    lefts = [hash_ for place, hash_ in enumerate(rest[:inner]) if index >> place & 1]
    if _climb(seed, 0, [], [*lefts, *rest[inner:]]) != root1:
        raise ProofError("the proof leads to another old root")
    if _climb(seed, index, rest[:inner], rest[inner:]) != root2:
        raise ProofError("the proof leads to another new root")


def _descent(index: int, size: int) -> Iterator[tuple[Span, Span]]:
    """From the root down to a leaf: at each split, the half without the leaf, then the half with it."""
    lower, upper = 0, size
    while upper - lower > 1:
        middle = lower + (1 << (upper - lower - 1).bit_length() - 1)
        left, right = (lower, middle), (middle, upper)
        sibling, (lower, upper) = (right, left) if index < middle else (left, right)
        yield sibling, (lower, upper)


def _shape(index: int, size: int) -> tuple[int, int]:
    """How many hashes a path has below the point where it meets the tree's right edge, and above it."""
    inner = (index ^ size - 1).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(seed: bytes, index: int, inner: Sequence[bytes], border: Sequence[bytes]) -> bytes:
    for place, sibling in enumerate(inner):
        seed = node_hash(sibling, seed) if index >> place & 1 else node_hash(seed, sibling)
    for sibling in border:
        seed = node_hash(sibling, seed)
    return seed


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")


def _check_sizes(size1: int, size2: int) -> None:
    if not 0 < size1 <= size2 <= MAX_SIZE:
        raise ProofError(f"a tree of {size2} leaves cannot be shown to have grown from one of {size1}")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise ProofError("a hash of the proof is not 32 bytes long")
