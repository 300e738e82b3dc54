"""A risk flag on a case's page."""

from __future__ import annotations

from tests.projections.pages_house import NAME, House, open_case

NOTE = "对方当众扬言动手，两名邻居在场。（虚构）"


async def flagged_case(house: House) -> str:
    """A case whose dispute is flagged, not yet reported."""
    case = await open_case(house)
    await house.command(case, "propose_risk_flag", by="handler", fact="threat", days=7, note=NOTE)
    await house.command(case, "decide_risk_flag", by="supervisor", verdict="approve", note="属实。（虚构）")
    return case


async def test_a_flag_is_shown_on_the_case_with_its_duty(house: House) -> None:
    """The case is flagged, and to be reported until that is on record."""
    case = await flagged_case(house)
    page = (await house.visit("handler", f"/cases/{case}")).text
    assert "Risk of harm" in page
    assert "To be reported" in page
    await house.command(case, "report_risk", by="clerk", to="next", note="值班民警已签收。（虚构）")
    page = (await house.visit("handler", f"/cases/{case}")).text
    assert "To be reported" not in page
    assert "邻里社区" in page


async def test_a_flag_is_on_no_list_of_cases_or_people(house: House) -> None:
    """Neither the worklist nor the page of who is in a case tells of the flag."""
    case = await flagged_case(house)
    for who, path in (
        ("clerk", "/cases?unit=demo&view=all"),
        ("supervisor", f"/cases/{case}/people"),
        ("supervisor", "/personal-data"),
    ):
        page = await house.visit(who, path)
        assert page.status_code == 200
        assert "Risk of harm" not in page.text


async def test_the_form_offers_no_complaint_as_a_fact(house: House) -> None:
    """The form asks for what was seen or heard, and says that complaining is no reason."""
    page = (await house.visit("handler", f"/cases/{await open_case(house)}")).text
    assert "is the use of a right and no reason" in page
    assert NAME in page


async def test_a_lifted_flag_is_shown_no_more(house: House) -> None:
    """After it was lifted the history alone tells of it."""
    case = await flagged_case(house)
    await house.command(case, "lift_risk_flag", by="supervisor", note="双方和解。（虚构）")
    page = (await house.visit("handler", f"/cases/{case}")).text
    assert "Risk of harm" not in page
    assert "Risk flag lifted" in page


async def test_days_are_typed_into_the_form(house: House) -> None:
    """A number of days from the form is recorded; one that is none is asked for again."""
    case = await open_case(house)
    path = f"/intake/communities/demo/grievances/{case}/propose_risk_flag"
    fields = {"fact": "weapon", "note": NOTE, "form_key": "risk-form-key-0001"}
    async with house.visitor("handler") as visitor:
        bad = await visitor.fill(path, {**fields, "days": "soon"}, f"/cases/{case}")
        assert bad.status_code == 422
        good = await visitor.fill(path, {**fields, "days": "7"}, f"/cases/{case}")
        assert good.status_code == 303
    assert "Risk flag proposed" in (await house.visit("handler", f"/cases/{case}")).text
