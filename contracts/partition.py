"""Which partition a stream lives in: murmur2, computed here so that every client agrees.

The hash is the one that Apache Kafka's Java client uses by default (Austin Appleby's MurmurHash2,
32 bit, seed 0x9747b28c), so that outside tools place keys as we do.
"""

from __future__ import annotations

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """MurmurHash2 of the bytes as an unsigned 32-bit integer."""
    length = len(data)
    h = (_SEED ^ length) & _MASK
    whole = length - length % 4
    for i in range(0, whole, 4):
        k = (int.from_bytes(data[i : i + 4], "little") * _M) & _MASK
        k = ((k ^ (k >> 24)) * _M) & _MASK
        h = ((h * _M) & _MASK) ^ k
    if length % 4:
        h = ((h ^ int.from_bytes(data[whole:], "little")) * _M) & _MASK
    h = ((h ^ (h >> 13)) * _M) & _MASK
    return h ^ (h >> 15)


def partition_of(unit: str, partitions: int) -> int:
    """The partition of a home unit among `partitions` (at least 1)."""
    return (murmur2(unit.encode()) & 0x7FFFFFFF) % partitions
