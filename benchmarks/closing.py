"""Keeping a fund's books and closing its month, by how many postings there are: each posting is to cost the same.

A fund takes in money, sets sums aside, pays them and closes its month, through its own rules and fold.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.measure import Bench, Result, Sides, in_fresh_process
from contracts import fund as f
from contracts.base import Message
from contracts.fund_books import Fund
from services.aid.funds import closing, evolve

POSTINGS = 1_000_000
FEW = 10_000
_MONTH = "2026-11"
_REQUESTS = 100_000
"""How many requests take turns."""


def month_close(bench: Bench) -> Result:
    """Postings a second with a million of them, against ten thousand."""
    many, few, closes = [], [], []
    for _ in range(bench.rounds):
        rate, closed = in_fresh_process(_kept, bench.count(POSTINGS))
        many.append(rate)
        closes.append(closed)
        few.append(in_fresh_process(_kept, FEW)[0])
    note = (
        f"{bench.count(POSTINGS):,} postings against {FEW:,}, in one stream; the close itself takes "
        f"{median(closes) * 1000:.2f} ms, however many there were"
    )
    return Sides(many, few).result("postings/s", note)


def _kept(postings: int) -> tuple[float, float]:
    """Postings a second, and the seconds that the close itself took."""
    began, count = time.perf_counter(), 0
    state: Fund | None = None
    for event, posts in _events(postings):
        state = evolve(state, event, "demo", 0, None)
        count += posts
    assert state is not None
    closed_at = time.perf_counter()
    events = closing(state, _MONTH)
    for event in events:
        state = evolve(state, event, "demo", 0, None)
    ended = time.perf_counter()
    month = events[0]
    assert isinstance(month, f.MonthClosedV1)
    assert month.postings == count
    return count / (ended - began), ended - closed_at


def _events(postings: int) -> Iterator[tuple[Message, int]]:
    """Receipts, reservations and payments, with how many postings each makes."""
    yield f.ReceivedV1(source="allocation", amount=10**12, number=1, month=_MONTH), 2
    made, number = 2, 0
    while made < postings:
        request = f"aid_{number % _REQUESTS:016}"
        told: dict[str, Any] = {"request": request, "round": 1, "programme": "winter", "unit": "demo"}
        yield f.ReservedV1.model_construct(None, **told, amount=100, earmarked=0, month=_MONTH), 2
        told |= {"tranche": 1, "voucher": None}
        yield f.SpentV1.model_construct(None, **told, amount=100, earmarked=0, month=_MONTH), 4
        made, number = made + 6, number + 1
