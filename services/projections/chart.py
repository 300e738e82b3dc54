"""The monthly chart as places on paper: what a template draws, in percent of the plot's width and height."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.projections.queries import MonthFlow

LABELS = 6
"""About how many months are named below the chart."""

_STEPS = (1, 2, 5)
_SHORTEST_OF_YEARS = 30


class Month(NamedTuple):
    """One month of the chart: its place from left to right, its counts, and where each is drawn.

    `x`, `left` and `width` are percent from the left, `received_y` and `closed_y` from the top.
    """

    day: date
    x: float
    left: float
    width: float
    received: int
    closed: int
    received_y: float
    closed_y: float


class Label(NamedTuple):
    """A month named below the chart, or its year alone; `minor` ones may give way on a narrow screen."""

    day: date
    x: float
    year_only: bool
    minor: bool


class Chart(NamedTuple):
    """The chart. Paths are of a square of 100; `scale` are the numbers at the left with their heights."""

    months: tuple[Month, ...]
    received: str
    closed: str
    scale: tuple[tuple[int, float], ...]
    labels: tuple[Label, ...]


def monthly_chart(flow: Sequence[MonthFlow]) -> Chart | None:
    """The chart of these months; None where there are none.

    A month in between in which nothing was received and nothing closed is drawn as such.
    """
    if not flow:
        return None
    by_day = {month_day(entry.month): entry for entry in flow}
    days = _every_month(min(by_day), max(by_day))
    top = _round_up(max(max(entry.received, entry.closed) for entry in flow))
    width = 100 / len(days)
    months = tuple(_month(day, number, width, by_day.get(day), top) for number, day in enumerate(days))
    return Chart(
        months=months,
        received=_path([(month.x, month.received_y) for month in months]),
        closed=_path([(month.x, month.closed_y) for month in months]),
        scale=tuple((value, _height(value, top)) for value in _scale(top)),
        labels=_labels(months),
    )


def month_day(month: str) -> date:
    """The first day of a month named as in `2026-11`."""
    return date.fromisoformat(f"{month}-01")


def _month(day: date, number: int, width: float, entry: MonthFlow | None, top: int) -> Month:
    received, closed = (entry.received, entry.closed) if entry else (0, 0)
    return Month(
        day,
        x=round((number + 0.5) * width, 3),
        left=round(number * width, 3),
        width=round(width, 3),
        received=received,
        closed=closed,
        received_y=_height(received, top),
        closed_y=_height(closed, top),
    )


def _every_month(first: date, last: date) -> list[date]:
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(start, end + 1)]


def _round_up(value: int) -> int:
    """The next number that is 1, 2 or 5 times a power of ten; at least 2, so that it has a middle."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= max(value, 2):
                return step * power
        power *= 10


def _scale(top: int) -> list[int]:
    return [top, top // 2, 0] if top % 2 == 0 else [top, 0]


def _height(value: int, top: int) -> float:
    return round(100 - 100 * value / top, 3)


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)


def _labels(months: Sequence[Month]) -> tuple[Label, ...]:
    """About LABELS of the months: of a long time the Januaries, by their year."""
    of_years = len(months) >= _SHORTEST_OF_YEARS
    chosen = [month for month in months if month.day.month == 1] if of_years else list(months)
    step = -(-len(chosen) // LABELS)
    named = chosen[::step]
    return tuple(Label(month.day, month.x, of_years, number % 2 == 1) for number, month in enumerate(named))
