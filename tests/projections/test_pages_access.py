"""Who may see which page, and what is kept from those who may not open it."""

from __future__ import annotations

import re

import httpx
import pytest

from services.projections.queries import case_by_id
from tests.projections.pages_house import (
    BROWSER,
    NEIGHBOUR,
    NEIGHBOUR_STORY,
    SECRETS,
    STAFF,
    TITLE,
    House,
    open_case,
    worked_case,
)

PAGES = ("/", "/dashboard", "/dashboard/figures", "/dashboard/stream", "/cases", "/decisions")
ADDRESS = re.compile(r'(?:href|action|data-live|data-live-source)="([^"]*)"')


@pytest.mark.parametrize("path", [*PAGES, "/cases/grv_0", "/definitions/grievance.figures"])
async def test_nobody_is_shown_a_page_before_signing_in(house: House, path: str) -> None:
    """A visitor without a session is led to the sign-in page from every page."""
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://house.test", headers=BROWSER
    ) as visitor:
        answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("clerk", "/cases"),
        ("handler", "/cases"),
        ("supervisor", "/dashboard"),
        ("auditor", "/dashboard"),
        ("admin", "/dashboard"),
        ("patroller", "/dashboard"),
    ],
)
async def test_first_page_suits_the_role(house: House, who: str, page: str) -> None:
    """Who works on cases starts at the worklist, everybody else at the dashboard."""
    answer = await house.visit(who, "/")
    assert (answer.status_code, answer.headers["location"]) == (303, page)


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("/dashboard", set(STAFF)),
        ("/cases", {"clerk", "handler", "idle", "supervisor", "neighbour"}),
        ("/decisions", {"supervisor", "auditor", "auditor2"}),
        ("/personal-data", {"supervisor", "auditor", "auditor2", "dpo"}),
    ],
)
async def test_page_is_for_its_roles_only(house: House, page: str, allowed: set[str]) -> None:
    """Each list is shown to its roles and refused with 403 to all others."""
    found = {who: (await house.visit(who, page)).status_code for who in STAFF}
    assert found == {who: 200 if who in allowed else 403 for who in STAFF}


async def test_case_is_closed_to_another_community(house: House) -> None:
    """A handler of another community gets 403 for a case, and nothing of it."""
    case = await open_case(house)
    answer = await house.visit("neighbour", f"/cases/{case}")
    assert answer.status_code == 403
    assert not [secret for secret in SECRETS if secret in answer.text]


async def test_case_is_closed_to_roles_without_a_part_in_it(house: House) -> None:
    """A patroller of the same community gets 403 for a case."""
    case = await open_case(house)
    assert (await house.visit("patroller", f"/cases/{case}")).status_code == 403


@pytest.mark.parametrize("case", [f"grv_{0:032x}", "grv_0", "nonsense", "grv_%00", "..%2f.."])
async def test_unknown_case_is_not_found(house: House, case: str) -> None:
    """A case id that names nothing, or is none, gives 404."""
    assert (await house.visit("handler", f"/cases/{case}")).status_code == 404


@pytest.mark.parametrize("page", ["/dashboard", "/dashboard/figures", "/dashboard/stream", "/cases"])
async def test_foreign_community_is_refused(house: House, page: str) -> None:
    """Asking for another community's list or figures gives 403, for one that is not there 404."""
    foreign = await house.visit("handler", f"{page}?unit={NEIGHBOUR}")
    unknown = await house.visit("handler", f"{page}?unit=nowhere")
    assert (foreign.status_code, unknown.status_code) == (403, 404)


async def test_worklist_holds_no_case_of_another_community(house: House) -> None:
    """Each handler sees the cases of the own community only."""
    await open_case(house)
    await house.lodge(unit=NEIGHBOUR, by="neighbour", story=NEIGHBOUR_STORY)
    here = (await house.visit("handler", "/cases?view=all")).text
    there = (await house.visit("neighbour", "/cases?view=all")).text
    assert (TITLE in here, NEIGHBOUR_STORY in here) == (True, False)
    assert (TITLE in there, NEIGHBOUR_STORY in there) == (False, True)


@pytest.mark.parametrize("who", ["clerk", "handler", "supervisor"])
async def test_casework_reads_what_was_said(house: House, who: str) -> None:
    """Who works on the community's cases reads story, reporter, notes and replies, escaped for the page."""
    page = (await house.visit(who, f"/cases/{await worked_case(house)}")).text
    assert not [secret for secret in SECRETS if secret not in page]
    assert "&lt;b&gt;老人&lt;/b&gt;" in page


@pytest.mark.parametrize("who", ["auditor", "admin"])
async def test_oversight_sees_no_personal_data(house: House, who: str) -> None:
    """An auditor and an administrator see that a case exists and its history, but no sealed text."""
    case = await worked_case(house)
    answer = await house.visit(who, f"/cases/{case}")
    assert answer.status_code == 200
    assert not [secret for secret in SECRETS if secret in answer.text]
    assert "sealed for your role" in answer.text
    assert "Progress recorded" in answer.text


async def test_nobody_who_works_on_a_case_has_its_number(house: House) -> None:
    """Who holds the tracking number speaks as the complainant: it is on nobody's page of the case, nor in the log."""
    case = await open_case(house)
    view = case_by_id(house.model, case)
    assert view is not None
    number = house.number_of(view.case)
    for who in ("clerk", "handler", "supervisor", "auditor"):
        assert number not in (await house.visit(who, f"/cases/{case}")).text
    place, log = house.place(), house.station.log
    for topic in ("grievance.submissions", "grievance.events"):
        records = await log.read(topic, place.partition, 0, 1000)
        assert records
        assert not any(number.encode() in (record.value or b"") for record in records)
