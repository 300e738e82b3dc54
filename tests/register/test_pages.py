"""The register's pages: what an administrator enters, what is wrong with it, and what residents see."""

from __future__ import annotations

import httpx
import pytest

from tests.projections.pages_house import NEIGHBOUR, STAFF, UNIT, House

ADMIN = "admin"
HERE = f"/register/units/{UNIT}"


async def send(
    house: House, command: str, form: str = HERE, here: str = UNIT, **fields: str
) -> httpx.Response:
    """Send one of the register's forms as the community's administrator."""
    async with house.visitor(ADMIN) as visitor:
        return await visitor.fill(f"/register/{command}", {"here": here, **fields}, form)


async def page(house: House, path: str = HERE, who: str = ADMIN) -> str:
    """A page as somebody sees it."""
    response = await house.visit(who, path)
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("path", ["/register", "/register/people", "/register/calendar", HERE])
async def test_the_register_is_the_administrators(house: House, path: str) -> None:
    """An administrator reads each page; no other role does."""
    assert (await house.visit(ADMIN, path)).status_code == 200
    for who in ("clerk", "auditor"):
        assert (await house.visit(who, path)).status_code == 403


async def test_an_unknown_unit_is_not_found(house: House) -> None:
    """A unit that is not in the register has no page."""
    assert (await house.visit(ADMIN, "/register/units/nowhere")).status_code == 404
    assert (await send(house, "no_such_thing")).status_code == 404


async def test_a_zone_and_who_answers_for_it_are_shown_to_everybody(house: House) -> None:
    """A gap stands on the public page until somebody is named; then the name does."""
    before = await page(house, "/zones", "clerk")
    assert before.count("Nobody named") == 3
    sent = await send(house, "name_responsible", zone="east", person=house.people["clerk"])
    assert sent.status_code == 303
    assert sent.headers["location"] == HERE
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(house.app),
        base_url="http://house.test",
        headers={"Accept-Language": "en"},
    ) as stranger:
        public = (await stranger.get("/zones", params={"unit": UNIT})).text
        assert (await stranger.get("/zones", params={"unit": "nowhere"})).status_code == 404
    assert STAFF["clerk"][2] in public
    assert public.count("Nobody named") == 1


async def test_a_refusal_stands_at_its_field(house: House) -> None:
    """What the rules refuse comes back with its reason at the field, and what was typed."""
    sent = await send(house, "name_responsible", zone="east", person=house.people["neighbour"])
    assert sent.status_code == 422
    assert 'id="name_responsible-person-error"' in sent.text
    assert "This person holds no post there at that time." in sent.text


async def test_a_body_in_another_form_is_said_at_its_fields(house: House) -> None:
    """A blank name, an id with a space, a day that is none and a point for a boundary are each named."""
    sent = await send(house, "define_zone", zone="z 9", since="2026-13-01", area='{"type": "Point"}')
    assert sent.status_code == 422
    for field in ("zone", "name", "since", "area"):
        assert f'id="define_zone-{field}-error"' in sent.text
    assert "z 9" in sent.text
    text = await send(house, "define_zone", zone="z9", name="Z", area="[")
    assert 'id="define_zone-area-error"' in text.text


async def test_an_appointment_holds_for_its_days(house: House) -> None:
    """An appointment with a first and a last day is listed with both; a second one in those days is refused."""
    fields = {
        "person": house.people["clerk"],
        "role": "mediator",
        "since": "2027-01-01",
        "until": "2027-01-31",
    }
    assert (await send(house, "appoint", **fields)).status_code == 303
    assert "Jan 31, 2027" in await page(house)
    again = await send(house, "appoint", **fields)
    assert again.status_code == 422
    assert 'id="appoint-since-error"' in again.text


async def test_a_chain_of_posts_is_shown(house: House) -> None:
    """A post shows what stands above it, and that nobody holds it."""
    for post, name, above in (("head", "Secretary", ""), ("low", "Building head", "head")):
        sent = await send(house, "define_post", post=post, name=name, role="supervisor", above=above)
        assert sent.status_code == 303
    assert "Building head" in await page(house)
    circle = await send(house, "define_post", post="head", name="Secretary", role="supervisor", above="low")
    assert 'id="define_post-above-error"' in circle.text


