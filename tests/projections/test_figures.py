"""What the figures mean: contracts.figures on cases told one by one."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import DAY_MS, EPOCH, LAST_MS
from contracts.figures import (
    UNWATCHED,
    CaseFacts,
    Counts,
    Figures,
    OccurrenceFacts,
    Petitions,
    Scope,
    Watching,
    compute,
    is_late_entered,
    watched_state,
)
from contracts.figures_definition import DEFINITION, Definition
from contracts.months import month_of, months_between

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "grievances-with-replies.xlsx"
T0 = 1_767_225_600_000
"""2026-01-01T00:00:00Z, which is 08:00 in Shanghai."""

HASH = "d430f4cbad79ea196db071bde485c22a37e21c521d9e2ea99536c74ab0da74a0"
WATCHED = Watching(window_open=False, coverage=1.0, minimum=0.9, missing_zones=(), settled=True)


def case(**told: Any) -> CaseFacts:
    """A case just lodged, unless told otherwise."""
    usual = CaseFacts(
        unit="demo",
        zone="z1",
        status="lodged",
        lodged_at=T0,
        replied_at=None,
        closed_at=None,
        overdue=False,
        overdue_historical=False,
        late=False,
        duplicate_of=None,
        imported=False,
        late_entered=False,
    )
    return usual._replace(**told)


def replied(delay: int) -> CaseFacts:
    """A case replied to after so many milliseconds."""
    return case(status="closed", replied_at=T0 + delay, closed_at=T0 + delay)


def test_the_definition_is_frozen() -> None:
    """The definition's bytes hash to what certificates name: a change of meaning is a new version."""
    assert (DEFINITION.version, DEFINITION.hash) == (1, HASH)
    assert Definition.model_validate_json(DEFINITION.canonical) == DEFINITION


def test_every_figure_is_defined() -> None:
    """Each figure that is written out has its meaning in both languages."""
    told = set(compute([], []).model_dump()) - {"definition", "as_of", "undecided"}
    assert told == set(DEFINITION.figures)
    assert all(meaning.en and meaning.zh for meaning in DEFINITION.figures.values())


def test_no_data_gives_no_figure_of_days() -> None:
    """Where nothing was replied to the days are null, and the stability claims unknown, not zero."""
    figures = json.loads(compute([], []).model_dump_json())
    assert figures["reply_days"] == {"median": None, "p90": None, "max": None}
    assert figures["stability"]["mass_incident"] == {"count": 0, "state": "unknown"}


def test_statuses_are_counted() -> None:
    """Received are all; open are lodged or accepted; closed include those not accepted."""
    cases = [case(status=status) for status in ("lodged", "accepted", "accepted", "closed", "not_accepted")]
    figures = compute(cases, [])
    assert (figures.received, figures.open, figures.closed, figures.not_accepted) == (5, 3, 2, 1)


def test_on_time_counts_the_overdue_too() -> None:
    """On time is of the closed and the open and overdue: leaving cases lie does not better it."""
    closed = [case(status="closed"), case(status="closed", late=True)]
    still_open = [case(), case(status="accepted", overdue=True, late=True)]
    assert tuple(dict(compute(closed + still_open, []).on_time).values()) == (1, 3)


@pytest.mark.parametrize("days", [15, 30, 60])
def test_exactly_so_many_days_is_not_after(days: int) -> None:
    """A delay of exactly n times 24 hours is not after n days; one millisecond more is."""
    figures = compute([replied(days * DAY_MS), replied(days * DAY_MS + 1)], [])
    assert figures.replied_after_days[str(days)] == 1


