"""The dashboard: claims first, figures that the read model computes, filters, and the frozen definition."""

from __future__ import annotations

import hashlib
import re

import pytest

from barograph.init import decide_register, enter
from contracts.figures import Scope
from contracts.figures_definition import DEFINITION
from contracts.register import DefineUnitV1, SucceedUnitsV1
from services.projections.chart import monthly_chart
from services.projections.dashboard import FiguresShelf, read_filter
from services.projections.figures import figures
from services.projections.queries import MonthFlow
from services.projections.reading import reader_of
from tests.projections.pages_house import (
    NEIGHBOUR,
    STAFF,
    UNIT,
    House,
    closed_case,
    open_case,
    worked_case,
)
from web.actor import Actor

FIGURE = re.compile(
    r'<p class="figure-label">(?:<a[^>]*>)?([^<]*)(?:</a>)?</p>'
    r'\s*<p class="figure-value">\s*(?:<span class="no-value">)?([^<\s]*)'
)


async def shown(house: House, query: str = "", who: str = "supervisor") -> dict[str, str]:
    """The figures on a dashboard, by their labels, in their order."""
    return dict(FIGURE.findall((await house.visit(who, f"/dashboard{query}")).text))


async def test_claims_come_first(house: House) -> None:
    """The three stability claims are the first figures, each unknown while nobody has watched."""
    await open_case(house)
    page = (await house.visit("supervisor", "/dashboard")).text
    assert list(await shown(house))[:3] == [
        "Collective petition",
        "Mass incident with serious effect",
        "Civil dispute turned heinous crime",
    ]
    assert page.count("figure stability stability-unknown") == 3
    assert page.count("No patrols and no nil returns are on record for this period, so nobody can say.") == 3


async def test_claim_counts_recorded_occurrences(house: House) -> None:
    """An occurrence that a case records is counted in its claim, whose state stays unknown."""
    case = await open_case(house)
    await house.command(case, "record_occurrence", kind="collective_petition", note="虚构")
    page = (await house.visit("supervisor", "/dashboard")).text
    assert re.findall(r'<span class="so-far">([^<]*)</span>', page) == [
        "1 on record",
        "0 on record",
        "0 on record",
    ]


async def test_dashboard_shows_the_figures_of_the_read_model(house: House) -> None:
    """Received, open, closed, overdue, on time and the reply delays are those of `figures`."""
    for make in (open_case, worked_case, closed_case):
        await make(house)
    await house.lodge(unit=NEIGHBOUR, by="neighbour", story="虚构")
    expected = figures(house.model, Scope(unit=UNIT))
    found = await shown(house)
    assert (found["Received"], found["Open"], found["Closed"]) == ("3", "2", "1")
    assert found["Open and overdue"] == str(expected.overdue)
    assert found["On time"] == "100%"
    assert found["Duplicates"] == "0"
    assert found["Median"] == "0"
    assert found["Replied after 60 days"] == "0"


async def test_persons_of_a_petition_stand_beside_the_cases(house: House) -> None:
    """A petition of forty is one case received; its persons and who came are shown apart, and only where there is one."""
    await open_case(house)
    assert "Persons counted" not in await shown(house)
    await open_case(house, petitioners=40, representatives=5)
    found = await shown(house)
    assert (found["Received"], found["Joint petitions"], found["Persons counted"]) == ("2", "1", "40")
    assert found["Representatives present"] == "5"


async def test_no_share_is_shown_of_nothing(house: House) -> None:
    """Where nothing is closed or replied to, there is a dash for the share and the delays, no zero."""
    await open_case(house)
    found = await shown(house)
    assert [found[name] for name in ("On time", "Median", "90th percentile", "Longest")] == ["–"] * 4


async def test_zone_filter(house: House) -> None:
    """Only the cases of the chosen zone are counted."""
    await open_case(house)
    await open_case(house, zone="west")
    assert (await shown(house, "?zone=west"))["Received"] == "1"


