"""The page of the monthly report, its lists, and the marks that it leaves on worklists."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from barograph.report_cli import as_data
from contracts.figures import Scope
from contracts.monthly import MONTHLY
from services.projections import monthly as sql
from tests.projections.pages_house import REPLY, STORY, TELEPHONE, UNIT, House

PATH = "/reports/monthly"


async def test_the_report_shows_each_figure_with_what_it_is_of(house: House) -> None:
    """Each figure has its share, numerator and denominator; where there is nothing to count it says no data."""
    page = await house.visit("supervisor", f"{PATH}?month=2026-01")
    assert page.status_code == 200
    assert page.text.count("no data") == 5
    assert MONTHLY.hash[:16] in page.text


async def test_a_running_month_is_provisional(house: House) -> None:
    """Without a month the report is of the one that runs, and says that it is not over."""
    assert "provisional" in (await house.visit("supervisor", PATH)).text


@pytest.mark.parametrize("month", ["2026-13", "July", "20260-1", "1969-12", "9999-12"])
async def test_what_is_no_month_is_said_at_the_field(house: House, month: str) -> None:
    """The form comes back with a sentence and what was typed."""
    page = await house.visit("supervisor", f"{PATH}?month={month}")
    assert page.status_code == 422
    assert "Enter a month such as 2026-07." in page.text
    assert f'value="{month}"' in page.text


async def test_figures_lead_to_their_cases(house: House) -> None:
    """From the repeats of this month a link leads to the very case."""
    await house.lodge(telephone=TELEPHONE, reporter_name="虚构", story=STORY)
    again = await house.lodge(telephone=TELEPHONE, reporter_name="虚构", story=STORY)
    page = await house.visit("supervisor", PATH)
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/monthly/cases[^"]+)"', page.text)
    ]
    met = next(link for link in links if "figure=repeated" in link and "part=met" in link)
    assert again in (await house.visit("supervisor", met)).text


async def test_only_supervisors_see_the_report(house: House) -> None:
    """Others are turned away, from the report and from its lists."""
    for who in ("clerk", "handler", "auditor", "admin"):
        assert (await house.visit(who, PATH)).status_code == 403
        assert (await house.visit(who, f"{PATH}/cases?figure=rated&part=met")).status_code == 403


async def test_another_list_is_not_found(house: House) -> None:
    """What is no figure has no list."""
    assert (await house.visit("supervisor", f"{PATH}/cases?figure=people&part=met")).status_code == 404


async def test_the_definition_can_be_read(house: House) -> None:
    """The frozen text of the report's figures has a page, and its canonical bytes."""
    assert MONTHLY.hash in (await house.visit("supervisor", f"/definitions/{MONTHLY.id}")).text
    assert (
        await house.visit("supervisor", f"/definitions/{MONTHLY.id}/canonical")
    ).content == MONTHLY.canonical


async def test_repeats_are_marked(house: House) -> None:
    """A case of somebody who lodged another before is marked on its page and on the worklist."""
    first = await house.lodge(telephone=TELEPHONE, reporter_name="虚构", story=STORY)
    again = await house.lodge(telephone=TELEPHONE, reporter_name="虚构", story=STORY)
    assert "Repeat petition" in (await house.visit("clerk", f"/cases/{again}")).text
    assert "Repeat petition" not in (await house.visit("clerk", f"/cases/{first}")).text
    assert "Repeat petition" in (await house.visit("clerk", "/cases?view=open")).text


async def test_closed_and_unrated_cases_are_listed(house: House) -> None:
    """A case that was closed with a reply and not rated stands in its own view."""
    case = await house.lodge(story=STORY)
    for name, fields in (("accept", {}), ("reply", {"reply": REPLY}), ("close", {"outcome": "answered"})):
        await house.command(case, name, **fields)
    assert case in (await house.visit("supervisor", "/cases?view=unrated")).text
    assert case not in (await house.visit("supervisor", "/cases?view=unsettled")).text


async def test_the_report_as_json_has_no_share_of_nothing(house: House) -> None:
    """Where there is no data the share is null, not zero."""
    found = sql.monthly(house.model, Scope(unit=UNIT, until=0), "2026-01")
    data: Mapping[str, object] = as_data(found)
    assert data["rated"] == {"numerator": 0, "denominator": 0, "share": None}