def test_days_are_rounded_where_they_are_written() -> None:
    """In memory the days are exact; in JSON they have two decimals."""
    figures = compute([replied(DAY_MS // 3)], [])
    assert figures.reply_days.median == DAY_MS // 3 / DAY_MS
    assert json.loads(figures.model_dump_json())["reply_days"]["median"] == 0.33


@given(delays=st.lists(st.integers(0, 10**11), min_size=1, max_size=60))
def test_median_and_percentile(delays: list[int]) -> None:
    """Half of the delays lie on each side of the median; p90 is the least that 90 % do not exceed."""
    days = compute([replied(delay) for delay in delays], []).reply_days
    ordered = sorted(delays)
    assert days.median is not None
    assert sum(delay / DAY_MS <= days.median for delay in ordered) * 2 >= len(ordered)
    assert sum(delay / DAY_MS >= days.median for delay in ordered) * 2 >= len(ordered)
    needed = math.ceil(len(ordered) * 9 / 10)
    enough = [delay for delay in ordered if sum(other <= delay for other in ordered) >= needed]
    assert (days.p90, days.max) == (enough[0] / DAY_MS, ordered[-1] / DAY_MS)


def test_repeats_count_in_every_figure() -> None:
    """A case that repeats another is received and replied to like any, and counted as a duplicate."""
    figures = compute([replied(DAY_MS), replied(3 * DAY_MS)._replace(duplicate_of="grv_first000")], [])
    assert (figures.received, figures.replied, figures.duplicates) == (2, 2, 1)
    assert figures.reply_days.median == 2


def test_imported_cases_are_shown_apart() -> None:
    """The figures of the imported cases stand by themselves as well as in the whole."""
    figures = compute([case(), case(imported=True, status="closed", late=True, overdue_historical=True)], [])
    apart = figures.imported
    assert (figures.received, apart.received, apart.closed, apart.overdue_historical) == (2, 1, 1, 1)


def test_late_entered_cases_are_shown_apart() -> None:
    """The figures of the late-entered cases stand by themselves as well as in the whole."""
    figures = compute([case(), case(late_entered=True), case(imported=True)], [])
    assert (figures.received, figures.late_entered.received, figures.imported.received) == (3, 1, 1)


@pytest.mark.parametrize(("after", "late"), [(0, False), (3 * DAY_MS, False), (3 * DAY_MS + 1, True)])
def test_late_is_what_waited_over_three_days(after: int, late: bool) -> None:
    """A live record is late-entered after more than 3 × 24 hours; an imported one never is."""
    assert is_late_entered(T0, T0 + after, imported=False) is late
    assert not is_late_entered(T0, T0 + after, imported=True)


def test_persons_are_counted_beside_cases() -> None:
    """A petition is one case; its persons and who came for them stand apart, and what is not told adds nothing."""
    cases = [case(), case(petitioners=40, present=5), case(petitioners=12, zone="z9")]
    figures = compute(cases, [])
    assert figures.petitions == Petitions(cases=2, representatives_present=5, persons=52)
    assert (figures.received, figures.open) == (3, 3)
    assert compute(cases, [], Scope(zone="z9")).petitions == Petitions(
        cases=1, representatives_present=0, persons=12
    )


def test_zones_and_months_add_up() -> None:
    """Each case is in one zone and one month; the unknown zone comes last."""
    cases = [case(zone=zone, lodged_at=T0 + n * 20 * DAY_MS) for n, zone in enumerate(["z2", None, "z1"])]
    figures = compute(cases, [])
    assert [row.zone for row in figures.by_zone] == ["z1", "z2", None]
    assert [(row.month, row.received) for row in figures.by_month] == [("2026-01", 2), ("2026-02", 1)]


def test_a_month_starts_at_the_communitys_midnight() -> None:
    """What is lodged at 16:00 UTC on the last of a month belongs to the next one in Shanghai."""
    at = (datetime(2026, 1, 31, 16, tzinfo=UTC) - EPOCH).total_seconds() * 1000
    here, there = (
        compute([case(lodged_at=int(at))], [], Scope(time_zone=zone)).by_month[0].month
        for zone in ("Asia/Shanghai", "UTC")
    )
    assert (here, there) == ("2026-02", "2026-01")


@given(
    first=st.integers(0, 4 * 10**12),
    more=st.lists(st.integers(0, 10**11), max_size=5),
    zone=st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_months_are_those_of_the_calendar(first: int, more: list[int], zone: str) -> None:
    """Every time falls into the month that a calendar in that time zone shows."""
    times = [first, *(first + after for after in more)]
    months = months_between(min(times), max(times), zone)
    for at in times:
        local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
        assert month_of(at, months) == f"{local:%Y-%m}"


def test_a_scope_bounds_cases_and_occurrences() -> None:
    """Unit, zone, the first time within and the first time beyond select both, each by its own time."""
    scope = Scope(unit="demo", zone="z1", since=T0, until=T0 + 10)
    times = [T0 - 1, T0, T0 + 9, T0 + 10]
    cases = [case(lodged_at=at) for at in times] + [case(zone="z2"), case(unit="next"), case(zone=None)]
    occurrences = [OccurrenceFacts("mass_incident", "demo", "z1", at) for at in times]
    figures = compute(cases, [*occurrences, OccurrenceFacts("mass_incident", "demo", "z2", T0)], scope)
    assert (figures.received, figures.stability.mass_incident.count) == (2, 2)


@pytest.mark.parametrize(
    ("watching", "state"),
    [
        (UNWATCHED, "unknown"),
        (WATCHED, "certified"),
        (WATCHED._replace(window_open=True), "provisional"),
        (UNWATCHED._replace(window_open=True), "provisional"),
        (WATCHED._replace(coverage=0.89), "unknown"),
        (WATCHED._replace(coverage=None), "unknown"),
        (WATCHED._replace(missing_zones=("z1",)), "unknown"),
        (WATCHED._replace(settled=False), "unknown"),
    ],
)
def test_a_count_is_certified_only_where_watched(watching: Watching, state: str) -> None:
    """Provisional is tested first, then unknown: only what was watched to its end is certified."""
    assert watched_state(watching) == state
    occurrences = [OccurrenceFacts("heinous_crime", "demo", None, T0)]
    figures = compute([], occurrences, watching=watching)
    assert figures.stability.heinous_crime.model_dump() == {"count": 1, "state": state}


def test_figures_can_be_read_back() -> None:
    """What is written as JSON is read as the same figures, but for the rounding."""
    figures = compute([case(), replied(2 * DAY_MS)], [], as_of={"grievance.events": {"0": 2}})
    assert Figures.model_validate_json(figures.model_dump_json()) == figures
    assert issubclass(Figures, Counts)


@pytest.mark.skipif(not REAL_FILE.exists(), reason="../shared/data is not here")
def test_the_real_files_delays() -> None:
    """The delays of the 2,816 real messages give the figures that are known of them."""
    figures = json.loads(compute([replied(delay) for delay in real_delays()], []).model_dump_json())
    assert figures["reply_days"] == {"median": 11.21, "p90": 40.98, "max": 1160.44}
    assert figures["replied_after_days"] == {"15": 1084, "30": 461, "60": 159}


def real_delays() -> list[int]:
    """Milliseconds from message to reply."""
    from openpyxl import load_workbook

    book = load_workbook(REAL_FILE, read_only=True)
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    book.close()
    return [int((_moment(row[6]) - _moment(row[3])).total_seconds() * 1000) for row in rows]


def _moment(cell: Any) -> datetime:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC)
    date, _, time = str(cell).strip().partition(" ")
    year, month, day = map(int, date.split("/"))
    hour, minute, second = (*map(int, time.split(":")), 0, 0)[:3] if time else (0, 0, 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def test_the_last_month_holds_what_comes_after_it() -> None:
    """A time at the very end of what can be told has a month in every time zone, like any other."""
    for zone in ("Asia/Shanghai", "UTC", "America/New_York"):
        assert months_between(LAST_MS, LAST_MS, zone)[-1].name == "9999-12"
        assert months_between(LAST_MS - 40 * DAY_MS, LAST_MS, zone)[-1].name == "9999-12"