async def test_period_holds_both_days(house: House) -> None:
    """A period from a day until the same day holds what was lodged on that day."""
    await open_case(house)
    view = await house.visit("supervisor", "/cases?view=all")
    day = re.findall(r'datetime="(\d{4}-\d{2}-\d{2})', view.text)[0]
    assert (await shown(house, f"?from={day}&to={day}"))["Received"] == "1"
    assert (await shown(house, "?from=2020-01-01&to=2020-12-31"))["Received"] == "0"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-13-01", "from"),
        ("to=tomorrow", "to"),
        ("from=2026-02-30&to=2026-03-01", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("from=%00", "from"),
        ("zone=n1", "zone"),
        ("zone=%3Cscript%3E", "zone"),
    ],
)
async def test_bad_filter_is_said_at_the_field(house: House, query: str, field: str) -> None:
    """What is no date, a period that ends before it begins, and a foreign zone: 422 and a sentence there."""
    answer = await house.visit("supervisor", f"/dashboard?{query}")
    assert answer.status_code == 422
    assert f'id="filter-{field}-error"' in answer.text
    assert "<script>" not in answer.text.split("</head>")[1]


async def test_bad_date_is_kept(house: House) -> None:
    """A wrong date stands in its field, to be corrected, and so does what was right."""
    page = (await house.visit("supervisor", "/dashboard?from=2026-13-01&to=2026-03-01&zone=east")).text
    assert 'value="2026-13-01"' in page
    assert 'value="2026-03-01"' in page
    assert '<option value="east" selected>' in page


@pytest.mark.parametrize("query", ["from=0001-01-01&to=9999-12-31", "to=9999-12-31", "zone=A7%E5%8E%BF"])
async def test_odd_but_good_filter_is_answered(house: House, query: str) -> None:
    """Days at the ends of the calendar and place codes that a source may tell are no errors."""
    assert (await house.visit("supervisor", f"/dashboard?{query}")).status_code == 200


async def test_part_is_what_the_page_holds(house: House) -> None:
    """The fragment that replaces the live part is that part alone, and the page names where it is."""
    await open_case(house)
    page = (await house.visit("supervisor", "/dashboard?zone=east")).text
    where = re.findall(r'data-live="([^"]*)"', page)[0].replace("&amp;", "&")
    part = (await house.visit("supervisor", where)).text
    assert "<html" not in part
    assert "<h1" not in part
    assert part.strip() in page


async def test_every_signed_in_role_may_look(house: House) -> None:
    """The figures hold nothing personal: everybody with a role in the community may see them."""
    await worked_case(house)
    found = {who: (await shown(house, who=who))["Received"] for who in STAFF}
    assert found == {who: "0" if who == "neighbour" else "1" for who in STAFF}


async def test_page_says_how_far_the_log_is_decided(house: House) -> None:
    """The page tells how many submissions are decided, and how many wait."""
    await open_case(house)
    body = {"tracking": "0" * 64, "channel": "counter", "story": "虚构"}
    await house.station.submitter.submit(house._said("lodge", body, UNIT, "clerk", kind="grv"))
    await house.projector.catch_up()
    page = (await house.visit("supervisor", "/dashboard")).text
    assert "1 of 2 submissions on record are decided." in page
    assert "1 waits, and is in no figure yet." in page


async def test_page_names_its_definition(house: House) -> None:
    """The figures name their definition by id, version and hash, and lead to its text."""
    await open_case(house)
    page = (await house.visit("auditor", "/dashboard")).text
    assert DEFINITION.hash in page
    assert f'href="/definitions/{DEFINITION.id}"' in page


