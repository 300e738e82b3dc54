"""How well repeats are found: `python -m benchmarks.repeats FILE.xlsx` reads a message board's export by path.

A known repeat is a row whose user and text, both trimmed, an earlier row has. For each row the suggestions are
what a handler would see at it: those of the same user from one threshold on, those of others from another. It prints
recall over the known repeats; how many rows have any suggestion; and, of the pairs suggested, how many are exact
repeats, nearly the same words (90 % and more), or less, to be judged by eye (`--show N` prints the last kind).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from services.intake.mapping import MESSAGE_BOARD, read_map
from services.intake.rows import ImportRow, Known, read_rows
from services.intake.tables import read_table
from services.projections.signature import normal, tags_of
from services.projections.similar import ANYBODY_PERCENT, SAME_PERSON_PERCENT

KEY = b"a benchmark's key, of no community"[:32]
NEARLY = 90.0


class Pair(NamedTuple):
    """Two rows of which the later would be suggested at the earlier, and the reverse."""

    first: int
    second: int
    percent: float
    same_user: bool
    exact: bool


def main() -> None:
    """Read, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", type=int, default=0)
    chosen = parser.parse_args()
    plan, known = read_map(MESSAGE_BOARD), Known((), (), ZoneInfo("Asia/Shanghai"), 2**45)
    rows = [
        row for row in read_rows(read_table(chosen.file, plan), plan, known) if isinstance(row, ImportRow)
    ]
    began = time.perf_counter()
    tags = [tags_of(row.story, KEY) for row in rows]
    print(f"{len(rows)} rows; {1e6 * (time.perf_counter() - began) / len(rows):,.0f} µs to make a row's tags")
    exact, found, shared = repeats(rows), suggested(rows, tags), sharing(tags)
    pairs = {(pair.first, pair.second) for pair in found}
    print(f"known repeats: {len(exact)}; found {len(exact & pairs)}, by tags alone {len(exact & shared)}")
    rows_with = {place for pair in found for place in pair[:2]}
    print(f"{len(found)} pairs suggested, at {len(rows_with)} of {len(rows)} rows")
    kinds = Counter((pair.same_user, _kind(pair)) for pair in found)
    for (same_user, kind), count in sorted(kinds.items(), reverse=True):
        print(f"  {'same user' if same_user else 'other users'}, {kind}: {count}")
    for pair in [pair for pair in found if _kind(pair) == "less"][: chosen.show]:
        print(f"\n{pair.percent:.0f} %, {'same user' if pair.same_user else 'other users'}")
        print(f"  {rows[pair.first].story[:160]!r}\n  {rows[pair.second].story[:160]!r}")


def _kind(pair: Pair) -> str:
    return "exact" if pair.exact else "nearly the same" if pair.percent >= NEARLY else "less"


def repeats(rows: list[ImportRow]) -> set[tuple[int, int]]:
    """The known repeats, each with the first of its words."""
    firsts: dict[tuple[str | None, str], int] = {}
    found = set()
    for place, row in enumerate(rows):
        first = firsts.setdefault((row.reporter, row.story), place)
        if first != place:
            found.add((first, place))
    return found


def sharing(tags: list[tuple[int, ...]]) -> set[tuple[int, int]]:
    """Pairs of rows that share a tag."""
    by_tag: defaultdict[int, list[int]] = defaultdict(list)
    for place, mine in enumerate(tags):
        for tag in mine:
            by_tag[tag].append(place)
    return {(a, b) for places in by_tag.values() for a in places for b in places if a < b}


def suggested(rows: list[ImportRow], tags: list[tuple[int, ...]]) -> list[Pair]:
    """Pairs that a page would suggest."""
    by_user: defaultdict[str | None, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        by_user[row.reporter].append(place)
    same = {(a, b) for places in by_user.values() for a in places for b in places if a < b}
    texts = [normal(row.story) for row in rows]
    found = []
    for first, second in sorted(same | sharing(tags)):
        same_user = rows[first].reporter == rows[second].reporter
        least = SAME_PERSON_PERCENT if same_user else ANYBODY_PERCENT
        percent = fuzz.ratio(texts[first], texts[second])
        if percent >= least:
            exact = same_user and rows[first].story == rows[second].story
            found.append(Pair(first, second, percent, same_user, exact))
    return found


if __name__ == "__main__":
    main()
