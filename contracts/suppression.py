"""Which cells of public tables are withheld, so that no small count can be read or worked out. Pure.

The tables are arcs of a circulation: what flows into a node flows out of it, which says that parts sum to
their totals. A count below the minimum is withheld. So that it cannot be had by subtraction, further cells
are withheld along a closed walk of the network: around it, counts can be moved up and down and every
published number stays as it is (complementary suppression by shortest paths: Cox, "Network models for
complementary cell suppression", JASA 90, 1995; Castro, "Network flows heuristics for complementary cell
suppression", 2002). The cheapest walk is taken, that is, the one that withholds the least.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Arc(NamedTuple):
    """A cell: it is a part of what leaves `tail` and of what enters `head`. `total`: a sum of other cells."""

    tail: str
    head: str
    value: int
    total: bool = False


class _Step(NamedTuple):
    """A way to go along an arc, or against it, and what that withholds."""

    to: str
    cell: str
    cost: int


def withheld(arcs: Mapping[str, Arc], minimum: int) -> frozenset[str]:
    """The cells to withhold: every count below `minimum`, and those that would give one of them away.

    Each of the small counts could then, for all that is published, be higher by `minimum`, and each of the
    others by as much higher or lower. The arcs must make a circulation.
    """
    small = sorted((arc.value, name) for name, arc in arcs.items() if arc.value < minimum)
    hidden = {name for _, name in small}
    for _, name in small:
        hidden |= _walk(arcs, name, hidden, minimum)
    return frozenset(hidden)


def _walk(arcs: Mapping[str, Arc], name: str, hidden: set[str], minimum: int) -> set[str]:
    """The cells of the cheapest closed walk through an arc, each by its own direction (Dijkstra)."""
    steps = _steps(arcs, name, hidden, minimum)
    start, goal = arcs[name].head, arcs[name].tail
    came: dict[str, tuple[str, str]] = {}
    best, waiting = {start: 0}, [(0, start)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if node == goal:
            break
        for step in steps[node]:
            reached = cost + step.cost
            if reached < best.get(step.to, reached + 1):
                best[step.to] = reached
                came[step.to] = (node, step.cell)
                heapq.heappush(waiting, (reached, step.to))
    found, node = {name}, goal
    while node != start:
        node, cell = came[node]
        found.add(cell)
    return found


def _steps(arcs: Mapping[str, Arc], name: str, hidden: set[str], minimum: int) -> Mapping[str, list[_Step]]:
    """From each node: along an arc a count grows, without end; against it, it shrinks by the minimum."""
    steps: defaultdict[str, list[_Step]] = defaultdict(list)
    dear = 1 + sum(arc.value + 1 for arc in arcs.values() if not arc.total)
    for cell, arc in arcs.items():
        if cell == name:
            continue
        cost = 0 if cell in hidden else arc.value + 1 + (dear if arc.total else 0)
        steps[arc.tail].append(_Step(arc.head, cell, cost))
        if arc.value >= minimum:
            steps[arc.head].append(_Step(arc.tail, cell, cost))
    return steps


class Grid(NamedTuple):
    """Counts by row and column, with their sums; a cell that is withheld is None."""

    cells: tuple[tuple[int | None, ...], ...]
    columns: tuple[int | None, ...]


class Published(NamedTuple):
    """Two tables over the same rows, as they may be published: `rows` and `total` are those of both."""

    first: Grid
    second: Grid
    rows: tuple[int | None, ...]
    total: int | None


def arcs_of(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> dict[str, Arc]:
    """Two tables with the same row sums as one circulation.

    From a row through its cells to the first table's columns, on to the grand total, from there to the
    second table's columns and through its cells back to the row.
    """
    arcs = {"total": Arc("first", "second", sum(map(sum, first)), total=True)}
    for row, counts in enumerate(first):
        arcs[f"row {row}"] = Arc(f"back {row}", f"row {row}", sum(counts), total=True)
        for column, count in enumerate(counts):
            arcs[f"1 {row} {column}"] = Arc(f"row {row}", f"1 {column}", count)
    for column in range(len(first[0]) if first else 0):
        whole = sum(counts[column] for counts in first)
        arcs[f"1 column {column}"] = Arc(f"1 {column}", "first", whole, total=True)
    for row, counts in enumerate(second):
        for column, count in enumerate(counts):
            arcs[f"2 {row} {column}"] = Arc(f"2 {column}", f"back {row}", count)
    for column in range(len(second[0]) if second else 0):
        whole = sum(counts[column] for counts in second)
        arcs[f"2 column {column}"] = Arc("second", f"2 {column}", whole, total=True)
    return arcs


def publish(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]], minimum: int) -> Published:
    """Two tables of counts over the same rows, with the same row sums, as they may be published.

    Raises ValueError where the row sums differ, and where a table has no row or no column.
    """
    if not first or not first[0] or not second[0]:
        raise ValueError("a table has at least one row and one column")
    if [sum(counts) for counts in first] != [sum(counts) for counts in second]:
        raise ValueError("the rows of both tables must have the same sums")
    arcs = arcs_of(first, second)
    hidden = withheld(arcs, minimum)

    def shown(name: str) -> int | None:
        return None if name in hidden else arcs[name].value

    def grid(number: int, table: Sequence[Sequence[int]]) -> Grid:
        width = len(table[0]) if table else 0
        cells = [
            tuple(shown(f"{number} {row} {column}") for column in range(width)) for row in range(len(table))
        ]
        sums = [shown(f"{number} column {column}") for column in range(width)]
        return Grid(tuple(cells), tuple(sums))

    rows = tuple(shown(f"row {row}") for row in range(len(first)))
    return Published(grid(1, first), grid(2, second), rows, shown("total"))