async def test_definition_can_be_checked(house: House) -> None:
    """The canonical text has the hash that the page tells; a definition that is not there gives 404."""
    page = (await house.visit("auditor", f"/definitions/{DEFINITION.id}")).text
    text = await house.visit("auditor", f"/definitions/{DEFINITION.id}/canonical")
    assert hashlib.sha256(text.content).hexdigest() in page
    assert DEFINITION.figures["on_time"].en.split(".")[0] in page
    assert (await house.visit("auditor", "/definitions/other")).status_code == 404
    assert (await house.visit("auditor", "/definitions/other/canonical")).status_code == 404


async def test_figures_are_computed_once_for_all(house: House) -> None:
    """While the read model stands still, every dashboard of a scope gets the same figures; then new ones."""
    shelf, scope = FiguresShelf(house.model), Scope(unit=UNIT)
    first = await shelf.get(scope)
    assert await shelf.get(Scope(unit=UNIT)) is first
    await open_case(house)
    assert (await shelf.get(scope)).figures.received == first.figures.received + 1


async def test_all_communities_are_for_who_serves_them_all(house: House) -> None:
    """The figures of all communities together are refused to who serves only one."""
    assert (await house.visit("supervisor", "/dashboard?unit=*")).status_code == 403
    operator = Actor(house.station.ledger.genesis.administrator, "", frozenset({"administrator"}))
    reader = reader_of(house.station.register.current(), operator)
    asked = read_filter({"unit": "*"}, reader, str)
    assert asked.scope is not None
    assert asked.scope.unit is None


async def test_a_merged_community_is_shown_on_old_or_new_boundaries(house: House) -> None:
    """With what went into it by default, alone when asked; what is gone keeps its own figures."""
    await open_case(house)
    await house.lodge(unit=NEIGHBOUR, by="neighbour", story="虚构")
    station = house.station
    await enter(station, DefineUnitV1(unit="both", name="合并社区（虚构）", tier="community"))
    await enter(station, SucceedUnitsV1(of=(UNIT, NEIGHBOUR), into=("both",), since=1))
    register = await decide_register(station)
    operator = Actor(station.ledger.genesis.administrator, "", frozenset({"administrator"}))
    shelf, received = FiguresShelf(house.model), []
    for sent in ({"unit": "both"}, {"unit": "both", "boundaries": "own"}, {"unit": UNIT}):
        asked = read_filter(sent, reader_of(register, operator), str)
        assert asked.scope is not None
        received.append((await shelf.get(asked.scope)).figures.received)
    assert received == [2, 0, 1]


def test_chart_draws_every_month_between() -> None:
    """Months without any case are drawn between those with some; the highest stands at the top."""
    chart = monthly_chart([MonthFlow("2026-01", 10, 4), MonthFlow("2026-04", 0, 2)])
    assert chart is not None
    assert [month.day.month for month in chart.months] == [1, 2, 3, 4]
    assert [month.received_y for month in chart.months] == [0, 100, 100, 100]
    assert [value for value, _ in chart.scale] == [10, 5, 0]
    assert chart.received == "M12.5 0L37.5 100L62.5 100L87.5 100"


def test_chart_of_years_names_years() -> None:
    """A long time is labelled by a few years, a short one by its months."""
    years = monthly_chart([MonthFlow("2011-03", 1, 0), MonthFlow("2020-11", 1, 0)])
    months = monthly_chart([MonthFlow("2026-01", 1, 0), MonthFlow("2026-12", 1, 0)])
    assert years is not None
    assert months is not None
    assert [label.day.year for label in years.labels] == [2012, 2014, 2016, 2018, 2020]
    assert all(label.year_only for label in years.labels)
    assert [label.day.month for label in months.labels] == [1, 3, 5, 7, 9, 11]


def test_chart_of_nothing_is_none() -> None:
    """Without any case there is nothing to draw."""
    assert monthly_chart([]) is None


def test_chart_of_one_case_has_a_scale() -> None:
    """A single case in a single month is drawn within its own scale."""
    chart = monthly_chart([MonthFlow("2026-01", 1, 0)])
    assert chart is not None
    assert [value for value, _ in chart.scale] == [2, 1, 0]
