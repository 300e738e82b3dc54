"""How often something may be tried."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from web.throttle import Rate, TokenBuckets


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    at: float = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.at


def test_burst_is_free() -> None:
    """As many tries as the burst has are let through at once, then none."""
    buckets = TokenBuckets(Rate(3, 10.0), clock=Clock())
    waits = []
    for _ in range(4):
        waits.append(buckets.wait("a"))
        buckets.take("a")
    assert waits == [0, 0, 0, 10]


def test_tries_come_back_with_time() -> None:
    """After the pause one more try is let through."""
    clock = Clock()
    buckets = TokenBuckets(Rate(1, 10.0), clock=clock)
    buckets.take("a")
    clock.at = 4.0
    assert buckets.wait("a") == 6.0
    clock.at = 10.0
    assert buckets.wait("a") == 0


def test_keys_are_counted_apart() -> None:
    """One key's tries do not use up another's."""
    buckets = TokenBuckets(Rate(1, 10.0), clock=Clock())
    buckets.take("a")
    assert buckets.wait("b") == 0


def test_memory_is_bounded() -> None:
    """However many keys are tried, only so many are kept."""
    buckets = TokenBuckets(Rate(1, 10.0), clock=Clock(), max_keys=5)
    for number in range(100):
        buckets.take(str(number))
    assert len(buckets._buckets) == 5


@given(st.lists(st.floats(0, 100), max_size=40), st.integers(1, 5))
def test_no_more_than_burst_and_refill_get_through(pauses: list[float], burst: int) -> None:
    """In any pattern of tries no more get through than the burst and what time gives back."""
    clock = Clock()
    buckets = TokenBuckets(Rate(burst, 10.0), clock=clock)
    through = 0
    for pause in pauses:
        clock.at += pause
        if buckets.wait("a") == 0:
            buckets.take("a")
            through += 1
    assert through <= burst + clock.at / 10.0 + 1e-6