async def test_what_concerns_the_ledger_is_refused_to_a_local_administrator(house: House) -> None:
    """The administrator of one community enters no calendar, person or unit beside it."""
    for command, form, fields in (
        ("define_person", "/register/people", {"name": "虚构人员"}),
        ("define_calendar", "/register/calendar", {"year": "2027", "source": "Notice"}),
        ("define_unit", "/register", {"unit": "new", "name": "New", "tier": "community"}),
    ):
        sent = await send(house, command, form, "", **fields)
        assert sent.status_code == 422
        assert "You do not hold a role that may do this here." in sent.text


async def test_a_person_away_is_shown_with_the_deputy(house: House) -> None:
    """Leave stands on the page of people, with who stands in; the same person cannot."""
    leave = {"person": house.people["clerk"], "since": "2027-03-01", "until": "2027-03-05"}
    sent = await send(house, "record_leave", "/register/people", "", deputy=house.people["handler"], **leave)
    assert sent.status_code == 303
    text = await page(house, "/register/people")
    assert "Mar 1, 2027 to Mar 5, 2027" in text
    same = await send(house, "record_leave", "/register/people", "", deputy=house.people["clerk"], **leave)
    assert 'id="record_leave-deputy-error"' in same.text


async def test_the_calendar_names_its_source(house: House) -> None:
    """The years that come with the software are there, holidays as spans, with the notice they follow."""
    text = await page(house, "/register/calendar")
    assert "国办发明电〔2025〕7号" in text
    assert "2026-02-15 – 02-23" in text


async def test_a_form_needs_its_token(house: House) -> None:
    """Nothing is entered by a form that was not sent from our page."""
    async with house.visitor(ADMIN) as visitor:
        sent = await visitor.post("/register/define_zone", data={"zone": "z", "name": "Z", "here": NEIGHBOUR})
    assert sent.status_code == 403


async def test_a_zone_has_a_poster(house: House) -> None:
    """Its page says in both languages what one can do and who answers, and its code leads to the form there."""
    shown = await page(house, f"/zones/poster?unit={UNIT}&zone=east")
    for words in ("Something to tell", "有事要反映", "Nobody is named yet", "尚未指定", "110"):
        assert words in shown
    await send(house, "name_responsible", zone="east", person=house.people["clerk"])
    named = await page(house, f"/zones/poster?unit={UNIT}&zone=east")
    assert named.count(STAFF["clerk"][2]) == 2
    address = f"http://house.test/lodge?unit={UNIT}&amp;zone=east&amp;by=poster"
    assert address in named
    assert 'class="qr"' in named


async def test_a_zone_that_is_not_there_has_no_poster(house: House) -> None:
    """An unknown zone or community is answered with 404."""
    for place in (f"unit={UNIT}&zone=nowhere", "unit=nowhere&zone=east", f"unit={UNIT}&zone=n1"):
        assert (await house.visit(ADMIN, f"/zones/poster?{place}")).status_code == 404


PROGRAMME = {
    "programme": "winter",
    "name": "冬季送暖（虚构）",
    "kind": "winter",
    "criteria": "有困难的住户。（虚构）",
    "fund": "hardship",
    "method": "share",
    "amount": "800.00",
    "documents": "identity 身份证明\nbill 票据",
    "income_limit": "1400",
    "notice_days": "3",
    "source": "虚构办法",
}


async def test_a_fund_and_a_programme_are_entered(house: House) -> None:
    """What is wrong stands at its field; corrected, the programme stands on the unit's page with its fund."""
    fund = {"fund": "hardship", "name": "虚构专项资金", "kind": "hardship"}
    assert (await send(house, "define_fund", **fund)).status_code == 303
    wrong = await send(house, "define_programme", **{**PROGRAMME, "amount": "much", "documents": "identity"})
    assert wrong.status_code == 422
    assert 'id="define_programme-amount-error"' in wrong.text
    assert 'id="define_programme-documents-error"' in wrong.text
    missing = await send(house, "define_programme", **PROGRAMME)
    assert 'id="define_programme-percent-error"' in missing.text
    assert "A share of a cost needs its percent" in missing.text
    sent = await send(house, "define_programme", **PROGRAMME, percent="40", threshold="100")
    assert sent.status_code == 303
    shown = await page(house)
    assert PROGRAMME["name"] in shown
    assert "虚构专项资金" in shown
