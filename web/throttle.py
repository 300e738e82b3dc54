"""How often something may be tried: token buckets in memory, one for each key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class Rate(NamedTuple):
    """`burst` tries at once; after that one more every `seconds`."""

    burst: int
    seconds: float


class _Bucket(NamedTuple):
    tokens: float
    at: float


class TokenBuckets:
    """Counts tries by key. Beyond `max_keys` keys the longest untouched ones are forgotten."""

    def __init__(
        self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, max_keys: int = 10_000
    ) -> None:
        """`clock` gives seconds that only go forward."""
        self._rate = rate
        self._clock = clock
        self._max_keys = max_keys
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, key: str) -> float:
        """Seconds until this key may be tried again; 0 where it may be tried at once."""
        return max(0.0, (1.0 - self._tokens(key)) * self._rate.seconds)

    def take(self, key: str) -> None:
        """Count one try."""
        self._put(key, max(0.0, self._tokens(key) - 1.0))

    def give_back(self, key: str) -> None:
        """Uncount one try, which turned out to be none."""
        self._put(key, min(float(self._rate.burst), self._tokens(key) + 1.0))

    def _tokens(self, key: str) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return float(self._rate.burst)
        gained = (self._clock() - bucket.at) / self._rate.seconds
        return min(float(self._rate.burst), bucket.tokens + gained)

    def _put(self, key: str, tokens: float) -> None:
        self._buckets.pop(key, None)
        self._buckets[key] = _Bucket(tokens, self._clock())
        while len(self._buckets) > self._max_keys:
            del self._buckets[next(iter(self._buckets))]
