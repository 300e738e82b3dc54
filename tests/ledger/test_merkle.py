"""RFC 9162 trees: against the naive recursion of the RFC, and against every kind of malformed proof."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger import merkle
from ledger.merkle import Frontier, ProofError, verify_consistency, verify_inclusion
from tests.ledger import naive_merkle as naive

MOST = 70


def leaves_of(count: int) -> list[bytes]:
    """Leaf hashes that differ."""
    return [hashlib.sha256(b"\x00" + number.to_bytes(4, "big")).digest() for number in range(count)]


LEAVES = leaves_of(MOST)


class Inclusion(NamedTuple):
    """What is given to `verify_inclusion`."""

    leaf: bytes
    index: int
    size: int
    proof: list[bytes]
    root: bytes


class Consistency(NamedTuple):
    """What is given to `verify_consistency`."""

    size1: int
    size2: int
    proof: list[bytes]
    root1: bytes
    root2: bytes


@st.composite
def inclusions(draw: st.DrawFn) -> Inclusion:
    """Any true inclusion."""
    size = draw(st.integers(1, MOST))
    index = draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    return Inclusion(leaves[index], index, size, naive.path(index, leaves), naive.tree_hash(leaves))


@st.composite
def consistencies(draw: st.DrawFn) -> Consistency:
    """Any true consistency of trees that differ in size."""
    size2 = draw(st.integers(2, MOST))
    size1 = draw(st.integers(1, size2 - 1))
    old, new = LEAVES[:size1], LEAVES[:size2]
    return Consistency(size1, size2, naive.proof(size1, new), naive.tree_hash(old), naive.tree_hash(new))


def refused(true: Inclusion | Consistency, **changed: object) -> bool:
    """Whether what is true is refused once it is changed."""
    with pytest.raises(ProofError):
        verify(true._replace(**changed))
    return True


def verify(told: Inclusion | Consistency) -> None:
    """Verify either."""
    if isinstance(told, Inclusion):
        verify_inclusion(*told)
    else:
        verify_consistency(*told)


@pytest.mark.parametrize("size", range(MOST))
def test_a_root_is_the_rfcs(size: int) -> None:
    """Of any size, the empty tree too."""
    assert merkle.root(LEAVES[:size]) == naive.tree_hash(LEAVES[:size])


@given(st.lists(st.integers(0, 40), max_size=6))
def test_a_tree_grown_in_parts_is_the_tree(parts: list[int]) -> None:
    """However the leaves come, and wherever the frontier was put away meanwhile."""
    leaves, frontier = leaves_of(sum(parts)), Frontier()
    done = 0
    for part in parts:
        frontier = Frontier(frontier.size, frontier.peaks)
        frontier.extend(leaves[done : done + part])
        done += part
    assert (frontier.size, frontier.root()) == (sum(parts), merkle.root(leaves))


def test_a_frontier_with_a_peak_missing_is_refused() -> None:
    """Else it would give the root of another tree."""
    with pytest.raises(ValueError, match="not the peaks"):
        Frontier(3, {0: LEAVES[0]})


@given(inclusions())
def test_an_inclusion_path_is_the_rfcs_and_verifies(true: Inclusion) -> None:
    """Made from nodes, checked by the verifier."""
    node = merkle.nodes_of(LEAVES[: true.size])
    assert merkle.inclusion_path(node, true.index, true.size) == true.proof
    verify(true)


@given(consistencies())
def test_a_consistency_path_is_the_rfcs_and_verifies(true: Consistency) -> None:
    """Made from nodes, checked by the verifier."""
    node = merkle.nodes_of(LEAVES[: true.size2])
    assert merkle.consistency_path(node, true.size1, true.size2) == true.proof
    verify(true)


@given(inclusions() | consistencies(), st.data())
def test_a_flipped_bit_is_refused(true: Inclusion | Consistency, data: st.DataObject) -> None:
    """In any hash, of the proof or not."""
    assume(true.proof)
    place = data.draw(st.integers(0, len(true.proof) - 1))
    proof = [*true.proof]
    proof[place] = flipped(proof[place], data.draw(st.integers(0, 255)))
    assert refused(true, proof=proof)
    for name in {"leaf", "root", "root1", "root2"} & set(true._fields):
        assert refused(true, **{name: flipped(getattr(true, name), data.draw(st.integers(0, 255)))})


def flipped(hash_: bytes, bit: int) -> bytes:
    """The hash with one bit changed."""
    return (int.from_bytes(hash_, "big") ^ 1 << bit).to_bytes(32, "big")


@given(inclusions() | consistencies(), st.binary(min_size=32, max_size=32), st.data())
def test_a_proof_of_another_length_is_refused(
    true: Inclusion | Consistency, more: bytes, data: st.DataObject
) -> None:
    """Cut or longer, at any place."""
    place = data.draw(st.integers(0, len(true.proof)))
    assert refused(true, proof=[*true.proof[:place], more, *true.proof[place:]])
    assert refused(true, proof=[*true.proof, *true.proof, more])
    if true.proof:
        assert refused(true, proof=true.proof[:-1])
        assert refused(true, proof=true.proof[1:])
        assert refused(true, proof=[])


@given(inclusions() | consistencies(), st.binary(max_size=70).filter(lambda hash_: len(hash_) != 32))
def test_a_hash_of_another_length_is_refused(true: Inclusion | Consistency, odd: bytes) -> None:
    """Also where the bytes of two hashes are moved between them, which hash to the same."""
    for name in {"leaf", "root", "root1", "root2"} & set(true._fields):
        assert refused(true, **{name: odd})
    for place in range(len(true.proof)):
        assert refused(true, proof=[*true.proof[:place], odd, *true.proof[place + 1 :]])
    if len(true.proof) > 1:
        first, second, *rest = true.proof
        assert refused(true, proof=[first[:-1], first[-1:] + second, *rest])


@given(inclusions(), st.integers(-(2**70), 2**70))
def test_no_other_index_is_proved(true: Inclusion, index: int) -> None:
    """Next to it, beyond the end, negative or huge."""
    for other in {index, true.index + 1, true.index - 1, true.size, -1, 2**64} - {true.index}:
        assert refused(true, index=other)


@given(inclusions(), st.sampled_from([0, -1, 2**64, 2**200]))
def test_no_impossible_size_is_proved(true: Inclusion, size: int) -> None:
    """An empty tree has no leaf."""
    assert refused(true, size=size)


@given(consistencies(), st.integers(-(2**70), 2**70))
def test_no_impossible_sizes_are_consistent(true: Consistency, size: int) -> None:
    """Size 0, a tree that shrank, negative and huge ones."""
    for other in {size, 0, -1, true.size2 + 1, 2**64} - set(range(1, MOST)):
        assert refused(true, size1=other)
    for other in {0, -1, true.size1 - 1, 2**64}:
        assert refused(true, size2=other)


@given(consistencies())
def test_swapped_roots_and_sizes_are_refused(true: Consistency) -> None:
    """A tree never becomes smaller."""
    assert refused(true, root1=true.root2, root2=true.root1)
    assert refused(true, size1=true.size2, size2=true.size1)


def test_trees_of_one_size_need_one_root_and_no_proof() -> None:
    """As the public vectors have it; of empty trees nothing is proved."""
    same = Consistency(3, 3, [], LEAVES[0], LEAVES[0])
    verify(same)
    assert refused(same, root2=LEAVES[1])
    assert refused(same, proof=[LEAVES[2]])
    assert refused(same, size1=0, size2=0)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, -1), (0, 2**64)])
def test_no_path_is_made_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """The maker refuses as the verifier does."""
    with pytest.raises(ProofError):
        merkle.inclusion_path(merkle.nodes_of(LEAVES[:5]), index, size)


@pytest.mark.parametrize(("size1", "size2"), [(0, 5), (6, 5), (-1, 5), (0, 0)])
def test_no_path_is_made_between_impossible_sizes(size1: int, size2: int) -> None:
    """Nothing leads from an empty tree, or back."""
    with pytest.raises(ProofError):
        merkle.consistency_path(merkle.nodes_of(LEAVES[:5]), size1, size2)
