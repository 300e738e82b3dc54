"""Working-day calendars as files: the years that come with the software, and those that are imported."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib import resources

from contracts.working_days import DefineCalendarV1

MAX_SPAN = 366


def known_calendars() -> list[DefineCalendarV1]:
    """The years that come with the software; each names the notice that it follows."""
    text = resources.files("services.register").joinpath("data/calendars.csv").read_text("utf-8")
    return calendars_from(csv.DictReader(text.splitlines()))


def calendars_from(rows: Iterable[Mapping[str, str]]) -> list[DefineCalendarV1]:
    """Calendars from rows of calendar, year, source, from, to, kind (`off` or `worked`).

    Raises ValueError for a row that says no such thing, KeyError for a missing column.
    """
    sources: dict[tuple[str, int], str] = {}
    days: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for row in rows:
        key = (row["calendar"], int(row["year"]))
        if row["kind"] not in ("off", "worked"):
            raise ValueError("kind is off or worked")
        sources[key] = sources.get(key) or row["source"]
        days[*key, row["kind"]] += _span(row["from"], row["to"] or row["from"])
    return [
        DefineCalendarV1(
            calendar=name,
            year=year,
            source=source,
            days_off=tuple(days[name, year, "off"]),
            days_worked=tuple(days[name, year, "worked"]),
        )
        for (name, year), source in sources.items()
    ]


def _span(first: str, last: str) -> list[str]:
    start, count = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days
    if not 0 <= count < MAX_SPAN:
        raise ValueError("a span of days ends after it begins, within a year")
    return [(start + timedelta(days=number)).isoformat() for number in range(count + 1)]
