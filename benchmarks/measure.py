"""What a benchmark is, what it finds, and the fresh processes that it measures in."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

ROUNDS = 5
"""How often each side is measured, in turns, so that noise hits both."""


class Result(NamedTuple):
    """What was measured: `value` and `yardstick` in the same unit, `ratio` of the first to the second."""

    value: float
    unit: str
    yardstick: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the yardstick."""
        return self.value / self.yardstick

    def as_json(self, goal: float | None) -> dict[str, Any]:
        """One entry of benchmarks/latest.json."""
        figures = {
            "value": round(self.value, 3),
            "unit": self.unit,
            "yardstick": round(self.yardstick, 3),
            "ratio": round(self.ratio, 3),
            "goal": goal,
        }
        return figures | ({"note": self.note} if self.note else {})


class Bench(NamedTuple):
    """Where a benchmark works: a folder of its own, the servers, and how large its workload is.

    `kafka` gives "host:port" of a broker, `postgresql` the address of an empty database; both raise
    UnavailableError where there is none. `scale` 1 is the usual workload.
    """

    folder: Path
    kafka: Callable[[], str]
    postgresql: Callable[[], str]
    scale: float = 1.0
    rounds: int = ROUNDS

    def count(self, usual: int) -> int:
        """A count of the usual workload, scaled; at least 20."""
        return max(20, round(usual * self.scale))


class Benchmark(NamedTuple):
    """A benchmark by name; `goal` is the least ratio wanted, None where there is no goal."""

    name: str
    goal: float | None
    measure: Callable[[Bench], Result]


class Sides(NamedTuple):
    """The figures of each round, of what is measured and of its yardstick."""

    values: Sequence[float]
    yardsticks: Sequence[float]

    def result(self, unit: str, note: str = "") -> Result:
        """The medians of both."""
        return Result(median(self.values), unit, median(self.yardsticks), note)


def in_turns(rounds: int, ours: Callable[[], float], yardstick: Callable[[], float]) -> Sides:
    """Measure both sides as often, one after the other."""
    pairs = [(yardstick(), ours()) for _ in range(rounds)]
    return Sides([value for _, value in pairs], [known for known, _ in pairs])


def in_fresh_process(function: Callable[..., T], *arguments: Any) -> T:
    """What the function returns in a new process, whose memory holds nothing of earlier rounds."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()
