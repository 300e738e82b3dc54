"""No withheld count can be worked out from the published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.suppression import arcs_of, publish, withheld

Rows = list[list[int]]
COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 40))


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Two tables over the same rows, with the same row sums: zone by month, and zone by state."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    first = [draw(st.lists(COUNTS, min_size=columns, max_size=columns)) for _ in range(rows)]
    opened = [draw(st.integers(0, sum(counts))) for counts in first]
    return first, [[part, sum(counts) - part] for part, counts in zip(opened, first, strict=True)]


def equations(first: Rows, second: Rows) -> list[tuple[str, list[str]]]:
    """Total and its parts, for every sum that the tables imply, written down without the network."""
    rows, columns, states = range(len(first)), range(len(first[0])), range(len(second[0]))
    found = []
    for row in rows:
        found.append((f"row {row}", [f"1 {row} {column}" for column in columns]))
        found.append((f"row {row}", [f"2 {row} {state}" for state in states]))
    found += [(f"1 column {column}", [f"1 {row} {column}" for row in rows]) for column in columns]
    found += [(f"2 column {state}", [f"2 {row} {state}" for row in rows]) for state in states]
    found.append(("total", [f"row {row}" for row in rows]))
    found.append(("total", [f"1 column {column}" for column in columns]))
    found.append(("total", [f"2 column {state}" for state in states]))
    return found


Values = dict[str, int]
Equations = list[tuple[str, list[str]]]


def another(truth: Values, hidden: frozenset[str], sums: Equations, cell: str, change: int) -> Values | None:
    """Other values, none negative, that agree with all that is published and differ in this cell by `change`.

    Every withheld count may stay or move by one such change up or down; sought by trying.
    """
    moves = dict.fromkeys(truth, (0,)) | dict.fromkeys(hidden, (0, change, -change))
    return next(_tries(truth, moves | {cell: (change,)}, sums, {}), None)


def _tries(
    truth: Values, moves: Mapping[str, tuple[int, ...]], sums: Equations, moved: Values
) -> Iterator[Values]:
    moved = dict(moved)
    while True:
        # Where all but one part of a sum is settled, the last follows.
        forced = {}
        for total, parts in sums:
            names = [total, *parts]
            free = [name for name in names if name not in moved and len(moves[name]) > 1]
            known = {name: moved.get(name, moves[name][0]) for name in names if name not in free}
            rest = known.get(total, 0) - sum(known[part] for part in parts if part in known)
            if not free and rest != 0:
                return
            if len(free) == 1:
                forced[free[0]] = -rest if free[0] == total else rest
        if not forced:
            break
        for name, by in forced.items():
            if by not in moves[name] or truth[name] + by < 0:
                return
        moved |= forced
    settled = {name: moved.get(name, ways[0]) for name, ways in moves.items()}
    if any(truth[name] + by < 0 for name, by in settled.items() if len(moves[name]) == 1 or name in moved):
        return
    open_cell = next((name for name in moves if name not in moved and len(moves[name]) > 1), None)
    if open_cell is None:
        yield {name: truth[name] + by for name, by in settled.items()}
        return
    for by in moves[open_cell]:
        if truth[open_cell] + by >= 0:
            yield from _tries(truth, moves, sums, {**moved, open_cell: by})


def holds(values: Values, sums: Equations) -> bool:
    """Whether every total is the sum of its parts."""
    return all(values[total] == sum(values[part] for part in parts) for total, parts in sums)


@settings(max_examples=150, deadline=None)
@given(tables=two_tables(), minimum=st.integers(1, 6))
@example(tables=([[3, 10]], [[13, 0]]), minimum=5)
@example(tables=([[0, 0], [0, 0]], [[0, 0], [0, 0]]), minimum=5)
@example(tables=([[3, 9], [9, 9]], [[12, 0], [18, 0]]), minimum=5)
@example(tables=([[1]], [[1, 0]]), minimum=2)
def test_no_withheld_count_is_determined(tables: tuple[Rows, Rows], minimum: int) -> None:
    """For every withheld cell there is another table that agrees with everything that is published."""
    first, second = tables
    arcs, sums = arcs_of(first, second), equations(first, second)
    truth = {name: arc.value for name, arc in arcs.items()}
    hidden = withheld(arcs, minimum)
    assert holds(truth, sums)
    for cell in hidden:
        found = another(truth, hidden, sums, cell, minimum)
        if found is None and truth[cell] >= minimum:
            found = another(truth, hidden, sums, cell, -minimum)
        assert found is not None, cell
        assert found[cell] != truth[cell]
        assert holds(found, sums)
        assert all(value >= 0 for value in found.values())
        assert all(found[name] == truth[name] for name in truth.keys() - hidden)


@given(tables=two_tables(), minimum=st.integers(1, 6))
def test_no_small_count_is_published(tables: tuple[Rows, Rows], minimum: int) -> None:
    """Whatever is published, sums too, is at least the minimum, and is what it is."""
    first, second = tables
    shown = publish(first, second, minimum)
    for grid, table in ((shown.first, first), (shown.second, second)):
        for row, counts in enumerate(table):
            assert all(cell in (None, count) for cell, count in zip(grid.cells[row], counts, strict=True))
        every = [cell for cells in grid.cells for cell in cells] + list(grid.columns)
        assert all(cell is None or cell >= minimum for cell in every)
    assert all(cell is None or cell >= minimum for cell in (*shown.rows, shown.total))


@given(tables=two_tables())
def test_where_nothing_is_small_nothing_is_withheld(tables: tuple[Rows, Rows]) -> None:
    """Tables of large counts are published whole."""
    first = [[count + 50 for count in counts] for counts in tables[0]]
    second = [[20, sum(counts) - 20] for counts in first]
    shown = publish(first, second, 5)
    assert shown.first.cells == tuple(map(tuple, first))
    assert shown.total == sum(map(sum, first))


def test_a_small_count_takes_others_with_it() -> None:
    """One small cell of a table withholds three more, so that neither its row nor its column gives it away."""
    first = [[3, 20, 30], [40, 21, 31], [41, 50, 32]]
    shown = publish(first, [[20, 33], [46, 46], [61, 62]], 5)
    hidden = [
        (row, column) for row in range(3) for column in range(3) if shown.first.cells[row][column] is None
    ]
    assert hidden == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert shown.rows == (53, 92, 123)
    assert shown.total == 268


def test_two_small_counts_do_not_give_each_other_away() -> None:
    """Two withheld counts whose published sum is nought would both be known: a third is withheld with them."""
    shown = publish([[0, 20], [0, 30]], [[10, 10], [10, 20]], 5)
    assert shown.first.columns[0] is None
    assert None in (*shown.rows, *shown.first.cells[0][1:])


@pytest.mark.parametrize("tables", [([], []), ([[]], [[]]), ([[1]], [[2]])])
def test_tables_that_do_not_fit_are_refused(tables: tuple[Rows, Rows]) -> None:
    """Tables without cells, or whose rows have other sums, are no tables to publish."""
    with pytest.raises(ValueError, match="row"):
        publish(*tables, 5)
