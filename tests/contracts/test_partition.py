"""Where a key lives: the same partition as any Kafka client would choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.partition import murmur2, partition_of

VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
"""From the tests of Apache Kafka's own clients, as signed 32-bit integers."""


@pytest.mark.parametrize("key", VECTORS, ids=repr)
def test_murmur2_is_kafkas(key: bytes) -> None:
    """The hash of each key in Apache Kafka's own tests is the one that those state."""
    assert murmur2(key) == VECTORS[key] % 2**32


@pytest.mark.parametrize(("unit", "partition"), [("demo", 7), ("-", 6), ("street", 0), ("社区", 9)])
def test_a_unit_stays_where_it_is(unit: str, partition: int) -> None:
    """A home unit's partition among twelve is fixed for ever."""
    assert partition_of(unit, 12) == partition


@given(st.text(min_size=1, max_size=64), st.integers(1, 1000))
def test_a_partition_is_one_of_those_there_are(unit: str, partitions: int) -> None:
    """Every unit has a partition from 0 on, below their number, and the only one where there is one."""
    assert 0 <= partition_of(unit, partitions) < partitions
    assert partition_of(unit, 1) == 0


@given(st.binary(max_size=80))
def test_the_hash_agrees_with_another_client(key: bytes) -> None:
    """kafka-python's own murmur2 gives the same for any bytes."""
    from kafka.partitioner.default import murmur2 as theirs

    assert murmur2(key) == theirs(key) % 2**32
